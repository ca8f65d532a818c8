"""evaluate(): score a run's model on images that training did not see, and write the report."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core, scoring
from georgia.dataset import Dataset
from georgia.display import count_of, printable, reason_of, share
from georgia.evaluation import Evaluation
from georgia.grouping import carried_by
from georgia.images import ImageInput
from georgia.model import Model
from georgia.outliers import told_apart
from georgia.prediction_sets import coverage_of, rules_of
from georgia.predictions import Predictions
from georgia.reliability import FITTED, calibrated, caution_of, facts_of, group_numbers
from georgia.run import Run
from georgia.sample import Sample

if TYPE_CHECKING:
    from georgia.audit import Audit

MISSED_RATE = 0.05


def evaluate(
    run: "str | os.PathLike[str] | Run",
    *,
    split: str | None = None,
    targets: Sequence[str] = (),
    missed_rate: float = MISSED_RATE,
    foreign: ImageInput | None = None,
    alpha: float | None = None,
    report: bool = True,
    batch: int = 32,
    threads: int = 0,
    device: str = "auto",
    precision: str = "auto",
    progress: bool = False,
) -> Evaluation:
    """Score a run's best model on one of its splits.

    Writes ``report.html``, ``report.txt``, ``model_card.md``, ``scores.json``, ``confusion.png``
    and ``predictions.csv`` into the run's folder. A model that was not calibrated yet is, by
    `calibrate`, and its file keeps that.

    Parameters
    ----------
    run : path or Run
    split : str, optional
        ``test``, ``validation``, ``train`` or ``calibration``; by default test, and where there
        is none validation, which is said to be no test.
    targets : sequence of str
        Classes that must not be missed, such as those of crystals among the contents of drops: how
        many of their images would be, by the label or by the k best, is counted.
    missed_rate : float
        With `targets`: the share of their images that may be missed, for which a threshold of
        their summed probability is found on held-out images.
    foreign : images, optional
        A folder (or anything `Model.predict` takes) of images that are none of the classes: how
        well each outlier score tells them apart is measured.
    alpha : float, optional
        How often a prediction set may lack the true class; by default what the model was calibrated
        for, else 0.1. Another one calibrates it anew.
    report : bool
        Write ``report.html`` and ``model_card.md`` too, for which all images of the run are read.
    batch, threads, device, precision, progress
        As in `Model.predict`.

    Raises
    ------
    BadInput
        The split is empty, or the model file is damaged.
    InvalidOption
        A target is no class, or a rate does not lie between 0 and 1.
    """
    run = run if isinstance(run, Run) else Run(run)
    dataset = run.dataset
    if split is None:
        split = "test" if dataset.part("test") else "validation"
    samples = dataset.part(split)
    targets = tuple(dict.fromkeys(targets))
    _check(dataset.classes, targets, missed_rate)
    if not samples:
        message = f"[evaluate] {printable(run.folder)}: the {split} split has no images"
        raise _core.BadInput(message)
    computing: dict[str, Any] = {
        "batch": batch,
        "threads": threads,
        "device": device,
        "precision": precision,
        "progress": progress,
    }
    model = calibrated(run, alpha, **computing)
    computing["limits"] = run.options.limits
    if foreign is not None and not (model.reliability and model.reliability.thresholds):
        message = (
            "[evaluate] foreign: the model has no outlier scores; a class had no image, or the "
            "network sees pixels alone"
        )
        raise _core.BadInput(message)
    predictions = model.predict(dataset.paths(samples), **computing)
    audit = _audit(dataset) if report else None
    result = _evaluation(run.title, model, _Scored(split, samples, predictions), targets, audit)
    if targets:
        held = dataset.part(facts_of(model)["sets"]["split"])
        answers = model.predict(dataset.paths(held), **computing)
        result.missed_rule.update(_missed_rule(result, held, answers, missed_rate))
    if foreign is not None:
        result.foreign.update(_foreign(result, model.predict(foreign, **computing)))
    _write(run, result)
    if report:
        from georgia import report as page

        page.write(run, model, result, audit)
    return result


def _check(classes: Sequence[str], targets: Sequence[str], missed_rate: float) -> None:
    for name in targets:
        if name not in classes:
            message = (
                f"[evaluate] targets: no such class; expected some of "
                f"{', '.join(map(printable, classes))}, got {printable(name)}"
            )
            raise _core.InvalidOption(message)
    if not 0 < missed_rate < 1:
        message = f"[evaluate] missed_rate: expected above 0 and below 1, got {missed_rate}"
        raise _core.InvalidOption(message)


@dataclass(frozen=True)
class _Scored:
    """Labelled images and what a model says of them."""

    split: str
    samples: list[Sample]
    predictions: Predictions

    @property
    def readable(self) -> list[Sample]:
        """Those that could be read."""
        errors = self.predictions.errors
        return [sample for sample, error in zip(self.samples, errors, strict=True) if not error]

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Of those."""
        return self.predictions.probabilities[self.predictions.is_readable]


