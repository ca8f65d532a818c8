"""Record: one image in a store, checked when it is made; Neighbour: one answer."""

import math
import re
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable

MAX_DIMENSIONS = 65_535  # what Weaviate takes; a vector is 256 KiB then
_CONTENT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, eq=False)
class Record:
    """One image of a store.

    Attributes
    ----------
    image_id : str
        The user's name for it, such as its path.
    vector : ndarray, shape (D,), float32, finite
        Its features.
    content : str
        SHA-256 of the image's bytes, 64 hexadecimal digits: the id of the record. Adding the same
        content again replaces the record.
    class_label : str
    confidence : float
        0 to 1; NaN where nobody said.
    thumbnail : bytes
        A JPEG file, or empty.

    Raises
    ------
    InvalidOption
        A value is not as above.

    Examples
    --------
    >>> from georgia.store import Record
    >>> Record("a.png", [1, 2], content="0f" * 32).vector.dtype
    dtype('float32')
    """

    image_id: str
    vector: NDArray[np.float32] = field(repr=False)
    content: str
    class_label: str = ""
    confidence: float = math.nan
    thumbnail: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        check_text("image_id", self.image_id)
        check_text("class_label", self.class_label)
        check_id(self.content)
        object.__setattr__(self, "vector", checked_vector(self.vector))
        object.__setattr__(self, "confidence", checked_confidence(self.confidence))
        if not isinstance(self.thumbnail, bytes):
            refuse("thumbnail", f"expected bytes, got {type(self.thumbnail).__name__}")


@dataclass(frozen=True, eq=False)
class Neighbour:
    """An image that was found.

    Attributes
    ----------
    record : Record
    distance : float
        1 - cosine of the angle, 0 to 2, or Euclidean distance, as the store was made.
    """

    record: Record
    distance: float


def refuse(subject: str, what: str) -> NoReturn:
    """Refuse an argument."""
    message = f"[store] {subject}: {what}"
    raise _core.InvalidOption(message)


def check_text(name: str, value: object) -> None:
    """Refuse what no backend could give back as it was."""
    if not isinstance(value, str):
        refuse(name, f"expected text, got {type(value).__name__}")
    elif not is_storable(value):
        refuse(name, f"expected Unicode text without zeros, got {printable(value)}")


def is_storable(text: str) -> bool:
    """Tell whether text comes back as it was; the name of a file may hold bytes of no UTF-8."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def check_id(value: object) -> None:
    """Refuse what is no SHA-256."""
    if not isinstance(value, str) or not _CONTENT.fullmatch(value):
        refuse("id", f"expected 64 hexadecimal digits, a SHA-256; got {printable(value)[:80]}")


def checked_vector(value: object) -> NDArray[np.float32]:
    """Give an own copy that nobody can change."""
    try:
        with np.errstate(over="ignore"):  # what is too large becomes infinite and is refused
            vector = np.array(value, np.float32)
    except (TypeError, ValueError):
        refuse("vector", f"expected numbers, got {type(value).__name__}")
    if vector.ndim != 1 or not 1 <= vector.size <= MAX_DIMENSIONS:
        refuse("vector", f"expected (D,), D from 1 to {MAX_DIMENSIONS}, got {vector.shape}")
    if not np.isfinite(vector).all():
        refuse("vector", "expected finite float32 numbers, got NaN or infinity")
    vector.flags.writeable = False
    return vector


def checked_confidence(value: float) -> float:
    """Refuse what is neither a share nor NaN."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.inf
    if not (math.isnan(number) or 0 <= number <= 1):
        refuse("confidence", f"expected 0 to 1, or NaN for unknown, got {printable(value)}")
    return number
