"""Audit: what in a data set would make a published score worthless, said before training."""

import functools
import textwrap
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from georgia import _core, advice
from georgia.display import count_of, printable
from georgia.duplicates import NEAR_BITS, DuplicateGroup, duplicate_groups
from georgia.leaks import Leak, divided_groups, find_leaks, leaking
from georgia.overview import conversions
from georgia.sample import Refused, Sample
from georgia.shortcuts import Shortcut, measure_shortcuts

if TYPE_CHECKING:
    from georgia.dataset import Dataset

_CHANNELS = {1: "gray", 3: "RGB", 4: "RGBA"}
_SEVERITIES = ("serious", "warning", "note")


@dataclass(frozen=True)
class Finding:
    """One thing that an audit found.

    Attributes
    ----------
    severity : str
        ``serious`` (scores would mislead), ``warning`` (they may), ``note``.
    kind : str
        ``unreadable``, ``imbalance``, ``duplicates``, ``labels``, ``leak``, ``shortcut``,
        ``sizes``, ``conversion`` or ``few``.
    text, advice : str
        What was found, and one sentence on what to do.
    """

    severity: str
    kind: str
    text: str
    advice: str


@dataclass(frozen=True)
class Audit:
    """What `Dataset.audit` found. Printing it reads as advice; `to_dict` has everything.

    Attributes
    ----------
    root : str
    samples : tuple of Sample
    refused : tuple of Refused
    groups : list of DuplicateGroup
        A partition of the copies; members are indices of `samples`.
    leaks : list of Leak
        Empty where the data set has no splits.
    shortcuts : list of Shortcut
    findings : list of Finding
        The most severe first.
    """

    root: str
    samples: tuple[Sample, ...] = field(repr=False)
    refused: tuple[Refused, ...] = field(repr=False)
    groups: list[DuplicateGroup] = field(repr=False)
    leaks: list[Leak] = field(repr=False)
    shortcuts: list[Shortcut] = field(repr=False)
    findings: list[Finding]

    def copy_of(self, path: str) -> str:
        """A name that all copies of a picture share; empty for one without copies."""
        return self._copies.get(path, "")

    @functools.cached_property
    def _copies(self) -> dict[str, str]:
        return {
            self.samples[i].path: str(number)
            for number, group in enumerate(self.groups)
            for i in group.members
        }

    def copies_of_learned(self, split: str) -> set[str]:
        """Paths of a split's images that have a copy in training, or in validation."""
        return {self.samples[i].path for i in leaking(self.samples, self.groups, split)}

    def to_dict(self) -> dict[str, Any]:
        """Everything, as plain values: what ``georgia audit --json`` writes."""
        return {
            "root": self.root,
            "images": len(self.samples),
            "classes": class_facts(self.samples),
            "unreadable": [
                {"path": r.path, "class": r.label, "reason": r.reason} for r in self.refused
            ],
            "duplicate_groups": [
                {
                    "kind": group.kind,
                    "members": [self.samples[i].path for i in group.members],
                    "labels": list(group.labels),
                    "member_labels": [self.samples[i].label for i in group.members],
                }
                for group in self.groups
            ],
            "near_bits": NEAR_BITS,
            "leaks": [vars(leak) for leak in self.leaks],
            "shortcuts": [vars(s) | {"fires": s.fires} for s in self.shortcuts],
            "findings": [vars(finding) for finding in self.findings],
        }

    def __str__(self) -> str:
        labels = {sample.label for sample in self.samples}
        lines = [
            f"{count_of(len(self.samples), 'image')} in {count_of(len(labels), 'class')}: "
            f"{printable(self.root)}"
        ]
        for name, facts in class_facts(self.samples).items():
            kinds = ", ".join(
                [_CHANNELS[channels] for channels in facts["channels"]]
                + [f"{bits} bits" for bits in facts["bits"]]
                + list(facts["formats"])
            )
            lines.append(
                f"  {printable(name):<20}{facts['images']:>6}   "
                f"{sizes_in_words(facts['sizes'])}; {kinds}"
            )
        for severity in _SEVERITIES:
            for finding in self.findings:
                if finding.severity == severity:
                    lines.append("")
                    lines += _wrapped(f"{severity}: {printable(finding.text)}", hanging="  ")
                    lines += _wrapped(f"  {finding.advice}", hanging="  ")
        if not any(finding.severity != "note" for finding in self.findings):
            lines += ["", "nothing found that would make a score mislead"]
        return "\n".join(lines)


def audit(dataset: "Dataset") -> Audit:
    """Audit a data set whose files were read; see `Dataset.audit`."""
    samples = dataset.samples
    if not samples:
        reason = dataset.refused[0].reason if dataset.refused else "it is empty"
        message = f"[audit] {printable(dataset.root)}: no image could be read: {printable(reason)}"
        raise _core.BadInput(message)
    groups = duplicate_groups(samples)
    leaks = find_leaks(samples, groups)
    shortcuts = measure_shortcuts(samples, groups)
    findings = [
        *_on_files(dataset),
        *_on_classes(samples),
        *_on_copies(samples, groups),
        *(_on_leak(leak) for leak in leaks if leak.count),
        *_on_divided(divided_groups(samples)),
        *_on_shortcuts(shortcuts),
    ]
    findings.sort(key=lambda finding: _SEVERITIES.index(finding.severity))
    return Audit(str(dataset.root), samples, dataset.refused, groups, leaks, shortcuts, findings)


