"""Keras layers and a network's: first by name, the rest by kind, order and shape."""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from georgia.interchange.keras_weights import (
    CONVOLUTION,
    DENSE,
    NORM,
    OPERATIONS,
    KerasLayer,
    KerasWeights,
    refuse,
    several,
    split_number,
)
from georgia.interchange.layer import Layer

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]
Plane: TypeAlias = tuple[int, ...]
Pairs: TypeAlias = list[tuple[KerasLayer, Layer]]
Tensors: TypeAlias = dict[str, NDArray[np.float32]]

_KERNEL = {"kernel": "weight", "bias": "bias"}
TORCH_NAMES = {
    CONVOLUTION: _KERNEL,
    DENSE: _KERNEL,
    NORM: {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean",
           "moving_variance": "running_var"},
}  # fmt: skip
_AXES = {CONVOLUTION: 4, DENSE: 2}
_COUNT = "num_batches_tracked"  # Keras counts no batches
_OLD_RESNET = re.compile(r"(res|bn)\d\w*_branch\d")


@dataclass(frozen=True)
class Matched:
    """A network's tensors out of a Keras file, and what of the file has no place in it."""

    tensors: Tensors
    unexpected: list[str]  # names of layers, in the file's order


def match(weights: KerasWeights, layers: Sequence[Layer], shapes: Shapes) -> Matched:
    """Find a network's tensors in a Keras file.

    Layers of equal name and kind belong together, automatic names such as dense_1 aside; the
    remaining ones of each kind are taken in order, and every shape must fit. Neighbours of
    different shape may stand in either order, as layers that work side by side do; side by side
    and of equal shape they must be in Keras's own order, which is checked where the file has a
    config.

    Parameters
    ----------
    weights : KerasWeights
        As `read` returns them.
    layers : sequence of Layer
        The network's, or a part of it.
    shapes : mapping of str to tuple of int
        Of the network's tensors, in torch's layout.

    Returns
    -------
    Matched
        float32 tensors by the network's names. A bias or scale that a layer of the file does
        without is filled in with zeros or ones, which change nothing. Tensors of layers that the
        file has not are missing.

    Raises
    ------
    BadInput
        The file has layers of kinds that are not read, or some do not fit; all are named.
    """
    held = [layer for layer in weights.layers if layer.weights]
    strange = [f"{x.name} ({x.kind or 'unknown'})" for x in held if x.kind not in OPERATIONS]
    if strange:
        wrong = f"layers of kinds that are not read: {several(strange)}"
        refuse(weights.path, f"{wrong}; expected {', '.join(OPERATIONS)}")
    if any(_OLD_RESNET.match(layer.name) for layer in held):
        wrong = "a ResNet named as by Keras's first versions, whose epsilon was another"
        refuse(weights.path, f"{wrong}; expected names such as conv2_block1_1_conv")

    planes = planes_of(layers)

    def fitted(source: KerasLayer, target: Layer) -> tuple[Tensors, str]:
        return _fitted(source, target, shapes, planes.get(target.name, ()))

    by_name = _by_name(held, layers)
    named = {source.name for source, _ in by_name}
    taken = {target.name for _, target in by_name}
    by_order: Pairs = []
    for kind, operation in OPERATIONS.items():
        sources = [x for x in held if x.kind == kind and x.name not in named]
        targets = [x for x in layers if x.operation == operation and x.name not in taken]
        by_order += _by_order(sources, targets, lambda *pair: not fitted(*pair)[1])
    tensors: Tensors = {}
    problems = list(_misplaced(by_order))
    for source, target in (*by_name, *by_order):
        made, problem = fitted(source, target)
        tensors.update(made)
        problems += [f"{source.name} for {target.name}: {problem}"] if problem else []
    if problems:
        refuse(weights.path, f"does not fit the network: {several(problems)}")
    used = {id(source) for source, _ in (*by_name, *by_order)}
    unexpected = [layer.name for layer in held if id(layer) not in used]
    return Matched({k: np.ascontiguousarray(v) for k, v in tensors.items()}, unexpected)


def planes_of(layers: Sequence[Layer]) -> dict[str, Plane]:
    """For each linear layer that takes flattened planes, their shape (C, H, W).

    Keras flattens (H, W, C), so the rows of its kernel are in another order.
    """
    found = {}
    plane: Plane = ()
    before: Plane = ()
    for layer in layers:
        if layer.operation == "flatten":
            plane = before if len(before) == 3 else ()
        elif layer.operation == "linear":
            found[layer.name] = plane
            plane = ()
        before = layer.shape
    return found


