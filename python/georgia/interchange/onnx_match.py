"""A network's tensors in an ONNX file, found by what the file computes."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from georgia.interchange.onnx_file import OnnxFile, refuse
from georgia.interchange.onnx_operations import GraphLayer, sketch
from georgia.interchange.onnx_steps import Network, Unit, What

Shape: TypeAlias = tuple[int, ...]
Arrays: TypeAlias = dict[str, NDArray[Any]]

_COUNT = ".num_batches_tracked"  # of a batch norm, which no file holds
_ZERO, _ONE = np.zeros((), np.float32), np.ones((), np.float32)
_SHOWN = 12  # steps or tensors of a message


def match(file: OnnxFile, layers: Sequence[GraphLayer]) -> Arrays:
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
        The file holds another network; what differs is named.
    """
    layers = [layer for layer in layers if not layer.is_auxiliary]
    expected = _expected(layers)
    blank = {name: np.broadcast_to(np.float32(0), shape) for name, shape in expected.items()}
    drawn = sketch(layers, blank)
    numbers: dict[What, int] = {}
    ours = Network(drawn.nodes, drawn.constants, "images", numbers)
    theirs = Network(file.nodes, file.initialisers, file.input_name, numbers)
    last = ours.values["logits"].unit
    ends = [theirs.values[name].unit for name in file.outputs if name in theirs.values]
    same = [end for end in ends if end.number == last.number]
    if not same:
        what = f"expected {_strangers([last], ends)}, got {_strangers(ends, [last])}"
        refuse(file.path, f"another network: {what}", "match_onnx")
    found: Arrays = {}
    problems: list[str] = []
    for our, their in reversed(_pairs(last, same[0]).items()):
        wrong = _misfits(our, their, expected)
        problems += wrong
        found |= dict.fromkeys(_names(our).values(), _ZERO) if wrong else _paired(our, their)
    return _finished(file.path, found, expected, problems)


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


def _pairs(ours: Unit, theirs: Unit) -> dict[Unit, Unit]:
    """Steps of two networks that compute the same, from their ends backwards."""
    pairs: dict[Unit, Unit] = {}
    waiting = [(ours, theirs)]
    while waiting:
        our, their = waiting.pop()
        if our not in pairs:
            pairs[our] = their
            waiting += zip(our.inputs, their.inputs, strict=True)
    return pairs


def _names(unit: Unit) -> dict[str, str]:
    return {role: held.name for role, held in unit.tensors.items()}


def _misfits(ours: Unit, theirs: Unit, expected: dict[str, Shape]) -> list[str]:
    """Tell the file's tensors that our step has no place for, or a place of another shape."""
    names, misfits = _names(ours), []
    for role, (_, tensor) in theirs.tensors.items():
        place = names.get(role, names.get("scale", "") if role == "bias" else "")
        subject = names.get(role, f"{role} of {theirs.label}")
        if not place:
            misfits.append(f"{subject}: has no place")
        elif tensor.size not in {1, math.prod(expected[place])}:
            misfits.append(f"{subject}: expected shape {expected[place]}, got {tensor.shape}")
        elif tensor.dtype != np.float32:
            misfits.append(f"{subject}: expected floats, got {tensor.dtype}")
    return misfits


def _paired(ours: Unit, theirs: Unit) -> Arrays:
    """Tensors of one step by our names."""
    names, found = _names(ours), {role: held.array for role, held in theirs.tensors.items()}
    if "scale" in names:
        _fit_norm(found, theirs.epsilon, ours.epsilon, has_bias="bias" in names)
    if "bias" in names:
        found.setdefault("bias", _ZERO)
    return {names[role]: found[role] for role in found}


def _fit_norm(found: Arrays, theirs: float, ours: float, *, has_bias: bool) -> None:
    """Let tensors give under our epsilon what they give under theirs, or folded."""
    bias: NDArray[Any] = found.pop("bias", _ZERO).ravel()
    if "scale" not in found:
        found |= {"scale": _ONE, "shift": bias, "running_mean": _ZERO, "running_var": _ONE}
        theirs, bias = 0.0, _ZERO
    with np.errstate(over="ignore", invalid="ignore"):  # told afterwards, by name
        if has_bias:
            found["bias"] = bias
        else:
            found["running_mean"] = found["running_mean"].ravel() - bias
        found["running_var"] = found["running_var"] + (np.float32(theirs) - np.float32(ours))


def _finished(path: Path, found: Arrays, expected: dict[str, Shape], problems: list[str]) -> Arrays:
    """Check that the tensors are all there and finite, and give them their shapes."""
    fitted: Arrays = {}
    for name, shape in expected.items():
        tensor = np.zeros((), np.int64) if name.endswith(_COUNT) else found.get(name)
        if tensor is None:
            problems.append(f"{name}: missing")
        elif not np.isfinite(tensor).all():
            problems.append(f"{name}: not finite")
        else:
            same = tensor.reshape(() if tensor.size == 1 else shape)
            fitted[name] = np.array(np.broadcast_to(same, shape), order="C")
    if problems:
        refuse(path, _several(problems, "; "), "match_onnx")
    return fitted


def _upstream(ends: Sequence[Unit]) -> list[Unit]:
    """Steps that lead to some, themselves included."""
    seen: dict[Unit, None] = {}
    waiting = list(ends)
    while waiting:
        unit = waiting.pop()
        if unit not in seen:
            seen[unit] = None
            waiting += unit.inputs
    return list(seen)


def _strangers(ends: Sequence[Unit], others: Sequence[Unit]) -> str:
    """Name the steps with which one network leaves the other."""
    known = {unit.number for unit in _upstream(others)}
    names = [
        f"{unit.label} {unit.what}"
        for unit in _upstream(ends)
        if unit.number not in known and all(x.number in known for x in unit.inputs)
    ]
    if names:
        return _several(names, ", ")
    return f"the output {ends[0].label}" if ends else "no output"


def _several(items: Sequence[str], separator: str) -> str:
    """The first ones in full, of the rest the number."""
    rest = [f"{len(items) - _SHOWN} more"] if len(items) > _SHOWN else []
    return separator.join([*items[:_SHOWN], *rest])
