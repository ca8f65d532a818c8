"""ONNX models of others: opened without following what they name, run through onnxruntime."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable

_MAX_BYTES = 2**31 - 1  # protobuf's own limit
_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
_SUM_TOLERANCE = 1e-4  # of probabilities, which may have been computed in float16


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
    """Say that a file's contents are not acceptable."""
    message = f"[{speaker}] {printable(path)}: {printable(what)}"
    raise _core.BadInput(message)


def _graphs(model: Any) -> Iterator[Any]:
    """Everything in a file that holds nodes: graph, functions, and the bodies of their nodes."""
    waiting = [model.graph, *model.functions]
    while waiting:
        graph = waiting.pop()
        yield graph
        for node in graph.node:
            for attribute in node.attribute:
                waiting += [attribute.g] if attribute.HasField("g") else []
                waiting += attribute.graphs


def _tensors(graph: Any) -> Iterator[Any]:
    yield from getattr(graph, "initializer", ())
    for node in graph.node:
        for attribute in node.attribute:
            yield from [attribute.t, *attribute.tensors]


def _check_contained(path: Path, model: Any) -> None:
    """Refuse what stands in other files, and forms whose size the file's own does not bound."""
    if model.training_info:
        refuse(path, "holds a training graph; expected one for inference")
    for graph in _graphs(model):
        sparse = [s.values.name for s in getattr(graph, "sparse_initializer", ())]
        sparse += [n.name for n in graph.node for a in n.attribute if a.HasField("sparse_tensor")]
        if sparse:
            refuse(path, f"sparse tensors are not read: {', '.join(sparse)}")
        outside = [t.name for t in _tensors(graph) if t.data_location or t.external_data]
        if outside:
            refuse(path, f"tensors in other files are not read: {', '.join(outside)}")


