"""Which points lie nearest to each: exact neighbours, by angle or by distance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from georgia import _core
from georgia.embeddings import Embeddings, points_of

METRICS = ("cosine", "euclidean")


@dataclass(frozen=True)
class NeighbourGraph:
    """The nearest other points of each point, the nearest first.

    Attributes
    ----------
    indices : ndarray, shape (N, k), int64
    distances : ndarray, shape (N, k), float32
        Rising; ``1 - cosine`` or Euclidean.
    metric : str
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float32]
    metric: str

    def edges(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Give each pair of neighbours once: (E, 2), the lower index first, and distances (E,)."""
        k = self.indices.shape[1]
        pairs = np.sort(
            np.stack([np.repeat(np.arange(len(self.indices)), k), self.indices.ravel()], 1), axis=1
        )
        pairs, first = np.unique(pairs, axis=0, return_index=True)
        return pairs, self.distances.ravel()[first]


def neighbour_graph(
    points: "ArrayLike | Embeddings", k: int = 5, *, metric: str = "cosine"
) -> NeighbourGraph:
    """Find the k nearest other points of each, exactly.

    Parameters
    ----------
    points : array_like or Embeddings, shape (N, D)
    k : int
        1 to N - 1.
    metric : str
        ``cosine`` or ``euclidean``.

    Returns
    -------
    NeighbourGraph

    Raises
    ------
    InvalidOption

    Examples
    --------
    >>> import georgia
    >>> georgia.neighbour_graph([[1, 0], [0.9, 0.1], [0, 1]], 1).indices.ravel().tolist()
    [1, 0, 1]
    """
    rows = points_of(points, "neighbour_graph")
    if metric not in METRICS:
        message = f"[neighbour_graph] metric: expected cosine or euclidean, got {metric}"
        raise _core.InvalidOption(message)
    if metric == "euclidean":
        distances, indices = _core.neighbour_graph(rows, k)
    else:  # of vectors of length one the squared distance is twice 1 - cosine
        distances, indices = _core.neighbour_graph(_core.of_length_one(rows), k)
        distances = np.square(distances) / 2
    return NeighbourGraph(indices, distances, metric)
