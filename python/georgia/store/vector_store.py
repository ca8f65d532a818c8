"""VectorStore: vectors of images with their metadata, whatever keeps them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from georgia import _core
from georgia.display import printable, reason_of
from georgia.images import ImageInput
from georgia.store import filling
from georgia.store.backend import Backend, Neighbours, Records
from georgia.store.conditions import Where, conditions_of
from georgia.store.facts import Facts, Wanted
from georgia.store.record import (
    Record,
    check_id,
    check_text,
    checked_confidence,
    checked_vector,
    refuse,
)

if TYPE_CHECKING:
    from georgia.model import Model


@dataclass(frozen=True)
class Added:
    """How many records were new to a store, and how many took the place of older ones."""

    new: int
    replaced: int


class VectorStore:
    """Vectors of images with their metadata, made by `georgia.store.open`.

    A store that is not there yet holds nothing, and is made by the first `add` or by `recreate`.
    `where` is a mapping: ``class_label`` and ``image_id`` to a text, or to several of which one is
    enough; ``confidence`` to a pair (low, high), ends included, None for an open end. Close a
    store, or use it as a context.

    Attributes
    ----------
    location : str
        Where it is.

    Raises
    ------
    InvalidOption
        By every method: an argument is not acceptable.
    BadInput
        By every method: what the store holds is damaged, or comes from another model.
    IoError
        By every method but `available`: the store cannot be reached, read or written.
    """

    def __init__(self, backend: Backend) -> None:
        self.location = backend.location
        self._backend = backend

    @property
    def facts(self) -> Facts | None:
        """Dimensions, distance, model and stage; None while the store is not there."""
        return self._backend.facts()

    def available(self) -> bool:
        """Tell whether the store can be used now, for all that it was opened for; never raises."""
        return self._backend.available()

    def recreate(
        self,
        *,
        model: "Model | None" = None,
        stage: str | None = None,
        dimensions: int | None = None,
        distance: str | None = None,
    ) -> None:
        """Drop everything and begin anew.

        Parameters
        ----------
        model, stage, dimensions, distance
            As in `open`, whose arguments hold where none of them is given.
        """
        given = Wanted(model, stage, dimensions, distance)
        wanted = self._backend.wanted if given == Wanted() else given
        self._backend.recreate(wanted.facts())
        self._backend.wanted = wanted

    def add(self, records: Iterable[Record]) -> Added:
        """Add records, all or none; one whose content is there already is replaced.

        Parameters
        ----------
        records : iterable of Record
            Of a content that comes twice, the last counts.

        Returns
        -------
        Added
        """
        given = [*records]
        for record in given:
            if not isinstance(record, Record):
                refuse("add", f"expected records, got {type(record).__name__}")
        if not given:
            return Added(0, 0)
        new = self._backend.add([*{record.content: record for record in given}.values()])
        return Added(new, len(given) - new)

    def add_images(
        self,
        inputs: ImageInput,
        *,
        batch: int = 32,
        threads: int = 0,
        device: str = "auto",
        precision: str = "auto",
        limits: _core.DecodeLimits | None = None,
        progress: bool = False,
    ) -> "filling.Filled":
        """Add images with the model's features and answers, and a thumbnail of 96 pixels.

        Chunks of 256 images are added one after another, so that memory does not grow with their
        number and an interrupted call can simply be made again: an image whose content is in the
        store is not computed anew, and keeps all but its name.

        Parameters
        ----------
        inputs, batch, threads, device, precision, limits, progress
            As in `Model.predict`.

        Returns
        -------
        Filled
            How many were new and known, and which were left out for which reason.
        """
        how: dict[str, Any] = {
            "batch": batch,
            "threads": threads,
            "device": device,
            "precision": precision,
            "limits": limits or _core.DecodeLimits(),
            "progress": progress,
        }
        model = self._model("add_images")
        return filling.fill(self._backend, model, inputs, how)

    def update(
        self,
        id: str,
        *,
        image_id: str | None = None,
        class_label: str | None = None,
        confidence: float | None = None,
    ) -> None:
        """Change metadata of one record; what is not given stays.

        Raises
        ------
        InvalidOption
            There is no such record, or nothing to change.
        """
        check_id(id)
        changes: dict[str, Any] = {}
        for name, text in (("image_id", image_id), ("class_label", class_label)):
            if text is not None:
                check_text(name, text)
                changes[name] = text
        if confidence is not None:
            changes["confidence"] = checked_confidence(confidence)
        if not changes:
            refuse("update", "expected image_id, class_label or confidence, got none of them")
        if not self._backend.update({id: changes}):
            refuse("update", f"expected the id of a record in {self.location}, got {id}")

    def get(self, id: str) -> Record | None:
        """Give the record of an id, the SHA-256 of its image's bytes; None where there is none."""
        check_id(id)
        found = self._backend.get([id])
        return found[0] if found else None

    def neighbours(
        self,
        *,
        vector: ArrayLike | None = None,
        image: ImageInput = None,
        id: str | None = None,
        k: int = 10,
        where: Where = None,
    ) -> Neighbours:
        """Find the records nearest to a vector, an image or a record.

        Parameters
        ----------
        vector : array_like, shape (D,), optional
        image : optional
            One image as `Model.predict` takes it; the store was opened with its model.
        id : str, optional
            Of a record in the store, which is not among its own neighbours.
        k : int
            How many, at least 1; fewer where the store holds fewer.
        where : mapping, optional
            Only among records of which this holds.

        Returns
        -------
        list of Neighbour
            By rising distance.
        """
        if sum(query is not None for query in (vector, image, id)) != 1:
            refuse("neighbours", "expected exactly one of vector, image and id")
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
            refuse("k", f"expected a whole number from 1, got {printable(k)}")
        conditions = conditions_of(where)
        facts = self._backend.facts()
        if id is not None:
            query = self._vector_of(id)
        elif facts is None:
            return []
        else:
            query = checked_vector(vector) if image is None else self._features(image, facts)
        if facts is not None and query.size != facts.dimensions:
            refuse("vector", f"expected {facts.dimensions} numbers, got {query.size}")
        if facts is not None and facts.distance == "cosine" and not query.any():
            refuse("vector", "all zero, which has no direction; expected another")
        return self._backend.nearest(query, int(k), conditions, id)

    def count(self, where: Where = None) -> int:
        """Count the records, or those of which `where` holds."""
        return self._backend.count(conditions_of(where))

    def list(self, where: Where = None, *, limit: int = 1000, offset: int = 0) -> Records:
        """Give records by image_id (then by id), `limit` of them from the `offset`-th on."""
        if limit < 1 or offset < 0:
            refuse("list", f"expected limit >= 1 and offset >= 0, got {limit} and {offset}")
        return self._backend.list(conditions_of(where), limit, offset)

    def delete(self, ids: str | Iterable[str] | None = None, *, where: Where = None) -> int:
        """Delete records by id, or all of which `where` holds; give their number."""
        if (ids is None) == (not where):
            refuse("delete", "expected ids or conditions, not both; clear() deletes everything")
        if ids is None:
            return self._backend.delete_where(conditions_of(where))
        asked = [ids] if isinstance(ids, str) else [*ids]
        for id in asked:
            check_id(id)
        return self._backend.delete(asked)

    def clear(self) -> int:
        """Delete all records, keep the facts; give the records' number."""
        return self._backend.delete_where(())

    def close(self) -> None:
        """Let go of the file or the connection; a later call opens it again."""
        self._backend.close()

    def __enter__(self) -> "VectorStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<VectorStore at {self.location}>"

    def _model(self, speaker: str) -> "Model":
        model = self._backend.wanted.model
        if model is None:
            refuse(speaker, "expected the store to be opened with a model, got none")
        return model

    def _vector_of(self, id: str) -> NDArray[np.float32]:
        record = self.get(id)
        if record is None:
            refuse("neighbours", f"expected the id of a record in {self.location}, got {id}")
        return record.vector

    def _features(self, image: ImageInput, facts: Facts) -> NDArray[np.float32]:
        found = self._model("neighbours").embed(image, stage=facts.stage)
        if len(found) != 1:
            refuse("image", f"expected one image, got {len(found)}")
        if found.errors[0]:
            message = f"[store] {printable(found.paths[0])}: {reason_of(found.errors[0])}"
            raise _core.BadInput(message)
        return checked_vector(found.features[0])
