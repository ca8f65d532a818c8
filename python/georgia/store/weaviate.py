"""Weaviate: a store on the user's own server or cluster, by version 4 of its client."""

import base64
import binascii
import contextlib
import math
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable
from georgia.store.backend import Backend, Conditions, Neighbours, Records, number_or_none
from georgia.store.conditions import Condition, OneOf
from georgia.store.facts import Facts, Wanted, check_vectors, refuse_store
from georgia.store.record import Neighbour, Record, refuse
from georgia.store.weaviate_collection import TEXTS, VECTOR, WeaviateCollection

_ALL = [*TEXTS, "confidence", "thumbnail"]
_AT_ONCE = 100  # records in a message: below 10 MB at 8192 numbers each


class WeaviateBackend(Backend):
    """Records in one collection.

    The server has no transactions: an `add` that is interrupted may have written a part, and a
    reader may see a part. Since a record's UUID is the first half of its content's hash, the same
    `add` made again completes it. Search is approximate (HNSW), `list` ends at the server's
    QUERY_MAXIMUM_RESULTS, and texts that differ only in spaces around them are the same to it.
    """

    def __init__(
        self, address: str, wanted: Wanted, *, api_key: str | None, read_only: bool
    ) -> None:
        self._collection = WeaviateCollection(address, api_key)
        super().__init__(self._collection.location, wanted)
        self._query = self._collection.classes.query
        self._is_read_only = read_only

    def available(self) -> bool:  # noqa: D102
        try:
            self.count(())
            with self._collection.translated():
                return self._collection.is_live()
        except _core.Error:
            return False

    def facts(self) -> Facts | None:  # noqa: D102
        with self._collection.translated():
            found = self._collection.read_facts()
            return None if found is None else self.wanted.check(found, self.location)

    def recreate(self, facts: Facts) -> None:  # noqa: D102
        with self._writing():
            if self._collection.read_facts() is not None:  # refuses a collection that is not ours
                self._collection.drop()
            self._collection.make(facts)

    def add(self, records: Records) -> int:  # noqa: D102
        with self._writing():
            found = self.facts()
            facts = found or self.wanted.facts(records[0].vector.size)
            check_vectors(records, facts)
            if found is None:
                self._collection.make(facts)
            before = len(self.names([record.content for record in records]))
            for start in range(0, len(records), _AT_ONCE):
                part = [self._object_of(one) for one in records[start : start + _AT_ONCE]]
                answer = self._collection.handle().data.insert_many(part)
                if answer.has_errors:
                    first = next(iter(answer.errors.values())).message
                    done = start + len(part) - len(answer.errors)
                    self._collection.refuse(
                        f"took {done} of {len(records)} records, then said: {first}"
                    )
        return len(records) - before

    def update(self, changes: Mapping[str, dict[str, Any]]) -> int:  # noqa: D102
        with self._writing():
            known = self.names([*changes])
            for id in known:
                given = {
                    name: number_or_none(value) if isinstance(value, float) else value
                    for name, value in changes[id].items()
                }
                self._collection.handle().data.update(uuid=_uuid_of(id), properties=given)
            return len(known)

    def get(self, ids: Sequence[str]) -> Records:  # noqa: D102
        found = self._fetch(ids, return_properties=_ALL, include_vector=[VECTOR])
        return [self._record_of(one) for one in found]

    def names(self, ids: Sequence[str]) -> dict[str, str]:  # noqa: D102
        found = self._fetch(ids, return_properties=["content", "image_id"])
        return {one.properties["content"]: one.properties["image_id"] or "" for one in found}

    def nearest(  # noqa: D102
        self, vector: NDArray[np.float32], k: int, conditions: Conditions, without: str | None
    ) -> Neighbours:
        facts = self.facts()
        if facts is None:
            return []
        with self._collection.translated():
            answer = self._collection.handle().query.near_vector(
                vector.tolist(),
                limit=k + (without is not None),
                target_vector=VECTOR,
                filters=self._filter_of(conditions),
                include_vector=[VECTOR],
                return_properties=_ALL,
                return_metadata=self._query.MetadataQuery(distance=True),
            )
        found = []
        for one in answer.objects:
            record, distance = self._record_of(one), max(0.0, float(one.metadata.distance))
            if record.content != without:
                is_squared = facts.distance == "euclidean"
                found.append(Neighbour(record, math.sqrt(distance) if is_squared else distance))
        return found[:k]

    def count(self, conditions: Conditions) -> int:  # noqa: D102
        if self.facts() is None:
            return 0
        with self._collection.translated():
            answer = self._collection.handle().aggregate.over_all(
                total_count=True, filters=self._filter_of(conditions)
            )
            return int(answer.total_count or 0)

    def list(self, conditions: Conditions, limit: int, offset: int) -> Records:  # noqa: D102
        if self.facts() is None:
            return []
        with self._collection.translated():
            answer = self._collection.handle().query.fetch_objects(
                limit=limit,
                offset=offset,
                filters=self._filter_of(conditions),
                sort=self._query.Sort.by_property("image_id").by_id(),
                include_vector=[VECTOR],
                return_properties=_ALL,
            )
        return [self._record_of(one) for one in answer.objects]

    def delete(self, ids: Sequence[str]) -> int:  # noqa: D102
        by_id = self._query.Filter.by_id()
        with self._writing():
            if self.facts() is None:
                return 0
            return sum(
                self._delete(by_id.contains_any([_uuid_of(id) for id in ids[i : i + _AT_ONCE]]))
                for i in range(0, len(ids), _AT_ONCE)
            )

    def delete_where(self, conditions: Conditions) -> int:  # noqa: D102
        with self._writing():
            facts = self.facts()
            if facts is None:
                return 0
            if conditions:
                return self._delete(self._filter_of(conditions))
            before = self.count(())
            self.recreate(facts)
            return before

    def close(self) -> None:  # noqa: D102
        self._collection.close()

    def _delete(self, filters: Any) -> int:
        done = 0
        data = self._collection.handle().data
        while (answer := data.delete_many(where=filters)).matches:
            if answer.failed:
                self._collection.refuse(f"{answer.failed} records could not be deleted")
            done += answer.successful  # the server deletes some thousands at a time
        return done

    def _object_of(self, record: Record) -> Any:
        properties: dict[str, Any] = {"content": record.content, "image_id": record.image_id}
        if record.class_label:
            properties["class_label"] = record.class_label
        if not math.isnan(record.confidence):
            properties["confidence"] = record.confidence
        if record.thumbnail:
            properties["thumbnail"] = base64.b64encode(record.thumbnail).decode()
        return self._collection.classes.data.DataObject(
            uuid=_uuid_of(record.content),
            properties=properties,
            vector={VECTOR: record.vector.tolist()},
        )

    def _record_of(self, found: Any) -> Record:
        values = {name: found.properties.get(name) for name in _ALL}
        confidence = values["confidence"]
        try:
            return Record(
                values["image_id"] or "",
                found.vector[VECTOR],
                values["content"],
                values["class_label"] or "",
                math.nan if confidence is None else confidence,
                base64.b64decode(values["thumbnail"] or ""),
            )
        except (_core.InvalidOption, KeyError, TypeError, binascii.Error) as error:
            refuse_store(self.location, f"damaged; a record cannot be: {printable(error)}")

    def _fetch(self, ids: Sequence[str], **what: Any) -> Sequence[Any]:
        by_id = self._query.Filter.by_id()
        if self.facts() is None:
            return []
        found = []
        with self._collection.translated():
            for i in range(0, len(ids), _AT_ONCE):
                part = [_uuid_of(id) for id in ids[i : i + _AT_ONCE]]
                query = self._collection.handle().query
                filters = by_id.contains_any(part)
                found += query.fetch_objects(filters=filters, limit=len(part), **what).objects
        return found

    def _filter_of(self, conditions: Conditions) -> Any:
        return filter_of(self._query.Filter, conditions)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        if self._is_read_only:
            refuse(self.location, "opened for reading only, so that nothing can be changed")
        with self._collection.translated():
            yield


def filter_of(maker: Any, conditions: Conditions) -> Any:
    """The server's filter of conditions, by the client's `Filter`; None of none."""
    return maker.all_of([_filter(maker, one) for one in conditions]) if conditions else None


def _filter(maker: Any, condition: Condition) -> Any:
    """The server's filter of one condition; to the server an empty text is nothing."""
    by = maker.by_property(condition.key)
    if not isinstance(condition, OneOf):
        return by.greater_or_equal(condition.low) & by.less_or_equal(condition.high)
    texts = [text for text in condition.values if text]
    parts = [by.contains_any(texts)] if texts else []
    if len(texts) < len(condition.values):
        parts.append(by.is_none(True))
    return maker.any_of(parts)


def _uuid_of(content: str) -> str:
    return str(uuid.UUID(hex=content[:32]))
