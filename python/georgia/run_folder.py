"""Where a run begins: its folder, with what it was asked to do."""

import datetime
import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from georgia import _core, manifest
from georgia.display import printable
from georgia.preparing import Prepared


def begin(folder: Path, prepared: Prepared, said: Mapping[str, Any]) -> None:
    """Make a run's folder and write its images and settings; what was said is kept with them.

    Raises
    ------
    InvalidOption, IoError
        The folder holds something, or cannot be written to.
    """
    _make(folder)
    dataset, options, start, reasons = prepared
    settings = {
        "begun": datetime.datetime.now().isoformat(" ", "seconds"),
        "georgia": _core.__version__,
        "torch": str(torch.__version__),
        "python": platform.python_version(),
        "data": str(dataset.root.absolute()),
        **said,
        "options": options.to_dict(),
        "reasons": list(reasons),
        "weights": json.loads(start.provenance)["weights"] if start else None,
        "refused": [{"path": r.path, "reason": r.reason} for r in dataset.refused],
    }
    _core.write_text(folder / "data.csv", manifest.render(dataset.rows()))
    _core.write_text(folder / "options.json", json.dumps(settings, indent=1) + "\n")


def require_free(out: str | os.PathLike[str] | None) -> None:
    """Refuse a folder that holds anything, before any work is done for it.

    Raises
    ------
    InvalidOption, IoError
    """
    folder = Path("runs") if out is None else Path(out)
    try:
        occupied = out is not None and folder.exists() and any(folder.iterdir())
    except OSError as error:
        message = f"[train] {printable(folder)}: cannot be written to: {error.strerror}"
        raise _core.IoError(message) from None
    if occupied:
        message = (
            f"[train] {printable(folder)}: the folder is not empty; "
            "expected a new one, or resume for a run that stopped"
        )
        raise _core.InvalidOption(message)


def place(out: str | os.PathLike[str] | None) -> Path:
    """Give the folder that was named, or one named by the time; an occupied one is refused.

    Raises
    ------
    InvalidOption, IoError
    """
    require_free(out)
    if out is not None:
        return Path(out)
    now = datetime.datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    folder, number = Path("runs", now), 1
    while folder.exists():
        number += 1
        folder = Path("runs", f"{now}-{number}")
    return folder


def _make(folder: Path) -> None:
    require_free(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"[train] {printable(folder)}: cannot be written to: {error.strerror}"
        raise _core.IoError(message) from None
    if not os.access(folder, os.W_OK):
        message = f"[train] {printable(folder)}: cannot be written to: Permission denied"
        raise _core.IoError(message)
