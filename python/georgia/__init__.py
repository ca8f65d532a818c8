"""Train, check, use and explain image classifiers for microscopy."""

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from georgia import _torch_first as _torch_first  # before anything that loads the core

# isort: split
from georgia import recipes as recipes
from georgia import synthetic as synthetic
from georgia._core import (
    AugmentOptions,
    AugmentProbability,
    BadInput,
    Cancelled,
    DecodeLimits,
    Diverged,
    Error,
    HeadOptions,
    InternalError,
    InvalidOption,
    IoError,
    Phase,
    Preprocess,
    TrainOptions,
    __version__,
)
from georgia.audit import Audit, Finding
from georgia.augmentation import augmented
from georgia.clusters import Clusters, kmeans, silhouettes
from georgia.comparison import Comparison, compare
from georgia.cross_validation import CrossValidation, cross_validate
from georgia.dataset import Dataset
from georgia.embeddings import Embeddings
from georgia.evaluating import evaluate
from georgia.evaluation import Evaluation
from georgia.explanation import Explanations
from georgia.exploration import Exploration
from georgia.exploring import explore
from georgia.fits import FitTable, compare_fits
from georgia.images import read_image
from georgia.importing import import_model
from georgia.label_errors import LabelErrors, Suspect, label_errors
from georgia.live_plot import LivePlot
from georgia.loading import load
from georgia.model import Model
from georgia.neighbourhood import NeighbourGraph, neighbour_graph
from georgia.networks import networks
from georgia.onnx_model import OnnxModel
from georgia.outliers import OutlierScores
from georgia.predictions import Prediction, Predictions
from georgia.projection import Projection, pca, umap
from georgia.rate_finder import RateCurve, find_rate
from georgia.reliability import calibrate
from georgia.repetition import Repetition, repeat
from georgia.run import Run
from georgia.runs import RunLine, RunTable, runs
from georgia.sample import Refused, Sample
from georgia.timeline import Timeline, timeline
from georgia.training import resume, train

if TYPE_CHECKING:
    from georgia import download as download
    from georgia import plots as plots
    from georgia import store as store

# Matplotlib alone takes as long to import as all the rest.
_LATE = frozenset({"download", "plots", "store"})


def __getattr__(name: str) -> ModuleType:
    if name in _LATE:
        return importlib.import_module(f"georgia.{name}")
    message = f"module 'georgia' has no attribute {name!r}"
    raise AttributeError(message)


__all__ = [
    "Audit",
    "AugmentOptions",
    "AugmentProbability",
    "BadInput",
    "Cancelled",
    "Clusters",
    "Comparison",
    "CrossValidation",
    "Dataset",
    "DecodeLimits",
    "Diverged",
    "Embeddings",
    "Error",
    "Evaluation",
    "Explanations",
    "Exploration",
    "Finding",
    "FitTable",
    "HeadOptions",
    "InternalError",
    "InvalidOption",
    "IoError",
    "LabelErrors",
    "LivePlot",
    "Model",
    "NeighbourGraph",
    "OnnxModel",
    "OutlierScores",
    "Phase",
    "Prediction",
    "Predictions",
    "Preprocess",
    "Projection",
    "RateCurve",
    "Refused",
    "Repetition",
    "Run",
    "RunLine",
    "RunTable",
    "Sample",
    "Suspect",
    "Timeline",
    "TrainOptions",
    "__version__",
    "augmented",
    "calibrate",
    "compare",
    "compare_fits",
    "cross_validate",
    "download",
    "evaluate",
    "explore",
    "find_rate",
    "import_model",
    "kmeans",
    "label_errors",
    "load",
    "neighbour_graph",
    "networks",
    "pca",
    "plots",
    "read_image",
    "recipes",
    "repeat",
    "resume",
    "runs",
    "silhouettes",
    "store",
    "synthetic",
    "timeline",
    "train",
    "umap",
]
