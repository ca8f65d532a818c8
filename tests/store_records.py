"""Records for tests of stores, and what a search must find among them."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from georgia.store import Record

LABELS = ("needles", "plates", "rhombs")


def content(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def vectors(count: int, dimensions: int = 16, seed: int = 1) -> NDArray[np.float32]:
    """Rows of unit length: a server that normalises gives them back as they were."""
    rows = np.random.default_rng(seed).normal(size=(count, dimensions))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def records(count: int, dimensions: int = 16, seed: int = 1, first: int = 0) -> list[Record]:
    return [
        Record(
            f"image {number:06}.png",
            vector,
            content(number),
            LABELS[number % 3],
            number % 101 / 100,
            thumbnail=b"\xff\xd8" + bytes([number % 256]) * 9,
        )
        for number, vector in enumerate(vectors(count, dimensions, seed), first)
    ]


def nearest(
    given: list[Record], query: NDArray[np.float32], k: int, distance: str = "cosine"
) -> tuple[list[str], NDArray[np.float64]]:
    """Names and distances of the nearest by NumPy, in float64."""
    rows = np.array([one.vector for one in given], np.float64)
    wide = np.asarray(query, np.float64)
    if distance == "cosine":
        lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(wide)
        distances = 1 - rows @ wide / lengths
    else:
        distances = np.linalg.norm(rows - wide, axis=1)
    order = np.argsort(distances, kind="stable")[:k]
    return [given[i].image_id for i in order], distances[order]
