"""Reading every file of a data set once: what each is, and which cannot be used."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from georgia import _core
from georgia.display import count_of, printable, reason_of
from georgia.listing import list_files, looks_like_image
from georgia.manifest import Verification
from georgia.progress import ProgressBar
from georgia.sample import Refused

if TYPE_CHECKING:
    from georgia.dataset import Dataset

FULL_DEPTH = (0, 65535)
NO_CROP = (0, 0, 0, 0)


def read_files(
    dataset: "Dataset", paths: Sequence[str], *, pixels: bool, threads: int = 0, progress: bool
) -> list[_core.FileFacts]:
    """Read files as the data set wants its images read."""
    how = _core.Preprocess(depth=dataset.depth, crop=dataset.crop)
    with ProgressBar(progress) as bar:
        return _core.inspect_files(paths, how, dataset.limits, pixels, threads, bar.advance)


def inspect(dataset: "Dataset", *, strict: bool, threads: int, progress: bool) -> "Dataset":
    """Read the files that were not read yet; see `Dataset.inspected`."""
    unread = [sample for sample in dataset.samples if sample.facts is None]
    if not unread:
        return dataset
    paths = dataset.paths(unread)
    facts = iter(read_files(dataset, paths, pixels=True, threads=threads, progress=progress))
    samples, refused = [], list(dataset.refused)
    for sample in dataset.samples:
        fact = sample.facts or next(facts)
        if sample.sha256 not in {"", fact.sha256}:
            why = "" if fact.sha256 else f" ({printable(reason_of(fact.error))})"
            message = (
                f"[dataset] {printable(dataset.root / sample.path)}: the file is not the one that "
                f"the manifest names{why}; georgia verify lists every such file"
            )
            raise _core.BadInput(message)
        if fact.error:
            if strict:
                raise _core.BadInput(printable(fact.error))
            refused.append(Refused(sample.path, sample.label, reason_of(fact.error)))
            continue
        samples.append(replace(sample, bytes=fact.bytes, sha256=fact.sha256, facts=fact))
    return replace(dataset, samples=tuple(samples), refused=tuple(refused))


def shorter_sides(dataset: "Dataset") -> list[int]:
    """Shorter side in pixels, after cropping, of each image that was decoded."""
    top, right, bottom, left = dataset.crop
    return [
        min(sample.facts.height - top - bottom, sample.facts.width - left - right)
        for sample in dataset.samples
        if sample.facts
    ]


def hashed(dataset: "Dataset") -> "Dataset":
    """Read every file without decoding it: the same samples with size and SHA-256 as they are now.

    Raises
    ------
    BadInput
        A file is gone or no longer an image; the first is named.
    """
    facts = read_files(dataset, dataset.paths(dataset.samples), pixels=False, progress=False)
    if errors := [fact.error for fact in facts if fact.error]:
        others = len(errors) - 1
        more = f" (and {count_of(others, 'other file')} like it)" if others else ""
        raise _core.BadInput(printable(errors[0]) + more)
    samples = [
        replace(sample, bytes=fact.bytes, sha256=fact.sha256)
        for sample, fact in zip(dataset.samples, facts, strict=True)
    ]
    return replace(dataset, samples=tuple(samples))


def require_unchanged(dataset: "Dataset", *, progress: bool) -> None:
    """Refuse a data set of which a file is not the one that was inspected; the first is named."""
    paths = dataset.paths(dataset.samples)
    facts = read_files(dataset, paths, pixels=False, progress=progress)
    for sample, path, fact in zip(dataset.samples, paths, facts, strict=True):
        if fact.sha256 != sample.sha256:
            message = (
                f"[train] {printable(path)}: the file is not the one that was read before; "
                f"open the data set again"
            )
            raise _core.BadInput(message)


def verify(dataset: "Dataset") -> Verification:
    """Compare the files with the hashes that were taken; see `Dataset.verify`."""
    paths = dataset.paths(dataset.samples)
    facts = read_files(dataset, paths, pixels=False, progress=False)
    changed, missing, unhashed = [], [], []
    for sample, path, fact in zip(dataset.samples, paths, facts, strict=True):
        if not Path(path).is_file():
            missing.append(sample.path)
        elif not sample.sha256:
            unhashed.append(sample.path)
        elif fact.sha256 != sample.sha256:
            changed.append(sample.path)
    return Verification(
        len(paths), tuple(changed), tuple(missing), _extra(dataset), tuple(unhashed)
    )


def _extra(dataset: "Dataset") -> tuple[str, ...]:
    """Images below the samples' common folder that are no samples; unreadable ones do not count."""
    if not dataset.samples:
        return ()
    known = {sample.path for sample in dataset.samples}
    common = os.path.commonpath([PurePosixPath(s.path).parent for s in dataset.samples])
    folder = dataset.root / common
    files = list_files(folder) if folder.is_dir() else []
    found = [path.relative_to(dataset.root).as_posix() for path in files if looks_like_image(path)]
    unknown = [path for path in found if path not in known]
    paths = [str(dataset.root / path) for path in unknown]
    facts = read_files(dataset, paths, pixels=False, progress=False)
    return tuple(path for path, fact in zip(unknown, facts, strict=True) if not fact.error)


def require_readable(dataset: "Dataset", share: float) -> None:
    """Refuse a data set of whose files more than that share could not be read."""
    refused = len(dataset.refused)
    total = refused + len(dataset.samples)
    if refused <= share * total:
        return
    others = f" (and {count_of(refused - 1, 'other file')})" if refused > 1 else ""
    message = (
        f"[train] {printable(dataset.refused[0].reason)}{others}; {refused} of {total} images "
        f"could not be read, more than {share:.1%}: remove them, or say max_refused"
    )
    raise _core.BadInput(message)
