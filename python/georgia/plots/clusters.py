"""Points of embeddings in two or three coordinates, by cluster or class."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from numpy.typing import ArrayLike, NDArray

from georgia.plots.chart import GROUP_COLOURS, GROUP_MARKERS, INK, Chart, literal

_THUMBNAILS = 120  # more would hide each other
_ZOOM = 34  # of a thumbnail, points


def clusters(
    points: ArrayLike | Any,
    color: ArrayLike,
    *,
    labels: Sequence[str] | None = None,
    ratios: Sequence[float] | None = None,
    dots: bool = True,
    thumbnails: Sequence[NDArray[np.uint8]] | None = None,
    centroids: bool = True,
    every: int = 1,
) -> Figure:
    """Draw points in their first two or three coordinates.

    Parameters
    ----------
    points : Projection, or array_like, shape (N, 2) or (N, 3)
        What `georgia.pca` or `georgia.umap` returns (of more than three coordinates the first two
        are drawn), or any coordinates.
    color : array_like, shape (N,)
        Cluster numbers, or names of classes.
    labels : sequence of str, optional
        Names of the clusters, by number.
    ratios : sequence of float, optional
        Share of the variance along each axis, for its name; a Projection's own if not given.
    dots : bool
        Draw a marker for each point.
    thumbnails : sequence of ndarray, (H, W) or (H, W, C), uint8, optional
        An image for each point, of which 120, spread evenly over them, are drawn (in 2-D).
    centroids : bool
        Mark the middle of each group.
    every : int
        Draw one point of so many; middles are those of all.

    Returns
    -------
    matplotlib.figure.Figure
    """
    places = np.asarray(points, float)
    if places.ndim != 2 or places.shape[1] < 2 or len(np.asarray(color)) != len(places):
        message = f"points: expected shape (N, 2) or more and N colours, got {places.shape}"
        raise ValueError(message)
    groups, names = _groups(np.asarray(color), labels)
    places = places if places.shape[1] == 3 else places[:, :2]
    is_deep = places.shape[1] == 3
    figure = Chart(figsize=(7.6, 6), dpi=120, layout="constrained")
    axes: Any = figure.add_subplot(projection="3d" if is_deep else None)
    if not is_deep:
        axes.spines[["top", "right"]].set_visible(False)
    drawn = np.arange(0, len(places), max(every, 1))
    for group, name in enumerate(names):
        own = places[groups == group][:, :3]
        colour = GROUP_COLOURS[group % len(GROUP_COLOURS)]
        marker = GROUP_MARKERS[group // len(GROUP_COLOURS) % len(GROUP_MARKERS)]
        some = drawn[groups[drawn] == group]
        if dots:
            look = {"s": 16, "c": colour, "marker": marker, "linewidths": 0, "alpha": 0.75}
            axes.scatter(*places[some, :3].T, **look)
        axes.plot(*[[]] * own.shape[1], marker, color=colour, label=f"{name} ({len(own)})")
        if centroids and len(own):
            middle = own.mean(0)[:, None]
            axes.scatter(
                *middle, s=150, c=colour, marker=marker, edgecolors=INK, linewidths=1.4, zorder=5
            )
    if thumbnails is not None and not is_deep:
        _draw_thumbnails(axes, places, groups, thumbnails, drawn)
    named = points.axis_names() if hasattr(points, "axis_names") and ratios is None else []
    _name_axes(axes, places.shape[1], named or _axis_names(ratios or (), places.shape[1]))
    columns = 1 + len(names) // 24
    axes.legend(
        frameon=False, fontsize=8, ncols=columns, loc="center left", bbox_to_anchor=(1, 0.5)
    )
    return figure


def _groups(
    color: NDArray[Any], labels: Sequence[str] | None
) -> tuple[NDArray[np.int64], list[str]]:
    """Number of each point's group, and the groups' names."""
    if np.issubdtype(color.dtype, np.integer):
        count = max(int(color.max(initial=-1)) + 1, len(labels or ()))
        names = list(labels or ()) + [f"cluster {k}" for k in range(len(labels or ()), count)]
        return color.astype(np.int64), [literal(name) for name in names]
    found, groups = np.unique(color.astype(str), return_inverse=True)
    return groups.astype(np.int64), [literal(name) for name in found]


def _draw_thumbnails(
    axes: Any,
    places: NDArray[Any],
    groups: NDArray[np.int64],
    thumbnails: Sequence[NDArray[np.uint8]],
    drawn: NDArray[np.int64],
) -> None:
    step = max(1, -(-len(drawn) // _THUMBNAILS))
    for i in drawn[::step]:
        image = thumbnails[i]
        coloured = image if image.ndim == 3 else np.repeat(image[:, :, None], 3, axis=2)
        picture = OffsetImage(coloured, zoom=_ZOOM / max(image.shape[:2]))
        frame = {"edgecolor": GROUP_COLOURS[groups[i] % len(GROUP_COLOURS)], "linewidth": 1.5}
        axes.add_artist(AnnotationBbox(picture, tuple(places[i, :2]), pad=0.1, bboxprops=frame))
    axes.update_datalim(places[:, :2])
    axes.autoscale_view()


def _axis_names(ratios: Sequence[float], count: int) -> list[str]:
    if not ratios:
        return [f"axis {k + 1}" for k in range(count)]
    return [f"component {k + 1} ({ratio:.1%})" for k, ratio in enumerate(ratios)]


def _name_axes(axes: Any, count: int, names: Sequence[str]) -> None:
    setters = (axes.set_xlabel, axes.set_ylabel, getattr(axes, "set_zlabel", None))
    for set_label, name in zip(setters[:count], names, strict=False):
        if set_label is not None:
            set_label(name)
