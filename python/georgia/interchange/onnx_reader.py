"""ONNX in: a file's tensors under our names, whatever program wrote it."""

import math
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from georgia.interchange.onnx import GraphLayer, OnnxNode, sketch
from georgia.interchange.onnx_model import image_input, load_checked, refuse

Shape: TypeAlias = tuple[int, ...]

_FLOATS = {"FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE"}
_NORM_ROLES = ("scale", "shift", "running_mean", "running_var")
_COUNT = ".num_batches_tracked"  # of a batch norm, which no file holds
_CELLS = ("/rows", "/columns")  # what our exports average by
_NO_PADS = (0, 0, 0, 0)
_LAYOUTS = {(0, 2, 3, 1): True, (0, 3, 1, 2): False}  # whether channels come last after it
_THROUGH = {"Identity", "Dropout", "Cast", "Softmax", "Sigmoid"}  # no step
_TO_ROWS = {"Flatten", "Reshape", "Squeeze"}  # none either, where channels come first
_ANY_LAYOUT = {"Add", "Mul", "Div", "Erf", "Gelu", "Relu", "MatMul", "LayerNormalization"}
_BEFORE = {"Sub", "Div", "Mul", "Add", "Cast", "Transpose", "Gather"}  # pixels to normalised
_SAME: dict[str, tuple[Any, ...]] = {  # other names of a step
    "GlobalAveragePool": ("ReduceMean", True),
    "GlobalMaxPool": ("ReduceMax", True),
    "Sum": ("Add",),
}


@dataclass(frozen=True)
class OnnxFile:
    """What an ONNX file holds.

    Attributes
    ----------
    path : Path
    initialisers : dict of str to ndarray
        Floats of every width as float32, others as they are; Constant nodes among them.
    metadata : dict of str to str
    nodes : list of OnnxNode
        In computing order.
    input_name, input_type : str
        The type as NumPy names it.
    input_shape : tuple of int or None
        None where a side is free.
    outputs : tuple of str
    """

    path: Path
    initialisers: dict[str, NDArray[Any]]
    metadata: dict[str, str]
    nodes: list[OnnxNode]
    input_name: str
    input_shape: tuple[int | None, ...]
    input_type: str
    outputs: tuple[str, ...]


def _array(tensor: Any) -> NDArray[Any]:
    from onnx import TensorProto, numpy_helper

    array: NDArray[Any] = numpy_helper.to_array(tensor)
    if TensorProto.DataType.Name(tensor.data_type) in _FLOATS:
        with np.errstate(over="ignore"):  # infinity is refused where the tensor is used
            return array.astype(np.float32)
    return array


def _value(attribute: Any) -> Any:
    from onnx import helper

    value = helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return _array(value) if attribute.HasField("t") else value


def read(path: str | os.PathLike[str]) -> OnnxFile:
    """Read an ONNX file of at most 2 GB; nothing in it is run, no other file is opened.

    Raises
    ------
    BadInput
        Not ONNX, damaged, not valid, or with tensors in other files.
    IoError
        The file cannot be read, or the onnx package is not installed.
    """
    source = Path(path)
    _, model = load_checked(source)
    try:
        tensors = {tensor.name: _array(tensor) for tensor in model.graph.initializer}
        nodes = [
            OnnxNode(
                f"{node.domain}.{node.op_type}" if node.domain else node.op_type,
                [*node.input],
                [*node.output],
                {a.name: _value(a) for a in node.attribute if not (a.HasField("g") or a.graphs)},
            )
            for node in model.graph.node
        ]
    except (ValueError, TypeError) as error:
        refuse(source, f"a damaged tensor: {error}")
    for node in nodes:
        if node.operation == "Constant":
            for value in node.attributes.values():
                tensors[node.outputs[0]] = np.asarray(value)
        elif node.operation == "Identity" and node.inputs[0] in tensors:
            tensors[node.outputs[0]] = tensors[node.inputs[0]]  # exporters merge equal tensors
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    outputs = tuple(one.name for one in model.graph.output)
    return OnnxFile(source, tensors, metadata, nodes, *image_input(source, model), outputs)


class _Held(NamedTuple):
    name: str
    array: NDArray[Any]


@dataclass(eq=False)
class _Unit:
    """One step of a network; a batch norm is part of its convolution, a bias of its product."""

    what: tuple[Any, ...]  # operation and sizes
    number: int  # equal where all that leads here computes alike
    inputs: list["_Unit"]
    label: str
    tensors: dict[str, _Held]  # by role
    epsilon: float = 0.0