def _by_name(held: Sequence[KerasLayer], layers: Sequence[Layer]) -> Pairs:
    targets = {layer.name: layer for layer in layers}
    found: dict[str, tuple[KerasLayer, Layer]] = {}
    for layer in held:
        is_automatic = split_number(layer.name)[0] == layer.kind
        target = None if is_automatic else targets.get(layer.name)
        if target is not None and target.operation == OPERATIONS[layer.kind]:
            found.setdefault(layer.name, (layer, target))
    return list(found.values())


def _by_order(
    sources: Sequence[KerasLayer],
    targets: Sequence[Layer],
    fits: Callable[[KerasLayer, Layer], bool],
) -> Pairs:
    """Pair in order; two that stand side by side change places where only that fits."""
    rest = list(sources)
    for i in range(min(len(rest), len(targets)) - 1):
        here, there = targets[i], targets[i + 1]
        if not fits(rest[i], here) and fits(rest[i + 1], here) and fits(rest[i], there):
            rest[i], rest[i + 1] = rest[i + 1], rest[i]
    return list(zip(rest, targets, strict=False))


def _misplaced(pairs: Pairs) -> Iterator[str]:
    """Tell which layers of a residual block work elsewhere than their order says.

    The shortcut's layers have the shapes of the block's last ones.
    """
    found = {target.name: source for source, target in pairs}
    for name, source in found.items():
        block = name.removesuffix("_0_conv")
        beside = found.get(f"{block}_1_conv") if block != name else None
        if beside and source.inputs and beside.inputs and source.inputs != beside.inputs:
            yield f"{source.name} for {name}: it is no shortcut beside {beside.name}"
        conv = found.get(f"{name.removesuffix('_bn')}_conv") if name.endswith("_bn") else None
        if conv and source.inputs and source.inputs != (conv.name,):
            yield f"{source.name} for {name}: it does not follow {conv.name}"


def _fitted(source: KerasLayer, target: Layer, shapes: Shapes, plane: Plane) -> tuple[Tensors, str]:
    """A layer's tensors in torch's layout, or what is wrong with them."""
    made: Tensors = {}
    for variable, value in source.weights.items():
        kind = TORCH_NAMES[source.kind].get(variable, variable)
        if f"{target.name}.{kind}" not in target.tensors:
            return {}, f"{variable} has no place"
        if variable == "kernel" and value.ndim != _AXES[source.kind]:
            return {}, f"kernel of shape {value.shape}"
        made[f"{target.name}.{kind}"] = to_torch(value, plane) if variable == "kernel" else value
    for name in target.tensors:
        kind = name.rpartition(".")[2]
        if name not in made and kind == "bias":
            made[name] = np.zeros(shapes[name], np.float32)
        elif name not in made and kind == "weight" and source.kind == NORM:
            made[name] = np.ones(shapes[name], np.float32)
        elif name not in made and kind != _COUNT:
            return {}, f"{kind} is missing"
        if name in made and made[name].shape != tuple(shapes[name]):
            return {}, f"{kind} expected {tuple(shapes[name])}, got {made[name].shape}"
    return made, _fit_epsilon(made, source, target)


def _fit_epsilon(made: Tensors, source: KerasLayer, target: Layer) -> str:
    """Let the variance give under our epsilon what it gives under theirs, or tell that none can."""
    theirs, ours = source.epsilon, target.epsilon
    if source.kind != NORM or theirs is None or ours == 0 or np.float32(theirs) == np.float32(ours):
        return ""
    name = f"{target.name}.running_var"
    fitted = (made[name].astype(np.float64) + (theirs - ours)).astype(np.float32)
    if not theirs >= 0 or (fitted < 0).any():
        return f"epsilon expected {ours:g}, got {theirs:g}, and the variance cannot make up for it"
    made[name] = fitted
    return ""


def to_torch(kernel: NDArray[np.float32], plane: Plane = ()) -> NDArray[np.float32]:
    """(H, W, in, out) to (out, in, H, W), or (in, out) to (out, in)."""
    if kernel.ndim == 4:
        return kernel.transpose(3, 2, 0, 1)
    if plane and math.prod(plane) == len(kernel):
        channels, height, width = plane
        pixels = kernel.reshape(height, width, channels, -1)
        return pixels.transpose(3, 2, 0, 1).reshape(kernel.shape[1], -1)
    return kernel.T


def to_keras(kernel: NDArray[np.float32], plane: Plane = ()) -> NDArray[np.float32]:
    """(out, in, H, W) to (H, W, in, out), or (out, in) to (in, out)."""
    if kernel.ndim == 4:
        return kernel.transpose(2, 3, 1, 0)
    if plane and math.prod(plane) == kernel.shape[1]:
        pixels = kernel.reshape(-1, *plane)
        return pixels.transpose(2, 3, 1, 0).reshape(-1, len(kernel))
    return kernel.T
