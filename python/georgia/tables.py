"""CSV files that users bring: rows as dicts, columns by their usual names."""

import csv
from collections.abc import Iterable
from pathlib import Path

from georgia import _core
from georgia.display import printable


def read_csv(table: Path) -> list[dict[str, str]]:
    """Rows of a CSV file as dicts; one that is not whole is refused with its line."""
    try:
        with table.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream, strict=True)
            rows = []
            for row in reader:
                if None in row or None in row.values():
                    message = (
                        f"[scan] {printable(table)}:{reader.line_num}: "
                        f"expected {len(reader.fieldnames or ())} columns"
                    )
                    raise _core.BadInput(message)
                rows.append(row)
            return rows
    except OSError as error:
        message = f"[scan] {printable(table)}: {error.strerror}"
        raise _core.IoError(message) from None
    except (UnicodeDecodeError, csv.Error) as error:
        message = f"[scan] {printable(table)}: not a CSV file in UTF-8: {error}"
        raise _core.BadInput(message) from None


def column_named(
    table: Path, columns: list[str], asked: str | None, usual: Iterable[str], option: str
) -> str:
    """Find the column that was asked for, or the first that has a usual name."""
    by_name = {name.casefold(): name for name in reversed(columns)}
    for name in (asked,) if asked is not None else usual:
        if name.casefold() in by_name:
            return by_name[name.casefold()]
    expected = f"a column {printable(asked)}" if asked else f"one of {', '.join(usual)}"
    message = (
        f"[scan] {printable(table)}: {option}: no such column; expected {expected}, "
        f"got {printable(', '.join(columns)) or 'none'}"
    )
    raise _core.BadInput(message)
