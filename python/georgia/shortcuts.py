"""Shortcut baselines: how well the label follows from facts of a file, its picture unseen."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from georgia import _core
from georgia.duplicates import DuplicateGroup
from georgia.natural_order import natural_key
from georgia.sample import Sample

_FOLDS = 5
_NEIGHBOURS = 5
_MOST_SAMPLES = 5000


@dataclass(frozen=True)
class Shortcut:
    """A cross-validated score from facts that a network should not need.

    Attributes
    ----------
    name : str
    accuracy : float
        Share of images whose label the 5 nearest neighbours in other folds vote for.
    interval : (float, float)
        Its 95 % interval (Wilson); too narrow where many images are copies, for it counts files.
    majority : float
        Share of the commonest class: what guessing reaches.
    control : float
        What the subject itself explains of such facts: for border strips the upper end of the
        interval of strips further in, otherwise 0.
    told : tuple of str
        Classes that the facts tell with precision and recall of at least 0.9.
    images : int
        Images scored.
    """

    name: str
    accuracy: float
    interval: tuple[float, float]
    majority: float
    control: float
    told: tuple[str, ...]
    images: int

    @property
    def fires(self) -> bool:
        """True when the facts tell more than guessing, and than their control, does."""
        return self.interval[0] > max(self.majority, self.control)

    @property
    def may_be_content(self) -> bool:
        """True for facts that the subject itself has a share in."""
        return self.name in {"bytes per pixel", "brightness"}

    @property
    def gain(self) -> float:
        """Share of what guessing leaves open that the facts tell, 1 at most."""
        return (self.accuracy - self.majority) / (1 - self.majority) if self.majority < 1 else 0.0


def _size(facts: _core.FileFacts) -> list[float]:
    return [facts.width, facts.height]


def _kind(facts: _core.FileFacts) -> list[float]:
    return [facts.channels, facts.bits]


def _density(facts: _core.FileFacts) -> list[float]:
    return [facts.bytes / (facts.width * facts.height)]


def _brightness(facts: _core.FileFacts) -> list[float]:
    return [facts.mean]


def _edges(facts: _core.FileFacts) -> list[float]:
    return list(facts.edges)


def _middles(facts: _core.FileFacts) -> list[float]:
    return list(facts.middles)


_FACTS: dict[str, Callable[[_core.FileFacts], list[float]]] = {
    "image size": _size,
    "channels and depth": _kind,
    "bytes per pixel": _density,
    "brightness": _brightness,
    "border strips": _edges,
}


def measure_shortcuts(
    samples: Sequence[Sample], groups: Sequence[DuplicateGroup]
) -> list[Shortcut]:
    """Score every shortcut; of more than 5,000 images, on 5,000 drawn at random.

    Each fact, standardised, votes by 5 nearest neighbours over 5 folds in which copies of one
    picture stay together.
    """
    chosen = _drawn(len(samples))
    owner = list(range(len(samples)))
    for group in groups:
        for i in group.members:
            owner[i] = group.members[0]
    labels = sorted({sample.label for sample in samples})
    truth = [labels.index(samples[i].label) for i in chosen]
    folds = _folds([owner[i] for i in chosen], truth)
    facts = [fact for i in chosen if (fact := samples[i].facts) is not None]
    majority = max(Counter(truth).values()) / len(truth)

    def score(rows: list[list[float]]) -> dict[str, Any]:
        table = np.array(rows, np.float64)
        voted = _core.cross_validated_neighbours(table, truth, folds, len(labels), _NEIGHBOURS)
        scores: dict[str, Any] = _core.score(truth, voted, len(labels))
        return scores

    columns = {name: [measure(fact) for fact in facts] for name, measure in _FACTS.items()}
    columns["place in the listing"] = _places([samples[i] for i in chosen])
    result = []
    for name, rows in columns.items():
        scores = score(rows)
        control = 0.0
        if name == "border strips":
            control = score([_middles(fact) for fact in facts])["accuracy_interval"][1]
        told = tuple(
            label
            for label, per_class in zip(labels, scores["classes"], strict=True)
            if min(per_class["recall"], per_class["precision"]) >= 0.9
        )
        accuracy, interval = scores["accuracy"], scores["accuracy_interval"]
        result.append(Shortcut(name, accuracy, interval, majority, control, told, len(truth)))
    return result


def _drawn(count: int) -> list[int]:
    if count <= _MOST_SAMPLES:
        return list(range(count))
    return sorted(_core.shuffled(count, 0, 0)[:_MOST_SAMPLES])


def _folds(owners: Sequence[int], truth: Sequence[int]) -> list[int]:
    """Deal pictures out to folds, class by class, copies together."""
    pictures: dict[int, list[int]] = defaultdict(list)
    for owner, label in dict(zip(owners, truth, strict=True)).items():
        pictures[label].append(owner)
    fold_of = {}
    for label, members in pictures.items():
        for rank, place in enumerate(_core.shuffled(len(members), 0, label + 1)):
            fold_of[members[place]] = rank % _FOLDS
    return [fold_of[owner] for owner in owners]


def _places(samples: Sequence[Sample]) -> list[list[float]]:
    """Ranks in a natural sort of the file names, from which the class's own name is struck."""

    def key(sample: Sample) -> list[tuple[int, int, str]]:
        stem = PurePosixPath(sample.path).stem.casefold()
        return natural_key(stem.replace(sample.label.casefold(), ""))

    keys = [key(sample) for sample in samples]
    ranks: dict[str, float] = {}
    for rank, text in enumerate(sorted(keys)):
        ranks.setdefault(repr(text), float(rank))
    return [[ranks[repr(text)]] for text in keys]
