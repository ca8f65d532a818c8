"""Few coordinates for many features: principal components, and UMAP where it is installed."""

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from georgia import _core
from georgia.embeddings import Embeddings, points_of


@dataclass(frozen=True)
class Projection:
    """Points in few coordinates. ``numpy.asarray`` gives them.

    Attributes
    ----------
    points : ndarray, shape (N, R), float32
    method : str
        ``pca`` or ``umap``.
    ratios : ndarray, shape (R,), float64
        Share of the whole variance along each axis; empty where axes have no such meaning.
    variances : ndarray, shape (R,), float64
        Along each component, with N - 1; empty of other methods.
    components : ndarray, shape (R, D), float32
        Directions of unit length; the largest entry of each is positive.
    mean : ndarray, shape (D,), float32
    """

    points: NDArray[np.float32]
    method: str
    ratios: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    variances: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    components: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    mean: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    _fitted: _core.Pca | None = field(default=None, repr=False)

    def transform(self, points: "ArrayLike | Embeddings") -> NDArray[np.float32]:
        """Give other points (n, D) the same coordinates, (n, R).

        Raises
        ------
        InvalidOption
            They have other dimensions, or the method knows no other points.
        """
        if self._fitted is None:
            message = f"[transform] a projection by {self.method} knows no other points"
            raise _core.InvalidOption(message)
        return self._fitted.project(points_of(points, "transform"))

    def axis_names(self) -> list[str]:
        """What to write beside the axes."""
        if len(self.ratios) == 0:
            return [f"{self.method} {k + 1}" for k in range(self.points.shape[1])]
        return [f"component {k + 1} ({ratio:.1%})" for k, ratio in enumerate(self.ratios)]

    def __array__(self, dtype: object = None, copy: bool | None = None) -> NDArray[np.float32]:
        """Give the points."""
        return np.array(self.points, dtype=dtype, copy=copy)  # type: ignore[call-overload, no-any-return]


def pca(
    points: "ArrayLike | Embeddings",
    components: int = 2,
    *,
    method: str = "exact",
    seed: int = 42,
) -> Projection:
    """Project points on the directions in which they differ most.

    Parameters
    ----------
    points : array_like or Embeddings, shape (N, D)
    components : int
        Up to the smaller of N and D.
    method : str
        ``exact``; ``randomised`` (Halko, Martinsson and Tropp, 2011, seven power iterations) is
        faster where D is large, and nearly as good for the first components.
    seed : int
        Of the randomised method; equal seeds give equal results.

    Returns
    -------
    Projection

    Raises
    ------
    InvalidOption

    Examples
    --------
    >>> import georgia
    >>> found = georgia.pca([[0, 0], [1, 1], [2, 2], [3, 3.1]], 1)
    >>> bool(found.ratios[0] > 0.99)
    True
    """
    rows = points_of(points, "pca")
    fitted = _core.Pca.fit(rows, components, method, seed)
    total = fitted.total_variance
    return Projection(
        fitted.project(rows),
        "pca",
        fitted.variances / total if total else np.zeros(components),
        fitted.variances,
        fitted.components,
        fitted.mean,
        fitted,
    )


def umap(
    points: "ArrayLike | Embeddings",
    components: int = 2,
    *,
    neighbours: int = 15,
    seed: int = 42,
) -> Projection:
    """Project points so that near ones stay near, by umap-learn (McInnes et al., 2018).

    Distances between groups mean little in such a picture, sizes of groups nothing.

    Parameters
    ----------
    points : array_like or Embeddings, shape (N, D)
    components : int
    neighbours : int
        How many nearest points shape the picture about each; exact cosine ones of the core.
    seed : int
        Equal seeds give equal results on one machine, at the price of one thread.

    Raises
    ------
    InvalidOption
        umap-learn is not installed (``pip install georgia[explore]``), or there are too few points.
    """
    from georgia.neighbourhood import neighbour_graph

    library = umap_learn()
    rows = points_of(points, "umap")
    if len(rows) < components + 2:
        message = f"[umap] points: expected {components + 2} or more, got {len(rows)}"
        raise _core.InvalidOption(message)
    graph = neighbour_graph(rows, min(neighbours, len(rows)) - 1)
    own = np.arange(len(rows))[:, None]
    known = (
        np.hstack([own, graph.indices]),
        np.hstack([np.zeros((len(rows), 1), np.float32), graph.distances]),
        None,
    )
    fitted = library.UMAP(
        n_components=components,
        n_neighbors=known[0].shape[1],
        random_state=seed,
        n_jobs=1,
        metric="cosine",
        precomputed_knn=known,
    )
    with warnings.catch_warnings():
        # that given neighbours allow no transform of other points, which Projection says itself
        warnings.simplefilter("ignore", UserWarning)
        found = fitted.fit_transform(rows)
    return Projection(np.ascontiguousarray(found, np.float32), "umap")


def umap_learn() -> Any:
    """The package umap-learn.

    Raises
    ------
    InvalidOption
        It is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that need TensorFlow or notebook widgets
            import umap
    except ImportError:
        message = "[umap] umap-learn is not installed; pip install georgia[explore]"
        raise _core.InvalidOption(message) from None
    return umap
