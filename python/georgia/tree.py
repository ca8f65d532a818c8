"""A data set as a tree of folders, for programs that want one."""

import os
import shutil
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from georgia import _core
from georgia.display import printable

if TYPE_CHECKING:
    from georgia.dataset import Dataset
    from georgia.sample import Sample

_LINKS = ("copy", "hard", "symbolic")


def write_tree(dataset: "Dataset", folder: Path, link: str) -> Path:
    """Write split/class/file, or class/file before splitting; see `Dataset.export`."""
    if link not in _LINKS:
        message = f"[export] link: expected one of {', '.join(_LINKS)}, got {printable(link)}"
        raise _core.InvalidOption(message)
    for name in dataset.classes:
        if name in {".", ".."} or "/" in name or "\0" in name:
            message = f"[export] class {printable(name)}: cannot be a folder's name"
            raise _core.BadInput(message)
    targets = _targets(dataset, folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            message = f"[export] {printable(folder)}: the folder is not empty"
            raise _core.InvalidOption(message)
        for source, target in targets:
            target.parent.mkdir(parents=True, exist_ok=True)
            if link == "symbolic":
                target.symlink_to(source.absolute())
            elif link == "hard":
                os.link(source, target)
            else:
                shutil.copy2(source, target)
    except OSError as error:
        message = f"[export] {printable(error.filename)}: {error.strerror}"
        raise _core.IoError(message) from None
    return folder


def _targets(dataset: "Dataset", folder: Path) -> list[tuple[Path, Path]]:
    """Source and target of every file; two sources never share a target."""
    taken: set[Path] = set()
    targets = []
    for sample in dataset.samples:
        target = folder / sample.split / sample.label / _name(sample)
        number = 1
        while target in taken:
            number += 1
            target = target.with_name(f"{Path(_name(sample)).stem}-{number}{target.suffix}")
        taken.add(target)
        targets.append((dataset.root / sample.path, target))
    return targets


def _name(sample: "Sample") -> str:
    return PurePosixPath(sample.path).name
