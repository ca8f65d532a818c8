"""Backend: what a place for vectors must do. Arguments are checked before they get here."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from georgia.store.conditions import Condition
from georgia.store.facts import Facts, Wanted
from georgia.store.record import Neighbour, Record

# Inside the class, `list` is the method.
Records: TypeAlias = list[Record]
Neighbours: TypeAlias = list[Neighbour]
Conditions: TypeAlias = tuple[Condition, ...]


class Backend(ABC):
    """A place that keeps records.

    Attributes
    ----------
    location : str
        Where it is, printable.
    wanted : Wanted
        What it is checked against each time it is used: another process may have begun it anew.
    """

    def __init__(self, location: str, wanted: Wanted) -> None:
        self.location = location
        self.wanted = wanted

    @abstractmethod
    def available(self) -> bool:
        """Tell whether calls can be expected to succeed."""

    @abstractmethod
    def facts(self) -> Facts | None:
        """Checked facts; None while the store is not there."""

    @abstractmethod
    def recreate(self, facts: Facts) -> None:
        """Drop everything and begin anew."""

    @abstractmethod
    def add(self, records: Records) -> int:
        """Add records of different content, replacing older ones; give how many were new."""

    @abstractmethod
    def update(self, changes: Mapping[str, dict[str, Any]]) -> int:
        """Change metadata of records by id; give how many there were."""

    @abstractmethod
    def get(self, ids: Sequence[str]) -> Records:
        """Records of those ids that have one, in any order."""

    @abstractmethod
    def names(self, ids: Sequence[str]) -> dict[str, str]:
        """The image_id of those ids that have a record."""

    @abstractmethod
    def nearest(
        self, vector: NDArray[np.float32], k: int, conditions: Conditions, without: str | None
    ) -> Neighbours:
        """The k records nearest to a vector (D,), less the one of an id."""

    @abstractmethod
    def count(self, conditions: Conditions) -> int:
        """How many records satisfy the conditions."""

    @abstractmethod
    def list(self, conditions: Conditions, limit: int, offset: int) -> Records:
        """A part of the records that satisfy the conditions, by image_id, then by id."""

    @abstractmethod
    def delete(self, ids: Sequence[str]) -> int:
        """Delete the records of ids; give how many there were."""

    @abstractmethod
    def delete_where(self, conditions: Conditions) -> int:
        """Delete the records that satisfy the conditions, of which there may be none."""

    @abstractmethod
    def close(self) -> None:
        """Let go of everything."""


def number_or_none(value: float) -> float | None:
    """Give what a database holds for a number: nothing for NaN."""
    return None if math.isnan(value) else value
