"""Exploration: images laid out by what a network sees in them; the result of `explore`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia.attention import AttentionMap
from georgia.clusters import Clusters
from georgia.display import count_of, csv_text, printable
from georgia.neighbourhood import NeighbourGraph
from georgia.predictions import Predictions
from georgia.projection import Projection


@dataclass(frozen=True)
class Exploration:
    """Images with their features, places, clusters, neighbours and answers, row by row.

    Attributes
    ----------
    title : str
    paths, labels, splits : list of str
        Labels and splits are empty where none are known.
    features : ndarray, shape (N, D), float32
    projection : Projection
        Up to five principal components.
    scatter : Projection
        The two coordinates that the picture starts with: the same, or UMAP's.
    clusters : Clusters
    silhouette : float
        Mean over all images, or 5,000 of them; NaN for one cluster.
    graph : NeighbourGraph
        The ten nearest other images of each (fewer where there are fewer), by cosine.
    predictions : Predictions or None
        None where the network was trained on other classes.
    intensities : ndarray, shape (N, 64), float32
        Share of the pixels in each of 64 bands of gray.
    entropies : ndarray, shape (N,), float64
        Of the 256 gray levels, in bits. Turned and mirrored copies have equal ones.
    maps : mapping of int to AttentionMap
        Of some images: the surest mistakes, the least sure answers, then others.
    thumbnails : list of bytes
        JPEG files.
    unreadable : mapping of str to str
        Paths that are left out, and why.
    neighbours : int
        How many of the graph's are drawn.
    stored : list of list of (int, str, str, float), or None
        Instead of the graph's: neighbours that a vector store told; the number of the image or -1,
        name, class and cosine.
    facts : mapping
        Model, hash, network, stage, store: what the page tells of its making.
    """

    title: str
    paths: list[str]
    labels: list[str]
    splits: list[str]
    features: NDArray[np.float32] = field(repr=False)
    projection: Projection = field(repr=False)
    scatter: Projection = field(repr=False)
    clusters: Clusters = field(repr=False)
    silhouette: float
    graph: NeighbourGraph = field(repr=False)
    predictions: Predictions | None = field(repr=False)
    intensities: NDArray[np.float32] = field(repr=False)
    entropies: NDArray[np.float64] = field(repr=False)
    maps: Mapping[int, AttentionMap] = field(repr=False)
    thumbnails: list[bytes] = field(repr=False)
    unreadable: Mapping[str, str] = field(repr=False)
    neighbours: int
    stored: list[list[tuple[int, str, str, float]]] | None = field(repr=False)
    facts: Mapping[str, Any] = field(repr=False)

    def __len__(self) -> int:
        return len(self.paths)

    @property
    def uncertainty(self) -> NDArray[np.float64]:
        """Entropy of each answer in bits, shape (N,); NaN without predictions."""
        if self.predictions is None:
            return np.full(len(self), np.nan)
        shares = np.maximum(self.predictions.probabilities.astype(float), 1e-300)
        return np.asarray(-(shares * np.log2(shares)).sum(axis=1))

    def write(self, path: str | os.PathLike[str], *, inside_mib: float = 32) -> Path:
        """Write the explorer: one page that opens from disk and loads nothing from a network.

        Parameters
        ----------
        path : path
            Ends in ``.html``.
        inside_mib : float
            Thumbnails stand in the page up to this size in MiB; larger ones in a folder beside it,
            ``NAME_thumbnails``, which must be kept with it.

        Raises
        ------
        IoError
            The file cannot be written.
        """
        from georgia.explorer import write

        return write(self, Path(path), inside_mib)

    def to_csv(self) -> str:
        """Render as CSV, a row for each image, text cells made harmless.

        Columns are ``path,class,split,cluster,label,confidence,uncertainty,outlier_score,
        image_entropy`` and ``component_1`` to ``component_5``; what is not known is empty.
        """
        answers, unsure = self.predictions, self.uncertainty
        scores = answers.outliers.score if answers and answers.outliers else None
        header = ["path", "class", "split", "cluster", "label", "confidence", "uncertainty",
                  "outlier_score", "image_entropy"]  # fmt: skip
        header += [f"component_{k + 1}" for k in range(self.projection.points.shape[1])]
        rows = (
            [
                path,
                self.labels[i],
                self.splits[i],
                int(self.clusters.labels[i]),
                *(
                    ("", "")
                    if answers is None
                    else (answers[i].label, _number(answers[i].confidence))
                ),
                "" if answers is None else _number(unsure[i]),
                "" if scores is None else _number(scores[i]),
                _number(self.entropies[i]),
                *map(_number, self.projection.points[i]),
            ]
            for i, path in enumerate(self.paths)
        )
        return csv_text(header, rows)

    def __str__(self) -> str:
        lines = [
            f"{printable(self.title)}: {count_of(len(self), 'image')}, "
            f"{count_of(len(self.clusters.centres), 'cluster')} of "
            f"{', '.join(map(str, self.clusters.sizes))} images, silhouette {self.silhouette:.3f}"
        ]
        lines += [f"{name}: {printable(value)}" for name, value in self.facts.items()]
        if self.unreadable:
            lines.append(f"left out: {count_of(len(self.unreadable), 'image')}, as")
            lines += [f"  {printable(why)}" for why in list(self.unreadable.values())[:3]]
        return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.6g}"
