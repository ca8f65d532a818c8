"""Images that judge a model and have a copy, or a group, where it learned."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from georgia.duplicates import DuplicateGroup
from georgia.grouping import carried_by
from georgia.natural_order import natural_order
from georgia.sample import Sample


@dataclass(frozen=True)
class Leak:
    """Images of one split that have a copy in a split that shaped the model.

    For the test and calibration splits these are training and validation (which chooses the epoch),
    for the validation split it is training.
    """

    split: str
    count: int
    total: int


def find_leaks(samples: Sequence[Sample], groups: Sequence[DuplicateGroup]) -> list[Leak]:
    """For each split but training, how many of its images have a copy where the model learned."""
    totals = Counter(sample.split for sample in samples)
    return [
        Leak(name, len(leaking(samples, groups, name)), totals[name])
        for name in ("validation", "test", "calibration")
        if totals[name] and totals["train"]
    ]


def leaking(samples: Sequence[Sample], groups: Sequence[DuplicateGroup], split: str) -> list[int]:
    """Indices of a split's images that have a copy where the model learned."""
    learned = {"train"} if split == "validation" else {"train", "validation"}
    found = []
    for group in groups:
        if any(samples[i].split in learned for i in group.members):
            found += [i for i in group.members if samples[i].split == split]
    return found


def divided_groups(samples: Sequence[Sample]) -> list[str]:
    """Names of groups with images both where a model learns and where it is judged."""
    splits: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        if name := carried_by(sample):
            splits[name].add("learned" if sample.split in {"train", "validation"} else sample.split)
    return natural_order(
        name for name, found in splits.items() if "learned" in found and found - {"learned", ""}
    )
