"""Where a network looked, of the images where that tells most, small enough for a page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.images import PLAIN
from georgia.model import Model
from georgia.predictions import Predictions

_MAP = 28  # pixels a side
_SEEN = 160


@dataclass(frozen=True)
class AttentionMap:
    """What a network saw of an image, and where it found reasons for a class (LayerCAM).

    Attributes
    ----------
    seen : ndarray, shape (H, W) or (H, W, C), uint8
    values : ndarray, shape (M, M), uint8
        Lowest to highest.
    label : str
        The class: the one that was answered.
    """

    seen: NDArray[np.uint8]
    values: NDArray[np.uint8]
    label: str


def attention_maps(
    model: Model,
    paths: list[str],
    labels: list[str],
    answers: Predictions,
    most: int,
    how: Mapping[str, Any],
) -> dict[int, AttentionMap]:
    """Maps of at most so many images, by their numbers.

    The surest mistakes come first, then the least sure answers, then others at even steps.
    """
    confidence = answers.probabilities.max(axis=1)
    known = set(answers.classes)
    wrong = [i for i, label in enumerate(labels) if label in known and answers[i].label != label]
    wanted = sorted(wrong, key=lambda i: -confidence[i])[: most // 2]
    wanted += answers.least_sure(most // 2)
    wanted += range(0, len(paths), max(1, len(paths) // max(most, 1)))
    chosen = list(dict.fromkeys(wanted))[:most]
    try:
        found = model.explain(
            [paths[i] for i in chosen],
            checks=False,
            threads=how["threads"],
            device=how["device"],
            limits=how["limits"],
            progress=how["progress"],
        )
    except _core.InvalidOption:  # a network without planes, such as logistic regression
        return {}
    maps = {}
    for k, i in enumerate(chosen):
        if not found.errors[k]:
            values = _smaller(_core.gray_of(found.maps[k]), _MAP)
            maps[i] = AttentionMap(_smaller(found.seen(k), _SEEN), values, found.labels[k])
    return maps


def _smaller(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Bring an image to so many pixels a side at most, stretched where it is no square."""
    height, width = min(side, pixels.shape[0]), min(side, pixels.shape[1])
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    how = _core.Preprocess(
        height=height,
        width=width,
        channels=channels,
        fit="stretch",
        mean=[0.0] * channels,
        deviation=[1.0] * channels,
    )
    return _core.preprocess(pixels, how, PLAIN)
