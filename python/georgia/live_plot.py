"""The curves of a training while it runs, in a notebook."""

import time
from typing import Any

import numpy as np

from georgia import _core

_COLUMNS = ("epoch", "train_loss", "validation_loss", "train_accuracy", "validation_accuracy")
_SECONDS = 1.0  # between two drawings, at least


class LivePlot:
    """Draws loss and accuracy after each validation; give it to `train` as `on_epoch`.

    One picture in the cell is drawn anew, at most once a second.

    Raises
    ------
    IoError
        IPython is not installed.

    Examples
    --------
    In a notebook: ``georgia.train("photos/", on_epoch=georgia.LivePlot())``.
    """

    def __init__(self) -> None:
        try:
            from IPython.display import display
        except ImportError:
            message = "[LivePlot] IPython: not installed; expected a notebook"
            raise _core.IoError(message) from None
        self._display: Any = display
        self._begin()

    def _begin(self) -> None:
        self._columns: dict[str, list[float]] = {name: [] for name in _COLUMNS}
        self._handle: Any = None
        self._drawn = -np.inf
        self._is_stale = False

    def __call__(self, record: dict[str, Any]) -> None:
        """Take a validation's record, and draw if it is time."""
        for name, values in self._columns.items():
            values.append(record[name])
        self._is_stale = True
        if time.monotonic() - self._drawn >= _SECONDS:
            self._draw()

    def close(self) -> None:
        """Draw the last validations; the next record begins another plot. `train` calls it."""
        if self._is_stale:
            self._draw()
        self._begin()

    def _draw(self) -> None:
        from georgia import plots

        figure = plots.history({name: np.array(v) for name, v in self._columns.items()})
        if self._handle is None:
            self._handle = self._display(figure, display_id=True)
        else:
            self._handle.update(figure)
        self._drawn = time.monotonic()
        self._is_stale = False
