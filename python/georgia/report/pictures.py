"""Images inside the report: a few of each cell of the confusion matrix, and maps."""

import base64
from typing import Any

import numpy as np

from georgia import _core
from georgia.display import page, printable
from georgia.evaluation import Evaluation
from georgia.explanation import Explanations
from georgia.run import Run

_SIDE = 120  # pixels
_MOST = 300  # thumbnails: about 1.5 MB
_MOST_RIGHT = 12  # of a cell on the diagonal
_MOST_WRONG = 60


def cells_of(run: Run, result: Evaluation) -> dict[str, list[dict[str, str]]]:
    """Thumbnails by cell, ``"true,predicted"``: mistakes first, then the least sure answers."""
    best = np.argmax(result.predictions.probabilities, axis=1)
    index = {name: k for k, name in enumerate(result.classes)}
    cells: dict[tuple[int, int], list[int]] = {}
    for i in result.predictions.least_sure(len(result.labels)):
        cell = (index[result.labels[i]], int(best[i]))
        most = _MOST_RIGHT if cell[0] == cell[1] else _MOST_WRONG
        if len(members := cells.setdefault(cell, [])) < most:
            members.append(i)
    chosen = sorted(cells, key=lambda cell: (cell[0] == cell[1], cell))
    wanted = [(cell, i) for cell in chosen for i in cells[cell]][:_MOST]
    paths = [result.predictions.paths[i] for _, i in wanted]
    options = run.options
    made = _core.portraits(paths, options.preprocess, options.limits, _SIDE)["jpegs"]
    shown: dict[str, list[dict[str, str]]] = {}
    for ((true, taken), i), jpeg in zip(wanted, made, strict=True):
        shown.setdefault(f"{true},{taken}", []).append(
            {
                "name": printable(_name(result.predictions.paths[i])),
                "confidence": f"{result.predictions.probabilities[i, taken]:.2f}",
                "jpeg": base64.b64encode(jpeg).decode(),
            }
        )
    return shown


def maps_of(result: Evaluation, found: Explanations, images: list[int]) -> str:
    """Image and overlay of each, with the checks below."""
    figures = []
    for k, i in enumerate(images):
        if found.errors[k]:
            continue
        prediction = result.predictions[i]
        words = (
            f"{_name(prediction.path)}: {result.labels[i]}, taken for {prediction.label} "
            f"({prediction.confidence:.2f}); deletion {found.deletion_area[k]:.2f}, insertion "
            f"{found.insertion_area[k]:.2f}, likeness {found.likeness[k]:.2f}"
        )
        shown = "".join(
            f'<img alt="{page(name)}" src="data:image/png;base64,{_png(pixels)}">'
            for name, pixels in (("as seen", found.seen(k)), ("overlay", found.overlay(k)))
        )
        figures.append(
            f"<figure><span>{shown}</span><figcaption>{page(words)}</figcaption></figure>"
        )
    return "".join(figures)


def _png(pixels: Any) -> str:
    return base64.b64encode(_core.encode_png(pixels)).decode()


def _name(path: str) -> str:
    return "/".join(path.replace("\\", "/").split("/")[-2:])
