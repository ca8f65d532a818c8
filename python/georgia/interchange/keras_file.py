"""HDF5 that may be hostile: links stay inside, sizes are bounded, nothing is loaded or run."""

import importlib.util
import io
import math
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable
from georgia.interchange.keras_weights import refuse, shortened

_HDF5 = b"\x89HDF\r\n\x1a\n"
_EXPECTED = "expected a .keras, .weights.h5 or .h5 file of Keras"
_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_MAX_CONFIG = 16 << 20  # bytes
_MAX_GROWTH = 8  # times its packed size: weights are noise and hardly pack
_MAX_OBJECTS = 200_000
_DAMAGE = (
    OSError, ValueError, TypeError, AttributeError, LookupError, RuntimeError, OverflowError,
    MemoryError, EOFError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass
class Hdf5:
    """An open file; everything is reached through it, so that nothing leaves the file."""

    path: str  # as errors name it
    root: Any
    config: bytes | None  # of a .keras archive
    size: int  # bytes
    _read: int = 0
    _visited: int = 0

    def children(self, group: Any) -> list[str]:
        """Names in a group."""
        self._count(len(group))
        return [str(name) for name in group]

    def has(self, group: Any, name: str) -> bool:
        """Whether a group has something by that name, be it only a link."""
        return group.get(name, getlink=True) is not None

    def inside(self, group: Any, path: str) -> Any:
        """Follow a path of names down; a link that points elsewhere is refused."""
        import h5py

        for part in path.split("/"):
            self._count(1)
            link = group.get(part, getlink=True)
            if link is None:
                refuse(self.path, f"damaged: {shortened(path)} is not in it")
            if not isinstance(link, h5py.HardLink):
                refuse(self.path, f"{shortened(path)}: a link to elsewhere; expected weights")
            group = group[part]
        return group

    def names(self, group: Any, attribute: str) -> list[str]:
        """A list of names; long ones are stored in pieces, numbered from 0."""
        numbered = takewhile(lambda one: one in group.attrs, (f"{attribute}{i}" for i in count()))
        pieces = [attribute] if attribute in group.attrs else list(numbered)
        found = []
        for piece in pieces:
            values = np.asarray(self.attribute(group, piece))
            if values.ndim != 1 or (values.size and values.dtype.kind not in "SOU"):
                refuse(self.path, f"damaged: {attribute} is not a list of names")
            self._count(values.size)
            found += [v.decode() if isinstance(v, bytes) else str(v) for v in values]
        return found

    def attribute(self, group: Any, name: str) -> Any:
        """An attribute's value; one that cannot be in the file is refused."""
        stored = group.attrs.get_id(name)
        if math.prod(stored.shape or ()) * stored.dtype.itemsize > self.size:
            refuse(self.path, f"{name}: damaged or hostile: larger than the file")
        return group.attrs[name]

    def array(self, group: Any, path: str) -> NDArray[np.float32]:
        """Read numbers as float32; what cannot be in the file is refused before it is read."""
        import h5py

        found = self.inside(group, path)
        name = shortened(path)
        if not isinstance(found, h5py.Dataset) or found.shape is None:
            refuse(self.path, f"{name}: expected an array of numbers")
        if found.is_virtual or found.external:
            refuse(self.path, f"{name}: its numbers are in another file")
        if found.id.get_create_plist().get_nfilters():
            refuse(self.path, f"{name}: packed; expected plain numbers, as Keras writes them")
        self._read += math.prod(found.shape) * found.dtype.itemsize
        chunk = math.prod(found.chunks or ()) * found.dtype.itemsize
        if max(self._read, chunk) > self.size:
            refuse(self.path, f"{name}: damaged or hostile: larger than the file")
        if found.dtype == np.dtype("V2"):  # bfloat16, for which HDF5 has no name
            wide = found[()].view(np.uint16).astype(np.uint32) << 16
            return np.asarray(wide, np.uint32).view(np.float32)
        if found.dtype.kind != "f" or found.dtype.itemsize > 8:
            refuse(self.path, f"{name}: expected floating-point numbers, got {found.dtype}")
        return np.asarray(found[()], np.float32)

    def _count(self, objects: int) -> None:
        self._visited += objects
        if self._visited > _MAX_OBJECTS:
            refuse(self.path, f"too many objects; expected at most {_MAX_OBJECTS:,}")


def need_h5py() -> None:
    """Raise where the optional package is not installed."""
    if importlib.util.find_spec("h5py") is None:
        message = "[keras] h5py: not installed; expected pip install georgia[keras] before"
        raise _core.IoError(message)


@contextmanager
def opened(path: str | os.PathLike[str]) -> Iterator[Hdf5]:
    """Open a Keras file, recognised by its contents."""
    need_h5py()
    import h5py

    name = printable(path)
    try:
        with Path(path).open("rb") as stream, _told(name):
            config, source = _unwrapped(stream, name)
            size = source.seek(0, io.SEEK_END)
            source.seek(0)
            with h5py.File(source, "r") as file:
                yield Hdf5(name, file, config, size)
    except _core.Error:
        raise
    except OSError as error:
        message = f"[keras] {name}: {error.strerror}"
        raise _core.IoError(message) from None


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn what a damaged file provokes in h5py and zipfile into our error."""
    try:
        yield
    except _core.Error:
        raise
    except _DAMAGE as error:
        refuse(name, f"damaged: {shortened(error) or type(error).__name__}")


def _unwrapped(stream: BinaryIO, name: str) -> tuple[bytes | None, BinaryIO]:
    """Config and HDF5 of a .keras archive; of a plain file no config and itself."""
    head = stream.read(len(_HDF5))
    stream.seek(0)
    if head == _HDF5:
        return None, stream
    if not head.startswith(b"PK"):
        got = "an empty file" if not head else "something else"
        refuse(name, f"not a file of Keras; {_EXPECTED}, got {got}")
    with zipfile.ZipFile(stream) as packed:
        members = {info.filename: info for info in packed.infolist()}
        if _CONFIG not in members or _WEIGHTS not in members:
            refuse(name, f"a zip archive without {_CONFIG} or {_WEIGHTS}; {_EXPECTED}")
        whole = stream.seek(0, io.SEEK_END)
        config = _member(packed, members[_CONFIG], _MAX_CONFIG, name)
        weights = _member(packed, members[_WEIGHTS], _MAX_GROWTH * whole, name)
    return config, io.BytesIO(weights)


def _member(packed: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, name: str) -> bytes:
    """Unpack one member; its declared size is checked before, and held to."""
    if info.file_size > limit:
        wrong = f"{info.filename}: too large unpacked; expected at most {limit:,} bytes"
        refuse(name, f"{wrong}, got {info.file_size:,}")
    with packed.open(info) as member:
        data = member.read(info.file_size + 1)
    if len(data) != info.file_size:
        refuse(name, f"{info.filename}: damaged: its size is not the declared one")
    return data
