"""Why NEAR_BITS is what it is: what each threshold takes for one picture, and what it misses.

    python -m benchmarks.near_duplicates [--json FILE]

Precision: every pair of different pictures inside four real sets whose perceptual hashes are near.
A person looked at all of them up to 8 bits; the judgements are listed here, and a pair beyond 8
bits that is not on the list of copies counts as false, so those figures are upper limits.
Recall: 180 pictures, edited as pictures are on their way from an instrument to a data set.
"""

import argparse
import io
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from georgia import _core
from georgia.duplicates import NEAR_BITS

_SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
_SETS = ("sugar_crystals", "neu_surface", "glomeruli", "cifar10_mini_train")
_EDITED_SETS = _SETS[:3]
_EDITED_PER_SET = 60
_BITS = range(2, 13)
_JUDGED_TO = 8
_SEED = 7

COPIES = {
    "sugar_crystals": [
        ("intermediate/026.jpg", "intermediate/030.jpg"),
        ("intermediate/024.jpg", "intermediate/028.jpg"),
        ("unsaturated/096.jpg", "unsaturated/103.jpg"),
        ("labile/093.jpg", "labile/095.jpg"),
    ],
    "neu_surface": [
        ("scratches/scratches_232.jpg", "scratches/scratches_247.jpg"),
        ("pitted_surface/pitted_surface_171.jpg", "pitted_surface/pitted_surface_292.jpg"),
        ("scratches/scratches_27.jpg", "scratches/scratches_295.jpg"),
        ("inclusion/inclusion_125.jpg", "inclusion/inclusion_88.jpg"),
        ("inclusion/inclusion_188.jpg", "inclusion/inclusion_210.jpg"),
    ],
    "glomeruli": [("globally_sclerotic/g067.png", "globally_sclerotic/g070.png")],
    "cifar10_mini_train": [
        ("deer/0066.jpg", "deer/0231.jpg"),
        ("frog/0037.jpg", "frog/0288.jpg"),
        ("frog/0178.jpg", "frog/0204.jpg"),
        ("automobile/0029.jpg", "automobile/0277.jpg"),
    ],
}
"""Pairs up to about 8 bits that show one subject, by eye."""

STRANGERS = {
    "cifar10_mini_train": [
        ("airplane/0018.jpg", "airplane/0281.jpg"),
        ("bird/0160.jpg", "bird/0255.jpg"),
        ("airplane/0066.jpg", "bird/0210.jpg"),
        ("automobile/0226.jpg", "automobile/0288.jpg"),
    ],
}
"""Pairs up to 8 bits that only look alike in 32 x 32 pixels, by eye."""


class Pair(NamedTuple):
    """Two different pictures whose hashes are near."""

    bits: int
    is_copy: bool
    is_across_classes: bool


def facts_of(paths: Sequence[Path]) -> list[_core.FileFacts]:
    how, limits = _core.Preprocess(), _core.DecodeLimits()
    facts = _core.inspect_files([str(path) for path in paths], how, limits, True, 0, None)
    assert not any(fact.error for fact in facts)
    return facts


def images_of(name: str) -> list[Path]:
    return sorted(path for path in (_SHARED / name).glob("*/*") if path.suffix in {".jpg", ".png"})


def pairs_of(name: str) -> tuple[list[Pair], int]:
    """The near pairs of a set, and how many pairs it has."""
    paths = images_of(name)
    facts = facts_of(paths)
    names = [path.relative_to(_SHARED / name).as_posix() for path in paths]
    copies = {frozenset(pair) for pair in COPIES[name]}
    strangers = {frozenset(pair) for pair in STRANGERS.get(name, [])}
    found = []
    for i, j in _core.near_pairs([fact.perceptual for fact in facts], max(_BITS)):
        if facts[i].pixel_hash == facts[j].pixel_hash:
            continue
        pair = frozenset((names[i], names[j]))
        bits = _core.perceptual_distance(facts[i].perceptual, facts[j].perceptual)
        assert bits > _JUDGED_TO or pair in copies | strangers, f"nobody judged {sorted(pair)}"
        is_across = paths[i].parent != paths[j].parent
        found.append(Pair(bits, pair in copies, is_across))
    return found, len(paths) * (len(paths) - 1) // 2


def saved(image: Image.Image, quality: int = 0) -> bytes:
    """JPEG of a quality, or PNG."""
    buffer = io.BytesIO()
    if quality:
        image.save(buffer, "JPEG", quality=quality)
    else:
        image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def scaled(image: Image.Image, factor: float) -> Image.Image:
    return image.resize((round(image.width * factor), round(image.height * factor)))


def cropped(image: Image.Image, share: float) -> Image.Image:
    """Cut so much of width and height from each of the four sides."""
    x, y = max(1, round(share * image.width)), max(1, round(share * image.height))
    return image.crop((x, y, image.width - x, image.height - y))


