"""Predictions as a table: for CSV, JSON and pandas."""

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from georgia import _core
from georgia.display import csv_text

if TYPE_CHECKING:
    from pandas import DataFrame

    from georgia.predictions import Predictions

_BEFORE = ("path", "label", "confidence")
_OF_OUTLIERS = ("outlier_score", "is_outlier")


def of(predictions: "Predictions") -> tuple[list[str], Iterator[list[Any]]]:
    """Names of columns, and rows of str, float and bool; None is what is not known."""
    steadiness = [] if predictions.instability is None else ["instability"]
    header = [*_BEFORE, *predictions.classes, *_OF_OUTLIERS, *steadiness, "error"]
    return header, _rows(predictions)


def _rows(predictions: "Predictions") -> Iterator[list[Any]]:
    for i, one in enumerate(predictions):
        is_known = not math.isnan(one.outlier_score)
        row: list[Any] = [one.path, one.label, one.confidence, *map(float, one.probabilities)]
        row += [one.outlier_score, one.is_outlier] if is_known else [None, None]
        if predictions.instability is not None:
            row.append(float(predictions.instability[i]))
        yield [*row, one.error]


def to_csv(predictions: "Predictions") -> str:
    """Numbers in 0 to 1 with six decimals; the outlier score has no fixed scale."""
    header, rows = of(predictions)
    last = len(_BEFORE) + len(predictions.classes)
    return csv_text(
        header,
        (
            [
                *row[:2],
                *(f"{value:.6f}" for value in row[2:last]),
                "" if row[last] is None else f"{row[last]:.6g}",
                "" if row[last] is None else str(row[last + 1]).lower(),
                *(f"{value:.6f}" for value in row[last + 2 : -1]),
                row[-1],
            ]
            for row in rows
        ),
    )


def to_json(predictions: "Predictions") -> str:
    """A list of objects, one per image."""
    header, rows = of(predictions)
    first = len(_BEFORE)
    last = first + len(predictions.classes)
    objects = []
    for row in rows:
        one = dict(zip(header[:first], row[:first], strict=True))
        one["probabilities"] = dict(zip(header[first:last], row[first:last], strict=True))
        objects.append(one | dict(zip(header[last:], row[last:], strict=True)))
    return json.dumps(objects, indent=1, allow_nan=False)


def to_pandas(predictions: "Predictions") -> "DataFrame":
    """A table of pandas.

    Raises
    ------
    InvalidOption
        pandas is not installed.
    """
    try:
        import pandas
    except ImportError:
        message = "[to_pandas] pandas is not installed; pip install pandas"
        raise _core.InvalidOption(message) from None
    header, rows = of(predictions)
    return pandas.DataFrame(list(rows), columns=header)
