"""Weights in: what a file holds, whatever program wrote it, fitted to a network of the zoo."""

import hashlib
import json
import logging
import operator
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from georgia import _core, pretrained
from georgia.display import printable
from georgia.interchange.foreign import Foreign, read_foreign
from georgia.model import Model

_log = logging.getLogger("georgia")
_INCEPTION = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
_SECOND = "the second classifier"  # which only training uses

Normalisation = str | tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class Asked:
    """What `Model.create` was asked for."""

    network: str
    classes: int | Sequence[str]
    channels: int = 3
    variant: str = "torchvision"
    head: str | _core.HeadOptions = "linear"
    size: int | None = None
    normalisation: Normalisation | None = None
    seed: int = 42
    strict: bool = True

    @property
    def names(self) -> list[str]:
        """Names of the classes."""
        count = _whole(self.classes)
        if count is not None:
            if count < 1:
                message = f"[create] classes: expected at least one, got {count}"
                raise _core.InvalidOption(message)
            return [f"class {number}" for number in range(count)]
        given: Any = self.classes
        is_list = np.ndim(given) == 1 if isinstance(given, np.ndarray) else _is_list(given)
        names: list[Any] = list(given) if is_list else [None]
        if not all(isinstance(name, str) for name in names):
            got = printable(self.classes)
            message = f"[create] classes: expected how many, or a list of names, got {got}"
            raise _core.InvalidOption(message)
        if not names or not all(names) or len(set(names)) < len(names):
            message = "[create] classes: expected at least one name, all different, none empty"
            raise _core.InvalidOption(message)
        return names

    @property
    def head_options(self) -> _core.HeadOptions:
        """The head, by its options."""
        return _core.head_preset(self.head) if isinstance(self.head, str) else self.head


def build(
    asked: Asked, weights: str | os.PathLike[str] | Foreign | None, *, is_told: bool = False
) -> tuple[_core.ModelFile, tuple[str, ...]]:
    """Make a model; notes say what was adapted or left out, and are logged where asked for."""
    if weights is None or weights == "none":
        return _create(asked, _preprocess(asked, None), asked.seed), ()
    if weights == "imagenet":
        entry = pretrained.entry_for(asked.network, asked.variant)
        known = entry.normalisation
        normalisation = known if isinstance(known, str) else (known[0], known[1])
        found = replace(read_foreign(pretrained.locate(entry)), normalisation=normalisation)
    else:
        given = weights if isinstance(weights, Foreign) else read_foreign(Path(weights))
        found = _usual(given, asked.network)
    file = _create(asked, _preprocess(asked, found), None)
    tensors, notes = found.tensors_for(file)
    notes += file.take(tensors, asked.strict, str(found.path), asked.seed)
    if is_told:
        _tell(notes)
    if asked.normalisation is None and found.preprocess is None:
        how = "as published with them" if weights == "imagenet" else "assumed"
        notes.append(f"normalisation: {_text(found.normalisation)}, {how}")
    with found.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    origin = {"file": found.path.name, "sha256": digest, "notes": notes}
    file.provenance = json.dumps({"weights": origin, "georgia": _core.__version__})
    return file, tuple(notes)


def _tell(notes: Sequence[str]) -> None:
    """Log what makes the model answer otherwise than its weights did."""
    for note in notes:
        if not note.startswith(_SECOND):
            _log.warning("[create] %s", printable(note))


def contents(path: str | os.PathLike[str]) -> list[tuple[str, tuple[int, ...], str]]:
    """Name, shape and type of every tensor of a file, as it is read: floats are float32."""
    found = read_foreign(Path(path))
    tensors = found.onnx.initialisers if found.onnx else found.tensors
    if found.keras:
        tensors = {
            f"{layer.name}/{name}": value
            for layer in found.keras.layers
            for name, value in layer.weights.items()
        }
    return [(name, tuple(value.shape), str(value.dtype)) for name, value in tensors.items()]