def picture_of(values: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def brighter(image: Image.Image) -> Image.Image:
    return picture_of(np.asarray(image, np.float32) * 1.15 + 8)


def noisy(image: Image.Image) -> Image.Image:
    rng = np.random.default_rng(_SEED)
    values = np.asarray(image, np.float32)
    return picture_of(values + rng.normal(0, 5, values.shape))


EDITS: dict[str, Callable[[Image.Image], bytes]] = {
    "JPEG, quality 90": lambda image: saved(image, 90),
    "JPEG, quality 50": lambda image: saved(image, 50),
    "halved": lambda image: saved(scaled(image, 0.5)),
    "turned, JPEG 90": lambda image: saved(image.transpose(Image.Transpose.ROTATE_90), 90),
    "mirrored, halved": lambda image: saved(
        scaled(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 0.5)
    ),
    "scaled to 0.8": lambda image: saved(scaled(image, 0.8)),
    "brightness x 1.15 + 8": lambda image: saved(brighter(image)),
    "noise, sigma 5": lambda image: saved(noisy(image)),
    "blur, sigma 1": lambda image: saved(image.filter(ImageFilter.GaussianBlur(1))),
    "1 % cut off each side": lambda image: saved(cropped(image, 0.01)),
    "3 % cut off each side": lambda image: saved(cropped(image, 0.03)),
}


def distances(folder: Path) -> dict[str, list[int]]:
    """Bits between each picture and its edited copy, per edit."""
    rng = np.random.default_rng(_SEED)
    paths = [
        path
        for name in _EDITED_SETS
        for path in rng.choice(np.array(images_of(name)), _EDITED_PER_SET, replace=False)
    ]
    images = [Image.open(path).convert("RGB") for path in paths]
    originals = [fact.perceptual for fact in facts_of(paths)]
    result = {}
    for name, edit in EDITS.items():
        targets = [folder / f"{number:03}" for number in range(len(paths))]
        for target, image in zip(targets, images, strict=True):
            target.write_bytes(edit(image))
        edited = [fact.perceptual for fact in facts_of(targets)]
        result[name] = [
            _core.perceptual_distance(left, right)
            for left, right in zip(originals, edited, strict=True)
        ]
    return result


def print_precision() -> dict[int, int]:
    """Near pairs by threshold, and how many of them are false."""
    pairs: list[Pair] = []
    total = 0
    for name in _SETS:
        found, count = pairs_of(name)
        pairs += found
        total += count
    print(f"near pairs of {total / 1e6:.2f} million pairs inside {', '.join(_SETS)}")
    print("bits   pairs   across classes   copies   false   false per million")
    false = {}
    for bits in _BITS:
        near = [pair for pair in pairs if pair.bits <= bits]
        copies = sum(pair.is_copy for pair in near)
        across = sum(pair.is_across_classes for pair in near)
        false[bits] = len(near) - copies
        rate = 1e6 * false[bits] / total
        limit = "at most" if bits > _JUDGED_TO else ""
        mark = "  <- NEAR_BITS" if bits == NEAR_BITS else ""
        print(
            f"{bits:>4}{len(near):>8}{across:>17}{copies:>9}{false[bits]:>8}"
            f"{limit:>10}{rate:>10.2f}{mark}"
        )
    return false


def print_recall() -> dict[str, dict[int, float]]:
    """Share of edited copies within each threshold."""
    with tempfile.TemporaryDirectory() as folder:
        measured = distances(Path(folder))
    count = len(_EDITED_SETS) * _EDITED_PER_SET
    print(f"\ncopies found, % of {count} pictures of {', '.join(_EDITED_SETS)}")
    print(f"{'bits':<24}" + "".join(f"{bits:>6}" for bits in _BITS))
    recall = {}
    for name, values in measured.items():
        recall[name] = {bits: sum(v <= bits for v in values) / count for bits in _BITS}
        print(f"{name:<24}" + "".join(f"{100 * recall[name][bits]:>6.1f}" for bits in _BITS))
    return recall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if not _SHARED.is_dir():
        sys.exit(f"no real data beside the project ({_SHARED})")
    false = print_precision()
    recall = print_recall()
    count = len(_EDITED_SETS) * _EDITED_PER_SET
    missed = {name: round(count * (1 - shares[NEAR_BITS])) for name, shares in recall.items()}
    told = ", ".join(f"{number} ({name})" for name, number in missed.items() if number)
    print(f"\nat {NEAR_BITS} bits: {false[NEAR_BITS]} false; of {count} copies missed: {told or 0}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"false": false, "recall": recall}, indent=1))


if __name__ == "__main__":
    main()
