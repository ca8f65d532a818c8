"""Trainings in a process of their own, for the proofs: begin, stop, resume, be killed."""

import contextlib
import sys
from pathlib import Path
from typing import Any

import georgia

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


class Stop(Exception):
    """What ends a training here."""


def begin(photos: Path, out: Path, threads: int, last: int = 0, **more: Any) -> None:
    """Train; a last step above 0 ends it there."""

    def stop(record: dict[str, Any]) -> None:
        if record["step"] == last:
            raise Stop

    options = georgia.TrainOptions.from_dict(OPTIONS | {"threads": threads} | more)
    with contextlib.suppress(Stop):
        georgia.train(photos, out=out, options=options, on_batch=stop, progress=False)


def main() -> None:
    what, photos, folder, *rest = sys.argv[1:]
    if what == "stopped":  # a run that ends by itself, and one stopped at each of some steps
        threads, *steps = map(int, rest)
        for step in (0, *steps):
            begin(Path(photos), Path(folder, str(step)), threads, step)
    elif what == "begin":
        begin(Path(photos), Path(folder), 2, save_minutes=0)
    else:
        for one in [folder, *rest]:
            georgia.resume(one, progress=False)


if __name__ == "__main__":
    main()
