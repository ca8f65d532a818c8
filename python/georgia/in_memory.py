"""Images that a program holds, made a data set to train on; a model as the bytes of its file."""

import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.dataset import Dataset
from georgia.display import printable
from georgia.loading import load
from georgia.manifest import Row
from georgia.model import Model

_LOG = logging.getLogger("georgia")
_CHANNELS = (1, 3, 4)
_ROOT = Path("/")  # paths given by hand need not have any other folder in common


class PixelRange(NamedTuple):
    """The values that become 0 and 255.

    A value v becomes ``(v - low) / (high - low) * 255``, rounded to the nearest whole number and
    halves to the even one; values outside are clipped.

    Examples
    --------
    >>> import numpy as np
    >>> from georgia.in_memory import PixelRange
    >>> PixelRange(0.0, 1.0).pixels(np.array([[-1.0, 0.1, 0.5, 2.0]]))
    array([[  0,  26, 128, 255]], dtype=uint8)
    """

    low: float
    high: float

    @classmethod
    def of(cls, images: Sequence[Any]) -> "PixelRange":
        """The least and the largest value of arrays; 8 bits and files are taken as they are."""
        if are_paths(images) or all(image.dtype == np.uint8 for image in images):
            return EIGHT_BITS
        low = min(float(image.min()) for image in images)
        return cls(low, max(float(image.max()) for image in images))

    def pixels(self, image: NDArray[Any]) -> NDArray[np.uint8]:
        """Bring an image (H, W) or (H, W, C) of any numbers to 8 bits."""
        if image.dtype == np.uint8 and self == EIGHT_BITS:
            return np.ascontiguousarray(image)
        span = self.high - self.low or 1.0  # of images that are all of one value, which becomes 0
        shares = (np.clip(image.astype(np.float64), self.low, self.high) - self.low) / span
        return np.ascontiguousarray(np.rint(shares * 255).astype(np.uint8))


EIGHT_BITS = PixelRange(0.0, 255.0)
"""Of pixels that are 8 bits wide already."""


def paths_of(given: Any) -> list[str] | None:
    """Paths of a list, or of an array or column with one dimension; None of anything else.

    Raises
    ------
    BadInput
        One of them is a folder, or missing.
    """
    elements = _elements(given)
    if not elements or not all(isinstance(each, str | os.PathLike) for each in elements):
        return None
    paths = [os.fspath(each) for each in elements]
    for path in paths:
        if not Path(path).is_file():  # `Model.predict` would open folders and patterns
            wrong = "a folder" if Path(path).is_dir() else "no such file"
            message = f"[ImageClassifier] {printable(path)}: {wrong}; expected image files"
            raise _core.BadInput(message)
    return paths


def images_of(given: Any) -> list[NDArray[Any]] | None:
    """Images of an array (N, H, W) or (N, H, W, C), or of a list of images; None of anything else.

    Raises
    ------
    BadInput
        A shape is none of an image.
    """
    if isinstance(given, np.ndarray) and given.ndim > 2:
        elements = list(given)
    else:
        elements = _elements(given)
        if not any(isinstance(each, np.ndarray) and each.ndim > 1 for each in elements):
            return None
    return [_image(each, f"image {number}") for number, each in enumerate(elements)]


def fold(rows: NDArray[Any], image_shape: Sequence[int] | None) -> list[NDArray[Any]]:
    """Fold the rows of a table (N, F) to images; without a shape each is one line of gray pixels.

    Raises
    ------
    InvalidOption
        The shape is none of an image with F values.
    """
    shape = (1, rows.shape[1]) if image_shape is None else tuple(image_shape)
    if len(shape) not in (2, 3) or min(shape) < 1 or np.prod(shape) != rows.shape[1]:
        message = (
            f"[ImageClassifier] image_shape: expected (H, W) or (H, W, C) of {rows.shape[1]} "
            f"features, got {shape}"
        )
        raise _core.InvalidOption(message)
    return [_image(row.reshape(shape), f"row {number}") for number, row in enumerate(rows)]


