"""timeline(): the share of a class over time, and an alarm when it changes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from georgia import _core
from georgia.display import count_of, printable
from georgia.natural_order import natural_path_key
from georgia.predictions import Predictions

_ORDERS = ("name", "EXIF", "mtime")
_ALARM = 0.01
_LEAST = 10  # images that a change can be told from


@dataclass(frozen=True)
class Window:
    """Some images that follow one another.

    Attributes
    ----------
    centre : float
        Its place among the images, 0 for the first.
    hits, count : int
    share, low, high : float
        Of the class, with the 95 % interval (Wilson).
    """

    centre: float
    hits: int
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Timeline:
    """The share of a class in windows of images, in order of time.

    Attributes
    ----------
    label, order : str
    paths : list of str
        In that order; images that could not be read are left out.
    windows : list of Window
    changed_at : int or None
        The image before which the share changed, where that is no chance (p < 0.01).
    before, after : float
        Shares on both sides of the likeliest change.
    p_value : float
        By drawing the order again; 1 where there are too few images.
    """

    label: str
    order: str
    paths: list[str]
    windows: list[Window]
    changed_at: int | None
    before: float
    after: float
    p_value: float

    def __str__(self) -> str:
        lines = [
            f"{printable(self.label)} in {count_of(len(self.paths), 'image')} in order of "
            f"{self.order}",
            *(
                f"  {window.centre + 1:8.1f}  {window.share:.3f}  {window.low:.3f} to "
                f"{window.high:.3f}  ({window.hits}/{window.count})"
                for window in self.windows
            ),
        ]
        if self.changed_at is None:
            lines.append(f"no change that is more than chance (p = {self.p_value:.3f})")
        else:
            lines.append(
                f"ALARM: before {printable(self.paths[self.changed_at])} "
                f"(image {self.changed_at + 1}) the share was {self.before:.3f}, from there on "
                f"{self.after:.3f} (p = {self.p_value:.3f})"
            )
        return "\n".join(lines)


def timeline(
    predictions: Predictions, label: str, *, order: str = "name", windows: int = 20
) -> Timeline:
    """Follow the share of a class through images in order of time.

    Parameters
    ----------
    predictions : Predictions
        Of files.
    label : str
        The class: of an impurity, say.
    order : str
        ``name`` (numbers in names count as numbers), ``EXIF`` (when it was taken, else last
        changed, by the camera's clock) or ``mtime`` (when the file was changed).
    windows : int
        How many to cut the images into; each has 5 images at least.

    Returns
    -------
    Timeline
        `georgia.plots.timeline` draws it.

    Raises
    ------
    InvalidOption
        There is no such class or order.
    BadInput
        An image has no time, or none could be read.

    References
    ----------
    The likeliest change of a binomial share: D. V. Hinkley, E. A. Hinkley, Biometrika 57, 1970; its
    p-value by permutations.
    """
    if label not in predictions.classes:
        known = ", ".join(map(printable, predictions.classes))
        message = f"[timeline] label: expected one of {known}, got {printable(label)}"
        raise _core.InvalidOption(message)
    if order not in _ORDERS or windows < 1:
        message = (
            f"[timeline] order, windows: expected one of {', '.join(_ORDERS)} and at least 1, got "
            f"{printable(order)} and {windows}"
        )
        raise _core.InvalidOption(message)
    readable = [i for i, error in enumerate(predictions.errors) if not error]
    if not readable:
        message = "[timeline] predictions: no image could be read"
        raise _core.BadInput(message)
    paths = [predictions.paths[i] for i in readable]
    places = _sorted_places(paths, order)
    hits = np.array([predictions[readable[i]].label == label for i in places], bool)
    found: dict[str, Any] = (
        _core.change_point(hits)
        if len(hits) >= _LEAST
        else {"place": 0, "before": hits.mean(), "after": hits.mean(), "p_value": 1.0}
    )
    return Timeline(
        label=label,
        order=order,
        paths=[paths[i] for i in places],
        windows=_windows(hits, min(windows, max(1, len(hits) // 5))),
        changed_at=found["place"] if found["p_value"] < _ALARM else None,
        before=found["before"],
        after=found["after"],
        p_value=found["p_value"],
    )


def _windows(hits: "np.ndarray[tuple[int], np.dtype[np.bool_]]", count: int) -> list[Window]:
    windows = []
    for part in np.array_split(np.arange(len(hits)), count):
        found, size = int(hits[part].sum()), len(part)
        low, high = _core.wilson_interval(found, size)
        windows.append(Window(float(part.mean()), found, size, found / size, low, high))
    return windows


def _sorted_places(paths: list[str], order: str) -> list[int]:
    if order == "name":
        return sorted(range(len(paths)), key=lambda i: natural_path_key(Path(paths[i])))
    if order == "mtime":
        try:
            times = [Path(path).stat().st_mtime_ns for path in paths]
        except OSError as error:
            message = f"[timeline] {printable(error.filename)}: {error.strerror}"
            raise _core.IoError(message) from None
        return sorted(range(len(paths)), key=lambda i: (times[i], natural_path_key(Path(paths[i]))))
    facts = _core.inspect_files(
        paths, _core.Preprocess(), _core.DecodeLimits(), False, 0, lambda *_: None
    )
    for path, fact in zip(paths, facts, strict=True):
        if not fact.taken:
            message = f"[timeline] {printable(path)}: no EXIF time; expected one, or another order"
            raise _core.BadInput(message)
    return sorted(
        range(len(paths)), key=lambda i: (facts[i].taken, natural_path_key(Path(paths[i])))
    )
