"""compare(): two models on the same images, and whether one is really better."""

import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from georgia import _core
from georgia.display import count_of, printable, share
from georgia.evaluation import CAUTION
from georgia.loading import load
from georgia.predictions import Predictions
from georgia.reliability import group_numbers
from georgia.run import Run
from georgia.sample import Sample


@dataclass(frozen=True)
class Comparison:
    """Two models' answers for the same labelled images.

    Attributes
    ----------
    names : (str, str)
    split : str
        Of the first run, that the images come from.
    both, only_first, only_second, neither : int
        Images that both have right, one alone, or none.
    p_value : float
        McNemar's test, exact for any number, as if images were independent: how probable so uneven
        a share of what one alone has right would be, if both were as good.
    groups : int
        Different groups among the images; where they are fewer, the difference is less sure.
    left_out : int
        Images that the second model was trained on or chosen by, or that could not be read.
    paths_only_first, paths_only_second : list of str
        Images that one alone has right.
    """

    names: tuple[str, str]
    split: str
    both: int
    only_first: int
    only_second: int
    neither: int
    p_value: float
    groups: int
    left_out: int = 0
    paths_only_first: list[str] = field(default_factory=list, repr=False)
    paths_only_second: list[str] = field(default_factory=list, repr=False)

    @property
    def count(self) -> int:
        """Images compared."""
        return self.both + self.only_first + self.only_second + self.neither

    def __str__(self) -> str:
        one, two = self.names
        lines = [
            f"{count_of(self.count, 'image')} of the {self.split} split of the first"
            f"{CAUTION.get(self.split, '')}",
            f"  {printable(one)}: {share(self.both + self.only_first, self.count)}",
            f"  {printable(two)}: {share(self.both + self.only_second, self.count)}",
            f"right by the first alone {self.only_first}, by the second alone {self.only_second}, "
            f"by both {self.both}, by none {self.neither}",
            f"McNemar's exact test: p = {self.p_value:.4g}"
            + ("" if self.p_value < 0.05 else "; so small a difference may be chance"),
        ]
        if self.groups < self.count:
            lines.append(
                f"these are {count_of(self.groups, 'group')}; the test takes images as independent "
                "and is too sure"
            )
        if self.left_out:
            lines.append(
                f"left out: {count_of(self.left_out, 'image')} that the second was trained on or "
                "chosen by, or that could not be read"
            )
        return "\n".join(lines)


def compare(
    first: "str | os.PathLike[str] | Run",
    second: "str | os.PathLike[str] | Run",
    *,
    split: str | None = None,
    **computing: Any,
) -> Comparison:
    """Compare two runs' models on the same images.

    Parameters
    ----------
    first, second : path or Run
    split : str, optional
        Of the first run: test where there is one, else validation. What the second run trained on
        or chose its epoch by is left out, by the files' hashes.
    computing
        ``batch``, ``threads``, ``device``, ``precision``, ``progress`` as in `Model.predict`.

    Raises
    ------
    BadInput
        The classes differ, or no image is left.
    """
    one = first if isinstance(first, Run) else Run(first)
    two = second if isinstance(second, Run) else Run(second)
    dataset = one.dataset
    if set(dataset.classes) != set(two.dataset.classes):
        message = (
            f"[compare] classes: expected those of the first, "
            f"{', '.join(map(printable, dataset.classes))}; got "
            f"{', '.join(map(printable, two.dataset.classes))}"
        )
        raise _core.BadInput(message)
    if split is None:
        split = "test" if dataset.part("test") else "validation"
    learned = {
        sample.sha256 for part in ("train", "validation") for sample in two.dataset.part(part)
    }
    samples = [sample for sample in dataset.part(split) if sample.sha256 not in learned]
    if not samples:
        message = f"[compare] {split} split: no image that the second did not learn from"
        raise _core.BadInput(message)
    paths = dataset.paths(samples)
    answers = [
        load(run).predict(paths, limits=run.options.limits, **computing) for run in (one, two)
    ]
    readable = answers[0].is_readable & answers[1].is_readable
    if not readable.any():
        message = f"[compare] {split} split: no image could be read"
        raise _core.BadInput(message)
    right = [np.array(_is_right(samples, answer)) for answer in answers]
    found = _core.compare(right[0][readable], right[1][readable])
    alone = [
        [paths[i] for i in np.flatnonzero(readable & mine & ~theirs)]
        for mine, theirs in (right, right[::-1])
    ]
    return Comparison(
        names=_names(one, two),
        split=split,
        left_out=len(dataset.part(split)) - int(readable.sum()),
        paths_only_first=alone[0],
        paths_only_second=alone[1],
        both=found["both"],
        only_first=found["first"],
        only_second=found["second"],
        neither=found["neither"],
        p_value=found["p_value"],
        groups=len(set(np.array(group_numbers(samples))[readable].tolist())),
    )


def _is_right(samples: list[Sample], answers: Predictions) -> list[bool]:
    return [p.label == sample.label for p, sample in zip(answers, samples, strict=True)]


def _names(one: Run, two: Run) -> tuple[str, str]:
    """What they were called, or their folders; told apart where these are equal."""
    names = [run.name or run.folder.name for run in (one, two)]
    if Counter(names)[names[0]] == 2:
        names = [str(one.folder), str(two.folder)]
    return names[0], names[1]
