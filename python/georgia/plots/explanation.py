"""Pictures of what a network looks at."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from georgia.plots.chart import GRAY, TRAIN, VALIDATION, Chart, literal, plain


def explanations(found: Any, *, most: int = 8) -> Figure:
    """Draw a row for each image: as the network sees it, the map, the overlay, and the checks.

    Parameters
    ----------
    found : Explanations
        What `Model.explain` returns.
    most : int
        Rows at most.
    """
    good = [i for i, error in enumerate(found.errors) if not error][:most]
    columns = 4 if found.has_checks else 3
    figure = Chart(figsize=(2.3 * columns, 2.4 * max(1, len(good))), dpi=120, layout="constrained")
    grid: Any = figure.subplots(max(1, len(good)), columns, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    for row, i in zip(grid, good, strict=False):
        name = found.paths[i].replace("\\", "/").rpartition("/")[2]
        row[0].imshow(found.seen(i), cmap="gray", vmin=0, vmax=255)
        row[0].set_title(literal(name), fontsize=7)
        row[1].imshow(found.maps[i], cmap="inferno")
        row[1].set_title(literal(found.labels[i]), fontsize=8)
        row[2].imshow(found.overlay(i))
        row[2].set_title("highest 10, 20, 30 %", fontsize=7)
        if found.has_checks:
            _draw_checks(row[3], found, i)
    return figure


def _draw_checks(axes: Any, found: Any, index: int) -> None:
    axes.set_axis_on()
    parts = np.linspace(0, 1, found.deletion.shape[1])
    axes.plot(parts, found.deletion[index], color=VALIDATION, label="deletion")
    axes.plot(parts, found.insertion[index], color=TRAIN, label="insertion")
    axes.set_ylim(0, 1.03)
    axes.set_title(f"likeness to random {found.likeness[index]:.2f}", fontsize=7)
    axes.set_xlabel("share of the pixels", fontsize=7)
    axes.tick_params(labelsize=6)
    axes.legend(frameon=False, fontsize=6)
    plain(axes)


def feature_maps(
    planes: NDArray[np.float32], *, most: int = 32, columns: int = 8, title: str = ""
) -> Figure:
    """Draw planes of a layer, those that vary most first, each from its lowest to its highest.

    Parameters
    ----------
    planes : ndarray, shape (C, H, W)
        What `Model.feature_maps` returns; or filters of the first layer, see `filters`.
    most, columns : int
    title : str
    """
    order = np.argsort(-planes.reshape(len(planes), -1).std(axis=1), kind="stable")[:most]
    return _grid([planes[i] for i in order], [str(i) for i in order], columns, title)


def filters(weights: NDArray[np.float32], *, columns: int = 8, title: str = "") -> Figure:
    """Draw the filters of a first layer, RGB as colours about gray.

    Parameters
    ----------
    weights : ndarray, shape (F, C, H, W)
        ``Model.weights["conv1.weight"]`` and the like.
    """
    scale = np.abs(weights).reshape(len(weights), -1).max(axis=1).clip(1e-12)
    levels = 0.5 + weights / (2 * scale[:, None, None, None])
    pictures = list(levels.transpose(0, 2, 3, 1) if weights.shape[1] == 3 else levels.mean(axis=1))
    return _grid(pictures, [str(i) for i in range(len(pictures))], columns, title)


def _grid(
    pictures: Sequence[NDArray[np.float32]], names: Sequence[str], columns: int, title: str
) -> Figure:
    rows = max(1, -(-len(pictures) // columns))
    figure = Chart(figsize=(1.1 * columns, 1.25 * rows), dpi=120, layout="constrained")
    if title:
        figure.suptitle(literal(title), fontsize=9)
    grid: Any = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.ravel():
        axes.set_axis_off()
    for axes, picture, name in zip(grid.ravel(), pictures, names, strict=False):
        axes.imshow(picture, cmap="gray" if picture.ndim == 2 else None)
        axes.set_title(name, fontsize=6, color=GRAY, pad=1)
    return figure


def timeline(found: Any, *, title: str = "") -> Figure:
    """Draw the share of a class over time with its band, and where it changed.

    Parameters
    ----------
    found : Timeline
        What `georgia.timeline` returns.
    title : str
    """
    figure = Chart(figsize=(8.4, 3.2), dpi=120, layout="constrained")
    axes = figure.subplots()
    centres = [window.centre for window in found.windows]
    axes.fill_between(
        centres,
        [window.low for window in found.windows],
        [window.high for window in found.windows],
        color=TRAIN,
        alpha=0.2,
        linewidth=0,
    )
    axes.plot(centres, [window.share for window in found.windows], color=TRAIN)
    if found.changed_at is not None:
        axes.axvline(found.changed_at, color=VALIDATION, linewidth=1.2)
        axes.set_title(
            f"changed before image {found.changed_at + 1}: {found.before:.2f} to {found.after:.2f}",
            fontsize=10,
        )
    elif title:
        axes.set_title(literal(title), fontsize=10)
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlabel(f"images in order of {found.order}")
    axes.set_ylabel(f"share of {literal(found.label)}")
    plain(axes)
    return figure
