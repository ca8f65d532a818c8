"""W7: evaluation after each epoch, of as many images as are trained: ResNet-18, PNG files.

`images_per_second` counts images of both splits over the time of whole epochs, the first left out.
Georgia gives loss, accuracy, macro F1 and its checkpoint for that time, peers an accuracy.
"""

import statistics
import tempfile
import time
from functools import partial
from itertools import pairwise
from pathlib import Path

from benchmarks.contest import KEEP_MEMORY, Contender, Figures, Workload, best_ratios

_SIZE, _BATCH, _CLASSES = 128, 32, 4
_PER_CLASS = 80  # images of each split
_EPOCHS = 4


def prepare(folder: Path) -> None:
    import georgia

    for part, seed in (("train", 0), ("validation", 8)):
        georgia.synthetic.write(folder / part, per_class=_PER_CLASS, size=256, seed=seed)


def _rate(ends: list[float]) -> float:
    spent = [after - before for before, after in pairwise(ends)]
    return 2 * _PER_CLASS * _CLASSES / statistics.median(spent)


def _georgia(folder: Path, **options: int) -> Figures:
    import georgia

    ends: list[float] = []
    with tempfile.TemporaryDirectory() as out:
        georgia.train(
            georgia.Dataset.scan(folder),
            out=Path(out, "run"),
            options=georgia.TrainOptions(network="resnet18", **options),
            epochs=_EPOCHS,
            size=_SIZE,
            batch=_BATCH,
            progress=False,
            on_epoch=lambda _: ends.append(time.monotonic()),
        )
    return {"images_per_second": _rate(ends)}


def _peer(folder: Path, *, tuned: bool) -> Figures:
    from benchmarks import peer_pytorch
    from benchmarks.peer_photos import LIGHT, Photos, loader

    training = peer_pytorch.Training(18, _CLASSES, tuned=tuned)
    photos = Photos.of(folder / "train", _SIZE, fair=tuned, spread=LIGHT)
    batches = loader(photos, _BATCH, shuffle=True)
    photos = Photos.of(folder / "validation", _SIZE, fair=tuned, spread=None)
    validated = loader(photos, _BATCH, shuffle=False)
    ends: list[float] = []
    for _ in range(_EPOCHS):
        training.epoch(batches, [])
        training.accuracy(validated)
        ends.append(time.monotonic())
    return {"images_per_second": _rate(ends)}


WORKLOAD = Workload(
    "W7: ResNet-18, 128 pixels, evaluated after each epoch on as many images as it is trained on",
    prepare,
    {
        "georgia": Contender(_georgia),
        "georgia, images decoded anew": Contender(partial(_georgia, cache_mib=0)),
        "stock": Contender(partial(_peer, tuned=False)),
        "tuned": Contender(partial(_peer, tuned=True), KEEP_MEMORY, "cv2"),
    },
    {"images_per_second": "images/s, both splits"},
)


def ratios(figures: dict[str, list[Figures]]) -> dict[str, float]:
    return best_ratios(WORKLOAD, figures)
