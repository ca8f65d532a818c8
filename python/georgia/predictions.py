"""Predictions: the answers of a model, one for each image."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

import numpy as np
from numpy.typing import NDArray

from georgia import _core, prediction_table
from georgia.display import count_of
from georgia.outliers import OutlierScores
from georgia.prediction_sets import SetRule

if TYPE_CHECKING:
    from pandas import DataFrame


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
    outlier_score : float
        How foreign the image is to what the model was trained on, more is more; NaN where the model
        does not know (before `evaluate`, or `georgia.calibrate`) or the image was not read.
    is_outlier : bool
        Whether that is more than 95 % of the held-out images have: the label is then worth
        little.
    """

    path: str
    label: str
    confidence: float
    probabilities: NDArray[np.float32]
    error: str = ""
    outlier_score: float = math.nan
    is_outlier: bool = False


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
    outliers : OutlierScores or None
        How foreign each image is, by every score; None where the model does not know.
    instability : ndarray, shape (N,), float32, or None
        With test-time augmentation: the highest less the lowest probability that the answered class
        has among the turns and mirrorings of the image.
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
        outliers: OutlierScores | None = None,
        rules: Sequence[SetRule] = (),
        instability: NDArray[np.float32] | None = None,
    ) -> None:
        self.device = device
        self.precision = precision
        self.classes = classes
        self.paths = paths
        self.probabilities = probabilities
        self.errors = errors
        self.outliers = outliers
        self.instability = instability
        self._rules = {rule.kind: rule for rule in rules}
        self._best = _core.top_class(probabilities)
        self._scores = outliers.score if outliers else None
        self._is_outlier = outliers.is_outlier if outliers else None

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
        score, is_outlier = math.nan, False
        if self._scores is not None and self._is_outlier is not None:
            score, is_outlier = float(self._scores[index]), bool(self._is_outlier[index])
        return Prediction(
            self.paths[index],
            self.classes[best],
            float(row[best]),
            row,
            outlier_score=score,
            is_outlier=is_outlier,
        )

    @property
    def is_readable(self) -> NDArray[np.bool_]:
        """Which images could be read, shape (N,)."""
        return np.array([not error for error in self.errors], bool)

    def sets(self, kind: str = "marginal") -> list[tuple[str, ...]]:
        """Classes of each image that hold the true one as often as was promised.

        Parameters
        ----------
        kind : str
            ``marginal``, ``by class`` or ``adaptive``; see `georgia.calibrate`.

        Returns
        -------
        list of tuple of str
            The most probable class first; empty for an image with an error.

        Raises
        ------
        InvalidOption
            The model has no sets of that kind.
        """
        if kind not in self._rules:
            known = ", ".join(self._rules) or "none, before georgia evaluate"
            message = f"[sets] kind: expected one of those the model has ({known}), got {kind}"
            raise _core.InvalidOption(message)
        members = self._rules[kind].members(self.probabilities)
        order = np.argsort(-self.probabilities, axis=1, kind="stable")
        return [
            () if error else tuple(self.classes[k] for k in best if row[k])
            for row, best, error in zip(members, order, self.errors, strict=True)
        ]

    def to_csv(self) -> str:
        """Render as CSV, text cells made harmless.

        Columns are ``path,label,confidence,<class>...,outlier_score,is_outlier,error``; cells of
        outliers are empty where they are not known. With test-time augmentation ``instability``
        stands before ``error``.
        """
        return prediction_table.to_csv(self)

    def to_json(self) -> str:
        """Render as JSON: a list of objects with the columns of `to_csv`.

        Probabilities are an object of their own, ``probabilities``; what is not known is null.
        """
        return prediction_table.to_json(self)

    def to_pandas(self) -> "DataFrame":
        """Give a pandas.DataFrame with the columns of `to_csv`; pandas must be installed.

        Raises
        ------
        InvalidOption
            It is not.
        """
        return prediction_table.to_pandas(self)

    def least_sure(self, most: int = 10) -> list[int]:
        """Indices of the images whose best class has the lowest probability: label these next."""
        confidences = np.where(self.is_readable, self.probabilities.max(1, initial=0), np.inf)
        order = np.argsort(confidences, kind="stable")[: int(self.is_readable.sum())]
        return [int(i) for i in order[:most]]

    def __repr__(self) -> str:
        failed = sum(1 for error in self.errors if error)
        return (
            f"<Predictions of {count_of(len(self), 'image')}, {failed} not readable, "
            f"{self.precision} on {self.device}>"
        )
