"""End-to-end training of ResNet-18 against plain PyTorch, in turn, from the same PNG files.

    python -m benchmarks.train_step [--rounds 3] [--size 128] [--json FILE]

Each contender trains whole epochs in a process of its own, so that the malloc settings of one do
not help another; the first epoch of each round is not counted. Ratios hold within one run.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import peer_pytorch
from benchmarks.contest import KEEP_MEMORY

CONTENDERS = ("georgia", "stock", "tuned")
_BATCH = 32
_EPOCHS = 3


def georgia_rate(photos: Path, size: int) -> list[float]:
    import georgia

    marks: list[float] = []
    with tempfile.TemporaryDirectory() as out:
        dataset = georgia.Dataset.scan(photos)
        georgia.train(
            dataset,
            out=Path(out, "run"),
            options=georgia.TrainOptions(),
            epochs=_EPOCHS,
            size=size,
            batch=_BATCH,
            progress=False,
            on_epoch=lambda record: marks.append(record["images_per_second"]),
        )
    return marks[1:]


def peer_rate(photos: Path, size: int, *, tuned: bool) -> list[float]:
    paths = sorted((photos / "train").glob("*/*.png"))
    names = sorted({path.parent.name for path in paths})
    labels = [names.index(path.parent.name) for path in paths]
    folder = peer_pytorch.Folder(paths, labels, size)
    training = peer_pytorch.Training(folder, len(names), _BATCH, tuned=tuned)
    rates = []
    for _ in range(_EPOCHS):
        start = time.monotonic()
        training.epoch()
        rates.append(len(paths) / (time.monotonic() - start))
    return rates[1:]


def make_photos(folder: Path, per_class: int, pixels: int) -> Path:
    """A split tree: the training images, and a few to validate on."""
    import georgia

    georgia.synthetic.write(folder / "train", per_class=per_class, size=pixels)
    georgia.synthetic.write(folder / "validation", per_class=2, size=pixels, seed=8)
    return folder


def measure(photos: Path, size: int, contender: str) -> list[float]:
    environment = dict(os.environ)
    if contender == "tuned":
        environment |= KEEP_MEMORY
    command = [sys.executable, "-m", "benchmarks.train_step", "--only", contender]
    command += ["--photos", str(photos), "--size", str(size)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return list(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--per-class", type=int, default=160)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--photos", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only == "georgia":
        print(json.dumps(georgia_rate(arguments.photos, arguments.size)))
        return
    if arguments.only:
        rates = peer_rate(arguments.photos, arguments.size, tuned=arguments.only == "tuned")
        print(json.dumps(rates))
        return

    rates: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    with tempfile.TemporaryDirectory() as folder:
        photos = make_photos(Path(folder), arguments.per_class, 256)
        for number in range(arguments.rounds):
            for name in CONTENDERS:
                rates[name] += measure(photos, arguments.size, name)
            print(f"round {number + 1} of {arguments.rounds} done", file=sys.stderr)
    median = {name: statistics.median(values) for name, values in rates.items()}
    print(f"ResNet-18, {arguments.size} pixels, batch {_BATCH}, PNG 256 on disk, images per second")
    for name in CONTENDERS:
        spread = f"{min(rates[name]):.1f} to {max(rates[name]):.1f}"
        ratio = median["georgia"] / median[name]
        print(f"{name:<8} {median[name]:7.1f}  ({spread})  georgia is {ratio:.2f} times as fast")
    if arguments.json:
        arguments.json.write_text(json.dumps({"rates": rates, "median": median}, indent=1))


if __name__ == "__main__":
    main()