def import_model(
    path: str | os.PathLike[str],
    *,
    network: str | None = None,
    classes: int | Sequence[str] | None = None,
    size: int | None = None,
    normalisation: Normalisation | None = None,
) -> Model:
    """Read another program's file as it is: its network, head and number of classes.

    Parameters
    ----------
    path : str or path
        A safetensors, PyTorch (``.pth``, ``.pt``, ``.th``), Keras (``.h5``, ``.weights.h5``,
        ``.keras``) or ONNX file of a network of the zoo.
    network : str, optional
        Which network it is; found out from the tensors where not given.
    classes : int or sequence of str, optional
        How many, or their names; by default the file's own, numbered where it names none.
    size : int, optional
        Height and width of the input in pixels; by default what the file says, else the
        network's native size.
    normalisation : str or (mean, deviation), optional
        As for `Model.create`.

    Returns
    -------
    Model

    Raises
    ------
    BadInput
        The tensors belong to no network of the zoo, or the file is damaged.
    InvalidOption
        The file holds no classifier, and no classes are given.
    IoError
        The file is missing.
    """
    found = read_foreign(Path(path))
    if found.model and not any(one is not None for one in (classes, size, normalisation)):
        found.recognise(network)
        return Model(found.model)
    known = found.recognise(network, size)
    if known.classes == 0 and classes is None:
        message = (
            f"[import] {printable(path)}: the file holds a trunk without classifier; "
            "expected classes to be given"
        )
        raise _core.InvalidOption(message)
    asked = Asked(
        network=known.network,
        classes=classes if classes is not None else found.classes or known.classes,
        channels=known.channels,
        variant=known.variant,
        head=known.head,
        size=known.size if size is None else size,
        normalisation=normalisation,
    )
    return Model(*build(asked, found))


def _whole(value: object) -> int | None:
    """A count, of NumPy as well; True and 2.0 are none."""
    if isinstance(value, bool | np.bool_ | np.ndarray):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes)


def _usual(found: Foreign, network: str) -> Foreign:
    """What is assumed of pixels where a file says nothing: as its published namesake, or kin."""
    with suppress(_core.Error, OSError):  # nothing else needs the registry here
        for entry in pretrained.pretrained().values():
            if entry.file == found.path.name:
                return replace(found, normalisation=entry.normalisation)
    if network == "inception_v3" and found.normalisation == "imagenet":
        return replace(found, normalisation=_INCEPTION)
    return found


def _create(asked: Asked, preprocess: _core.Preprocess, seed: int | None) -> _core.ModelFile:
    return _core.ModelFile.create(
        network=asked.network,
        variant=asked.variant,
        head=asked.head_options,
        classes=asked.names,
        preprocess=preprocess,
        seed=seed,
    )


def _preprocess(asked: Asked, found: Foreign | None) -> _core.Preprocess:
    """Size and normalisation as asked, else as the file says, else the usual.

    A name settles the order of the channels; numbers leave it as the file says, else rgb.
    """
    own = found.preprocess if found else None
    values: dict[str, Any] = own.to_dict() if own else _core.Preprocess().to_dict()
    if own is None or asked.size is not None:
        size = _core.native_size(asked.network) if asked.size is None else asked.size
        values["height"] = values["width"] = size
    normalisation = asked.normalisation or (found.normalisation if found and not own else None)
    if values["channels"] != asked.channels:
        usual = values if own else {"mean": [0.5] * 4, "deviation": [0.25] * 4}
        values["mean"] = _fitting(usual["mean"], asked.channels, alpha=0)
        values["deviation"] = _fitting(usual["deviation"], asked.channels, alpha=1)
        values["channels"] = asked.channels
    if normalisation is None:
        return _core.Preprocess.from_dict(values)
    if isinstance(normalisation, str):
        return _core.with_normalisation(_core.Preprocess.from_dict(values), normalisation)
    mean, deviation = normalisation
    values["mean"] = _fitting(mean, asked.channels, alpha=0)
    values["deviation"] = _fitting(deviation, asked.channels, alpha=1)
    return _core.Preprocess.from_dict(values)


def _fitting(numbers: Sequence[float], channels: int, alpha: float) -> list[float]:
    """Numbers for gray or RGB to other channels; alpha's own number where it comes new."""
    given = [float(number) for number in numbers]
    rgb = given * 3 if len(given) == 1 else given[:3]
    if len(given) == channels or len(rgb) != 3:
        return given
    return [sum(rgb) / 3] if channels == 1 else rgb + [alpha] * (channels == 4)


def _text(normalisation: Normalisation) -> str:
    if isinstance(normalisation, str):
        return normalisation
    mean, deviation = normalisation
    return f"mean {list(mean)}, deviation {list(deviation)}"
