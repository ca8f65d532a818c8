"""Synthetic micrographs of crystals: deterministic, for demonstrations and tests."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from georgia import _core


def classes() -> list[str]:
    """Names of the habits that can be drawn.

    Examples
    --------
    >>> import georgia
    >>> georgia.synthetic.classes()
    ['needles', 'plates', 'rhombs', 'spherulites']
    """
    return _core.crystal_classes()


def draw(habit: str, *, size: int = 192, seed: int = 7, item: int = 0) -> NDArray[np.uint8]:
    """Draw one micrograph.

    Parameters
    ----------
    habit : str
        One of `classes`.
    size : int
        Height and width in pixels, 32 to 4096.
    seed, item : int
        Equal values give equal pixels on every machine of one processor family.

    Returns
    -------
    ndarray, shape (size, size, 3), uint8
    """
    if habit not in classes():
        message = f"[synthetic] habit: expected one of {', '.join(classes())}, got {habit}"
        raise _core.InvalidOption(message)
    return _core.draw_crystals(classes().index(habit), size, seed, item)


def encode(pixels: NDArray[np.uint8]) -> bytes:
    """PNG bytes of an image (H, W), (H, W, 3) or (H, W, 4) uint8."""
    return _core.encode_png(pixels)


def write(
    folder: str | os.PathLike[str], *, per_class: int = 200, size: int = 192, seed: int = 7
) -> Path:
    """Write a folder per habit with that many PNG files in each; existing files are kept.

    Returns
    -------
    Path
        The folder, ready for `georgia.train`.
    """
    root = Path(folder)
    for habit in classes():
        (root / habit).mkdir(parents=True, exist_ok=True)
        for item in range(per_class):
            path = root / habit / f"{habit}_{item:04}.png"
            if not path.exists():
                path.write_bytes(encode(draw(habit, size=size, seed=seed, item=item)))
    return root
