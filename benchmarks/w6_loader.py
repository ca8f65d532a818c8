"""W6: files to normalised batches of 224 pixels through one random affine warp; processor time.

Each contender does all on one thread, without the cost of worker processes; what counts is images
per second of processor time. Georgia normalises natively, as it does for itself, and in a row of
its own by torch's operations as the others do.
"""

import math
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.contest import Contender, Figures, Workload, best_ratios

_SIZE, _BATCH = 224, 32
_FILES = 64  # of each of 4 classes
_ROUNDS = 5

Pixels = NDArray[np.uint8]
Batches = Callable[[list[Path]], Iterator[Pixels]]


def prepare(folder: Path) -> None:
    from PIL import Image

    import georgia

    georgia.synthetic.write(folder / "png", per_class=_FILES, size=256)
    georgia.synthetic.write(folder / "large", per_class=_FILES, size=512)
    (folder / "jpeg").mkdir()
    for i, path in enumerate(sorted((folder / "large").glob("*/*.png"))):
        Image.open(path).convert("RGB").save(folder / "jpeg" / f"{i}.jpg", quality=90)


def _by_torch(pixels: Pixels) -> None:
    import torch

    torch.from_numpy(pixels).permute(0, 3, 1, 2).float().sub_(127.5).mul_(1 / 63.75)


def _rate(
    batches: Batches, paths: list[Path], normalise: Callable[[Pixels], Any] = _by_torch
) -> float:
    """Images per second of processor time, the best of a few passes."""
    import torch

    torch.set_num_threads(1)
    seconds = []
    for _ in range(_ROUNDS):
        began = time.process_time()
        for pixels in batches(paths):
            normalise(pixels)
        seconds.append(time.process_time() - began)
    return len(paths) / min(seconds)


def _png(folder: Path) -> list[Path]:
    return sorted((folder / "png").glob("*/*.png"))


def _jpeg(folder: Path) -> list[Path]:
    return sorted((folder / "jpeg").glob("*.jpg"))


def _georgia(folder: Path, *, natively: bool = True) -> Figures:
    import georgia
    from georgia import _core

    augment = georgia.AugmentOptions(rotation=30, shift=0.2, zoom=0.3)

    def batches_of(paths: list[Path], **more: Any) -> Batches:
        preprocess = georgia.Preprocess(height=_SIZE, width=_SIZE, **more)
        loader = _core.Loader(
            paths, preprocess, augment, batch=_BATCH, epochs=_ROUNDS, threads=0, shuffle=True
        )

        def batches(paths: list[Path]) -> Iterator[Pixels]:
            for pixels, _ in islice(loader, math.ceil(len(paths) / _BATCH)):
                yield pixels

        return batches

    def native(pixels: Pixels) -> None:
        _core.normalise(pixels, georgia.Preprocess())

    normalise = native if natively else _by_torch
    png, jpeg = _png(folder), _jpeg(folder)
    return {
        "png": _rate(batches_of(png), png, normalise),
        "jpeg": _rate(batches_of(jpeg), jpeg, normalise),
        "jpeg_half": _rate(batches_of(jpeg, jpeg_reduce=True), jpeg, normalise),
    }


def _in_batches(read: Callable[[Path, Any], Pixels]) -> Batches:
    def batches(paths: list[Path]) -> Iterator[Pixels]:
        random = np.random.default_rng(0)
        order = random.permutation(len(paths))
        for first in range(0, len(paths), _BATCH):
            yield np.stack([read(paths[i], random) for i in order[first : first + _BATCH]])

    return batches


def _drawn(random: Any) -> tuple[float, float, tuple[float, float]]:
    """Angle, magnification, shift."""
    return random.uniform(-30, 30), random.uniform(0.7, 1.3), tuple(random.uniform(-45, 45, 2))


def _opencv(folder: Path) -> Figures:
    import cv2

    cv2.setNumThreads(1)

    def reading(flags: int) -> Callable[[Path, Any], Pixels]:
        def read(path: Path, random: Any) -> Pixels:
            image = cv2.cvtColor(cv2.imread(str(path), flags), cv2.COLOR_BGR2RGB)
            angle, zoom, shift = _drawn(random)
            side = image.shape[0]
            matrix = cv2.getRotationMatrix2D((side / 2, side / 2), angle, zoom * _SIZE / side)
            matrix[:, 2] += np.array(shift) + (_SIZE - side) / 2
            return np.asarray(
                cv2.warpAffine(image, matrix, (_SIZE, _SIZE), borderMode=cv2.BORDER_REPLICATE)
            )

        return read

    whole = _in_batches(reading(cv2.IMREAD_COLOR))
    half = _in_batches(reading(cv2.IMREAD_REDUCED_COLOR_2))
    return {
        "png": _rate(whole, _png(folder)),
        "jpeg": _rate(whole, _jpeg(folder)),
        "jpeg_half": _rate(half, _jpeg(folder)),
    }


def _pillow(folder: Path) -> Figures:
    """As a DataLoader's data set is mostly written: resize, then one affine map."""
    from PIL import Image

    def read(path: Path, random: Any) -> Pixels:
        image = Image.open(path).convert("RGB").resize((_SIZE, _SIZE), Image.Resampling.BILINEAR)
        angle, zoom, (x, y) = _drawn(random)
        c, s = np.cos(np.radians(angle)) / zoom, np.sin(np.radians(angle)) / zoom
        half = _SIZE / 2
        matrix = (c, s, half - c * (half + x) - s * (half + y))
        matrix += (-s, c, half + s * (half + x) - c * (half + y))
        return np.asarray(
            image.transform(
                (_SIZE, _SIZE), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
            )
        )

    return {
        "png": _rate(_in_batches(read), _png(folder)),
        "jpeg": _rate(_in_batches(read), _jpeg(folder)),
    }


WORKLOAD = Workload(
    "W6: files to normalised batches of 224 pixels through one affine warp, one thread",
    prepare,
    {
        "georgia": Contender(_georgia),
        "georgia, normalised by torch": Contender(partial(_georgia, natively=False)),
        "OpenCV, one warp": Contender(_opencv, {}, "cv2"),
        "Pillow": Contender(_pillow, {}, "PIL"),
    },
    {
        "png": "PNG 256, images per CPU-second",
        "jpeg": "JPEG 512, images per CPU-second",
        "jpeg_half": "JPEG 512 decoded at half size, images per CPU-second",
    },
)


def ratios(figures: dict[str, list[Figures]]) -> dict[str, float]:
    return best_ratios(WORKLOAD, figures)
