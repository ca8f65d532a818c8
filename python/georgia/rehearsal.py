"""A rehearsal: a tenth of the images through everything that the whole training will do."""

from collections import defaultdict
from dataclasses import replace

from georgia.dataset import Dataset
from georgia.sample import Sample

MARK = "REHEARSAL"
ONE_IN = 10  # one image in so many
_LEAST = 2  # of a class in a split, where there are as many


def tenth_of(dataset: Dataset) -> Dataset:
    """Keep a tenth of each class in each split, evenly spread over the names."""
    parts: defaultdict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in dataset.samples:
        parts[sample.split, sample.label].append(sample)
    kept: set[str] = set()
    for samples in parts.values():
        count = min(len(samples), max(_LEAST, round(len(samples) / ONE_IN)))
        kept |= {samples[i * len(samples) // count].path for i in range(count)}
    return replace(dataset, samples=tuple(s for s in dataset.samples if s.path in kept))
