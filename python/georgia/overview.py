"""A data set in a few lines of text."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from georgia.display import count_of, printable
from georgia.listing import SPLITS
from georgia.sample import Sample

if TYPE_CHECKING:
    from georgia.dataset import Dataset


def summary(dataset: "Dataset") -> str:
    """Counts per class and split, and what was left out or converted."""
    counts = Counter((sample.label, sample.split) for sample in dataset.samples)
    splits = [name for name in (*SPLITS, "") if any(s.split == name for s in dataset.samples)]
    lines = [
        f"{count_of(len(dataset.samples), 'image')} in "
        f"{count_of(len(dataset.classes), 'class')}: {printable(dataset.root)}"
    ]
    for label in dataset.classes:
        cells = [f"{counts[label, name]:>6} {name or 'unsplit'}" for name in splits]
        lines.append(f"  {printable(label):<20}" + "".join(cells))
    for words, count in conversions(dataset.samples, dataset.depth).items():
        lines.append(f"  {count_of(count, 'image')} {words}")
    lines += [f"  {note}" for note in dataset.notes]
    if dataset.refused:
        lines.append(f"  could not be read, left out: {count_of(len(dataset.refused), 'file')}")
        lines += [f"    {printable(refused.reason)}" for refused in dataset.refused[:5]]
        lines += ["    ..."] if len(dataset.refused) > 5 else []
    if dataset.ignored:
        shown = ", ".join(printable(path.name) for path in dataset.ignored[:5])
        more = ", ..." if len(dataset.ignored) > 5 else ""
        lines.append(f"  left alone: {count_of(len(dataset.ignored), 'file')} ({shown}{more})")
    return "\n".join(lines)


def conversions(samples: Sequence[Sample], depth: tuple[int, int]) -> dict[str, int]:
    """Count what reading changed, in words."""
    facts = [sample.facts for sample in samples if sample.facts is not None]
    counts = {
        f"of 16 bits, {depth[0]} to {depth[1]} scaled to 0 to 255": sum(
            1 for fact in facts if fact.bits == 16
        ),
        "in CMYK, turned to RGB": sum(1 for fact in facts if fact.is_cmyk),
        "set upright by their EXIF orientation": sum(1 for f in facts if f.orientation != 1),
    }
    return {words: count for words, count in counts.items() if count}
