"""Weights in PyTorch's own files, opened by torch's weights_only loader alone: no code is run."""

import io
import os
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable
from georgia.interchange.layer import Layer

# Where training programs keep the weights among other things; the first that is there counts.
_CONTAINERS = ("state_dict", "model_state_dict", "model", "net", "network", "weights", "params",
               "model_ema", "state_dict_ema", "ema_state_dict", "ema")  # fmt: skip
_PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.", "backbone.")
_MAX_DEPTH = 4  # of containers in containers
_MAX_GROWTH = 4  # times the file's size; tensors may share their bytes in it
_GROWTH_FLOOR = 1 << 20  # bytes

_OLD_CONTAINER = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # a pickled number, torch's mark
_OTHER_FILES = {
    b"\x80": "a bare pickle; files that may need to run code are not opened",
    b"\x89HDF": "an HDF5 file, as Keras writes it",
    b"version https://git-lfs": "a Git LFS pointer, not the file it points to",
    b"<": "a web page",
}
_EXPECTED = "expected what torch.save(network.state_dict(), path) writes"


def read(path: str | os.PathLike[str]) -> dict[str, NDArray[Any]]:
    """Read the tensors of a PyTorch file (.pth, .pt, .th, .bin; zip or the older container).

    Finds the weights inside a training's checkpoint and drops prefixes that all names share, as
    ``module.`` of a network trained on several devices.

    Parameters
    ----------
    path : str or os.PathLike
        A state dict, or a dict which holds one.

    Returns
    -------
    dict of str to ndarray
        float32 where the file has floating-point numbers of any width, else int64; in the file's
        order, each contiguous and owning its numbers.

    Raises
    ------
    BadInput
        The file is of another kind, damaged, holds no tensors, or could only be opened by running
        code that it names.
    IoError
        The file cannot be read.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            _check_container(file, stream, size)
    except OSError as error:
        message = f"[torch] {printable(file)}: {error.strerror}"
        raise _core.IoError(message) from None
    held = _state_dict(file, _load(file))
    tensors = {name: value for name, value in held.items() if isinstance(value, torch.Tensor)}
    if not tensors:
        others = ", ".join(f"{name} ({type(value).__name__})" for name, value in held.items())
        _refuse(file, f"holds no tensors; {_EXPECTED}, got {_shortened(others) or 'nothing'}")
    _check_sizes(file, tensors, size)
    return {name: _as_numpy(file, name, tensors[full]) for name, full in _stripped(tensors)}


def render(tensors: Mapping[str, NDArray[Any]]) -> bytes:
    """Write a plain state dict, as bytes of a .pth file; it opens with ``weights_only=True``."""
    buffer = io.BytesIO()
    torch.save({name: torch.from_numpy(np.array(value)) for name, value in tensors.items()}, buffer)
    return buffer.getvalue()


def torchvision_names(
    tensors: Mapping[str, NDArray[Any]], network: Sequence[Layer]
) -> dict[str, NDArray[Any]]:
    """Give tensors named by timm the names and shapes that torchvision has for them.

    Parameters
    ----------
    tensors : mapping of str to ndarray
        As `read` returns them.
    network : sequence of Layer
        The network they are for. Names it has stay; so do names that, translated, it has not.

    Returns
    -------
    dict of str to ndarray
        In the given order.
    """
    operations = {name: layer.operation for layer in network for name in layer.tensors}
    renamed = {}
    for name, value in tensors.items():
        known = (other for other in (name, *_translated(name)) if other in operations)
        other = next(known, name)
        kind = operations.get(other, "")
        shape: tuple[int, ...] = value.shape
        if kind == "linear" and value.ndim == 4:  # a convolution that covers its whole input
            shape = (len(value), -1)
        elif kind == "parameter" and value.ndim == 1:  # scales channels of (C, H, W)
            shape = (-1, 1, 1)
        renamed[other] = value.reshape(shape)
    return renamed


# VGG: the classifier's first layers are convolutions. ConvNeXt: stages and the downsampling
# before them have numbers of their own, where torchvision counts both in one row.
_SIMPLE = {"pre_logits.fc1.": ("classifier.0.",), "pre_logits.fc2.": ("classifier.3.",),
           "head.fc.": ("classifier.6.", "classifier.2."), "head.norm.": ("classifier.0.",),
           "stem.": ("features.0.",)}  # fmt: skip
_BLOCK = {"conv_dw.": "block.0.", "norm.": "block.2.", "mlp.fc1.": "block.3.",
          "mlp.fc2.": "block.5.", "gamma": "layer_scale"}  # fmt: skip


def _translated(name: str) -> Iterator[str]:
    """What torchvision may call the tensor that timm calls so."""
    for old, starts in _SIMPLE.items():
        if name.startswith(old):
            yield from (start + name.removeprefix(old) for start in starts)
    if found := re.fullmatch(r"stages\.([0-3])\.downsample\.(.+)", name):
        yield f"features.{2 * int(found[1])}.{found[2]}"
    if found := re.fullmatch(r"stages\.([0-3])\.blocks\.(\d+)\.(.+)", name):
        for old, new in _BLOCK.items():
            if found[3].startswith(old):
                inside = new + found[3].removeprefix(old)
                yield f"features.{2 * int(found[1]) + 1}.{found[2]}.{inside}"


def _refuse(file: Path, wrong: str) -> NoReturn:
    message = f"[torch] {printable(file)}: {wrong}"
    raise _core.BadInput(message)


def _shortened(text: str) -> str:
    """At most 200 characters of what a file says, harmless to print."""
    return printable(text if len(text) <= 200 else text[:200] + "...")


def _check_container(file: Path, stream: BinaryIO, size: int) -> None:
    """Recognise what is no PyTorch file, or not a harmless one, before torch sees it."""
    head = stream.read(64)
    if not head:
        _refuse(file, f"empty; {_EXPECTED}")
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= size - 8:
        _refuse(file, "a safetensors file by another name; expected the name *.safetensors")
    if head.startswith(b"PK"):
        _check_zip(file, stream)
    elif not head.startswith(_OLD_CONTAINER):
        kinds = (kind for magic, kind in _OTHER_FILES.items() if head.lstrip().startswith(magic))
        _refuse(file, f"not a PyTorch file; {_EXPECTED}, got {next(kinds, 'something else')}")


def _check_zip(file: Path, stream: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(stream) as packed:
            members = packed.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        _refuse(file, f"damaged: {_shortened(str(error))}")
    parts = {info.filename.rpartition("/")[2] for info in members}
    if "constants.pkl" in parts:
        _refuse(file, f"a TorchScript archive, which is a program; {_EXPECTED}")
    if "data.pkl" not in parts:
        _refuse(file, f"a zip archive without PyTorch's data.pkl; {_EXPECTED}")
    if any(info.compress_type != zipfile.ZIP_STORED for info in members):
        _refuse(file, f"packed; {_EXPECTED}, which packs nothing")


def _load(file: Path) -> Any:
    """The file's objects: tensors, numbers, strings and containers of these; nothing else opens."""
    try:
        with file.open("rb") as stream:
            is_zip = stream.read(2) == b"PK"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice on how to write the file
            return torch.load(file, map_location="cpu", weights_only=True, mmap=is_zip)
    except OSError as error:
        message = f"[torch] {printable(file)}: {error.strerror or printable(error)}"
        raise _core.IoError(message) from None
    except Exception as error:  # the loader lets through whatever a damaged file provokes
        text = str(error)
        if asked := re.search(r"GLOBAL ([\w.]+)", text):
            wrong = f"files that need to run code are not opened; {_EXPECTED}"
            _refuse(file, f"{wrong}, got one that asks for {_shortened(asked[1])}")
        told = isinstance(error, RuntimeError) and "weights_only" not in text
        reason = text.partition("\n")[0] if told else type(error).__name__
        _refuse(file, f"damaged: {_shortened(reason)}")


