"""A table of runs: what was tried, and what came of it."""

import os
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

from georgia import _core
from georgia.display import csv_text, printable
from georgia.run import Run


@dataclass(frozen=True)
class RunLine:
    """One run; what is not known yet is NaN or empty.

    Attributes
    ----------
    run : str
        Its folder, from the folder that was listed.
    title : str
        What it was called; a rehearsal is marked.
    begun : str
        Local time.
    train, validation : float
        Accuracies of the epoch whose weights are kept; that of training is of augmented images,
        while it learned.
    test : float
        Accuracy on the test split, where `evaluate` opened it.
    difference : float
        Of train and test, or of train and validation before a test.
    missed : int
        Test images without a right answer, -1 before a test.
    epochs : int
        That were trained.
    network, learning_rate, dropout, trainable
        Of the options; learning rates and trained stages of all phases.
    """

    run: str
    title: str
    begun: str
    train: float
    validation: float
    test: float
    difference: float
    missed: int
    epochs: int
    network: str
    learning_rate: str
    dropout: str
    trainable: str


@dataclass(frozen=True)
class RunTable:
    """Runs of a folder, the first begun first."""

    lines: tuple[RunLine, ...]

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[RunLine]:
        return iter(self.lines)

    def to_csv(self) -> str:
        """Render with a header; what is not known is empty, text cells are made harmless."""
        rows = [[_known(value) for value in astuple(line)] for line in self.lines]
        return csv_text([field.name for field in fields(RunLine)], rows)

    def __str__(self) -> str:
        header = [field.name.replace("_", " ") for field in fields(RunLine)]
        cells = [header, *([_cell(value) for value in astuple(line)] for line in self.lines)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join(
            "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in cells
        )


def runs(folder: str | os.PathLike[str] = "runs") -> RunTable:
    """Read all runs that lie in a folder, those of repetitions and compared fits too.

    Raises
    ------
    IoError
        The folder is missing.
    BadInput
        A run's files are damaged.
    """
    root = Path(folder)
    if not root.is_dir():
        message = f"[runs] {printable(root)}: no such folder"
        raise _core.IoError(message)
    depths = ("options.json", "*/options.json", "*/*/options.json")
    lines = [_line_of(path.parent, root) for depth in depths for path in root.glob(depth)]
    return RunTable(tuple(sorted(lines, key=lambda line: (line.begun, line.run))))


def _line_of(folder: Path, root: Path) -> RunLine:
    run = Run(folder)
    history, options = run.history, run.options
    best = run.best_row
    train, validation = (
        float(history[name][best]) if history else np.nan
        for name in ("train_accuracy", "validation_accuracy")
    )
    tested = run.scores.get("test")
    test = tested["accuracy"] if tested else np.nan
    return RunLine(
        run=folder.name if folder == root else folder.relative_to(root).as_posix(),
        title=run.title,
        begun=run.begun,
        train=train,
        validation=validation,
        test=test,
        difference=train - (test if tested else validation),
        missed=tested["count"] - tested["correct"] + tested["unreadable"] if tested else -1,
        epochs=len(set(history["epoch"])) if history else 0,
        network=options.network,
        learning_rate=_each(f"{phase.learning_rate:g}" for phase in options.phases),
        dropout=", ".join(f"{share:g}" for share in options.head.dropout),
        trainable=_each("+".join(phase.trainable) for phase in options.phases),
    )


def _each(texts: Iterator[str]) -> str:
    """What phases say, once where all say the same."""
    said = list(texts)
    return said[0] if len(set(said)) == 1 else ", ".join(said)


def _known(value: str | int | float) -> str | int | float:
    """The value, or nothing where it is not known yet."""
    return "" if value == -1 or (isinstance(value, float) and np.isnan(value)) else value


def _cell(value: str | int | float) -> str:
    known = _known(value)
    return f"{known:.4f}" if isinstance(known, float) else printable(known)
