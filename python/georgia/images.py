"""Images as the user gives them: finding files in folders, reading one, taking apart arrays."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from georgia import _core

ImageInput: TypeAlias = Any
"""A path (file or folder), bytes, an RGB array, a PIL image, or an iterable of these."""

_SUFFIXES = {".png", ".jpg", ".jpeg", ".jpe", ".bmp", ".tif", ".tiff"}
_MAGIC = (b"\x89PNG", b"\xff\xd8\xff", b"BM", b"II*\x00", b"MM\x00*")


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Sort key under which "image 9" comes before "image 10"."""
    parts = re.split(r"(\d+)", text.casefold())
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def natural_order(names: Iterable[str]) -> list[str]:
    """Sort naturally; names that differ in case or leading zeros keep a fixed order too."""
    return sorted(names, key=lambda name: (natural_key(name), name))


def natural_path_key(path: Path) -> tuple[list[list[tuple[int, int, str]]], str]:
    """Natural order part by part; equal keys (A and a) keep a fixed order too."""
    return [natural_key(part) for part in path.parts], path.as_posix()


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
    for parent, folders, files in os.walk(folder, onerror=refuse, followlinks=True):
        if {"options.json", "data.csv"} <= set(files):  # a run's folder: its pictures are charts
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(parent, name) for name in files if not name.startswith(".")]
    return sorted(found, key=natural_path_key)


def read_image(source: str | os.PathLike[str] | bytes) -> NDArray[np.uint8]:
    """Read an image into its stored form.

    PNG, JPEG, BMP and TIFF are recognised by their first bytes. EXIF orientation is applied,
    16-bit samples become ``(v * 255 + 32767) // 65535``, CMYK becomes RGB.

    Parameters
    ----------
    source : str, os.PathLike or bytes
        A file's path, or the bytes of a file.

    Returns
    -------
    ndarray, uint8
        Shape (H, W) for gray, (H, W, 3) for RGB, (H, W, 4) for RGBA.

    Raises
    ------
    BadInput
        The bytes are not an image of a known format, are damaged, or exceed the limits
        (256 MiB, 50 million pixels, 32,766 pixels a side).
    IoError
        The file cannot be read.

    Examples
    --------
    >>> import georgia
    >>> png = georgia.synthetic.encode(georgia.synthetic.draw("needles", size=64))
    >>> georgia.read_image(png).shape
    (64, 64, 3)
    """
    return _core.read_image(source)


def expand(inputs: ImageInput) -> Iterator[tuple[str, Any]]:
    """Name and source of every image in an input, in order; folders are walked naturally."""
    if isinstance(inputs, str | os.PathLike):
        path = Path(inputs)
        if path.is_dir():
            for file in list_files(path):
                if looks_like_image(file):
                    yield str(file), str(file)
        else:
            yield str(path), str(path)
    elif isinstance(inputs, bytes | bytearray | memoryview):
        yield "bytes", bytes(inputs)
    elif isinstance(inputs, np.ndarray):
        if inputs.ndim == 4:
            for index, image in enumerate(inputs):
                yield f"array[{index}]", image
        else:
            yield "array", inputs
    elif hasattr(inputs, "convert") and hasattr(inputs, "mode"):
        name = str(getattr(inputs, "filename", "") or "PIL image")
        yield name, _from_pil(inputs)
    elif isinstance(inputs, Iterable):
        for element in inputs:
            yield from expand(element)
    else:
        message = (
            f"[predict] input: of a type this program does not read; expected a path, bytes, "
            f"an RGB array, a PIL image or an iterable of these, got {type(inputs).__name__}"
        )
        raise _core.InvalidOption(message)


def _from_pil(image: Any) -> NDArray[np.uint8]:
    """Give a PIL image the stored form that its file would have."""
    if image.mode.startswith("I;16"):
        wide = np.asarray(image).astype(np.uint32)
        return ((wide * 255 + 32767) // 65535).astype(np.uint8)
    if image.mode in {"I", "F"}:
        message = (
            f"[predict] PIL image: mode {image.mode} has no known range of brightness; expected "
            "L, RGB, RGBA, P, CMYK or I;16"
        )
        raise _core.InvalidOption(message)
    if image.mode not in {"L", "RGB", "RGBA"}:
        has_alpha = "A" in image.mode or "a" in image.mode or "transparency" in image.info
        image = image.convert("RGBA" if has_alpha else "RGB")
    return np.asarray(image)
