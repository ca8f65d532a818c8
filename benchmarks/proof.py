"""Long proofs that every day's tests leave out.

    python -m benchmarks.proof

Memory over 100 epochs, the demonstration's accuracy, equality of two whole runs and of a run that
was stopped at every epoch border.
"""

import tempfile
from pathlib import Path
from typing import Any

import georgia
from georgia import _core
from georgia.demo import run_demo

_MEGABYTE = 1 << 20


def prove_memory_is_flat(folder: Path) -> None:
    photos = georgia.synthetic.write(folder / "photos", per_class=8, size=64)
    resident: list[int] = []
    georgia.train(
        photos,
        out=folder / "long",
        epochs=100,
        size=64,
        progress=False,
        on_epoch=lambda _: resident.append(_core.resident_bytes()),
    )
    growth = (max(resident[3:]) - resident[2]) / _MEGABYTE
    print(f"memory: 100 epochs grew the process by {growth:.1f} MiB after the third (limit 10)")
    assert growth < 10


def prove_resume_at_every_epoch(folder: Path) -> None:
    photos = georgia.synthetic.write(folder / "photos", per_class=8, size=64)
    settings: dict[str, Any] = {"epochs": 5, "size": 64, "progress": False}
    whole = georgia.train(photos, out=folder / "whole", **settings)
    expected = (whole.folder / "model.safetensors").read_bytes()
    for stop_after in range(1, 5):

        def stop(record: dict[str, Any], last: int = stop_after) -> None:
            if record["epoch"] == last:
                raise InterruptedError

        out = folder / f"stopped{stop_after}"
        try:
            georgia.train(photos, out=out, on_epoch=stop, **settings)
        except InterruptedError:
            georgia.resume(out, progress=False)
        assert (out / "model.safetensors").read_bytes() == expected
    print("resume: equal after a stop at each of 4 epoch borders")


def prove_the_demo(folder: Path) -> None:
    result = run_demo(folder / "demo", say=lambda _: None)
    print(f"demo: test accuracy {result.accuracy:.4f} ({result.correct}/{result.count})")
    assert result.accuracy >= 0.95


def main() -> None:
    for prove in (prove_memory_is_flat, prove_resume_at_every_epoch, prove_the_demo):
        with tempfile.TemporaryDirectory() as folder:
            prove(Path(folder))


if __name__ == "__main__":
    main()
