"""Exact search: all vectors of a store in memory, compared by the core."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.store.facts import Facts, refuse_store

_AT_ONCE = 4096  # rows: 8 MB of 512 numbers


class Points:
    """Vectors in memory, of unit length where the distance is cosine.

    Attributes
    ----------
    rows : ndarray, shape (N,), int64, rising
        What each vector is called.
    """

    def __init__(
        self, blobs: Iterable[tuple[int, bytes]], count: int, facts: Facts, location: str
    ) -> None:
        self._is_cosine = facts.distance == "cosine"
        self.rows = np.empty(count, np.int64)
        self._vectors = np.empty((count, facts.dimensions), np.float32)
        size_bytes = 4 * facts.dimensions
        done = 0
        for part in _parts(blobs):
            if done + len(part) > count or any(len(blob) != size_bytes for _, blob in part):
                refuse_store(location, f"damaged; expected {count} vectors of {size_bytes} bytes")
            to = slice(done, done + len(part))
            self.rows[to] = [row for row, _ in part]
            joined = b"".join(blob for _, blob in part)
            self._vectors[to] = np.frombuffer(joined, "<f4").reshape(len(part), -1)
            self._check(self._vectors[to], location)
            done += len(part)
        if done != count:
            refuse_store(location, f"damaged; expected {count} vectors, got {done}")

    def nearest(
        self, query: NDArray[np.float32], k: int, among: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        """Give row and distance of the k nearest, the nearest first.

        Parameters
        ----------
        query : ndarray, shape (D,), float32
        k : int
        among : ndarray, shape (n,), int64, rising, optional
            Rows to look at; all where None.
        """
        rows, vectors = self.rows, self._vectors
        if among is not None:
            chosen = np.flatnonzero(np.isin(rows, among, assume_unique=True))
            rows, vectors = rows[chosen], vectors[chosen]
        if not len(rows):
            return []
        one = query[None] / np.linalg.norm(query) if self._is_cosine else query[None]
        found, places = _core.nearest_neighbours(one, vectors, min(k, len(rows)))
        distances = found[0].astype(np.float64)
        if self._is_cosine:  # of unit vectors: 1 - a.b = |a - b|^2 / 2
            distances = distances**2 / 2
        return list(zip(rows[places[0]].tolist(), distances.tolist(), strict=True))

    def _check(self, vectors: NDArray[np.float32], location: str) -> None:
        """Refuse what no store of ours holds; make unit vectors where that is wanted."""
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(vectors).all() or (self._is_cosine and not lengths.all()):
            refuse_store(location, "damaged; expected finite vectors with a direction")
        if self._is_cosine:
            vectors /= lengths


def _parts(blobs: Iterable[tuple[int, bytes]]) -> Iterable[list[tuple[int, bytes]]]:
    part: list[tuple[int, bytes]] = []
    for pair in blobs:
        part.append(pair)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part
