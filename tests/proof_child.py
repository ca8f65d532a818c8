"""Trainings in a process of their own, for the proofs: begin, stop, resume, be killed, starve."""

import contextlib
import ctypes
import itertools
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np

import georgia
from georgia import _core

TIMES = ("seconds", "images_per_second")

# Everything that has a state or draws random numbers.
OPTIONS: dict[str, Any] = {
    "network": "small_cnn",
    "head": {"pool": "average+max", "hidden": [16], "dropout": [0.2, 0.4], "batch_norm": [0, 1]},
    "phases": [
        {"epochs": 1, "size": 32, "batch": 8, "trainable": ["head"]},
        {"epochs": 3, "size": 32, "batch": 8, "schedule": "plateau"},
    ],
    "augment": {"dihedral": True, "noise": 0.02, "erase": 0.1},
    "mix": {"mixup": 0.4, "cutmix": 0.4},
    "imbalance": {"method": "balance"},
    "ema": 0.9,
    "clip": 1,
    "accumulate": 2,
    "validate_every": 3,
    "stop": {"early": True, "patience": 5, "min_delta": 100},
}


def options(threads: int, **more: Any) -> georgia.TrainOptions:
    # Each process would measure by itself which precision is faster, and a busy machine differs.
    precision = "float32" if threads == 1 else "bfloat16"
    return georgia.TrainOptions.from_dict(
        OPTIONS | {"threads": threads, "precision": precision} | more
    )


class Stop(Exception):
    """What ends a training here."""


def begin(photos: Path, out: Path, threads: int, last: int = 0, **more: Any) -> None:
    """Train; a last step above 0 ends it there."""

    def stop(record: dict[str, Any]) -> None:
        if record["step"] == last:
            raise Stop

    with contextlib.suppress(Stop):
        georgia.train(
            photos, out=out, options=options(threads, **more), on_batch=stop, progress=False
        )


def assert_alike(run: Path, whole: Path) -> None:
    """Tensors, optimizer, averages, history but for its times, and the best model are equal."""
    mine, theirs = (_core.read_tensors(f / "checkpoint.safetensors")[0] for f in (run, whole))
    assert mine.keys() == theirs.keys()
    for name in mine.keys() - {"history"}:
        assert np.array_equal(mine[name], theirs[name]), name
    one, other = georgia.Run(run).history, georgia.Run(whole).history
    assert one.keys() == other.keys()
    for name in one.keys() - set(TIMES):
        assert np.array_equal(one[name], other[name]), name
    best, expected = ((f / "model.safetensors").read_bytes() for f in (run, whole))
    assert best == expected


def starve(photos: Path, out: Path, whole: Path, place: int) -> bool:
    """Train with one failing call, the place-th write, fsync or rename; whether it came to that.

    The checkpoint of before must be what it was, or a newer one whole; the run must resume alike.
    """
    checkpoint, seen = out / "checkpoint.safetensors", [(b"", 0)]

    def look(_: dict[str, Any]) -> None:
        if checkpoint.is_file():
            seen.append((checkpoint.read_bytes(), georgia.Run(out).state["step"]))

    shim = ctypes.CDLL(None)
    shim.fail_at(ctypes.c_long(place))
    try:
        georgia.train(
            photos, out=out, options=options(2, save_minutes=0), on_batch=look, progress=False
        )
    except OSError as error:
        if "No space left on device" not in str(error):
            raise
    failed = shim.fail_at(ctypes.c_long(0)) == 1
    if (checkpoint.read_bytes() if checkpoint.is_file() else b"") != seen[-1][0]:
        assert georgia.Run(out).state["step"] > seen[-1][1]
    if (out / "options.json").is_file() and (out / "data.csv").is_file():
        georgia.resume(out, progress=False)
        assert_alike(out, whole)
    shutil.rmtree(out, ignore_errors=True)
    return failed


def main() -> None:
    what, photos, folder, *rest = sys.argv[1:]
    if what == "stopped":  # a run that ends by itself, and one stopped at each of some steps
        threads, *steps = map(int, rest)
        for step in (0, *steps):
            begin(Path(photos), Path(folder, str(step)), threads, step)
    elif what == "begin":
        begin(Path(photos), Path(folder), 2, save_minutes=0)
    elif what == "starve":
        places = range(int(rest[1]), int(rest[2]), int(rest[3]))
        tried = (starve(Path(photos), Path(folder), Path(rest[0]), place) for place in places)
        print(sum(itertools.takewhile(bool, tried)))  # until a training makes fewer calls
    else:
        for one in [folder, *rest]:
            georgia.resume(one, progress=False)


if __name__ == "__main__":
    main()
