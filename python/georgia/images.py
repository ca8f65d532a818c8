"""Images as the user gives them: finding files in folders, reading one, taking apart arrays."""

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable
from georgia.listing import list_files, looks_like_image
from georgia.natural_order import natural_order

PLAIN = _core.AugmentOptions(
    rotation=0, shift=0, zoom=0, flip_horizontal=False, flip_vertical=False
)
"""Augmentation that does nothing."""

THUMBNAIL = 96
"""Pixels of the longer side of an image in a store and in the explorer."""

ImageInput: TypeAlias = Any
"""A path (file, folder or glob pattern), bytes, an open binary file, an RGB array, a PIL image, a
`Dataset`, or an iterable of these."""


def read_image(
    source: str | os.PathLike[str] | bytes,
    *,
    depth: tuple[int, int] = (0, 65535),
    crop: tuple[int, int, int, int] = (0, 0, 0, 0),
    limits: _core.DecodeLimits | None = None,
) -> NDArray[np.uint8]:
    """Read an image into its stored form.

    PNG, JPEG, BMP and TIFF are recognised by their first bytes. A damaged file is refused, never
    patched. EXIF orientation is applied, CMYK becomes RGB, alpha is kept.

    Parameters
    ----------
    source : str, os.PathLike or bytes
        A file's path, or the bytes of a file.
    depth : (int, int)
        The values of a 16-bit image that become 0 and 255; by default its whole range, so that a
        value v becomes ``(v * 255 + 32767) // 65535``.
    crop : (int, int, int, int)
        Pixels to cut away at top, right, bottom and left.
    limits : DecodeLimits, optional
        What a file may ask for; by default 256 MiB, 50 million pixels, 32,766 pixels a side,
        1 frame or page, 100 progressive scans and 256 pieces of metadata.

    Returns
    -------
    ndarray, uint8
        Shape (H, W) for gray, (H, W, 3) for RGB, (H, W, 4) for RGBA.

    Raises
    ------
    BadInput
        The bytes are not an image of a known format, are damaged, or exceed the limits; a kind
        that is not read (float, signed, 12-bit, multi-page, ...) is named.
    IoError
        The file cannot be read.

    Examples
    --------
    >>> import georgia
    >>> png = georgia.synthetic.encode(georgia.synthetic.draw("needles", size=64))
    >>> georgia.read_image(png).shape
    (64, 64, 3)
    """
    how = _core.Preprocess(depth=depth, crop=crop)
    return _core.read_image(source, limits or _core.DecodeLimits(), how)


def as_seen(
    source: Any, preprocess: _core.Preprocess, limits: _core.DecodeLimits
) -> NDArray[np.uint8]:
    """Give a file, bytes or pixels as a network sees it, (H, W) or (H, W, C) uint8, unturned."""
    pixels = _core.read_image(source, limits, preprocess)
    return _core.preprocess(pixels, uncropped(preprocess), PLAIN)


def uncropped(preprocess: _core.Preprocess) -> _core.Preprocess:
    """The same for pixels that are cropped already."""
    return _core.Preprocess.from_dict(preprocess.to_dict() | {"crop": [0, 0, 0, 0]})


def expand(inputs: ImageInput, depth: Sequence[int] = (0, 65535)) -> Iterator[tuple[str, Any]]:
    """Name and source of every image in an input, in order; folders are walked naturally.

    The source of an image that cannot be had is the error that says why.

    A pattern must be the whole input: in a list a name with brackets is the name of a file. Depth
    is the range of 16-bit PIL images, which come without a file to be read by it.
    """
    if isinstance(inputs, str | os.PathLike) and glob.has_magic(os.fspath(inputs)):
        yield from _matches(Path(inputs))
    else:
        yield from _expand(inputs, depth)


def _expand(inputs: ImageInput, depth: Sequence[int]) -> Iterator[tuple[str, Any]]:
    if isinstance(inputs, str | os.PathLike):
        yield from _from_path(Path(inputs))
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
        yield name, _unless_failed(_from_pil, inputs, depth)
    elif hasattr(inputs, "read"):
        name = str(getattr(inputs, "name", "") or "file")
        yield name, _unless_failed(_from_stream, inputs, name)
    elif hasattr(inputs, "samples") and hasattr(inputs, "paths"):  # a Dataset
        yield from ((path, path) for path in inputs.paths(inputs.samples))
    elif isinstance(inputs, Iterable):
        for element in inputs:
            yield from _expand(element, depth)
    else:
        message = (
            f"[predict] input: of a type this program does not read; expected a path, bytes, a "
            f"binary file, an RGB array, a PIL image, a data set or an iterable of these, got "
            f"{type(inputs).__name__}"
        )
        raise _core.InvalidOption(message)


def _unless_failed(read: Callable[..., Any], *arguments: Any) -> Any:
    """What is read, or the error: one damaged image must not end the work on all others."""
    try:
        return read(*arguments)
    except _core.InvalidOption:  # nothing is damaged: the caller is mistaken
        raise
    except Exception as error:
        return error


def _from_path(path: Path) -> Iterator[tuple[str, Any]]:
    """A file, or the images of a folder."""
    if "\0" in str(path):
        yield str(path), OSError("no file has a name with a zero byte")
        return
    try:
        is_folder = path.is_dir()
    except OSError:  # as of a name that is too long: the reader will say so
        is_folder = False
    if is_folder:
        yield from ((str(file), str(file)) for file in list_files(path) if looks_like_image(file))
    else:
        yield str(path), str(path)


def _matches(pattern: Path) -> Iterator[tuple[str, Any]]:
    """What a pattern matches, folders walked; or the file or folder of that very name.

    A pattern with ``**`` walks folders itself: of its matches the images alone are taken.
    """
    if pattern.exists():
        yield from _from_path(pattern)
        return
    # Path.glob takes no pattern that begins at the root
    found = [Path(name) for name in natural_order(glob.glob(str(pattern), recursive=True))]  # noqa: PTH207
    if "**" in pattern.parts:
        found = [path for path in found if path.is_file() and looks_like_image(path)]
    if not found:
        message = f"[predict] {printable(pattern)}: no file has a name of this pattern"
        raise _core.IoError(message)
    for path in found:
        yield from _from_path(path)


def _from_stream(stream: Any, name: str) -> bytes:
    """Bytes of an open file, from where it stands."""
    read = stream.read()
    if not isinstance(read, bytes | bytearray | memoryview):
        message = (
            f"[predict] {printable(name)}: opened as text; expected a binary file, as by "
            "open(path, 'rb')"
        )
        raise _core.InvalidOption(message)
    return bytes(read)


def _from_pil(image: Any, depth: Sequence[int]) -> NDArray[np.uint8]:
    """Give a PIL image the stored form that its file would have."""
    if image.mode.startswith("I;16"):
        low, high = depth
        wide = np.clip(np.asarray(image).astype(np.int64), low, high) - low
        return ((wide * 255 + (high - low) // 2) // (high - low)).astype(np.uint8)
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