def load_checked(path: Path) -> tuple[bytes, Any]:
    """Bytes of a file and the message they hold, which names no other file and obeys ONNX."""
    onnx = import_onnx("read_onnx")
    try:
        if not path.is_file():
            message = f"[read_onnx] {printable(path)}: no such file"
            raise _core.IoError(message)
        with path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        if isinstance(error, _core.IoError):
            raise
        message = f"[read_onnx] {printable(path)}: {error.strerror}"
        raise _core.IoError(message) from None
    if len(content) > _MAX_BYTES:
        refuse(path, "too large; expected at most 2 GB")
    try:
        model = onnx.ModelProto.FromString(content)
    except Exception:  # of protobuf, which has moved its class between releases
        refuse(path, "not an ONNX file, or damaged")
    _check_contained(path, model)
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
        refuse(path, f"expected one input, the image, got {len(inputs)}")
    tensor = inputs[0].type.tensor_type
    if not tensor.elem_type or not tensor.HasField("shape"):
        refuse(path, f"input {inputs[0].name}: expected a tensor of a stated shape")
    shape = tuple(side.dim_value or None for side in tensor.shape.dim)
    kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.elem_type).name
    return inputs[0].name, shape, kind


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers: NDArray[np.float32] = np.exp(logits - logits.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def _open(content: bytes, path: Path, device: str = "cpu", threads: int = 0) -> Any:
    """A session that loads no library and says nothing."""
    try:
        import onnxruntime
    except ImportError:
        message = "[export] onnxruntime: not installed; expected pip install georgia[onnx] before"
        raise _core.IoError(message) from None
    there = onnxruntime.get_available_providers()
    known = [name for name, provider in _PROVIDERS.items() if provider in there]
    if device not in known:
        message = f"[OnnxClassifier] device: expected {' or '.join(known)}, got {device}"
        raise _core.InvalidOption(message)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or _core.machine()["cores"]
    options.log_severity_level = 4  # what it has to say comes as exceptions
    try:
        return onnxruntime.InferenceSession(content, options, providers=[_PROVIDERS[device]])
    except Exception as error:  # onnxruntime's have no base of their own
        refuse(path, f"onnxruntime does not run it: {error}")


def logits_of(path: Path, images: NDArray[Any]) -> tuple[str, NDArray[np.float32]]:
    """Run one of our own exports on images as it takes them; by what, and the logits (N, K)."""
    session = _open(load_checked(path)[0], path)
    import onnxruntime

    (logits,) = session.run(["logits"], {"images": images})
    return f"onnxruntime {onnxruntime.__version__}", logits


class OnnxClassifier:
    """An image classifier from any program, as onnxruntime runs it.

    The file is tried on two images at once. Operations beyond ONNX's and onnxruntime's own are
    refused: no library of them is ever loaded.

    Parameters
    ----------
    path : path
    classes : sequence of str
        Names, in the order of the file's output.
    preprocess : Preprocess
        What the network was trained with.
    layout : {"NCHW", "NHWC"}, optional
        By default told from the shape of the file's input.
    input : {"normalised", "uint8"}, optional
        What the network takes: the normalised pixels, or 0 to 255 in the file's own type. By
        default 0 to 255 where that type is uint8.
    device : {"cpu", "cuda"}
    threads : int
        Of one batch; 0 for every usable core.

    Attributes
    ----------
    is_probability : bool
        The file's rows sum to 1; a softmax is applied where they do not.

    Raises
    ------
    InvalidOption
        Classes, preprocess or an option do not fit the file.
    BadInput
        The file is no ONNX, or onnxruntime does not run it.
    IoError
        The file cannot be read, or onnxruntime is not installed.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        classes: Sequence[str],
        preprocess: _core.Preprocess,
        *,
        layout: str | None = None,
        input: str | None = None,
        device: str = "cpu",
        threads: int = 0,
    ) -> None:
        self.path = Path(path)
        self.classes = tuple(classes)
        self.preprocess = preprocess
        content, model = load_checked(self.path)
        self._name, shape, self._type = image_input(self.path, model)
        self._is_last = self._takes_channels_last(shape, layout)
        self._is_bytes = self._takes_bytes(input)
        self._batch = shape[0]
        self._session = _open(content, self.path, device, threads)
        self._output = 0
        self.is_probability = self._try()

    def probabilities(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Classify a batch.

        Parameters
        ----------
        batch : ndarray, shape (N, C, H, W), float32
            As `preprocess` normalises it and orders its channels.

        Returns
        -------
        ndarray, shape (N, K), float32
            Rows sum to 1.
        """
        rows = self.run(batch)
        return rows if self.is_probability else _softmax(rows)

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Compute the file's own answer, (N, K), in the steps that it prescribes."""
        step = self._batch or max(len(batch), 1)
        parts = [np.zeros((0, len(self.classes)), np.float32)]
        for start in range(0, len(batch), step):
            answer = self._compute(batch[start : start + step])[self._output]
            parts.append(answer.reshape(len(answer), -1).astype(np.float32))
        rows = np.concatenate(parts)
        if not np.isfinite(rows).all():
            refuse(self.path, "the network's answer is not finite")
        return rows

    def _reject(self, subject: str, what: str) -> NoReturn:
        message = f"[OnnxClassifier] {printable(self.path)}: {subject} does not fit: {what}"
        raise _core.InvalidOption(message)

    def _takes_channels_last(self, shape: tuple[int | None, ...], layout: str | None) -> bool:
        """Tell the layout, and check it and the size against the preprocess."""
        if len(shape) != 4:
            refuse(self.path, f"expected an input of four axes, got shape {shape}")
        c, h, w = self.preprocess.channels, self.preprocess.height, self.preprocess.width
        fitting = [
            name
            for name, wanted in (("NCHW", (c, h, w)), ("NHWC", (h, w, c)))
            if all(s in {None, size} for s, size in zip(shape[1:], wanted, strict=True))
        ]
        if not fitting:
            self._reject("preprocess", f"expected {shape[1:]}, got {(c, h, w)} (C, H, W)")
        if layout not in fitting and (layout or len(fitting) > 1):
            self._reject("layout", f"expected {' or '.join(fitting)}, got {layout}")
        return (layout or fitting[0]) == "NHWC"

    def _takes_bytes(self, input: str | None) -> bool:
        if self._type not in {"float32", "float16", "float64", "uint8"}:
            refuse(self.path, f"expected an input of floats or uint8, got {self._type}")
        choices = ["uint8"] if self._type == "uint8" else ["normalised", "uint8"]
        if input not in {None, *choices}:
            self._reject("input", f"expected {' or '.join(choices)}, got {input}")
        return (input or choices[0]) == "uint8"

    def _compute(self, batch: NDArray[np.float32]) -> list[NDArray[Any]]:
        """Every output for at most one step of images."""
        pixels = self._bytes_of(batch) if self._is_bytes else batch
        if self._batch and self._batch > len(batch):
            pixels = np.resize(pixels, (self._batch, *pixels.shape[1:]))
        moved = pixels.transpose(0, 2, 3, 1) if self._is_last else pixels
        images = np.ascontiguousarray(moved, dtype=self._type)
        try:
            answers = self._session.run(None, {self._name: images})
        except Exception as error:  # onnxruntime's have no base of their own
            refuse(self.path, f"onnxruntime cannot compute it: {error}")
        return [np.asarray(answer)[: len(batch)] for answer in answers]

    def _bytes_of(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Undo the normalisation, exactly."""
        how = self.preprocess
        order = np.arange(how.channels)
        if getattr(how, "order", "rgb") == "bgr" and how.channels >= 3:
            order[:3] = [2, 1, 0]
        mean, deviation = (
            np.asarray(values, np.float32)[order].reshape(-1, 1, 1)
            for values in (how.mean, how.deviation)
        )
        pixels: NDArray[np.float32] = np.rint((batch * deviation + mean) * 255)
        return pixels.clip(0, 255)

    def _try(self) -> bool:
        """Find the classes among the outputs by two images; tell whether they sum to one."""
        how = self.preprocess
        images = np.zeros((2, how.channels, how.height, how.width), np.float32)
        images[1] = np.linspace(-1, 1, how.width, dtype=np.float32)
        count = min(2, self._batch or 2)
        answers = self._compute(images[:count])
        fitting = [
            i
            for i, answer in enumerate(answers)
            if answer.dtype.kind == "f" and answer.shape[1:2] == (len(self.classes),)
            if answer.size == count * len(self.classes)
        ]
        if not fitting:
            shapes = " or ".join(str(answer.shape[1:]) for answer in answers)
            self._reject("classes", f"expected {shapes}, got {len(self.classes)}")
        self._output = fitting[0]
        rows = self.run(images)
        return bool(rows.min() >= 0 and np.abs(rows.sum(axis=1) - 1).max() <= _SUM_TOLERANCE)
