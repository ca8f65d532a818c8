"""Weights of Keras, in and out: .h5 of whole models and of weights, .weights.h5, .keras."""

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.interchange.keras_config import parse
from georgia.interchange.keras_file import Hdf5, need_h5py, opened
from georgia.interchange.keras_layouts import is_by_name, layers_by_class, layers_by_name
from georgia.interchange.keras_match import TORCH_NAMES, planes_of, to_keras
from georgia.interchange.keras_weights import OPERATIONS, VARIABLES, KerasWeights
from georgia.interchange.layer import Layer

_KINDS = {operation: kind for kind, operation in OPERATIONS.items()}
_METADATA = "georgia"
_MAX_ATTRIBUTE, _MAX_PIECES = 60_000, 1000  # bytes; number
_VERSION = b"2.15.0"  # of Keras: the last that had this layout for its own


def read(path: str | os.PathLike[str]) -> KerasWeights:
    """Read the layers of a Keras file: a whole model or weights alone, of Keras 2 or 3.

    Nested models are flattened in place. Nothing of the file is run, no link is followed out of
    it, and no more is read than it can hold.

    Parameters
    ----------
    path : str or os.PathLike
        A .h5, .weights.h5 or .keras file, recognised by its contents.

    Returns
    -------
    KerasWeights
        float32 arrays in Keras's layout, by layer.

    Raises
    ------
    BadInput
        The file is of another kind, damaged or hostile.
    IoError
        The file cannot be read, or h5py is not installed.
    """
    with opened(path) as file:
        by_name = is_by_name(file)
        config: Any = file.config
        if config is None and "model_config" in file.root.attrs:
            config = file.attribute(file.root, "model_config")
        settings = () if config is None else parse(config, file.path)
        read_layers = layers_by_name if by_name else layers_by_class
        return KerasWeights(
            path=file.path,
            layers=tuple(read_layers(file, settings)),
            has_config=bool(settings),
            is_ordered=by_name or bool(settings),
            metadata=_metadata(file),
        )


def render(
    layers: Sequence[Layer],
    tensors: Mapping[str, NDArray[np.float32]],
    *,
    sigmoid: bool = False,
    metadata: str = "",
) -> bytes:
    """Write weights as the older HDF5 that Keras loads with ``by_name=True``.

    Parameters
    ----------
    layers : sequence of Layer
        A network of convolutions, batch normalisation and linear layers.
    tensors : mapping of str to ndarray
        Its tensors.
    sigmoid : bool
        Write a last layer of two units as one whose sigmoid is the second class's probability. A
        network that has one unit already is written as it is.
    metadata : str
        JSON for the attribute ``georgia``, which Keras passes over; a long one goes into
        ``georgia0``, ``georgia1`` and so on, as Keras itself does.

    Returns
    -------
    bytes
        A .h5 file; equal for equal weights. What is no weight, as epsilon, is not in it.

    Raises
    ------
    InvalidOption
        The network has layers that Keras's file cannot name, or, with sigmoid, more classes.
    IoError
        h5py is not installed.
    """
    need_h5py()
    import h5py

    groups = _arrays(layers, tensors)
    if sigmoid:
        _join_units(list(groups.values())[-1])
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["layer_names"] = _names(groups)
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = _VERSION
        for name, piece in _pieces(metadata):
            file.attrs[name] = piece
        for name, arrays in groups.items():
            group = file.create_group(name)
            group.attrs["weight_names"] = _names(f"{name}/{one}:0" for one in arrays)
            for one, array in arrays.items():
                group.create_dataset(f"{name}/{one}:0", data=array, track_times=False)
    return buffer.getvalue()


def _pieces(metadata: str) -> Iterator[tuple[str, bytes]]:
    """HDF5 takes attributes of at most 64 KB."""
    text = metadata.encode("ascii")
    if 0 < len(text) <= _MAX_ATTRIBUTE:
        yield _METADATA, text
    elif text:
        for i in range(0, len(text), _MAX_ATTRIBUTE):
            yield f"{_METADATA}{i // _MAX_ATTRIBUTE}", text[i : i + _MAX_ATTRIBUTE]


def _metadata(file: Hdf5) -> str:
    """What `render` wrote as metadata, else nothing."""
    numbered = (f"{_METADATA}{i}" for i in range(_MAX_PIECES))
    names = [_METADATA] if _METADATA in file.root.attrs else numbered
    text = ""
    for name in takewhile(lambda one: one in file.root.attrs, names):
        piece = file.attribute(file.root, name)
        text += piece.decode(errors="replace") if isinstance(piece, bytes) else str(piece)
    return text


def _names(names: Iterable[str]) -> NDArray[np.bytes_]:
    return np.array([name.encode() for name in names])


def _arrays(
    layers: Sequence[Layer], tensors: Mapping[str, NDArray[np.float32]]
) -> dict[str, dict[str, NDArray[np.float32]]]:
    """Arrays in Keras's layout by layer and variable."""
    held = [layer for layer in layers if layer.tensors]
    strange = sorted({layer.operation for layer in held if layer.operation not in _KINDS})
    if strange:
        message = f"[keras] network: cannot be written for Keras; got {', '.join(strange)}"
        raise _core.InvalidOption(message)
    planes = planes_of(layers)
    groups = {}
    for layer in held:
        kind = _KINDS[layer.operation]
        arrays = {}
        for variable in VARIABLES[kind]:
            name = f"{layer.name}.{TORCH_NAMES[kind][variable]}"
            if name in layer.tensors:
                array = np.asarray(tensors[name], np.float32)
                is_kernel = variable == "kernel"
                arrays[variable] = (
                    to_keras(array, planes.get(layer.name, ())) if is_kernel else array
                )
        groups[layer.name] = arrays
    return groups


def _join_units(last: dict[str, NDArray[np.float32]]) -> None:
    """Two logits' difference as one unit: softmax over both is its sigmoid."""
    units = last["kernel"].shape[-1] if "kernel" in last else 0
    if units == 1:
        return
    if units != 2 or last["kernel"].ndim != 2:
        message = f"[keras] sigmoid: one unit serves two classes; expected 2, got {units}"
        raise _core.InvalidOption(message)
    for variable, array in last.items():
        last[variable] = array[..., 1:] - array[..., :1]
