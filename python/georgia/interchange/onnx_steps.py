"""A graph's steps in one form, whichever of the ways an exporter has of writing each."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from georgia.interchange.onnx_operations import OnnxNode, averaging

What: TypeAlias = tuple[Any, ...]  # of a step: operation and sizes

_NORM_ROLES = ("scale", "shift", "running_mean", "running_var")
_NO_PADS = (0, 0, 0, 0)
_AVERAGED: What = ("rows averaged",)
_LAYOUTS = {(0, 2, 3, 1): True, (0, 3, 1, 2): False}  # whether channels come last after it
_ANSWERS = {"Softmax", "Sigmoid"}  # no step where the network ends
_THROUGH = {"Identity", "Dropout"}  # no step
_TO_ROWS = {"Flatten", "Reshape", "Squeeze"}  # none either, where channels come first
_ANY_LAYOUT = {"Add", "Mul", "Div", "Erf", "Gelu", "Relu", "MatMul", "LayerNormalization"}
_BEFORE = {"Sub", "Div", "Mul", "Add", "Cast", "Gather"}  # pixels to normalised
_FLOAT_TYPES = {1, 10, 11, 16}  # ONNX's numbers of float32, float16, float64, bfloat16
_MOST_JOINED = 64  # inputs of one concatenation; those inside each other would double forever
_SAME: dict[str, What] = {  # other names of a step
    "GlobalAveragePool": ("ReduceMean", True),
    "GlobalMaxPool": ("ReduceMax", True),
    "Sum": ("Add",),
}


class Held(NamedTuple):
    """A tensor of the file."""

    name: str
    array: NDArray[Any]


@dataclass(eq=False)
class Unit:
    """One step of a network; a batch norm is part of its convolution, a bias of its product."""

    what: What
    number: int  # equal where all that leads here computes alike
    inputs: list["Unit"]
    label: str
    tensors: dict[str, Held]  # by role
    epsilon: float = 0.0


class Value(NamedTuple):
    """What a name in the graph stands for."""

    unit: Unit
    is_only: bool = False  # one node reads what the step gives
    is_last: bool = False  # channels come last
    is_answer: bool = False  # a softmax or sigmoid stands between


class Network:
    """A graph's steps by the values that they give.

    Note [Matching]: our own export of the network is drawn without tensors, and both graphs are
    brought to one form: a convolution with a batch norm behind it, or with the norm folded into it,
    is one step; so is a product with its bias; what only moves axes or does nothing is no step.
    Steps are numbered by what they compute and by the numbers of their inputs, so that steps of
    equal number end equal networks, and tensors are paired from the logits backwards. Names play no
    part: the same names with another stride are another function.
    """

    def __init__(
        self,
        nodes: Sequence[OnnxNode],
        held: Mapping[str, NDArray[Any]],
        start: str,
        numbers: dict[What, int],
    ) -> None:
        self._numbers = numbers  # shared by the graphs that are compared
        self._held = {n: Held(n, array) for n, array in held.items() if array.dtype.kind in "fiub"}
        self._uses = Counter(name for node in nodes for name in node.inputs)
        self.values = {start: Value(self._unit(("input",), [], start))}
        for node in nodes:
            self._add(node)

    def _unit(
        self, what: What, inputs: list[Unit], label: str, tensors: dict[str, Held] | None = None
    ) -> Unit:
        """Make a step, joined with those before it that exporters write apart."""
        if what[0] in {"Conv", "AveragePool"} and inputs[0].what[0] == "Pad":
            pads = tuple(a + b for a, b in zip(what[1], inputs[0].what[1], strict=True))
            what, inputs = (what[0], pads, *what[2:]), inputs[0].inputs
        if what[0] == "Concat":
            parts = [unit.inputs if unit.what == what else [unit] for unit in inputs]
            if sum(map(len, parts)) <= _MOST_JOINED:
                inputs = [unit for some in parts for unit in some]
        if what == ("Mul",):  # x (y 0.5) as (x y) 0.5
            for i, unit in enumerate(inputs):
                if unit.what == ("Mul", 0.5):
                    rest = [*inputs[:i], *unit.inputs, *inputs[i + 1 :]]
                    product = self._numbered(what, rest, label, {})
                    return self._numbered(unit.what, [product], label, {})
        return self._numbered(what, inputs, label, tensors or {})

    def _numbered(
        self, what: What, inputs: list[Unit], label: str, tensors: dict[str, Held]
    ) -> Unit:
        if what[0] in {"Add", "Mul"}:
            inputs = sorted(inputs, key=lambda unit: unit.number)
        key = (what, *(unit.number for unit in inputs))
        number = self._numbers.setdefault(key, len(self._numbers))
        return Unit(what, number, inputs, label.removesuffix("/output"), tensors)

    def _add(self, node: OnnxNode) -> None:
        read = [self.values[name] for name in node.inputs if name in self.values]
        held = [self._held.get(name) for name in node.inputs]
        order = tuple(node.attributes.get("perm", ()))
        name = next(iter(node.outputs), "")
        if read and name:
            x = read[0]
            is_moved = node.operation == "Transpose" and order in _LAYOUTS
            unit = x.unit if is_moved else self._step(node, read, held)
            self.values[name] = Value(
                unit,
                is_only=self._uses[name] == 1 and (x.is_only or unit is not x.unit),
                is_last=_LAYOUTS[order] if is_moved else any(value.is_last for value in read),
                is_answer=node.operation in _ANSWERS or any(value.is_answer for value in read),
            )
        elif node.operation == "Transpose" and held[0] and order == (1, 0):
            self._held[name] = Held(held[0].name, held[0].array.T)

    def _step(self, node: OnnxNode, read: list[Value], held: list[Held | None]) -> Unit:
        x, kind, label = read[0].unit, node.operation, node.outputs[0]
        inputs, tensors = [value.unit for value in read], [entry for entry in held if entry]
        if _is_no_step(node, read):
            return x
        if oddity := _oddity(node, read, len(read) + len(tensors)):
            return self._unit((f"{kind} {oddity}",), inputs, label)
        is_product = x.what[0] == "Linear" and "bias" not in x.tensors
        if kind == "Add" and tensors and read[0].is_only and is_product:
            x.tensors["bias"] = tensors[0]
            return x
        if kind == "BatchNormalization" and len(tensors) == len(_NORM_ROLES):
            return self._norm(node, read[0], dict(zip(_NORM_ROLES, tensors, strict=True)))
        if kind == "Gelu" and node.attributes.get("approximate", "none") == "none":
            return self._gelu(x, label)
        if kind == "MatMul" and x.what == _AVERAGED and held[1] and _averages(held[1].array.T):
            return x.inputs[0]
        what = _what(node, held)
        return x if what is None else self._unit(what, inputs, label, _weights(node, held))

    def _norm(self, node: OnnxNode, value: Value, tensors: dict[str, Held]) -> Unit:
        """Join the convolution before it where nothing else reads that, or stand alone."""
        x = value.unit
        if not value.is_only or x.what[0] != "Conv" or "scale" in x.tensors:
            x = self._unit(("BatchNormalization",), [x], node.outputs[0])
        x.tensors.update(tensors)
        x.epsilon = float(node.attributes.get("epsilon", 1e-5))
        return x

    def _gelu(self, x: Unit, label: str) -> Unit:
        """The steps that exporters made of it before ONNX had it."""
        scaled = self._unit(("Mul", _rounded(1 / math.sqrt(2))), [x], label)
        above = self._unit(("Add", 1.0), [self._unit(("Erf",), [scaled], label)], label)
        return self._unit(("Mul", 0.5), [self._unit(("Mul",), [x, above], label)], label)


def _is_no_step(node: OnnxNode, read: list[Value]) -> bool:
    kind = node.operation
    if kind in _TO_ROWS:
        return not any(value.is_last for value in read)
    if kind in _BEFORE and read[0].unit.what == ("input",) and len(read) == 1:
        return True
    is_narrowed = kind == "Cast" and node.attributes.get("to") in _FLOAT_TYPES
    return kind in _THROUGH | _ANSWERS or is_narrowed


def _oddity(node: OnnxNode, read: list[Value], known: int) -> str:
    """Tell what sets a step apart from all of ours."""
    if node.operation not in _ANY_LAYOUT and any(value.is_last for value in read):
        return "with channels last"
    if any(value.is_answer for value in read):
        return "behind a softmax or sigmoid"
    if known < sum(map(bool, node.inputs)):
        return "of computed constants"
    if node.attributes.get("auto_pad", "NOTSET") not in {"NOTSET", "VALID"}:
        return "with automatic padding"
    return "with dilations" if {*node.attributes.get("dilations", [1])} != {1} else ""


def _what(node: OnnxNode, held: list[Held | None]) -> What | None:
    """Operation and sizes of a step; None where it is none."""
    a = node.attributes
    pads, strides = tuple(a.get("pads", _NO_PADS)), tuple(a.get("strides", (1, 1)))
    kernel, weight = tuple(a.get("kernel_shape", ())), _weights(node, held).get("weight")
    constants = [entry.array for entry in held[1:] if entry]
    match node.operation:
        case "Conv" if weight and len(pads) == 4:
            return ("Conv", pads, weight.array.shape, strides, a.get("group", 1))
        case "MatMul" if held[0] and _averages(held[0].array):
            return _AVERAGED
        case "Gemm" | "MatMul" if weight and not _is_scaled(a):
            return ("Linear", weight.array.shape)
        case "LayerNormalization" as operation if weight:
            return (operation, weight.array.shape, _rounded(a.get("epsilon", 1e-5)))
        case "MaxPool" as operation:  # pads at the end say only whether a partial window counts
            return (operation, kernel, strides, pads[:2])
        case "AveragePool" if kernel == strides and not any(pads):
            return None  # adaptive: to the size that the weights behind it take
        case "AveragePool" as operation if len(pads) == 4 and (
            a.get("count_include_pad") or not any(pads)
        ):
            return (operation, pads, kernel, strides)
        case "Conv" | "AveragePool" | "Gemm" as operation:
            return (f"{operation} of another form",)
        case "Pad":
            return _what_of_pad(a, constants)
        case "ReduceMean" | "ReduceMax" as operation:
            axes = a.get("axes") or _numbers(constants)
            return (operation, sorted(axis % 4 for axis in axes) == [2, 3])
        case "Div" if constants and constants[0].size == 1 and constants[0].any():
            return ("Mul", _rounded(1 / constants[0].item()))
        case operation:
            sizes = [_size(entry.array) for entry in held if entry]
            axis = [a["axis"]] if "axis" in a else []
            return (*_SAME.get(operation, (operation,)), *sizes, *axis)


def _what_of_pad(attributes: dict[str, Any], constants: list[NDArray[Any]]) -> What | None:
    pads = attributes.get("pads") or _numbers(constants)
    if pads == [0, 1, 0, 0]:
        return None  # the zero before a single logit
    is_constant = attributes.get("mode", "constant") == "constant"
    is_filled = attributes.get("value") or any(array.any() for array in constants[1:])
    is_plane = len(pads) == 8 and not any(pads[i] for i in (0, 1, 4, 5))
    if is_constant and is_plane and not is_filled:
        return ("Pad", (*pads[2:4], *pads[6:8]))
    return ("Pad of another form",)


def _numbers(constants: list[NDArray[Any]]) -> list[int]:
    """The first constant's, which are axes or padding: more than nine are neither."""
    return constants[0].ravel()[:9].tolist() if constants else []


