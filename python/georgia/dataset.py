"""Dataset: a table of samples with classes and splits. Files are listed here, never moved."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from georgia import _core, inspection, manifest, overview, splitting, tree
from georgia.listing import SPLITS, list_images
from georgia.natural_order import natural_order
from georgia.sample import Refused, Sample

if TYPE_CHECKING:
    from georgia.audit import Audit
    from georgia.augmentation import Seen
    from georgia.model import Model
    from georgia.run import Run

_Path = str | os.PathLike[str]


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
    refused : tuple of Refused
        Images that could not be read, with the reason.
    depth : (int, int)
        The 16-bit values that become 0 and 255.
    crop : (int, int, int, int)
        Pixels cut away at top, right, bottom and left, such as an instrument's information bar.
    limits : DecodeLimits
    notes : tuple of str
        What happened on the way that one should know.
    """

    root: Path
    classes: tuple[str, ...]
    samples: tuple[Sample, ...]
    ignored: tuple[Path, ...] = field(default=(), repr=False)
    refused: tuple[Refused, ...] = field(default=(), repr=False)
    depth: tuple[int, int] = inspection.FULL_DEPTH
    crop: tuple[int, int, int, int] = inspection.NO_CROP
    limits: _core.DecodeLimits = field(default_factory=_core.DecodeLimits, repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def scan(
        cls,
        source: _Path | None = None,
        *,
        train: _Path | None = None,
        validation: _Path | None = None,
        test: _Path | None = None,
        calibration: _Path | None = None,
        label: str | None = None,
        path_column: str | None = None,
        class_column: str | None = None,
        group_column: str | None = None,
        classes: Mapping[str, str] | None = None,
        depth: tuple[int, int] = inspection.FULL_DEPTH,
        crop: tuple[int, int, int, int] = inspection.NO_CROP,
        limits: _core.DecodeLimits | None = None,
        strict: bool = False,
        threads: int = 0,
        progress: bool = False,
    ) -> "Dataset":
        r"""List images and read every file once.

        Parameters
        ----------
        source : path, optional
            A folder with one folder per class (deeper folders belong to it); a tree with ``train``,
            ``valid``/``validation``, ``test`` folders above them; or a CSV with a row per image.
        train, validation, test, calibration : path, optional
            Instead of `source`: one folder per split, each with one folder per class.
        label : str, optional
            Regular expression searched in file names; its first group is the class, folders are
            not looked at. ``r"^(\w+) \("`` finds CEX in ``CEX (12).png``.
        path_column, class_column, group_column : str, optional
            Columns of a CSV file, where they are not called path and class.
        classes : mapping of str to str, optional
            New names: ``{"0": "CEX", "1": "PG"}``.
        depth, crop, limits
            As in `read_image`; training and prediction keep to them.
        strict : bool
            Stop at the first file that cannot be read, instead of leaving it out.
        threads, progress
            Threads that read, 0 for every usable core; and whether to show a bar.

        Raises
        ------
        IoError
            The folder is missing or cannot be read.
        BadInput
            There are no class folders with images, or only one; with `strict`, a bad file.

        Examples
        --------
        >>> import georgia, tempfile
        >>> photos = georgia.synthetic.write(tempfile.mkdtemp(), per_class=2, size=32)
        >>> len(georgia.Dataset.scan(photos).samples)
        8
        """
        parts = {"train": train, "validation": validation, "test": test, "calibration": calibration}
        columns = (path_column, class_column, group_column)
        listing = list_images(source, parts, label=label, columns=columns).renamed(classes or {})
        dataset = cls(
            listing.root,
            listing.classes(),
            tuple(Sample(e.path, e.label, e.split, e.group) for e in listing.entries),
            tuple(listing.ignored),
            depth=depth,
            crop=crop,
            limits=limits or _core.DecodeLimits(),
        )
        return dataset.inspected(strict=strict, threads=threads, progress=progress)

    @property
    def is_split(self) -> bool:
        """True when every sample belongs to a split."""
        return all(sample.split for sample in self.samples)

    def inspected(
        self, *, strict: bool = False, threads: int = 0, progress: bool = False
    ) -> "Dataset":
        """Read files that were not read yet; a hash other than the manifest's is `BadInput`."""
        return inspection.inspect(self, strict=strict, threads=threads, progress=progress)

    def split(
        self,
        *,
        train: float = 0.7,
        validation: float = 0.15,
        test: float = 0.15,
        calibration: float = 0.0,
        seed: int = 42,
        groups: str = "duplicates",
        model: "_Path | Run | Model | None" = None,
        mode: str = "grouped",
    ) -> "Dataset":
        """Split each class by shares, groups of images kept together.

        Within a class, groups are ranked by a hash of seed and content and cut at whole ranks:
        every split has its share of groups to within one (and one at least), and one group more
        moves at most one other across each cut. Groups that hold several classes are placed first,
        the largest first, where most is wanting.

        Parameters
        ----------
        train, validation, test, calibration : float
            Shares; they sum to 1. Calibration images are for thresholds, seen by no training.
        seed : int
            Equal seeds give equal splits.
        groups : str
            ``duplicates`` keeps copies together (and the groups that samples carry); ``none`` keeps
            nothing together; others do both: ``FILE.csv:COLUMN`` for a table's column, a regular
            expression searched in the path whose first group names the group, or ``similar`` for
            images that look alike to `model` (cosine of features .95 or more; path, Run, Model).
        mode : str
            ``grouped``, or ``contiguous``: each class sorted as text and cut at truncated shares
            as many published scripts do, which may separate copies.

        Raises
        ------
        InvalidOption
            The shares do not sum to 1, or `groups` or `mode` is not understood.
        BadInput
            A split would lack a class.
        """
        asked = {"train": train, "validation": validation, "test": test, "calibration": calibration}
        return splitting.split(self, asked, seed=seed, groups=groups, mode=mode, model=model)

    def folds(
        self, count: int = 5, *, seed: int = 42, groups: str = "duplicates"
    ) -> "list[Dataset]":
        """Cut the images into folds by the rules of `split`, one data set per fold.

        In the k-th, fold k is the test split, fold k + 1 the validation split, which chooses the
        epoch; the others are trained on.
        """
        return splitting.folds(self, count, seed=seed, groups=groups)

    def audit(self, *, progress: bool = False) -> "Audit":
        """Look for what makes scores worthless: copies, leaks, shortcuts, damaged files."""
        from georgia.audit import audit

        return audit(self.inspected(progress=progress))

    def augmented(self, options: _core.TrainOptions | None = None) -> "Seen":
        """Give some training images as the network will see them: `georgia.augmented`."""
        from georgia.augmentation import augmented

        return augmented(self, options)

    def part(self, split: str) -> list[Sample]:
        """Samples of one split, in natural order."""
        if split not in SPLITS:
            message = f"[split] unknown name; expected one of {', '.join(SPLITS)}, got {split}"
            raise _core.InvalidOption(message)
        return [sample for sample in self.samples if sample.split == split]

    def paths(self, samples: Sequence[Sample]) -> list[str]:
        """Full paths of samples."""
        return [str(self.root / sample.path) for sample in samples]

    def labels(self, samples: Sequence[Sample]) -> list[int]:
        """Class indices of samples."""
        index = {name: number for number, name in enumerate(self.classes)}
        return [index[sample.label] for sample in samples]

    def digest(self) -> str:
        """SHA-256 of what is trained on: every file's hash, class and split, in order."""
        lines = [*self.classes, *(f"{s.sha256} {s.split} {s.label}" for s in self.samples)]
        return _core.sha256("\n".join(lines).encode("utf-8", "surrogateescape"))

    def save(self, path: _Path) -> Path:
        """Write the table as a manifest, at or above the images: its paths never leave its folder.

        Raises
        ------
        InvalidOption, BadInput
            The images do not lie below its folder; a name holds a line break or is not UTF-8.
        """
        return manifest.save(self.rows(), self.root, Path(path))

    @classmethod
    def load(
        cls,
        path: _Path,
        *,
        depth: tuple[int, int] = inspection.FULL_DEPTH,
        crop: tuple[int, int, int, int] = inspection.NO_CROP,
        limits: _core.DecodeLimits | None = None,
    ) -> "Dataset":
        """Read a manifest that `save` wrote. The files are not touched until they are needed.

        Raises
        ------
        BadInput
            A line is not as it should be; its number is named.
        """
        table = Path(path)
        dataset = cls.from_rows(manifest.read(table), table.parent)
        return replace(dataset, depth=depth, crop=crop, limits=limits or _core.DecodeLimits())

    def rows(self) -> list[manifest.Row]:
        """Lines of the table, paths from the root."""
        return [manifest.Row.of(sample) for sample in self.samples]

    @classmethod
    def from_rows(cls, rows: Sequence[manifest.Row], root: Path) -> "Dataset":
        """Make a data set of lines of a table."""
        classes = tuple(natural_order({row.label for row in rows}))
        return cls(root, classes, tuple(Sample(*row) for row in rows))

    def verify(self) -> manifest.Verification:
        """Hash every file anew and name those that changed, are missing, or are extra."""
        return inspection.verify(self)

    def sample(
        self, *, fraction: float | None = None, per_class: int | None = None, seed: int = 42
    ) -> "Dataset":
        """Draw some images of each class and split, for rehearsals.

        Parameters
        ----------
        fraction, per_class
            Share of the images, at least one of each class and split, or images of each of them.
        seed : int
            Equal seeds draw the same images; a larger draw holds every smaller one.
        """
        kept = splitting.draw(self.samples, fraction=fraction, per_class=per_class, seed=seed)
        samples = tuple(self.samples[i] for i in kept)
        return replace(self, samples=samples, ignored=(), refused=(), notes=())

    def export(self, folder: _Path, *, link: str = "copy") -> Path:
        """Write a tree of folders, split/class/file, or class/file before splitting.

        Parameters
        ----------
        folder : path, new or empty
        link : str
            ``copy`` (default), ``hard`` or ``symbolic`` links to the files.
        """
        return tree.write_tree(self, Path(folder), link)

    def __str__(self) -> str:
        return overview.summary(self)
