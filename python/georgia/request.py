"""What a caller wants of a training, before anything is known of the images."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from georgia import _core, option_list, recipes, rehearsal, train_settings
from georgia.display import printable
from georgia.interchange.onnx_file import import_onnx

_REHEARSED = 3  # epochs, or one of each phase where there are more
_NUMBER = re.compile(r"^phases\.\d+\.")
_IN_PHASES = ("size", "batch", "learning_rate")


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

    recipe: recipes.Recipe
    base: _core.TrainOptions
    settings: Mapping[str, Any] = field(default_factory=dict)
    flat: Mapping[str, Any] = field(default_factory=dict)
    in_phases: Mapping[str, Any] = field(default_factory=dict)
    epochs: int | None = None
    seconds: float | None = None
    rehearses: bool = False

    @classmethod
    def of(
        cls,
        *,
        recipe: str | None,
        options: _core.TrainOptions | None,
        settings: Mapping[str, Any] | None,
        epochs: int | None,
        time: str | float | None,
        rehearse: bool,
        **keywords: Any,
    ) -> "Request":
        """Make one of the keywords of `train`, which are refused here if they do not fit together.

        Raises
        ------
        InvalidOption
        """
        if recipe is not None and options is not None:
            message = "[train] recipe: expected a recipe or options, got both"
            raise _core.InvalidOption(message)
        if time is not None and (epochs is not None or rehearse):
            other = "a rehearsal" if rehearse else "epochs"
            message = f"[train] time: expected a time or {other}, got both"
            raise _core.InvalidOption(message)
        found = recipes.Recipe() if options else recipes.get(recipe or "default")
        if isinstance(keywords["head"], str):
            keywords["head"] = _core.head_preset(keywords["head"]).to_dict()
        if keywords["weights"] is not None:
            keywords["weights"] = str(keywords["weights"])
        if time is not None and "stop.minutes" in (settings or {}):
            message = "[train] time: expected a time or stop.minutes, got both"
            raise _core.InvalidOption(message)
        if rehearse:
            import_onnx("rehearse")  # refused now, not when the deliverables are written
        request = cls(
            recipe=found,
            base=options or found.options(keywords["network"]),
            settings=settings or {},
            in_phases={name: keywords.pop(name) for name in _IN_PHASES},
            flat=keywords,
            epochs=epochs,
            seconds=None if time is None else seconds_of(time),
            rehearses=rehearse,
        )
        request.options()
        return request

    def options(self, choice: recipes.Choice | None = None) -> _core.TrainOptions:
        """Put everything together; what the recipe chose stands below what was asked for.

        Raises
        ------
        InvalidOption
        """
        options, epochs, settings = self.base, self.epochs, dict(self.settings)
        if choice is not None:
            values = options.to_dict() | dict(choice.strategy)
            if epochs is not None:  # the last phase is the one that a recipe cannot do without
                values["phases"] = values["phases"][-max(epochs, 1) :]
            options = _core.TrainOptions.from_dict(values)
        elif self.recipe.choose:  # how many phases there will be is not known yet
            settings = {_NUMBER.sub("phases.", name): value for name, value in settings.items()}
        options = option_list.with_settings(options, settings)
        if self.rehearses:
            if epochs is None:
                epochs = max(_REHEARSED, len(options.phases))
            target = -(-options.imbalance.balance_to // rehearsal.ONE_IN)
            options = option_list.with_settings(options, {"imbalance.balance_to": target})
        return train_settings.with_keywords(options, self.flat, self.in_phases, epochs)

    def fitted(self, options: _core.TrainOptions, classes: int) -> _core.TrainOptions:
        """Give the options the recipe's head for so many classes, unless a head was asked for."""
        asked = self.flat.get("head") is not None or self.sets("head.one_logit")
        return options if asked else self.recipe.fitted(options, classes)

    def sets(self, *names: str) -> bool:
        """Whether the settings say one of these options, or all that it is part of."""
        return any({name, name.partition(".")[0]} & self.settings.keys() for name in names)

    def fixes(self, name: str) -> bool:
        """Whether an option of the phases was asked for: size, batch or epochs."""
        if self.in_phases.get(name) is not None or "phases" in self.settings:
            return True
        if name == "epochs" and (self.epochs or self.seconds or self.rehearses):
            return True
        names = {name, "trainable"} if name == "epochs" else {name}  # the head alone, and how long
        return any(
            _NUMBER.sub("phases.", given) in map("phases.{}".format, names)
            for given in self.settings
        )

    def reasons(self, choice: recipes.Choice) -> list[str]:
        """Why the recipe chose what it did, where nothing else was asked for."""
        return [reason for name, reason in choice.reasons.items() if not self.fixes(name)]


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
        text = time.strip()
        text += "s" if text[-1:].isdigit() and not re.search("[hm]", text) else ""
        parts = re.fullmatch(r"(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?", text)
        try:
            values = [float(part) if part else 0.0 for part in parts.groups()] if parts else []
        except ValueError:
            values = []
        seconds = sum(value * unit for value, unit in zip(values, (3600, 60, 1), strict=False))
    else:
        seconds = time if isinstance(time, (int, float)) else 0
    if not 0 < seconds < float("inf"):
        message = f"[train] time: expected such as 90s, 10m or 1h30m, got {printable(time)}"
        raise _core.InvalidOption(message)
    return seconds
