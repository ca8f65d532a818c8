"""Linear probe: how much frozen ImageNet features know of crystal images.

    python -m benchmarks.linear_probe [--json FILE]

SqueezeNet 1.1 without its classifier gives 512 numbers per image; a multinomial logistic regression
on them is the probe. Its loss is convex, so no seed and no schedule decide, and it is printed for
every strength of the ridge, none of them chosen by the test images. Neighbouring numbers of the
sugar crystals are one capture session: folds are blocks of ten numbers. The same probe on features
of random weights shows what the weights bring.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import georgia

_SHARED = Path(__file__).parent.parent.parent / "shared"
_IMAGES = _SHARED / "data" / "sugar_crystals"
_WEIGHTS = _SHARED / "weights" / "squeezenet1_1_imagenet_features"
_FILE = _WEIGHTS / "squeezenet1_1_features_imagenet.safetensors"
_FOLDS, _BLOCK = 5, 10
_RIDGES = (1e-1, 1e-2, 1e-3, 1e-4)
_EXPECTED = 0.9


def probe(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    is_test: NDArray[np.bool_],
    ridge: float,
) -> float:
    """Accuracy on the test rows of a logistic regression fitted to the others."""
    mean, deviation = features[~is_test].mean(0), features[~is_test].std(0) + 1e-6
    x = torch.from_numpy((features - mean) / deviation).double()
    y, train = torch.from_numpy(labels), torch.from_numpy(~is_test)
    weight = torch.zeros(x.shape[1], int(y.max()) + 1, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(weight.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=300, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = torch.nn.functional.cross_entropy(x[train] @ weight + bias, y[train])
        value = value + ridge / 2 * (weight * weight).sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)
    with torch.no_grad():
        is_right = (x @ weight + bias).argmax(1) == y
    return float(is_right[~train].double().mean())


def rows() -> Iterator[dict[str, Any]]:
    """Accuracy per fold, for each kind of weights and each ridge."""
    classes = sorted(folder.name for folder in _IMAGES.iterdir() if folder.is_dir())
    files = [path for name in classes for path in sorted((_IMAGES / name).iterdir())]
    labels = np.array([classes.index(path.parent.name) for path in files])
    folds = np.array([int(path.stem) // _BLOCK % _FOLDS for path in files])
    for name, weights in (("ImageNet", _FILE), ("random", None)):
        model = georgia.Model.create("squeezenet1_1", classes=classes, weights=weights)
        started = time.monotonic()
        features = model.embed(files, stage="features").features
        seconds = time.monotonic() - started
        for ridge in _RIDGES:
            scores = [probe(features, labels, folds == fold, ridge) for fold in range(_FOLDS)]
            yield {
                "weights": name,
                "ridge": ridge,
                "images": len(files),
                "embedding_seconds": seconds,
                "folds": scores,
                "mean": float(np.mean(scores)),
            }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if not (_IMAGES.is_dir() and _FILE.is_file()):
        print("not run: the sugar crystals and SqueezeNet's weights are not on this machine")
        return 0
    results = []
    print(
        f"{'weights':9} {'ridge':>6}  " + "  ".join(f"fold {n}" for n in range(1, 6)) + "    mean"
    )
    for row in rows():
        results.append(row)
        scores = "  ".join(f"{score:.4f}" for score in row["folds"])
        print(f"{row['weights']:9} {row['ridge']:6g}  {scores}  {row['mean']:.4f}", flush=True)
    print(
        f"{results[0]['images']} images, embedded in {results[0]['embedding_seconds']:.1f} s; "
        f"expected at least {_EXPECTED} with ImageNet's weights, at every ridge"
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))
    return int(min(row["mean"] for row in results if row["weights"] == "ImageNet") < _EXPECTED)


if __name__ == "__main__":
    sys.exit(main())
