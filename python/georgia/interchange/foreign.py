"""Foreign: one view of a weights file, whatever program wrote it."""

import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable
from georgia.interchange import keras_h5, onnx_reader, torch_checkpoint
from georgia.interchange.keras_head import head_of, network_of
from georgia.interchange.keras_match import match
from georgia.interchange.keras_weights import CONVOLUTION, KerasWeights

_HDF5 = b"\x89HDF\r\n\x1a\n"
_IMAGENET = 1000  # classes
_KERAS_ARCHIVE = "model.weights.h5"

Tensors = dict[str, NDArray[Any]]


class Known(NamedTuple):
    """Which network a file belongs to; classes is 0 where it holds no classifier."""

    network: str
    variant: str
    channels: int
    classes: int
    head: _core.HeadOptions


@dataclass(frozen=True)
class Foreign:
    """What a file holds."""

    path: Path
    tensors: Tensors = field(default_factory=dict, repr=False)
    keras: KerasWeights | None = field(default=None, repr=False)
    onnx: onnx_reader.OnnxFile | None = field(default=None, repr=False)
    normalisation: str | tuple[Sequence[float], Sequence[float]] = "imagenet"
    preprocess: _core.Preprocess | None = None
    classes: tuple[str, ...] | None = None
    header: dict[str, Any] = field(default_factory=dict)
    is_model: bool = False

    def recognise(self, network: str | None) -> Known:
        """Find out which network it is, or take the caller's word."""
        if self.keras is not None:
            return self._recognise_keras(self.keras, network)
        if self.header:
            head = _core.HeadOptions.from_dict(self.header["head"])
            count = len(self.classes or ())
            name, variant = self.header["architecture"], self.header["variant"]
            return Known(name, variant, self.header["preprocess"]["channels"], count, head)
        names = [network] if network else _core.network_names()
        if self.onnx is not None:
            return self._recognise_onnx(self.onnx, names)
        for tensors in self._named(names):
            if (known := _core.recognise(tensors)) and known[0] in names:
                name, variant, channels, classes = known
                return Known(name, variant, channels, classes, _core.HeadOptions())
        raise self._unknown(network)

    def tensors_for(self, file: _core.ModelFile) -> tuple[Tensors, list[str]]:
        """Give the tensors by the names of a model's network, and notes on what was left out."""
        if self.keras is not None:
            return self._keras_tensors(self.keras, file)
        if self.onnx is not None:
            return onnx_reader.match(self.onnx, file.layers()), []
        return torch_checkpoint.torchvision_names(self.tensors, file.layers()), []

    def _named(self, networks: Sequence[str]) -> Iterator[Tensors]:
        """Tensors by their own names, then by timm's names of each network."""
        yield self.tensors
        for name in networks:
            layers = _core.network_layers(name, "torchvision", _core.native_size(name))
            yield torch_checkpoint.torchvision_names(self.tensors, layers)

    def _recognise_onnx(self, file: onnx_reader.OnnxFile, networks: Sequence[str]) -> Known:
        """Try the networks one by one: graphs are compared, for names mean nothing here."""
        for name in networks:
            for variant in _core.network_variants(name):
                twin = _core.ModelFile.create(
                    network=name,
                    variant=variant,
                    head=_core.HeadOptions(),
                    classes=[str(number) for number in range(_IMAGENET)],
                    preprocess=_core.Preprocess(),
                    seed=0,
                )
                try:
                    onnx_reader.match(file, twin.layers())
                except _core.BadInput:
                    continue
                return Known(name, variant, 3, _IMAGENET, _core.HeadOptions())
        raise self._unknown(networks[0] if len(networks) == 1 else None)

    def _recognise_keras(self, weights: KerasWeights, network: str | None) -> Known:
        name = network or network_of(weights)
        if name is None:
            raise self._unknown(network)
        variant = _keras_variant(name)
        facts = head_of(weights, _trunk_width(name, variant))
        classes = facts.pop("classes") or 0
        channels = int(weights.of_kind(CONVOLUTION)[0].weights["kernel"].shape[2])
        return Known(name, variant, channels, classes, _core.HeadOptions.from_dict(facts))

    def _keras_tensors(
        self, weights: KerasWeights, file: _core.ModelFile
    ) -> tuple[Tensors, list[str]]:
        """Match the file with the network under the file's own head, then keep what both have."""
        facts = head_of(weights, _trunk_width(file.architecture, file.variant))
        classes = facts.pop("classes") or 1
        twin = _core.ModelFile.create(
            network=file.architecture,
            variant=file.variant,
            head=_core.HeadOptions.from_dict(facts),
            classes=[str(number) for number in range(classes)],
            preprocess=file.preprocess,
            seed=0,
        )
        layers = twin.layers()
        shapes = {name: tensor.shape for name, tensor in twin.tensors().items()}
        matched = match(weights, layers, shapes)
        tensors: Tensors = dict(matched.tensors)
        tensors |= {name: np.zeros(0, np.float32) for name in matched.unexpected}
        if _same_layers(twin.head, file.head):
            return tensors, []
        head = {name for layer in layers if layer.stage == "head" for name in layer.tensors}
        left = {name: value for name, value in tensors.items() if name not in head}
        notes = ["the file's own classifier is left out"] if len(left) < len(tensors) else []
        return left, notes

    def _unknown(self, network: str | None) -> _core.BadInput:
        names = list(self.tensors or (self.onnx.initialisers if self.onnx else ()))[:5]
        some = ", ".join(printable(name) for name in names)
        wanted = f"tensors of {network}" if network else "tensors of a network of the zoo"
        message = (
            f"[import] {printable(self.path)}: not recognised; expected {wanted}, got "
            f"{len(self.tensors)} tensors such as {some}; Model.create(NETWORK, weights=FILE) "
            "tells what does not fit"
        )
        return _core.BadInput(message)


