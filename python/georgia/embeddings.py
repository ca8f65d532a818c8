"""Embeddings: features of images, from a stage or layer of a network."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from georgia import _core
from georgia.display import count_of

_LARGEST = 1e15  # squared distances of larger values leave float32


@dataclass(frozen=True)
class Embeddings:
    """Features of images, one row for each, in order. ``numpy.asarray`` gives the rows.

    Attributes
    ----------
    paths : list of str
    features : ndarray, shape (N, D), float32
        Rows of images with an error are zero.
    errors : list of str
        Empty where the image was good.
    stage, device, precision : str
        Where in the network they come from, and how they were computed.
    """

    paths: list[str]
    features: NDArray[np.float32]
    errors: list[str]
    stage: str
    device: str
    precision: str

    def __len__(self) -> int:
        return len(self.paths)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Give the rows."""
        return np.array(self.features, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        rows, columns = self.features.shape
        return (
            f"<Embeddings of {count_of(rows, 'image')}, {columns} numbers each from "
            f"{self.stage}, {self.precision} on {self.device}>"
        )


def points_of(points: "ArrayLike | Embeddings", speaker: str) -> NDArray[np.float32]:
    """Rows of features as what works on points wants them: (N, D) float32, finite.

    Raises
    ------
    InvalidOption
        They have another shape, or a value is not finite.
    """
    try:
        rows = np.ascontiguousarray(points, np.float32)
    except (ValueError, TypeError):
        message = f"[{speaker}] points: expected numbers (N, D)"
        raise _core.InvalidOption(message) from None
    if rows.ndim != 2 or 0 in rows.shape:
        message = f"[{speaker}] points: wrong shape; expected (N, D), got {rows.shape}"
        raise _core.InvalidOption(message)
    if not np.abs(rows).max() < _LARGEST:  # NaN too
        message = f"[{speaker}] points: some values are not finite, or beyond {_LARGEST:g}"
        raise _core.InvalidOption(message)
    return rows
