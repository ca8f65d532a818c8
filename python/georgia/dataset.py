"""Dataset: a table of samples with classes and splits. Files are listed here, never moved."""

import csv
import io
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from georgia import _core
from georgia.display import count_of, printable
from georgia.images import list_files, looks_like_image, natural_order

SPLITS = ("train", "validation", "test")
_SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}
_MANIFEST_HEADER = ["path", "class", "split", "group", "bytes", "sha256"]


@dataclass(frozen=True)
class Sample:
    """One image file of a data set.

    Attributes
    ----------
    path : str
        POSIX path relative to the data set's root.
    label : str
        Name of its class.
    split : str
        ``train``, ``validation``, ``test``, or empty before splitting.
    bytes, sha256
        Size and hash of the file, 0 and empty before `Dataset.verified`.
    """

    path: str
    label: str
    split: str = ""
    bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class Dataset:
    """Images of named classes below one root folder.

    Attributes
    ----------
    root : Path
        Folder that the samples' paths start from.
    classes : tuple of str
        Class names in natural order.
    samples : tuple of Sample
    ignored : tuple of Path
        Files that were seen and left alone: beside the class folders, or no images.
    """

    root: Path
    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    ignored: tuple[Path, ...] = field(default=(), repr=False)

    @classmethod
    def scan(cls, folder: str | os.PathLike[str]) -> "Dataset":
        """List a folder that holds one folder per class.

        A tree with ``train``, ``valid``/``validation`` or ``test`` folders above the classes is
        taken as that split. Classes are folder names; deeper folders belong to their class.

        Raises
        ------
        IoError
            The folder is missing or cannot be read.
        BadInput
            There are no class folders with images, or only one.
        """
        root = Path(folder)
        if not root.is_dir():
            wrong = "is not a folder" if root.exists() else "no such folder"
            message = f"[scan] {printable(root)}: {wrong}"
            raise _core.IoError(message)
        samples: list[Sample] = []
        ignored: list[Path] = []
        for path in list_files(root):
            split, label = _split_and_label(path.relative_to(root))
            if label and looks_like_image(path):
                samples.append(Sample(path.relative_to(root).as_posix(), label, split))
            else:
                ignored.append(path)
        if len({sample.split == "" for sample in samples}) == 2:
            message = (
                f"[scan] {printable(root)}: class folders stand beside split folders; expected "
                "either one folder per class, or train, validation and test above the classes"
            )
            raise _core.BadInput(message)
        classes = tuple(natural_order({sample.label for sample in samples}))
        for name in classes:
            if any("\ud800" <= character <= "\udfff" for character in name):
                message = f"[scan] {printable(root / name)}: the class's name is not UTF-8"
                raise _core.BadInput(message)
        if len(classes) < 2:
            found = f"one ({printable(classes[0])})" if classes else "none"
            message = (
                f"[scan] {printable(root)}: too few classes; expected at least two folders with "
                f"images in them, one per class, got {found}"
            )
            raise _core.BadInput(message)
        return cls(root, classes, tuple(samples), tuple(ignored))

    @property
    def is_split(self) -> bool:
        """True when every sample belongs to a split."""
        return all(sample.split for sample in self.samples)

    def split(
        self,
        *,
        train: float = 0.7,
        validation: float = 0.15,
        test: float = 0.15,
        seed: int = 42,
    ) -> "Dataset":
        """Split each class at random by shares; the same seed gives the same split.

        Within a class, counts are the shares by largest remainder, at least one image each.

        Raises
        ------
        InvalidOption
            The shares do not sum to 1.
        BadInput
            A class has fewer images than there are splits.
        """
        shares = {"train": train, "validation": validation, "test": test}
        if min(shares.values()) < 0 or abs(sum(shares.values()) - 1) > 1e-6:
            got = ", ".join(f"{share:g}" for share in shares.values())
            message = f"[split] shares: expected non-negative numbers that sum to 1, got {got}"
            raise _core.InvalidOption(message)
        wanted = {name: share for name, share in shares.items() if share > 0}
        assigned = dict.fromkeys(range(len(self.samples)), "")
        for number, label in enumerate(self.classes):
            members = [i for i, sample in enumerate(self.samples) if sample.label == label]
            if len(members) < len(wanted):
                message = (
                    f"[split] {printable(self.root / label)}: too few images in this class; "
                    f"expected at least {len(wanted)}, one for each of {', '.join(wanted)}, "
                    f"got {len(members)}"
                )
                raise _core.BadInput(message)
            order = _core.shuffled(len(members), seed, number)
            first = 0
            for name, count in _counts(len(members), wanted).items():
                for rank in order[first : first + count]:
                    assigned[members[rank]] = name
                first += count
        samples = [replace(s, split=assigned[i]) for i, s in enumerate(self.samples)]
        return replace(self, samples=tuple(samples))

    def part(self, split: str) -> list[Sample]:
        """Samples of one split, in natural order."""
        if split not in SPLITS:
            message = (
                f"[split] split: unknown name; expected one of {', '.join(SPLITS)}, got {split}"
            )
            raise _core.InvalidOption(message)
        return [sample for sample in self.samples if sample.split == split]

    def paths(self, samples: Sequence[Sample]) -> list[str]:
        """Full paths of samples."""
        return [str(self.root / sample.path) for sample in samples]

    def labels(self, samples: Sequence[Sample]) -> list[int]:
        """Class indices of samples."""
        index = {name: number for number, name in enumerate(self.classes)}
        return [index[sample.label] for sample in samples]

    def verified(self, *, threads: int = 0) -> "Dataset":
        """Read every file once: the same samples with size and SHA-256.

        Raises
        ------
        BadInput
            A file is no image, is cut short, or cannot be read; the first is named.
        """
        facts = _core.inspect_files(self.paths(self.samples), threads)
        errors = [error for _, _, error in facts if error]
        if errors:
            others = len(errors) - 1
            more = f" (and {count_of(others, 'other file')} like it)" if others else ""
            raise _core.BadInput(printable(errors[0]) + more)
        samples = [
            replace(sample, bytes=size, sha256=digest)
            for sample, (size, digest, _) in zip(self.samples, facts, strict=True)
        ]
        return replace(self, samples=tuple(samples))

    def digest(self) -> str:
        """SHA-256 of what is trained on: every file's hash, class and split, in order."""
        lines = [*self.classes, *(f"{s.sha256} {s.split} {s.label}" for s in self.samples)]
        return _core.sha256("\n".join(lines).encode("utf-8", "surrogateescape"))

    def manifest(self) -> str:
        """Render the table as CSV: ``path,class,split,group,bytes,sha256``.

        Names are kept exactly, so that the files are found again; a spreadsheet may take a name
        that begins with ``=`` for a formula.
        """
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(_MANIFEST_HEADER)
        writer.writerows((s.path, s.label, s.split, "", s.bytes, s.sha256) for s in self.samples)
        return buffer.getvalue()

    @classmethod
    def from_manifest(cls, manifest: Path, root: Path) -> "Dataset":
        """Read a table that `manifest` wrote; its paths start from `root` and never leave it."""
        with manifest.open(newline="", encoding="utf-8", errors="surrogateescape") as stream:
            reader = csv.DictReader(stream)
            if reader.fieldnames != _MANIFEST_HEADER:
                message = (
                    f"[manifest] {manifest}: expected the columns {','.join(_MANIFEST_HEADER)}"
                )
                raise _core.BadInput(message)
            rows = list(reader)
        samples = [
            Sample(row["path"], row["class"], row["split"], int(row["bytes"]), row["sha256"])
            for row in rows
        ]
        for sample in samples:
            if Path(sample.path).is_absolute() or ".." in Path(sample.path).parts:
                message = f"[manifest] {manifest}: a path leaves the root: {printable(sample.path)}"
                raise _core.BadInput(message)
        classes = tuple(natural_order({sample.label for sample in samples}))
        return cls(root, classes, tuple(samples))

    def __str__(self) -> str:
        """Counts per class and split."""
        counts = Counter((sample.label, sample.split) for sample in self.samples)
        splits = [name for name in (*SPLITS, "") if any(s.split == name for s in self.samples)]
        lines = [
            f"{count_of(len(self.samples), 'image')} in {count_of(len(self.classes), 'class')}: "
            f"{printable(self.root)}"
        ]
        for label in self.classes:
            cells = [f"{counts[label, name]:>6} {name or 'unsplit'}" for name in splits]
            lines.append(f"  {printable(label):<20}" + "".join(cells))
        if self.ignored:
            shown = ", ".join(printable(path.name) for path in self.ignored[:5])
            more = ", ..." if len(self.ignored) > 5 else ""
            lines.append(f"  left alone: {count_of(len(self.ignored), 'file')} ({shown}{more})")
        return "\n".join(lines)


def _split_and_label(relative: Path) -> tuple[str, str]:
    """Split and class of a file from the folders above it; empty where there is none."""
    folders = relative.parts[:-1]
    if not folders:
        return "", ""
    split = _SPLIT_FOLDERS.get(folders[0].lower(), "")
    if split:
        return split, folders[1] if len(folders) > 1 else ""
    return "", folders[0]


def _counts(total: int, shares: dict[str, float]) -> dict[str, int]:
    """Whole numbers in proportion to the shares, at least one each (largest remainder)."""
    free = total - len(shares)
    ideal = {name: max(share * total - 1, 0) for name, share in shares.items()}
    scale = free / sum(ideal.values()) if sum(ideal.values()) else 0
    counts = {name: 1 + int(value * scale) for name, value in ideal.items()}
    by_remainder = sorted(ideal, key=lambda name: int(ideal[name] * scale) - ideal[name] * scale)
    for name in (by_remainder * total)[: total - sum(counts.values())]:
        counts[name] += 1
    return counts
