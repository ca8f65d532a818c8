"""What a caller wants of a training, before anything is known of the images."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from georgia import _core, option_list, rehearsal, train_settings
from georgia.display import printable
from georgia.recipes.recipe import Choice, Recipe

_REHEARSED = 3  # epochs, or one of each phase where there are more


@dataclass(frozen=True)
class Request:
    """Where options begin, and what was asked for one by one.

    Attributes
    ----------
    recipe : Recipe
    base : TrainOptions
        What the recipe or the caller's own options say.
    settings : mapping
        By their dotted names; they replace what the base says.
    flat, in_phases : mapping
        Keywords, which replace all of that: of the training, of each of its phases.
    epochs : int, optional
        Of all phases together.
    seconds : float, optional
        That the training may take.
    rehearses : bool
        Whether a tenth of the images will do.
    """

    recipe: Recipe
    base: _core.TrainOptions
    settings: Mapping[str, Any] = field(default_factory=dict)
    flat: Mapping[str, Any] = field(default_factory=dict)
    in_phases: Mapping[str, Any] = field(default_factory=dict)
    epochs: int | None = None
    seconds: float | None = None
    rehearses: bool = False

    def options(self, choice: Choice | None = None) -> _core.TrainOptions:
        """Put everything together; what the recipe chose stands below what was asked for.

        Raises
        ------
        InvalidOption
        """
        options, epochs = self.base, self.epochs
        if choice is not None:
            values = options.to_dict() | dict(choice.strategy)
            if epochs is not None:  # the last phase is the one that a recipe cannot do without
                values["phases"] = values["phases"][-max(epochs, 1) :]
            options = _core.TrainOptions.from_dict(values)
        options = option_list.with_settings(options, self.settings)
        if self.rehearses:
            epochs = epochs or max(_REHEARSED, len(options.phases))
            target = -(-options.imbalance.balance_to // rehearsal.SHARE)
            options = option_list.with_settings(options, {"imbalance.balance_to": target})
        return train_settings.with_keywords(options, self.flat, self.in_phases, epochs)

    def sets(self, option: str) -> bool:
        """Whether the settings say something of an option or of its parts."""
        return any(name.split(".")[0] == option for name in self.settings)

    @property
    def fixes_epochs(self) -> bool:
        """Whether their number was asked for."""
        return self.epochs is not None or self.rehearses or self.sets("phases")

    @property
    def fixes_size(self) -> bool:
        """Whether the size of images was asked for."""
        return self.in_phases.get("size") is not None or self.sets("phases")


def seconds_of(time: str | float) -> float:
    """Read a time such as ``90s``, ``10m`` or ``1h30m``; a number is in seconds.

    Raises
    ------
    InvalidOption

    Examples
    --------
    >>> from georgia.request import seconds_of
    >>> seconds_of("1h30m")
    5400.0
    """
    if isinstance(time, str):
        parts = re.fullmatch(r"(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s?)?", time.strip())
        try:
            values = [float(part) if part else 0.0 for part in parts.groups()] if parts else []
        except ValueError:
            values = []
        seconds = sum(value * unit for value, unit in zip(values, (3600, 60, 1), strict=False))
    else:
        seconds = float(time)
    if not 0 < seconds < float("inf"):
        message = f"[train] time: expected such as 90s, 10m or 1h30m, got {printable(time)}"
        raise _core.InvalidOption(message)
    return seconds
