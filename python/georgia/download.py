"""Public image sets: fetching one, and sorting it into one folder per class."""

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from georgia import _core
from georgia.archives import kind_of, unpack
from georgia.display import printable
from georgia.listing import list_files, looks_like_image
from georgia.progress import ProgressBar
from georgia.registry import Entry as Entry
from georgia.registry import registry as registry
from georgia.transfer import Advance, fetch, is_http

_MARKER = ".georgia-complete.json"
_MAX_MEMBERS = 100_000
_MAX_BYTES = 8 << 30
_log = logging.getLogger("georgia")

_PathLike: TypeAlias = str | os.PathLike[str]


def download(
    name: str,
    folder: _PathLike | None = None,
    *,
    archive: _PathLike | Sequence[_PathLike] | None = None,
    accept_licence: bool = False,
    max_members: int | None = None,
    progress: bool = True,
    url: str | None = None,
) -> Path:
    """Bring a public set into a folder with one folder per class.

    Nothing is downloaded unasked: either the licence is accepted, or an archive is given that was
    fetched by hand. A folder already complete is returned at once. Numbers of images that differ
    from the published ones are told by a warning in the log.

    Parameters
    ----------
    name : str
        One of `registry`.
    folder : str or os.PathLike, optional
        New or empty; ``data/NAME`` unless given.
    archive : str, os.PathLike or a sequence of these, optional
        The set's archive fetched by hand, or several that make it up together. It is kept.
    accept_licence : bool
        True to download, having read the licence in the registry's entry.
    max_members : int, optional
        Most files and folders in an archive; the entry's own limit, or 100,000, unless given.
    progress : bool
        Draw a bar.
    url : str, optional
        Where to download from instead: an http or https address of the same archive.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    BadInput
        The archive is not the published one, is damaged or hostile, or holds no known class.
    InvalidOption
        The set is not known, its licence is not accepted, or the folder holds something else.
    IoError
        The set must be fetched by hand, the transfer broke, or pooch is not installed.
    """
    entry = _find(name)
    target = Path("data", entry.name) if folder is None else Path(folder)
    if isinstance(archive, str | os.PathLike):
        archive = [archive]
    given = [Path(one) for one in archive or ()]
    digest = _digest_of_all(entry, given) if given else None
    if _is_complete(entry, target, digest):
        return target
    if digest is None:
        address = _permitted_url(entry, url, accept_licence)
        given = [_fetch(entry, address, target, progress)]
        digest = _digest_of_all(entry, given)
    try:
        with _told(target):
            _install(entry, given, digest, target, max_members)
    except _core.BadInput as error:
        if archive:
            raise
        message = f"{error}; remove {printable(given[0])} to download it anew"
        raise _core.BadInput(message) from None
    if not archive:
        given[0].unlink()
    return target


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn the system's refusals into our error."""
    try:
        yield
    except _core.Error:
        raise
    except OSError as error:
        message = f"[download] {printable(error.filename or path)}: {error.strerror or error}"
        raise _core.IoError(message) from None


def _find(name: str) -> Entry:
    entries = registry()
    if name not in entries:
        known = ", ".join(entries)
        message = f"[download] {printable(name)}: no such set; expected one of {known}"
        raise _core.InvalidOption(message)
    return entries[name]


def _permitted_url(entry: Entry, url: str | None, accept_licence: bool) -> str:
    """Decide from where to download, once the user may and wants to."""
    address = url or entry.url
    if address is None or (entry.login_required and url is None):
        by_hand = f"{entry.instructions} Then: georgia fetch {entry.name} --from ARCHIVE"
        message = (
            f"[download] {entry.name}: to be fetched by hand. Source: {entry.source or 'not known'}"
            f". Licence: {entry.terms}. {by_hand}"
        )
        raise _core.IoError(printable(message))
    if not is_http(address):
        message = f"[download] {printable(address)}: expected an http or https address"
        raise _core.InvalidOption(message)
    if not accept_licence:
        message = (
            f"[download] {entry.name}: its licence is {entry.terms}; expected it to be accepted, "
            f"by accept_licence=True or georgia fetch {entry.name} --accept-licence"
        )
        raise _core.InvalidOption(printable(message))
    return address


def _digest(path: Path, expected: str | None) -> str:
    """SHA-256 of a file, held against the published one where there is one."""
    with _told(path), path.open("rb") as stream:
        got = hashlib.file_digest(stream, "sha256").hexdigest()
    if expected is not None and got != expected.lower():
        message = (
            f"[download] {printable(path)}: not the published file; "
            f"expected SHA-256 {expected.lower()}, got {got}"
        )
        raise _core.BadInput(message)
    return got


def _digest_of_all(entry: Entry, paths: list[Path]) -> str:
    """One digest for the marker, whatever the order of several archives."""
    if len(paths) == 1:
        return _digest(paths[0], entry.sha256)
    if entry.sha256 is not None:
        message = (
            f"[download] {entry.name}: its published hash is of one archive; got {len(paths)} files"
        )
        raise _core.InvalidOption(message)
    each = sorted(_digest(path, None) for path in paths)
    return hashlib.sha256("".join(each).encode()).hexdigest()


