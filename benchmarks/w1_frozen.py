"""W1: a ResNet-101 frozen up to its last stage, 224 pixels, batch 64, heavily augmented PNG files.

`steady` counts the steps of an epoch from the end of its second one on, in epochs after the first,
waits for images included; `runs_per_hour` counts a process of five epochs with a validation after
each, its start and compiling included.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.contest import KEEP_MEMORY, KERAS, Contender, Figures, Workload, median, steady

_SIZE, _BATCH, _CLASSES = 224, 64, 4
_PER_CLASS, _VALIDATED = 80, 29  # images of a class: 70, 25 and (not read here) 5 %
_EPOCHS = 5


def prepare(folder: Path) -> None:
    import georgia

    georgia.synthetic.write(folder / "train", per_class=_PER_CLASS, size=256)
    georgia.synthetic.write(folder / "validation", per_class=_VALIDATED, size=256, seed=8)


def _georgia(folder: Path, **options: Any) -> Figures:
    began = time.monotonic()
    import georgia

    start = time.monotonic() - began
    dataset = georgia.Dataset.scan(folder)
    ends: list[list[float]] = [[]]
    cpu: list[float] = []

    def note_epoch(_: dict[str, float]) -> None:
        ends.append([])
        cpu.append(time.process_time())

    def note_step(_: dict[str, float]) -> None:
        ends[-1].append(time.monotonic())

    phase = {
        "epochs": _EPOCHS,
        "size": _SIZE,
        "batch": _BATCH,
        "trainable": ["stage4", "head"],
        "learning_rate": 0.1,
        "schedule": "constant",
    }
    with tempfile.TemporaryDirectory() as out:
        georgia.train(
            dataset,
            out=Path(out, "run"),
            options=georgia.TrainOptions(
                network="resnet101",
                phases=[phase],
                optimizer="sgd",
                augment={
                    "rotation": 30,
                    "shift": 0.2,
                    "zoom": 0.3,
                    "flip_horizontal": True,
                    "flip_vertical": True,
                },
                **options,
            ),
            progress=False,
            on_epoch=note_epoch,
            on_batch=note_step,
        )
    images = _PER_CLASS * _CLASSES
    return {
        "steady": steady(ends, _BATCH),
        "cpu_seconds_per_image": (cpu[-1] - cpu[0]) / images / (_EPOCHS - 1),
        "start": start,
    }


def _peer(folder: Path, *, tuned: bool, compiled: bool = False) -> Figures:
    began = time.monotonic()
    from benchmarks import peer_frozen
    from benchmarks.peer_photos import HEAVY, Photos, loader

    start = time.monotonic() - began
    training = peer_frozen.FrozenTraining(_CLASSES, tuned=tuned, compiled=compiled)
    photos = Photos.of(folder / "train", _SIZE, fair=tuned, spread=HEAVY)
    batches = loader(photos, _BATCH, shuffle=True, drop_last=True)
    photos = Photos.of(folder / "validation", _SIZE, fair=tuned, spread=None)
    validated = loader(photos, _BATCH, shuffle=False)
    ends: list[list[float]] = []
    for _ in range(_EPOCHS):
        ends.append([])
        training.train(iter(batches), ends[-1])
        training.validate(iter(validated))
    return {"steady": steady(ends, _BATCH), "start": start}


def _keras(folder: Path) -> Figures:
    began = time.monotonic()
    from benchmarks import peer_keras
    from benchmarks.peer_photos import HEAVY

    start = time.monotonic() - began
    training = peer_keras.Training(101, _CLASSES, _SIZE, trained="conv5")
    ends = training.fit(folder, _BATCH, _EPOCHS, HEAVY, validates=True)
    return {"steady": steady(ends, _BATCH), "start": start}


WORKLOAD = Workload(
    "W1: ResNet-101 frozen up to stage 4, 224 pixels, batch 64, PNG 256 on disk, end to end",
    prepare,
    {
        "georgia": Contender(_georgia),
        "georgia, 1 view": Contender(lambda folder: _georgia(folder, bank_views=1)),
        "georgia, 2 views": Contender(lambda folder: _georgia(folder, bank_views=2)),
        "stock": Contender(lambda folder: _peer(folder, tuned=False)),
        "tuned": Contender(lambda folder: _peer(folder, tuned=True), KEEP_MEMORY, "cv2"),
        "compiled": Contender(
            lambda folder: _peer(folder, tuned=True, compiled=True), KEEP_MEMORY, "cv2"
        ),
        "Keras": Contender(_keras, KERAS, "tensorflow"),
    },
    {"steady": "steady images/s", "runs_per_hour": "whole runs an hour"},
)


# Of whom which figure is compared with the best fair peer's.
_RATIOS = {
    "exact_step": ("georgia", "steady"),
    "exact_run": ("georgia", "runs_per_hour"),
    "bank_k1": ("georgia, 1 view", "runs_per_hour"),
    "bank_k2": ("georgia, 2 views", "runs_per_hour"),
}


def ratios(figures: dict[str, list[Figures]]) -> dict[str, float]:
    """Georgia to the best fair peer; without those of whom there are no figures."""
    fair = [figures[name] for name in ("tuned", "compiled") if name in figures]
    found = {}
    for ratio, (name, key) in _RATIOS.items():
        ours = median(figures.get(name, []), key)
        best = max((median(rows, key) for rows in fair), default=0)
        if ours and best:
            found[ratio] = ours / best
    return found
