"""Fitting a training into a time: measured on this machine, settled before it begins."""

import math
import tempfile
import time
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from georgia import _core, option_list, train_settings
from georgia.dataset import Dataset
from georgia.display import count_of

_SPARE = 0.93  # of the time; the machine's moods need the rest
_FEWEST = 16  # epochs, before images are made smaller for more of them
_SMALLEST = 64  # pixels
_STEP = 16  # pixels
_VALUE = 4  # bytes
_TRIED = 32 << 20  # bytes


class Time(NamedTuple):
    """What was asked for in seconds, when that is over by the monotonic clock, and a place to save.

    The folder, or the nearest above it that is there, is where the checkpoints will be written.
    """

    asked: float
    end: float
    folder: Path

    @property
    def left(self) -> float:
        """Seconds, a millisecond at least."""
        return max(self.end - time.monotonic(), 1e-3)


class Fitted(NamedTuple):
    """Options that fit, and why they are what they are."""

    options: _core.TrainOptions
    reasons: list[str]


def within(
    options: _core.TrainOptions, dataset: Dataset, there_is: Time, *, may_shrink: bool
) -> Fitted:
    """Give as many epochs as the time allows, never more than the options say.

    The images may become smaller too, for the sake of enough epochs. A training that runs on when
    the time is over will be stopped.
    """
    reasons = []
    wanted = options.total_epochs
    saving = _seconds_of_saving(options, dataset, there_is.folder)
    least = max(min(_FEWEST, wanted), len(options.phases))
    pace = _Pace.of(options, dataset, saving)
    if may_shrink and pace.seconds(least) > there_is.left * _SPARE:
        size = options.phases[-1].size
        fitting = pace.epochs_in(there_is.left * _SPARE)
        share = (there_is.left * _SPARE - least * saving) / (pace.seconds(least) - least * saving)
        smaller = _shrunk(options, len(dataset.classes), share)
        if smaller != options:
            reasons.append(
                f"size {smaller.phases[-1].size} instead of {size}, where the time would do for "
                f"{count_of(fitting, 'epoch')}: {least} of them are worth more"
            )
            options = smaller
            pace = _Pace.of(options, dataset, saving)

    epochs = max(pace.epochs_in(there_is.left * _SPARE), len(options.phases))
    taken = f"{_time(pace.seconds(epochs))} of {_time(there_is.asked)}"
    if pace.seconds(epochs) > there_is.left * _SPARE:
        reasons.append(f"{count_of(epochs, 'epoch')}, the least there are, do not fit: {taken}")
    else:
        of_all = f" of {wanted}" if epochs < wanted else ""
        reasons.append(f"{count_of(epochs, 'epoch')}{of_all}: about {taken}")
    options = _with_epochs(options, epochs)
    stop = {"stop.minutes": there_is.left / 60}
    return Fitted(option_list.with_settings(options, stop), reasons)


def _with_epochs(options: _core.TrainOptions, epochs: int) -> _core.TrainOptions:
    return train_settings.with_keywords(options, {}, {}, epochs)


class _Pace(NamedTuple):
    """How long a training takes: of each phase, and a checkpoint of each epoch."""

    options: _core.TrainOptions
    phases: list[_core.Pace]
    saving: float

    @classmethod
    def of(cls, options: _core.TrainOptions, dataset: Dataset, saving: float) -> "_Pace":
        """Measure what each kind of phase takes."""
        known: dict[str, _core.Pace] = {}
        phases = []
        for number, phase in enumerate(options.phases):
            kind = repr(_kind_of(phase.to_dict()))
            if kind not in known:
                known[kind] = _measured(options, number, dataset)
            phases.append(known[kind])
        return cls(options, phases, saving)

    def seconds(self, epochs: int) -> float:
        """Of so many epochs, shared among the phases."""
        parts = _with_epochs(self.options, epochs).phases
        training = sum(
            pace.seconds(part.epochs) for pace, part in zip(self.phases, parts, strict=True)
        )
        return training + epochs * self.saving

    def epochs_in(self, seconds: float) -> int:
        """How many epochs fit, up to those that the options have; 0 if the fewest do not."""
        fewest, most = len(self.phases), self.options.total_epochs
        fitting = bisect_right(range(fewest, most + 1), seconds, key=self.seconds)
        return fewest + fitting - 1 if fitting else 0


def _shrunk(options: _core.TrainOptions, classes: int, share: float) -> _core.TrainOptions:
    """Give the options with images of a share of the pixels, as far as the network takes them."""
    size = options.phases[-1].size
    smaller = max(int(size * math.sqrt(max(share, 0))) // _STEP * _STEP, _SMALLEST)
    if smaller >= size or options.network == "logistic":  # whose weights belong to pixels
        return options
    shrunk = train_settings.with_keywords(options, {}, {"size": smaller}, None)
    try:
        _core.check_network(shrunk, classes)
    except _core.InvalidOption:
        return options
    return shrunk


def _measured(options: _core.TrainOptions, phase: int, dataset: Dataset) -> _core.Pace:
    training, validation = dataset.part("train"), dataset.part("validation")
    return _core.measure_pace(
        classes=list(dataset.classes),
        train_paths=dataset.paths(training),
        train_labels=dataset.labels(training),
        validation_paths=dataset.paths(validation),
        validation_labels=dataset.labels(validation),
        options=options,
        phase=phase,
        on_progress=None,
    )


def _seconds_of_saving(options: _core.TrainOptions, dataset: Dataset, folder: Path) -> float:
    """Estimate what a checkpoint and a new best model take, by a smaller file in the same place."""
    values = stored = 0
    moments = 2 if options.optimizer == "adamw" else 1
    for number in range(len(options.phases)):
        cost = _core.phase_cost(options, len(dataset.classes), number)
        values = cost.trained + cost.frozen
        stored = max(stored, moments * cost.trained)
    size = _VALUE * (stored + (3 if options.ema else 2) * values)
    written = min(size, _TRIED)
    while not folder.is_dir():
        folder = folder.parent
    with tempfile.TemporaryDirectory(dir=folder, prefix=".georgia-") as place:
        zeros = bytes(written)
        _core.write_bytes(Path(place, "zeros"), zeros)  # the first is slower than those to come
        begun = time.monotonic()
        _core.write_bytes(Path(place, "zeros"), zeros)
        return (time.monotonic() - begun) * size / written


def _kind_of(phase: Mapping[str, Any]) -> dict[str, Any]:
    """What the time of its epoch depends on."""
    return {
        name: value
        for name, value in phase.items()
        if name not in {"epochs", "learning_rate", "schedule"}
    }


def _time(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.3g} min" if seconds < 6000 else f"{seconds / 3600:.3g} h"
