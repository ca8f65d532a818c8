"""What a user may name as data: a folder, a manifest, another table."""

import os
from pathlib import Path

from georgia import manifest
from georgia.dataset import Dataset
from georgia.inspection import FULL_DEPTH, NO_CROP


def open_dataset(
    data: str | os.PathLike[str],
    *,
    crop: tuple[int, int, int, int] = NO_CROP,
    depth: tuple[int, int] = FULL_DEPTH,
    label: str | None = None,
    strict: bool = False,
    threads: int = 0,
    progress: bool = False,
) -> Dataset:
    """Open it with every file read; see `Dataset.scan` for the options."""
    path = Path(data)
    if path.is_file() and manifest.is_manifest(path):
        dataset = Dataset.load(path, crop=crop, depth=depth)
        return dataset.inspected(strict=strict, threads=threads, progress=progress)
    return Dataset.scan(
        path,
        crop=crop,
        depth=depth,
        label=label,
        strict=strict,
        threads=threads,
        progress=progress,
    )