def _state_dict(file: Path, held: Any) -> dict[str, Any]:
    """The dict of names to tensors inside what a training saved."""
    for _ in range(_MAX_DEPTH):
        if not isinstance(held, dict):
            break
        inside = [held.get(key) for key in _CONTAINERS]
        found = next((one for one in inside if isinstance(one, dict) and one), None)
        if found is None:
            return {str(name): value for name, value in held.items()}
        held = found
    _refuse(file, f"not a state dict; {_EXPECTED}, got {type(held).__name__}")


def _stripped(names: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Pairs of a name without the prefixes that all names share, and the name itself."""
    cut = 0
    while prefix := next(
        (p for p in _PREFIXES if all(name.startswith(p, cut) for name in names)), ""
    ):
        cut += len(prefix)
    return ((name[cut:], name) for name in names)


def _check_sizes(file: Path, tensors: Mapping[str, torch.Tensor], size: int) -> None:
    """A view may claim more numbers than the file has; copying it must not fill the memory."""
    total = sum(value.numel() * value.element_size() for value in tensors.values())
    limit = _GROWTH_FLOOR + _MAX_GROWTH * size
    if total > limit:
        _refuse(file, f"its tensors are larger than it; expected at most {limit:,}, got {total:,}")


def _as_numpy(file: Path, name: str, value: torch.Tensor) -> NDArray[Any]:
    """Copy to float32 or int64."""
    plain = value.layout == torch.strided and value.device.type == "cpu"
    if not plain or value.is_complex() or value.is_quantized:
        kind = f"{value.dtype}, {value.layout} on {value.device.type}"
        _refuse(file, f"{_shortened(name)}: of a kind that is not read; {_EXPECTED}, got {kind}")
    dtype = torch.float32 if value.is_floating_point() else torch.int64
    return np.array(value.detach().to(dtype).numpy(), order="C")
