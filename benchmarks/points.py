"""Components, clusters and neighbours of 13,664 points of 2,048 numbers, beside scikit-learn.

    python -m benchmarks.points [--rounds N]

As many points as an ImageNet trunk gives for 13,664 images: 40 overlapping clouds whose spread
falls from direction to direction, as of features, float32, made by a seed. Peers are called in turn
with georgia, in the same process, with the same number of threads, at their best for the task;
times are medians over the rounds.
"""

import argparse
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from benchmarks import machine
from georgia import _core

_COUNT, _DIMENSIONS, _SEED = 13_664, 2_048, 1
_STARTS = 10
_CLUSTERS = (4, 28)


def features() -> np.ndarray:
    random = np.random.default_rng(_SEED)
    spread = (1 / np.sqrt(np.arange(1, _DIMENSIONS + 1))).astype(np.float32)
    middles = random.normal(size=(40, _DIMENSIONS)).astype(np.float32)
    noise = random.normal(size=(_COUNT, _DIMENSIONS)).astype(np.float32)
    return np.maximum((middles[random.integers(0, 40, _COUNT)] + noise) * spread + 0.1, 0)


def works(rows: np.ndarray) -> dict[str, Callable[[], Any]]:
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA

    made: dict[str, Callable[[], Any]] = {
        "10 components, exact: georgia": lambda: _core.Pca.fit(rows, 10, "exact", 0),
        "10 components, exact: scikit-learn, covariance_eigh": lambda: PCA(
            10, svd_solver="covariance_eigh"
        ).fit(rows),
        "10 components, randomised: georgia": lambda: _core.Pca.fit(rows, 10, "randomised", 0),
        "10 components, randomised: scikit-learn": lambda: PCA(
            10, svd_solver="randomized", random_state=0
        ).fit(rows),
    }
    for k in _CLUSTERS:
        first = rows[:k].copy()
        made |= {
            f"{k} clusters, {_STARTS} starts: georgia": lambda k=k: _core.kmeans(
                rows, k, _STARTS, 300, 0
            )["inertia"],
            f"{k} clusters, {_STARTS} starts: scikit-learn": lambda k=k: (
                KMeans(k, n_init=_STARTS, random_state=0).fit(rows).inertia_
            ),
            f"{k} clusters from given centres: georgia": lambda k=k, first=first: _core.kmeans(
                rows, k, 1, 300, 0, first
            )["inertia"],
            f"{k} clusters from given centres: scikit-learn": lambda k=k, first=first: (
                KMeans(k, init=first, n_init=1, tol=0).fit(rows).inertia_
            ),
        }
    made["10 nearest others of all: georgia"] = lambda: _core.neighbour_graph(rows, 10)
    return made


def share_of_equal_neighbours(rows: np.ndarray, indices: np.ndarray, tried: int = 500) -> float:
    """Against numpy's float64 distances of some of the points."""
    wide = rows.astype(float)
    squared = (wide**2).sum(1)
    distances = squared[:tried, None] + squared - 2 * wide[:tried] @ wide.T
    distances[np.arange(tried), np.arange(tried)] = np.inf
    order = np.argsort(distances, axis=1, kind="stable")[:, :10]
    return float((order == indices[:tried]).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    print(machine.described())
    rows = features()
    times: dict[str, list[float]] = {}
    results: dict[str, Any] = {}
    for _ in range(rounds):
        for name, work in works(rows).items():
            began = time.perf_counter()
            results[name] = work()
            times.setdefault(name, []).append(time.perf_counter() - began)
    print("| work | seconds | inertia |\n| --- | ---: | ---: |")
    for name, taken in times.items():
        inertia = f"{results[name]:.6g}" if "clusters" in name else ""
        print(f"| {name} | {median(taken):.2f} | {inertia} |")
    equal = share_of_equal_neighbours(rows, results["10 nearest others of all: georgia"][1])
    print(f"\nneighbours equal to numpy's in float64, of 500 points: {equal:.5f}")


if __name__ == "__main__":
    main()
