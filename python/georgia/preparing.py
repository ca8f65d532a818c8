"""Everything that a training needs, checked before it begins."""

import logging
import os
from typing import NamedTuple

from georgia import _core, recipes, train_settings
from georgia.dataset import Dataset
from georgia.display import printable
from georgia.inspection import require_readable
from georgia.opening import open_dataset

_LOG = logging.getLogger("georgia")


class Prepared(NamedTuple):
    """A split data set, complete options, and the weights to begin with if there are any."""

    dataset: Dataset
    options: _core.TrainOptions
    start: _core.ModelFile | None


def prepare(
    data: "str | os.PathLike[str] | Dataset",
    options: _core.TrainOptions,
    recipe: recipes.Recipe,
    *,
    strict: bool,
    max_refused: float,
    progress: bool,
) -> Prepared:
    """Open, check and split a data set, and complete the options by it and by the weights.

    Raises
    ------
    InvalidOption, BadInput, IoError
    """
    _core.resolve_compute(options.device, options.precision)
    if not isinstance(data, Dataset):
        data = open_dataset(data, strict=strict, progress=progress)
    dataset = data.inspected(strict=strict, progress=progress)
    require_readable(dataset, max_refused)
    if dataset.refused:
        total = len(dataset.refused) + len(dataset.samples)
        _LOG.warning(
            "%d of %d images could not be read and are left out, such as %s",
            len(dataset.refused),
            total,
            printable(dataset.refused[0].reason),
        )
    options = recipe.fitted(options, len(dataset.classes))
    options = train_settings.with_reading(options, dataset)
    start, options = train_settings.with_weights(options, dataset)
    _core.check_network(options, len(dataset.classes))
    dataset = recipe.split(dataset, options.seed)
    _check_parts(dataset)
    return Prepared(dataset, options, start)


def _check_parts(dataset: Dataset) -> None:
    """Refuse a given split without training or validation images, or with untrained classes."""
    for split in ("train", "validation"):
        present = {sample.label for sample in dataset.part(split)}
        missing = [label for label in dataset.classes if label not in present]
        if not present or (split == "train" and missing):
            names = ", ".join(printable(label) for label in missing)
            message = (
                f"[train] {printable(dataset.root)}: the {split} split has no images of {names}"
            )
            raise _core.BadInput(message)