def _averages(matrix: NDArray[Any]) -> bool:
    """Recognise what our exports average by, where the cells are of unequal sizes."""
    is_matrix = matrix.ndim == 2 and matrix.size > 0
    return is_matrix and np.array_equal(matrix, averaging(*matrix.shape[::-1]))


def _is_scaled(attributes: dict[str, Any]) -> bool:
    usual = {"alpha": 1.0, "beta": 1.0, "transA": 0}
    return any(attributes.get(name, usual[name]) != usual[name] for name in usual)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")  # constants come as float32


def _size(array: NDArray[Any]) -> Any:
    """Value of a number; shape of others, without axes of size 1 in front."""
    if array.size == 1:
        return _rounded(float(array.item()))
    return array.shape[next((i for i, side in enumerate(array.shape) if side != 1), 0) :]


def _weights(node: OnnxNode, held: list[Held | None]) -> dict[str, Held]:
    """Tensors by role; the weight of a product as (out, in)."""
    if node.operation not in {"Conv", "Gemm", "MatMul", "LayerNormalization"}:
        large = [x for x in held if x and x.array.size > 1 and node.operation == "Mul"]
        return {"factor": large[0]} if large else {}
    roles = zip(("weight", "bias"), held[1:], strict=False)
    tensors = {role: entry for role, entry in roles if entry}
    is_turned = node.operation == "MatMul" or not node.attributes.get("transB", 0)
    if node.operation in {"Gemm", "MatMul"} and is_turned and "weight" in tensors:
        name, array = tensors["weight"]
        tensors["weight"] = Held(name, array.T)
    return tensors
