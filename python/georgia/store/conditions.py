"""Conditions on metadata: what `where` may say, the same for every backend."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from georgia.display import printable
from georgia.store.record import check_text, refuse

Where: TypeAlias = Mapping[str, Any] | None
"""``class_label`` and ``image_id``: a text, or several of which one is enough; ``confidence``:
a pair (low, high), ends included, None for an open end. All conditions hold together."""

_TEXTS = ("class_label", "image_id")


@dataclass(frozen=True)
class OneOf:
    """The text is one of these."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Between:
    """The number is known and lies between these, ends included."""

    key: str
    low: float
    high: float


Condition: TypeAlias = OneOf | Between


def conditions_of(where: Where) -> tuple[Condition, ...]:
    """Check what was asked.

    Raises
    ------
    InvalidOption
        A key is not known, or its value is of the wrong kind.
    """
    return tuple(_condition_of(key, value) for key, value in (where or {}).items())


def _condition_of(key: str, value: Any) -> Condition:
    if key in _TEXTS:
        values = (value,) if isinstance(value, str) else value
        if not isinstance(values, Sequence | set | frozenset) or not values:
            refuse(f"where {key}", f"expected a text or several, got {printable(value)}")
        for text in values:
            check_text(f"where {key}", text)
        return OneOf(key, tuple(values))
    if key != "confidence":
        known = ", ".join((*_TEXTS, "confidence"))
        refuse("where", f"unknown key; expected one of {known}, got {printable(key)}")
    try:
        low, high = value
        ends = (0.0 if low is None else float(low), 1.0 if high is None else float(high))
    except (TypeError, ValueError):
        ends = (math.nan, math.nan)
    if any(map(math.isnan, ends)):
        refuse("where confidence", f"expected a pair (low, high), got {printable(value)}")
    return Between(key, *ends)
