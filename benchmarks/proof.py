"""Long proofs that every day's tests leave out.

    python -m benchmarks.proof

Memory over 100 epochs and the demonstration's accuracy. What stops, kills and starves runs is in
tests/test_proofs.py, which takes every case with GEORGIA_PROOF=1.
"""

import tempfile
from pathlib import Path

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


def prove_the_demo(folder: Path) -> None:
    result = run_demo(folder / "demo", say=lambda _: None)
    print(f"demo: test accuracy {result.accuracy:.4f} ({result.correct}/{result.count})")
    assert result.accuracy >= 0.95


def main() -> None:
    for prove in (prove_memory_is_flat, prove_the_demo):
        with tempfile.TemporaryDirectory() as folder:
            prove(Path(folder))


if __name__ == "__main__":
    main()
