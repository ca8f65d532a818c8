"""Which images stay together: copies, and those a table or a pattern gives one name."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from georgia import _core
from georgia.display import printable
from georgia.duplicates import DuplicateGroup, Forest, duplicate_groups
from georgia.sample import Sample
from georgia.tables import read_csv

if TYPE_CHECKING:
    from georgia.dataset import Dataset


_OF_COPIES = "copies-"
# Names that we made; they never rank, so that a split can be repeated.
_MADE = (_OF_COPIES, "similar-")


@dataclass(frozen=True)
class Group:
    """Samples that go to one split together.

    Attributes
    ----------
    content : str
        What names it, whoever its members are.
    members : tuple of int
        Indices of the samples.
    name : str
        For a manifest: the name it was given, or one made of its content.
    """

    content: str
    members: tuple[int, ...]
    name: str = ""

    @property
    def is_named(self) -> bool:
        """Whether somebody gave it its name; copies alone make none."""
        return bool(self.name) and not self.name.startswith(_MADE)


def groups_of(dataset: "Dataset", rule: str, model: "Any | None" = None) -> list[Group]:
    """Groups of a data set's samples by a rule; see `Dataset.split`."""
    if (rule == "similar") != (model is not None):
        message = "[split] groups: similar asks for a model, and a model for similar"
        raise _core.InvalidOption(message)
    samples = dataset.samples
    if rule == "none":  # by path, for copies have equal contents
        return [Group(sample.path, (i,)) for i, sample in enumerate(samples)]
    contents = [s.facts.pixel_hash if s.facts else s.sha256 or s.path for s in samples]
    carried = [carried_by(sample) for sample in samples]
    named = [] if rule == "duplicates" else [_names_by(dataset, rule, model)]
    return make_groups(samples, [*named, carried], duplicate_groups(samples), contents)


def _names_by(dataset: "Dataset", rule: str, model: Any) -> list[str]:
    """Name of each sample's group; empty where it stands alone."""
    if rule != "similar":
        return names_of(dataset.samples, rule, dataset.root)
    from georgia.similar import similar_names  # a model knows of data sets, they of groups

    return similar_names(dataset, model)


def carried_by(sample: Sample) -> str:
    """Group that a sample was listed with; names that an earlier split made do not count."""
    return "" if sample.group.startswith(_MADE) else sample.group


def names_of(samples: Sequence[Sample], groups: str, root: Path) -> list[str]:
    """Name the group of each sample; empty where it stands alone.

    `groups` is ``FILE.csv:COLUMN`` for a table's column, or a regular expression searched in the
    path: its first group, or the whole match, is the name.
    """
    table, _, column = groups.rpartition(":")
    if table.lower().endswith(".csv"):
        return _names_in_table(samples, Path(table), column, root)
    try:
        search = re.compile(groups)
    except re.error as error:
        message = (
            f"[split] groups: expected duplicates, none, similar, FILE.csv:COLUMN or a regular "
            f"expression; got {printable(groups)} ({error})"
        )
        raise _core.InvalidOption(message) from None
    found = [search.search(sample.path) for sample in samples]
    names = [(match[1 if search.groups else 0] or "") if match else "" for match in found]
    if not any(names):
        message = f"[split] groups: no path has a match of {printable(groups)}"
        raise _core.InvalidOption(message)
    return names


def make_groups(
    samples: Sequence[Sample],
    names: Sequence[Sequence[str]],
    duplicates: Sequence[DuplicateGroup],
    contents: Sequence[str],
) -> list[Group]:
    """Join samples of one name, by each list of names, and copies; the rest stand alone."""
    forest = Forest(len(samples))
    for listed in names:
        firsts: dict[str, int] = {}
        for index, name in enumerate(listed):
            if name:
                forest.join(firsts.setdefault(name, index), index)
    for group in duplicates:
        for index in group.members[1:]:
            forest.join(group.members[0], index)
    made = []
    for members in forest.sets():
        named = [sorted({listed[i] for i in members if listed[i]}) for listed in names]
        found = [name for listed in named for name in listed]
        content = found[0] if found else min(contents[i] for i in members)
        name = found[0] if found else f"{_OF_COPIES}{content[:12]}"
        made.append(Group(content, tuple(members), name))
    return made


def _names_in_table(samples: Sequence[Sample], table: Path, column: str, root: Path) -> list[str]:
    """Look the samples up by path, or by file name where that is unique, in a table's column."""
    if not table.is_file() and (root / table).is_file():
        table = root / table
    rows = read_csv(table)
    if rows and column not in rows[0]:
        message = (
            f"[split] {printable(table)}: no column {printable(column)}; "
            f"got {printable(', '.join(rows[0]))}"
        )
        raise _core.BadInput(message)
    by_cell: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for cell in (value for name, value in row.items() if name != column):
            by_cell[cell].add(row[column])
            by_cell[Path(cell).name].add(row[column])
    names = []
    for sample in samples:
        found = by_cell.get(sample.path) or by_cell.get(Path(sample.path).name) or set()
        if len(found) != 1:
            wrong = "has several groups" if found else "has no row"
            message = f"[split] {printable(table)}: {printable(sample.path)} {wrong} in it"
            raise _core.BadInput(message)
        names.append(next(iter(found)))
    return names
