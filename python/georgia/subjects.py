"""What is to be explored: images, what is known of them, and the network that looks at them."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from georgia import _core
from georgia.dataset import Dataset
from georgia.display import printable
from georgia.listing import list_files, list_images, looks_like_image
from georgia.loading import load
from georgia.model import Model
from georgia.natural_order import natural_order
from georgia.opening import open_dataset
from georgia.run import Run
from georgia.sample import Sample

_NETWORK, _WEIGHTS = "resnet18", "imagenet"


@dataclass(frozen=True)
class Subjects:
    """Images with their classes and splits, as far as known, and a model.

    Attributes
    ----------
    title : str
    paths, labels, splits : tuple of str
    model : Model
    answers : bool
        Whether the model was trained on classes, so that its predictions mean something.
    limits : DecodeLimits
    log : tuple of str
        What happened on the way.
    """

    title: str
    paths: tuple[str, ...]
    labels: tuple[str, ...]
    splits: tuple[str, ...]
    model: Model
    answers: bool
    limits: _core.DecodeLimits
    log: tuple[str, ...] = ()

    def every(self, step: int) -> "Subjects":
        """One image of so many."""
        if step == 1:
            return self
        note = f"one image of {step}: {len(self.paths[::step])} of {len(self.paths)}"
        return replace(
            self,
            paths=self.paths[::step],
            labels=self.labels[::step],
            splits=self.splits[::step],
            log=(*self.log, note),
        )


def subjects_of(
    source: "str | os.PathLike[str] | Run | Dataset",
    *,
    model: "str | os.PathLike[str] | Run | Model | None",
    network: str | None,
    weights: str | os.PathLike[str] | None,
    seed: int,
) -> Subjects:
    """Open what `explore` was given.

    Raises
    ------
    InvalidOption, BadInput, IoError
    """
    if model is not None and (network is not None or weights is not None):
        message = "[explore] model: expected a model, or a network with weights, got both"
        raise _core.InvalidOption(message)
    given: object = source
    if not isinstance(given, str | os.PathLike | Run | Dataset):
        message = f"[explore] expected a folder, a run or a data set, got {type(given).__name__}"
        raise _core.InvalidOption(message)
    run = source if isinstance(source, Run) else None
    if isinstance(source, str | os.PathLike) and (Path(source) / "options.json").is_file():
        run = Run(source)
    if run is not None:
        data = run.dataset
        title = run.title or run.folder.name
        if model is None and network is None and weights is None:
            model = run
    else:
        data = source if isinstance(source, Dataset) else _dataset_of(Path(str(source)))
        title = data.root.name or str(data.root)
    if not data.samples:
        message = f"[explore] {printable(data.root)}: no images in it"
        raise _core.BadInput(message)
    samples = data.samples
    answers = model is not None
    if model is None:
        opened = _network(network, weights, seed)
    else:
        opened = model if isinstance(model, Model) else load(model)
    return Subjects(
        title,
        tuple(data.paths(samples)),
        tuple(sample.label for sample in samples),
        tuple(sample.split for sample in samples),
        opened,
        answers,
        data.limits,
        (*data.notes, *opened.notes),
    )


def _network(network: str | None, weights: str | os.PathLike[str] | None, seed: int) -> Model:
    """A network of which only the features are asked; what its last layer says means nothing."""
    chosen = _WEIGHTS if weights is None else str(weights)
    return Model.create(
        network or _NETWORK,
        classes=2,
        weights=None if chosen == "none" else chosen,
        seed=seed,
        strict=False,
    )


def _dataset_of(path: Path) -> Dataset:
    """A table of images, or a folder, with or without folders of classes in it; not read yet."""
    if path.is_file():
        return open_dataset(path)
    listing = list_images(path, {}, label=None, columns=(None, None, None))
    samples = [Sample(one.path, one.label, one.split, one.group) for one in listing.entries]
    if not samples:
        files = [file for file in list_files(path) if looks_like_image(file)]
        samples = [Sample(file.relative_to(path).as_posix(), "") for file in files]
    classes = natural_order({sample.label for sample in samples if sample.label})
    return Dataset(path, tuple(classes), tuple(samples))
