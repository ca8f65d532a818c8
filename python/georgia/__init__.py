"""Train, check, use and explain image classifiers for microscopy."""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from georgia import _torch_first as _torch_first  # before anything that loads the core

# isort: split
from georgia import synthetic as synthetic
from georgia._core import (
    AugmentOptions,
    BadInput,
    Cancelled,
    DecodeLimits,
    Diverged,
    Error,
    InternalError,
    InvalidOption,
    IoError,
    Phase,
    Preprocess,
    TrainOptions,
    __version__,
)
from georgia.audit import Audit, Finding
from georgia.dataset import Dataset
from georgia.evaluation import Evaluation, evaluate
from georgia.images import read_image
from georgia.model import Model, Prediction, Predictions, load
from georgia.run import Run
from georgia.sample import Refused, Sample
from georgia.training import resume, train

if TYPE_CHECKING:
    from georgia import download as download
    from georgia import plots as plots

# Matplotlib alone takes as long to import as all the rest.
_LATE = frozenset({"download", "plots"})


def __getattr__(name: str) -> ModuleType:
    if name in _LATE:
        return importlib.import_module(f"georgia.{name}")
    message = f"module 'georgia' has no attribute {name!r}"
    raise AttributeError(message)


__all__ = [
    "Audit",
    "AugmentOptions",
    "BadInput",
    "Cancelled",
    "Dataset",
    "DecodeLimits",
    "Diverged",
    "Error",
    "Evaluation",
    "Finding",
    "InternalError",
    "InvalidOption",
    "IoError",
    "Model",
    "Phase",
    "Prediction",
    "Predictions",
    "Preprocess",
    "Refused",
    "Run",
    "Sample",
    "TrainOptions",
    "__version__",
    "download",
    "evaluate",
    "load",
    "plots",
    "read_image",
    "resume",
    "synthetic",
    "train",
]
