"""Evaluate: scores with intervals on images that training did not see."""

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import confusion_table, count_of, printable, share
from georgia.model import load
from georgia.predictions import Predictions
from georgia.run import Run

_CAUTION = {
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
    unreadable: list[str] = field(default_factory=list, repr=False)

    def __str__(self) -> str:
        low, high = self.accuracy_interval
        width = max(12, *(len(printable(name)) for name in self.classes))
        lines = [
            f"accuracy {share(self.correct, self.count)}, 95 % interval {low:.4f} to {high:.4f}, "
            f"{self.split} split{_CAUTION.get(self.split, '')}",
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
        lines += ["", "confusion (rows true, columns predicted)"]
        lines.append(confusion_table(self.confusion, self.classes))
        if self.unreadable:
            lines += ["", f"{count_of(len(self.unreadable), 'image')} could not be read:"]
            lines += [f"  {printable(error)}" for error in self.unreadable[:10]]
        return "\n".join(lines)


def evaluate(
    run: "str | os.PathLike[str] | Run",
    *,
    split: str | None = None,
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
    result = _score(split, dataset.classes, [s.label for s in samples], predictions)
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
        title=f"{split}: accuracy {share(result.correct, result.count)}",
    ).savefig(run.folder / "confusion.png")
    return result


def _score(
    split: str, classes: tuple[str, ...], labels: list[str], predictions: Predictions
) -> Evaluation:
    readable = [i for i, error in enumerate(predictions.errors) if not error]
    best = _core.top_class(predictions.probabilities)
    scores: dict[str, Any] = _core.score(
        [classes.index(labels[i]) for i in readable], [int(best[i]) for i in readable], len(classes)
    )
    scores["per_class"] = scores.pop("classes")
    return Evaluation(
        split=split,
        device=predictions.device,
        precision=predictions.precision,
        classes=classes,
        predictions=predictions,
        labels=labels,
        unreadable=[error for error in predictions.errors if error],
        **scores,
    )
