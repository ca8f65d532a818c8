"""Which turns and mirrorings leave an image's class as it is: asked of the images themselves."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.augmentation import framed
from georgia.dataset import Dataset
from georgia.model import Model
from georgia.sample import Sample

_ASKED = 200  # validation images
_KNOWN = 500  # training images
_NEIGHBOURS = 5
_ERRORS = 2.5  # standard errors, from which a loss is believed

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
    dataset: Dataset, start: _core.ModelFile, options: _core.TrainOptions
) -> list[Symmetry]:
    """Ask for each move whether moved validation images are still nearest to their class.

    By the features of the weights to begin with, cosine distances and 5 neighbours among the
    training images. Deterministic; nothing is trained.

    Raises
    ------
    BadInput, IoError
        An image cannot be read.
    """
    known = _spread(dataset.part("train"), _KNOWN)
    asked = _spread(dataset.part("validation"), _ASKED)
    model = Model(start)

    def features(images: list[_Pixels]) -> NDArray[np.float32]:
        return model.embed(
            images, threads=options.threads, device=options.device, precision=options.precision
        ).features

    def framed_all(samples: Sequence[Sample]) -> list[_Pixels]:
        return [framed(path, options) for path in dataset.paths(samples)]

    rows = features(framed_all(known))
    middle, width = rows.mean(0), rows.std(0) + 1e-6
    views = framed_all(asked)

    def is_right(images: list[_Pixels]) -> NDArray[np.bool_]:
        both = np.concatenate([rows, features(images)]).astype(np.float64)
        both = (both - middle) / width
        both /= np.linalg.norm(both, axis=1, keepdims=True)
        labels = dataset.labels([*known, *asked])
        folds = [0] * len(known) + [1] * len(asked)
        said = _core.cross_validated_neighbours(
            both, labels, folds, len(dataset.classes), _NEIGHBOURS
        )
        return np.equal(said[len(known) :], labels[len(known) :], dtype=np.bool_)

    still = is_right(views)
    found = []
    for move, moved_by in _MOVES.items():
        moved = is_right([np.ascontiguousarray(moved_by(view)) for view in views])
        counts = (still.sum(), (still & ~moved).sum(), (~still & moved).sum(), len(still))
        found.append(Symmetry(move, *map(int, counts)))
    return found


def settle(
    options: _core.TrainOptions, dataset: Dataset, start: _core.ModelFile
) -> tuple[_core.TrainOptions, str]:
    """Give the options with the moves that hold, and say what came of the question."""
    found = measure(dataset, start, options)
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
    why = "images are mirrored and turned in all eight ways: their classes survive it"
    return _core.TrainOptions.from_dict(values), why if is_free else f"{left}: {lost}"


def _spread(samples: list[Sample], count: int) -> list[Sample]:
    """Give so many, evenly spaced."""
    count = min(count, len(samples))
    return [samples[i * len(samples) // count] for i in range(count)]
