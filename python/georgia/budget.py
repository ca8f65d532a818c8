"""Fitting a training into a time: measured on this machine, settled before it begins."""

import math
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

from georgia import _core, train_settings
from georgia.dataset import Dataset
from georgia.display import count_of

_SPARE = 0.95  # of the time; checkpoints and the machine's moods need the rest
_FEWEST = 12  # epochs, before images are made smaller for more of them
_SMALLEST = 64  # pixels
_STEP = 16  # pixels


class Fitted(NamedTuple):
    """Options that fit, and why they are what they are."""

    options: _core.TrainOptions
    reasons: tuple[str, ...]


def within(
    options: _core.TrainOptions, dataset: Dataset, seconds: float, *, may_shrink: bool
) -> Fitted:
    """Give as many epochs as the time allows, never more than the options say.

    What measuring takes counts. The images may become smaller too, for the sake of enough epochs.
    """
    end = time.monotonic() + seconds
    wanted = options.total_epochs
    needed = _seconds_of(options, dataset)
    reasons = []
    share = _share(end, needed)
    least = min(_FEWEST, wanted)
    if may_shrink and share * wanted < least:
        size = options.phases[-1].size
        smaller = int(size * math.sqrt(share * wanted / least)) // _STEP * _STEP
        smaller = max(min(_SMALLEST, size), smaller)
        if smaller < size:
            options = train_settings.with_keywords(options, {}, {"size": smaller}, None)
            reasons.append(
                f"size {smaller} instead of {size}, where the time would do for "
                f"{share * wanted:.1f} epochs: {least} of them are worth more"
            )
            needed = _seconds_of(options, dataset)
            share = _share(end, needed)
    epochs = max(min(wanted, int(share * wanted)), len(options.phases))
    options = train_settings.with_keywords(options, {}, {}, epochs)
    taken = needed * epochs / wanted
    of_all = f" of {wanted}" if epochs < wanted else ""
    reasons.append(
        f"{count_of(epochs, 'epoch')}{of_all}: about {_time(taken)} of the {_time(seconds)} there "
        f"are, at {_time(needed / wanted)} each"
    )
    return Fitted(options, tuple(reasons))


def _share(end: float, needed: float) -> float:
    """Of what is needed, how much fits."""
    return max(end - time.monotonic(), 0) * _SPARE / needed


def _seconds_of(options: _core.TrainOptions, dataset: Dataset) -> float:
    """Measure what each kind of phase takes, and add up."""
    total = 0.0
    known: dict[str, float] = {}
    training, validation = dataset.part("train"), dataset.part("validation")
    for number, phase in enumerate(options.phases):
        kind = repr(_kind_of(phase.to_dict()))
        if kind not in known:
            known[kind] = sum(
                _core.measure_pace(
                    classes=list(dataset.classes),
                    train_paths=dataset.paths(training),
                    train_labels=dataset.labels(training),
                    validation_paths=dataset.paths(validation),
                    validation_labels=dataset.labels(validation),
                    options=options,
                    phase=number,
                    on_progress=None,
                )
            )
        total += known[kind] * phase.epochs
    return total


def _kind_of(phase: Mapping[str, Any]) -> dict[str, Any]:
    """What the time of its epoch depends on."""
    return {
        name: value
        for name, value in phase.items()
        if name not in {"epochs", "learning_rate", "schedule"}
    }


def _time(seconds: float) -> str:
    if seconds < 99:
        return f"{seconds:.2g} s"
    return f"{seconds / 60:.3g} min"
