"""explain(): where in an image a model finds its reasons, and how far that can be believed."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.classifier import chunks
from georgia.display import count_of, csv_text, printable
from georgia.images import ImageInput, as_seen, expand
from georgia.progress import ProgressBar

if TYPE_CHECKING:
    from georgia.model import Model

_CURVES = ("deletion", "insertion")


@dataclass(frozen=True)
class Explanations:
    """Maps of what speaks for a class, one for each image, in order.

    Attributes
    ----------
    paths : list of str
    labels : list of str
        The class that is explained; empty for an image with an error.
    maps : ndarray, shape (N, H, W), float32
        At the model's input size; the higher, the more evidence.
    deletion, insertion : ndarray, shape (N, 21), float32
        Probability of the class (before any temperature) after 0, 5, ... 100 % of the pixels, the
        highest of the map first, were replaced by the mean colour, or brought back. A good map
        makes deletion fall early and insertion rise early. Empty where no checks were asked for.
    likeness : ndarray, shape (N,), float32
        Rank correlation with the map of the same network with random weights: near 1 the map shows
        the image rather than what the network learned; NaN for a map without differences.
    errors : list of str
        Empty where the image was good.
    method, stage : str
    """

    paths: list[str]
    labels: list[str]
    maps: NDArray[np.float32] = field(repr=False)
    deletion: NDArray[np.float32] = field(repr=False)
    insertion: NDArray[np.float32] = field(repr=False)
    likeness: NDArray[np.float32] = field(repr=False)
    errors: list[str] = field(repr=False)
    method: str
    stage: str
    _sources: list[Any] = field(repr=False)
    _preprocess: _core.Preprocess = field(repr=False)
    _limits: _core.DecodeLimits = field(repr=False)

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def has_checks(self) -> bool:
        """Whether the curves and the likeness are there."""
        return len(self.deletion) == len(self.maps)

    @property
    def deletion_area(self) -> NDArray[np.float32]:
        """Mean of each deletion curve, shape (N,); lower is better."""
        return np.asarray(self.deletion.mean(axis=1), np.float32)

    @property
    def insertion_area(self) -> NDArray[np.float32]:
        """Mean of each insertion curve, shape (N,); higher is better."""
        return np.asarray(self.insertion.mean(axis=1), np.float32)

    def seen(self, index: int) -> NDArray[np.uint8]:
        """The image as the network sees it, (H, W) or (H, W, C) uint8."""
        return as_seen(self._sources[index], self._preprocess, self._limits)

    def overlay(self, index: int) -> NDArray[np.uint8]:
        """That image under the highest 10, 20 and 30 % of the map: red, orange, yellow."""
        return _core.overlay(self.seen(index), self.maps[index])

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write ``NAME.png``, ``NAME_map.png`` and ``NAME_overlay.png`` per image and a table.

        ``explanations.csv`` has path, class, method, and the checks where they were made.

        Raises
        ------
        IoError
            The folder cannot be written to.
        """
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            message = f"[explain] {printable(folder)}: cannot be written to: {error.strerror}"
            raise _core.IoError(message) from None
        rows = []
        for i, path in enumerate(self.paths):
            name = "" if self.errors[i] else _file_name(i, path)
            if name:
                pictures = {
                    "": self.seen(i),
                    "_map": _core.gray_of(self.maps[i]),
                    "_overlay": self.overlay(i),
                }
                for ending, pixels in pictures.items():
                    _core.write_bytes(folder / f"{name}{ending}.png", _core.encode_png(pixels))
            checks = ["", "", ""]
            if self.has_checks and name:
                areas = (self.deletion_area[i], self.insertion_area[i], self.likeness[i])
                checks = [f"{value:.4f}" for value in areas]
            rows.append([path, name, self.labels[i], self.method, *checks, self.errors[i]])
        header = ["path", "file", "class", "method", "deletion", "insertion", "likeness", "error"]
        _core.write_text(folder / "explanations.csv", csv_text(header, rows))
        return folder

    def __str__(self) -> str:
        lines = [f"{self.method} at {self.stage or 'the last planes'}"]
        for i, (path, label, error) in enumerate(
            zip(self.paths, self.labels, self.errors, strict=True)
        ):
            text = printable(error) if error else printable(label)
            if self.has_checks and not error:
                text += (
                    f"  deletion {self.deletion_area[i]:.3f}, "
                    f"insertion {self.insertion_area[i]:.3f}, "
                    f"likeness to random weights {self.likeness[i]:.2f}"
                )
            lines.append(f"{printable(path)}  {text}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Explanations of {count_of(len(self), 'image')} by {self.method}>"


def explain(
    model: "Model",
    file: _core.ModelFile,
    inputs: ImageInput,
    *,
    label: str | Sequence[str] | None,
    stage: str,
    method: str,
    checks: bool,
    batch: int,
    threads: int,
    device: str,
    limits: _core.DecodeLimits | None,
    progress: bool,
) -> Explanations:
    """Explain answers of a model; see `Model.explain`."""
    limits = limits or _core.DecodeLimits()
    parts: list[dict[str, Any]] = []
    items: list[tuple[str, Any]] = []
    with ProgressBar(progress) as bar:
        for chunk in chunks(expand(inputs, model.preprocess.depth)):
            found = _core.explain(
                file,
                [source for _, source in chunk],
                _classes(model, label, len(items), len(chunk)),
                stage,
                method,
                checks,
                device,
                batch,
                threads,
                limits,
                bar.advance,
            )
            items += chunk
            parts.append(found)
    if label is not None and not isinstance(label, str):
        _check_count(label, len(items))
    size = (model.preprocess.height, model.preprocess.width)
    none: dict[str, NDArray[np.float32]] = {
        name: np.zeros((0, 21 if checks else 0), np.float32) for name in _CURVES
    }
    none |= {"maps": np.zeros((0, *size), np.float32), "likeness": np.zeros(0, np.float32)}
    joined = {
        name: np.concatenate([empty, *(part[name] for part in parts if name in part)])
        for name, empty in none.items()
    }
    errors = [error for part in parts for error in part["errors"]]
    classes = [k for part in parts for k in part["classes"]]
    return Explanations(
        paths=[name for name, _ in items],
        labels=[
            "" if error else model.classes[k] for k, error in zip(classes, errors, strict=True)
        ],
        errors=errors,
        method=method,
        stage=stage,
        _sources=[source for _, source in items],
        _preprocess=model.preprocess,
        _limits=limits,
        **joined,
    )


def _classes(
    model: "Model", label: str | Sequence[str] | None, first: int, count: int
) -> list[int]:
    """Index of the class of so many images from the first; none where predicted ones are meant."""
    if label is None:
        return []
    labels = [label] * count if isinstance(label, str) else list(label)[first : first + count]
    if len(labels) < count:
        _check_count(labels, first + count)
    index = {name: k for k, name in enumerate(model.classes)}
    for name in labels:
        if name not in index:
            known = ", ".join(map(printable, model.classes))
            message = f"[explain] label: expected one of {known}, got {printable(name)}"
            raise _core.InvalidOption(message)
    return [index[name] for name in labels]


def _check_count(labels: Sequence[str], count: int) -> None:
    if len(labels) != count:
        message = f"[explain] label: expected one for each image ({count}), got {len(labels)}"
        raise _core.InvalidOption(message)


def _file_name(number: int, path: str) -> str:
    """A name that no two images share and no file system minds."""
    stem = re.sub(r"[^\w.-]+", "_", Path(path).stem)[:80]
    return f"{number + 1:04d}_{stem}"
