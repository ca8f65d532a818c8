"""Which network and head a file holds, and the network made of that to compare the file with."""

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.interchange.keras_head import head_of
from georgia.interchange.keras_weights import CONVOLUTION, KerasWeights

Tensors = dict[str, NDArray[Any]]

_OUT = "head.out.weight"


class Known(NamedTuple):
    """Which network a file belongs to; classes is 0 where it holds no classifier.

    `size` is what the file takes, pixels a side, where it says so.
    """

    network: str
    variant: str
    channels: int
    classes: int
    head: _core.HeadOptions = _core.HeadOptions()
    size: int | None = None


def trunk_width(network: str, variant: str) -> int:
    """Channels that the trunk gives to a head."""
    layers = _core.network_layers(network, variant, _core.native_size(network))
    trunk = [layer for layer in layers if layer.stage != "head"]
    return int(trunk[-1].shape[0])


def known_keras(weights: KerasWeights, network: str, variant: str) -> Known:
    """What a Keras file tells of a network it is said to hold."""
    facts = head_of(weights, trunk_width(network, variant))
    classes = facts.pop("classes") or 0
    kernels = [layer.weights["kernel"] for layer in weights.of_kind(CONVOLUTION)]
    channels = int(kernels[0].shape[2]) if kernels else 3
    return Known(network, variant, channels, classes, _core.HeadOptions.from_dict(facts))


def known_tensors(tensors: Mapping[str, NDArray[Any]]) -> Known | None:
    """Recognise tensors by their names and shapes, under a head of ours as well."""
    if _OUT not in tensors:
        known = _core.recognise(dict(tensors))
        return Known(*known) if known else None
    trunk = {name: value for name, value in tensors.items() if not name.startswith("head.")}
    known = _core.recognise(trunk) if trunk else None
    if not known or known[3]:  # a classifier of its own has no place beside the head
        return None
    network, variant, channels, _ = known
    with suppress(_core.Error):
        head = head_named(tensors, trunk_width(network, variant))
        if head:
            classes = 2 if head.one_logit else len(tensors[_OUT])
            return Known(network, variant, channels, classes, head)
    return None


def head_named(tensors: Mapping[str, NDArray[Any]], width: int) -> _core.HeadOptions | None:
    """The head that tensors named as ours belong to, on a trunk of some width, if to any.

    Rates of dropout are no tensors; they come as 0.
    """
    if _OUT not in tensors or any(
        tensors[name].ndim != 2
        for name in tensors
        if re.fullmatch(r"head\.(fc\d+|out)\.weight", name)
    ):
        return None
    hidden: list[int] = []
    while (name := f"head.fc{len(hidden) + 1}.weight") in tensors:
        hidden.append(len(tensors[name]))
    taken = tensors["head.fc1.weight" if hidden else _OUT].shape[1]
    pools = {width: "average", 2 * width: "average+max"}
    if taken not in pools:
        return None
    places = [i for i in range(len(hidden) + 1) if f"head.norm{i}.running_mean" in tensors]
    return _core.HeadOptions(
        pool=pools[taken], hidden=hidden, batch_norm=places, one_logit=len(tensors[_OUT]) == 1
    )


def known_logistic(tensors: Mapping[str, NDArray[Any]], size: int) -> Known | None:
    """Logistic regression, whose one matrix takes the pixels of images of a known size."""
    matrices = [value for value in tensors.values() if value.ndim == 2]
    if len(matrices) != 1 or size < 1:
        return None
    classes, width = matrices[0].shape
    channels = width // (size * size)
    if channels not in {1, 3, 4} or channels * size * size != width:
        return None
    return Known("logistic", "torchvision", channels, classes, size=size)


def twin_of(known: Known, otherwise: int) -> _core.ModelFile:
    """A network as a file has it, with weights of zero; otherwise is its size."""
    size, channels = known.size or otherwise, known.channels
    how = _core.Preprocess(
        height=size, width=size, channels=channels, mean=[0] * channels, deviation=[1] * channels
    )
    return _core.ModelFile.create(
        network=known.network,
        variant=known.variant,
        head=known.head,
        classes=[str(number) for number in range(max(known.classes, 1))],
        preprocess=how,
        seed=None,
    )


def fitted_to_head(
    tensors: Tensors, twin: _core.ModelFile, file: _core.ModelFile
) -> tuple[Tensors, list[str]]:
    """Leave out a classifier with other layers than the model's; dropout has no tensors."""
    names = ("pool", "hidden", "batch_norm", "one_logit")
    if all(getattr(twin.head, name) == getattr(file.head, name) for name in names):
        return tensors, []
    if twin.head.one_logit and (two := _as_two_units(tensors, twin, file)):
        return two, ["the file's one unit z serves as two: their logits are 0 and z"]
    head = {name for layer in twin.layers() if layer.stage == "head" for name in layer.tensors}
    left = {name: value for name, value in tensors.items() if name not in head}
    notes = ["the file's own classifier is left out"] if len(left) < len(tensors) else []
    return left, notes


def _as_two_units(tensors: Tensors, twin: _core.ModelFile, file: _core.ModelFile) -> Tensors | None:
    """One unit as rows (0, w), if the model's head differs by nothing else."""
    if len(file.classes) != 2 or file.head.one_logit:
        return None
    own, theirs = file.head, twin.head
    if own.pool == "own":
        last = [x for x in file.layers() if x.stage == "head" and x.tensors and not x.is_auxiliary]
        is_alike = len(last) == 1 and not theirs.hidden and not theirs.batch_norm
        is_alike = is_alike and theirs.pool == "average" and last[0].operation == "linear"
    else:
        last = [layer for layer in file.layers() if layer.name == "head.out"]
        names = ("pool", "hidden", "batch_norm")
        is_alike = all(getattr(own, name) == getattr(theirs, name) for name in names)
    parts = {kind: tensors.get(f"head.out.{kind}") for kind in ("weight", "bias")}
    if not is_alike or not last:
        return None
    made = {name: value for name, value in tensors.items() if not name.startswith("head.out.")}
    for kind, value in parts.items():
        if value is None or len(value) != 1:
            return None
        made[f"{last[0].name}.{kind}"] = np.concatenate([np.zeros_like(value), value])
    return made
