"""The loader against a Pillow pipeline, in CPU time per image, in turn in one run.

    python -m benchmarks.loader [--rounds 5] [--json FILE]

Both decode PNG files of 256 x 256, apply one random affine warp, and give normalised batches.
The peer is what a DataLoader with Pillow transforms does for each sample, without the cost of its
worker processes; georgia's figure holds its threads and the normalisation of the batch.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

import georgia
from benchmarks.peer_pytorch import Folder
from georgia import _core

_SIZE = 224
_BATCH = 32


def georgia_seconds(paths: list[Path]) -> float:
    """CPU seconds per image, from files to normalised channels-last float32."""
    preprocess = georgia.Preprocess(height=_SIZE, width=_SIZE)
    augment = georgia.AugmentOptions(rotation=10, shift=0.05, zoom=0.1)
    names = [str(path) for path in paths]
    start = time.process_time()
    loader = _core.Loader(names, preprocess, augment, batch=_BATCH, threads=1, shuffle=True)
    for pixels, _ in loader:
        batch = torch.from_numpy(pixels).permute(0, 3, 1, 2)
        batch.float().div_(255).sub_(0.5).div_(0.25)
    return (time.process_time() - start) / len(paths)


def pillow_seconds(paths: list[Path]) -> float:
    """CPU seconds per image of the peer."""
    folder = Folder(paths, [0] * len(paths), _SIZE)
    order = np.random.default_rng(0).permutation(len(paths))
    start = time.process_time()
    for first in range(0, len(paths), _BATCH):
        torch.stack([folder[i][0] for i in order[first : first + _BATCH]])
    return (time.process_time() - start) / len(paths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # CPU time, not wall time, is compared
    contenders = {"georgia": georgia_seconds, "Pillow": pillow_seconds}
    times: dict[str, list[float]] = {name: [] for name in contenders}
    with tempfile.TemporaryDirectory() as name:
        photos = georgia.synthetic.write(name, per_class=80, size=256)
        paths = sorted(photos.glob("*/*.png"))
        for _ in range(arguments.rounds):
            for contender, measure in contenders.items():
                times[contender].append(1000 * measure(paths))
    median = {name: statistics.median(values) for name, values in times.items()}
    print(f"PNG 256, affine warp to {_SIZE}, normalised batches: CPU milliseconds an image")
    for name, values in times.items():
        print(f"{name:<8} {median[name]:6.2f}  ({min(values):.2f} to {max(values):.2f})")
    print(f"georgia does {median['Pillow'] / median['georgia']:.2f} times as many per CPU-second")
    if arguments.json:
        arguments.json.write_text(json.dumps({"milliseconds": times, "median": median}, indent=1))


if __name__ == "__main__":
    main()