def are_paths(images: Sequence[Any]) -> bool:
    """Whether these are paths, not arrays."""
    return isinstance(images[0], str)


def files_of(images: Sequence[Any], pixel_range: PixelRange, folder: Path) -> list[str]:
    """Paths of images; arrays are written to a folder as PNG files, which lose nothing more."""
    if are_paths(images):
        return list(images)
    paths = [folder / f"{number:08}.png" for number in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        path.write_bytes(_core.encode_png(pixel_range.pixels(image)))
    return [str(path) for path in paths]


def held_out(classes: NDArray[np.int64], share: float, *, seed: int) -> NDArray[np.bool_]:
    """Choose a share of the images of each class, (N,); of every class one is left at least.

    Where every share comes to none, the largest class gives one image; where every class has one
    image there is none to give. Which image it is depends on its place and the seed alone.

    Examples
    --------
    >>> import numpy as np
    >>> from georgia.in_memory import held_out
    >>> int(held_out(np.array([0] * 20 + [1] * 10 + [2]), 0.2, seed=42).sum())
    6
    """
    counts = np.bincount(classes)
    given = np.minimum(np.rint(counts * share).astype(np.int64), counts - 1)
    if not given.any():
        given[counts.argmax()] = min(1, counts.max() - 1)
    chosen = np.zeros(len(classes), bool)
    for label, count in enumerate(given):
        members = np.flatnonzero(classes == label)
        ranked = sorted(members, key=lambda place: _core.sha256(f"{seed} {place}".encode()))
        chosen[ranked[:count]] = True
    return chosen


def dataset(paths: Sequence[str], labels: Sequence[str], is_held_out: NDArray[np.bool_]) -> Dataset:
    """Make a data set of files anywhere; those held out validate, or all do where none is."""
    places = [str(Path(path).absolute()).lstrip("/") for path in paths]
    splits = np.where(is_held_out, "validation", "train").tolist()
    rows = [
        Row(place, label, split, "", 0, "")
        for place, label, split in zip(places, labels, splits, strict=True)
    ]
    if not is_held_out.any():
        _LOG.warning(
            "[ImageClassifier] every class has one image only: those that are trained on choose "
            "the epoch too"
        )
        rows += [row._replace(split="validation") for row in rows]
    return Dataset.from_rows(rows, _ROOT)


def bytes_of(model: Model) -> bytes:
    """Bytes of the file that `Model.save` writes."""
    with tempfile.TemporaryDirectory(prefix="georgia-") as place:
        path = Path(place, "model.safetensors")
        model.save(path)
        return path.read_bytes()


def model_of(data: bytes) -> Model:
    """Read a model from the bytes of its file.

    Raises
    ------
    BadInput
        They are no model of georgia's, or damaged.
    """
    with tempfile.TemporaryDirectory(prefix="georgia-") as place:
        path = Path(place, "model.safetensors")
        path.write_bytes(data)
        return load(path)


def _elements(given: Any) -> list[Any]:
    """What stands in a list, or in an array or column with one dimension; nothing otherwise."""
    has_one = isinstance(given, list | tuple) or getattr(given, "ndim", 0) == 1
    return list(given) if has_one else []


def _image(given: Any, name: str) -> NDArray[Any]:
    """An image (H, W), or (H, W, C) with C of 3 or 4."""
    shape: tuple[int, ...] = given.shape if isinstance(given, np.ndarray) else ()
    is_image = len(shape) == 2 or (len(shape) == 3 and shape[2] in _CHANNELS)
    if not is_image or 0 in shape:
        message = (
            f"[ImageClassifier] {name}: expected an array (H, W) or (H, W, C) with C of 1, 3 or 4, "
            f"got {shape or type(given).__name__}"
        )
        raise _core.BadInput(message)
    image: NDArray[Any] = given
    return image[..., 0] if shape[2:] == (1,) else image
