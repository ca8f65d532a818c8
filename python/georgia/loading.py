"""load(): a model from its file or from a run."""

import os
from pathlib import Path

from georgia import _core
from georgia.display import printable
from georgia.model import Model
from georgia.run import Run

_FOREIGN = {".pth", ".pt", ".th", ".bin", ".onnx", ".h5", ".hdf5", ".keras"}


def load(source: "str | os.PathLike[str] | Run") -> Model:
    """Load a model from its file, or the best model of a run.

    Files of other programs are read by `georgia.import_model`, any other ONNX classifier by
    `georgia.OnnxModel`.

    Parameters
    ----------
    source : str, os.PathLike or Run
        ``model.safetensors``, a run's folder, or a `Run`.

    Raises
    ------
    InvalidOption
        It is neither a path nor a run.
    BadInput
        The file is no model of georgia's, or damaged.
    IoError
        The file is missing or cannot be read.
    """
    given: object = source
    if not isinstance(given, str | os.PathLike | Run):
        message = (
            f"[load] expected a model's file, a run's folder or a Run, got {type(given).__name__}"
        )
        raise _core.InvalidOption(message)
    path = source.folder if isinstance(source, Run) else Path(source)
    if path.is_dir():
        path = path / "model.safetensors"
    try:
        return Model(_core.ModelFile.read(path))
    except _core.BadInput:
        if path.suffix.lower() not in _FOREIGN:
            raise
        message = (
            f"[load] {printable(path)}: not a model of georgia's, but georgia import may read it"
        )
        raise _core.BadInput(message) from None
