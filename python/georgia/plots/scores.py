"""Charts of an evaluation."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from georgia.plots.chart import GRAY, INK, PALETTE, TRAIN, VALIDATION, Chart, literal, plain

_MOST_NAMED = 10  # classes in a legend


def confusion_matrix(
    matrix: NDArray[np.int64], classes: Sequence[str], *, title: str = ""
) -> Figure:
    """Confusion matrix in blues: counts, and percentages of each row.

    Parameters
    ----------
    matrix : ndarray, shape (K, K), int
        Rows true, columns predicted.
    classes : sequence of str, length K
    title : str
    """
    count = len(classes)
    side = max(4.2, 1.6 + 0.8 * count)
    figure = Chart(figsize=(side + 0.6, side), dpi=120, layout="constrained")
    axes = figure.subplots()
    rows = matrix.sum(axis=1, keepdims=True)
    shares = np.divide(matrix, rows, out=np.zeros(matrix.shape), where=rows > 0)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, j in np.ndindex(*matrix.shape):
        colour = "white" if shares[i, j] > 0.55 else INK
        text = f"{matrix[i, j]}\n{100 * shares[i, j]:.1f} %"
        axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=9)
    names = [literal(name) for name in classes]
    axes.set_xticks(range(count), names, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(count), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(literal(title), fontsize=10)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def reliability(calibration: Mapping[str, Mapping[str, Any]] | Any) -> Figure:
    """Accuracy by confidence, before and after the temperature.

    Parameters
    ----------
    calibration : Evaluation, or mapping
        An evaluation, or its ``calibration``: ``before`` and ``after``, each with ``equal width``.
    """
    values = calibration if isinstance(calibration, Mapping) else calibration.calibration
    figure = Chart(figsize=(7.6, 3.6), dpi=120, layout="constrained")
    for axes, name in zip(figure.subplots(1, 2, sharey=True), ("before", "after"), strict=True):
        found = values[name]["equal width"]
        bins = [one for one in found["bins"] if one["count"]]
        most = max((one["count"] for one in bins), default=1)
        axes.plot([0, 1], [0, 1], "--", color=GRAY, linewidth=1)
        for one in bins:
            accuracy = one["correct"] / one["count"]
            axes.plot([one["confidence"]] * 2, [one["confidence"], accuracy], color=GRAY, lw=1)
            size = 3 + 9 * np.sqrt(one["count"] / most)
            axes.plot(one["confidence"], accuracy, "o", ms=size, color=TRAIN, alpha=0.85)
        axes.set_title(f"{name}: calibration error {found['error']:.4f}", fontsize=10)
        axes.set_xlabel("confidence")
        axes.set_xlim(0, 1.02)
        axes.set_ylim(0, 1.03)
        plain(axes)
    figure.axes[0].set_ylabel("share right (area of a dot: images)")
    return figure


def curves(curves: Sequence[Mapping[str, Any]] | Any, classes: Sequence[str] = ()) -> Figure:
    """ROC and precision-recall curves, each class against the rest.

    Parameters
    ----------
    curves : Evaluation, or sequence of mapping
        An evaluation, or its ``curves``: ``false_positive``, ``recall``, ``precision``, ``area``,
        ``average_precision`` of each class.
    classes : sequence of str, length K
        Of an evaluation they are known.
    """
    if not isinstance(curves, Sequence):
        curves, classes = curves.curves, curves.classes
    figure = Chart(figsize=(8.6, 3.8), dpi=120, layout="constrained")
    roc, precision = figure.subplots(1, 2)
    roc.plot([0, 1], [0, 1], "--", color=GRAY, linewidth=1)
    for i, (curve, name) in enumerate(zip(curves, classes, strict=True)):
        if np.isnan(curve["area"]):
            continue
        look = {"color": PALETTE[i % len(PALETTE)], "linewidth": 1.4}
        named = literal(name) if i < _MOST_NAMED else "_"
        start = np.concatenate([[0.0], curve["false_positive"]])
        roc.plot(
            start,
            np.concatenate([[0.0], curve["recall"]]),
            label=f"{named} {curve['area']:.3f}" if named != "_" else "_",
            **look,
        )
        precision.step(
            curve["recall"],
            curve["precision"],
            where="pre",
            label=f"{named} {curve['average_precision']:.3f}" if named != "_" else "_",
            **look,
        )
    for axes, title, across, up in (
        (roc, "ROC, area", "false positive rate", "recall"),
        (precision, "precision and recall, average", "recall", "precision"),
    ):
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(across)
        axes.set_ylabel(up)
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(0, 1.03)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False, fontsize=7)
        plain(axes)
    return figure


def risk_coverage(selective: Mapping[str, Any] | Any) -> Figure:
    """Share of wrong answers by the share of images that is answered, the surest first.

    Parameters
    ----------
    selective : Evaluation, or mapping
        An evaluation, or its ``selective``: ``coverage``, ``risk``, ``area``, ``accuracy_at``.
    """
    values = selective if isinstance(selective, Mapping) else selective.selective
    figure = Chart(figsize=(4.6, 3.4), dpi=120, layout="constrained")
    axes = figure.subplots()
    axes.plot(values["coverage"], values["risk"], color=TRAIN)
    for at in values["accuracy_at"].values():
        axes.plot(at["coverage"], 1 - at["accuracy"], "o", ms=5, color=VALIDATION)
    axes.set_xlabel("share answered, the surest first")
    axes.set_ylabel("share of those wrong")
    axes.set_xlim(0, 1.02)
    axes.set_ylim(bottom=0)
    axes.set_title(f"area {values['area']:.4f}", fontsize=10)
    plain(axes)
    return figure


def outliers(
    own: NDArray[np.float32],
    threshold: float,
    foreign: NDArray[np.float32] | None = None,
    *,
    name: str = "outlier score",
) -> Figure:
    """How foreign images are: own ones, the threshold, and foreign ones where there are some.

    Parameters
    ----------
    own, foreign : ndarray, shape (N,)
    threshold : float
    name : str
        Of the score.
    """
    figure = Chart(figsize=(5.4, 3.2), dpi=120, layout="constrained")
    axes: Axes = figure.subplots()
    parts = [own] if foreign is None else [own, foreign]
    edges = np.histogram_bin_edges(np.concatenate([*parts, [threshold]]), bins=40)
    for part, colour, label in zip(
        parts, (TRAIN, VALIDATION), ("this data set", "foreign"), strict=False
    ):
        share = np.full(len(part), 1 / max(1, len(part)))
        axes.hist(part, [*edges], weights=share, color=colour, alpha=0.65, label=label)
    axes.axvline(threshold, color=INK, linewidth=1, linestyle="--")
    axes.set_xlabel(f"{name}: above the line an image is refused")
    axes.set_ylabel("share of the images")
    if foreign is not None:
        axes.legend(frameon=False, fontsize=8)
    plain(axes)
    return figure
