"""A training's options, completed by keywords, by the data set and by the first weights."""

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from georgia import _core
from georgia.dataset import Dataset
from georgia.display import printable

_log = logging.getLogger("georgia")


def with_weights(
    options: _core.TrainOptions, dataset: Dataset
) -> tuple[_core.ModelFile | None, _core.TrainOptions]:
    """Read the weights to begin with; their normalisation goes into the options."""
    if options.weights == "none":
        return None, options
    from georgia import importing

    start, notes = importing.build(
        importing.Asked(
            network=options.network,
            classes=dataset.classes,
            channels=options.preprocess.channels,
            variant=options.variant,
            head=options.head,
            size=options.phases[0].size,
            seed=options.seed,
        ),
        options.weights,
    )
    for note in notes:
        _log.info("[train] %s: %s", printable(options.weights), printable(note))
    values = options.to_dict()
    asked = values["preprocess"]
    is_usual = set(asked["mean"]) == {0.5} and set(asked["deviation"]) == {0.25}
    if is_usual and asked["order"] == "rgb":
        of_weights = start.preprocess.to_dict()
        asked |= {name: of_weights[name] for name in ("mean", "deviation", "order")}
    return start, _core.TrainOptions.from_dict(values)


def with_reading(options: _core.TrainOptions, dataset: Dataset) -> _core.TrainOptions:
    """Give the options the way in which the data set's files were read."""
    values = options.to_dict()
    usual = _core.TrainOptions().to_dict()
    read = {"depth": list(dataset.depth), "crop": list(dataset.crop)}
    for name, given in read.items():
        asked = values["preprocess"][name]
        if usual["preprocess"][name] not in (given, asked) and asked != given:
            message = f"[train] {name}: the data set was read with {given}, the options say {asked}"
            raise _core.InvalidOption(message)
        if given != usual["preprocess"][name]:
            values["preprocess"][name] = given
    if dataset.limits != _core.DecodeLimits():
        values["limits"] = dataset.limits.to_dict()
    return _core.TrainOptions.from_dict(values)


def with_keywords(
    options: _core.TrainOptions,
    flat: Mapping[str, Any],
    in_phases: Mapping[str, Any],
    epochs: int | np.integer | None,
) -> _core.TrainOptions:
    """Give the options with the keywords that were given put in."""
    values = options.to_dict()
    values |= {name: value for name, value in flat.items() if value is not None}
    for phase in values["phases"]:
        phase |= {name: value for name, value in in_phases.items() if value is not None}
    if epochs is not None:
        for phase, count in zip(
            values["phases"], _shared(epochs, [p["epochs"] for p in values["phases"]]), strict=True
        ):
            phase["epochs"] = count
    return _core.TrainOptions.from_dict(values)


def _shared(total: int | np.integer, parts: list[int]) -> list[int]:
    """Share a total among parts in their proportion; it sums to the total."""
    if not isinstance(total, int | np.integer) or total < len(parts):
        message = f"[options] epochs: expected a whole number of at least {len(parts)}, got {total}"
        raise _core.InvalidOption(message)
    spare, whole = total - len(parts), sum(parts)  # each phase has one epoch at least
    ends = [round(spare * sum(parts[: i + 1]) / whole) + i + 1 for i in range(len(parts))]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]
