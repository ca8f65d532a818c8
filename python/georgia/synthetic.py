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
    folder: str | os.PathLike[str],
    *,
    per_class: int = 200,
    size: int = 192,
    seed: int = 7,
    rotated_copies: int = 0,
    cross_label: int = 0,
    size_shortcut: bool = False,
    corrupt: int = 0,
) -> Path:
    """Write a folder per habit with that many PNG files in each; existing files are kept.

    The last four plant faults, so that `Dataset.audit` can be tried where the truth is known.

    Parameters
    ----------
    folder : path
    per_class, size, seed : int
        Files in each folder, their height and width in pixels, and what their pixels follow from.
    rotated_copies : int
        For so many images of each habit one copy more, turned or mirrored, ``..._turned.png``.
    cross_label : int
        So many images of the first habit stand in the second's folder too.
    size_shortcut : bool
        The first habit's images lack an eighth of their rows and columns.
    corrupt : int
        So many more files of the last habit that break off in the middle, ``..._broken.png``.

    Returns
    -------
    Path
        The folder, ready for `georgia.train`.
    """
    root = Path(folder)
    first, second, *_, last = classes()
    for habit in classes():
        (root / habit).mkdir(parents=True, exist_ok=True)
    for habit in classes():
        for item in range(per_class):
            path = root / habit / f"{habit}_{item:04}.png"
            if path.exists():
                continue
            pixels = draw(habit, size=size, seed=seed, item=item)
            if size_shortcut and habit == first:
                pixels = pixels[size // 8 :, size // 8 :]
            path.write_bytes(encode(pixels))
            if item < rotated_copies:
                path.with_stem(f"{path.stem}_turned").write_bytes(encode(_turned(pixels, item)))
            if habit == first and item < cross_label:
                (root / second / f"{second}_{per_class + item:04}.png").write_bytes(encode(pixels))
            if habit == last and item < corrupt:
                data = path.read_bytes()
                path.with_stem(f"{path.stem}_broken").write_bytes(data[: len(data) // 2])
    return root


def _turned(pixels: NDArray[np.uint8], item: int) -> NDArray[np.uint8]:
    """One of the seven other orientations."""
    turn = 1 + item % 7
    mirrored = pixels[:, ::-1] if turn >= 4 else pixels
    return np.ascontiguousarray(np.rot90(mirrored, turn % 4))
