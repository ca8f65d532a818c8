"""Weights trained on ImageNet: what is known of them, where they lie, fetching them when asked."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from georgia import _core, transfer
from georgia.display import printable
from georgia.progress import ProgressBar
from georgia.registry import manifest_folder

_RECORDS = "weights.json"


@dataclass(frozen=True)
class Pretrained:
    """Published weights of one network; of the two hashes, None for the one not published.

    `normalisation` is a name, or the means and deviations of R, G and B, pixels in 0 to 1.
    """

    name: str
    network: str
    variant: str
    file: str
    url: str
    sha256_prefix: str | None
    md5: str | None
    licence: str
    licence_note: str
    source: str
    normalisation: str | tuple[tuple[float, ...], tuple[float, ...]]
    classes: int
    has_head: bool

    @property
    def published_hash(self) -> str:
        """What its publisher says of the file's hash, in words."""
        return f"MD5 {self.md5}" if self.md5 else f"SHA-256 starting with {self.sha256_prefix}"

    def __str__(self) -> str:
        head = f"{self.classes:,} classes" if self.has_head else "without its head"
        rows = (
            f"weights/{self.name}: {self.network} ({self.variant}), {head}",
            f"  file      {self.file}, {self.published_hash}",
            f"  URL       {self.url}",
            f"  source    {self.source}",
            f"  licence   {self.licence}: {self.licence_note}",
        )
        return "\n".join(printable(row) for row in rows)


def pretrained() -> dict[str, Pretrained]:
    """List the weights this program knows, by name.

    Returns
    -------
    dict of str to Pretrained
        Printing one shows its file, source and licence.

    Raises
    ------
    BadInput
        The registry is damaged.

    Examples
    --------
    >>> from georgia.pretrained import pretrained
    >>> pretrained()["resnet18"].file
    'resnet18-f37072fd.pth'
    """
    path = manifest_folder() / "pretrained.json"
    entries = {}
    try:
        facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
        for one in facts["entries"]:
            shared = dict(facts["variants"][one["variant"]])
            shared["licence_note"] += f"; {facts['terms']}"
            if isinstance(one["normalisation"], list):
                one["normalisation"] = tuple(map(tuple, one["normalisation"]))
            url = shared.pop("address") + one["file"]
            entries[one["name"]] = Pretrained(url=url, **shared, **one)
    except (ValueError, KeyError, TypeError) as error:
        message = f"[pretrained] {printable(path)}: damaged: {printable(error)}"
        raise _core.BadInput(message) from None
    return entries


def entry_for(network: str, variant: str) -> Pretrained:
    """Choose what `weights="imagenet"` stands for: the first entry of a network and variant.

    Raises
    ------
    InvalidOption
        None is known; the message lists those that are.

    Examples
    --------
    >>> from georgia.pretrained import entry_for
    >>> entry_for("resnet50", "keras").normalisation
    'caffe'
    """
    known: dict[str, Pretrained] = {}
    for entry in pretrained().values():
        known.setdefault(f"{entry.network} ({entry.variant})", entry)
    asked = f"{network} ({variant})"
    if asked not in known:
        message = f"[pretrained] {printable(asked)}: no such weights; expected one of "
        raise _core.InvalidOption(message + ", ".join(known))
    return known[asked]


def locate(entry: Pretrained) -> Path:
    """Find weights on this machine and check that they are the published ones; never download.

    Looked at in this order: the current folder, georgia's cache, torch hub's, that of Keras.

    Returns
    -------
    Path
        The file, absolute.

    Raises
    ------
    BadInput
        The file found is not the published one, or not the one that was used before.
    IoError
        There is none, or it cannot be read; the message says how to get it.
    """
    found = _found(entry)
    if found is not None:
        return found
    message = (
        f"[pretrained] {entry.file}: the weights {entry.name} are not on this machine; expected a "
        f"file of that name, {entry.published_hash}, in one of {', '.join(map(str, _places()))}; "
        f"get it by georgia fetch weights/{entry.name}, or from {entry.url}, or name a file that "
        "you have by weights=FILE or --weights FILE"
    )
    raise _core.IoError(printable(message))


