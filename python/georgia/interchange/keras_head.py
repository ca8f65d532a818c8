"""Which network a Keras file holds, and which classifier stands on its trunk."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from georgia.interchange.keras_weights import (
    AVERAGE,
    CONVOLUTION,
    DENSE,
    MAXIMUM,
    NORM,
    KerasLayer,
    KerasWeights,
    refuse,
    shortened,
)

# Blocks in each stage, and whether a block has three convolutions.
_DEPTHS = {
    "resnet18": ((2, 2, 2, 2), False),
    "resnet34": ((3, 4, 6, 3), False),
    "resnet50": ((3, 4, 6, 3), True),
    "resnet101": ((3, 4, 23, 3), True),
    "resnet152": ((3, 8, 36, 3), True),
}
_FUNCTIONS = {"activation", "re_lu", "softmax"}
_HEAD = {*_FUNCTIONS, AVERAGE, MAXIMUM, NORM, DENSE, "dropout", "concatenate", "flatten",
         "input_layer"}  # fmt: skip
_OWN = "predictions"  # the classifier of Keras's own networks


def network_of(weights: KerasWeights) -> str | None:
    """Name the ResNet of Keras that a file holds, else None.

    By its layers' names, or, where they are automatic, by order and shapes of its convolutions.
    """
    names = {layer.name for layer in weights.layers}
    if any("preact" in name for name in names):
        return None  # version 2 of the architecture
    found = [re.fullmatch(r"conv([2-5])_block(\d+)_1_conv", name) for name in names]
    stages = [int(one[1]) for one in found if one]
    is_deep = any(re.fullmatch(r"conv2_block\d+_3_conv", name) for name in names)
    counts = tuple(stages.count(stage) for stage in (2, 3, 4, 5))
    kernels = [layer.weights for layer in weights.of_kind(CONVOLUTION)]
    shapes = [one["kernel"].shape for one in kernels if "bias" in one]
    for network, (blocks, has_three) in _DEPTHS.items():
        if (blocks, has_three) == (counts, is_deep):
            return network
        if len(shapes) == len(kernels) and shapes == list(_kernels(shapes, blocks, has_three)):
            return network
    return None


def _kernels(
    shapes: Sequence[tuple[int, ...]], blocks: Sequence[int], has_three: bool
) -> Iterator[tuple[int, ...]]:
    """Shapes of a ResNet's kernels in Keras's order; images may have any number of channels."""
    yield (7, 7, shapes[0][2] if shapes and len(shapes[0]) == 4 else 3, 64)
    channels = 64
    for stage, count in enumerate(blocks):
        width = 64 << stage
        out = 4 * width if has_three else width
        for _ in range(count):
            if has_three:
                yield from ((1, 1, channels, width), (3, 3, width, width))
            else:
                yield (3, 3, channels, width)
            if channels != out:
                yield (1, 1, channels, out)
            yield (1, 1, width, out) if has_three else (3, 3, width, out)
            channels = out


def head_of(weights: KerasWeights, trunk_width: int) -> dict[str, Any]:
    """Infer the classifier that stands on a trunk of convolutions.

    Parameters
    ----------
    weights : KerasWeights
        As `read` returns them.
    trunk_width : int
        Channels of the trunk's output.

    Returns
    -------
    dict
        pool : "average", "average+max", or "own" where the classifier is the network's own or
        there is none; hidden : units of hidden layers; batch_norm : places, 0 before the first
        hidden layer, i after the i-th; dropout : rates by place, empty where none are known;
        one_logit : whether the last layer has one unit; classes : their number, None without a
        classifier.

    Raises
    ------
    BadInput
        The classifier is of another form; what differs is named.
    """
    dense = weights.of_kind(DENSE)
    head: dict[str, Any] = {"pool": "own", "hidden": [], "batch_norm": [], "dropout": [],
                            "one_logit": False, "classes": None}  # fmt: skip
    if not dense:
        return head
    widths = [layer.weights["kernel"].shape for layer in dense]
    units = _units(dense[-1])
    head.update(one_logit=units == 1, classes=2 if units == 1 else units)
    pooled = widths[0][0]
    if pooled not in {trunk_width, 2 * trunk_width}:
        return head  # takes flattened planes
    for before, after, layer in zip(widths, widths[1:], dense[1:], strict=False):
        if before[1] != after[0]:
            _refuse(weights, layer, f"takes {after[0]} numbers; expected {before[1]}")
    hidden = [shape[1] for shape in widths[:-1]]
    _check_pooling(weights, has_both=pooled == 2 * trunk_width)
    if weights.has_config:
        _check_functions(weights, dense)
    places = _places(weights, dense, _head_norms(weights), [pooled, *hidden])
    rates = _rates(weights, dense)
    is_own = len(dense) == 1 and dense[0].name == _OWN and units > 1
    if is_own and pooled == trunk_width and not places and not any(rates):
        return head
    head["pool"] = "average" if pooled == trunk_width else "average+max"
    head.update(hidden=hidden, batch_norm=places, dropout=rates)
    return head


def _refuse(weights: KerasWeights, layer: KerasLayer, wrong: str) -> NoReturn:
    refuse(weights.path, f"classifier: {shortened(layer.name)}: {wrong}")


def _head_norms(weights: KerasWeights) -> list[KerasLayer]:
    """Batch normalisation after the trunk, which has one for each convolution, or none."""
    norms = weights.of_kind(NORM)
    convolutions = len(weights.of_kind(CONVOLUTION))
    return norms[convolutions:] if len(norms) >= convolutions else norms


def _tail(weights: KerasWeights) -> list[KerasLayer]:
    """The classifier's layers in order, from the pooling on where that is known."""
    layers = list(weights.layers)
    first = min(i for i, layer in enumerate(layers) if layer.kind == DENSE and layer.weights)
    trunk = [i for i, layer in enumerate(layers[:first]) if layer.kind == CONVOLUTION]
    start = trunk[-1] + 1 if trunk else 0
    pools = (i for i in range(start, first) if layers[i].kind in {AVERAGE, MAXIMUM, "flatten"})
    return layers[min(pools, default=start) :]