def _fetch(entry: Entry, url: str, target: Path, progress: bool) -> Path:
    """Download the archive beside the target, by pooch."""
    try:
        import pooch
    except ImportError:
        message = "[download] pooch: not installed; expected pip install georgia[download] before"
        raise _core.IoError(message) from None
    goal = target.absolute().with_name(f"{target.name}.archive")
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.WARNING)  # it would write every step to the terminal
    try:
        with _told(goal), ProgressBar(progress) as bar:
            step = partial(_resuming, entry, goal.with_suffix(".part"), bar.advance)
            pooch.retrieve(url, entry.sha256, goal.name, goal.parent, downloader=step)
    finally:
        logger.setLevel(level)
    return goal


def _resuming(
    entry: Entry, part: Path, advance: Advance, url: str, output: str, _pooch: object
) -> None:
    """Be pooch's downloader: bring the file in, and hand it over when it is what it should be."""
    fetch(url, part, advance)
    try:
        kind_of(part)
        _digest(part, entry.sha256)
    except _core.BadInput:
        part.unlink()  # so that the next call starts anew
        raise
    part.replace(output)


def _is_complete(entry: Entry, target: Path, digest: str | None) -> bool:
    """Tell whether the folder holds the set already; refuse a folder that holds anything else."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return False
    try:
        facts = json.loads((target / _MARKER).read_text("utf-8"))
        same = facts["name"] == entry.name and facts["counts"] == _counts(entry, target)
        if same and digest in {None, facts["sha256"]}:
            return True
    except (OSError, ValueError, KeyError, TypeError):
        pass
    message = (
        f"[download] {printable(target)}: holds something else, or has changed since; "
        f"expected a new or empty folder, or {entry.name} as it was unpacked"
    )
    raise _core.InvalidOption(message)


def _counts(entry: Entry, folder: Path) -> dict[str, int]:
    """Images of each class."""
    there = {one.name: folder / one.name for one in entry.classes}
    return {name: len(list_files(path)) if path.is_dir() else 0 for name, path in there.items()}


def _install(
    entry: Entry, archives: list[Path], digest: str, target: Path, max_members: int | None
) -> None:
    """Unpack beside the target, sort, and let the target appear when all is there."""
    limit = max_members if max_members is not None else entry.max_members or _MAX_MEMBERS
    size = entry.max_bytes or _MAX_BYTES
    target.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as work:
        for index, archive in enumerate(archives):
            unpack(archive, Path(work, "raw", str(index)), max_members=limit, max_bytes=size)
        ready = Path(work, "ready")
        _sort(entry, Path(work, "raw"), ready)
        counts = _counts(entry, ready)
        if not any(counts.values()):
            wanted = ", ".join(folder for one in entry.classes for folder in one.folders)
            message = (
                f"[download] {printable(archives[0])}: no images of {entry.name} in it; "
                f"expected folders {wanted}"
            )
            raise _core.BadInput(message)
        facts = {"name": entry.name, "sha256": digest, "counts": counts}
        (ready / _MARKER).write_text(json.dumps(facts), "utf-8")
        ready.rename(target)
    _tell_differences(entry, counts)


def _sort(entry: Entry, raw: Path, ready: Path) -> None:
    """Move every image of a known folder into its class's folder."""
    wanted = [
        (tuple(folder.casefold().split("/")), one.name)
        for one in entry.classes
        for folder in one.folders
    ]
    for one in entry.classes:
        (ready / one.name).mkdir(parents=True)
    taken: set[Path] = set()
    for path in list_files(raw):
        inside = path.relative_to(raw).parts[1:]  # without the archive's number
        name = _class_of(tuple(part.casefold() for part in inside[:-1]), wanted)
        if name is None or not looks_like_image(path):
            continue
        goal = ready / name / inside[-1]
        copy = 2
        while goal in taken:  # the same name in the class's train and test folders
            goal = goal.with_name(f"{path.stem}-{copy}{path.suffix}")
            copy += 1
        taken.add(goal)
        path.rename(goal)


def _class_of(parents: tuple[str, ...], wanted: list[tuple[tuple[str, ...], str]]) -> str | None:
    """Name the class whose folder lies on the path; the deepest counts."""
    found = [
        (end, len(folder), name)
        for folder, name in wanted
        for end in range(len(folder), len(parents) + 1)
        if parents[end - len(folder) : end] == folder
    ]
    return max(found)[2] if found else None


def _tell_differences(entry: Entry, counts: dict[str, int]) -> None:
    """Log every number of images that is not the published one."""
    rows = [(one.name, one.expected_count, counts[one.name]) for one in entry.classes]
    rows.append(("all classes", entry.expected_count, sum(counts.values())))
    for name, expected, got in rows:
        if expected not in {None, got}:
            _log.warning(
                "[download] %s, %s: expected %d images, got %d", entry.name, name, expected, got
            )
