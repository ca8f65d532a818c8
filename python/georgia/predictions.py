"""Predictions: the answers of a model, one for each image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import count_of, csv_text


@dataclass(frozen=True)
class Prediction:
    """The answer for one image.

    Attributes
    ----------
    path : str
        The file, or ``bytes``, ``array[3]`` and the like.
    label : str
        Most probable class; the first of them in a tie. Empty where there is an error.
    confidence : float
        Probability of `label`, 0 to 1.
    probabilities : ndarray, shape (K,), float32
        One per class, summing to 1.
    error : str
        Why the image could not be read; empty where it could.
    """

    path: str
    label: str
    confidence: float
    probabilities: NDArray[np.float32]
    error: str = ""


class Predictions(Sequence[Prediction]):
    """One `Prediction` per input, in order.

    Attributes
    ----------
    classes : tuple of str
    paths : list of str
    probabilities : ndarray, shape (N, K), float32
        Rows sum to 1; rows of images with an error are zero.
    errors : list of str
    device, precision : str
        Where and in which type they were computed, as ``auto`` came out.
    """

    def __init__(
        self,
        classes: tuple[str, ...],
        paths: list[str],
        probabilities: NDArray[np.float32],
        errors: list[str],
        *,
        device: str,
        precision: str,
    ) -> None:
        self.device = device
        self.precision = precision
        self.classes = classes
        self.paths = paths
        self.probabilities = probabilities
        self.errors = errors
        self._best = _core.top_class(probabilities)

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, index: int) -> Prediction: ...
    @overload
    def __getitem__(self, index: slice) -> list[Prediction]: ...
    def __getitem__(self, index: int | slice) -> Prediction | list[Prediction]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        row = self.probabilities[index]
        if self.errors[index]:
            return Prediction(self.paths[index], "", 0.0, row, self.errors[index])
        best = int(self._best[index])
        return Prediction(self.paths[index], self.classes[best], float(row[best]), row)

    def to_csv(self) -> str:
        """Render as CSV: ``path,label,confidence,<class>...,error``; text cells made harmless."""
        rows = (
            [
                p.path,
                p.label,
                f"{p.confidence:.6f}",
                *(f"{v:.6f}" for v in p.probabilities),
                p.error,
            ]
            for p in self
        )
        return csv_text(["path", "label", "confidence", *self.classes, "error"], rows)

    def __repr__(self) -> str:
        failed = sum(1 for error in self.errors if error)
        return (
            f"<Predictions of {count_of(len(self), 'image')}, {failed} not readable, "
            f"{self.precision} on {self.device}>"
        )