def _check_pooling(weights: KerasWeights, *, has_both: bool) -> None:
    """Average pooling stands alone or first; without a config its place is taken for granted."""
    layers = _tail(weights) if weights.is_ordered else list(weights.layers)
    pools = [layer for layer in layers if layer.kind in {AVERAGE, MAXIMUM}]
    joined = [layer for layer in layers if layer.kind == "concatenate"]
    kinds = {layer.name: layer.kind for layer in pools}
    if not has_both:
        if wrong := [layer for layer in pools if layer.kind == MAXIMUM]:
            _refuse(weights, wrong[0], "expected global average pooling alone, got maximum")
        return
    order = [layer.kind for layer in pools]
    if weights.has_config and joined:
        order = [kinds.get(name, "") for name in joined[0].inputs]
    known = weights.is_ordered and (pools or weights.has_config)
    if known and order != [AVERAGE, MAXIMUM]:
        subject = (joined or pools or layers)[0]
        got = " then ".join(order) or "none"
        _refuse(weights, subject, f"expected {AVERAGE} then {MAXIMUM}, got {got}")


def _check_functions(weights: KerasWeights, dense: Sequence[KerasLayer]) -> None:
    """Hidden layers apply relu at once; the last gives classes that exclude each other."""
    functions: dict[str, str] = {}
    current = ""  # the dense layer whose function may still follow
    for layer in _tail(weights):
        if layer.kind not in _HEAD:
            _refuse(weights, layer, f"a layer that is not read, {layer.kind}")
        if layer.kind == DENSE:
            current = layer.name
            functions[current] = layer.activation or "linear"
        elif layer.kind == NORM:
            current = ""
        elif layer.kind in _FUNCTIONS and layer.activation != "linear":
            if functions.get(current) != "linear":
                _refuse(
                    weights, layer, f"{layer.activation}; expected it right after a dense layer"
                )
            functions[current] = layer.activation or ""
    for layer in dense[:-1]:
        if functions[layer.name] != "relu":
            _refuse(weights, layer, f"expected relu, got {shortened(functions[layer.name])}")
    last = dense[-1]
    expected = ("sigmoid", "linear") if _units(last) == 1 else ("softmax", "linear")
    if functions[last.name] not in expected:
        got = f"got {shortened(functions[last.name])} of {_units(last)}"
        _refuse(weights, last, f"expected {' or '.join(expected)}, {got}")


def _units(layer: KerasLayer) -> int:
    return int(layer.weights["kernel"].shape[1])


def _places(
    weights: KerasWeights,
    dense: Sequence[KerasLayer],
    norms: Sequence[KerasLayer],
    sizes: Sequence[int],
) -> list[int]:
    """Where batch normalisation stands: by order, or, where that is not known, by width."""
    widths = [len(layer.weights["moving_mean"]) for layer in norms]
    found = []
    for layer, width in zip(norms, widths, strict=True):
        fitting = [place for place, size in enumerate(sizes) if size == width]
        if weights.is_ordered:
            fitting = [place for place in fitting if place == _place(weights, dense, layer)]
        elif len(fitting) != widths.count(width) and fitting:
            wrong = f"{width} numbers wide, its place is not in the file"
            _refuse(weights, layer, f"{wrong}; expected a whole model, .keras or .h5")
        if not fitting:
            _refuse(weights, layer, f"batch normalisation of {width} numbers out of place")
        found += fitting
    if weights.is_ordered and len(set(found)) != len(found):
        _refuse(weights, norms[-1], "a second batch normalisation in one place")
    return sorted(set(found))


def _place(weights: KerasWeights, dense: Sequence[KerasLayer], layer: KerasLayer) -> int:
    """How many dense layers come before a layer."""
    order = [id(one) for one in weights.layers]
    index = order.index(id(layer))
    return sum(order.index(id(one)) < index for one in dense)


def _rates(weights: KerasWeights, dense: Sequence[KerasLayer]) -> list[float]:
    """Rates of dropout by place; two in one place drop as one of a higher rate."""
    rates = [0.0] * len(dense)
    for layer in _tail(weights) if weights.has_config else ():
        place = _place(weights, dense, layer)
        if layer.kind == "dropout" and layer.rate and place < len(dense):
            kept = (1 - rates[place]) * (1 - layer.rate)
            rates[place] = 1 - kept if rates[place] else layer.rate
    return rates if any(rates) else []
