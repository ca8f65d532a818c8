"""Pictures in a grid."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from georgia.plots.chart import INK, VALIDATION, Chart, literal


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
                literal(titles[i]), fontsize=8, color=VALIDATION if is_highlighted else INK
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
        name = literal("/".join(path.split("/")[-2:]))
        axes.text(0, -0.04, name, transform=axes.transAxes, fontsize=6, va="top")
    return figure