def class_facts(samples: Sequence[Sample]) -> dict[str, dict[str, Any]]:
    """Per class: images, and how many of each size, channels and depth."""
    by_class: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_class[sample.label].append(sample)
    result = {}
    for label, members in by_class.items():
        facts = [sample.facts for sample in members if sample.facts is not None]
        result[label] = {
            "images": len(members),
            "sizes": dict(Counter(f"{f.width} x {f.height}" for f in facts).most_common()),
            "channels": dict(Counter(f.channels for f in facts).most_common()),
            "bits": dict(Counter(f.bits for f in facts).most_common()),
            "formats": dict(Counter(f.format for f in facts).most_common()),
        }
    return result


def _wrapped(text: str, *, hanging: str) -> list[str]:
    """Lines of at most 100 characters; file names are never broken."""
    return textwrap.wrap(
        text, 100, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )


def sizes_in_words(sizes: dict[str, int]) -> str:
    """The commonest sizes, and how many others there are."""
    shown = [f"{size} ({count})" for size, count in list(sizes.items())[:3]]
    rest = len(sizes) - len(shown)
    return ", ".join(shown) + (f" and {count_of(rest, 'other size')}" if rest else "")


def _on_files(dataset: "Dataset") -> list[Finding]:
    findings = []
    refused, total = len(dataset.refused), len(dataset.samples) + len(dataset.refused)
    if refused:
        text = f"{refused} of {total} images could not be read, such as {dataset.refused[0].reason}"
        severity = "serious" if refused > 0.01 * total else "warning"
        findings.append(Finding(severity, "unreadable", text, advice.UNREADABLE))
    for words, count in conversions(dataset.samples, dataset.depth).items():
        text = f"{count_of(count, 'image')} {words}"
        findings.append(Finding("note", "conversion", text, advice.CONVERSION))
    return findings


def _on_classes(samples: Sequence[Sample]) -> list[Finding]:
    counts = Counter(sample.label for sample in samples)
    ranked = counts.most_common()
    (large, most), (small, least) = ranked[0], ranked[-1]
    findings = []
    if most >= 3 * least:
        text = f"{large} has {most} images, {small} only {least}: {most / least:.1f} times as many"
        severity = "serious" if most >= 20 * least else "warning"
        findings.append(Finding(severity, "imbalance", text, advice.IMBALANCE))
    if least < 20:
        text = f"{small} has {count_of(least, 'image')}"
        findings.append(Finding("warning", "few", text, advice.FEW))
    facts = class_facts(samples)
    for name in ("channels", "bits"):
        kinds = {label: tuple(sorted(values[name])) for label, values in facts.items()}
        if len(set(kinds.values())) > 1:
            told = ", ".join(f"{label}: {'/'.join(map(str, k))}" for label, k in kinds.items())
            text = f"classes differ in {name} of their files ({told})"
            findings.append(Finding("note", "sizes", text, advice.SIZES))
    return findings


def _on_copies(samples: Sequence[Sample], groups: Sequence[DuplicateGroup]) -> list[Finding]:
    findings = []
    for kind, words in advice.COPIES.items():
        found = [group for group in groups if group.kind == kind]
        if found:
            members = sum(len(group.members) for group in found)
            first = ", ".join(samples[i].path for i in found[0].members[:3])
            more = ", ..." if len(found[0].members) > 3 else ""
            pictures = count_of(len(found), "picture")
            text = f"{count_of(members, 'file')} show only {pictures}, {words}, as {first}{more}"
            findings.append(Finding("warning", "duplicates", text, advice.DUPLICATES))
    mixed = [group for group in groups if len(group.labels) > 1]
    if mixed:
        first = ", ".join(samples[i].path for i in mixed[0].members[:3])
        noun = "picture carries" if len(mixed) == 1 else "pictures carry"
        text = f"{len(mixed)} {noun} two labels or more, as {first}"
        findings.append(Finding("serious", "labels", text, advice.LABELS))
    return findings


def _on_divided(names: Sequence[str]) -> list[Finding]:
    if not names:
        return []
    shown = ", ".join(printable(name) for name in names[:3])
    text = (
        f"{count_of(len(names), 'group')} of the data set's own (slides, batches) "
        f"{'lies' if len(names) == 1 else 'lie'} in training or validation and in a split that "
        f"judges: {shown}"
    )
    return [Finding("serious", "leak", text, advice.DIVIDED)]


def _on_leak(leak: Leak) -> Finding:
    where = "train" if leak.split == "validation" else "train or validation"
    text = (
        f"{leak.count} of {leak.total} {leak.split} images ({leak.count / leak.total:.1%}) have a "
        f"copy in the {where} split"
    )
    return Finding("serious", "leak", text, advice.LEAK)


def _on_shortcuts(shortcuts: Sequence[Shortcut]) -> list[Finding]:
    findings = []
    for shortcut in shortcuts:
        if not shortcut.fires:
            continue
        low, high = shortcut.interval
        verb, sentence = advice.SHORTCUTS[shortcut.name]
        text = (
            f"{shortcut.name} alone {verb} the class of {shortcut.accuracy:.0%} of the images "
            f"(95 % interval {low:.0%} to {high:.0%}), guessing of {shortcut.majority:.0%}"
        )
        if shortcut.told:
            text += f", and nearly always {', '.join(shortcut.told)}"
        is_certain = (shortcut.gain >= 0.5 or shortcut.told) and not shortcut.may_be_content
        severity = "serious" if is_certain else "warning"
        findings.append(Finding(severity, "shortcut", text, sentence))
    return findings