def read_foreign(path: Path) -> Foreign:
    """Read a weights file; its first bytes tell the kind, and nothing in it is run.

    Raises
    ------
    BadInput
        The file is of no known kind, or damaged.
    IoError
        The file cannot be read.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(16)
    except OSError as error:
        message = f"[weights] {printable(path)}: {error.strerror}"
        raise _core.IoError(message) from None
    if start.startswith(_HDF5) or (start.startswith(b"PK") and _is_keras_archive(path)):
        return Foreign(path, keras=keras_h5.read(path), normalisation="caffe")
    if path.suffix == ".onnx":
        return _read_onnx(path)
    if start[8:9] == b"{":
        return _read_safetensors(path)
    return Foreign(path, torch_checkpoint.read(path))


def _is_keras_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return _KERAS_ARCHIVE in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def _read_safetensors(path: Path) -> Foreign:
    tensors, metadata = _core.read_tensors(path)
    if "georgia" not in metadata:
        return Foreign(path, tensors)
    file = _core.ModelFile.read(path)
    return Foreign(
        path, tensors, preprocess=file.preprocess, classes=tuple(file.classes), is_model=True
    )


def _read_onnx(path: Path) -> Foreign:
    """ONNX of ours says in its metadata what it is; of others, only the tensors count."""
    found = onnx_reader.read(path)
    if "georgia" not in found.metadata:
        return Foreign(path, onnx=found)
    try:
        header = json.loads(found.metadata["georgia"])
        classes = tuple(str(name) for name in json.loads(found.metadata["classes"]))
        preprocess = _core.Preprocess.from_dict(header["preprocess"])
    except (ValueError, KeyError, TypeError) as error:
        message = f"[weights] {printable(path)}: damaged metadata: {printable(error)}"
        raise _core.BadInput(message) from None
    return Foreign(path, onnx=found, header=header, classes=classes, preprocess=preprocess)


def _keras_variant(network: str) -> str:
    return "keras" if "keras" in _core.network_variants(network) else "torchvision"


def _trunk_width(network: str, variant: str) -> int:
    """Channels that the trunk gives to a head."""
    layers = _core.network_layers(network, variant, _core.native_size(network))
    trunk = [layer for layer in layers if layer.stage != "head"]
    return int(trunk[-1].shape[0])


def _same_layers(left: _core.HeadOptions, right: _core.HeadOptions) -> bool:
    """True where two heads have the same tensors; dropout has none."""
    names = ("pool", "hidden", "batch_norm", "one_logit")
    return all(getattr(left, name) == getattr(right, name) for name in names)
