"""explore(): lay images out by what a network sees in them."""

import os
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.attention import attention_maps
from georgia.clusters import kmeans, silhouettes
from georgia.dataset import Dataset
from georgia.display import count_of, printable
from georgia.embeddings import Embeddings
from georgia.exploration import Exploration
from georgia.images import THUMBNAIL
from georgia.model import Model
from georgia.neighbourhood import neighbour_graph
from georgia.progress import ProgressBar
from georgia.projection import pca, umap, umap_learn
from georgia.run import Run
from georgia.stored import status_of, stored_neighbours
from georgia.subjects import Subjects, subjects_of

_COMPONENTS = 5
_LISTED = 10  # neighbours of each image
_WIDE = 1024  # features from which components are found by the randomised method
_MEASURED = 5000  # images whose silhouettes are taken


def explore(
    source: "str | os.PathLike[str] | Run | Dataset",
    *,
    model: "str | os.PathLike[str] | Run | Model | None" = None,
    network: str | None = None,
    weights: str | os.PathLike[str] | None = None,
    stage: str = "features",
    clusters: int | None = None,
    neighbours: int = 5,
    projection: str = "pca",
    every: int = 1,
    maps: int = 48,
    store: str | os.PathLike[str] | None = None,
    seed: int = 42,
    batch: int = 32,
    threads: int = 0,
    device: str = "auto",
    precision: str = "auto",
    progress: bool = False,
) -> Exploration:
    """Lay images out by what a network sees in them: components, clusters, neighbours, answers.

    Parameters
    ----------
    source : path, Run or Dataset
        A run, whose images and model are looked at; or a folder (with or without folders of
        classes), a manifest or another table of images.
    model : path, Run or Model, optional
        A trained model for images that it was not trained on.
    network, weights : str, optional
        Instead of a model: one of `georgia.networks` and a file for it, ``imagenet`` (on this
        machine) or ``none``; by default resnet18 with imagenet. Only features are then asked for,
        there are no answers and no maps.
    stage : str
        Where in the network features are taken; see `Model.embed`.
    clusters : int, optional
        By default as many as there are classes, 4 where none are known.
    neighbours : int
        Drawn in the graph, 1 to 10.
    projection : str
        ``pca``, or ``umap`` (the extra ``explore``) for the first picture.
    every : int
        Look at one image of so many.
    maps : int
        Images for which it is shown where the network looked: the surest mistakes, the least sure
        answers, then others; each takes as long as three answers.
    store : str or path, optional
        A vector store (`georgia.store.open`) made with the same model: neighbours are asked of it.
    seed : int
        Of clusters and projections; equal seeds give equal results.
    batch, threads, device, precision, progress
        As in `Model.predict`.

    Returns
    -------
    Exploration

    Raises
    ------
    InvalidOption
        An option is not acceptable.
    BadInput
        There are fewer than two images that can be read; the store is of another model.
    IoError
        A file or folder is missing.
    """
    if every < 1 or maps < 0 or not 1 <= neighbours <= _LISTED:
        message = (
            f"[explore] expected every >= 1, maps >= 0 and neighbours from 1 to {_LISTED}, got "
            f"{every}, {maps} and {neighbours}"
        )
        raise _core.InvalidOption(message)
    if projection not in ("pca", "umap"):
        message = f"[explore] projection: expected pca or umap, got {printable(projection)}"
        raise _core.InvalidOption(message)
    if seed < 0 or (clusters is not None and clusters < 1):
        message = f"[explore] expected seed >= 0 and clusters >= 1, got {seed} and {clusters}"
        raise _core.InvalidOption(message)
    if projection == "umap":
        umap_learn()  # refused now where it is missing
    subjects = subjects_of(source, model=model, network=network, weights=weights, seed=seed)
    subjects = subjects.every(every)
    status = "none" if store is None else status_of(store, subjects.model, stage)
    how: dict[str, Any] = {
        "batch": batch,
        "threads": threads,
        "device": device,
        "precision": precision,
        "limits": subjects.limits,
        "progress": progress,
    }
    embedded = subjects.model.embed(subjects.paths, stage=stage, **how)
    good = np.array([not error for error in embedded.errors])
    _require_some(subjects, good)
    paths = _only(subjects.paths, good)
    labels = _only(subjects.labels, good)
    features = np.ascontiguousarray(embedded.features[good])
    answers = subjects.model.predict(paths, **how) if subjects.answers else None
    with ProgressBar(progress) as bar:
        portraits = _core.portraits(
            paths, subjects.model.preprocess, subjects.limits, THUMBNAIL, threads, bar.advance
        )
    found = kmeans(features, min(clusters or _usual(labels), len(paths)), seed=seed)
    method = "randomised" if features.shape[1] >= _WIDE else "exact"
    components = pca(features, min(_COMPONENTS, *features.shape), method=method, seed=seed)
    return Exploration(
        title=subjects.title,
        paths=paths,
        labels=labels,
        splits=_only(subjects.splits, good),
        features=features,
        projection=components,
        scatter=components if projection == "pca" else umap(features, seed=seed),
        clusters=found,
        silhouette=_silhouette(features, found.labels, seed),
        graph=neighbour_graph(features, min(_LISTED, len(paths) - 1)),
        predictions=answers,
        intensities=portraits["intensities"],
        entropies=portraits["entropies"],
        maps={}
        if answers is None
        else attention_maps(subjects.model, paths, labels, answers, maps, how),
        thumbnails=portraits["jpegs"],
        unreadable={
            path: error
            for path, error in zip(embedded.paths, embedded.errors, strict=True)
            if error
        },
        neighbours=neighbours,
        stored=None if store is None else stored_neighbours(store, features, paths, _LISTED, how),
        facts=_facts(subjects, embedded, found.inertia, method, status),
    )


