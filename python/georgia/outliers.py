"""OutlierScores: how foreign images are to what a model was trained on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from georgia import _core

_KEPT = 0.95


@dataclass(frozen=True)
class OutlierScores:
    """How foreign images are, by every score that a model knows; more is more foreign.

    Attributes
    ----------
    names : tuple of str
        ``vim``, ``neighbours``, ``mahalanobis``, ``relative mahalanobis``, ``softmax``, ``energy``.
    values : ndarray, shape (N, S), float32
        0 for images that could not be read.
    thresholds : ndarray, shape (S,)
        What 95 % of the held-out images stay within: calibration or, without them, validation.
    default : str
        The score that `Prediction.is_outlier` goes by.
    """

    names: tuple[str, ...]
    values: NDArray[np.float32]
    thresholds: NDArray[np.float32]
    default: str

    @classmethod
    def of(cls, known: _core.Reliability, values: NDArray[np.float32]) -> "OutlierScores":
        """Give rows of numbers their names and a model's thresholds."""
        thresholds = known.thresholds
        return cls(
            tuple(thresholds),
            values,
            np.array([*thresholds.values()], np.float32),
            known.default_score,
        )

    @property
    def score(self) -> NDArray[np.float32]:
        """The default score of each image, shape (N,)."""
        return self.values[:, self.names.index(self.default)]

    @property
    def is_outlier(self) -> NDArray[np.bool_]:
        """Whether the default score is above its threshold, shape (N,)."""
        return np.asarray(self.score > self.thresholds[self.names.index(self.default)], bool)

    def only(self, is_wanted: NDArray[np.bool_]) -> "OutlierScores":
        """The same of some images."""
        return OutlierScores(self.names, self.values[is_wanted], self.thresholds, self.default)


def told_apart(own: OutlierScores, foreign: OutlierScores) -> dict[str, dict[str, float]]:
    """How well each score tells foreign images from a model's own.

    For each score ``auroc`` (1: all foreign ones above all own ones; 0.5: no better than chance),
    ``fpr95`` (share of the foreign ones taken in where 95 % of the own ones are) and ``refused``
    (share of the foreign ones beyond the model's threshold).
    """
    table = {}
    for i, name in enumerate(own.names):
        theirs = foreign.values[:, i]
        nearness = -np.concatenate([own.values[:, i], theirs])
        is_own = np.arange(len(nearness)) < len(own.values)
        curve = _core.curves(nearness, is_own)
        kept = int(np.argmax(curve["recall"] >= _KEPT))
        table[name] = {
            "auroc": float(curve["area"]),
            "fpr95": float(curve["false_positive"][kept]),
            "refused": float(np.mean(theirs > own.thresholds[i])),
        }
    return table
