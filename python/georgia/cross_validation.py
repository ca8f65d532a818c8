"""cross_validate(): train on all but one fold after another, and keep what each says of its own."""

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core, run_folder, scoring, splitting
from georgia.dataset import Dataset
from georgia.display import confusion_table, count_of, printable, share
from georgia.loading import load
from georgia.opening import open_dataset
from georgia.preparing import check_parts
from georgia.reliability import group_numbers
from georgia.run import Run
from georgia.training import resume, train

TABLE = "out_of_fold.csv"
_COLUMNS = ("path", "class", "fold", "group")


@dataclass(frozen=True)
class CrossValidation:
    """Probabilities of every image by a model that saw neither it nor its group.

    Attributes
    ----------
    folder : Path
        Holds ``fold-1``, ``fold-2``, ... and ``out_of_fold.csv``.
    classes : tuple of str
    paths : list of str
    labels : list of str
    folds : list of int
        Whose test split the image was in, from 1.
    groups : list of int
        Equal numbers are one group.
    probabilities : ndarray, shape (N, K), float32
        Images that could not be read are left out.
    """

    folder: Path
    classes: tuple[str, ...]
    paths: list[str]
    labels: list[str]
    folds: list[int]
    groups: list[int]
    probabilities: NDArray[np.float32] = field(repr=False)

    @property
    def label_numbers(self) -> NDArray[np.int64]:
        """Class indices, shape (N,)."""
        index = {name: k for k, name in enumerate(self.classes)}
        return np.array([index[label] for label in self.labels], np.int64)

    @property
    def is_right(self) -> NDArray[np.bool_]:
        """Whether the most probable class is the image's, shape (N,)."""
        return np.equal(_core.top_class(self.probabilities), self.label_numbers)

    @property
    def accuracies(self) -> list[float]:
        """One per fold."""
        right, folds = self.is_right, np.array(self.folds)
        return [float(right[folds == fold].mean()) for fold in sorted(set(self.folds))]

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % intervals by drawing whole groups again, as of `Evaluation`."""
        groups = np.array(self.groups, np.int64)
        return scoring.intervals(self.label_numbers, self.probabilities, groups)

    def __str__(self) -> str:
        scores = scoring.class_scores(self.label_numbers, self.probabilities, [])
        folds = self.accuracies
        drawn = self.intervals.get("accuracy")
        lines = [
            f"{count_of(len(folds), 'fold')}, each image scored by a model that saw neither it nor "
            "its group",
            f"accuracy {share(scores['correct'], scores['count'])}"
            + (f", 95 % interval {drawn[0]:.4f} to {drawn[1]:.4f} by groups" if drawn else ""),
            f"folds: {', '.join(f'{value:.4f}' for value in folds)}; mean {np.mean(folds):.4f}, "
            f"standard deviation {np.std(folds, ddof=1):.4f}",
            f"balanced accuracy {scores['balanced_accuracy']:.4f}, "
            f"macro F1 {scores['macro']['f1']:.4f}",
            "",
            "confusion (rows true, columns predicted)",
            confusion_table(scores["confusion"], self.classes),
        ]
        return "\n".join(lines)

    def to_csv(self) -> str:
        """Render for `load`, names as they are: ``path,class,fold,group,<probabilities>``."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow([*_COLUMNS, *self.classes])
        for path, label, fold, group, row in zip(
            self.paths, self.labels, self.folds, self.groups, self.probabilities, strict=True
        ):
            writer.writerow([path, label, fold, group, *(f"{p:.9g}" for p in row)])
        return buffer.getvalue()

    @classmethod
    def load(cls, folder: str | os.PathLike[str]) -> "CrossValidation":
        """Read what a cross-validation kept.

        Raises
        ------
        IoError, BadInput
            There is none, or its table is damaged.
        """
        folder = Path(folder)
        table = folder / TABLE
        try:
            text = table.read_bytes().decode("utf-8", "surrogateescape")
            header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
            classes = tuple(header[len(_COLUMNS) :])
            found = cls(
                folder=folder,
                classes=classes,
                paths=[row[0] for row in rows],
                labels=[row[1] for row in rows],
                folds=[int(row[2]) for row in rows],
                groups=[int(row[3]) for row in rows],
                probabilities=np.array([row[len(_COLUMNS) :] for row in rows], np.float32),
            )
            is_whole = found.probabilities.shape == (len(rows), len(classes))
        except OSError as error:
            message = f"[crossval] {printable(table)}: {error.strerror}"
            raise _core.IoError(message) from None
        except (ValueError, IndexError, csv.Error) as error:
            message = f"[crossval] {printable(table)}: damaged: {printable(error)}"
            raise _core.BadInput(message) from None
        is_sane = is_whole and len(classes) > 1 and not set(found.labels) - set(classes)
        if not is_sane or not np.isfinite(found.probabilities).all():
            message = f"[crossval] {printable(table)}: damaged: not what a cross-validation wrote"
            raise _core.BadInput(message)
        return found


