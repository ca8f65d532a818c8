"""Which files are images of which class: folders, split trees, label patterns, tables."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from georgia import _core
from georgia.display import printable
from georgia.natural_order import natural_order, natural_path_key
from georgia.tables import column_named, read_csv

SPLITS = ("train", "validation", "test", "calibration")
_SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
    "calibration": "calibration",
}
_SUFFIXES = {".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".tif", ".tiff"}
_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\x00", b"MM\x00*")
_PATH_COLUMNS = ("path", "file", "filename", "image", "name")
_CLASS_COLUMNS = ("class", "label", "category")


@dataclass(frozen=True)
class Entry:
    """One image file before it was read: where it is and what it is said to be."""

    path: str
    label: str
    split: str = ""
    group: str = ""


@dataclass(frozen=True)
class Listing:
    """What lies below a root: images of classes, and files that were left alone."""

    root: Path
    entries: list[Entry]
    ignored: list[Path] = field(default_factory=list)

    def renamed(self, names: Mapping[str, str]) -> "Listing":
        """Give classes other names; several may get one."""
        found = {entry.label for entry in self.entries}
        if unknown := sorted(set(names) - found):
            message = (
                f"[scan] classes: no class {printable(unknown[0])} to rename; "
                f"got {printable(', '.join(natural_order(found)))}"
            )
            raise _core.InvalidOption(message)
        entries = [replace(e, label=names.get(e.label, e.label)) for e in self.entries]
        return replace(self, entries=entries)

    def classes(self) -> tuple[str, ...]:
        """Names of the classes in natural order; fewer than two are refused."""
        names = tuple(natural_order({entry.label for entry in self.entries}))
        for name in names:
            if any("\ud800" <= character <= "\udfff" for character in name):
                message = f"[scan] {printable(self.root / name)}: the class's name is not UTF-8"
                raise _core.BadInput(message)
        if len(names) < 2:
            found = f"one ({printable(names[0])})" if names else "none"
            if any("tfrecord" in path.name.lower() for path in self.ignored):
                found += " (TFRecord shards are not read; take a mirror of plain image files)"
            message = (
                f"[scan] {printable(self.root)}: too few classes; expected at least two folders "
                f"with images in them, one per class, got {found}"
            )
            raise _core.BadInput(message)
        return names


def looks_like_image(path: Path) -> bool:
    """Tell whether a file is named like an image, or begins like one."""
    if path.suffix.lower() in _SUFFIXES:
        return True
    try:
        with path.open("rb") as stream:
            return stream.read(4).startswith(_MAGIC)
    except OSError:
        return False


def list_files(folder: Path) -> list[Path]:
    """Every file below a folder that is not hidden, in natural order."""

    def refuse(error: OSError) -> None:
        message = f"[scan] {error.filename}: {error.strerror}"
        raise _core.IoError(message)

    found: list[Path] = []
    seen: set[tuple[int, int]] = set()
    for parent, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        status = Path(parent).stat()
        if (status.st_dev, status.st_ino) in seen:  # a link to a folder above: no second time
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        if {"options.json", "data.csv"} <= set(files):  # a run's folder: its pictures are charts
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in files if not name.startswith(".")]
    return sorted(found, key=natural_path_key)


def list_images(
    source: str | os.PathLike[str] | None,
    parts: Mapping[str, str | os.PathLike[str] | None],
    *,
    label: str | None,
    columns: tuple[str | None, str | None, str | None],
) -> Listing:
    """List what `Dataset.scan` was given: a folder, a table, or folders of splits."""
    folders = {name: Path(folder) for name, folder in parts.items() if folder is not None}
    if (source is None) != bool(folders):
        message = "[scan] source: expected either a folder or table, or folders of splits"
        raise _core.InvalidOption(message)
    if source is None:
        return list_parts(folders, label)
    if not Path(source).is_file():
        return list_folder(Path(source), label)
    return list_table(
        Path(source), path_column=columns[0], class_column=columns[1], group_column=columns[2]
    )


def list_folder(root: Path, pattern: str | None = None) -> Listing:
    """List one folder per class, a tree that is split above the classes, or names with a pattern.

    With a pattern (a regular expression searched in the file's name) the class is its first group,
    or the whole match where it has none; files without a match are left alone.
    """
    require_folder(root)
    search = _compiled(pattern, "label") if pattern is not None else None
    entries: list[Entry] = []
    ignored: list[Path] = []
    has_stray = False  # an image in a folder named like a split, without a class
    for path in list_files(root):
        relative = path.relative_to(root)
        if search is None:
            split, label = _split_and_label(relative)
        else:
            found = search.search(path.name)
            split, label = "", (found[1 if search.groups else 0] or "") if found else ""
        is_image = looks_like_image(path)
        if label and is_image:
            entries.append(Entry(relative.as_posix(), label, split))
        else:
            has_stray = has_stray or (is_image and split != "")
            ignored.append(path)
    is_unsplit = any(not entry.split for entry in entries)
    if is_unsplit and (has_stray or any(entry.split for entry in entries)):
        message = (
            f"[scan] {printable(root)}: class folders stand beside split folders; expected "
            "either one folder per class, or train, validation and test above the classes"
        )
        raise _core.BadInput(message)
    return Listing(root, entries, ignored)


def list_parts(parts: Mapping[str, Path], pattern: str | None = None) -> Listing:
    """List one folder per split, each with one folder per class in it."""
    for folder in parts.values():
        require_folder(folder)
    root = Path(os.path.commonpath([folder.absolute() for folder in parts.values()]))
    entries: list[Entry] = []
    ignored: list[Path] = []
    for split, folder in parts.items():
        below = folder.absolute().relative_to(root)
        listing = list_folder(folder, pattern)
        ignored += listing.ignored
        entries += [Entry((below / e.path).as_posix(), e.label, split) for e in listing.entries]
    return Listing(root, entries, ignored)


def list_table(
    table: Path,
    *,
    path_column: str | None = None,
    class_column: str | None = None,
    group_column: str | None = None,
) -> Listing:
    """List a CSV with one row per image; paths start from its folder."""
    rows = read_csv(table)
    columns = list(rows[0]) if rows else []
    path_name = column_named(table, columns, path_column, _PATH_COLUMNS, "path_column")
    class_name = column_named(table, columns, class_column, _CLASS_COLUMNS, "class_column")
    if group_column is not None:
        column_named(table, columns, group_column, (), "group_column")
    elif "group" in columns:
        group_column = "group"
    folder = Path(os.path.normpath(table.parent.absolute()))
    entries = []
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 2):
        path, label = row[path_name].strip(), row[class_name].strip()
        split = row.get("split", "").strip()
        if not path or not label:
            message = f"[scan] {printable(table)}:{number}: a row without a path or a class"
            raise _core.BadInput(message)
        if split and split not in SPLITS:
            message = (
                f"[scan] {printable(table)}:{number}: unknown split {printable(split)}; "
                f"expected one of {', '.join(SPLITS)}"
            )
            raise _core.BadInput(message)
        whole = os.path.normpath(folder / path)
        if whole in seen:
            message = (
                f"[scan] {printable(table)}:{number}: {printable(path)} stands in row "
                f"{seen[whole]} already"
            )
            raise _core.BadInput(message)
        seen[whole] = number
        group = row[group_column].strip() if group_column else ""
        entries.append(Entry(whole, label, split, group))
    outside = any(not Path(entry.path).is_relative_to(folder) for entry in entries)
    if outside:  # paths may lead anywhere; the root is what they have in common
        root = Path(os.path.commonpath([Path(entry.path).parent for entry in entries]))
    else:
        root = table.parent
    base = root if outside else folder
    entries = [replace(e, path=Path(e.path).relative_to(base).as_posix()) for e in entries]
    entries.sort(key=lambda entry: natural_path_key(Path(entry.path)))
    return Listing(root, entries)


def require_folder(folder: Path) -> None:
    """Refuse what is no folder."""
    if not folder.is_dir():
        wrong = "is not a folder" if folder.exists() else "no such folder"
        message = f"[scan] {printable(folder)}: {wrong}"
        raise _core.IoError(message)


def _compiled(pattern: str, option: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        message = f"[scan] {option}: not a regular expression: {error}; got {printable(pattern)}"
        raise _core.InvalidOption(message) from None


def _split_and_label(relative: Path) -> tuple[str, str]:
    """Split and class of a file from the folders above it; empty where there is none."""
    folders = relative.parts[:-1]
    if not folders:
        return "", ""
    split = _SPLIT_FOLDERS.get(folders[0].lower(), "")
    if split:
        return split, folders[1] if len(folders) > 1 else ""
    return "", folders[0]
