"""SQLite: a store in one file, searched exactly. The default."""

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.store.backend import Backend, Conditions, Neighbours, Records, number_or_none
from georgia.store.conditions import OneOf
from georgia.store.facts import FORMAT, Facts, Wanted, check_vectors, refuse_store
from georgia.store.record import Neighbour, Record
from georgia.store.search import Points
from georgia.store.sqlite_file import APPLICATION, SqliteFile

_TABLES = ("thumbnails", "vectors", "records", "facts")
# Vectors and thumbnails stand beside the metadata, which is read without them.
_SCHEMA = (
    "CREATE TABLE facts (json TEXT NOT NULL)",
    "CREATE TABLE records (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, "
    "image_id TEXT NOT NULL, class_label TEXT NOT NULL, confidence REAL)",
    "CREATE INDEX records_by_image ON records (image_id, id)",
    "CREATE INDEX records_by_class ON records (class_label, confidence)",
    "CREATE TABLE vectors (row INTEGER PRIMARY KEY REFERENCES records ON DELETE CASCADE, "
    "vector BLOB NOT NULL)",
    "CREATE TABLE thumbnails (row INTEGER PRIMARY KEY REFERENCES records ON DELETE CASCADE, "
    "jpeg BLOB NOT NULL)",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {FORMAT}",
)
_WHOLE = (
    "SELECT records.row, image_id, vector, id, class_label, confidence, jpeg FROM records "
    "JOIN vectors ON vectors.row = records.row JOIN thumbnails ON thumbnails.row = records.row "
)
_UPSERT = (
    "INSERT INTO records (id, image_id, class_label, confidence) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (id) DO UPDATE SET image_id = excluded.image_id, "
    "class_label = excluded.class_label, confidence = excluded.confidence"
)


