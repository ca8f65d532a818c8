"""How long scores take: a million predictions of ten classes, and neighbours of many features.

    python -m benchmarks.scores_speed

scikit-learn's classification report counts what `_core.score` counts, on the same numbers in the
same process, in turn; agreement, log loss, Brier, calibration, ROC curves of all classes and a
bootstrap of 2000 rounds are georgia's further rows.
"""

import time
from collections.abc import Callable
from statistics import median

import numpy as np

from benchmarks import machine
from georgia import _core, scoring

_COUNT, _CLASSES, _ROUNDS = 1_000_000, 10, 5


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    from sklearn.metrics import classification_report

    print(machine.described())
    random = np.random.default_rng(1)
    labels = random.integers(0, _CLASSES, _COUNT)
    logits = random.normal(size=(_COUNT, _CLASSES)).astype(np.float32)
    logits[np.arange(_COUNT), labels] += 1.5
    weights = np.exp(logits)
    probabilities = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    best = probabilities.argmax(1)
    groups = random.integers(0, _COUNT // 4, _COUNT)
    works: dict[str, Callable[[], object]] = {
        "scikit-learn: classification_report": lambda: classification_report(labels, best),
        "score (the same numbers)": lambda: _core.score(labels, best, _CLASSES),
        "score, from probabilities, with ranks and agreement": lambda: scoring.class_scores(
            labels, probabilities, [1]
        ),
        "ROC and precision-recall curves of all classes": lambda: scoring.class_curves(
            labels, probabilities
        ),
        "calibration before and after": lambda: scoring.calibration(labels, probabilities, 1.2),
        "risk by coverage": lambda: scoring.selective(labels, probabilities),
        "bootstrap, 2000 rounds of groups": lambda: scoring.intervals(
            labels, probabilities, groups
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for round_number in range(_ROUNDS):
        for name, work in works.items():
            if round_number == 0 or "bootstrap" not in name:
                times[name].append(seconds(work))
    print("| work on 1,000,000 predictions of 10 classes | seconds |")
    print("| --- | ---: |")
    for name, taken in times.items():
        print(f"| {name} | {median(taken):.3f} |")


if __name__ == "__main__":
    main()
