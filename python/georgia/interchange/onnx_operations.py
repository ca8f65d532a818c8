"""ONNX out: how each layer is drawn as ONNX operations."""
# ruff: noqa: D102  (the properties of GraphLayer)

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.interchange.layer import Layer

Tensors: TypeAlias = Mapping[str, NDArray[np.float32]]

_WEIGHT_BIAS = ("weight", "bias")
_NORM = (*_WEIGHT_BIAS, "running_mean", "running_var")
_PLANE = {"axes": [2, 3], "keepdims": 0}


class GraphLayer(Layer, Protocol):
    """What the graph needs to know of a layer beside its tensors."""

    @property
    def inputs(self) -> Sequence[str]: ...
    @property
    def is_auxiliary(self) -> bool: ...
    @property
    def kernel(self) -> tuple[int, int]: ...
    @property
    def stride(self) -> int: ...
    @property
    def padding(self) -> tuple[int, int]: ...
    @property
    def groups(self) -> int: ...
    @property
    def epsilon(self) -> float: ...


@dataclass(frozen=True)
class OnnxNode:
    """One operation; its domain stands in front where that is not ONNX's own."""

    operation: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]  # numbers, texts, lists of them, arrays; no subgraphs


class Sketch:
    """The graph of a network: nodes, their constants, and the name of every layer's value."""

    def __init__(self, layers: Sequence[GraphLayer], tensors: Tensors) -> None:
        self.tensors = tensors
        self.layers = {layer.name: layer for layer in layers}
        self.values: dict[str, str] = {}
        self.nodes: list[OnnxNode] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self._last = layers[-1]

    def output(self, layer: GraphLayer) -> str:
        return "logits" if layer is self._last else f"{layer.name}/output"

    def node(self, operation: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(OnnxNode(operation, inputs, [output], attributes))
        return output

    def constant(self, name: str, values: Any, dtype: type = np.float32) -> str:
        self.constants[name] = np.asarray(values, dtype)
        return name

    def tensors_of(self, layer: GraphLayer, *kinds: str) -> list[str]:
        """Add those of these tensors that the layer has, under our names."""
        names = [f"{layer.name}.{kind}" for kind in kinds]
        return [self.constant(n, self.tensors[n]) for n in names if n in layer.tensors]


_Step: TypeAlias = Callable[[Sketch, GraphLayer, list[str]], str]


def _step(
    operation: str,
    kinds: tuple[str, ...] = (),
    attributes: Callable[[GraphLayer], dict[str, Any]] = lambda _: {},
) -> _Step:
    """One ONNX operation on the inputs and the layer's tensors."""

    def step(graph: Sketch, layer: GraphLayer, inputs: list[str]) -> str:
        taken = inputs + graph.tensors_of(layer, *kinds)
        return graph.node(operation, taken, graph.output(layer), **attributes(layer))

    return step


def _windows(layer: GraphLayer) -> dict[str, Any]:
    strides, pads = [layer.stride] * 2, [*layer.padding] * 2
    return {"kernel_shape": [*layer.kernel], "strides": strides, "pads": pads}


def _pad(shape: Callable[[GraphLayer], list[int]]) -> _Step:
    def step(graph: Sketch, layer: GraphLayer, inputs: list[str]) -> str:
        pads = graph.constant(f"{layer.name}/pads", shape(layer), np.int64)
        return graph.node("Pad", [*inputs, pads], graph.output(layer))

    return step


def _per_channel(step: Callable[[Sketch, GraphLayer, list[str], str], str]) -> _Step:
    """Let a step along the last axis, as ONNX has them, work along axis 1 of rows and planes."""

    def moved(graph: Sketch, layer: GraphLayer, inputs: list[str]) -> str:
        if len(layer.shape) == 1:
            return step(graph, layer, inputs, graph.output(layer))
        last = graph.node("Transpose", inputs, f"{layer.name}/last", perm=[0, 2, 3, 1])
        done = step(graph, layer, [last], f"{layer.name}/done")
        return graph.node("Transpose", [done], graph.output(layer), perm=[0, 3, 1, 2])

    return moved


@_per_channel
def _layer_norm(graph: Sketch, layer: GraphLayer, inputs: list[str], output: str) -> str:
    taken = inputs + graph.tensors_of(layer, *_WEIGHT_BIAS)
    return graph.node("LayerNormalization", taken, output, axis=-1, epsilon=layer.epsilon)


@_per_channel
def _linear(graph: Sketch, layer: GraphLayer, inputs: list[str], output: str) -> str:
    weight, *bias = graph.tensors_of(layer, *_WEIGHT_BIAS)
    if len(layer.shape) == 1:
        return graph.node("Gemm", [*inputs, weight, *bias], output, transB=1)
    turned = graph.node("Transpose", [weight], f"{layer.name}/turned", perm=[1, 0])
    product = graph.node("MatMul", [*inputs, turned], f"{layer.name}/product")
    return graph.node("Add", [product, *bias], output) if bias else product


def _gelu(graph: Sketch, layer: GraphLayer, inputs: list[str]) -> str:
    """Half of x (1 + erf(x / sqrt 2)), for want of Gelu before opset 20."""
    values = {"root": math.sqrt(2), "one": 1.0, "half": 0.5}
    root, one, half = (graph.constant(f"{layer.name}/{key}", values[key]) for key in values)
    scaled = graph.node("Div", [*inputs, root], f"{layer.name}/scaled")
    error = graph.node("Erf", [scaled], f"{layer.name}/erf")
    above = graph.node("Add", [error, one], f"{layer.name}/above")
    product = graph.node("Mul", [*inputs, above], f"{layer.name}/product")
    return graph.node("Mul", [product, half], graph.output(layer))


def _max_pool(graph: Sketch, layer: GraphLayer, inputs: list[str]) -> str:
    """Pad at the end as far as the last window reaches.

    Runtimes differ in which partial window ceil_mode keeps; explicit padding leaves no choice.
    """
    before, after = graph.layers[layer.inputs[0]].shape[1:], layer.shape[1:]
    how = _windows(layer)
    for i, pad in enumerate(layer.padding):
        reach = (after[i] - 1) * layer.stride + layer.kernel[i]
        how["pads"][2 + i] = max(pad, reach - before[i] - pad)
    return graph.node("MaxPool", inputs, graph.output(layer), **how)


def averaging(size: int, cells: int) -> NDArray[np.float32]:
    """Matrix (cells, size) whose row i is the mean over cell i; neighbouring cells may overlap."""
    i, places = np.arange(cells)[:, None], np.arange(size)
    begin, end = i * size // cells, -(-(i + 1) * size // cells)
    is_inside = (begin <= places) & (places < end)
    return np.where(is_inside, 1 / (end - begin), 0).astype(np.float32)


def _adaptive_average_pool(graph: Sketch, layer: GraphLayer, inputs: list[str]) -> str:
    (height, width), (rows, columns) = graph.layers[layer.inputs[0]].shape[1:], layer.shape[1:]
    if (height, width) == (rows, columns):
        return inputs[0]
    if height % rows == width % columns == 0:
        kernel = [height // rows, width // columns]
        output = graph.output(layer)
        return graph.node("AveragePool", inputs, output, kernel_shape=kernel, strides=kernel)
    left = graph.constant(f"{layer.name}/rows", averaging(height, rows))
    right = graph.constant(f"{layer.name}/columns", averaging(width, columns).T)
    narrowed = graph.node("MatMul", [left, *inputs], f"{layer.name}/narrowed")
    return graph.node("MatMul", [narrowed, right], graph.output(layer))


_STEPS: dict[str, _Step] = {
    "input": lambda _graph, _layer, inputs: inputs[0],
    "zero_pad": _pad(lambda layer: [0, 0, *layer.padding] * 2),
    "convolution": _step("Conv", _WEIGHT_BIAS, lambda x: {**_windows(x), "group": x.groups}),
    "batch_norm": _step("BatchNormalization", _NORM, lambda x: {"epsilon": x.epsilon}),
    "layer_norm": _layer_norm,
    "relu": _step("Relu"),
    "gelu": _gelu,
    "max_pool": _max_pool,
    "average_pool": _step("AveragePool", (), lambda x: {**_windows(x), "count_include_pad": 1}),
    "adaptive_average_pool": _adaptive_average_pool,
    "global_average_pool": _step("ReduceMean", (), lambda _: _PLANE),
    "global_max_pool": _step("ReduceMax", (), lambda _: _PLANE),
    "flatten": _step("Flatten"),
    "linear": _linear,
    "parameter": lambda graph, layer, _: graph.constant(layer.name, graph.tensors[layer.name]),
    "multiply": _step("Mul"),
    "add": _step("Add"),
    "concatenate": _step("Concat", (), lambda _: {"axis": 1}),
    "dropout": lambda _graph, _layer, inputs: inputs[0],
    "stochastic_depth": lambda _graph, _layer, inputs: inputs[0],
    "prepend_zero": _pad(lambda _: [0, 1, 0, 0]),
}


def check(is_good: bool, subject: str, what: str) -> None:
    """Refuse to export."""
    if not is_good:
        message = f"[export] {subject}: {what}"
        raise _core.InvalidOption(message)


def sketch(
    layers: Sequence[GraphLayer],
    tensors: Tensors,
    begin: Callable[[Sketch], str] = lambda _: "images",
) -> Sketch:
    """Draw the graph from normalised (N, C, H, W), the value that begin names, to ``logits``."""
    layers = [layer for layer in layers if not layer.is_auxiliary]
    unknown = sorted({layer.operation for layer in layers} - set(_STEPS))
    check(not unknown, "network", f"operations without ONNX form: {', '.join(unknown)}")
    graph = Sketch(layers, tensors)
    start = begin(graph)
    for layer in layers:
        inputs = [graph.values[name] for name in layer.inputs] or [start]
        graph.values[layer.name] = _STEPS[layer.operation](graph, layer, inputs)
    last = graph.values[layers[-1].name]
    if last != "logits":
        graph.node("Identity", [last], "logits")
    return graph
