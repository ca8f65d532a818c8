"""Networks as lists of layers with random tensors, and torch as the oracle of what they compute."""

import contextlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from georgia.interchange.onnx import render

MEAN, DEVIATION = [0.4, 0.5, 0.6, 0.3], [0.2, 0.25, 0.3, 0.4]  # of the pixels of every network


@dataclass(frozen=True)
class FakeLayer:
    """What a layer of the core tells of itself."""

    name: str
    operation: str
    inputs: list[str]
    shape: tuple[int, ...] = ()
    tensors: list[str] = field(default_factory=list)
    stage: str = ""
    is_auxiliary: bool = False
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1
    padding: tuple[int, int] = (0, 0)
    groups: int = 1
    epsilon: float = 1e-5
    ceil_mode: bool = False
    rate: float = 0.0
    size: tuple[int, int] = (1, 1)  # of adaptive pooling


class FakeNetwork:
    """Layers added one by one; shapes are what torch gives."""

    def __init__(self, channels: int = 3, height: int = 16, width: int = 16, seed: int = 0) -> None:
        self.layers = [FakeLayer("input", "input", [], (channels, height, width))]
        self.tensors: dict[str, NDArray[np.float32]] = {}
        self._random = np.random.default_rng(seed)

    def add(self, operation: str, name: str, *inputs: str, out: int = 0, **how: Any) -> str:
        """Add a layer behind the last one, or behind those named."""
        taken = list(inputs) or ([] if operation == "parameter" else [self.layers[-1].name])
        shapes = {layer.name: layer.shape for layer in self.layers}
        channels = shapes[taken[0]][0] if taken else out
        bias = how.pop("bias", operation == "linear")
        draft = FakeLayer(name, operation, taken, **how)
        made = self._tensors(draft, channels, out, bias)
        self.tensors |= made
        with torch.no_grad():
            x = [torch.zeros(1, *shapes[n]) for n in taken]
            y = apply(draft, x, self.tensors) if taken else torch.zeros(1, out, 1, 1)
        shape = tuple(y.shape[1:])
        self.layers.append(FakeLayer(name, operation, taken, shape, list(made), **how))
        return name

    def _tensors(
        self, layer: FakeLayer, channels: int, out: int, bias: bool
    ) -> dict[str, NDArray[np.float32]]:
        shapes: dict[str, tuple[int, ...]] = {}
        if layer.operation == "convolution":
            shapes["weight"] = (out, channels // layer.groups, *layer.kernel)
        elif layer.operation == "linear":
            shapes["weight"] = (out, channels)
        elif layer.operation == "layer_norm":
            shapes |= {"weight": (channels,), "bias": (channels,)}
        elif layer.operation == "batch_norm":
            for kind in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
                shapes[kind] = (channels,) if "num" not in kind else ()
        if bias:
            shapes["bias"] = (out,)
        tensors = {f"{layer.name}.{kind}": self._draw(kind, shapes[kind]) for kind in shapes}
        if layer.operation == "parameter":
            tensors[layer.name] = self._draw("weight", (out, 1, 1))
        return tensors

    def _draw(self, kind: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        if kind == "running_var":
            return self._random.uniform(0.5, 2, shape).astype(np.float32)
        fan = max(int(np.prod(shape[1:])), 1)
        return np.asarray(self._random.normal(0, fan**-0.5, shape), np.float32)

    def logits(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Normalised (N, C, H, W) to (N, K)."""
        values: dict[str, torch.Tensor] = {"input": torch.from_numpy(images)}
        with torch.no_grad():
            for layer in (layer for layer in self.layers[1:] if not layer.is_auxiliary):
                taken = [values[name] for name in layer.inputs]
                values[layer.name] = apply(layer, taken, self.tensors)
        return values[self.layers[-1].name].numpy()

    def export(self, path: Path) -> None:
        """Write by torch's exporter, which renames tensors and folds norms."""
        module = _Module(self).eval()
        images = torch.zeros(2, *self.layers[0].shape)
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")  # this way of exporting is on its way out
            names = {"input_names": ["pixels"], "dynamic_axes": {"pixels": {0: "batch"}}}
            torch.onnx.export(module, (images,), str(path), **names, opset_version=17, dynamo=False)


class _Module(torch.nn.Module):
    """The network of torch's own modules, as people write one."""

    def __init__(self, net: FakeNetwork) -> None:
        super().__init__()
        self.layers = [layer for layer in net.layers if not layer.is_auxiliary]
        self.parts = torch.nn.ModuleDict()
        self.scales = torch.nn.ParameterDict()
        for layer in self.layers:
            tensors = {n[len(layer.name) + 1 :]: net.tensors[n] for n in layer.tensors}
            if layer.operation == "parameter":
                self.scales[_key(layer.name)] = torch.from_numpy(tensors[""])
            elif tensors:
                part = _part(layer, tensors["weight"].shape, has_bias="bias" in tensors)
                part.load_state_dict({k: torch.from_numpy(v) for k, v in tensors.items()})
                self.parts[_key(layer.name)] = part

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        values = {"input": images}
        for layer in self.layers[1:]:
            inputs = [values[name] for name in layer.inputs]
            if layer.operation == "parameter":
                value = self.scales[_key(layer.name)]
            elif layer.operation == "prepend_zero":
                value = torch.sigmoid(inputs[0])  # one unit, as others have it
            elif not layer.tensors:
                value = apply(layer, inputs, {})
            elif layer.operation in {"layer_norm", "linear"} and inputs[0].ndim == 4:
                moved = self.parts[_key(layer.name)](inputs[0].permute(0, 2, 3, 1))
                value = moved.permute(0, 3, 1, 2)
            else:
                value = self.parts[_key(layer.name)](inputs[0])
            values[layer.name] = value
        return values[self.layers[-1].name]


def _key(name: str) -> str:
    return name.replace(".", "_")


def _part(layer: FakeLayer, shape: tuple[int, ...], has_bias: bool) -> torch.nn.Module:
    nn, out, planes = torch.nn, shape[0], len(layer.shape) == 3
    if layer.operation == "convolution":
        taken, window = shape[1] * layer.groups, (layer.kernel, layer.stride, layer.padding)
        return nn.Conv2d(taken, out, *window, groups=layer.groups, bias=has_bias)
    if layer.operation == "linear":
        return nn.Linear(shape[1], out, bias=has_bias)
    if layer.operation == "layer_norm":
        return nn.LayerNorm(out, layer.epsilon)
    return (nn.BatchNorm2d if planes else nn.BatchNorm1d)(out, layer.epsilon)


def apply(
    layer: FakeLayer, inputs: Sequence[torch.Tensor], tensors: dict[str, NDArray[np.float32]]
) -> torch.Tensor:
    """Compute one layer by torch."""

    def tensor(kind: str) -> torch.Tensor | None:
        found = tensors.get(f"{layer.name}.{kind}")
        return None if found is None else torch.from_numpy(found)

    def in_last(function: Any) -> torch.Tensor:
        x = inputs[0]
        return function(x.movedim(1, -1)).movedim(-1, 1)

    x = inputs[0] if inputs else torch.empty(0)
    weight, bias, window = tensor("weight"), tensor("bias"), (layer.kernel, layer.stride)
    height, width = layer.padding
    functions = {
        "zero_pad": lambda: F.pad(x, (width, width, height, height)),
        "convolution": lambda: F.conv2d(
            x, weight, bias, layer.stride, layer.padding, groups=layer.groups
        ),
        "batch_norm": lambda: F.batch_norm(
            x, tensor("running_mean"), tensor("running_var"), weight, bias, eps=layer.epsilon
        ),
        "layer_norm": lambda: in_last(
            lambda y: F.layer_norm(y, y.shape[-1:], weight, bias, layer.epsilon)
        ),
        "relu": lambda: F.relu(x),
        "gelu": lambda: F.gelu(x),
        "max_pool": lambda: F.max_pool2d(x, *window, layer.padding, ceil_mode=layer.ceil_mode),
        "average_pool": lambda: F.avg_pool2d(x, *window, layer.padding),
        "adaptive_average_pool": lambda: F.adaptive_avg_pool2d(x, layer.size),
        "global_average_pool": lambda: x.mean((2, 3)),
        "global_max_pool": lambda: x.amax((2, 3)),
        "flatten": lambda: x.flatten(1),
        "linear": lambda: in_last(lambda y: F.linear(y, weight, bias)),
        "parameter": lambda: torch.from_numpy(tensors[layer.name]),
        "multiply": lambda: inputs[0] * inputs[1],
        "add": lambda: inputs[0] + inputs[1],
        "concatenate": lambda: torch.cat(list(inputs), 1),
        "dropout": lambda: x,
        "stochastic_depth": lambda: x,
        "prepend_zero": lambda: torch.cat([torch.zeros_like(x), x], 1),
    }
    return functions[layer.operation]()


def residual(channels: int = 3, size: int = 20) -> FakeNetwork:
    """Stem, a plain block, a block with stride and downsample, as a small ResNet."""
    net = FakeNetwork(channels, size, size, seed=1)
    _normed(net, "conv1", "bn1", "input", out=8, kernel=(7, 7), stride=2, padding=(3, 3))
    net.add("relu", "relu")
    x = net.add("max_pool", "maxpool", kernel=(3, 3), stride=2, padding=(1, 1))
    x = _block(net, "layer1.0.", x, 8, 1)
    x = _block(net, "layer2.0.", x, 16, 2)
    net.add("global_average_pool", "avgpool", x)
    net.add("linear", "fc", out=4)
    return net


def bottleneck() -> FakeNetwork:
    """A block whose last convolution has the shape of its downsample, as ResNet-50's first."""
    net = FakeNetwork(3, 12, 12, seed=2)
    x = _normed(net, "conv1", "bn1", "input", out=4, kernel=(3, 3), padding=(1, 1))
    x = net.add("relu", "relu")
    _normed(net, "layer1.0.conv1", "layer1.0.bn1", x, out=4)
    net.add("relu", "layer1.0.relu1")
    _normed(net, "layer1.0.conv2", "layer1.0.bn2", "layer1.0.relu1", out=4, kernel=(3, 3),
            padding=(1, 1))  # fmt: skip
    net.add("relu", "layer1.0.relu2")
    y = _normed(net, "layer1.0.conv3", "layer1.0.bn3", "layer1.0.relu2", out=16)
    z = _normed(net, "layer1.0.downsample.0", "layer1.0.downsample.1", x, out=16)
    net.add("add", "layer1.0.add", y, z)
    net.add("relu", "layer1.0.relu")
    net.add("global_average_pool", "avgpool")
    net.add("linear", "fc", out=3)
    return net


def inception() -> FakeNetwork:
    """Branches of equal first convolutions, joined; an auxiliary classifier in the middle."""
    net = FakeNetwork(3, 11, 13, seed=3)
    x = net.add("convolution", "stem", out=6, kernel=(3, 3), padding=(1, 1))
    one = net.add("relu", "one.relu", _normed(net, "one.conv", "one.bn", x, out=4, epsilon=1e-3))
    row = _normed(net, "two.conv", "two.bn", x, out=4, epsilon=1e-3)
    row = net.add("convolution", "row", net.add("relu", "two.relu", row), out=5, kernel=(1, 7),
                  padding=(0, 3))  # fmt: skip
    pool = net.add("average_pool", "pool", x, kernel=(3, 3), padding=(1, 1))
    pool = net.add("convolution", "pool.conv", pool, out=3)
    most = net.add("max_pool", "most", x, kernel=(3, 3), padding=(1, 1))
    joined = net.add("concatenate", "mixed", one, row, pool, most)
    net.add("global_average_pool", "aux.pool", joined, is_auxiliary=True)
    net.add("linear", "aux.fc", out=5, is_auxiliary=True)
    net.add("global_average_pool", "average", joined)
    net.add("dropout", "dropout", rate=0.5)
    net.add("linear", "fc", out=5)
    return net


def convnext() -> FakeNetwork:
    """Patches, one block with a scale, a head with a norm of rows."""
    net = FakeNetwork(3, 16, 12, seed=4)
    net.add("convolution", "features.0.0", out=8, kernel=(4, 4), stride=4, bias=True)
    x = net.add("layer_norm", "features.0.1", epsilon=1e-6)
    scale = net.add("parameter", "block.layer_scale", out=8)
    net.add("convolution", "block.0", x, out=8, kernel=(7, 7), padding=(3, 3), groups=8, bias=True)
    net.add("layer_norm", "block.2", epsilon=1e-6)
    net.add("linear", "block.3", out=32)
    net.add("gelu", "block.4")
    y = net.add("linear", "block.5", out=8)
    net.add("multiply", "block.scaled", y, scale)
    y = net.add("stochastic_depth", "block.depth", rate=0.1)
    net.add("add", "block.add", y, x)
    net.add("global_average_pool", "avgpool")
    net.add("layer_norm", "classifier.0", epsilon=1e-6)
    net.add("linear", "classifier.2", out=3)
    return net


def squeezenet() -> FakeNetwork:
    """A fire module behind a pool whose last window is partial; classes from a convolution."""
    net = FakeNetwork(3, 18, 22, seed=5)
    net.add("convolution", "features.0", out=6, kernel=(3, 3), stride=2, bias=True)
    net.add("relu", "features.1")
    net.add("max_pool", "features.2", kernel=(3, 3), stride=2, ceil_mode=True)
    net.add("convolution", "squeeze", out=4, bias=True)
    x = net.add("relu", "squeeze_activation")
    one = net.add("relu", "one", net.add("convolution", "e1", x, out=5, bias=True))
    three = net.add("convolution", "e3", x, out=5, kernel=(3, 3), padding=(1, 1), bias=True)
    net.add("concatenate", "joined", one, net.add("relu", "three", three))
    net.add("convolution", "classifier.1", out=4, bias=True)
    net.add("relu", "classifier.2")
    net.add("global_average_pool", "classifier.3")
    return net


def one_logit() -> FakeNetwork:
    """Two pools side by side, norms of rows, one unit for two classes."""
    net = FakeNetwork(3, 9, 9, seed=6)
    x = net.add("convolution", "conv", out=6, kernel=(3, 3))
    both = [net.add("global_average_pool", "mean", x), net.add("global_max_pool", "most", x)]
    net.add("concatenate", "pooled", *both)
    net.add("batch_norm", "head.norm0")
    net.add("dropout", "head.dropout0", rate=0.3)
    net.add("linear", "head.fc1", out=7)
    net.add("relu", "head.relu1")
    net.add("linear", "head.out", out=1)
    net.add("prepend_zero", "head.logits")
    return net


def vgg(size: int = 12) -> FakeNetwork:
    """Planes flattened behind an adaptive pool; convolutions with bias and norm; dropout last."""
    net = FakeNetwork(3, size, size, seed=7)
    _normed(net, "features.0", "features.1", "input", out=6, kernel=(3, 3), bias=True)
    net.add("relu", "features.2")
    net.add("max_pool", "features.3", kernel=(2, 2), stride=2)
    net.add("adaptive_average_pool", "avgpool", size=(3, 3))
    net.add("flatten", "flatten")
    net.add("linear", "classifier.0", out=5)
    net.add("relu", "classifier.1")
    net.add("linear", "classifier.2", out=3)
    net.add("dropout", "classifier.3", rate=0.5)
    return net


def _normed(net: FakeNetwork, name: str, norm: str, *inputs: str, **how: Any) -> str:
    epsilon = how.pop("epsilon", 1e-5)
    net.add("convolution", name, *inputs, **how)
    return net.add("batch_norm", norm, name, epsilon=epsilon)


def _block(net: FakeNetwork, prefix: str, x: str, out: int, stride: int) -> str:
    first = {"out": out, "kernel": (3, 3), "stride": stride, "padding": (1, 1)}
    _normed(net, f"{prefix}conv1", f"{prefix}bn1", x, **first)
    y = net.add("relu", f"{prefix}relu1")
    y = _normed(net, f"{prefix}conv2", f"{prefix}bn2", y, **(first | {"stride": 1}))
    if stride > 1:
        x = _normed(net, f"{prefix}downsample.0", f"{prefix}downsample.1", x, out=out,
                    stride=stride)  # fmt: skip
    net.add("add", f"{prefix}add", y, x)
    return net.add("relu", f"{prefix}relu")


NETWORKS = {
    f.__name__: f for f in (residual, bottleneck, inception, convnext, squeezenet, one_logit, vgg)
}


def export(net: FakeNetwork, **how: Any) -> bytes:
    channels, height, width = net.layers[0].shape
    last = net.layers[-1].shape[0]
    given = {
        "height": height,
        "width": width,
        "channels": channels,
        "mean": MEAN[:channels],
        "deviation": DEVIATION[:channels],
        "bgr": False,
        "classes": [f"class {i}" for i in range(last)],
        "metadata": {},
    }
    return render(net.layers, net.tensors, **(given | how))


def pixels(net: FakeNetwork, count: int, seed: int = 0) -> NDArray[np.uint8]:
    channels, height, width = net.layers[0].shape
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, height, width, channels), np.uint8)


def normalised(images: NDArray[np.uint8], bgr: bool = False) -> NDArray[np.float32]:
    channels = images.shape[-1]
    x = (images / 255 - np.array(MEAN[:channels])) / np.array(DEVIATION[:channels])
    if bgr and channels >= 3:
        x[..., :3] = x[..., 2::-1]
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2), np.float32)


def run(content: bytes, images: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    logits, probabilities = session.run(["logits", "probabilities"], {"images": images})
    return logits, probabilities


def assert_close(got: NDArray[np.float32], wanted: NDArray[np.float32]) -> None:
    """Float32 sums in another order."""
    assert got.shape == wanted.shape
    assert np.abs(got - wanted).max() <= 1e-4 * np.abs(wanted).max()
    assert (got.argmax(1) == wanted.argmax(1)).all()
