"""Charts of a training."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from georgia.plots.chart import TRAIN, VALIDATION, Chart, plain


def history(columns: Mapping[str, NDArray[np.float64]], *, title: str = "") -> Figure:
    """Loss and accuracy by epoch.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (E,)
        ``epoch``, ``train_loss``, ``validation_loss``, ``train_accuracy``,
        ``validation_accuracy``; accuracies in 0 to 1.
    title : str
        Above both charts.
    """
    figure = Chart(figsize=(9, 3.4), dpi=120, layout="constrained")
    if title:
        figure.suptitle(title)
    loss, accuracy = figure.subplots(1, 2)
    marker = "o" if len(columns["epoch"]) < 30 else ""
    epochs = _ends(columns["epoch"])
    for axes, name in ((loss, "loss"), (accuracy, "accuracy")):
        for part, colour in (("train", TRAIN), ("validation", VALIDATION)):
            values = columns[f"{part}_{name}"]
            axes.plot(epochs, values, marker=marker, ms=3.5, color=colour, label=part)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        plain(axes)
    loss.set_ylabel("cross-entropy (nats)")
    loss.set_ylim(bottom=0)
    loss.legend(frameon=False)
    accuracy.set_ylabel("accuracy")
    best = int(np.lexsort((columns["validation_loss"], -columns["validation_accuracy"]))[0])
    value = columns["validation_accuracy"][best]
    accuracy.plot(epochs[best], value, "o", ms=10, mfc="none", color=VALIDATION)
    accuracy.set_title(
        f"highest: epoch {columns['epoch'][best]:.0f}, validation {value:.4f}", fontsize=10
    )
    return figure


def _ends(epochs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each validation stands, several in one epoch evenly within it."""
    _, first, counts = np.unique(epochs, return_index=True, return_counts=True)
    ranks = np.arange(len(epochs)) - np.repeat(first, counts) + 1
    return epochs - 1 + ranks / np.repeat(counts, counts)


def rate_curve(
    rates: NDArray[np.float64], losses: NDArray[np.float64], suggestion: float
) -> Figure:
    """Loss against learning rate, with the suggested rate marked.

    Parameters
    ----------
    rates, losses : ndarray, shape (S,)
    suggestion : float
        0 marks nothing.
    """
    figure = Chart(figsize=(5.5, 3.4), dpi=120, layout="constrained")
    axes = figure.subplots()
    axes.plot(rates, losses, color=TRAIN)
    axes.set_xscale("log")
    axes.set_xlabel("learning rate")
    axes.set_ylabel("smoothed training loss")
    if len(losses):
        low, first = float(losses.min()), float(losses[0])
        axes.set_ylim(low - 0.1 * (first - low) - 0.01, first + (first - low) + 0.01)
    if suggestion > 0:
        axes.axvline(suggestion, color=VALIDATION, lw=1)
        axes.set_title(f"steepest at {suggestion:.1e}", fontsize=10)
    plain(axes)
    return figure
