"""The table of a data set as a CSV file: ``path,class,split,group,bytes,sha256``."""

import csv
import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from georgia import _core
from georgia.display import count_of, printable
from georgia.listing import SPLITS
from georgia.sample import Sample

HEADER = ["path", "class", "split", "group", "bytes", "sha256"]
_LONGEST_FIELD = 65_535
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # spreadsheets write it
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Row(NamedTuple):
    """One image: path relative to a folder, class, split, group, size and hash of the file."""

    path: str
    label: str
    split: str
    group: str
    bytes: int
    sha256: str

    @classmethod
    def of(cls, sample: Sample) -> "Row":
        """The line of a sample."""
        return cls(
            sample.path, sample.label, sample.split, sample.group, sample.bytes, sample.sha256
        )


@dataclass(frozen=True)
class Verification:
    """What became of a table's files since their hashes were taken. True when nothing did.

    Attributes
    ----------
    count : int
        Files that are in the table.
    changed, missing, extra : tuple of str
        Paths: with other bytes, gone, and images beside the others that the table does not name.
    unhashed : tuple of str
        Paths that the table names without a hash; they are there, and nothing more is known.
    """

    count: int
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    unhashed: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        return not (self.changed or self.missing or self.extra)

    def __str__(self) -> str:
        lines = [f"{name}: {printable(path)}" for name, path in self._named()]
        if self:
            lines.append(f"{count_of(self.count, 'file')}, all as they were")
        else:
            lines.append(
                f"{count_of(self.count, 'file')}: {len(self.changed)} changed, "
                f"{len(self.missing)} missing, {len(self.extra)} extra"
            )
        if self.unhashed:
            lines.append(f"{count_of(len(self.unhashed), 'file')} had no hash to compare")
        return "\n".join(lines)

    def _named(self) -> Iterator[tuple[str, str]]:
        for name in ("changed", "missing", "extra"):
            for path in getattr(self, name):
                yield name, path


def render(rows: Iterable[Row]) -> str:
    """CSV of rows. Names are kept exactly, so that the files are found again."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows)
    return buffer.getvalue()


def save(rows: Iterable[Row], root: Path, target: Path) -> Path:
    """Write rows whose paths start from a root; see `Dataset.save`."""
    base = Path(os.path.relpath(root.absolute(), target.absolute().parent))
    if ".." in base.parts:
        message = (
            f"[manifest] {printable(target)}: the images lie outside its folder; expected a place "
            f"at or above {printable(root)}"
        )
        raise _core.InvalidOption(message)
    moved = [row._replace(path=(base / row.path).as_posix()) for row in rows]
    for row in moved:
        if not _is_inside(row.path):
            message = f"[manifest] {printable(row.path)}: the file lies outside {printable(root)}"
            raise _core.InvalidOption(message)
    check_portable(moved)
    _core.write_text(target, render(moved))
    return target


def check_portable(rows: Iterable[Row]) -> None:
    """Refuse names that a manifest cannot carry to another machine."""
    for row in rows:
        for cell in (row.path, row.label, row.group):
            if wrong := _unportable(cell):
                message = f"[manifest] {printable(row.path)}: {wrong}; rename it first"
                raise _core.BadInput(message)


def is_manifest(table: Path) -> bool:
    """Tell whether a file begins with a manifest's header."""
    with table.open("rb") as stream:
        first = stream.readline(256).removeprefix(_BYTE_ORDER_MARK).strip()
    return first == ",".join(HEADER).encode()


def read(table: Path, *, exact_names: bool = False) -> list[Row]:
    """Read a table and refuse what is wrong in it by its line.

    With `exact_names`, as in a run's folder, file names may hold any byte a file system allows.
    """
    try:
        data = table.read_bytes()
        data = data.removeprefix(_BYTE_ORDER_MARK)
        text = data.decode("utf-8", "surrogateescape" if exact_names else "strict")
    except OSError as error:
        message = f"[manifest] {printable(table)}: {error.strerror}"
        raise _core.IoError(message) from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = f"[manifest] {printable(table)}:{line}: not UTF-8"
        raise _core.BadInput(message) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    line = 1
    try:
        for number, cells in enumerate(reader):
            if number == 0:
                _require(cells == HEADER, f"expected the columns {','.join(HEADER)}")
            elif cells:
                row = _row(cells, exact_names)
                _require(
                    row.path not in seen,
                    f"{printable(row.path)} stands in line {seen.get(row.path)} already",
                )
                seen[row.path] = line
                rows.append(row)
            line = reader.line_num + 1
        _require(line > 1, "the file is empty")
    except (csv.Error, ValueError) as error:
        message = f"[manifest] {printable(table)}:{line}: {error}"
        raise _core.BadInput(message) from None
    return rows


def _row(cells: list[str], exact_names: bool) -> Row:
    _require(len(cells) == len(HEADER), f"expected {len(HEADER)} fields, got {len(cells)}")
    _require(max(map(len, cells)) <= _LONGEST_FIELD, "a field is longer than 64 kB")
    path, label, split, group, size, digest = cells
    _require(path != "" and label != "", "a path or a class is missing")
    if not exact_names:
        for cell in cells:
            wrong = _unportable(cell)
            _require(not wrong, f"{printable(path)}: {wrong}")
    _require("\0" not in path, "NUL in a path")
    _require(_is_inside(path), f"a path leaves the folder: {printable(path)}")
    plain = PurePosixPath(path).as_posix() == path
    _require(plain, f"a path is not in its plain form: {printable(path)}")
    known = split == "" or split in SPLITS
    _require(known, f"unknown split {printable(split)}; expected one of {', '.join(SPLITS)}")
    _require(re.fullmatch(r"\d{0,15}", size) is not None, "bytes: expected a number")
    _require(re.fullmatch(r"([0-9a-f]{64})?", digest) is not None, "sha256: expected 64 hex digits")
    return Row(path, label, split, group, int(size or 0), digest)


def _is_inside(path: str) -> bool:
    pure = PurePosixPath(path)
    return not pure.is_absolute() and ".." not in pure.parts


def _unportable(cell: str) -> str:
    if _CONTROL.search(cell):
        return "a name with a line break, NUL or another control character"
    if any("\ud800" <= character <= "\udfff" for character in cell):
        return "a name that is not UTF-8"
    return ""


def _require(condition: bool, wrong: str) -> None:
    if not condition:
        raise ValueError(wrong)
