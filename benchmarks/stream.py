"""Memory of predict(stream=True) over many files.

    python -m benchmarks.stream [--files N]

The same small images again and again, by as many names; resident memory is read after every 1,000
answers. What the first 2,000 leave behind counts as the start.
"""

import argparse
import tempfile
import time
from pathlib import Path

import georgia
from benchmarks import machine
from georgia import _core

_MIB = 1 << 20
_STEP = 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=20_000)
    count = parser.parse_args().files
    print(machine.described())
    with tempfile.TemporaryDirectory() as place:
        photos = georgia.synthetic.write(Path(place, "photos"), per_class=25, size=96)
        originals = sorted(photos.rglob("*.png"))
        folder = Path(place, "many")
        folder.mkdir()
        for number in range(count):
            (folder / f"{number}.png").hardlink_to(originals[number % len(originals)])
        model = georgia.Model.create("small_cnn", classes=4, size=64)
        resident: list[float] = []
        began = time.perf_counter()
        for number, one in enumerate(model.predict(folder, stream=True), start=1):
            assert not one.error
            if number % _STEP == 0:
                resident.append(_core.resident_bytes() / _MIB)
        taken = time.perf_counter() - began
    print(f"{count} files in {taken:.1f} s; MiB after each {_STEP}: {[round(r) for r in resident]}")
    print(f"growth after the first {2 * _STEP}: {max(resident[2:]) - resident[1]:.1f} MiB")


if __name__ == "__main__":
    main()
