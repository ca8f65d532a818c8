"""Foreign: one view of a weights file, whatever program wrote it."""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from georgia import _core
from georgia.display import printable
from georgia.interchange import keras_h5, metadata, onnx_reader, torch_checkpoint
from georgia.interchange.graph_facts import facts_of, may_be
from georgia.interchange.keras_head import network_of
from georgia.interchange.keras_match import match
from georgia.interchange.keras_weights import KerasWeights
from georgia.interchange.known import (
    Known,
    Tensors,
    fitted_to_head,
    head_named,
    known_keras,
    known_logistic,
    known_tensors,
    trunk_width,
    twin_of,
)

_HDF5 = b"\x89HDF\r\n\x1a\n"
_IMAGENET = 1000  # classes
_KERAS_ARCHIVE = "model.weights.h5"
_KERAS = {".h5", ".hdf5", ".keras"}


@dataclass(frozen=True)
class Foreign:
    """What a file holds."""

    path: Path
    tensors: Tensors = field(default_factory=dict, repr=False)
    keras: KerasWeights | None = field(default=None, repr=False)
    onnx: onnx_reader.OnnxFile | None = field(default=None, repr=False)
    normalisation: str | tuple[Sequence[float], Sequence[float]] = "imagenet"
    said: metadata.Said | None = None
    model: _core.ModelFile | None = field(default=None, repr=False)  # where it is one of ours

    @property
    def preprocess(self) -> _core.Preprocess | None:
        """What the file says of it."""
        return self.said.preprocess if self.said else None

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Their names, where the file says them."""
        return self.said.classes if self.said else None

    def recognise(self, network: str | None, size: int | None = None) -> Known:
        """Find out which network it is, or take the caller's word."""
        if self.said:
            return self._own(self.said, network)
        if self.keras is not None:
            return self._recognise_keras(self.keras, network)
        names = [network] if network else _core.network_names()
        if self.onnx is not None:
            return self._recognise_onnx(self.onnx, names)
        if network == "logistic":
            return self._recognise_logistic(size)
        for tensors in self._named(names):
            if (known := known_tensors(tensors)) and known.network in names:
                return known
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
        own = self.model or _under_its_head(named, file)
        return fitted_to_head(named, own, file)

    def _own(self, said: metadata.Said, network: str | None) -> Known:
        """What a file of ours says of itself."""
        if network not in {None, said.network}:
            message = f"[import] {printable(self.path)}: another network; expected {network}, got "
            raise _core.BadInput(message + printable(said.network))
        channels = said.preprocess.channels
        return Known(said.network, said.variant, channels, len(said.classes), said.head)

    def _recognise_logistic(self, size: int | None) -> Known:
        """One matrix says how many pixels there are, but not how they lie."""
        if size is None:
            message = (
                f"[import] {printable(self.path)}: logistic takes the pixels of one size, which "
                "the file does not say; expected size to be given"
            )
            raise _core.InvalidOption(message)
        if known := known_logistic(self.tensors, size):
            return known
        wanted = f"logistic of {size} x {size} pixels"
        raise self._unknown(wanted)

    def _named(self, networks: Sequence[str]) -> Iterator[Tensors]:
        """Tensors by their own names, then by timm's names of each network."""
        yield self.tensors
        for name in networks:
            layers = _core.network_layers(name, "torchvision", _core.native_size(name))
            yield torch_checkpoint.torchvision_names(self.tensors, layers)

    def _tell_misfits(self, network: str) -> None:
        """Raise with the names of what does not fit the network, in its nearest variant."""
        named = [Known(network, one, 3, _IMAGENET) for one in _core.network_variants(network)]
        twins = [twin_of(known, _core.native_size(network)) for known in named]
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
                    onnx_reader.match(file, twin_of(known, _core.native_size(name)).layers())
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
            heads = [file.head, _core.HeadOptions()]
            for head in [self.said.head] if self.said else heads:
                classes = 2 if head.one_logit else facts.classes
                known = Known(
                    file.architecture, file.variant, facts.channels, classes, head, facts.size
                )
                with suppress(_core.Error):
                    twin = twin_of(known, file.preprocess.height)
                    return fitted_to_head(onnx_reader.match(onnx, twin.layers()), twin, file)
            raise

    def _recognise_keras(self, weights: KerasWeights, network: str | None) -> Known:
        name = network or network_of(weights)
        if name is None:
            raise self._unknown(network)
        return known_keras(weights, name, _keras_variant(name))

    def _keras_tensors(
        self, weights: KerasWeights, file: _core.ModelFile
    ) -> tuple[Tensors, list[str]]:
        """Match the file with the network under the file's own head, then keep what both have."""
        known = known_keras(weights, file.architecture, file.variant)
        twin = twin_of(known, file.preprocess.height)
        shapes = {name: tensor.shape for name, tensor in twin.tensors().items()}
        matched = match(weights, twin.layers(), shapes)
        tensors: Tensors = dict(matched.tensors)
        tensors |= {name: np.zeros(0, np.float32) for name in matched.unexpected}
        return fitted_to_head(tensors, twin, file)

    def _unknown(self, network: str | None) -> _core.BadInput:
        names = list(self.tensors or (self.onnx.initialisers if self.onnx else ()))
        if self.keras is not None:
            names = [layer.name for layer in self.keras.layers if layer.weights]
        some = ", ".join(printable(name) for name in names[:5])
        hint = "" if network else "; with the network's name it is told what does not fit"
        if self.onnx is not None:
            hint += "; georgia.OnnxModel(path, classes=..., preprocess=...) runs any classifier"
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
        return _read_keras(path, "caffe")
    suffix = path.suffix.lower()
    if suffix == ".onnx":
        return _read_onnx(path)
    is_torch = start.startswith((b"PK", b"\x80"))
    if start[8:9] == b"{" or (suffix == ".safetensors" and not is_torch):
        return _read_safetensors(path)
    if suffix in _KERAS and not is_torch:
        return _read_keras(path, "imagenet")
    return Foreign(path, torch_checkpoint.read(path))


def _is_keras_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return _KERAS_ARCHIVE in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def _read_safetensors(path: Path) -> Foreign:
    tensors, facts = _core.read_tensors(path)
    if "georgia" not in facts:
        return Foreign(path, tensors)
    model = _core.ModelFile.read(path)
    return Foreign(path, model.tensors(), said=metadata.said_by(model), model=model)


def _read_onnx(path: Path) -> Foreign:
    """ONNX of ours says in its metadata what it is; of others, only the tensors count."""
    found = onnx_reader.read(path)
    text = found.metadata.get("georgia")
    if text is None:
        return Foreign(path, onnx=found)
    return Foreign(path, onnx=found, said=metadata.parse(path, text, found.metadata.get("classes")))


def _read_keras(path: Path, normalisation: str) -> Foreign:
    found = keras_h5.read(path)
    said = metadata.parse(path, found.metadata) if found.metadata else None
    return Foreign(path, keras=found, said=said, normalisation=normalisation)


def _keras_variant(network: str) -> str:
    return "keras" if "keras" in _core.network_variants(network) else "torchvision"


def _under_its_head(tensors: Tensors, file: _core.ModelFile) -> _core.ModelFile:
    """The model under the head that tensors named as ours are of, else itself."""
    with suppress(_core.Error):
        head = head_named(tensors, trunk_width(file.architecture, file.variant))
        if head:
            classes = 2 if head.one_logit else len(tensors["head.out.weight"])
            channels = file.preprocess.channels
            known = Known(file.architecture, file.variant, channels, classes, head)
            return twin_of(known, file.preprocess.height)
    return file