def fetch(
    name: str, *, accept_licence: bool = False, progress: bool = True, url: str | None = None
) -> Path:
    """Bring weights into georgia's cache, unless they are on this machine already.

    Parameters
    ----------
    name : str
        One of `pretrained`.
    accept_licence : bool
        True to download, having read the licence in the registry's entry.
    progress : bool
        Draw a bar.
    url : str, optional
        Where to download from instead: an http or https address of the same file.

    Returns
    -------
    Path
        The file, absolute.

    Raises
    ------
    BadInput
        What came, or what was there, is not the published file.
    InvalidOption
        The name is not known, or the licence is not accepted.
    IoError
        The transfer broke (the next call goes on), or the cache cannot be written.
    """
    entries = pretrained()
    if name not in entries:
        message = f"[pretrained] weights/{printable(name)}: no such weights; expected one of "
        raise _core.InvalidOption(message + ", ".join(entries))
    entry = entries[name]
    found = _found(entry)
    if found is not None:
        return found
    address = _permitted_url(entry, url, accept_licence)
    with _told(entry.file):
        goal = _cache() / entry.file
        goal.parent.mkdir(parents=True, exist_ok=True)
        part = goal.with_name(f"{goal.name}.part")
        with ProgressBar(progress) as bar:
            transfer.fetch(address, part, bar.advance)
        try:
            _check(entry, part, goal)
        except _core.BadInput:
            part.unlink()  # so that the next call starts anew
            raise
        _core.rename_file(part, goal)
    return goal


def _permitted_url(entry: Pretrained, url: str | None, accept_licence: bool) -> str:
    """Decide from where to download, once the user may and wants to."""
    address = url or entry.url
    if not transfer.is_http(address):
        message = f"[pretrained] {printable(address)}: expected an http or https address"
        raise _core.InvalidOption(message)
    if not accept_licence:
        message = (
            f"[pretrained] {entry.name}: its licence is {entry.licence} ({entry.licence_note}); "
            "expected it to be accepted, by accept_licence=True or georgia fetch "
            f"weights/{entry.name} --accept-licence"
        )
        raise _core.InvalidOption(printable(message))
    return address


@contextmanager
def _told(subject: str) -> Iterator[None]:
    """Turn the system's refusals into our error."""
    try:
        yield
    except _core.Error:
        raise
    except (OSError, RuntimeError) as error:  # the latter: no home folder is known
        where, what = getattr(error, "filename", None), getattr(error, "strerror", None)
        message = f"[pretrained] {printable(where or subject)}: {what or error}"
        raise _core.IoError(message) from None


def _folder(variable: str, otherwise: str) -> Path:
    return Path(os.environ.get(variable) or otherwise).expanduser().absolute()


def _cache() -> Path:
    return _folder("XDG_CACHE_HOME", "~/.cache") / "georgia" / "weights"


def _places() -> list[Path]:
    """Folders to look in, first to last."""
    torch_home = _folder("TORCH_HOME", f"{_folder('XDG_CACHE_HOME', '~/.cache')}/torch")
    keras_home = _folder("KERAS_HOME", "~/.keras")
    return [Path.cwd(), _cache(), torch_home / "hub" / "checkpoints", keras_home / "models"]


def _found(entry: Pretrained) -> Path | None:
    """Find a file that is what it should be."""
    with _told(entry.file):
        paths = (folder / entry.file for folder in _places())
        path = next((one for one in paths if os.path.isfile(one)), None)  # noqa: PTH113 - no error
        if path is not None:
            _check(entry, path, path)
    return path


def _check(entry: Pretrained, path: Path, goal: Path) -> None:
    """Hold a file against the published hash and that of the file used first.

    Note [First use]: publishers give the start of a hash, or an old one, for which another file
    can be made. So the whole SHA-256 of the first file is recorded, together with size and time of
    every path checked: what has not changed is not hashed again. Without a record, one is begun.
    """
    records, key = _records(), f"{entry.file}, {entry.published_hash}"
    first, checked = None, {}
    with suppress(LookupError, TypeError, ValueError):
        first, checked = records[key]["sha256"], dict(records[key]["checked"])
    facts = path.stat()
    mark = [facts.st_size, facts.st_mtime_ns]
    if checked.get(str(goal)) == mark:
        return
    with path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        weak = partial(hashlib.md5, usedforsecurity=False)
        md5 = hashlib.file_digest(stream, weak).hexdigest() if entry.md5 else None
    subject = f"[pretrained] {printable(path)}: "
    if entry.md5 not in {None, md5} or not sha256.startswith(entry.sha256_prefix or ""):
        got = f"MD5 {md5}" if entry.md5 else f"SHA-256 {sha256}"
        message = f"not the published file; expected {entry.published_hash}, got {got}"
        raise _core.BadInput(subject + message)
    if first not in {None, sha256}:
        where = printable(_cache() / _RECORDS)
        message = f"not the file first used; expected SHA-256 {first} (see {where}), got {sha256}"
        raise _core.BadInput(subject + message)
    records[key] = {"sha256": sha256, "checked": checked | {str(goal): mark}}
    with suppress(OSError):  # a cache that cannot be written
        _cache().mkdir(parents=True, exist_ok=True)
        _core.write_text(_cache() / _RECORDS, json.dumps(records, indent=1) + "\n")


def _records() -> dict[str, Any]:
    """What was found out about files before; nothing where it cannot be read."""
    try:
        return dict(json.loads((_cache() / _RECORDS).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}
