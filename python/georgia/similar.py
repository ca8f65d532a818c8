"""Which images look alike to a network: groups of them, to be kept together in a split."""

import os
from typing import TYPE_CHECKING

import numpy as np

from georgia import _core
from georgia.loading import load
from georgia.model import Model
from georgia.progress import ProgressBar
from georgia.run import Run

if TYPE_CHECKING:
    from georgia.dataset import Dataset

COSINE = 0.95


def similar_names(
    dataset: "Dataset",
    model: "str | os.PathLike[str] | Run | Model",
    cosine: float = COSINE,
    *,
    progress: bool = False,
) -> list[str]:
    """Name the group of each sample; empty where it is like no other.

    Images are alike where their features' angle has at least this cosine, and in one group where
    others join them.

    Raises
    ------
    BadInput
        An image cannot be read.
    """
    opened = model if isinstance(model, Model) else load(model)
    found = opened.embed(dataset, limits=dataset.limits, progress=progress)
    for error in filter(None, found.errors):
        raise _core.BadInput(error)
    with ProgressBar(progress) as bar:
        groups = np.array(_core.similar_groups(found.features, cosine, bar.advance))
    sizes = np.bincount(groups, minlength=len(groups))
    samples = dataset.samples
    return [
        f"similar-{(samples[first].sha256 or samples[first].path)[:12]}" if sizes[first] > 1 else ""
        for first in groups
    ]
