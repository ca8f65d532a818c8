"""What all charts share: the figure, colours, axes."""

import io

from matplotlib.axes import Axes
from matplotlib.figure import Figure

TRAIN = "#3b6ea8"
VALIDATION = "#c8553d"
INK = "#222222"
GRAY = "#9aa5b1"
PALETTE = ("#3b6ea8", "#c8553d", "#5b8c5a", "#8d6cab", "#d19a3d", "#4aa3a2", "#8a8a8a", "#b05c8a")

# Told apart by people who see red and green alike (M. Okabe, K. Ito, "Color universal design",
# 2008); with a marker for each turn of the palette more than 28 groups have looks of their own.
GROUP_COLOURS = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8c6d31", "#5b5b5b"
)  # fmt: skip
GROUP_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


class Chart(Figure):
    """A Figure that shows itself in a notebook without pyplot's global list of figures."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png")
        return buffer.getvalue()


def literal(text: object) -> str:
    """Text as data: a dollar sign in a class name starts no formula."""
    return str(text).replace("$", r"\$")


def plain(axes: Axes) -> None:
    """Leave lines out that tell nothing, and rule the height lightly."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
