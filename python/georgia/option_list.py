"""Every option of a training by its dotted name: list them, set them from text."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from georgia import _core
from georgia.display import printable


class OptionLine(NamedTuple):
    """One option: dotted name, default, meaning."""

    name: str
    default: Any
    text: str


def option_lines() -> Iterator[OptionLine]:
    """All options of `TrainOptions`, those of every phase as ``phases.NAME``."""
    yield from _lines_of(_core.TrainOptions(), "")


def _lines_of(options: Any, prefix: str) -> Iterator[OptionLine]:
    rows = (type(options).__doc__ or "").splitlines()
    texts = {row.split(" : ")[0].strip(): row.partition(" : ")[2].strip() for row in rows}
    for name, value in options.to_dict().items():
        member = getattr(options, name)
        if isinstance(value, dict):
            yield from _lines_of(member, f"{prefix}{name}.")
        elif value and isinstance(value, list) and isinstance(value[0], dict):
            yield from _lines_of(member[0], f"{prefix}{name}.")
        else:
            yield OptionLine(prefix + name, value, texts.get(name, ""))


def read_options(path: Path) -> _core.TrainOptions:
    """Read options from JSON: what `TrainOptions.to_dict` gives, or a run's ``options.json``.

    Raises
    ------
    BadInput
        Not JSON, or not an object.
    InvalidOption
        An option is unknown, or its value is refused.
    IoError
        The file cannot be read.
    """
    try:
        values = json.loads(path.read_text("utf-8"))
    except OSError as error:
        message = f"[options] {printable(path)}: {error.strerror}"
        raise _core.IoError(message) from None
    except ValueError as error:
        message = f"[options] {printable(path)}: not JSON: {printable(error)}"
        raise _core.BadInput(message) from None
    if not isinstance(values, dict):
        message = f"[options] {printable(path)}: expected a JSON object"
        raise _core.BadInput(message)
    return _core.TrainOptions.from_dict(values.get("options", values))


def settings_of(assignments: Sequence[str]) -> dict[str, Any]:
    """Read texts such as ``imbalance.method=focal``, ``phases.size=96`` or ``phases.0.epochs=3``.

    A value is JSON where it reads as JSON, else the text itself; ``phases=[{...}, {...}]`` is the
    whole list.

    Raises
    ------
    InvalidOption
        A text without ``=``.
    """
    settings = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            message = f"[options] {printable(assignment)}: expected NAME=VALUE"
            raise _core.InvalidOption(message)
        settings[name] = _value(text)
    return settings


def with_settings(options: _core.TrainOptions, settings: Mapping[str, Any]) -> _core.TrainOptions:
    """Set options by their dotted names; those of every phase, or by its number of one.

    Raises
    ------
    InvalidOption
        An unknown name, or a value that is refused.
    """
    values = options.to_dict()
    for name, value in settings.items():
        try:
            _set(values, name.split("."), value)
        except (LookupError, TypeError, ValueError):
            message = f"[options] {printable(name)}: no such option; georgia options lists all"
            raise _core.InvalidOption(message) from None
    return _core.TrainOptions.from_dict(values)


def _set(owner: Any, way: Sequence[str], value: Any) -> None:
    """Set what lies at the end of a way; without a number, in every element of a list."""
    name, *rest = way
    if isinstance(owner, list) and isinstance(owner[0], dict) and not name.isdigit():
        for each in owner:
            _set(each, way, value)
        return
    key = int(name) if isinstance(owner, list) else name
    there = owner[key]
    if rest:
        _set(there, rest, value)
    else:
        owner[key] = value


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
