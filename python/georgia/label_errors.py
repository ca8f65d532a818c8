"""label_errors(): images whose label may be wrong, the likeliest first."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from georgia import _core
from georgia.cross_validation import TABLE, CrossValidation, cross_validate
from georgia.dataset import Dataset
from georgia.display import count_of, csv_text, printable
from georgia.duplicates import duplicate_groups
from georgia.run import Run


@dataclass(frozen=True)
class Suspect:
    """An image whose label may be wrong.

    Attributes
    ----------
    path : str
    given, likely : str
        Its class, and the one it is counted for, or that a copy of it has.
    margin : float
        Probability of the given class less that of the likely one; NaN for copies.
    reason : str
        ``copy`` where a copy of the picture carries another label, else ``model``.
    """

    path: str
    given: str
    likely: str
    margin: float
    reason: str


@dataclass(frozen=True)
class LabelErrors:
    """Suspects, those with a copy under another label first, then the surest contradictions.

    Attributes
    ----------
    suspects : list of Suspect
    images : int
        That were looked at.
    """

    suspects: list[Suspect] = field(repr=False)
    images: int

    def __len__(self) -> int:
        return len(self.suspects)

    def to_csv(self) -> str:
        """Render as CSV: ``path,given,likely,margin,reason``."""
        rows = (
            [s.path, s.given, s.likely, "" if s.reason == "copy" else f"{s.margin:.4f}", s.reason]
            for s in self.suspects
        )
        return csv_text(["path", "given", "likely", "margin", "reason"], rows)

    def __str__(self) -> str:
        if not self.suspects:
            return f"no label of {count_of(self.images, 'image')} is contradicted"
        lines = [
            f"{count_of(len(self.suspects), 'label')} of {count_of(self.images, 'image')} may be "
            "wrong"
        ]
        for s in self.suspects:
            why = "a copy says so" if s.reason == "copy" else f"margin {s.margin:.3f}"
            lines.append(
                f"  {printable(s.path)}: {printable(s.given)}, likely {printable(s.likely)} ({why})"
            )
        return "\n".join(lines)


def label_errors(
    source: "CrossValidation | Run | str | os.PathLike[str]",
    *,
    folds: int = 5,
    progress: bool = True,
    **keywords: Any,
) -> LabelErrors:
    """Find labels that are contradicted by copies of the image, or by models that missed it.

    Confident learning (Northcutt, Jiang, Chuang, 2021) on out-of-fold probabilities: an image is
    counted for the most probable of the classes whose probability is at least the mean that images
    labelled so have, and is a suspect where that is not its own.

    Parameters
    ----------
    source : CrossValidation, Run or path
        A cross-validation or its folder; of a run, one with the run's options is made in its folder
        ``crossval``, or the one that is there is used.
    folds, progress, keywords
        For `cross_validate`, where it has to be made.

    Raises
    ------
    BadInput, IoError
        There is neither a run nor a cross-validation.
    """
    found = _cross_validation(source, folds, progress, keywords)
    suspects = _copies(found)
    known = {suspect.path for suspect in suspects}
    for image, given, likely, margin in _core.label_errors(
        found.probabilities, found.label_numbers
    ):
        if found.paths[image] not in known:
            suspects.append(
                Suspect(
                    found.paths[image],
                    found.classes[given],
                    found.classes[likely],
                    margin,
                    "model",
                )
            )
    return LabelErrors(suspects, len(found.paths))


def _cross_validation(
    source: "CrossValidation | Run | str | os.PathLike[str]",
    folds: int,
    progress: bool,
    keywords: dict[str, Any],
) -> CrossValidation:
    if isinstance(source, CrossValidation):
        return source
    if not isinstance(source, Run):
        folder = Path(source)
        if (folder / TABLE).is_file():
            return CrossValidation.load(folder)
        source = Run(folder)
    kept = source.folder / "crossval"
    if (kept / TABLE).is_file():
        return CrossValidation.load(kept)
    return cross_validate(
        source.dataset,
        folds=folds,
        out=kept,
        seed=source.options.seed,
        options=source.options,
        progress=progress,
        **keywords,
    )


def _copies(found: CrossValidation) -> list[Suspect]:
    """Images of which a copy carries another label."""
    runs = [Run(folder) for folder in sorted(found.folder.glob("fold-*"))[:1]]
    if not runs:
        return []
    dataset: Dataset = runs[0].dataset.inspected()
    suspects = []
    for group in duplicate_groups(dataset.samples):
        if len(group.labels) < 2:
            continue
        labels = [dataset.samples[i].label for i in group.members]
        for i in group.members:
            given = dataset.samples[i].label
            others = [label for label in labels if label != given]
            likely = max(sorted(set(others)), key=others.count)
            path = dataset.paths([dataset.samples[i]])[0]
            suspects.append(Suspect(path, given, likely, float("nan"), "copy"))
    return suspects
