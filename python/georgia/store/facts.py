"""Facts of a store: what holds for all its vectors, and what the caller of `open` expects."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from georgia import _core
from georgia.display import printable
from georgia.store.record import MAX_DIMENSIONS, Record, refuse

if TYPE_CHECKING:
    from georgia.model import Model

FORMAT = 1  # of what a store holds, whatever the backend
DISTANCES = ("cosine", "euclidean")


@dataclass(frozen=True)
class Facts:
    """What holds for all vectors of a store.

    Attributes
    ----------
    dimensions : int
        Numbers in a vector.
    distance : str
        ``cosine`` or ``euclidean``.
    model : str
        `Model.weights_hash` of the model that made the vectors; empty where none was named.
    stage : str
        Where in its network they come from; empty without a model.
    """

    dimensions: int
    distance: str
    model: str
    stage: str

    def to_json(self) -> str:
        """One line that `from_json` reads."""
        return json.dumps({"format": FORMAT, **asdict(self)})

    @classmethod
    def from_json(cls, text: object, location: str) -> "Facts":
        """Read what a store says of itself.

        Raises
        ------
        BadInput
            It is damaged, no store of georgia's, or of a newer georgia.
        """
        try:
            values = json.loads(str(text))
            if (version := values.pop("format")) != FORMAT:
                refuse_format(location, version)
            facts = cls(**values)
        except _core.BadInput:
            raise
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            refuse_store(location, "not a store of georgia's; expected its facts as JSON")
        is_known = isinstance(facts.dimensions, int) and facts.distance in DISTANCES
        is_text = isinstance(facts.model, str) and isinstance(facts.stage, str)
        if not (is_known and is_text and 1 <= facts.dimensions <= MAX_DIMENSIONS):
            refuse_store(location, f"its facts make no sense, got {printable(facts)[:300]}")
        return facts


def refuse_store(location: str, what: str) -> NoReturn:
    """Refuse what a store holds."""
    message = f"[store] {location}: {what}"
    raise _core.BadInput(message)


def refuse_format(location: str, version: object) -> NoReturn:
    """Refuse a store that another georgia wrote."""
    refuse_store(
        location,
        f"written by another version of georgia; expected format {FORMAT}, "
        f"got {printable(version)[:20]}",
    )


def check_vectors(records: Iterable[Record], facts: Facts) -> None:
    """Refuse vectors that the store cannot hold, before any is written."""
    for record in records:
        subject = f"vector of {printable(record.image_id)}"
        if record.vector.size != facts.dimensions:
            refuse(subject, f"expected {facts.dimensions} numbers, got {record.vector.size}")
        if facts.distance == "cosine" and not record.vector.any():
            refuse(subject, "all zero, which has no direction; expected another, or euclidean")


@dataclass(frozen=True)
class Wanted:
    """What the caller expects of a store, or wants of a new one; None: as the store says."""

    model: "Model | None" = None
    stage: str | None = None
    dimensions: int | None = None
    distance: str | None = None

    def __post_init__(self) -> None:
        if self.distance not in {None, *DISTANCES}:
            names = ", ".join(DISTANCES)
            refuse("distance", f"expected one of {names}, got {printable(self.distance)}")
        if self.dimensions is not None and not 1 <= self.dimensions <= MAX_DIMENSIONS:
            refuse("dimensions", f"expected 1 to {MAX_DIMENSIONS}, got {self.dimensions}")
        if self.stage is not None and self.model is None:
            refuse("stage", f"expected a model beside it, got {printable(self.stage)} alone")

    def facts(self, found: int | None = None) -> Facts:
        """Facts of a new store whose first vector has that many numbers, where there is one."""
        stage = (self.stage or "features") if self.model else ""
        known = self.dimensions
        if self.model is not None:
            width = self.model.embed([], stage=stage).features.shape[1]
            if known not in {None, width}:
                refuse("dimensions", f"expected {width} as the model gives at {stage}, got {known}")
            known = width
        if (known or found) is None:
            refuse("recreate", "expected a model or dimensions, got neither")
        return Facts(known or found or 0, self.distance or "cosine", self.model_hash, stage)

    @cached_property
    def model_hash(self) -> str:
        """Hash of the model, which takes a while; empty without one."""
        return self.model.weights_hash if self.model else ""

    def check(self, facts: Facts, location: str) -> Facts:
        """Refuse a store that is not what was expected.

        Raises
        ------
        BadInput
            Its vectors come from another model.
        InvalidOption
            It is of other dimensions, another distance or stage.
        """
        if self.model is not None and self.model_hash != facts.model:
            refuse_store(
                location,
                f"its vectors come from another model; expected {self.model_hash}, "
                f"got {printable(facts.model) or 'none named'}",
            )
        for name in ("stage", "dimensions", "distance"):
            asked, found = getattr(self, name), getattr(facts, name)
            if asked not in {None, found}:
                refuse(f"{location}, {name}", f"the store has {printable(found)}, got {asked}")
        return facts