class _Network:
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
        numbers: dict[tuple[Any, ...], int],
    ) -> None:
        self._numbers = numbers  # shared by the graphs that are compared
        self._held = {name: _Held(name, array) for name, array in held.items()}
        self._uses = Counter(name for node in nodes for name in node.inputs)
        self._is_last: set[str] = set()  # values whose channels come last
        self.units = {start: self._unit(("input",), [], start)}
        for node in nodes:
            self._add(node)

    def _unit(
        self,
        what: tuple[Any, ...],
        inputs: list[_Unit],
        label: str,
        tensors: dict[str, _Held] | None = None,
    ) -> _Unit:
        if what[0] in {"Conv", "AveragePool"} and inputs[0].what[0] == "Pad":
            pads = tuple(a + b for a, b in zip(what[1], inputs[0].what[1], strict=True))
            what, inputs = (what[0], pads, *what[2:]), inputs[0].inputs
        if what[0] == "Concat":
            inputs = [x for unit in inputs for x in (unit.inputs if unit.what == what else [unit])]
        if what == ("Mul",):  # x (y 0.5) as (x y) 0.5
            for i, unit in enumerate(inputs):
                if unit.what == ("Mul", 0.5):
                    rest = [*inputs[:i], *unit.inputs, *inputs[i + 1 :]]
                    return self._unit(unit.what, [self._unit(what, rest, label)], label)
        if what[0] in {"Add", "Mul"}:
            inputs = sorted(inputs, key=lambda unit: unit.number)
        key = (what, *(unit.number for unit in inputs))
        number = self._numbers.setdefault(key, len(self._numbers))
        return _Unit(what, number, inputs, label.removesuffix("/output"), tensors or {})

    def _add(self, node: OnnxNode) -> None:
        inputs = [self.units[name] for name in node.inputs if name in self.units]
        held = [self._held.get(name) for name in node.inputs]
        is_last = any(name in self._is_last for name in node.inputs)
        order = tuple(node.attributes.get("perm", ()))
        if inputs and node.operation == "Transpose" and order in _LAYOUTS:
            self.units[node.outputs[0]] = inputs[0]
            is_last = _LAYOUTS[order]
        elif inputs:
            self.units[node.outputs[0]] = self._step(node, inputs, held, is_last)
        elif node.operation == "Transpose" and held[0] and order == (1, 0):
            self._held[node.outputs[0]] = _Held(held[0].name, held[0].array.T)
        if is_last:
            self._is_last.add(node.outputs[0])

    def _step(
        self, node: OnnxNode, inputs: list[_Unit], held: list[_Held | None], is_last: bool
    ) -> _Unit:
        x, kind, label = inputs[0], node.operation, node.outputs[0]
        tensors = [entry for entry in held if entry]
        before = next(name for name in node.inputs if name in self.units)
        is_only = self._uses[before] == 1
        if is_last and kind not in _THROUGH | _ANY_LAYOUT:
            return self._unit((kind, "channels last"), inputs, label)
        if kind in _THROUGH | _TO_ROWS:
            return x
        if kind in _BEFORE and x.what == ("input",) and len(inputs) == 1:
            return x
        is_product = x.what[0] == "Linear" and "bias" not in x.tensors
        if kind == "Add" and tensors and is_only and is_product:
            x.tensors["bias"] = tensors[0]
            return x
        if kind == "BatchNormalization" and len(tensors) == len(_NORM_ROLES):
            return self._norm(node, x, dict(zip(_NORM_ROLES, tensors, strict=True)), is_only)
        if kind == "Gelu" and node.attributes.get("approximate", "none") == "none":
            return self._gelu(x, label)
        what = _what(node, held)
        return x if what is None else self._unit(what, inputs, label, _weights(node, held))

    def _norm(self, node: OnnxNode, x: _Unit, tensors: dict[str, _Held], is_only: bool) -> _Unit:
        """Join the convolution before it where nothing else reads that, or stand alone."""
        if not is_only or x.what[0] != "Conv" or "scale" in x.tensors:
            x = self._unit(("BatchNormalization",), [x], node.outputs[0])
        x.tensors.update(tensors)
        x.epsilon = float(node.attributes.get("epsilon", 1e-5))
        return x

    def _gelu(self, x: _Unit, label: str) -> _Unit:
        """The steps that exporters made of it before ONNX had it."""
        scaled = self._unit(("Mul", _rounded(1 / math.sqrt(2))), [x], label)
        above = self._unit(("Add", 1.0), [self._unit(("Erf",), [scaled], label)], label)
        return self._unit(("Mul", 0.5), [self._unit(("Mul",), [x, above], label)], label)