def _require_some(subjects: Subjects, good: NDArray[np.bool_]) -> None:
    if good.sum() < 2:
        message = (
            f"[explore] {printable(subjects.title)}: expected two images or more that can be read, "
            f"got {good.sum()} of {len(good)}"
        )
        raise _core.BadInput(message)


def _only(values: "tuple[str, ...]", good: NDArray[np.bool_]) -> list[str]:
    return [value for value, is_good in zip(values, good, strict=True) if is_good]


def _usual(labels: list[str]) -> int:
    return len(set(labels) - {""}) or 4


def _silhouette(points: NDArray[np.float32], labels: NDArray[np.int64], seed: int) -> float:
    """Mean over all points, or over some that the seed draws."""
    kept = np.arange(len(points))
    if len(points) > _MEASURED:
        kept = np.sort(np.random.default_rng(seed).choice(len(points), _MEASURED, replace=False))
    _, numbers = np.unique(labels[kept], return_inverse=True)
    return float(silhouettes(points[kept], numbers).mean()) if numbers.any() else float("nan")


def _facts(
    subjects: Subjects,
    embedded: Embeddings,
    inertia: float,
    method: str,
    status: str,
) -> dict[str, Any]:
    """What the page tells of its making."""
    model = subjects.model
    how = model.preprocess
    return {
        "network": f"{model.architecture} ({model.variant}), {how.height} x {how.width} pixels",
        "features": f"{embedded.features.shape[1]} of {embedded.stage}, "
        f"{embedded.precision} on {embedded.device}",
        "hash of network and weights": model.weights_hash,
        "components": f"{method} principal components",
        "clusters": f"k-means on all features, inertia {inertia:.6g}",
        "neighbours": "exact, by cosine" if status == "none" else "of the store, by cosine",
        "store": status,
        "georgia": _core.__version__,
        "log": "; ".join(subjects.log) or f"all {count_of(len(subjects.paths), 'image')} taken",
    }
