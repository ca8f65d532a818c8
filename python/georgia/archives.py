"""Unpacking archives that may be hostile: all is checked before the first file is written."""

import bz2
import gzip
import io
import lzma
import os
import re
import stat
import struct
import tarfile
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn, cast

from georgia import _core
from georgia.display import printable

_CHUNK = 1 << 20
_RATIO_FLOOR = 1 << 20  # bytes; a drawing of one colour packs a thousandfold and harms nobody
_MAX_NAME = 255  # bytes in one part of a path
_MAX_DEPTH = 32  # parts
_ZIP_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_ZIP_ENCRYPTED = 0x2041  # flag bits: by password, strongly, directory masked
_MAGIC = {b"PK\x03\x04": "zip", b"PK\x05\x06": "zip", b"\x1f\x8b": "gz", b"BZh": "bz2",
          b"\xfd7zXZ\x00": "xz"}  # fmt: skip
_UNROLL: dict[str, Any] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open, "tar": open}
_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error,
    EOFError, ValueError, RuntimeError, LookupError, OverflowError,
)  # fmt: skip


@dataclass(frozen=True)
class _Member:
    """One entry of an archive's list; `open` begins reading its contents."""

    name: str  # as the archive spells it
    size: int  # bytes, as the archive declares them
    packed: int  # bytes, 0 where the format does not say
    is_folder: bool
    open: Callable[[], IO[bytes]]


class _ShortReads(io.BufferedIOBase):
    """Refuses the huge reads by which a tar header could fill the memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or not 0 <= size <= _CHUNK:
            message = "a header is too large"
            raise tarfile.ReadError(message)
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def kind_of(archive: str | os.PathLike[str]) -> str:
    """Recognise an archive by its contents: "zip", "tar", "gz", "bz2" or "xz"; else BadInput."""
    path = Path(archive)
    with _told(path), path.open("rb") as stream:
        head = stream.read(512)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    if head[257:262] != b"ustar":
        page = "a web page" if head.lstrip()[:1] == b"<" else "something else"
        _refuse(path, f"not an archive; expected zip, tar, tar.gz, tar.bz2 or tar.xz, got {page}")
    return "tar"


def unpack(
    archive: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    max_members: int = 100_000,
    max_bytes: int = 8 << 30,
    max_ratio: int = 200,
) -> list[Path]:
    """Unpack a zip or tar archive into a new folder, or refuse it whole.

    The list of members is checked first, then the files are written beside the folder, which
    appears only when all of them are there. Links, devices, names that leave the folder or clash,
    encrypted members and bombs are refused. The archive's permissions are not taken over.

    Parameters
    ----------
    archive : str or os.PathLike
        Zip, tar, tar.gz, tar.bz2 or tar.xz, recognised by contents.
    folder : str or os.PathLike
        New or empty.
    max_members : int
        Files and folders in the archive.
    max_bytes : int
        Size of all files together.
    max_ratio : int
        How many times larger than packed: a member of a zip, and the whole. Below 1 MiB anything
        passes.

    Returns
    -------
    list of Path
        The files written, in the archive's order.

    Raises
    ------
    BadInput
        The archive is damaged, hostile or beyond a limit.
    InvalidOption
        A limit is not positive.
    IoError
        The archive cannot be read, or the folder not be written or not empty.
    """
    for name, limit in (("members", max_members), ("bytes", max_bytes), ("ratio", max_ratio)):
        if limit < 1:
            message = f"[unpack] max_{name}: out of range; expected 1 or more, got {limit}"
            raise _core.InvalidOption(message)
    path, target = Path(archive), Path(folder)
    with _told(path), _members(path) as members:
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            message = f"[unpack] {printable(target)}: in use; expected a new or empty folder"
            raise _core.IoError(message)
        checked = _Checked(path, max_members, max_bytes, max_ratio)
        for member in members:
            checked.add(member)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as work:
            inside = Path(work, "files")
            inside.mkdir()
            for member, parts in checked.accepted:
                _write(path, member, inside.joinpath(*parts))
            inside.rename(target)
    return [target.joinpath(*parts) for member, parts in checked.accepted if not member.is_folder]


def _refuse(archive: Path, wrong: str) -> NoReturn:
    message = f"[unpack] {printable(archive)}: {wrong}"
    raise _core.BadInput(message)


@contextmanager
def _told(archive: Path) -> Iterator[None]:
    """Turn what the standard library raises into our errors."""
    try:
        yield
    except _core.Error:
        raise
    except OSError as error:
        if error.errno is None:  # gzip and bz2 report damage so
            _refuse(archive, f"damaged: {printable(error)}")
        subject = archive if error.filename is None else error.filename
        message = f"[unpack] {printable(subject)}: {error.strerror}"
        raise _core.IoError(message) from None
    except _DAMAGE as error:
        _refuse(archive, f"damaged: {printable(error)}")


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[_Member]]:
    """List an archive's members, each as soon as its header is read."""
    kind = kind_of(archive)
    if kind == "zip":
        with zipfile.ZipFile(archive) as packed:
            yield _zip_members(archive, packed)
        return
    with (
        _UNROLL[kind](archive, "rb") as opened,
        tarfile.open(fileobj=_ShortReads(opened), mode="r:") as unrolled,
    ):
        yield _tar_members(archive, unrolled, opened)


