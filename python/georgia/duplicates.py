"""Copies among images: the same pixels, turned or mirrored, or nearly the same."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from georgia import _core
from georgia.sample import Sample

NEAR_BITS = 6
"""Perceptual hashes that differ in at most so many of their 63 bits name one picture.

At 6, one of 6.2 million pairs of different photographs was taken for near (5,200 images of four
sets), while every copy saved again at quality 90, halved, turned or mirrored was found, and 97 % of
those that lost 1 % at each side; see `benchmarks.near_duplicates`.
"""


@dataclass(frozen=True)
class DuplicateGroup:
    """Images that are copies of one another.

    Attributes
    ----------
    kind : str
        The weakest relation inside: ``exact`` (equal pixels), ``rotated`` (equal after turning or
        mirroring) or ``near`` (perceptual hashes almost equal).
    members : tuple of int
        Indices of the samples, rising.
    labels : tuple of str
        The classes they carry.
    """

    kind: str
    members: tuple[int, ...]
    labels: tuple[str, ...]


class Forest:
    """Disjoint sets of 0 to count - 1 (Tarjan's union-find, path halving)."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def root(self, index: int) -> int:
        """Name the set of an index by its smallest member."""
        parents = self._parents
        while parents[index] != index:
            parents[index] = parents[parents[index]]
            index = parents[index]
        return index

    def join(self, left: int, right: int) -> None:
        """Make two sets one."""
        left, right = self.root(left), self.root(right)
        self._parents[max(left, right)] = min(left, right)

    def sets(self) -> list[list[int]]:
        """Every set, members rising, in order of first members."""
        members = defaultdict(list)
        for index in range(len(self._parents)):
            members[self.root(index)].append(index)
        return [members[root] for root in sorted(members)]


def duplicate_groups(samples: Sequence[Sample]) -> list[DuplicateGroup]:
    """Partition the copies among samples; a sample is in at most one group."""
    facts = [sample.facts for sample in samples]
    forest = Forest(len(samples))
    by_pixels: dict[str, list[int]] = defaultdict(list)
    for index, fact in enumerate(facts):
        if fact is not None:
            by_pixels[fact.pixel_hash].append(index)
    for same in by_pixels.values():
        for index in same[1:]:
            forest.join(same[0], index)
    # A picture without structure has no hash to compare: all of them would be one.
    firsts = [i for i, *_ in by_pixels.values() if (fact := facts[i]) and fact.perceptual]
    hashes = [fact.perceptual for i in firsts if (fact := facts[i]) is not None]
    for left, right in _core.near_pairs(hashes, NEAR_BITS, only_joining=True):
        forest.join(firsts[left], firsts[right])
    groups = []
    for members in forest.sets():
        if len(members) < 2:
            continue
        inside = [fact for i in members if (fact := facts[i]) is not None]
        if len({fact.pixel_hash for fact in inside}) > 1:
            kind = "near"
        else:
            kind = "rotated" if len({fact.turn for fact in inside}) > 1 else "exact"
        labels = tuple(sorted({samples[i].label for i in members}))
        groups.append(DuplicateGroup(kind, tuple(members), labels))
    return groups
