"""Arrays in, a matplotlib Figure out. Nothing here knows networks, files or runs."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

_TRAIN = "#3b6ea8"
_VALIDATION = "#c8553d"
_INK = "#222222"
_PALETTE = ("#3b6ea8", "#c8553d", "#5b8c5a", "#8d6cab", "#d19a3d", "#4aa3a2", "#8a8a8a", "#b05c8a")


class Chart(Figure):
    """A Figure that shows itself in a notebook without pyplot's global list of figures."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()


def _literal(text: object) -> str:
    """Text as data: a dollar sign in a class name starts no formula."""
    return str(text).replace("$", r"\$")


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


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
        for part, colour in (("train", _TRAIN), ("validation", _VALIDATION)):
            values = columns[f"{part}_{name}"]
            axes.plot(epochs, values, marker=marker, ms=3.5, color=colour, label=part)
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        _plain(axes)
    loss.set_ylabel("cross-entropy (nats)")
    loss.set_ylim(bottom=0)
    loss.legend(frameon=False)
    accuracy.set_ylabel("accuracy")
    best = int(np.lexsort((columns["validation_loss"], -columns["validation_accuracy"]))[0])
    value = columns["validation_accuracy"][best]
    accuracy.plot(epochs[best], value, "o", ms=10, mfc="none", color=_VALIDATION)
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
    axes.plot(rates, losses, color=_TRAIN)
    axes.set_xscale("log")
    axes.set_xlabel("learning rate")
    axes.set_ylabel("smoothed training loss")
    if len(losses):
        low, first = float(losses.min()), float(losses[0])
        axes.set_ylim(low - 0.1 * (first - low) - 0.01, first + (first - low) + 0.01)
    if suggestion > 0:
        axes.axvline(suggestion, color=_VALIDATION, lw=1)
        axes.set_title(f"steepest at {suggestion:.1e}", fontsize=10)
    _plain(axes)
    return figure


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
        colour = "white" if shares[i, j] > 0.55 else _INK
        text = f"{matrix[i, j]}\n{100 * shares[i, j]:.1f} %"
        axes.text(j, i, text, ha="center", va="center", color=colour, fontsize=9)
    names = [_literal(name) for name in classes]
    axes.set_xticks(range(count), names, rotation=30, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(count), names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    axes.set_title(_literal(title), fontsize=10)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def samples(
    images: Sequence[NDArray[np.uint8]],
    titles: Sequence[str] = (),
    *,
    columns: int = 6,
    highlights: Sequence[bool] = (),
) -> Figure:
    """Draw a grid of images.

    Parameters
    ----------
    images : sequence of ndarray, (H, W) or (H, W, C), uint8
    titles : sequence of str, optional
        One per image.
    columns : int
    highlights : sequence of bool, optional
        Titles to be set in red.
    """
    rows = max(1, -(-len(images) // columns))
    figure = Chart(figsize=(1.7 * columns, 1.95 * rows), dpi=120, layout="constrained")
    grid: Any = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    for i, (axes, image) in enumerate(zip(grid.ravel(), images, strict=False)):
        axes.imshow(image, cmap="gray", vmin=0, vmax=255)
        if i < len(titles):
            is_highlighted = i < len(highlights) and highlights[i]
            axes.set_title(
                _literal(titles[i]), fontsize=8, color=_VALIDATION if is_highlighted else _INK
            )
    return figure


def augmentations(data: Mapping[str, Sequence[NDArray[np.uint8]]] | Any) -> Figure:
    """Draw a row for each image: plain, and as the network will see it in the first epochs.

    Parameters
    ----------
    data : Dataset, or mapping of str to sequence of ndarray, (H, W) or (H, W, C), uint8
        A data set under the default options, or what `georgia.augmented` returns for others: for
        each image's path the plain one and those of epochs.
    """
    seen = data if isinstance(data, Mapping) else data.augmented()
    epochs = max((len(row) - 1 for row in seen.values()), default=0)
    titles = ["plain", *(f"epoch {number + 1}" for number in range(epochs))]
    images = [image for row in seen.values() for image in row]
    figure = samples(images, titles, columns=len(titles))
    for axes, path in zip(figure.axes[:: len(titles)], seen, strict=False):
        name = _literal("/".join(path.split("/")[-2:]))
        axes.text(0, -0.04, name, transform=axes.transAxes, fontsize=6, va="top")
    return figure


def audit(facts: Mapping[str, Any] | Any) -> Figure:
    """Draw an audit: classes and copies, image sizes, shortcuts.

    Parameters
    ----------
    facts : Audit, or mapping
        What `Dataset.audit` returns, or its ``to_dict()``.
    """
    values: Mapping[str, Any] = facts if isinstance(facts, Mapping) else facts.to_dict()
    figure = Chart(figsize=(11, 3.8), dpi=120, layout="constrained")
    classes, sizes, shortcuts = figure.subplots(1, 3, width_ratios=(1, 1, 1.25))
    _draw_classes(classes, values)
    _draw_sizes(sizes, values["classes"])
    _draw_shortcuts(shortcuts, values["shortcuts"])
    return figure


def _draw_classes(axes: Axes, values: Mapping[str, Any]) -> None:
    """Images per class; those beyond the first of a picture hatched."""
    names = list(values["classes"])
    counts = [values["classes"][name]["images"] for name in names]
    spare = dict.fromkeys(names, 0)
    for group in values["duplicate_groups"]:
        members = group.get("member_labels", [])
        for label in members[1:]:
            spare[label] += 1
    places = range(len(names))
    axes.barh(places, counts, color=_TRAIN, label="different pictures")
    copies = [spare[name] for name in names]
    if any(copies):
        starts = [count - copy for count, copy in zip(counts, copies, strict=True)]
        axes.barh(
            places,
            copies,
            left=starts,
            color="white",
            edgecolor=_TRAIN,
            hatch="////",
            label="further copies",
        )
        axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.12))
    axes.set_yticks(places, [_literal(name) for name in names])
    axes.invert_yaxis()
    axes.set_title("images", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_sizes(axes: Axes, classes: Mapping[str, Any]) -> None:
    """Width and height; the area of a ring is its number of images, later classes drawn wider."""
    for i, (name, facts) in enumerate(classes.items()):
        colour = _PALETTE[i % len(_PALETTE)]
        sizes = [[int(side) for side in size.split(" x ")] for size in facts["sizes"]]
        counts = np.array(list(facts["sizes"].values()), float)
        axes.scatter(
            [width for width, _ in sizes],
            [height for _, height in sizes],
            s=18 + 120 * counts / counts.sum() * (1 + i),
            facecolor="none",
            edgecolor=colour,
            linewidth=1.5,
        )
        axes.plot([], [], "o", mfc="none", mec=colour, mew=1.5, label=_literal(name))
    axes.set_xlabel("width (pixels)")
    axes.set_ylabel("height (pixels)")
    axes.set_title("sizes", fontsize=10)
    axes.margins(0.15)
    axes.spines[["top", "right"]].set_visible(False)
    if len(classes) <= 8:
        axes.legend(frameon=False, fontsize=8)


def _draw_shortcuts(axes: Axes, shortcuts: Sequence[Mapping[str, Any]]) -> None:
    """What facts of files alone tell of the class, with intervals, against guessing."""
    places = np.arange(len(shortcuts))
    for place, shortcut in zip(places, shortcuts, strict=True):
        low, high = shortcut["interval"]
        colour = _VALIDATION if shortcut["fires"] else "#9aa5b1"
        axes.plot([low, high], [place, place], color=colour, linewidth=2)
        axes.plot(shortcut["accuracy"], place, "o", color=colour)
        if shortcut["control"]:
            axes.plot(shortcut["control"], place, "|", color=_INK, ms=12)
            axes.text(shortcut["control"], place - 0.3, "control", ha="center", fontsize=7)
    if len(places):
        guessing = shortcuts[0]["majority"]
        axes.plot([guessing, guessing], [-0.5, len(places) - 0.5], "--", color=_INK, linewidth=1)
        axes.text(guessing, -0.7, "guessing", ha="center", va="center", fontsize=8)
    axes.set_yticks(places, [_literal(shortcut["name"]) for shortcut in shortcuts])
    axes.set_ylim(len(places) - 0.5, -0.9)
    axes.set_xlim(0, 1)
    axes.set_title("class told by the file alone (accuracy)", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