def _zip_members(archive: Path, packed: zipfile.ZipFile) -> Iterator[_Member]:
    for info in packed.infolist():
        name = info.orig_filename  # the other one is cut at a NUL
        if info.flag_bits & _ZIP_ENCRYPTED:
            _refuse(archive, f"{printable(name)}: encrypted")
        if info.compress_type not in _ZIP_METHODS:
            _refuse(archive, f"{printable(name)}: packed by an unknown method")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in {0, stat.S_IFDIR if info.is_dir() else stat.S_IFREG}:
            _refuse(archive, f"{printable(name)}: neither a file nor a folder")

        def open_member(info: zipfile.ZipInfo = info) -> IO[bytes]:
            return packed.open(info)

        yield _Member(name, info.file_size, info.compress_size, info.is_dir(), open_member)


def _tar_members(archive: Path, unrolled: tarfile.TarFile, opened: IO[bytes]) -> Iterator[_Member]:
    for info in unrolled:
        is_file = info.type in {tarfile.REGTYPE, tarfile.AREGTYPE} and not info.issparse()
        if not is_file and not info.isdir():
            _refuse(archive, f"{printable(info.name)}: neither a file nor a folder")

        def open_member(info: tarfile.TarInfo = info) -> IO[bytes]:
            return cast(IO[bytes], unrolled.extractfile(info))

        yield _Member(info.name, info.size, 0, info.isdir(), open_member)
    opened.seek(unrolled.offset)  # tarfile takes a damaged header for the end
    rest = opened.read(_CHUNK)  # to the end, where the checksum of a compressed file stands
    if not rest.startswith(bytes(tarfile.BLOCKSIZE)) or len(rest) == _CHUNK:
        _refuse(archive, "damaged: it ends in the middle, or goes on after its end")


class _Checked:
    """The members seen so far, all of them acceptable together."""

    def __init__(self, archive: Path, max_members: int, max_bytes: int, max_ratio: int) -> None:
        self.accepted: list[tuple[_Member, tuple[str, ...]]] = []
        self._archive = archive
        self._size = archive.stat().st_size
        self._limits = max_members, max_bytes, max_ratio
        self._count = self._bytes = self._packed = 0
        self._seen: dict[tuple[str, ...], tuple[tuple[str, ...], bool]] = {}

    def add(self, member: _Member) -> None:
        """Take one more, or refuse the archive."""
        self._weigh(member)
        parts = _parts(self._archive, member.name)
        if not parts and not member.is_folder:
            _refuse(self._archive, f"{printable(member.name)}: a file without a name")
        for depth in range(1, len(parts) + 1):
            self._enter(parts[:depth], is_folder=member.is_folder or depth < len(parts))
        self.accepted.append((member, parts))

    def _weigh(self, member: _Member) -> None:
        max_members, max_bytes, max_ratio = self._limits
        self._count += 1
        self._bytes += member.size
        self._packed += member.packed
        if self._count > max_members:
            _refuse(self._archive, f"too many members; expected at most {max_members:,}")
        if self._bytes > max_bytes:
            _refuse(self._archive, f"too large unpacked; expected at most {max_bytes:,} bytes")
        if self._packed > self._size:
            _refuse(self._archive, f"{printable(member.name)}: overlaps another member")
        for size, packed in ((member.size, member.packed), (self._bytes, self._size)):
            if packed and size > _RATIO_FLOOR and size > max_ratio * packed:
                got = f"expected at most {max_ratio} times its packed size, got {size // packed:,}"
                _refuse(self._archive, f"{printable(member.name)}: grows too much; {got}")

    def _enter(self, parts: tuple[str, ...], *, is_folder: bool) -> None:
        key = tuple(unicodedata.normalize("NFC", part).casefold() for part in parts)
        known = self._seen.setdefault(key, (parts, is_folder))
        is_new = known[0] is parts
        if not is_new and not (is_folder and known == (parts, True)):
            name = printable("/".join(parts))
            both = "both a file and a folder" if known[1] != is_folder else "there twice"
            _refuse(self._archive, f"{name}: {both}; upper and lower case count as equal")


def _parts(archive: Path, name: str) -> tuple[str, ...]:
    """Take a member's name apart; empty for the archive's own root."""
    parts = tuple(part for part in name.split("/") if part not in {"", "."})
    wrong = None
    if not name or any(unicodedata.category(c) in {"Cc", "Cs"} for c in name):
        wrong = "a control character or no UTF-8 in its name"
    elif name.startswith("/") or any(re.match("[A-Za-z]:", part) for part in parts):
        wrong = "an absolute path"
    elif ".." in parts:
        wrong = "leaves the folder"
    elif "\\" in name:
        wrong = "a backslash in its name"
    elif len(parts) > _MAX_DEPTH or any(len(part.encode()) > _MAX_NAME for part in parts):
        wrong = f"too deep or too long; expected {_MAX_DEPTH} parts of {_MAX_NAME} bytes at most"
    if wrong is not None:
        _refuse(archive, f"{printable(name)}: {wrong}")
    return parts


def _write(archive: Path, member: _Member, path: Path) -> None:
    """Write one member; its declared size is held to."""
    if member.is_folder:
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    with os.fdopen(descriptor, "wb") as file, member.open() as stream:
        while written <= member.size and (data := stream.read(_CHUNK)):
            written += file.write(data)
    if written != member.size:
        got = f"expected {member.size:,} bytes, got {written:,}"
        _refuse(archive, f"{printable(member.name)}: its size is not the declared one; {got}")
