"""Evaluate: scores with intervals on images that training did not see."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import confusion_table, count_of, printable, share
from georgia.loading import load
from georgia.predictions import Predictions
from georgia.run import Run

CAUTION = {
    "validation": " (not a test: these images chose the epoch)",
    "train": " (not a test: these images were trained on)",
}


@dataclass(frozen=True)
class Evaluation:
    """Scores of a model on labelled images. Printing it shows the per-class table.

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
        95 % interval of the accuracy (Wilson).
    confusion : ndarray, shape (K, K), int64
        Rows true, columns predicted.
    per_class : list of dict
        ``precision``, ``recall``, ``f1`` (0 where undefined) and ``support`` of each class.
    macro, weighted : dict
        Means over classes: plain, and by support.
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
    confusion: NDArray[np.int64] = field(repr=False)
    per_class: list[dict[str, float]] = field(repr=False)
    macro: dict[str, float] = field(repr=False)
    weighted: dict[str, float] = field(repr=False)
    predictions: Predictions = field(repr=False)
    labels: list[str] = field(repr=False)
    top: list[int] = field(default_factory=list)
    targets: tuple[str, ...] = ()
    missed: list[int] = field(default_factory=list, repr=False)
    review: list[int] = field(default_factory=list, repr=False)
    title: str = ""
    unreadable: list[str] = field(default_factory=list, repr=False)

    def __str__(self) -> str:
        low, high = self.accuracy_interval
        width = max(12, *(len(printable(name)) for name in self.classes))
        lines = [self.title] if self.title else []
        lines += [
            f"accuracy {share(self.correct, self.count)}, 95 % interval {low:.4f} to {high:.4f}, "
            f"{self.split} split{CAUTION.get(self.split, '')}",
            f"computed in {self.precision} on {self.device}",
            "",
            f"{'class':<{width}}  precision  recall      f1  images",
        ]
        rows = [
            *zip(self.classes, self.per_class, strict=True),
            ("macro", self.macro),
            ("weighted", self.weighted),
        ]
        for name, score in rows:
            lines.append(
                f"{printable(name):<{width}}  {score['precision']:9.4f}  {score['recall']:6.4f}  "
                f"{score['f1']:6.4f}  {score['support']:6}"
            )
        lines += self._ranking_lines()
        lines += ["", "confusion (rows true, columns predicted)"]
        lines.append(confusion_table(self.confusion, self.classes))
        if self.unreadable:
            lines += ["", f"{count_of(len(self.unreadable), 'image')} could not be read:"]
            lines += [f"  {printable(error)}" for error in self.unreadable[:10]]
        return "\n".join(lines)

    def _ranking_lines(self) -> list[str]:
        """What the best few classes hold, where there are more than two."""
        lines = []
        if len(self.classes) > 2:
            shares = [f"{k} best {share(hits, self.count)}" for k, hits in enumerate(self.top, 1)]
            lines += ["", f"right class among the {', '.join(shares[1:])}"]
        if self.targets:
            of_targets = sum(int(label in self.targets) for label in self.scored_labels)
            names = ", ".join(printable(name) for name in self.targets)
            lines += ["", f"missed of {names}, and what is to be looked at:"]
            lines += [
                f"  {'label' if k == 1 else f'{k} best'}: missed {share(missed, of_targets)}, "
                f"review {share(review, self.count)}"
                for k, (missed, review) in enumerate(zip(self.missed, self.review, strict=True), 1)
            ]
        return lines

    @property
    def scored_labels(self) -> list[str]:
        """True classes of the images that could be read."""
        errors = self.predictions.errors
        return [label for label, error in zip(self.labels, errors, strict=True) if not error]


def evaluate(
    run: "str | os.PathLike[str] | Run",
    *,
    split: str | None = None,
    targets: Sequence[str] = (),
    batch: int = 32,
    threads: int = 0,
    device: str = "auto",
    precision: str = "auto",
    progress: bool = False,
) -> Evaluation:
    """Score a run's best model on one of its splits.

    Writes ``report.txt``, ``scores.json``, ``confusion.png`` and ``predictions.csv`` into the run's
    folder.

    Parameters
    ----------
    run : path or Run
    split : str, optional
        ``test``, ``validation``, ``train`` or ``calibration``; by default test, and where there
        is none validation, which is said to be no test.
    targets : sequence of str
        Classes that must not be missed, such as those of crystals among the contents of drops: how
        many of their images would be, by the label or by the k best, is counted.
    batch, threads, device, precision, progress
        As in `Model.predict`.

    Raises
    ------
    BadInput
        The split is empty, or the model file is damaged.
    """
    run = run if isinstance(run, Run) else Run(run)
    dataset = run.dataset
    if split is None:
        split = "test" if dataset.part("test") else "validation"
    samples = dataset.part(split)
    for name in targets:
        if name not in dataset.classes:
            message = (
                f"[evaluate] targets: no such class; expected some of "
                f"{', '.join(map(printable, dataset.classes))}, got {printable(name)}"
            )
            raise _core.InvalidOption(message)
    if not samples:
        message = f"[evaluate] {printable(run.folder)}: the {split} split has no images"
        raise _core.BadInput(message)
    predictions = load(run).predict(
        dataset.paths(samples),
        batch=batch,
        threads=threads,
        device=device,
        precision=precision,
        limits=run.options.limits,
        progress=progress,
    )
    labels = [sample.label for sample in samples]
    result = _score(split, dataset.classes, labels, predictions, tuple(targets), run.title)
    _core.write_text(run.folder / "report.txt", f"{result}\n")
    _core.write_text(run.folder / "predictions.csv", predictions.to_csv())
    run.keep_scores(
        split,
        {
            "accuracy": result.accuracy,
            "correct": result.correct,
            "count": result.count,
            "unreadable": len(result.unreadable),
        },
    )
    from georgia import plots

    plots.confusion_matrix(
        result.confusion,
        result.classes,
        title=confusion_title(result),
    ).savefig(run.folder / "confusion.png")
    return result


def confusion_title(result: Evaluation) -> str:
    """What a picture of its confusion matrix is called."""
    scores = f"{result.split}: accuracy {share(result.correct, result.count)}"
    return f"{result.title}\n{scores}" if result.title else scores


def _score(
    split: str,
    classes: tuple[str, ...],
    labels: list[str],
    predictions: Predictions,
    targets: tuple[str, ...],
    title: str,
) -> Evaluation:
    readable = [i for i, error in enumerate(predictions.errors) if not error]
    best = _core.top_class(predictions.probabilities)
    scores: dict[str, Any] = _core.score(
        [classes.index(labels[i]) for i in readable], [int(best[i]) for i in readable], len(classes)
    )
    scores["per_class"] = scores.pop("classes")
    scores |= _core.rank(
        predictions.probabilities[readable],
        [classes.index(labels[i]) for i in readable],
        [classes.index(name) for name in targets],
    )
    return Evaluation(
        split=split,
        device=predictions.device,
        precision=predictions.precision,
        classes=classes,
        predictions=predictions,
        labels=labels,
        targets=targets,
        title=title,
        unreadable=[error for error in predictions.errors if error],
        **scores,
    )
