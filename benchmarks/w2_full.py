"""W2: training all of a ResNet on lightly augmented PNG files, end to end, in images per second.

Steps are counted within an epoch; the first epoch is not, nor what is between two.
"""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.contest import KEEP_MEMORY, KERAS, Contender, Figures, Workload, median, steady

_CLASSES = 4
_EPOCHS = 3

# ResNet's layers, size, batch, images of a class
_JOBS = {
    "resnet50_64": (50, 64, 64, 160),
    "resnet50_128": (50, 128, 32, 64),
    "resnet50_224": (50, 224, 32, 32),
    "resnet18_128": (18, 128, 32, 160),
    "resnet18_224": (18, 224, 32, 80),
}


def prepare(folder: Path) -> None:
    import georgia

    for name, (_, _, _, per_class) in _JOBS.items():
        georgia.synthetic.write(folder / name / "train", per_class=per_class, size=256)
        georgia.synthetic.write(folder / name / "validation", per_class=2, size=256, seed=8)


def _georgia(folder: Path, job: str, **options: int) -> float:
    import georgia

    layers, size, batch, _ = _JOBS[job]
    ends: list[list[float]] = [[]]
    with tempfile.TemporaryDirectory() as out:
        georgia.train(
            georgia.Dataset.scan(folder / job),
            out=Path(out, "run"),
            options=georgia.TrainOptions(network=f"resnet{layers}", **options),
            epochs=_EPOCHS,
            size=size,
            batch=batch,
            progress=False,
            on_epoch=lambda _: ends.append([]),
            on_batch=lambda _: ends[-1].append(time.monotonic()),
        )
    return steady(ends, batch)


def _peer(folder: Path, job: str, *, tuned: bool) -> float:
    from benchmarks import peer_pytorch
    from benchmarks.peer_photos import LIGHT, Photos, loader

    layers, size, batch, _ = _JOBS[job]
    photos = Photos.of(folder / job / "train", size, fair=tuned, spread=LIGHT)
    batches = loader(photos, batch, shuffle=True)
    training = peer_pytorch.Training(layers, _CLASSES, tuned=tuned)
    ends: list[list[float]] = [[] for _ in range(_EPOCHS)]
    for some in ends:
        training.epoch(batches, some)
    return steady(ends, batch)


def _keras(folder: Path) -> Figures:
    from benchmarks import peer_keras
    from benchmarks.peer_photos import LIGHT

    figures = {}
    for job, (layers, size, batch, _) in _JOBS.items():
        if layers == 50:  # keras.applications has no ResNet-18
            training = peer_keras.Training(layers, _CLASSES, size)
            ends = training.fit(folder / job, batch, _EPOCHS, LIGHT, validates=False)
            figures[job] = steady(ends, batch)
    return figures


def _all_jobs(run: Callable[[Path, str], float], folder: Path) -> Figures:
    return {job: run(folder, job) for job in _JOBS}


def _contender(run: Callable[..., float], **how: int) -> Callable[[Path], Figures]:
    return partial(_all_jobs, partial(run, **how))


WORKLOAD = Workload(
    "W2: training all of a ResNet, PNG 256 on disk, images per second",
    prepare,
    {
        "georgia": Contender(_contender(_georgia)),
        "georgia, images decoded anew": Contender(_contender(_georgia, cache_mib=0)),
        "stock": Contender(_contender(_peer, tuned=False)),
        "tuned": Contender(_contender(_peer, tuned=True), KEEP_MEMORY, "cv2"),
        "Keras": Contender(_keras, KERAS, "tensorflow"),
    },
    {
        "resnet50_64": "ResNet-50, 64 px",
        "resnet50_128": "ResNet-50, 128 px",
        "resnet50_224": "ResNet-50, 224 px",
        "resnet18_128": "ResNet-18, 128 px",
        "resnet18_224": "ResNet-18, 224 px",
    },
)


def ratios(figures: dict[str, list[Figures]]) -> dict[str, float]:
    """Georgia to the tuned peer, by job; that decodes its images anew in every epoch too."""
    ours, theirs = figures.get("georgia, images decoded anew", []), figures.get("tuned", [])
    return {job: median(ours, job) / median(theirs, job) for job in _JOBS if ours and theirs}
