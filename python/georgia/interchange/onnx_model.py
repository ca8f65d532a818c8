"""ONNX models of others, run through onnxruntime."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable
from georgia.interchange.onnx_file import image_input, load_checked, refuse

_SPEAKER = "OnnxModel"  # as the user calls it
_PROVIDER = "CPUExecutionProvider"
_SUM_TOLERANCE = 1e-3  # of probabilities, which may come as float16
_MAX_BATCH = 1024  # a fixed batch is filled up to its size


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers: NDArray[np.float32] = np.exp(logits - logits.max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    return powers


def _sum_to_one(rows: NDArray[np.float32]) -> bool:
    return bool((rows >= 0).all() and (np.abs(rows.sum(axis=1) - 1) <= _SUM_TOLERANCE).all())


def _shape_of(answer: Any) -> tuple[int, ...]:
    return getattr(answer, "shape", ())


def _open(path: Path, content: bytes, speaker: str, threads: int = 0) -> Any:
    """A session that loads no library and says nothing."""
    try:
        import onnxruntime
    except ImportError:
        what = "not installed; expected pip install georgia[onnx] before"
        message = f"[{speaker}] onnxruntime: {what}"
        raise _core.IoError(message) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or _core.machine()["cores"]
    options.log_severity_level = 4  # what it has to say comes as exceptions
    try:
        return onnxruntime.InferenceSession(content, options, providers=[_PROVIDER])
    except Exception as error:  # onnxruntime's have no base of their own
        refuse(path, f"onnxruntime does not run it: {error}", speaker)


def logits_of(path: Path, images: NDArray[Any]) -> tuple[str, NDArray[np.float32]]:
    """Run one of our own exports on images as it takes them; by what, and the logits (N, K)."""
    session = _open(path, load_checked(path)[0], "export")
    import onnxruntime

    (logits,) = session.run(["logits"], {"images": images})
    return f"onnxruntime {onnxruntime.__version__}", logits


class OnnxClassifier:
    """An image classifier from any program, as onnxruntime runs it.

    The file is tried on two images at once. Operations beyond ONNX's and onnxruntime's own are
    refused: no library of them is ever loaded, and no other file. How long the file computes, and
    with how much memory, is its own.

    Parameters are those of `georgia.OnnxModel`.

    Attributes
    ----------
    is_probability : bool
        The file's rows sum to 1; a softmax is applied where they do not.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        classes: Sequence[str],
        preprocess: _core.Preprocess,
        *,
        layout: str | None = None,
        input: str | None = None,
        threads: int = 0,
    ) -> None:
        self.path = Path(path)
        self.classes = tuple(classes)
        self.preprocess = preprocess
        if threads < 0:
            self._reject("threads", f"expected 0 or more, got {threads}")
        content, model = load_checked(self.path)
        self._name, shape, self._type = image_input(self.path, model)
        self._is_last = self._takes_channels_last(shape, layout)
        self._is_bytes = self._takes_bytes(input)
        self._batch = shape[0]
        if self._batch and self._batch > _MAX_BATCH:
            self._refuse(f"expected at most {_MAX_BATCH} images at once, got {self._batch}")
        self._session = _open(self.path, content, _SPEAKER, threads)
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
        if not self.is_probability:
            return _softmax(rows)
        if not _sum_to_one(rows):
            self._refuse("expected rows that sum to 1, as on the first images, got others")
        rows /= rows.sum(axis=1, keepdims=True)
        return rows

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Compute the file's own answer, (N, K), in the steps that it prescribes."""
        step = self._batch or max(len(batch), 1)
        parts = [np.zeros((0, len(self.classes)), np.float32)]
        for start in range(0, len(batch), step):
            some = batch[start : start + step]
            answer = self._compute(some)[self._output]
            if not self._is_rows(answer, self._batch or len(some)):
                self._refuse(f"expected rows of {len(self.classes)}, got {_shape_of(answer)}")
            with np.errstate(over="ignore"):  # infinity is told below
                parts.append(answer[: len(some)].reshape(len(some), -1).astype(np.float32))
        rows = np.concatenate(parts)
        if not np.isfinite(rows).all():
            self._refuse("the network's answer is not finite")
        return rows

    def _refuse(self, what: str) -> NoReturn:
        refuse(self.path, what, _SPEAKER)

    def _reject(self, subject: str, what: str) -> NoReturn:
        message = f"[{_SPEAKER}] {printable(self.path)}: {subject} does not fit: {what}"
        raise _core.InvalidOption(message)

    def _takes_channels_last(self, shape: tuple[int | None, ...], layout: str | None) -> bool:
        """Tell the layout, and check it and the size against the preprocess."""
        if len(shape) != 4:
            self._refuse(f"expected an input of four axes, got shape {shape}")
        c, h, w = self.preprocess.channels, self.preprocess.height, self.preprocess.width
        fitting = [
            name
            for name, wanted in (("NCHW", (c, h, w)), ("NHWC", (h, w, c)))
            if all(s in {None, size} for s, size in zip(shape[1:], wanted, strict=True))
        ]
        if not fitting:
            self._reject("preprocess", f"expected {shape[1:]}, got {(c, h, w)} as (C, H, W)")
        if layout not in fitting and (layout or len(fitting) > 1):
            self._reject("layout", f"expected {' or '.join(fitting)}, got {layout}")
        return (layout or fitting[0]) == "NHWC"

    def _takes_bytes(self, input: str | None) -> bool:
        if self._type not in {"float32", "float16", "float64", "uint8"}:
            self._refuse(f"expected an input of floats or uint8, got {self._type}")
        choices = ["uint8"] if self._type == "uint8" else ["normalised", "uint8"]
        if input not in {None, *choices}:
            self._reject("input", f"expected {' or '.join(choices)}, got {input}")
        return (input or choices[0]) == "uint8"

    def _compute(self, batch: NDArray[np.float32]) -> list[Any]:
        """Every output for at most one step of images, which a fixed batch repeats."""
        pixels = self._bytes_of(batch) if self._is_bytes else batch
        if self._batch and self._batch > len(batch):
            pixels = np.resize(pixels, (self._batch, *pixels.shape[1:]))
        moved = pixels.transpose(0, 2, 3, 1) if self._is_last else pixels
        images = np.ascontiguousarray(moved, dtype=self._type)
        try:
            return list(self._session.run(None, {self._name: images}))
        except Exception as error:  # onnxruntime's have no base of their own
            self._refuse(f"onnxruntime cannot compute it: {error}")

    def _is_rows(self, answer: Any, count: int) -> bool:
        """Tell whether an output, which may also be a list or a map, is (N, K) of floats."""
        form = (count, len(self.classes))
        is_array = isinstance(answer, np.ndarray) and answer.dtype.kind == "f"
        return is_array and answer.shape[:2] == form and answer.size == count * form[1]

    def _bytes_of(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Undo the normalisation, exactly."""
        how = self.preprocess
        order = np.arange(how.channels)
        if how.order == "bgr" and how.channels >= 3:
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
        count = self._batch or len(images)
        answers = self._compute(images[:count])
        fitting = [i for i, answer in enumerate(answers) if self._is_rows(answer, count)]
        if not fitting:
            shapes = " or ".join(str(_shape_of(answer)[1:]) for answer in answers)
            self._reject("classes", f"expected {shapes}, got {len(self.classes)}")
        # Probabilities rather than logits: the file may calibrate between the two.
        sure = [i for i in fitting if _sum_to_one(answers[i].reshape(count, -1))]
        self._output = (sure or fitting)[0]
        return _sum_to_one(self.run(images))