def _what(node: OnnxNode, held: list[_Held | None]) -> tuple[Any, ...] | None:
    """Operation and sizes of a step; None where it is none."""
    a = node.attributes
    pads, strides = tuple(a.get("pads", _NO_PADS)), tuple(a.get("strides", (1, 1)))
    kernel, weight = tuple(a.get("kernel_shape", ())), _weights(node, held).get("weight")
    is_automatic = a.get("auto_pad", "NOTSET") not in {"NOTSET", "VALID"}
    match node.operation:
        case operation if is_automatic or {*a.get("dilations", [1])} != {1}:
            return (operation, "auto_pad or dilations")
        case "Conv" if weight:
            return ("Conv", pads, weight.array.shape, strides, a.get("group", 1))
        case "MatMul" if any(entry and entry.name.endswith(_CELLS) for entry in held):
            return None
        case "Gemm" | "MatMul" if weight and not _is_scaled(a):
            return ("Linear", weight.array.shape)
        case "LayerNormalization" as operation if weight:
            return (operation, weight.array.shape, _rounded(a.get("epsilon", 1e-5)))
        case "MaxPool" as operation:  # pads at the end say only whether a partial window counts
            return (operation, kernel, strides, pads[:2])
        case "AveragePool" if kernel == strides and not any(pads):
            return None  # adaptive: to the size that the weights behind it take
        case "AveragePool" as operation if a.get("count_include_pad") or not any(pads):
            return (operation, pads, kernel, strides)
        case "Pad":
            return _what_of_pad(a, held)
        case "ReduceMean" | "ReduceMax" as operation:
            axes = a.get("axes") or [x for entry in held[1:] if entry for x in entry.array]
            return (operation, sorted(int(axis) % 4 for axis in axes) == [2, 3])
        case "Div" if len(held) > 1 and held[1] and held[1].array.size == 1:
            return ("Mul", _rounded(1 / float(held[1].array.reshape(()))))
        case operation:
            sizes = [_size(entry.array) for entry in held if entry]
            axis = [a["axis"]] if "axis" in a else []
            return (*_SAME.get(operation, (operation,)), *sizes, *axis)


def _what_of_pad(attributes: dict[str, Any], held: list[_Held | None]) -> tuple[Any, ...] | None:
    pads = attributes.get("pads") or [int(x) for entry in held[1:2] if entry for x in entry.array]
    if pads == [0, 1, 0, 0]:
        return None  # the zero before a single logit
    fills = [float(entry.array) for entry in held[2:] if entry]
    is_zero = attributes.get("mode", "constant") == "constant" and not any(fills)
    is_plane = len(pads) == 8 and not any(pads[i] for i in (0, 1, 4, 5))
    return ("Pad", (*pads[2:4], *pads[6:8])) if is_zero and is_plane else ("other padding",)


def _is_scaled(attributes: dict[str, Any]) -> bool:
    usual = {"alpha": 1.0, "beta": 1.0, "transA": 0}
    return any(attributes.get(name, usual[name]) != usual[name] for name in usual)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")  # constants come as float32


def _size(array: NDArray[Any]) -> Any:
    """Value of a number; shape of others, without axes of size 1 in front."""
    if array.size == 1:
        return _rounded(float(array.reshape(())))
    return array.shape[next((i for i, side in enumerate(array.shape) if side != 1), 0) :]


def _weights(node: OnnxNode, held: list[_Held | None]) -> dict[str, _Held]:
    """Tensors by role; the weight of a product as (out, in)."""
    if node.operation not in {"Conv", "Gemm", "MatMul", "LayerNormalization"}:
        large = [x for x in held if x and x.array.size > 1 and node.operation == "Mul"]
        return {"factor": large[0]} if large else {}
    roles = zip(("weight", "bias"), held[1:], strict=False)
    tensors = {role: entry for role, entry in roles if entry}
    is_turned = node.operation == "MatMul" or not node.attributes.get("transB", 0)
    if node.operation in {"Gemm", "MatMul"} and is_turned and "weight" in tensors:
        name, array = tensors["weight"]
        tensors["weight"] = _Held(name, array.T)
    return tensors


