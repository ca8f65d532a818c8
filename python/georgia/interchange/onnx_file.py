"""ONNX files of others: opened without following what they name or running what they hold."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable
from georgia.interchange.onnx_operations import OnnxNode

_MAX_BYTES = 2**31 - 1  # protobuf's own limit
_MAX_NODES = 100_000  # calls of functions unfolded; the largest networks have some thousands
_MAX_MESSAGE = 1000  # characters of what a file says about itself
OWN_DOMAINS = {"", "ai.onnx"}  # two names of ONNX's own operations


@dataclass(frozen=True)
class OnnxFile:
    """What an ONNX file holds.

    Attributes
    ----------
    path : Path
    initialisers : dict of str to ndarray
        Floats of every width as float32, others as they are; Constant nodes among them.
    metadata : dict of str to str
    nodes : list of OnnxNode
        In computing order.
    input_name : str
    input_shape : tuple of int or None
        None where a side is free.
    input_type : str
        As NumPy names it.
    outputs : tuple of str
    """

    path: Path
    initialisers: dict[str, NDArray[Any]]
    metadata: dict[str, str]
    nodes: list[OnnxNode]
    input_name: str
    input_shape: tuple[int | None, ...]
    input_type: str
    outputs: tuple[str, ...]


def import_onnx(speaker: str) -> Any:
    """Import the onnx package, which is an optional extra."""
    try:
        import onnx
        import onnx.checker
    except ImportError:
        message = f"[{speaker}] onnx: not installed; expected pip install georgia[onnx] before"
        raise _core.IoError(message) from None
    return onnx


def refuse(path: Path, what: object, speaker: str = "read_onnx") -> NoReturn:
    """Say in one line that a file's contents are not acceptable."""
    line = " ".join(str(what).split())
    shown = line if len(line) <= _MAX_MESSAGE else f"{line[:_MAX_MESSAGE]}..."
    message = f"[{speaker}] {printable(path)}: {printable(shown)}"
    raise _core.BadInput(message)


def _attributes(body: Any) -> Iterator[Any]:
    yield from getattr(body, "attribute_proto", ())  # defaults of a function
    for node in body.node:
        yield from node.attribute


def _bodies(top: Any) -> Iterator[Any]:
    """A graph or function, and all that stands inside its nodes."""
    waiting = [top]
    while waiting:
        body = waiting.pop()
        yield body
        for attribute in _attributes(body):
            waiting += [attribute.g] if attribute.HasField("g") else []
            waiting += attribute.graphs


def _check_contained(path: Path, bodies: Iterable[Any]) -> None:
    """Refuse what stands in other files, and forms whose size the file's own does not bound."""
    for body in bodies:
        tensors = [*getattr(body, "initializer", ())]
        sparse = [entry.values.name for entry in getattr(body, "sparse_initializer", ())]
        for attribute in _attributes(body):
            tensors += [attribute.t, *attribute.tensors]
            if attribute.HasField("sparse_tensor") or attribute.sparse_tensors:
                sparse.append(attribute.name)
        outside = [t.name for t in tensors if t.data_location or t.external_data]
        for what, names in (("sparse tensors", sparse), ("tensors in other files", outside)):
            if names:
                some = ", ".join(name or "without name" for name in names)
                refuse(path, f"{what} are not read; expected plain ones inside it, got {some}")


def _check_size(path: Path, tops: dict[tuple[str, ...], Any]) -> None:
    """Refuse functions that double with every call, or never end: runtimes unfold them all."""
    nodes = {
        name: [(n.domain, n.op_type, n.overload) for body in _bodies(top) for n in body.node]
        for name, top in tops.items()
    }
    calls = {name: [called for called in nodes[name] if called in tops] for name in tops}
    waiting, count = list(tops), 0
    while waiting:
        name = waiting.pop()
        count += len(nodes[name])
        waiting += calls[name]
        if count > _MAX_NODES:
            refuse(path, f"too many operations; expected at most {_MAX_NODES:,}, got more")


def _check_closed(path: Path, model: Any) -> None:
    if model.training_info:
        refuse(path, "holds a training graph; expected one for inference alone")
    own = [f.name for f in model.functions if f.domain in OWN_DOMAINS]
    if own:
        refuse(path, f"functions in place of ONNX's own operations: {', '.join(own)}")
    named = {(f.domain, f.name, f.overload): f for f in model.functions}
    if len(named) < len(model.functions):
        refuse(path, "functions of equal names; expected each to have its own")
    tops = {**named, (): model.graph}
    _check_contained(path, (body for top in tops.values() for body in _bodies(top)))
    _check_size(path, tops)


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            what = "not a file; expected an ONNX file" if path.exists() else "no such file"
            message = f"[read_onnx] {printable(path)}: {what}"
            raise _core.IoError(message)
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > _MAX_BYTES:
                refuse(path, f"too large; expected at most 2 GB, got {size:,} bytes")
            return stream.read(size)
    except OSError as error:
        if isinstance(error, _core.IoError):
            raise
        message = f"[read_onnx] {printable(path)}: {error.strerror}"
        raise _core.IoError(message) from None


def load_checked(path: Path) -> tuple[bytes, Any]:
    """Bytes of a file and the message they hold, which names no other file and obeys ONNX."""
    onnx = import_onnx("read_onnx")
    content = _content(path)
    begins = f"got {len(content):,} bytes that begin with {content[:8]!r}"
    try:
        model = onnx.ModelProto.FromString(content)
    except Exception:  # of protobuf, which has moved its class between releases
        refuse(path, f"not ONNX, or damaged; expected a whole model, {begins}")
    if not (model.ir_version and model.HasField("graph")):  # what protobuf makes of any bytes
        refuse(path, f"not ONNX; expected a graph and its version, {begins}")
    newest = onnx.defs.onnx_opset_version()
    for opset in model.opset_import:
        if opset.domain in OWN_DOMAINS and opset.version > newest:
            refuse(path, f"too new; expected operations of at most {newest}, got {opset.version}")
    _check_closed(path, model)
    try:
        onnx.checker.check_model(content)
    except (onnx.checker.ValidationError, ValueError) as error:
        refuse(path, f"not valid ONNX: {error}")
    return content, model


def image_input(path: Path, model: Any) -> tuple[str, tuple[int | None, ...], str]:
    """Name, shape and type of the one input that is no initialiser."""
    onnx = import_onnx("read_onnx")
    held = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in held]
    if len(inputs) != 1:
        names = ", ".join(value.name for value in inputs) or "none"
        refuse(path, f"expected one input, the image, got {names}")
    tensor = inputs[0].type.tensor_type
    is_known = tensor.elem_type and tensor.elem_type in onnx.TensorProto.DataType.values()
    if not (is_known and tensor.HasField("shape")):
        refuse(path, f"input {inputs[0].name}: expected a tensor of a stated shape and type")
    shape = tuple(side.dim_value if side.dim_value > 0 else None for side in tensor.shape.dim)
    kind = np.dtype(onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type)).name
    return inputs[0].name, shape, kind
