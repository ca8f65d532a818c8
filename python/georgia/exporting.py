"""Weights out: files for other programs, each checked right after it was written."""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable
from georgia.interchange import keras_h5, onnx, onnx_model, torch_checkpoint
from georgia.interchange.foreign import read_foreign
from georgia.interchange.metadata import header_of

_CHECKED_IMAGES = 3
_LARGEST_RELATIVE = 1e-4  # of float32 sums taken in another order
_ALIGNED = 8  # bytes that a safetensors header is a multiple of
_UNCALIBRATED = "temperature, outlier statistics and prediction sets stay behind: save() keeps them"
_UNCALIBRATED_ONNX = (
    "its probabilities are calibrated; outlier statistics and prediction sets stay behind, and "
    "georgia import reads the logits alone"
)
_BARE = (
    "preprocessing, classes and head are not in the file; georgia import takes them as "
    "--size, --normalisation and --classes, and tells the head by the tensors, dropout aside"
)


@dataclass(frozen=True)
class Exported:
    """A file that was written and checked. Printing it says how far it differs from the model.

    Attributes
    ----------
    path : Path
    checked_by : str
        What computed the logits from the file.
    largest_difference : float
        Between the file's logits and the model's, on a fixed batch.
    relative_difference : float
        The same as a share of the largest logit.
    note : str
        What the file does not hold; empty where it says all that georgia needs to read it.
    """

    path: Path
    checked_by: str
    largest_difference: float
    relative_difference: float
    note: str = ""

    def __str__(self) -> str:
        return (
            f"{printable(self.path)}: checked by {self.checked_by}, logits differ by at most "
            f"{self.largest_difference:.2g} ({self.relative_difference:.1g} of the largest)"
            + (f"\n{self.note}" if self.note else "")
        )


Check = tuple[str, NDArray[np.float32]]


def export(file: _core.ModelFile, path: Path, *, input: str, sigmoid: bool) -> Exported:
    """Write a file by its ending, check it, and only then give it its name."""
    ending = path.suffix.lower()
    write = _WRITERS.get(ending)
    if write is None:
        known = ", ".join(_WRITERS)
        message = f"[export] {printable(path)}: unknown ending; expected one of {known}"
        raise _core.InvalidOption(message)
    _check_options(file, path, input=input, sigmoid=sigmoid)
    images = np.random.default_rng(1).integers(
        0, 256, (_CHECKED_IMAGES, *_input_shape(file.preprocess)), np.uint8
    )
    expected = _logits(file, images)
    if sigmoid:
        expected = expected[:, 1:] - expected[:, :1]
    try:
        # Beside its place, so that giving it its name is one step of the system.
        with tempfile.TemporaryDirectory(prefix=".georgia-", dir=path.parent) as folder:
            draft = Path(folder, f"draft{ending}")
            checked_by, got = write(file, draft, images, {"input": input, "sigmoid": sigmoid})
            difference = float(np.abs(got - expected).max())
            relative = difference / max(float(np.abs(expected).max()), 1e-12)
            if not relative <= _LARGEST_RELATIVE:
                message = (
                    f"[export] {printable(path)}: not written, because the file answers otherwise "
                    f"than the model: logits differ by {difference:.3g}"
                )
                raise _core.InternalError(message)
            _core.rename_file(draft, path)
    except OSError as error:
        if isinstance(error, _core.Error):
            raise
        message = f"[export] {printable(path)}: {error.strerror or error}"
        raise _core.IoError(message) from None
    notes = [_BARE] if ending == ".pth" else []
    if file.reliability:
        notes.append(_UNCALIBRATED_ONNX if ending == ".onnx" else _UNCALIBRATED)
    return Exported(path, checked_by, difference, relative, "\n".join(notes))


def _check_options(file: _core.ModelFile, path: Path, *, input: str, sigmoid: bool) -> None:
    """Refuse what the format cannot hold, before anything is computed."""
    ending, wrong = path.suffix.lower(), ""
    if input != "uint8" and ending != ".onnx":
        wrong = f"only .onnx has an input of another type; expected uint8, got {input}"
    elif sigmoid and ending != ".h5":
        wrong = "only .h5 has one unit for two classes; expected sigmoid to be False"
    elif sigmoid and (len(file.classes) != 2 or file.head.one_logit):
        wrong = "sigmoid: expected two classes with a logit each"
    elif ending == ".h5" and file.variant != "keras":
        got = f"{file.architecture} ({file.variant})"
        wrong = f".h5 holds ResNets as Keras has them; expected the variant keras, got {got}"
    elif path.name.lower().endswith(".weights.h5"):
        wrong = (
            f"Keras 3 wants another layout there; expected a name like model.h5, got {path.name}"
        )
    if wrong:
        message = f"[export] {printable(path)}: {wrong}"
        raise _core.InvalidOption(message)


