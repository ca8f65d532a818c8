"""Classifier: what every model does with images, whatever runs its network."""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.images import ImageInput, expand
from georgia.outliers import OutlierScores
from georgia.prediction_sets import rules_of
from georgia.predictions import Prediction, Predictions
from georgia.progress import ProgressBar

_CHUNK = 256

Rows = tuple[NDArray[np.float32], list[str]]


@dataclass(frozen=True)
class Work:
    """How a chunk of images is to be worked on."""

    batch: int
    threads: int
    device: str
    precision: str
    limits: _core.DecodeLimits
    advance: Callable[..., None] | None


class Classifier(ABC):
    """Classes, preprocessing, and an answer for images.

    Attributes
    ----------
    classes : tuple of str
    preprocess : Preprocess
    """

    classes: tuple[str, ...]
    preprocess: _core.Preprocess

    @overload
    def predict(
        self,
        inputs: ImageInput,
        *,
        batch: int = ...,
        threads: int = ...,
        device: str = ...,
        precision: str = ...,
        limits: _core.DecodeLimits | None = ...,
        tta: bool = ...,
        progress: bool = ...,
        stream: Literal[False] = ...,
    ) -> Predictions: ...
    @overload
    def predict(
        self,
        inputs: ImageInput,
        *,
        batch: int = ...,
        threads: int = ...,
        device: str = ...,
        precision: str = ...,
        limits: _core.DecodeLimits | None = ...,
        tta: bool = ...,
        progress: bool = ...,
        stream: Literal[True],
    ) -> Iterator[Prediction]: ...
    def predict(
        self,
        inputs: ImageInput,
        *,
        batch: int = 32,
        threads: int = 0,
        device: str = "auto",
        precision: str = "auto",
        limits: _core.DecodeLimits | None = None,
        tta: bool = False,
        progress: bool = False,
        stream: bool = False,
    ) -> Predictions | Iterator[Prediction]:
        """Classify images.

        Parameters
        ----------
        inputs
            A file, a folder (walked in natural order), a glob pattern, the bytes of a file, an open
            binary file, a PIL image, a `Dataset`, an **RGB** (never BGR) array (H, W), (H, W, 3),
            (H, W, 4) or (N, H, W, C) of uint8, or an iterable of these.
        batch : int
            Images in one step.
        threads : int
            Threads that decode; 0 for every usable core.
        device, precision : str
            ``auto``, ``cpu``, ``cuda``, ``cuda:N``; ``auto``, ``float32``, ``bfloat16``.
        limits : DecodeLimits, optional
            What an image file may ask for.
        tta : bool
            Test-time augmentation: probabilities are means over the eight turns and mirrorings of
            the network's input (four where that is no square), and `Predictions.instability` says
            how far apart they are; for images without an up or down.
        progress : bool
            Show a bar.
        stream : bool
            Give one `Prediction` after another instead, so that memory does not grow with the
            number of inputs; an iterable of inputs is asked for one batch after another.

        Returns
        -------
        Predictions, or iterator of Prediction
            One result per input, in order; an image that cannot be read is a result with
            ``error`` set.

        Raises
        ------
        InvalidOption
            An option or the type of an input is not acceptable.
        IoError
            No file matches a pattern.
        """
        used = self._resolved(device, precision)
        chunks = self._stream(
            "predict",
            partial(self._answers, tta=tta),
            inputs,
            (batch, threads),
            used,
            limits,
            progress,
            batch if stream else _CHUNK,
        )
        if stream:
            return (one for chunk in chunks for one in self._predictions([chunk], used, tta))
        return self._predictions(chunks, used, tta)

    def _predictions(
        self, chunks: "Iterable[Chunk]", used: tuple[str, str], tta: bool
    ) -> Predictions:
        """Put together what was answered."""
        known = self.reliability
        count = len(self.classes)
        scores = count + len(known.thresholds if known else ())
        paths, answers, errors = joined(chunks, scores + tta)
        return Predictions(
            self.classes,
            paths,
            np.ascontiguousarray(answers[:, :count]),
            errors,
            device=used[0],
            precision=used[1],
            outliers=OutlierScores.of(known, answers[:, count:scores])
            if known and known.thresholds
            else None,
            rules=rules_of(known),
            instability=answers[:, scores] if tta else None,
        )

    @property
    def reliability(self) -> "_core.Reliability | None":
        """What was found out about how far answers can be believed; None before that."""
        return None

    @abstractmethod
    def _answers(self, sources: list[Any], work: Work, *, tta: bool) -> Rows:
        """Rows (n, K) float32 of probabilities and one error text per image.

        Outlier scores stand behind the probabilities where `reliability` has thresholds for them,
        and behind those with `tta` the instability.
        """

    def _resolved(self, device: str, precision: str) -> tuple[str, str]:
        """Device and precision that a request comes to."""
        return _core.resolve_compute(device, precision)

    def _stream(
        self,
        speaker: str,
        answer: Callable[[list[Any], Work], Rows],
        inputs: ImageInput,
        counts: tuple[int, int],
        used: tuple[str, str],
        limits: _core.DecodeLimits | None,
        progress: bool,
        together: int = _CHUNK,
    ) -> "Iterator[Chunk]":
        """Answer chunk by chunk; options are checked now, inputs are asked for later."""
        batch, threads = counts
        if batch < 1 or threads < 0:
            message = f"[{speaker}] expected batch >= 1 and threads >= 0, got {batch} and {threads}"
            raise _core.InvalidOption(message)

        def answered() -> Iterator[Chunk]:
            with ProgressBar(progress) as bar:
                work = Work(batch, threads, *used, limits or _core.DecodeLimits(), bar.advance)
                for chunk in chunks(expand(inputs, self.preprocess.depth), together):
                    values, failed = answer([source for _, source in chunk], work)
                    yield Chunk([name for name, _ in chunk], values, failed)

        return answered()


class Chunk(NamedTuple):
    """Names, rows (n, V) and errors of some inputs."""

    names: list[str]
    values: NDArray[np.float32]
    errors: list[str]


def joined(parts: Iterable[Chunk], width: int) -> tuple[list[str], NDArray[np.float32], list[str]]:
    """Names, rows (N, width) and errors of all parts."""
    found = list(parts)
    names = [name for part in found for name in part.names]
    errors = [error for part in found for error in part.errors]
    rows = [np.zeros((0, width), np.float32), *(part.values for part in found)]
    return names, np.concatenate(rows), errors


def chunks(
    items: Iterator[tuple[str, Any]], together: int = _CHUNK
) -> Iterator[list[tuple[str, Any]]]:
    """Cut what is to be worked on into parts that fit into memory."""
    while chunk := list(itertools.islice(items, together)):
        yield chunk