def _expected(layers: Sequence[GraphLayer]) -> dict[str, Shape]:
    """Shape of every tensor of the network, by name."""
    shapes = {layer.name: tuple(layer.shape) for layer in layers}
    expected: dict[str, Shape] = {}
    for layer in layers:
        out, taken = layer.shape[0], shapes[layer.inputs[0]][0] if layer.inputs else 0
        weights: dict[str, Shape] = {
            "convolution": (out, taken // layer.groups, *layer.kernel),
            "linear": (out, taken),
            "parameter": shapes[layer.name],
        }
        for name in layer.tensors:
            is_weight = name in {layer.name, f"{layer.name}.weight"}
            expected[name] = weights.get(layer.operation, (out,)) if is_weight else (out,)
            if name.endswith(_COUNT):
                expected[name] = ()
    return expected


def _paired(ours: _Unit, theirs: _Unit) -> dict[str, NDArray[Any]]:
    """Tensors of one step by our names, or by the file's where we have no place for them."""
    names = {role: entry.name for role, entry in ours.tensors.items()}
    found = {role: entry.array for role, entry in theirs.tensors.items()}
    if "scale" in names:
        _fit_norm(found, theirs.epsilon, ours.epsilon, has_bias="bias" in names)
    if "bias" in names:
        found.setdefault("bias", np.zeros((), np.float32))
    return {names.get(role, f"{role} of {theirs.label}"): found[role] for role in found}


def _fit_norm(found: dict[str, Any], theirs: float, ours: float, *, has_bias: bool) -> None:
    """Let tensors give under our epsilon what they give under theirs, or folded."""
    bias = found.pop("bias", np.float32(0))
    if "scale" not in found:
        one, zero = np.float32(1), np.float32(0)
        found |= {"scale": one, "shift": bias, "running_mean": zero, "running_var": one}
        theirs, bias = 0.0, zero
    if has_bias:
        found["bias"] = bias
    else:
        found["running_mean"] = found["running_mean"] - bias
    found["running_var"] = found["running_var"] + (np.float32(theirs) - np.float32(ours))


def _upstream(ends: Sequence[_Unit]) -> list[_Unit]:
    """Steps that lead to some, themselves included."""
    seen: dict[_Unit, None] = {}
    waiting = list(ends)
    while waiting:
        unit = waiting.pop()
        if unit not in seen:
            seen[unit] = None
            waiting += unit.inputs
    return list(seen)


def _strangers(ends: Sequence[_Unit], others: Sequence[_Unit]) -> str:
    """Name the steps with which one network leaves the other."""
    known = {unit.number for unit in _upstream(others)}
    names = [
        f"{unit.label} {unit.what}"
        for unit in _upstream(ends)
        if unit.number not in known and all(x.number in known for x in unit.inputs)
    ]
    return ", ".join(names) or f"the output {ends[0].label}" if ends else "no output"


def match(file: OnnxFile, layers: Sequence[GraphLayer]) -> dict[str, NDArray[Any]]:
    """Find a network's tensors in an ONNX file, whatever it calls them.

    Both graphs must compute the same, step by step, with equal sizes, strides and padding; Note
    [Matching] tells what may differ. A batch norm that an exporter folded into its convolution
    comes back as one that only adds the bias.

    Parameters
    ----------
    file : OnnxFile
    layers : sequence of GraphLayer
        The network's; auxiliary ones are passed over.

    Returns
    -------
    dict of str to ndarray
        float32 under our names, in the network's order; counts of batches are 0, int64.

    Raises
    ------
    BadInput
        The file holds another network; all that differs is named.
    """
    layers = [layer for layer in layers if not layer.is_auxiliary]
    expected = _expected(layers)
    blank = {name: np.broadcast_to(np.float32(0), shape) for name, shape in expected.items()}
    drawn = sketch(layers, blank)
    numbers: dict[tuple[Any, ...], int] = {}
    ours = _Network(drawn.nodes, drawn.constants, "images", numbers)
    theirs = _Network(file.nodes, file.initialisers, file.input_name, numbers)
    last = ours.units["logits"]
    ends = [theirs.units[name] for name in file.outputs if name in theirs.units]
    waiting = [(last, end) for end in ends if end.number == last.number][:1]
    if not waiting:
        what = f"expected {_strangers([last], ends)}, got {_strangers(ends, [last])}"
        refuse(file.path, f"another network: {what}", "match_onnx")
    found: dict[str, NDArray[Any]] = {}
    pairs: dict[_Unit, _Unit] = {}
    while waiting:
        our, their = waiting.pop()
        if our not in pairs:
            pairs[our] = their
            found |= _paired(our, their)
            waiting += zip(our.inputs, their.inputs, strict=True)
    return _fitted(file.path, found, expected)


def _fitted(
    path: Path, found: dict[str, NDArray[Any]], expected: dict[str, Shape]
) -> dict[str, NDArray[Any]]:
    """Check that the tensors are the network's, of its shapes, and finite."""
    problems = [f"{name}: has no place" for name in found.keys() - expected.keys()]
    fitted: dict[str, NDArray[Any]] = {}
    for name, shape in expected.items():
        tensor = found.get(name, np.int64(0) if name.endswith(_COUNT) else None)
        if tensor is None:
            problems.append(f"{name}: missing")
        elif tensor.size not in {1, math.prod(shape)}:
            problems.append(f"{name}: expected shape {shape}, got {tensor.shape}")
        elif not np.isfinite(tensor).all():
            problems.append(f"{name}: not finite")
        else:
            same = tensor.reshape(shape) if tensor.size > 1 else np.broadcast_to(tensor, shape)
            fitted[name] = np.array(same, order="C")
    if problems:
        refuse(path, "; ".join(problems), "match_onnx")
    return fitted
