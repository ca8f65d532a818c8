"""Which split an image goes to: by groups that stay together, stably, in the shares asked for."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from georgia import _core
from georgia.display import count_of, printable
from georgia.grouping import Group, carried_by, groups_of
from georgia.natural_order import natural_order
from georgia.sample import Sample

if TYPE_CHECKING:
    from georgia.dataset import Dataset

# Note [Stable splits]: within a class, groups are ranked by the hash of (seed, content) and cut at
# whole ranks. The k-th cut of G groups stands at round(G * (share 1 + ... + share k)). So every
# split gets its share of groups to within one; one new group moves at most one other across each
# cut, because a cut moves by at most one rank; and a file that joins a group follows it. The rank
# is that of the group's name or pixels, so that a joining file leaves it alone; only a near copy
# whose own hash comes first may carry its group along.
# Shares rounded one by one to their largest remainders would not do: with one group more a cut may
# then move backwards (the Alabama paradox), and two groups cross it.


def split(
    dataset: "Dataset",
    shares: Mapping[str, float],
    *,
    seed: int,
    groups: str,
    mode: str,
    model: Any = None,
) -> "Dataset":
    """Give every sample a split; see `Dataset.split`."""
    wanted = check_shares(shares)
    if mode == "contiguous":
        if groups != "duplicates" or model is not None:
            message = f"[split] groups: the contiguous mode knows none; got {printable(groups)}"
            raise _core.InvalidOption(message)
        return _with_splits(dataset, contiguous(dataset.samples, wanted, dataset.root))
    if mode != "grouped":
        message = f"[split] mode: expected grouped or contiguous, got {printable(mode)}"
        raise _core.InvalidOption(message)
    if groups != "none":
        dataset = dataset.inspected()
    made = groups_of(dataset, groups, model)
    chosen = assign(dataset.samples, made, wanted, seed=seed, root=dataset.root)
    notes = describe(dataset.samples, made, chosen, wanted)
    return _with_splits(dataset, chosen, made, notes)


def folds(dataset: "Dataset", count: int, *, seed: int, groups: str) -> "list[Dataset]":
    """One data set per fold; see `Dataset.folds`."""
    if count < 3:
        message = f"[folds] count: expected at least 3, got {count}"
        raise _core.InvalidOption(message)
    if groups != "none":
        dataset = dataset.inspected()
    made = groups_of(dataset, groups)
    shares = {str(k): 1 / count for k in range(count)}
    chosen = assign(dataset.samples, made, shares, seed=seed, root=dataset.root)
    result = []
    for k in range(count):
        roles = {str(k): "test", str((k + 1) % count): "validation"}
        result.append(_with_splits(dataset, [roles.get(c, "train") for c in chosen], made))
    return result


def leave_one_out(dataset: "Dataset", *, groups: str) -> "list[Dataset]":
    """One data set per named group, which is its test split; the next group is its validation."""
    dataset = dataset.inspected()
    made = groups_of(dataset, groups)
    by_name: dict[str, list[int]] = defaultdict(list)
    for group in made:
        if group.is_named:
            by_name[group.name] += group.members
    alone = sum(len(group.members) for group in made if not group.is_named)
    if alone or len(by_name) < 3:
        message = (
            "[folds] groups: expected every image in one of at least 3 named groups; got "
            f"{count_of(len(by_name), 'group')} and {count_of(alone, 'image')} in none"
        )
        raise _core.InvalidOption(message)
    names = natural_order(by_name)
    result = []
    for k, name in enumerate(names):
        chosen = ["train"] * len(dataset.samples)
        for i in by_name[name]:
            chosen[i] = "test"
        for i in by_name[names[(k + 1) % len(names)]]:
            chosen[i] = "validation"
        result.append(_with_splits(dataset, chosen, made))
    return result


def _with_splits(
    dataset: "Dataset",
    chosen: Sequence[str],
    groups: Sequence[Group] = (),
    notes: Sequence[str] = (),
) -> "Dataset":
    names = [""] * len(dataset.samples)
    for group in groups:
        for i in group.members if len(group.members) > 1 else ():
            names[i] = group.name
    samples = [
        replace(sample, split=split, group=name or carried_by(sample))
        for sample, split, name in zip(dataset.samples, chosen, names, strict=True)
    ]
    return replace(dataset, samples=tuple(samples), notes=(*dataset.notes, *notes))


def check_shares(shares: Mapping[str, float]) -> dict[str, float]:
    """Keep the shares above 0; refuse any that do not make a whole."""
    if min(shares.values()) < 0 or abs(sum(shares.values()) - 1) > 1e-6:
        got = ", ".join(f"{name} {share:g}" for name, share in shares.items())
        message = f"[split] shares: expected non-negative numbers that sum to 1, got {got}"
        raise _core.InvalidOption(message)
    return {name: share for name, share in shares.items() if share > 0}


def assign(
    samples: Sequence[Sample],
    groups: Sequence[Group],
    shares: Mapping[str, float],
    *,
    seed: int,
    root: Path,
) -> list[str]:
    """Give each sample its split; see Note [Stable splits]."""
    by_class: dict[str, list[Group]] = defaultdict(list)
    mixed: list[Group] = []
    for group in _ranked(groups, seed):
        labels = {samples[i].label for i in group.members}
        if len(labels) > 1:
            mixed.append(group)
        else:
            by_class[labels.pop()].append(group)
    chosen = [""] * len(samples)
    _place_mixed(samples, mixed, shares, chosen)
    for label in sorted({sample.label for sample in samples}):
        have = {chosen[i] for i, sample in enumerate(samples) if sample.label == label} - {""}
        pure = by_class[label]
        missing = [name for name in shares if name not in have]
        if len(pure) < len(missing):
            noun = "images" if all(len(g.members) == 1 for g in groups) else "groups of images"
            message = (
                f"[split] {printable(root)}, class {printable(label)}: too few {noun}; "
                f"expected at least {len(shares)}, one for each of {', '.join(shares)}, "
                f"got {len(pure) + len(have)}"
            )
            raise _core.BadInput(message)
        first = 0
        for name, end in _cuts(len(pure), shares, set(missing)).items():
            for group in pure[first:end]:
                for i in group.members:
                    chosen[i] = name
            first = end
    return chosen


def contiguous(samples: Sequence[Sample], shares: Mapping[str, float], root: Path) -> list[str]:
    """Cut each class's files, sorted as plain text, at truncated shares; the last takes the rest.

    The rule of many published scripts: neighbours stay neighbours, copies may be separated.
    """
    chosen = [""] * len(samples)
    by_class: dict[str, list[int]] = defaultdict(list)
    for i, sample in enumerate(samples):
        by_class[sample.label].append(i)
    *leading, last = shares
    for label, members in by_class.items():
        if any(int(len(members) * shares[name]) < 1 for name in leading):
            message = (
                f"[split] {printable(root)}, class {printable(label)}: too few images for these "
                f"shares, which are truncated; got {len(members)}"
            )
            raise _core.BadInput(message)
        members.sort(key=lambda i: samples[i].path)
        first = 0
        for name in leading:
            end = first + int(len(members) * shares[name])
            for i in members[first:end]:
                chosen[i] = name
            first = end
        for i in members[first:]:
            chosen[i] = last
    return chosen


def describe(
    samples: Sequence[Sample],
    groups: Sequence[Group],
    chosen: Sequence[str],
    shares: Mapping[str, float],
) -> list[str]:
    """Say in sentences what was kept together, and how far that led from the shares asked for."""
    together = [group for group in groups if len(group.members) > 1]
    notes = []
    if together:
        images = sum(len(group.members) for group in together)
        notes.append(
            f"kept together: {count_of(images, 'image')} in {count_of(len(together), 'group')}"
        )
    mixed = sum(1 for g in together if len({samples[i].label for i in g.members}) > 1)
    if mixed:
        notes.append(f"{count_of(mixed, 'group')} with images of several classes")
    counts = Counter(chosen)
    off = [
        f"{name} {counts[name] / len(samples):.1%} instead of {share:.1%}"
        for name, share in shares.items()
        if abs(counts[name] / len(samples) - share) > 0.02
    ]
    if off:
        notes.append(f"shares of images: {', '.join(off)}")
    return notes


def draw(
    samples: Sequence[Sample], *, fraction: float | None, per_class: int | None, seed: int
) -> list[int]:
    """Indices of some samples of each class and split, rising; see `Dataset.sample`."""
    if (fraction is None) == (per_class is None):
        message = "[sample] expected either fraction or per_class"
        raise _core.InvalidOption(message)
    is_share = fraction is None or 0 < fraction <= 1
    if not is_share or (per_class is not None and per_class < 1):
        message = (
            f"[sample] expected fraction above 0 and at most 1, or per_class of at least 1; "
            f"got {fraction if fraction is not None else per_class}"
        )
        raise _core.InvalidOption(message)
    strata: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, sample in enumerate(samples):
        strata[sample.label, sample.split].append(i)
    kept: list[int] = []
    for members in strata.values():
        singles = [Group(samples[i].path, (i,)) for i in members]
        ranked = [group.members[0] for group in _ranked(singles, seed)]
        count = per_class if per_class is not None else round(len(ranked) * (fraction or 0))
        kept += ranked[: max(1, count)]
    return sorted(kept)


def _ranked(groups: Sequence[Group], seed: int) -> list[Group]:
    def rank(group: Group) -> str:
        text = f"{seed} {group.content}"
        return _core.sha256(text.encode("utf-8", "surrogateescape"))

    return sorted(groups, key=rank)


def _place_mixed(
    samples: Sequence[Sample],
    mixed: Sequence[Group],
    shares: Mapping[str, float],
    chosen: list[str],
) -> None:
    """Place groups that hold several classes: largest first, where most is wanting."""
    totals = Counter(samples[i].label for group in mixed for i in group.members)
    wanting = {
        (name, label): share * totals[label] for name, share in shares.items() for label in totals
    }
    for group in sorted(mixed, key=lambda group: -len(group.members)):
        inside = Counter(samples[i].label for i in group.members)
        room = {name: sum(wanting[name, label] for label in inside) for name in shares}
        best = max(room, key=lambda name: room[name])
        for label, count in inside.items():
            wanting[best, label] -= count
        for i in group.members:
            chosen[i] = best


def _cuts(count: int, shares: Mapping[str, float], needy: set[str]) -> dict[str, int]:
    """End of each split among ranked groups; those in need get one at least."""
    names = list(shares)
    ends: dict[str, int] = {}
    end, total = 0, 0.0
    for position, name in enumerate(names):
        total += shares[name]
        behind = sum(1 for later in names[position + 1 :] if later in needy)
        least = end + (1 if name in needy else 0)
        wanted = int(count * total + 0.5 + 1e-9)
        end = max(least, min(wanted, count - behind))
        ends[name] = end
    ends[names[-1]] = count
    return ends