def _input_shape(preprocess: _core.Preprocess) -> tuple[int, int, int]:
    return preprocess.height, preprocess.width, preprocess.channels


def _logits(file: _core.ModelFile, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Logits of pixels (N, H, W, C), normalised as the preprocessing says."""
    how = file.preprocess
    x = (images / 255.0 - np.array(how.mean)) / np.array(how.deviation)
    if how.order == "bgr" and how.channels >= 3:
        x[..., :3] = x[..., 2::-1]
    normalised = np.ascontiguousarray(x.transpose(0, 3, 1, 2), np.float32)
    return _core.Predictor(file, "cpu", "float32").logits(normalised)


def _read_again(
    file: _core.ModelFile,
    draft: Path,
    images: NDArray[np.uint8],
    head: _core.HeadOptions | None = None,
) -> Check:
    """Fit the file to a fresh network of the same kind, and let that answer."""
    twin = _core.ModelFile.create(
        network=file.architecture,
        variant=file.variant,
        head=head or file.head,
        classes=file.classes,
        preprocess=file.preprocess,
        seed=None,
    )
    tensors, _ = read_foreign(draft).tensors_for(twin)
    twin.take(tensors, True, str(draft), 0)
    return "reading it again", _logits(twin, images)


def _safetensors(
    file: _core.ModelFile, draft: Path, images: NDArray[np.uint8], _: dict[str, Any]
) -> Check:
    whole = draft.with_name("whole.safetensors")
    file.write(whole, reliability=False)
    _add_format(whole, draft)
    whole.unlink()
    return _read_again(file, draft, images)


def _add_format(source: Path, target: Path) -> None:
    """Copy a model file with the word that transformers asks for in its metadata."""
    with source.open("rb") as old, target.open("wb") as new:
        header = json.loads(old.read(int.from_bytes(old.read(8), "little")))
        header["__metadata__"]["format"] = "pt"
        text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
        text += b" " * (-len(text) % _ALIGNED)
        new.write(len(text).to_bytes(8, "little") + text)
        shutil.copyfileobj(old, new)


def _torch(
    file: _core.ModelFile, draft: Path, images: NDArray[np.uint8], _: dict[str, Any]
) -> Check:
    tensors = file.tensors()
    ordered = {name: tensors[name] for layer in file.layers() for name in layer.tensors}
    _core.write_bytes(draft, torch_checkpoint.render(ordered))
    return _read_again(file, draft, images)


def _keras(
    file: _core.ModelFile, draft: Path, images: NDArray[np.uint8], options: dict[str, Any]
) -> Check:
    head = _one_unit(file.head) if options["sigmoid"] else file.head
    content = keras_h5.render(
        file.layers(),
        file.tensors(),
        sigmoid=options["sigmoid"],
        metadata=json.dumps(header_of(file, head)),
    )
    _core.write_bytes(draft, content)
    if not options["sigmoid"]:
        return _read_again(file, draft, images)
    name, logits = _read_again(file, draft, images, head)
    return name, logits[:, 1:] - logits[:, :1]


def _one_unit(head: _core.HeadOptions) -> _core.HeadOptions:
    """The head with one logit; a ResNet's own is average pooling."""
    values = head.to_dict() | {"one_logit": True}
    return _core.HeadOptions.from_dict(
        values | {"pool": "average" if head.pool == "own" else head.pool}
    )


def _onnx(
    file: _core.ModelFile, draft: Path, images: NDArray[np.uint8], options: dict[str, Any]
) -> Check:
    how = file.preprocess
    header = header_of(file) | {"provenance": json.loads(file.provenance)}
    del header["classes"]  # which stand apart, for other programs
    content = onnx.render(
        file.layers(),
        file.tensors(),
        height=how.height,
        width=how.width,
        channels=how.channels,
        mean=how.mean,
        deviation=how.deviation,
        bgr=how.order == "bgr" and how.channels >= 3,
        classes=file.classes,
        metadata={"georgia": json.dumps(header)},
        temperature=file.reliability.temperature["value"] if file.reliability else 1.0,
        input=options["input"],
    )
    _core.write_bytes(draft, content)
    x: NDArray[Any] = images
    if options["input"] == "float32":
        x = np.ascontiguousarray(images.transpose(0, 3, 1, 2) / np.float32(255))
    return onnx_model.logits_of(draft, x)


_Writer = Callable[[_core.ModelFile, Path, NDArray[np.uint8], dict[str, Any]], Check]
_WRITERS: dict[str, _Writer] = {
    ".safetensors": _safetensors,
    ".pth": _torch,
    ".onnx": _onnx,
    ".h5": _keras,
}