class SqliteBackend(Backend):
    """Records in one SQLite file.

    Vectors are little-endian float32, so that the file opens on every machine. They are read into
    memory for the first search, and again after a change: 2 GB for a million of 512.
    """

    def __init__(self, path: Path, wanted: Wanted, *, read_only: bool) -> None:
        self._file = SqliteFile(path, read_only=read_only)
        super().__init__(self._file.location, wanted)
        self._points: tuple[object, Points] | None = None

    def available(self) -> bool:  # noqa: D102
        try:
            self.facts()
        except _core.Error:
            return False
        return self._file.is_ready()

    def facts(self) -> Facts | None:  # noqa: D102
        with self._file.reading() as connection:
            return None if connection is None else self._facts_in(connection)

    def recreate(self, facts: Facts) -> None:  # noqa: D102
        with self._file.writing() as (connection, _):
            for name in _TABLES:
                connection.execute(f"DROP TABLE IF EXISTS {name}")
            _make(connection, facts)

    def add(self, records: Records) -> int:  # noqa: D102
        with self._file.writing() as (connection, is_made):
            if is_made:
                facts = self._facts_in(connection)
            else:
                facts = self.wanted.facts(records[0].vector.size)
                _make(connection, facts)
            check_vectors(records, facts)
            before = _number(connection, "SELECT count(*) FROM records")
            connection.executemany(_UPSERT, map(_metadata, records))
            for table, blobs in (
                ("vectors", ((_bytes_of(one.vector), one.content) for one in records)),
                ("thumbnails", ((one.thumbnail, one.content) for one in records)),
            ):
                connection.executemany(
                    f"INSERT OR REPLACE INTO {table} SELECT row, ? FROM records WHERE id = ?", blobs
                )
            return _number(connection, "SELECT count(*) FROM records") - before

    def update(self, changes: Mapping[str, dict[str, Any]]) -> int:  # noqa: D102
        if not changes:
            return 0
        done = 0
        with self._file.writing() as (connection, is_made):
            if not is_made:
                return 0
            self._facts_in(connection)
            for id, values in changes.items():
                names = ", ".join(f"{name} = ?" for name in values)
                given = [number_or_none(v) if isinstance(v, float) else v for v in values.values()]
                done += connection.execute(
                    f"UPDATE records SET {names} WHERE id = ?", [*given, id]
                ).rowcount
        return done

    def get(self, ids: Sequence[str]) -> Records:  # noqa: D102
        found = self._read(f"{_WHOLE} WHERE id IN {_SET}", [json.dumps([*ids])])
        return [record for _, record in found]

    def names(self, ids: Sequence[str]) -> dict[str, str]:  # noqa: D102
        with self._file.reading() as connection:
            if connection is None:
                return {}
            self._facts_in(connection)
            found = connection.execute(
                f"SELECT id, image_id FROM records WHERE id IN {_SET}", [json.dumps([*ids])]
            )
            return dict(found.fetchall())

    def nearest(  # noqa: D102
        self, vector: NDArray[np.float32], k: int, conditions: Conditions, without: str | None
    ) -> Neighbours:
        with self._file.reading() as connection:
            if connection is None:
                return []
            points = self._points_in(connection)
            among = None
            if conditions or without is not None:
                clause, values = _clause(conditions, without)
                rows = connection.execute(f"SELECT row FROM records {clause}", values)
                among = np.fromiter((row for (row,) in rows), np.int64)
            found = points.nearest(vector, k, among)
            numbers = json.dumps([row for row, _ in found])
            query = f"{_WHOLE} WHERE records.row IN {_SET}"
            whole = dict(self._records_in(connection, query, [numbers]))
            if len(whole) != len(found):
                refuse_store(self.location, "damaged; expected metadata beside every vector")
            return [Neighbour(whole[row], distance) for row, distance in found]

    def count(self, conditions: Conditions) -> int:  # noqa: D102
        clause, values = _clause(conditions)
        with self._file.reading() as connection:
            if connection is None:
                return 0
            self._facts_in(connection)
            return _number(connection, f"SELECT count(*) FROM records {clause}", values)

    def list(self, conditions: Conditions, limit: int, offset: int) -> Records:  # noqa: D102
        clause, values = _clause(conditions)
        query = f"{_WHOLE} {clause} ORDER BY image_id, id LIMIT ? OFFSET ?"
        return [record for _, record in self._read(query, [*values, limit, offset])]

    def delete(self, ids: Sequence[str]) -> int:  # noqa: D102
        return self._delete(f"WHERE id IN {_SET}", [json.dumps([*ids])])

    def delete_where(self, conditions: Conditions) -> int:  # noqa: D102
        return self._delete(*_clause(conditions))

    def close(self) -> None:  # noqa: D102
        self._file.close()
        self._points = None

    def _delete(self, clause: str, values: Sequence[Any]) -> int:
        with self._file.writing() as (connection, is_made):
            if not is_made:
                return 0
            self._facts_in(connection)
            return connection.execute(f"DELETE FROM records {clause}", values).rowcount

    def _facts_in(self, connection: sqlite3.Connection) -> Facts:
        found = connection.execute("SELECT json FROM facts").fetchone()
        facts = Facts.from_json(found and found[0], self.location)
        return self.wanted.check(facts, self.location)

    def _points_in(self, connection: sqlite3.Connection) -> Points:
        """Vectors as they are now, read again only after a change."""
        facts = self._facts_in(connection)
        count = _number(connection, "SELECT count(*) FROM vectors")
        version = self._file.version(connection)
        if self._points is None or self._points[0] != version:
            self._points = None  # never twice in memory
            blobs = connection.execute("SELECT row, vector FROM vectors ORDER BY row")
            self._points = (version, Points(blobs, count, facts, self.location))
        return self._points[1]

    def _read(self, query: str, values: Iterable[Any]) -> Iterable[tuple[int, Record]]:
        with self._file.reading() as connection:
            if connection is None:
                return []
            self._facts_in(connection)
            return [*self._records_in(connection, query, values)]

    def _records_in(
        self, connection: sqlite3.Connection, query: str, values: Iterable[Any]
    ) -> Iterator[tuple[int, Record]]:
        for row, name, blob, id, label, confidence, jpeg in connection.execute(query, [*values]):
            try:
                vector = np.frombuffer(blob, "<f4")
                known = math.nan if confidence is None else confidence
                yield row, Record(name, vector, id, label, known, jpeg)
            except (ValueError, TypeError) as error:  # among them what Record refuses
                refuse_store(self.location, f"damaged; a record cannot be: {error}")


_SET = "(SELECT value FROM json_each(?))"  # one parameter, however many values


def _make(connection: sqlite3.Connection, facts: Facts) -> None:
    for statement in _SCHEMA:
        connection.execute(statement)
    connection.execute("INSERT INTO facts VALUES (?)", [facts.to_json()])


def _bytes_of(vector: NDArray[np.float32]) -> bytes:
    return vector.astype("<f4").tobytes()


def _metadata(record: Record) -> tuple[str, str, str, float | None]:
    known = number_or_none(record.confidence)
    return (record.content, record.image_id, record.class_label, known)


def _number(connection: sqlite3.Connection, query: str, values: Sequence[Any] = ()) -> int:
    return int(connection.execute(query, values).fetchone()[0])


def _clause(conditions: Conditions, without: str | None = None) -> tuple[str, list[Any]]:
    """SQL of conditions; names of columns are ours, values are parameters."""
    parts: list[str] = []
    values: list[Any] = []
    for condition in conditions:
        if isinstance(condition, OneOf):
            parts.append(f"{condition.key} IN {_SET}")
            values.append(json.dumps(condition.values))
        else:
            parts.append(f"{condition.key} BETWEEN ? AND ?")
            values += [condition.low, condition.high]
    if without is not None:
        parts.append("id <> ?")
        values.append(without)
    return ("WHERE " + " AND ".join(parts) if parts else "", values)
