"""Filling a store from images: hash, look up, compute what is new, add."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from georgia import _core
from georgia.classifier import chunks
from georgia.display import count_of, printable, reason_of
from georgia.images import THUMBNAIL, ImageInput, expand
from georgia.store.backend import Backend
from georgia.store.facts import Facts
from georgia.store.record import Record, is_storable

if TYPE_CHECKING:
    from georgia.model import Model


@dataclass(frozen=True)
class Skipped:
    """An image that was left out of a store.

    Attributes
    ----------
    image_id : str
        Its path, or what stands for it.
    reason : str
    """

    image_id: str
    reason: str


@dataclass(frozen=True)
class Filled:
    """What became of images that were to be added.

    Attributes
    ----------
    new : int
        Images that were added.
    known : int
        Images whose content was there already, or came twice; the record has the last one's name.
    skipped : tuple of Skipped
        Images that were left out.
    """

    new: int = 0
    known: int = 0
    skipped: tuple[Skipped, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        lines = [
            f"{count_of(self.new, 'image')} added, {self.known:,} known already, "
            f"{len(self.skipped):,} left out"
        ]
        lines += [f"  {printable(one.image_id)}: {printable(one.reason)}" for one in self.skipped]
        return "\n".join(lines)


def fill(backend: Backend, model: "Model", inputs: ImageInput, how: dict[str, Any]) -> Filled:
    """Add images in chunks; see `VectorStore.add_images`."""
    facts = backend.facts() or backend.wanted.facts()
    new = known = 0
    skipped: list[Skipped] = []
    for chunk in chunks(expand(inputs, model.preprocess.depth)):
        hashes = contents_of([source for _, source in chunk], how["limits"], how["threads"])
        names: dict[str, list[str]] = {}
        sources: dict[str, Any] = {}
        for (name, source), (content, error) in zip(chunk, hashes, strict=True):
            if error or not is_storable(name):
                reason = error or "its name is not UTF-8, which a store cannot hold"
                skipped.append(Skipped(name, _without_name(reason, name)))
            else:
                names.setdefault(content, []).append(name)
                sources[content] = source
        present = backend.names(list(names))
        backend.update(
            {
                content: {"image_id": names[content][-1]}
                for content, before in present.items()
                if before != names[content][-1]
            }
        )
        fresh = {
            content: (names[content][-1], source)
            for content, source in sources.items()
            if content not in present
        }
        records, failed = _records(model, facts, fresh, how)
        new += backend.add(records) if records else 0
        for content, reason in failed.items():
            skipped += [Skipped(name, reason) for name in names[content]]
        answered = sum(len(names[content]) for content in names if content not in failed)
        known += answered - len(records)
    return Filled(new, known, tuple(skipped))


def contents_of(
    sources: Sequence[Any], limits: _core.DecodeLimits, threads: int
) -> list[tuple[str, str]]:
    """SHA-256 of each source, the id of its record, or why it has none."""
    paths = [source for source in sources if isinstance(source, str)]
    read = iter(_core.inspect_files(paths, _core.Preprocess(), limits, False, threads, None))
    hashes = []
    for source in sources:
        if isinstance(source, str):
            facts = next(read)
            hashes.append((facts.sha256, reason_of(facts.error)))
        elif isinstance(source, Exception):
            hashes.append(("", str(source)))
        elif isinstance(source, bytes):
            hashes.append((_core.sha256(source), ""))
        else:  # equal pixels of another shape are another image
            shape = f"{source.dtype} {source.shape} ".encode()
            hashes.append((_core.sha256(shape + source.tobytes()), ""))
    return hashes


def _records(
    model: "Model", facts: Facts, images: dict[str, tuple[str, Any]], how: dict[str, Any]
) -> tuple[list[Record], dict[str, str]]:
    """Compute what a store keeps of images, by their content; and why some have nothing."""
    if not images:
        return [], {}
    sources = [source for _, source in images.values()]
    embedded = model.embed(sources, stage=facts.stage, **how)
    answers = model.predict(sources, **how)
    portraits = _core.portraits(sources, model.preprocess, how["limits"], THUMBNAIL, how["threads"])
    jpegs = portraits["jpegs"]
    records: list[Record] = []
    failed: dict[str, str] = {}
    for i, (content, (name, _)) in enumerate(images.items()):
        error = embedded.errors[i] or answers.errors[i]
        vector = embedded.features[i]
        if not error and facts.distance == "cosine" and not vector.any():
            error = "its features are all zero, which have no direction"
        elif not error and not np.isfinite(vector).all():
            error = "its features are not finite"
        if error:
            failed[content] = _without_name(reason_of(error), name)
            continue
        answer = answers[i]
        records.append(
            Record(name, vector, content, answer.label, answer.confidence, thumbnail=jpegs[i])
        )
    return records, failed


def _without_name(reason: str, name: str) -> str:
    """The reason alone: a copy of the same content has another name."""
    return reason.removeprefix(f"{name}: ").removeprefix(f"{printable(name)}: ")
