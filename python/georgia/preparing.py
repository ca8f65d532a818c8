"""Everything that a training needs, checked before it begins."""

import logging
import os
import statistics
import time
from pathlib import Path
from typing import NamedTuple

from georgia import _core, budget, rehearsal, symmetry, train_settings
from georgia.dataset import Dataset
from georgia.display import printable
from georgia.inspection import require_readable, require_unchanged, shorter_sides
from georgia.opening import open_dataset
from georgia.progress import ProgressBar
from georgia.recipes import ImageFacts
from georgia.request import Request

_LOG = logging.getLogger("georgia")


class Prepared(NamedTuple):
    """A split data set, complete options, and the weights to begin with if there are any.

    Reasons say why the options are what they are, where the images or the time decided.
    """

    dataset: Dataset
    options: _core.TrainOptions
    start: _core.ModelFile | None
    reasons: tuple[str, ...]


def prepare(
    data: "str | os.PathLike[str] | Dataset",
    request: Request,
    *,
    folder: Path,
    strict: bool,
    max_refused: float,
    progress: bool,
) -> Prepared:
    """Open, check and split a data set, and complete the options by it and by the weights.

    Raises
    ------
    InvalidOption, BadInput, IoError
    """
    asked = request.options()
    _core.resolve_compute(asked.device, asked.precision)
    if not isinstance(data, Dataset):
        data = open_dataset(data, strict=strict, progress=progress)
    elif asked.bank_folder:  # banks are found by what the files were when they were read
        require_unchanged(data.inspected(strict=strict, progress=progress), progress=progress)
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
    dataset = request.recipe.split(dataset, asked.seed)
    check_parts(dataset)
    begun = time.monotonic()
    facts = _facts_of(dataset, has_weights=asked.weights != "none")
    choice = request.recipe.choose(facts) if request.recipe.choose else None
    if request.rehearses:
        dataset = rehearsal.tenth_of(dataset)
    options = request.fitted(request.options(choice), len(dataset.classes))
    options = train_settings.with_reading(options, dataset)
    start, options = train_settings.with_weights(options, dataset)
    _core.check_network(options, len(dataset.classes))
    reasons = request.reasons(choice) if choice else []
    is_open = not request.sets(*symmetry.SETTLED)
    if choice and choice.asks_symmetry and start and is_open:
        _say("asking the weights which mirrorings and turns leave a class as it is", progress)
        options, why = symmetry.settle(options, dataset, start, request.seconds)
        reasons.append(why)
    if request.seconds is not None:
        _say("timing some batches", progress)
        may_shrink = choice is not None and not request.fixes("size")
        time_there_is = budget.Time(request.seconds, begun + request.seconds, folder)
        options, more = budget.within(options, dataset, time_there_is, may_shrink=may_shrink)
        reasons += more
    return Prepared(dataset, options, start, tuple(reasons))


def _say(what: str, progress: bool) -> None:
    with ProgressBar(progress) as bar:
        bar.line(f"{what} ...")


def _facts_of(dataset: Dataset, *, has_weights: bool) -> ImageFacts:
    """What a recipe may choose by."""
    side = round(statistics.median(shorter_sides(dataset)))
    return ImageFacts(len(dataset.part("train")), side, has_weights)


def check_parts(dataset: Dataset) -> None:
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
