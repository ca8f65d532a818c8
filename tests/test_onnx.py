"""ONNX out and in: every operation against torch, the way back, files of others, hostile files."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx_networks import NETWORKS, FakeNetwork, residual, vgg

from georgia import BadInput, InvalidOption, IoError
from georgia.interchange.onnx import render
from georgia.interchange.onnx_model import OnnxClassifier, logits_of
from georgia.interchange.onnx_reader import match, read

MEAN, DEVIATION = [0.4, 0.5, 0.6, 0.3], [0.2, 0.25, 0.3, 0.4]


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


WINDOW = {"kernel": (3, 2), "stride": 2, "padding": (1, 0)}

OPERATIONS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "zero_pad": [("zero_pad", {"padding": (1, 2)}), ("relu", {})],
    "convolution": [("convolution", {"out": 4, **WINDOW})],
    "convolution with bias": [("convolution", {"out": 4, "bias": True, "kernel": (1, 3)})],
    "convolution in groups": [("convolution", {"out": 6, "groups": 3, "kernel": (3, 3)})],
    "batch_norm": [("batch_norm", {"epsilon": 1e-3})],
    "batch_norm of rows": [("flatten", {}), ("batch_norm", {"epsilon": 0.1})],
    "layer_norm": [("layer_norm", {"epsilon": 1e-2})],
    "layer_norm of rows": [("flatten", {}), ("layer_norm", {"epsilon": 1e-6})],
    "relu": [("relu", {})],
    "gelu": [("gelu", {})],
    "max_pool": [("max_pool", WINDOW)],
    "max_pool, partial windows": [
        ("max_pool", {"kernel": (3, 3), "stride": 2, "ceil_mode": True}),
        ("max_pool", {"kernel": (2, 3), "stride": 3, "padding": (1, 1), "ceil_mode": True}),
    ],
    "average_pool": [("average_pool", {"kernel": (3, 3), "padding": (1, 1)})],
    "average_pool with stride": [("average_pool", {"kernel": (2, 3), "stride": 2})],
    "adaptive_average_pool to a divisor": [("adaptive_average_pool", {"size": (4, 5)})],
    "adaptive_average_pool to the same": [("adaptive_average_pool", {"size": (8, 10)})],
    "adaptive_average_pool to fewer": [("adaptive_average_pool", {"size": (3, 7)})],
    "adaptive_average_pool to more": [("adaptive_average_pool", {"size": (11, 10)})],
    "global_average_pool": [("global_average_pool", {})],
    "global_max_pool": [("global_max_pool", {})],
    "flatten": [("flatten", {})],
    "linear": [("flatten", {}), ("linear", {"out": 7})],
    "linear of channels": [("linear", {"out": 7})],
    "linear without bias": [("linear", {"out": 7, "bias": False})],
    "dropout": [("dropout", {"rate": 0.5})],
    "stochastic_depth": [("stochastic_depth", {"rate": 0.5})],
}


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_computes_what_torch_does(name: str, batch: int) -> None:
    net = FakeNetwork(3, 8, 10, seed=len(name))
    for i, (operation, how) in enumerate(OPERATIONS[name]):
        net.add(operation, f"step{i}", **how)
    if len(net.layers[-1].shape) == 3:
        net.add("flatten", "rows")
    images = pixels(net, batch)
    assert_close(run(export(net), images)[0], net.logits(normalised(images)))


@pytest.mark.parametrize("operation", ["add", "multiply", "concatenate"])
def test_an_operation_of_two_inputs_computes_what_torch_does(operation: str) -> None:
    net = FakeNetwork(3, 5, 6)
    left, right = net.add("relu", "left", "input"), net.add("gelu", "right", "input")
    net.add(operation, "both", left, right)
    net.add("multiply", "scaled", "both", net.add("parameter", "scale", out=net.layers[3].shape[0]))
    net.add("concatenate", "three", "scaled", left, right)
    net.add("flatten", "rows")
    images = pixels(net, 2)
    assert_close(run(export(net), images)[0], net.logits(normalised(images)))


@pytest.mark.parametrize("bgr", [False, True])
@pytest.mark.parametrize("kind", ["uint8", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_computes_what_torch_does(name: str, kind: str, bgr: bool) -> None:
    net = NETWORKS[name]()
    content = export(net, input=kind, bgr=bgr)
    for batch in (1, 3):
        images = pixels(net, batch)
        given: NDArray[Any] = images
        if kind == "float32":
            given = (images.transpose(0, 3, 1, 2) / 255).astype(np.float32)
        logits, probabilities = run(content, given)
        wanted = net.logits(normalised(images, bgr))
        assert_close(logits, wanted)
        powers = np.exp(wanted - wanted.max(1, keepdims=True))
        assert_close(probabilities, powers / powers.sum(1, keepdims=True))


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_bgr_swaps_red_and_blue_alone(channels: int) -> None:
    net = residual(channels)
    images = pixels(net, 2)
    assert_close(run(export(net, bgr=True), images)[0], net.logits(normalised(images, bgr=True)))


def test_the_file_says_what_it_is_and_keeps_our_names() -> None:
    net = residual()
    content = export(net, metadata={"georgia": "{}", "note": "two\nlines"}, classes=list("aéb\n"))
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, strict_mode=True, check_type=True)
    assert (model.ir_version, model.opset_import[0].version) == (8, 17)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata.pop("classes") == json.dumps(list("aéb\n"))
    assert metadata == {"georgia": "{}", "note": "two\nlines"}
    held = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    for name, tensor in net.tensors.items():
        if not name.endswith("num_batches_tracked"):
            assert (held[name] == tensor).all()
    images = model.graph.input[0]
    sides = [side.dim_param or side.dim_value for side in images.type.tensor_type.shape.dim]
    assert (images.name, sides) == ("images", ["N", 20, 20, 3])
    assert [output.name for output in model.graph.output] == ["logits", "probabilities"]


def test_what_cannot_be_exported_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    net = residual()
    with pytest.raises(InvalidOption, match=r"\[export\] classes: expected 4, got 1"):
        export(net, classes=["one"])
    with pytest.raises(InvalidOption, match="input: expected uint8 or float32, got int8"):
        export(net, input="int8")
    huge = np.broadcast_to(np.float32(0), (4, 2**28))
    with pytest.raises(InvalidOption, match=r"network: too large; expected below 2 GB, got 4,294"):
        render(net.layers, net.tensors | {"fc.weight": huge}, height=20, width=20, channels=3,
               mean=MEAN[:3], deviation=DEVIATION[:3], bgr=False, classes=list("abcd"),
               metadata={})  # fmt: skip
    object.__setattr__(net.layers[3], "operation", "swish")
    with pytest.raises(InvalidOption, match="network: operations without ONNX form: swish"):
        export(net)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(IoError, match=r"\[export\] onnx: not installed; expected pip install geor"):
        export(residual())


# The way back


def logits_with(net: FakeNetwork, tensors: dict[str, Any]) -> NDArray[np.float32]:
    held, net.tensors = net.tensors, tensors
    try:
        return net.logits(normalised(pixels(net, 3)))
    finally:
        net.tensors = held


def own_tensors(net: FakeNetwork) -> dict[str, NDArray[np.float32]]:
    layers = [layer for layer in net.layers if not layer.is_auxiliary]
    return {name: net.tensors[name] for layer in layers for name in layer.tensors}


@pytest.mark.parametrize("kind", ["uint8", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_our_own_file_gives_the_tensors_back_bit_for_bit(
    name: str, kind: str, tmp_path: Path
) -> None:
    net = NETWORKS[name]()
    path = tmp_path / "own.onnx"
    path.write_bytes(export(net, input=kind, bgr=True))
    found, wanted = match(read(path), net.layers), own_tensors(net)
    assert list(found) == list(wanted)
    for key, tensor in found.items():
        if key.endswith("num_batches_tracked"):
            assert tensor.dtype == np.int64
            assert tensor == 0
        else:
            assert tensor.dtype == np.float32
            assert np.array_equal(tensor, wanted[key])


@pytest.mark.parametrize("name", NETWORKS)
def test_a_file_of_torch_gives_tensors_that_compute_the_same(name: str, tmp_path: Path) -> None:
    net = vgg(14) if name == "vgg" else NETWORKS[name]()  # it exports no other adaptive pool
    path = tmp_path / "torch.onnx"
    net.export(path)
    file = read(path)
    assert not set(own_tensors(net)) & set(file.initialisers)
    found = match(file, net.layers)
    assert list(found) == list(own_tensors(net))
    assert_close(logits_with(net, found), logits_with(net, net.tensors))


def test_a_folded_norm_becomes_one_that_only_adds(tmp_path: Path) -> None:
    net = residual()
    net.export(tmp_path / "folded.onnx")
    file = read(tmp_path / "folded.onnx")
    assert "BatchNormalization" not in {node.operation for node in file.nodes}
    found = match(file, net.layers)
    assert (found["bn1.weight"] == 1).all()
    assert (found["bn1.running_mean"] == 0).all()
    assert (found["bn1.running_var"] == np.float32(1) - np.float32(1e-5)).all()
    convolved = next(node for node in file.nodes if node.operation == "Conv")
    assert np.array_equal(found["bn1.bias"], file.initialisers[convolved.inputs[2]])


def rewritten(net: FakeNetwork, path: Path, change: Callable[[Any], None]) -> Path:
    model = onnx.load_from_string(export(net))
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def anonymous_and_shortcut_first(model: Any) -> None:
    """Number the tensors, compute shortcuts before main branches, and add them first."""
    graph = model.graph
    for i, tensor in enumerate(graph.initializer):
        for node in graph.node:
            node.input[:] = [f"{i}" if name == tensor.name else name for name in node.input]
        tensor.name = f"{i}"
    nodes = list(graph.node)
    for node in nodes:
        if node.op_type == "Add":
            node.input[:] = node.input[::-1]
    ready, ordered = {"images", *(t.name for t in graph.initializer)}, []
    while nodes:
        free = [node for node in nodes if ready >= set(node.input)]
        first = next((node for node in free if "downsample" in node.name), free[0])
        nodes.remove(first)
        ordered.append(first)
        ready |= set(first.output)
    del graph.node[:]
    graph.node.extend(ordered)


@pytest.mark.parametrize("name", ["residual", "bottleneck"])
def test_order_and_names_of_the_file_do_not_matter(name: str, tmp_path: Path) -> None:
    net = NETWORKS[name]()
    path = rewritten(net, tmp_path / "other.onnx", anonymous_and_shortcut_first)
    found = match(read(path), net.layers)
    assert all(np.array_equal(found[key], tensor) for key, tensor in own_tensors(net).items()
               if not key.endswith("num_batches_tracked"))  # fmt: skip


def set_attribute(operation: str, name: str, value: Any) -> Callable[[Any], None]:
    def change(model: Any) -> None:
        node = next(node for node in model.graph.node if node.op_type == operation)
        kept = [attribute for attribute in node.attribute if attribute.name != name]
        del node.attribute[:]
        node.attribute.extend([*kept, helper.make_attribute(name, value)])

    return change


def test_another_epsilon_goes_into_the_variance(tmp_path: Path) -> None:
    net = residual()
    change = set_attribute("BatchNormalization", "epsilon", 0.25)
    path = rewritten(net, tmp_path / "epsilon.onnx", change)
    found = match(read(path), net.layers)
    assert_close(logits_with(net, found), run(path.read_bytes(), pixels(net, 3))[0])
    assert not np.array_equal(found["bn1.running_var"], net.tensors["bn1.running_var"])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (set_attribute("Conv", "strides", [1, 1]), "expected conv1 "),
        (set_attribute("Conv", "pads", [2, 2, 4, 4]), "expected conv1 "),
        (set_attribute("Conv", "auto_pad", "SAME_UPPER"), "expected conv1 "),
        (set_attribute("MaxPool", "kernel_shape", [2, 2]), "expected maxpool "),
        (set_attribute("Gemm", "alpha", 0.5), "expected logits "),
    ],
)
def test_a_file_that_computes_otherwise_is_refused_by_the_layer(
    change: Callable[[Any], None], named: str, tmp_path: Path
) -> None:
    net = residual()
    path = rewritten(net, tmp_path / "otherwise.onnx", change)
    pattern = rf"\[match_onnx\] .*otherwise.onnx: another network: {named}"
    with pytest.raises(BadInput, match=pattern):
        match(read(path), net.layers)
