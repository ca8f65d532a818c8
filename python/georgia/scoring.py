"""The numbers of an evaluation, all from classes, probabilities and groups; the core counts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core

Labels = NDArray[np.int64]
Probabilities = NDArray[np.float32]

SPECIFICITY = 0.95
COVERAGES = (0.8, 0.9, 0.95)
_BINNINGS = ("equal width", "equal mass")


def class_scores(
    labels: Labels, probabilities: Probabilities, targets: Sequence[int]
) -> dict[str, Any]:
    """Everything that follows from which class is the best, or among the best few."""
    classes = probabilities.shape[1]
    scores: dict[str, Any] = _core.score(labels, _core.top_class(probabilities), classes)
    scores["per_class"] = scores.pop("classes")
    return (
        scores | _core.rank(probabilities, labels, targets) | _core.agreement(scores["confusion"])
    )


def class_curves(labels: Labels, probabilities: Probabilities) -> list[dict[str, Any]]:
    """ROC and precision-recall curves of each class against the rest."""
    return [
        _core.curves(np.ascontiguousarray(probabilities[:, k]), labels == k)
        for k in range(probabilities.shape[1])
    ]


def sensitivity(curve: dict[str, Any]) -> float:
    """The highest recall where at least 95 % of the other classes' images are kept out."""
    if np.isnan(curve["area"]):
        return float("nan")
    allowed = curve["false_positive"] <= 1 - SPECIFICITY
    return float(curve["recall"][allowed].max(initial=0.0))


def calibration(
    labels: Labels, probabilities: Probabilities, temperature: float
) -> dict[str, dict[str, Any]]:
    """How true probabilities are, ``before`` the temperature and ``after``.

    Each has ``log_loss``, ``brier``, and for bins of equal width and equal mass the expected
    calibration error, its debiased form, and the bins.
    """
    return {
        "before": _calibration(labels, _core.tempered(probabilities, temperature)),
        "after": _calibration(labels, probabilities),
    }


def _calibration(labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    best = _core.top_class(probabilities)
    confidences = probabilities[np.arange(len(best)), best]
    found = {name: _core.calibrate(confidences, best == labels, name) for name in _BINNINGS}
    return found | _core.score_probabilities(probabilities, labels)


def selective(labels: Labels, probabilities: Probabilities) -> dict[str, Any]:
    """Risk by coverage, its area, and the accuracy of the surest 80, 90 and 95 %."""
    best = _core.top_class(probabilities)
    curve = _core.risk_coverage(probabilities[np.arange(len(best)), best], best == labels)
    # The first step that answers at least so many; equal confidences are answered together.
    steps = {share: int(np.argmax(curve["coverage"] >= share)) for share in COVERAGES}
    curve["accuracy_at"] = {
        share: {
            "accuracy": 1 - float(curve["risk"][step]),
            "coverage": float(curve["coverage"][step]),
            "confidence": float(curve["thresholds"][step]),
        }
        for share, step in steps.items()
    }
    return curve


def intervals(
    labels: Labels, probabilities: Probabilities, groups: NDArray[np.int64]
) -> dict[str, tuple[float, float]]:
    """95 % intervals by drawing whole groups again; none where there are fewer than two.

    Where all or none is right every drawing is equal and would promise too much: the accuracy then
    has Wilson's interval of as many images as there are groups, the other scores have none.
    """
    count = len(np.unique(groups))
    if count < 2:
        return {}
    best = _core.top_class(probabilities)
    found: dict[str, tuple[float, float]] = _core.bootstrap(
        labels, best, probabilities.shape[1], groups
    )
    low, high = found["accuracy"]
    if low == high:
        found["accuracy"] = _core.wilson_interval(round(low * count), count)
    return {name: pair for name, pair in found.items() if name == "accuracy" or pair[0] < pair[1]}


def confused_pairs(confusion: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """(true, predicted, images) of what was taken for something else, the most frequent first."""
    wrong = [(int(n), t, p) for (t, p), n in np.ndenumerate(confusion) if n and t != p]
    return [(t, p, n) for n, t, p in sorted(wrong, key=lambda one: (-one[0], *one[1:]))]


def losses(labels: Labels, probabilities: Probabilities) -> NDArray[np.float64]:
    """-ln of what the true class got, shape (N,), in nats."""
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return -np.log(np.maximum(own, np.finfo(np.float32).tiny))


def missed_rate_rule(scores: NDArray[np.float32], groups: NDArray[np.int64], rate: float) -> float:
    """The threshold of the targets' summed probability that misses so few images of theirs."""
    return float(_core.threshold_for_missed_rate(scores, groups, rate))
