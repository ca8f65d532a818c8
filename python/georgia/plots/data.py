"""Charts of a data set."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from georgia.plots.chart import INK, PALETTE, TRAIN, VALIDATION, Chart, literal


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
    axes.barh(places, counts, color=TRAIN, label="different pictures")
    copies = [spare[name] for name in names]
    if any(copies):
        starts = [count - copy for count, copy in zip(counts, copies, strict=True)]
        axes.barh(
            places,
            copies,
            left=starts,
            color="white",
            edgecolor=TRAIN,
            hatch="////",
            label="further copies",
        )
        axes.legend(frameon=False, fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.12))
    axes.set_yticks(places, [literal(name) for name in names])
    axes.invert_yaxis()
    axes.set_title("images", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_sizes(axes: Axes, classes: Mapping[str, Any]) -> None:
    """Width and height; the area of a ring is its number of images, later classes drawn wider."""
    for i, (name, facts) in enumerate(classes.items()):
        colour = PALETTE[i % len(PALETTE)]
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
        axes.plot([], [], "o", mfc="none", mec=colour, mew=1.5, label=literal(name))
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
        colour = VALIDATION if shortcut["fires"] else "#9aa5b1"
        axes.plot([low, high], [place, place], color=colour, linewidth=2)
        axes.plot(shortcut["accuracy"], place, "o", color=colour)
        if shortcut["control"]:
            axes.plot(shortcut["control"], place, "|", color=INK, ms=12)
            axes.text(shortcut["control"], place - 0.3, "control", ha="center", fontsize=7)
    if len(places):
        guessing = shortcuts[0]["majority"]
        axes.plot([guessing, guessing], [-0.5, len(places) - 0.5], "--", color=INK, linewidth=1)
        axes.text(guessing, -0.7, "guessing", ha="center", va="center", fontsize=8)
    axes.set_yticks(places, [literal(shortcut["name"]) for shortcut in shortcuts])
    axes.set_ylim(len(places) - 0.5, -0.9)
    axes.set_xlim(0, 1)
    axes.set_title("class told by the file alone (accuracy)", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
