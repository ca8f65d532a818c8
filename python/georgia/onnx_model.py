"""OnnxModel: any ONNX image classifier behind the same predict."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from georgia import _core
from georgia.classifier import Classifier, Rows, Work
from georgia.display import printable

_IMAGES_AT_ONCE = 32  # of float32 input: 20 MB at 224 x 224


class OnnxModel(Classifier):
    """An image classifier of any program, run by onnxruntime.

    Classes and preprocessing are what the file does not say; with them it predicts and is
    evaluated like a `Model`. Exports of georgia need neither: `import_model` reads them.

    Parameters
    ----------
    path : str or path
        An ONNX file with one image input and rows of logits or probabilities as output.
    classes : sequence of str
        Names in the order of the output.
    preprocess : Preprocess
        What the network was trained with.
    layout : str, optional
        ``NCHW`` or ``NHWC``; by default told from the input's shape.
    input : str, optional
        ``normalised`` pixels or ``uint8``, 0 to 255 in whatever type the file takes; by default
        0 to 255 where that type is uint8.
    threads : int
        Of onnxruntime; 0 for every usable core.

    Raises
    ------
    InvalidOption
        Classes or preprocessing do not fit the file.
    BadInput
        The file is no ONNX, or onnxruntime does not run it.
    IoError
        The file cannot be read, or onnxruntime is not installed.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        classes: Sequence[str],
        preprocess: _core.Preprocess,
        layout: str | None = None,
        input: str | None = None,
        threads: int = 0,
    ) -> None:
        from georgia.interchange.onnx_model import OnnxClassifier

        self.path = Path(path)
        self.classes = tuple(classes)
        self.preprocess = preprocess
        self._network = OnnxClassifier(
            path, classes, preprocess, layout=layout, input=input, threads=threads
        )

    def _resolved(self, device: str, precision: str) -> tuple[str, str]:
        """Say where onnxruntime computes; it is asked for nothing else."""
        if device not in {"auto", "cpu"} or precision not in {"auto", "float32"}:
            message = (
                "[predict] device, precision: onnxruntime computes here in float32 on cpu; "
                f"expected auto, got {device} and {precision}"
            )
            raise _core.InvalidOption(message)
        return "cpu", "float32"

    def _answers(self, sources: list[Any], work: Work, *, tta: bool) -> Rows:
        if tta:
            message = "[predict] tta: not for ONNX models; expected False"
            raise _core.InvalidOption(message)
        how = self.preprocess
        shape = (how.channels, how.height, how.width)
        rows, errors = [], []
        for start in range(0, len(sources), _IMAGES_AT_ONCE):
            some = sources[start : start + _IMAGES_AT_ONCE]
            values, failed = _core.load_inputs(
                some, how, work.batch, work.threads, work.limits, work.advance
            )
            answer = self._network.probabilities(values.reshape(len(some), *shape))
            answer[[bool(error) for error in failed]] = 0
            rows.append(answer)
            errors += failed
        return np.concatenate(rows), errors

    def __repr__(self) -> str:
        return f"<OnnxModel {printable(self.path.name)}, {len(self.classes)} classes>"
