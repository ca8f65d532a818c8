"""Evaluation: what is known of a model by labelled images that training did not see."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import scoring
from georgia.display import count_of
from georgia.predictions import Predictions

CAUTION = {
    "validation": " (not a test: these images chose the epoch)",
    "train": " (not a test: these images were trained on)",
    "calibration": " (not a test: thresholds were fitted on these images)",
}

FITTED_HERE = " (fitted on these very images)"
APPROXIMATE = " (approximate: validation images, which chose the epoch, set the threshold)"


@dataclass(frozen=True)
class Evaluation:
    """Scores of a model on labelled images, and how far they can be believed.

    Printing it shows the report that is kept in ``report.txt``. Images that could not be read are
    in `predictions` and `unreadable`, and in no score.

    Attributes
    ----------
    split : str
    device, precision : str
        Where and in which type it was computed, as ``auto`` came out.
    classes : tuple of str
    count, correct : int
        Images scored, and how many of them were right.
    accuracy : float
        ``correct / count``.
    accuracy_interval : (float, float)
        95 % interval of the accuracy (Wilson), as if images were independent.
    intervals : dict of str to (float, float)
        95 % intervals of ``accuracy``, ``balanced_accuracy``, ``macro_f1``, ``kappa`` and
        ``matthews`` by drawing whole groups again, 2000 times; empty for fewer than two groups.
    groups : int
        Different groups among the images: slides, batches, and copies of one picture as far as a
        split of georgia's or the report's audit found them.
    balanced_accuracy, kappa, matthews : float
        Mean recall; Cohen's kappa; Matthews' correlation.
    confusion : ndarray, shape (K, K), int64
        Rows true, columns predicted.
    per_class : list of dict
        ``precision``, ``recall``, ``f1`` (0 where undefined) and ``support`` of each class, and by
        its probability against the rest ``roc_area`` and ``sensitivity`` at a specificity of 0.95
        (NaN where the class or the rest is empty) and ``average_precision`` (NaN where the class
        is).
    macro, weighted : dict
        Means over classes: plain, and by support.
    curves : list of dict
        Of each class: ``thresholds``, ``false_positive``, ``recall``, ``precision``.
    calibration : dict
        ``before`` and ``after`` the temperature: ``log_loss`` (nats), ``brier``, and for
        ``equal width`` and ``equal mass`` the ``error``, its ``debiased`` form and 15 ``bins``.
    temperature : float
        That logits are divided by; 1 where validation images, all right, do not determine it.
    fitted_on : dict of str to str
        Splits that ``temperature``, ``outliers`` (their thresholds) and ``sets`` come from: scores
        of that split are better than those of new images.
    selective : dict
        ``coverage``, ``risk``, ``thresholds``, ``area``, and ``accuracy_at`` 0.8, 0.9, 0.95.
    sets : list of dict
        Prediction sets: ``kind``, ``alpha``, how many ``covered`` their class, mean ``size``.
    sets_from : str
        Which images they come from, with a caution where these are not fit for it.
    refused_sets : dict of str to str
        Why a kind of set is not there.
    outliers : int or None
        Images taken for foreign; None where the model does not know.
    foreign : dict
        For a folder of foreign images, each score's ``auroc``, ``fpr95`` and ``refused``.
    by_group : list of (str, int, int)
        Name, images and errors of groups that were given names, the most errors first.
    twins : dict or None
        Accuracy ``with`` and ``without`` images that have a copy in training or validation, as
        (correct, count); None where copies were not looked for.
    predictions : Predictions
        One per image of the split, unreadable ones included.
    labels : list of str
        True classes of `predictions`.
    top : list of int
        Images whose class is among the 1, 2, ... best, up to 5.
    targets : tuple of str
        Classes that must not be missed.
    missed, review : list of int
        Images of the targets with no target among the 1, 2, ... best; and images of any class with
        one, which are to be looked at.
    missed_rule : dict
        The threshold of the targets' summed probability that promises a rate of missed images:
        ``rate``, ``threshold``, ``missed``, ``targets``, ``review``, ``count``, ``from``; or
        ``refused``.
    title : str
        Of the run.
    unreadable : list of str
        Errors of images that could not be read; they are not scored.
    """

    split: str
    device: str
    precision: str
    classes: tuple[str, ...]
    count: int
    correct: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    balanced_accuracy: float
    kappa: float
    matthews: float
    confusion: NDArray[np.int64] = field(repr=False)
    per_class: list[dict[str, float]] = field(repr=False)
    macro: dict[str, float] = field(repr=False)
    weighted: dict[str, float] = field(repr=False)
    predictions: Predictions = field(repr=False)
    labels: list[str] = field(repr=False)
    top: list[int] = field(default_factory=list)
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False)
    groups: int = 0
    curves: list[dict[str, Any]] = field(default_factory=list, repr=False)
    calibration: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    temperature: float = 1.0
    fitted_on: dict[str, str] = field(default_factory=dict, repr=False)
    selective: dict[str, Any] = field(default_factory=dict, repr=False)
    sets: list[dict[str, Any]] = field(default_factory=list, repr=False)
    sets_from: str = ""
    refused_sets: dict[str, str] = field(default_factory=dict, repr=False)
    outliers: int | None = None
    foreign: dict[str, Any] = field(default_factory=dict, repr=False)
    by_group: list[tuple[str, int, int]] = field(default_factory=list, repr=False)
    twins: dict[str, tuple[int, int]] | None = None
    targets: tuple[str, ...] = ()
    missed: list[int] = field(default_factory=list, repr=False)
    review: list[int] = field(default_factory=list, repr=False)
    missed_rule: dict[str, Any] = field(default_factory=dict, repr=False)
    title: str = ""
    unreadable: list[str] = field(default_factory=list, repr=False)

    def __str__(self) -> str:
        from georgia.evaluation_text import text_of

        return text_of(self)

    @property
    def headline_interval(self) -> tuple[float, float, str]:
        """95 % interval of the accuracy and what is drawn: groups where images share them."""
        if self.groups < self.count and "accuracy" in self.intervals:
            return *self.intervals["accuracy"], f"of {count_of(self.groups, 'group')}"
        return *self.accuracy_interval, "as if images were independent"

    def caution_for(self, what: str) -> str:
        """Say so where that was fitted on the very images scored, or thresholds on validation."""
        split = self.fitted_on.get(what)
        if split == self.split:
            return FITTED_HERE
        return APPROXIMATE if what == "outliers" and split == "validation" else ""

    @property
    def scored(self) -> NDArray[np.int64]:
        """Indices of the images that could be read, shape (count,)."""
        return np.flatnonzero(self.predictions.is_readable)

    @property
    def scored_labels(self) -> list[str]:
        """True classes of the images that could be read."""
        return [self.labels[i] for i in self.scored]

    @property
    def losses(self) -> NDArray[np.float64]:
        """-ln of what the true class of each scored image got, shape (count,), in nats."""
        index = {name: k for k, name in enumerate(self.classes)}
        labels = np.array([index[label] for label in self.scored_labels], np.int64)
        return scoring.losses(labels, self.predictions.probabilities[self.scored])

    @property
    def confused(self) -> list[tuple[str, str, int]]:
        """(true class, predicted class, images), the most frequent first."""
        return [
            (self.classes[t], self.classes[p], n)
            for t, p, n in scoring.confused_pairs(self.confusion)
        ]

    def worst(self, most: int = 10) -> list[int]:
        """Indices of the images with the highest losses, the wrong ones alone."""
        scored, labels = self.scored, self.scored_labels
        best = np.argmax(self.predictions.probabilities[scored], axis=1)
        order = np.argsort(-self.losses, kind="stable")
        wrong = (i for i in order if self.classes[best[i]] != labels[i])
        return [int(scored[i]) for i in itertools.islice(wrong, most)]

    def to_dict(self) -> dict[str, Any]:
        """The numbers alone, as plain values: what ``scores.json`` keeps of a split."""
        after = self.calibration.get("after", {})
        return {
            "accuracy": self.accuracy,
            "correct": self.correct,
            "count": self.count,
            "unreadable": len(self.unreadable),
            "balanced_accuracy": self.balanced_accuracy,
            "macro_f1": self.macro["f1"],
            "kappa": self.kappa,
            "matthews": self.matthews,
            "log_loss": after.get("log_loss"),
            "brier": after.get("brier"),
            "calibration_error": after.get("equal width", {}).get("error"),
            "temperature": self.temperature,
            "risk_coverage_area": self.selective.get("area"),
            "outliers": self.outliers,
            "intervals": {name: list(pair) for name, pair in self.intervals.items()},
            "foreign": self.foreign,
        }
