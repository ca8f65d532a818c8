"""Prediction sets: classes that hold the true one as often as was promised."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import reason_of

KINDS = ("marginal", "by class", "adaptive")


@dataclass(frozen=True)
class SetRule:
    """When a class belongs to an image's set; from images whose classes were known.

    Attributes
    ----------
    kind : str
        ``marginal`` (the promise is of all images together), ``by class`` (of each true class by
        itself) or ``adaptive`` (of all together; surer images get smaller sets).
    alpha : float
        How often a set may lack the true class.
    thresholds : tuple of float
        One, or one for each class.
    """

    kind: str
    alpha: float
    thresholds: tuple[float, ...]
    options: _core.ConformalOptions

    def members(self, probabilities: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which classes lie in which image's set, shape (N, K)."""
        rows = _core.prediction_sets(probabilities, self.thresholds, self.options)
        return rows.astype(bool)


def rules_of(known: "_core.Reliability | None") -> tuple[SetRule, ...]:
    """The rules that are kept with a model."""
    return tuple(
        SetRule(options.kind, options.alpha, tuple(thresholds), options)
        for options, thresholds in (known.sets if known else ())
    )


def fit_rules(
    probabilities: NDArray[np.float32],
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
    alpha: float,
) -> tuple[list[SetRule], dict[str, str]]:
    """Rules of every kind that so many groups can promise, and why the others are not there."""
    rules, refused = [], {}
    for kind in KINDS:
        options = _core.ConformalOptions(kind=kind, alpha=alpha)
        try:
            thresholds = _core.fit_conformal(probabilities, labels, groups, options)
        except _core.InvalidOption as error:
            refused[kind] = reason_of(error)
            continue
        rules.append(SetRule(kind, alpha, tuple(thresholds), options))
    return rules, refused


def coverage_of(
    rule: SetRule, probabilities: NDArray[np.float32], labels: NDArray[np.int64]
) -> dict[str, float]:
    """``covered`` (images whose set holds their class), ``count``, and the mean ``size``."""
    members = rule.members(probabilities)
    return {
        "covered": int(members[np.arange(len(labels)), labels].sum()),
        "count": len(labels),
        "size": float(members.sum(1).mean()) if len(labels) else 0.0,
    }
