"""Which turns and mirrorings leave an image's class as it is: asked of the images themselves."""

import math
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.augmentation import framed
from georgia.dataset import Dataset
from georgia.model import Model
from georgia.sample import Sample

_ASKED = 300  # validation images
_KNOWN = 500  # training images
_NEIGHBOURS = 5
_ERRORS = 2  # standard errors, from which a loss is believed
_LEAST = 20  # images recognised as they are; of four, none can be lost beyond its errors
_COST = 0.1  # of the time there is
_TIMED = 16  # images
_ALL = "images are mirrored and turned in all eight ways"
SETTLED = ("augment.dihedral", "augment.flip_horizontal", "augment.flip_vertical")

_Pixels = NDArray[np.uint8]
_MOVES: dict[str, Callable[[_Pixels], _Pixels]] = {
    "mirrored left to right": lambda pixels: pixels[:, ::-1],
    "upside down": lambda pixels: pixels[::-1],
    "turned by a quarter": lambda pixels: np.rot90(pixels),
}


class Symmetry(NamedTuple):
    """What one move does to the images.

    Attributes
    ----------
    move : str
    kept, lost, gained : int
        Validation images that the nearest training images classify rightly as they are; that they
        do not once moved; and those the other way round.
    images : int
    """

    move: str
    kept: int
    lost: int
    gained: int
    images: int

    @property
    def holds(self) -> bool:
        """Whether the classes survive it, as far as these images can tell (McNemar)."""
        return self.lost - self.gained <= _ERRORS * math.sqrt(self.lost + self.gained)

    def __str__(self) -> str:
        moved = self.kept - self.lost + self.gained
        return f"{self.move}, {moved} of {self.images} are recognised instead of {self.kept}"


def measure(
    dataset: Dataset,
    start: _core.ModelFile,
    options: _core.TrainOptions,
    *,
    share: float = 1,
) -> list[Symmetry]:
    """Ask for each move whether moved validation images are still nearest to their class.

    By the features of the weights to begin with, scaled to length 1 and standardised, and the 5
    nearest of up to 500 training images; up to 300 images are asked, or a share of both numbers.

    Raises
    ------
    BadInput, IoError
        An image cannot be read.
    """
    known = _spread(dataset.part("train"), math.ceil(share * _KNOWN))
    asked = _spread(dataset.part("validation"), math.ceil(share * _ASKED))
    views = _framed(dataset, asked, options)
    model = Model(_uncropped(start))
    rows = [_features(model, _framed(dataset, known, options), options)]
    rows.append(_features(model, views, options))
    for move in _MOVES.values():
        moved = [np.ascontiguousarray(move(view)) for view in views]
        rows.append(_features(model, moved, options))

    labels = dataset.labels([*known, *asked * (1 + len(_MOVES))])
    folds = [0] * len(known) + [1] * (len(labels) - len(known))
    said = _core.cross_validated_neighbours(
        np.concatenate(rows), labels, folds, len(dataset.classes), _NEIGHBOURS
    )
    is_right = np.equal(said[len(known) :], labels[len(known) :]).reshape(-1, len(asked))
    still, found = is_right[0], []
    for name, moved_right in zip(_MOVES, is_right[1:], strict=True):
        lost, gained = (still & ~moved_right).sum(), (~still & moved_right).sum()
        found.append(Symmetry(name, int(still.sum()), int(lost), int(gained), len(asked)))
    return found


def _framed(
    dataset: Dataset, samples: Sequence[Sample], options: _core.TrainOptions
) -> list[_Pixels]:
    return [framed(path, options) for path in dataset.paths(samples)]


def _features(
    model: Model, images: list[_Pixels], options: _core.TrainOptions
) -> NDArray[np.float64]:
    """Features of framed images, (N, D), each of length 1."""
    rows = model.embed(
        images, threads=options.threads, device=options.device, precision=options.precision
    )
    for error in rows.errors:
        if error:
            raise _core.BadInput(error)
    features: NDArray[np.float64] = rows.features.astype(np.float64)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.where(lengths > 0, lengths, 1)


def _uncropped(start: _core.ModelFile) -> _core.ModelFile:
    """Give the same network for images that are cropped already."""
    if not any(start.preprocess.crop):
        return start
    whole = start.preprocess.to_dict() | {"crop": [0, 0, 0, 0]}
    file = _core.ModelFile.create(
        network=start.architecture,
        variant=start.variant,
        head=start.head,
        classes=start.classes,
        preprocess=_core.Preprocess.from_dict(whole),
        seed=None,
    )
    file.take(start.tensors(), strict=True, subject="symmetry", seed=0)
    return file


def settle(
    options: _core.TrainOptions,
    dataset: Dataset,
    start: _core.ModelFile,
    seconds: float | None = None,
) -> tuple[_core.TrainOptions, str]:
    """Give the options with the moves that hold, and say what came of the question.

    It takes no more than a tenth of the seconds that there are. Where too few images are recognised
    as they are nothing is concluded.
    """
    share = min(1, _COST * seconds / _cost(dataset, start, options)) if seconds else 1
    found = measure(dataset, start, options, share=share)
    if found[0].kept < _LEAST:
        return options, (
            f"{_ALL}: {found[0].kept} of {found[0].images} validation images are recognised as "
            "they are, too few to ask whether it leaves their classes as they are"
        )
    mirrored, upside_down, turned = (symmetry.holds for symmetry in found)
    is_free = mirrored and upside_down and turned
    values = options.to_dict()
    values["augment"] |= {
        "dihedral": is_free,
        "flip_horizontal": mirrored and not is_free,
        "flip_vertical": upside_down and not is_free,
    }
    lost = "; ".join(str(symmetry) for symmetry in found if not symmetry.holds)
    names = ("mirrored",) * mirrored + ("turned over",) * upside_down
    left = f"images are {' and '.join(names)}, no more" if names else "images stay as they are"
    recognised = f"{found[0].kept} of {found[0].images} images that are recognised as they are"
    why = f"{_ALL}: {recognised} do not speak against it" if is_free else f"{left}: {lost}"
    return _core.TrainOptions.from_dict(values), why


def _cost(dataset: Dataset, start: _core.ModelFile, options: _core.TrainOptions) -> float:
    """About how many seconds the question takes, by those of a few images."""
    training, validation = dataset.part("train"), dataset.part("validation")
    few = _spread(training, _TIMED)
    begun = time.monotonic()
    _features(Model(_uncropped(start)), _framed(dataset, few, options), options)
    images = min(len(training), _KNOWN) + (1 + len(_MOVES)) * min(len(validation), _ASKED)
    return (time.monotonic() - begun) / len(few) * images


def _spread(samples: list[Sample], count: int) -> list[Sample]:
    """Give so many, evenly spaced."""
    count = min(count, len(samples))
    return [samples[i * len(samples) // count] for i in range(count)]
