"""Foreign: one view of a weights file, whatever program wrote it."""

import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable
from georgia.interchange import keras_h5, onnx_reader, torch_checkpoint
from georgia.interchange.graph_facts import facts_of, may_be
from georgia.interchange.keras_head import head_of, network_of
from georgia.interchange.keras_match import match
from georgia.interchange.keras_weights import CONVOLUTION, KerasWeights

_HDF5 = b"\x89HDF\r\n\x1a\n"
_IMAGENET = 1000  # classes
_KERAS_ARCHIVE = "model.weights.h5"
_KERAS = {".h5", ".hdf5", ".keras"}

Tensors = dict[str, NDArray[Any]]


class Known(NamedTuple):
    """Which network a file belongs to; classes is 0 where it holds no classifier.

    `size` is what the file takes, pixels a side, where it says so.
    """

    network: str
    variant: str
    channels: int
    classes: int
    head: _core.HeadOptions = _core.HeadOptions()
    size: int | None = None


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
            return self._own(network)
        names = [network] if network else _core.network_names()
        if self.onnx is not None:
            return self._recognise_onnx(self.onnx, names)
        for tensors in self._named(names):
            if (known := _core.recognise(tensors)) and known[0] in names:
                name, variant, channels, classes = known
                return Known(name, variant, channels, classes, _core.HeadOptions())
        if network:
            self._tell_misfits(network)
        raise self._unknown(network)

    def tensors_for(self, file: _core.ModelFile) -> tuple[Tensors, list[str]]:
        """Give the tensors by the names of a model's network, and notes on what was left out."""
        if self.keras is not None:
            return self._keras_tensors(self.keras, file)
        if self.onnx is not None:
            return self._onnx_tensors(self.onnx, file)
        named = torch_checkpoint.torchvision_names(self.tensors, file.layers())
        own = _core.ModelFile.read(self.path) if self.is_model else file
        return _without_other_head(named, own, file)

    def _own(self, network: str | None) -> Known:
        """What a file of ours says of itself."""
        name, variant = self.header["architecture"], self.header["variant"]
        if network not in {None, name}:
            message = f"[import] {printable(self.path)}: another network; expected {network}, got "
            raise _core.BadInput(message + printable(name))
        head = _core.HeadOptions.from_dict(self.header["head"])
        channels = self.header["preprocess"]["channels"]
        return Known(name, variant, channels, len(self.classes or ()), head)

    def _named(self, networks: Sequence[str]) -> Iterator[Tensors]:
        """Tensors by their own names, then by timm's names of each network."""
        yield self.tensors
        for name in networks:
            layers = _core.network_layers(name, "torchvision", _core.native_size(name))
            yield torch_checkpoint.torchvision_names(self.tensors, layers)

    def _tell_misfits(self, network: str) -> None:
        """Raise with the names of what does not fit the network, in its nearest variant."""
        named = [Known(network, one, 3, _IMAGENET) for one in _core.network_variants(network)]
        twins = [_twin(known, _core.native_size(network)) for known in named]
        twin = max(twins, key=lambda one: len(self.tensors.keys() & one.tensors().keys()))
        twin.take(self.tensors_for(twin)[0], True, str(self.path), 0)

    def _recognise_onnx(self, file: onnx_reader.OnnxFile, networks: Sequence[str]) -> Known:
        """Try the networks one by one: graphs are compared, for names mean nothing here."""
        facts = facts_of(file)
        first: _core.Error | None = None
        for name in networks:
            for variant in _core.network_variants(name):
                if len(networks) > 1 and not may_be(facts, name, variant):
                    continue
                known = Known(name, variant, facts.channels, facts.classes, size=facts.size)
                try:
                    onnx_reader.match(file, _twin(known, _core.native_size(name)).layers())
                except _core.Error as error:
                    first = first or error
                    continue
                return known
        raise first if first and len(networks) == 1 else self._unknown(None)

    def _onnx_tensors(
        self, onnx: onnx_reader.OnnxFile, file: _core.ModelFile
    ) -> tuple[Tensors, list[str]]:
        """Match the graph as it is asked for, else with its own head, classes, channels, size."""
        try:
            return onnx_reader.match(onnx, file.layers()), []
        except _core.BadInput:
            facts = facts_of(onnx)
            own = self.header.get("head")
            heads = [file.head, _core.HeadOptions()]
            for head in [_core.HeadOptions.from_dict(own)] if own else heads:
                classes = 2 if head.one_logit else facts.classes
                known = Known(
                    file.architecture, file.variant, facts.channels, classes, head, facts.size
                )
                with suppress(_core.Error):
                    twin = _twin(known, file.preprocess.height)
                    return _without_other_head(onnx_reader.match(onnx, twin.layers()), twin, file)
            raise

    def _recognise_keras(self, weights: KerasWeights, network: str | None) -> Known:
        name = network or network_of(weights)
        if name is None:
            raise self._unknown(network)
        return _known_keras(weights, name, _keras_variant(name))

    def _keras_tensors(
        self, weights: KerasWeights, file: _core.ModelFile
    ) -> tuple[Tensors, list[str]]:
        """Match the file with the network under the file's own head, then keep what both have."""
        known = _known_keras(weights, file.architecture, file.variant)
        twin = _twin(known, file.preprocess.height)
        shapes = {name: tensor.shape for name, tensor in twin.tensors().items()}
        matched = match(weights, twin.layers(), shapes)
        tensors: Tensors = dict(matched.tensors)
        tensors |= {name: np.zeros(0, np.float32) for name in matched.unexpected}
        return _without_other_head(tensors, twin, file)

    def _unknown(self, network: str | None) -> _core.BadInput:
        names = list(self.tensors or (self.onnx.initialisers if self.onnx else ()))
        if self.keras is not None:
            names = [layer.name for layer in self.keras.layers if layer.weights]
        some = ", ".join(printable(name) for name in names[:5])
        hint = "" if network else "; with the network's name it is told what does not fit"
        message = (
            f"[import] {printable(self.path)}: not recognised; expected tensors of "
            f"{network or 'a network of the zoo'}, got {len(names)} such as {some}{hint}"
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
    suffix = path.suffix.lower()
    if suffix == ".onnx":
        return _read_onnx(path)
    is_torch = start.startswith((b"PK", b"\x80"))
    if start[8:9] == b"{" or (suffix == ".safetensors" and not is_torch):
        return _read_safetensors(path)
    if suffix in _KERAS and not is_torch:
        return Foreign(path, keras=keras_h5.read(path))
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
    header = {
        "architecture": file.architecture,
        "variant": file.variant,
        "head": file.head.to_dict(),
        "preprocess": file.preprocess.to_dict(),
    }
    classes = tuple(file.classes)
    return Foreign(
        path,
        tensors,
        preprocess=file.preprocess,
        classes=classes,
        header=header,
        is_model=True,
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


def _known_keras(weights: KerasWeights, network: str, variant: str) -> Known:
    """What a Keras file tells of a network it is said to hold."""
    facts = head_of(weights, _trunk_width(network, variant))
    classes = facts.pop("classes") or 0
    kernels = [layer.weights["kernel"] for layer in weights.of_kind(CONVOLUTION)]
    channels = int(kernels[0].shape[2]) if kernels else 3
    return Known(network, variant, channels, classes, _core.HeadOptions.from_dict(facts))


def _twin(known: Known, otherwise: int) -> _core.ModelFile:
    """A network as a file has it, with weights of no meaning; otherwise is its size."""
    size, channels = known.size or otherwise, known.channels
    how = _core.Preprocess(
        height=size, width=size, channels=channels, mean=[0] * channels, deviation=[1] * channels
    )
    return _core.ModelFile.create(
        network=known.network,
        variant=known.variant,
        head=known.head,
        classes=[str(number) for number in range(max(known.classes, 1))],
        preprocess=how,
        seed=0,
    )


def _without_other_head(
    tensors: Tensors, twin: _core.ModelFile, file: _core.ModelFile
) -> tuple[Tensors, list[str]]:
    """Leave out a classifier with other layers than the model's; dropout has no tensors."""
    names = ("pool", "hidden", "batch_norm", "one_logit")
    if all(getattr(twin.head, name) == getattr(file.head, name) for name in names):
        return tensors, []
    head = {name for layer in twin.layers() if layer.stage == "head" for name in layer.tensors}
    left = {name: value for name, value in tensors.items() if name not in head}
    notes = ["the file's own classifier is left out"] if len(left) < len(tensors) else []
    return left, notes