def cross_validate(
    data: "str | os.PathLike[str] | Dataset",
    *,
    folds: int | str = 5,
    groups: str = "duplicates",
    out: str | os.PathLike[str] | None = None,
    seed: int = 42,
    progress: bool = True,
    **keywords: Any,
) -> CrossValidation:
    """Train on all but one fold after another, and score each fold by the model that missed it.

    Groups (copies of one picture, slides, batches) are never divided. In each round one fold is the
    test split and the next the validation split, which chooses the epoch.

    Parameters
    ----------
    data : path or Dataset
        As for `train`; splits that it has do not count.
    folds : int or str
        How many, at least 3; or ``groups``: leave one named group out at a time.
    groups : str
        As for `Dataset.split`.
    out : path, optional
        For the runs and ``out_of_fold.csv``; ``runs/<date>_<time>`` when not given. Where an
        earlier call was stopped it goes on: folds of the same images that are there are not
        trained again, and keep the options they began with.
    seed : int
        Decides the folds, and each training.
    progress, keywords
        As for `train`.

    Returns
    -------
    CrossValidation

    Raises
    ------
    InvalidOption, BadInput, IoError, Diverged

    Examples
    --------
    >>> import georgia, tempfile
    >>> photos = georgia.synthetic.write(tempfile.mkdtemp(), per_class=6, size=32)
    >>> quick = dict(network="small_cnn", epochs=1, size=32, progress=False)
    >>> result = georgia.cross_validate(photos, folds=3, out=tempfile.mkdtemp(), **quick)
    >>> len(result.accuracies), len(result.paths)
    (3, 24)
    """
    if isinstance(data, (str, os.PathLike)):
        data = open_dataset(data, strict=keywords.get("strict", False), progress=progress)
    parts = _parts(data, folds, groups, seed)
    for part in parts:
        check_parts(part)  # rather now than after hours
    is_begun = out is not None and Path(out, "fold-1", "options.json").is_file()
    folder = Path(out) if out is not None and is_begun else run_folder.place(out)
    runs = [
        _trained(part, folder / f"fold-{number}", seed=seed, progress=progress, **keywords)
        for number, part in enumerate(parts, 1)
    ]
    found = _collected(folder, runs, progress=progress)
    _core.write_bytes(folder / TABLE, found.to_csv().encode("utf-8", "surrogateescape"))
    return found


def _trained(part: Dataset, folder: Path, *, progress: bool, **keywords: Any) -> Run:
    """The run of a fold: the one that is there, gone on with where it stopped, or a new one."""
    if not (folder / "options.json").is_file():
        return train(part, out=folder, progress=progress, **keywords)
    run = Run(folder)
    if run.dataset.digest() != part.inspected().digest():
        message = (
            f"[crossval] {printable(folder)}: a run of other images or folds; expected a new folder"
        )
        raise _core.InvalidOption(message)
    return run if run.is_finished else resume(run, progress=progress)


def _parts(data: Dataset, folds: int | str, groups: str, seed: int) -> list[Dataset]:
    if folds == "groups":
        return splitting.leave_one_out(data, groups=groups)
    if isinstance(folds, str):
        message = f"[crossval] folds: expected a number or groups, got {printable(folds)}"
        raise _core.InvalidOption(message)
    return data.folds(folds, seed=seed, groups=groups)


def _collected(folder: Path, runs: Sequence[Run], *, progress: bool) -> CrossValidation:
    """Answers of each run for its test split."""
    paths: list[str] = []
    labels: list[str] = []
    folds: list[int] = []
    probabilities = []
    samples = []
    for number, run in enumerate(runs, 1):
        dataset = run.dataset
        tested = dataset.part("test")
        answers = load(run).predict(
            dataset.paths(tested), limits=run.options.limits, progress=progress, **run.computing
        )
        used = [i for i, error in enumerate(answers.errors) if not error]
        paths += [answers.paths[i] for i in used]
        labels += [tested[i].label for i in used]
        samples += [tested[i] for i in used]
        folds += [number] * len(used)
        probabilities.append(answers.probabilities[used])
    return CrossValidation(
        folder,
        runs[0].dataset.classes,
        paths,
        labels,
        folds,
        group_numbers(samples),
        np.concatenate(probabilities),
    )
