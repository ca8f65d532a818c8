"""Model: network, classes and preprocessing in one file; load, save, predict."""

import itertools
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import count_of, csv_text, printable
from georgia.images import ImageInput, expand
from georgia.progress import ProgressBar
from georgia.run import Run

_CHUNK = 256


@dataclass(frozen=True)
class Prediction:
    """The answer for one image.

    Attributes
    ----------
    path : str
        The file, or ``bytes``, ``array[3]`` and the like.
    label : str
        Most probable class; the first of them in a tie. Empty where there is an error.
    confidence : float
        Probability of `label`, 0 to 1.
    probabilities : ndarray, shape (K,), float32
        One per class, summing to 1.
    error : str
        Why the image could not be read; empty where it could.
    """

    path: str
    label: str
    confidence: float
    probabilities: NDArray[np.float32]
    error: str = ""


class Predictions(Sequence[Prediction]):
    """One `Prediction` per input, in order.

    Attributes
    ----------
    classes : tuple of str
    paths : list of str
    probabilities : ndarray, shape (N, K), float32
        Rows sum to 1; rows of images with an error are zero.
    errors : list of str
    """

    def __init__(
        self,
        classes: tuple[str, ...],
        paths: list[str],
        probabilities: NDArray[np.float32],
        errors: list[str],
    ) -> None:
        self.classes = classes
        self.paths = paths
        self.probabilities = probabilities
        self.errors = errors
        self._best = _core.top_class(probabilities)

    def __len__(self) -> int:
        return len(self.paths)

    @overload
    def __getitem__(self, index: int) -> Prediction: ...
    @overload
    def __getitem__(self, index: slice) -> list[Prediction]: ...
    def __getitem__(self, index: int | slice) -> Prediction | list[Prediction]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        row = self.probabilities[index]
        if self.errors[index]:
            return Prediction(self.paths[index], "", 0.0, row, self.errors[index])
        best = int(self._best[index])
        return Prediction(self.paths[index], self.classes[best], float(row[best]), row)

    def to_csv(self) -> str:
        """Render as CSV: ``path,label,confidence,<class>...,error``; text cells made harmless."""
        rows = (
            [
                p.path,
                p.label,
                f"{p.confidence:.6f}",
                *(f"{v:.6f}" for v in p.probabilities),
                p.error,
            ]
            for p in self
        )
        return csv_text(["path", "label", "confidence", *self.classes, "error"], rows)

    def __repr__(self) -> str:
        failed = sum(1 for error in self.errors if error)
        return f"<Predictions of {count_of(len(self), 'image')}, {failed} not readable>"


class Model:
    """A classifier: network, classes and preprocessing.

    Made by `load`; safe to use from scripts that never import torch.

    Attributes
    ----------
    architecture : str
    classes : tuple of str
    preprocess : Preprocess
    provenance : dict
        How it was trained, on what, with which versions.
    """

    def __init__(self, file: _core.ModelFile) -> None:
        self._file = file
        self._predictors: dict[tuple[str, str], _core.Predictor] = {}
        self.architecture = file.architecture
        self.classes = tuple(file.classes)
        self.preprocess = file.preprocess
        self.provenance: dict[str, Any] = json.loads(file.provenance)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one safetensors file, whole or not at all."""
        self._file.write(Path(path))

    def predict(
        self,
        inputs: ImageInput,
        *,
        batch: int = 32,
        threads: int = 0,
        device: str = "auto",
        precision: str = "auto",
        limits: _core.DecodeLimits | None = None,
        progress: bool = False,
    ) -> Predictions:
        """Classify images.

        Parameters
        ----------
        inputs
            A file, a folder (walked in natural order), the bytes of a file, an **RGB** array
            (H, W), (H, W, 3), (H, W, 4) or (N, H, W, C) of uint8, a PIL image, or an iterable of
            these.
        batch : int
            Images in one step.
        threads : int
            Threads that decode; 0 for every usable core.
        device, precision : str
            ``auto``, ``cpu``, ``cuda``, ``cuda:N``; ``auto``, ``float32``, ``bfloat16``.
        limits : DecodeLimits, optional
            What an image file may ask for.
        progress : bool
            Show a bar.

        Returns
        -------
        Predictions
            One result per input, in order; an image that cannot be read is a result with
            ``error`` set.

        Raises
        ------
        InvalidOption
            An option or the type of an input is not acceptable.
        """
        if batch < 1 or threads < 0:
            message = f"[predict] expected batch >= 1 and threads >= 0, got {batch} and {threads}"
            raise _core.InvalidOption(message)
        predictor = self._predictor(device, precision)
        limits = limits or _core.DecodeLimits()
        paths: list[str] = []
        rows: list[NDArray[np.float32]] = []
        errors: list[str] = []
        with ProgressBar(progress) as bar:
            for chunk in _chunks(expand(inputs, self.preprocess.depth)):
                probabilities, failed = predictor.predict(
                    [source for _, source in chunk], batch, threads, limits, bar.advance
                )
                paths += [name for name, _ in chunk]
                rows.append(probabilities)
                errors += failed
        empty = np.zeros((0, len(self.classes)), np.float32)
        return Predictions(self.classes, paths, np.concatenate([empty, *rows]), errors)

    def _predictor(self, device: str, precision: str) -> _core.Predictor:
        key = (device, precision)
        if key not in self._predictors:
            self._predictors[key] = _core.Predictor(self._file, device, precision)
        return self._predictors[key]

    def __repr__(self) -> str:
        names = ", ".join(printable(name) for name in self.classes)
        size = f"{self.preprocess.height} x {self.preprocess.width}"
        return f"<Model {self.architecture}, {size} pixels, classes: {names}>"


def _chunks(items: Iterator[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    while chunk := list(itertools.islice(items, _CHUNK)):
        yield chunk


def load(source: "str | os.PathLike[str] | Run") -> Model:
    """Load a model from its file, or the best model of a run.

    Parameters
    ----------
    source : str, os.PathLike or Run
        ``model.safetensors``, a run's folder, or a `Run`.

    Raises
    ------
    BadInput
        The file is no model of georgia's, or damaged.
    IoError
        The file is missing or cannot be read.
    """
    path = source.folder if isinstance(source, Run) else Path(source)
    if path.is_dir():
        path = path / "model.safetensors"
    return Model(_core.ModelFile.read(path))
