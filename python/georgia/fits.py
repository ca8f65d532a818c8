"""Which way into a square serves images of many shapes best."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from georgia import run_folder
from georgia.dataset import Dataset
from georgia.display import share
from georgia.evaluating import evaluate
from georgia.evaluation import Evaluation
from georgia.inspection import shorter_sides
from georgia.opening import open_dataset
from georgia.training import train

_RECIPE = "glomeruli-logistic"
_LARGEST = 512  # pixels of a window, whose weights are as many as its values
_SMALLEST = 8


@dataclass(frozen=True)
class FitLine:
    """What one fit came to.

    Attributes
    ----------
    fit : str
        In words.
    size : int
        Height and width of the network's input in pixels.
    result : Evaluation
    """

    fit: str
    size: int
    result: Evaluation


@dataclass(frozen=True)
class FitTable:
    """One model, trained and scored with each fit."""

    lines: tuple[FitLine, ...]

    def __iter__(self) -> Iterator[FitLine]:
        return iter(self.lines)

    def __str__(self) -> str:
        header = (
            f"{_RECIPE} with each fit, validation accuracy (these images chose the epoch, of all "
            "fits alike)"
        )
        width = max(len(line.fit) for line in self.lines)
        rows = []
        for line in self.lines:
            low, high = line.result.accuracy_interval
            score = share(line.result.correct, line.result.count)
            rows.append(
                f"{line.fit:<{width}}  {line.size:4} pixels  {score:<16}  "
                f"95 % {low:.4f} to {high:.4f}  macro F1 {line.result.macro['f1']:.4f}"
            )
        return "\n".join([header, *rows])


def compare_fits(
    data: "str | os.PathLike[str] | Dataset",
    *,
    out: "str | os.PathLike[str] | None" = None,
    size: int | None = None,
    epochs: int | None = None,
    seed: int = 42,
    progress: bool = True,
    **keywords: Any,
) -> FitTable:
    """Train the logistic model of glomeruli-logistic with each fit, on one split.

    Padded to a square with white, black, the edge's pixels or a reflection; scaled and cropped;
    cropped to the shorter side of the smallest image, or 512 pixels, without scaling; resized
    whatever the shape. All on validation images: a test split stays closed.

    Parameters
    ----------
    data : path or Dataset
    out : path, optional
        The folder for the runs' folders.
    size, epochs, seed
        As for `train`; the size does not hold for what is cropped to the smallest image.
    progress : bool
        Show bars and lines.
    keywords
        Others of `train`, such as device and max_refused.

    Raises
    ------
    InvalidOption, BadInput, IoError
    """
    if not isinstance(data, Dataset):
        data = open_dataset(data, progress=progress)
    dataset = data.inspected(progress=progress)
    folder = run_folder.place(out)
    lines = []
    for name, settings, size_of_fit in _fits(dataset, size):
        run = train(
            dataset,
            out=folder / name.replace(" ", "-"),
            recipe=_RECIPE,
            settings=settings,
            size=size_of_fit,
            epochs=epochs,
            seed=seed,
            name=name,
            progress=progress,
            **keywords,
        )
        result = evaluate(run, split="validation", report=False, **run.computing)
        lines.append(FitLine(name, run.options.phases[0].size, result))
    return FitTable(tuple(lines))


def _fits(dataset: Dataset, size: int | None) -> Iterator[tuple[str, dict[str, Any], int | None]]:
    """Name, options and size of each fit."""
    fit, border, fill = "phases.fit", "preprocess.border", "preprocess.fill"
    for colour, value in (("white", 255), ("black", 0)):
        yield f"pad {colour}", {fit: "pad", border: "constant", fill: value}, size
    yield "pad edge", {fit: "pad", border: "nearest"}, size
    yield "pad reflect", {fit: "pad", border: "reflect"}, size
    yield "crop", {fit: "crop"}, size
    smallest = max(min(shorter_sides(dataset)), _SMALLEST)
    if smallest <= _LARGEST:
        yield "crop to the smallest", {fit: "window"}, smallest
    else:
        yield f"crop to {_LARGEST} pixels", {fit: "window"}, _LARGEST
    yield "resize", {fit: "stretch"}, size
