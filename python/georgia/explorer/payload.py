"""What the explorer's page knows: columns of numbers and names, as JSON."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from georgia import _core
from georgia.display import printable
from georgia.exploration import Exploration
from georgia.natural_order import natural_order
from georgia.plots.chart import GROUP_COLOURS


def payload(exploration: Exploration) -> dict[str, Any]:
    """Columns by name, all of N values; thumbnails are not among them."""
    answers = exploration.predictions
    outliers = answers.outliers if answers else None
    classes = _names(exploration.labels)
    splits = _names(exploration.splits)
    answered = [] if answers is None else [answers[i].label for i in range(len(exploration))]
    return {
        "title": printable(exploration.title),
        "facts": {name: printable(value) for name, value in exploration.facts.items()}
        | {"silhouette": _text(exploration.silhouette)},
        "unreadable": [printable(error) for error in exploration.unreadable.values()],
        "colours": list(GROUP_COLOURS),
        "paths": [printable(path) for path in exploration.paths],
        "names": [printable("/".join(path.split("/")[-2:])) for path in exploration.paths],
        "classes": [printable(name) for name in classes],
        "label": _numbers(exploration.labels, classes),
        "splits": [printable(name) for name in splits],
        "split": _numbers(exploration.splits, splits),
        "answers": None if answers is None else [printable(name) for name in answers.classes],
        "answered": _numbers(answered, list(answers.classes)) if answers else None,
        "isRight": None
        if answers is None or not classes
        else [
            int(name == label) if label in answers.classes else -1
            for name, label in zip(answered, exploration.labels, strict=True)
        ],
        "confidence": None if answers is None else _rounded(answers.probabilities.max(axis=1)),
        "uncertainty": None if answers is None else _rounded(exploration.uncertainty),
        "outlierScore": None if outliers is None else _rounded(outliers.score),
        "isOutlier": None if outliers is None else outliers.is_outlier.astype(int).tolist(),
        "cluster": exploration.clusters.labels.tolist(),
        "clusters": len(exploration.clusters.centres),
        "entropy": _rounded(exploration.entropies),
        "intensities": _packed(exploration.intensities),
        "axes": _axes(exploration),
        "neighbours": _neighbours(exploration),
        "drawn": exploration.neighbours,
        "maps": {
            str(i): {
                "seen": _base64(_core.encode_png(one.seen)),
                "values": _base64(one.values.tobytes()),
                "height": one.values.shape[0],
                "width": one.values.shape[1],
                "label": printable(one.label),
            }
            for i, one in exploration.maps.items()
        },
    }


def _names(values: Sequence[str]) -> list[str]:
    return natural_order({value for value in values if value})


def _numbers(values: Sequence[str], names: Sequence[str]) -> list[int]:
    """Index of each value among the names, -1 for an empty one."""
    index = {name: number for number, name in enumerate(names)}
    return [index.get(value, -1) for value in values]


def _rounded(values: ArrayLike) -> list[float]:
    return [float(f"{value:.5g}") for value in np.asarray(values, float)]


def _text(value: float) -> str:
    return "of one cluster there is none" if np.isnan(value) else f"{value:.3f}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _packed(shares: NDArray[np.float32]) -> dict[str, Any]:
    """Histograms as bytes, each relative to its own highest share, which stands beside."""
    highest = shares.max(axis=1, initial=0)
    relative = shares / np.maximum(highest, 1e-12)[:, None]
    return {
        "bytes": _base64(np.round(relative * 255).astype(np.uint8).tobytes()),
        "highest": _rounded(highest),
    }


def _axes(exploration: Exploration) -> list[dict[str, Any]]:
    """Coordinates to choose from; the two that the picture starts with come first."""
    shown = [exploration.projection]
    if exploration.scatter is not exploration.projection:
        shown.insert(0, exploration.scatter)
    return [
        {"name": name, "values": _rounded(column)}
        for projection in shown
        for name, column in zip(projection.axis_names(), projection.points.T, strict=True)
    ]


def _neighbours(exploration: Exploration) -> dict[str, Any]:
    """Lists of (number, cosine); numbers from N on are images that only the store knows."""
    if exploration.stored is None:
        graph = exploration.graph
        return {
            "number": graph.indices.tolist(),
            "cosine": [_rounded(row) for row in 1 - graph.distances],
            "outside": [],
        }
    outside: dict[tuple[str, str], int] = {}
    numbers = []
    for row in exploration.stored:
        numbers.append(
            [
                index
                if index >= 0
                else len(exploration) + outside.setdefault((name, label), len(outside))
                for index, name, label, _ in row
            ]
        )
    return {
        "number": numbers,
        "cosine": [_rounded([cosine for *_, cosine in row]) for row in exploration.stored],
        "outside": [[printable(name), printable(label)] for name, label in outside],
    }
