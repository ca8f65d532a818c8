"""Classifier: what every model does with images, whatever runs its network."""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.images import ImageInput, expand
from georgia.outliers import OutlierScores
from georgia.prediction_sets import rules_of
from georgia.predictions import Predictions
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
        tta : bool
            Test-time augmentation: probabilities are means over the eight turns and mirrorings of
            the network's input (four where that is no square), and `Predictions.instability` says
            how far apart they are; for images without an up or down.
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
        used = self._resolved(device, precision)
        paths, rows, errors = self._stream(
            "predict",
            partial(self._answers, tta=tta),
            inputs,
            (batch, threads),
            used,
            limits,
            progress,
        )
        count, known = len(self.classes), self.reliability
        scores = count + len(known.thresholds if known else ())
        answers = np.concatenate([np.zeros((0, scores + tta), np.float32), *rows])
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
    ) -> tuple[list[str], list[NDArray[np.float32]], list[str]]:
        """Answer chunk by chunk: names, rows and errors."""
        batch, threads = counts
        if batch < 1 or threads < 0:
            message = f"[{speaker}] expected batch >= 1 and threads >= 0, got {batch} and {threads}"
            raise _core.InvalidOption(message)
        paths: list[str] = []
        rows: list[NDArray[np.float32]] = []
        errors: list[str] = []
        with ProgressBar(progress) as bar:
            work = Work(batch, threads, *used, limits or _core.DecodeLimits(), bar.advance)
            for chunk in chunks(expand(inputs, self.preprocess.depth)):
                values, failed = answer([source for _, source in chunk], work)
                paths += [name for name, _ in chunk]
                rows.append(values)
                errors += failed
        return paths, rows, errors


def chunks(items: Iterator[tuple[str, Any]]) -> Iterator[list[tuple[str, Any]]]:
    """Cut what is to be worked on into parts that fit into memory."""
    while chunk := list(itertools.islice(items, _CHUNK)):
        yield chunk
