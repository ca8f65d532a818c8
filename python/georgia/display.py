"""Strings from files are data: what is done to them before a terminal, a CSV file or a page."""

import csv
import html
import io
import re
import unicodedata
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[-+]?\d+)?")


def printable(text: object) -> str:
    """Replace control and direction-changing characters, which could rewrite a terminal's line."""
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in {"Cc", "Cf", "Cs"} else c
        for c in str(text)
    )


def reason_of(error: object) -> str:
    """The words of an error of ours without the function's name, which stands first in brackets."""
    text = str(error)
    return text.partition("] ")[2] or text


def page(text: object) -> str:
    """Escape for HTML."""
    return html.escape(printable(text), quote=True)


def _cell(value: object) -> object:
    """Quote what a spreadsheet would run as a formula."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    is_formula = text.startswith(_FORMULA_STARTS) and not _NUMBER.fullmatch(text)
    return "'" + text if is_formula else text


def csv_text(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """CSV with every text cell made harmless."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([_cell(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return buffer.getvalue()


def share(hits: int, count: int) -> str:
    """Four decimals and the counts, so that a rounded 1.0000 never hides an error."""
    return f"{hits / count:.4f} ({hits}/{count})" if count else "none (0/0)"


def count_of(number: int, noun: str) -> str:
    """Put a number before a noun: "1 image", "2 images", "3 classes"."""
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{number:,} {noun if number == 1 else plural}"


def confusion_table(matrix: NDArray[np.int64], classes: Iterable[str]) -> str:
    """Rows true, columns predicted, as fixed-width text."""
    names = [printable(name) for name in classes]
    width = max(len(name) for name in names)
    cell = max(5, *(len(f"{value}") + 1 for value in matrix.ravel()))
    lines = [" " * width + "".join(f"{i + 1:>{cell}}" for i in range(len(names)))]
    lines += [
        f"{name:<{width}}" + "".join(f"{value:>{cell}}" for value in row)
        for name, row in zip(names, matrix, strict=True)
    ]
    return "\n".join(lines)
