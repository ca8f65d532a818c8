"""Embeddings: features of images, from a stage or layer of a network."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia.display import count_of


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
