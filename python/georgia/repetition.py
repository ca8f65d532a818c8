"""One training with several seeds: how far its score is luck."""

import os
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from georgia import _core, run_folder
from georgia.display import count_of, share
from georgia.evaluating import evaluate
from georgia.evaluation import CAUTION
from georgia.opening import open_dataset
from georgia.run import Run
from georgia.training import train

if TYPE_CHECKING:
    from georgia.dataset import Dataset


@dataclass(frozen=True)
class Repetition:
    """Runs that differ in their seeds alone, and the scores of them all.

    Attributes
    ----------
    runs : tuple of Run
    seeds : tuple of int
    split : str
        That was scored.
    accuracies : tuple of float
    correct, count : int
        Of all runs together.
    images : int
        Different ones among them.
    """

    runs: tuple[Run, ...]
    seeds: tuple[int, ...]
    split: str
    accuracies: tuple[float, ...]
    correct: int
    count: int
    images: int

    @property
    def mean(self) -> float:
        """Mean of the accuracies."""
        return statistics.fmean(self.accuracies)

    @property
    def spread(self) -> float:
        """Standard deviation of the accuracies (n - 1); 0 for one run."""
        return statistics.stdev(self.accuracies) if len(self.accuracies) > 1 else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the pooled share (Wilson), as of so many images as there are.

        An image that several runs were tested on counts once, for it is not independent of itself.
        """
        hits = round(self.correct / self.count * self.images) if self.count else 0
        return _core.wilson_interval(hits, self.images)

    def __str__(self) -> str:
        title = self.runs[0].title
        lines = [title] if title else []
        lines += [
            f"seed {seed}: {accuracy:.4f}"
            for seed, accuracy in zip(self.seeds, self.accuracies, strict=True)
        ]
        low, high = self.interval
        lines += [
            f"{self.split} accuracy of {count_of(len(self.runs), 'run')}"
            f"{CAUTION.get(self.split, '')}: mean {self.mean:.4f}, "
            f"standard deviation {self.spread:.4f}, "
            f"from {min(self.accuracies):.4f} to {max(self.accuracies):.4f}",
            f"all together {share(self.correct, self.count)}, 95 % interval {low:.4f} to "
            f"{high:.4f}, of {count_of(self.images, 'different image')}",
        ]
        return "\n".join(lines)


def repeat(
    data: "str | os.PathLike[str] | Dataset",
    count: int,
    *,
    out: "str | os.PathLike[str] | None" = None,
    seed: int | None = None,
    **keywords: Any,
) -> Repetition:
    """Train and evaluate with several seeds, one after another.

    Each seed decides split, weights, order and augmentation; images that are split already stay
    where they are.

    Parameters
    ----------
    data, keywords
        As for `train`.
    count : int
        Runs.
    out : path, optional
        The folder for the runs' folders, ``seed-42``, ``seed-43``, ...
    seed : int
        The first; by default that of the options, 42.

    Raises
    ------
    InvalidOption, BadInput, IoError, Diverged

    Examples
    --------
    >>> import georgia, tempfile
    >>> folder = georgia.synthetic.write(tempfile.mkdtemp(), per_class=8, size=32)
    >>> quick = dict(network="small_cnn", epochs=1, size=32, progress=False)
    >>> result = georgia.repeat(folder, 2, out=tempfile.mkdtemp(), **quick)
    >>> len(result.accuracies)
    2
    """
    if count < 1:
        message = f"[repeat] count: expected at least 1, got {count}"
        raise _core.InvalidOption(message)
    if isinstance(data, (str, os.PathLike)):
        data = open_dataset(
            data,
            strict=keywords.get("strict", False),
            progress=bool(keywords.get("progress", True)),
        )
    if seed is None:
        options = keywords.get("options") or _core.TrainOptions()
        seed = int((keywords.get("settings") or {}).get("seed", options.seed))
    folder = run_folder.place(out)
    seeds = tuple(range(seed, seed + count))
    runs = tuple(train(data, out=folder / f"seed-{one}", seed=one, **keywords) for one in seeds)
    results = [evaluate(run, report=False, **run.computing) for run in runs]
    seen = {
        prediction.path
        for result in results
        for prediction in result.predictions
        if not prediction.error
    }
    return Repetition(
        runs=runs,
        seeds=seeds,
        split=results[0].split,
        accuracies=tuple(result.accuracy for result in results),
        correct=sum(result.correct for result in results),
        count=sum(result.count for result in results),
        images=len(seen),
    )
