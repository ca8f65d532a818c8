"""What training will make of its images, before it begins."""

import numpy as np
from numpy.typing import NDArray

from georgia import _core, train_settings
from georgia.dataset import Dataset
from georgia.images import PLAIN, as_seen, uncropped

Seen = dict[str, list[NDArray[np.uint8]]]


def augmented(
    dataset: Dataset,
    options: _core.TrainOptions | None = None,
    *,
    images: int = 4,
    epochs: int = 5,
) -> Seen:
    """Give some training images as the network will see them, for `plots.augmentations`.

    They are the very pixels that `train` with these options gives the network in its first phase,
    before mixing and normalisation, where an epoch holds every image once and ``bank_views`` does
    not show some of them again.

    Parameters
    ----------
    dataset : Dataset
        Split by the options' seed if it was not.
    options : TrainOptions, optional
        Those of a run show what it sees; ``TrainOptions()`` where none are given. Their seed,
        preprocessing, augmentation, and size and fit of the first phase count.
    images, epochs : int
        How many images, evenly spaced in the training split, and epochs from the first.

    Returns
    -------
    dict of str to list of ndarray, (H, W) or (H, W, C), uint8
        For each image's path the plain image, then one of each epoch.

    Raises
    ------
    BadInput, IoError
        An image cannot be read.

    Examples
    --------
    >>> import georgia, tempfile
    >>> folder = georgia.synthetic.write(tempfile.mkdtemp(), per_class=4, size=32)
    >>> options = georgia.TrainOptions(augment={"dihedral": True, "noise": 0.05})
    >>> seen = georgia.augmented(georgia.Dataset.scan(folder), options, images=2, epochs=3)
    >>> [len(row) for row in seen.values()]
    [4, 4]
    """
    chosen = train_settings.with_reading(options or _core.TrainOptions(), dataset)
    if not dataset.is_split:
        dataset = dataset.split(seed=chosen.seed)
    preprocess = uncropped(_frame_of(chosen))
    paths = dataset.paths(dataset.part("train"))
    rows = {}
    places = np.linspace(0, len(paths) - 1, min(images, len(paths))).round().astype(int)
    for index in places.tolist():
        pixels = _core.read_image(paths[index], chosen.limits, chosen.preprocess)
        rows[paths[index]] = [_core.preprocess(pixels, preprocess, PLAIN)] + [
            _core.preprocess(pixels, preprocess, chosen.augment, chosen.seed, epoch, index)
            for epoch in range(epochs)
        ]
    return rows


def framed(path: str, options: _core.TrainOptions) -> NDArray[np.uint8]:
    """Read an image into the frame of the first phase, (H, W) or (H, W, C) uint8, as it is."""
    return as_seen(path, _frame_of(options), options.limits)


def _frame_of(options: _core.TrainOptions) -> _core.Preprocess:
    """The preprocessing of the first phase."""
    phase = options.phases[0]
    frame = {"height": phase.size, "width": phase.size, "fit": phase.fit}
    return _core.Preprocess.from_dict(options.preprocess.to_dict() | frame)
