"""What is known of public image sets: classes, source, licence, citation."""

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from georgia import _core
from georgia.display import count_of, printable


@dataclass(frozen=True)
class ImageClass:
    """One class: its name, the archive's folders that hold it, and how many images there are."""

    name: str
    folders: tuple[str, ...]
    expected_count: int | None


@dataclass(frozen=True)
class Entry:
    """What is known of a public set; None where nothing is known for certain."""

    name: str
    title: str
    source: str | None
    doi: str | None
    licence: str | None
    licence_note: str | None
    citation: str
    classes: tuple[ImageClass, ...]
    expected_count: int | None
    url: str | None
    sha256: str | None
    archive_format: str | None
    login_required: bool
    instructions: str
    max_members: int | None
    max_bytes: int | None
    note: str | None

    @property
    def terms(self) -> str:
        """The licence and what is to be said about it, in one line."""
        note = f" ({self.licence_note})" if self.licence_note else ""
        return (self.licence or "not known to this registry") + note

    def __str__(self) -> str:
        total = "not known" if self.expected_count is None else f"{self.expected_count:,}"
        counts = ((one.name, one.expected_count) for one in self.classes)
        rows = {
            "images": f"{total}, in {count_of(len(self.classes), 'class')}",
            "classes": ", ".join(name + (f" {n:,}" if n is not None else "") for name, n in counts),
            "source": self.source or "not known",
            "DOI": self.doi or "none",
            "licence": self.terms,
            "citation": self.citation,
            "note": self.note,
            "get it": None if self.url and not self.login_required else self.instructions,
        }
        lines = [f"{printable(self.name)}: {printable(self.title)}"]
        for label, text in rows.items():
            if text:
                start = f"  {label:<10}"
                lines.append(textwrap.fill(printable(text), 96, initial_indent=start,
                    subsequent_indent=" " * len(start), break_on_hyphens=False))  # fmt: skip
        return "\n".join(lines)


def manifest_folder() -> Path:
    """Find the folder of what is known; of a checkout its own, so that a change counts at once."""
    sources, built = Path(__file__).parent, Path(_core.__file__).parent
    checkout = sources.parent.parent / "data_manifest"
    is_installed = sources == built or not checkout.is_dir()
    return built / "data_manifest" if is_installed else checkout


def registry() -> dict[str, Entry]:
    """List the public sets this program knows, by name.

    Returns
    -------
    dict of str to Entry
        Printing an entry shows its classes, source, licence and citation.

    Raises
    ------
    BadInput
        A file of the registry is damaged.

    Examples
    --------
    >>> from georgia.registry import registry
    >>> registry()["sem-modarres"].expected_count
    18577
    """
    entries = {}
    for path in sorted(manifest_folder().glob("*.json")):
        try:
            facts: dict[str, Any] = json.loads(path.read_text("utf-8"))
            if facts.pop("kind", None) != "public":
                continue  # synthetic_crystals.json: made, not downloaded; pretrained.json: weights
            classes = [
                ImageClass(one["name"], tuple(one["folders"]), one["expected_count"])
                for one in facts.pop("classes")
            ]
            entries[facts["name"]] = Entry(classes=tuple(classes), **facts)
        except (ValueError, KeyError, TypeError) as error:
            message = f"[registry] {printable(path)}: damaged: {printable(error)}"
            raise _core.BadInput(message) from None
    return entries
