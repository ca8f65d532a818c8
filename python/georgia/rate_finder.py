"""Learning-rate range test: which rate to train with."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from georgia import _core, preparing, recipes
from georgia.dataset import Dataset
from georgia.progress import ProgressBar
from georgia.request import Request


@dataclass(frozen=True)
class RateCurve:
    """What the loss did while the learning rate rose; `plots.rate_curve` draws it.

    Attributes
    ----------
    rates, losses : ndarray, shape (S,)
        Losses are smoothed over about twenty steps.
    suggestion : float
        The rate at which the loss fell steepest; 0 where it never fell.
    """

    rates: NDArray[np.float64]
    losses: NDArray[np.float64]
    suggestion: float

    def __str__(self) -> str:
        if len(self.rates) == 0:
            return "the loss is not finite from the first step on; try other weights or options"
        span = f"{len(self.rates)} steps from {self.rates[0]:.1e} to {self.rates[-1]:.1e}"
        if self.suggestion == 0:
            return f"{span}: the loss never fell; try other images or a wider range"
        return f"{span}: the loss falls steepest at a learning rate of {self.suggestion:.1e}"


def find_rate(
    data: "str | os.PathLike[str] | Dataset",
    *,
    network: str | None = None,
    weights: "str | os.PathLike[str] | None" = None,
    size: int | None = None,
    batch: int | None = None,
    options: _core.TrainOptions | None = None,
    steps: int = 100,
    low: float = 1e-6,
    high: float = 10.0,
    progress: bool = True,
) -> RateCurve:
    """Train for a few steps while the rate rises, and suggest one (L. N. Smith, WACV 2017).

    It trains the first phase of the options and writes nothing.

    Parameters
    ----------
    data, network, weights, size, batch
        As for `train`.
    options : TrainOptions, optional
        Those of ``TrainOptions()`` where none are given, not what a recipe would choose.
    steps : int
        At most; it ends when the loss is four times its least.
    low, high : float
        The range of rates, evenly covered on a logarithmic scale.
    progress : bool
        Show a bar.

    Raises
    ------
    InvalidOption, BadInput, IoError

    Examples
    --------
    >>> import georgia, tempfile
    >>> folder = georgia.synthetic.write(tempfile.mkdtemp(), per_class=4, size=32)
    >>> curve = georgia.find_rate(folder, network="small_cnn", size=32, steps=20, progress=False)
    >>> len(curve.rates) <= 20
    True
    """
    flat = {"network": network, "weights": None if weights is None else str(weights)}
    request = Request(
        recipe=recipes.Recipe(),
        base=options or _core.TrainOptions(),
        flat=flat,
        in_phases={"size": size, "batch": batch},
    )
    dataset, chosen, start, _ = preparing.prepare(
        data, request, folder=Path(), strict=False, max_refused=0.01, progress=progress
    )
    training = dataset.part("train")
    with ProgressBar(progress) as bar:
        rates, losses, suggestion = _core.find_rate(
            classes=list(dataset.classes),
            train_paths=dataset.paths(training),
            train_labels=dataset.labels(training),
            start=start,
            options=chosen,
            steps=steps,
            low=low,
            high=high,
            on_progress=bar.advance,
        )
    return RateCurve(np.array(rates), np.array(losses), suggestion)