def _evaluation(
    title: str, model: Model, scored: _Scored, targets: Sequence[str], audit: "Audit | None"
) -> Evaluation:
    predictions, classes = scored.predictions, model.classes
    readable, probabilities = scored.readable, scored.probabilities
    index = {name: k for k, name in enumerate(classes)}
    labels = np.array([index[sample.label] for sample in readable], np.int64)
    groups = np.array(group_numbers(readable, audit), np.int64)
    numbers = scoring.class_scores(labels, probabilities, [index[name] for name in targets])
    curves = scoring.class_curves(labels, probabilities)
    for score, curve in zip(numbers["per_class"], curves, strict=True):
        score["roc_area"] = curve["area"]
        score["average_precision"] = curve["average_precision"]
        score["sensitivity"] = scoring.sensitivity(curve)
    known, facts = model.reliability, facts_of(model)
    temperature = known.temperature["value"] if known else 1.0
    right = _core.top_class(probabilities) == labels
    outliers = predictions.outliers
    return Evaluation(
        split=scored.split,
        device=predictions.device,
        precision=predictions.precision,
        classes=classes,
        predictions=predictions,
        labels=[sample.label for sample in scored.samples],
        intervals=scoring.intervals(labels, probabilities, groups) if len(labels) else {},
        groups=len(set(groups.tolist())),
        curves=curves,
        calibration=scoring.calibration(labels, probabilities, temperature) if len(labels) else {},
        temperature=temperature,
        selective=scoring.selective(labels, probabilities) if len(labels) else {},
        sets=[
            {"kind": rule.kind, "alpha": rule.alpha} | coverage_of(rule, probabilities, labels)
            for rule in rules_of(known)
        ],
        sets_from=caution_of(facts),
        refused_sets=facts["sets"]["refused"],
        outliers=int(outliers.is_outlier[predictions.is_readable].sum()) if outliers else None,
        by_group=_errors_by_group(readable, right),
        twins=_without_twins(readable, right, scored.split, audit) if audit else None,
        fitted_on={name: facts[name]["split"] for name in FITTED},
        targets=tuple(targets),
        title=title,
        unreadable=[error for error in predictions.errors if error],
        **numbers,
    )


def _errors_by_group(
    samples: Sequence[Sample], right: NDArray[np.bool_]
) -> list[tuple[str, int, int]]:
    """Images and errors of each group that carries a name, the most errors first."""
    images: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for sample, is_right in zip(samples, right, strict=True):
        if name := carried_by(sample):
            images[name] += 1
            errors[name] += not is_right
    rows = [(name, images[name], errors[name]) for name in images]
    return sorted(rows, key=lambda row: (-row[2], -row[1], row[0]))


def _without_twins(
    samples: Sequence[Sample], right: NDArray[np.bool_], split: str, audit: "Audit"
) -> dict[str, tuple[int, int]] | None:
    if split == "train":
        return None
    copies = audit.copies_of_learned(split)
    alone = np.array([sample.path not in copies for sample in samples], bool)
    return {
        "with": (int(right.sum()), len(right)),
        "without": (int(right[alone].sum()), int(alone.sum())),
    }


def _missed_rule(
    result: Evaluation, held: Sequence[Sample], answers: Predictions, rate: float
) -> dict[str, Any]:
    """What a threshold that promises so many missed images costs on the split that is scored."""
    columns = [result.classes.index(name) for name in result.targets]
    sought = np.array([sample.label in result.targets for sample in held])
    used = sought & answers.is_readable
    scores = answers.probabilities[:, columns].sum(1)
    groups = np.array(group_numbers(held))
    try:
        threshold = scoring.missed_rate_rule(scores[used], groups[used], rate)
    except _core.InvalidOption as error:
        return {"rate": rate, "refused": reason_of(error)}
    found = result.predictions.probabilities[result.scored][:, columns].sum(1) >= threshold
    is_target = np.array([label in result.targets for label in result.scored_labels], bool)
    return {
        "rate": rate,
        "threshold": threshold,
        "missed": int((is_target & ~found).sum()),
        "targets": int(is_target.sum()),
        "review": int(found.sum()),
        "count": result.count,
        "from": f"from {count_of(len(set(groups[used].tolist())), 'group')} with such images, "
        f"{result.fitted_on['sets']} split",
    }


def _foreign(result: Evaluation, predictions: Predictions) -> dict[str, Any]:
    own, theirs = result.predictions.outliers, predictions.outliers
    readable = predictions.is_readable
    if own is None or theirs is None or not readable.any():
        message = "[evaluate] foreign: no image could be read"
        raise _core.BadInput(message)
    return {
        "images": int(readable.sum()),
        "default": own.default,
        "scores": told_apart(own.only(result.predictions.is_readable), theirs.only(readable)),
    }


def _audit(dataset: Dataset) -> "Audit | None":
    """What is to be said of the images; None where they are not what they were."""
    try:
        return dataset.audit()
    except _core.BadInput:
        return None


def _write(run: Run, result: Evaluation) -> None:
    from georgia import plots

    _core.write_text(run.folder / "report.txt", f"{result}\n")
    _core.write_text(run.folder / "predictions.csv", result.predictions.to_csv())
    run.keep_scores(result.split, result.to_dict())
    plots.confusion_matrix(result.confusion, result.classes, title=confusion_title(result)).savefig(
        run.folder / "confusion.png"
    )


def confusion_title(result: Evaluation) -> str:
    """What a picture of its confusion matrix is called."""
    scores = f"{result.split}: accuracy {share(result.correct, result.count)}"
    return f"{result.title}\n{scores}" if result.title else scores
