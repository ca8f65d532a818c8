"""Scanning a data set against a loop with Pillow, hashlib and NumPy, in turn on the same files.

    python -m benchmarks.scan [--rounds 3] [--json FILE]

Both take of every file its SHA-256, size and channels, the SHA-256 of its pixels, mean and entropy
of its gray values and a perceptual hash. The peer does less: it is given the paths, hashes the
pixels in one orientation instead of eight, and leaves out border strips and limits. It is written
as a plain loop, and on a thread per core with Pillow's pool of memory blocks.
Each contender reads the files in a process of its own, once uncounted, so that the malloc of one
does not help another. Ratios hold within one run. The memory of the table follows.
"""

import argparse
import hashlib
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

CONTENDERS = ("georgia", "Pillow", "threads")
_FLOOR = 2.0
_SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
_SETS = ("sugar_crystals", "neu_surface", "opencrystal_sample", "glomeruli")
_REPEATS = {"opencrystal_sample": 10}
_COSINES = np.cos(np.pi / 64 * np.outer(np.arange(8), 2 * np.arange(32) + 1)).astype(np.float32)
_VALUES = np.arange(256.0)


class PeerFacts(NamedTuple):
    """What the peer takes of a file."""

    sha256: str
    width: int
    height: int
    channels: int
    pixel_hash: str
    mean: float
    entropy: float
    perceptual: int


def peer_facts(path: Path) -> PeerFacts:
    data = path.read_bytes()
    image = Image.open(io.BytesIO(data))
    pixels = hashlib.sha256(image.tobytes()).hexdigest()
    gray = image.convert("L")
    shares = np.array(gray.histogram()) / (gray.width * gray.height)
    present = shares[shares > 0]
    small = gray.resize((32, 32), Image.Resampling.BOX, reducing_gap=2.0)
    signs = _COSINES @ np.asarray(small, np.float32) @ _COSINES.T > 0
    return PeerFacts(
        hashlib.sha256(data).hexdigest(),
        image.width,
        image.height,
        len(image.getbands()),
        pixels,
        float(shares @ _VALUES),
        float(-(present @ np.log2(present))),
        int.from_bytes(np.packbits(signs).tobytes(), "little"),
    )


def loop(folder: Path) -> list[str]:
    """SHA-256 of the files, after all was taken of them in one thread."""
    return [peer_facts(path).sha256 for path in images_below(folder)]


def pool(folder: Path) -> list[str]:
    """The same on a thread per core."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as threads:
        return [facts.sha256 for facts in threads.map(peer_facts, images_below(folder))]


def scan(folder: Path) -> list[str]:
    import georgia

    return [sample.sha256 for sample in georgia.Dataset.scan(folder, strict=True).samples]


def images_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in {".jpg", ".png"})


def seconds_of(read: Callable[[Path], list[str]], folder: Path) -> dict[str, Any]:
    """CPU and wall seconds of one reading, and which files were read."""
    cpu, wall = time.process_time(), time.monotonic()
    hashes = read(folder)
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    return {"cpu": cpu, "wall": wall, "hashes": sorted(hashes)}


def make_sets(folder: Path) -> dict[str, Path]:
    """Synthetic images, and the real sets where they are; small ones several times over."""
    import georgia

    sets = {"synthetic": georgia.synthetic.write(folder / "synthetic", per_class=60, size=256)}
    for name in _SETS:
        source = _SHARED / name
        if not source.is_dir():
            continue
        if name not in _REPEATS:
            sets[name] = source
            continue
        sets[name] = folder / name
        for label in (path for path in source.iterdir() if path.is_dir()):
            for number in range(_REPEATS[name]):
                shutil.copytree(label, folder / name / label.name / str(number))
    return sets


def table_bytes(folder: Path, count: int) -> int:
    """Highest memory of the process after a scan of many files."""
    import georgia
    from georgia import _core

    source = georgia.synthetic.write(folder / "few", per_class=16, size=32)
    for habit in georgia.synthetic.classes():
        (folder / "many" / habit).mkdir(parents=True)
        paths = sorted((source / habit).iterdir())
        for number in range(count // 4):
            target = folder / "many" / habit / f"{habit}_{number:06}.png"
            target.hardlink_to(paths[number % len(paths)])
    dataset = georgia.Dataset.scan(folder / "many")
    assert len(dataset.samples) == count
    return _core.peak_resident_bytes()


def in_own_process(*arguments: str, environment: dict[str, str] | None = None) -> Any:
    command = [sys.executable, "-m", "benchmarks.scan", *arguments]
    merged = {**os.environ, **(environment or {})}
    done = subprocess.run(command, env=merged, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(contender: str, sets: dict[str, Path]) -> dict[str, Any]:
    """Each set read twice in a process, the second time counted."""
    environment = {"PILLOW_BLOCKS_MAX": "64"} if contender == "threads" else {}
    names = json.dumps({name: str(path) for name, path in sets.items()})
    return dict(in_own_process("--only", contender, "--sets", names, environment=environment))


def print_rates(rounds: list[dict[str, dict[str, Any]]], sets: dict[str, Path]) -> dict[str, Any]:
    """A line per set and contender; files per CPU-second, against the better peer too."""
    print("files per CPU-second, median (least to most); wall seconds a set")
    result: dict[str, Any] = {}
    for name in sets:
        rates, walls = {}, {}
        for contender in CONTENDERS:
            taken = [one[contender][name] for one in rounds]
            assert taken[0]["hashes"] == rounds[0]["georgia"][name]["hashes"]
            rates[contender] = [len(t["hashes"]) / t["cpu"] for t in taken]
            walls[contender] = statistics.median(t["wall"] for t in taken)
        median = {contender: statistics.median(values) for contender, values in rates.items()}
        ratio = median["georgia"] / max(median["Pillow"], median["threads"])
        print(f"{name}, {len(rounds[0]['georgia'][name]['hashes'])} files")
        for contender, values in rates.items():
            spread = f"({min(values):.0f} to {max(values):.0f})"
            print(f"  {contender:<8} {median[contender]:7.0f}  {spread:<15}{walls[contender]:7.2f}")
        verdict = "reached" if ratio >= _FLOOR else "MISSED"
        print(f"  georgia reads {ratio:.2f} times as many; floor {_FLOOR} {verdict}")
        result[name] = {"rates": rates, "walls": walls, "ratio": ratio}
    return result


def print_memory(count: int) -> dict[str, Any]:
    """What each further file adds to the highest memory of a process that scans."""
    peaks = {
        n: int(in_own_process("--only", "memory", "--files", str(n))) for n in (count, 4 * count)
    }
    each = (peaks[4 * count] - peaks[count]) / (3 * count)
    told = ", ".join(f"{peak / (1 << 20):.1f} MiB for {n} files" for n, peak in peaks.items())
    print(f"highest memory of the process: {told}; {each:.0f} bytes a file")
    return {"peaks": peaks, "bytes_per_file": each}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int, default=4000, help="for memory: so many, and 4 times")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", choices=(*CONTENDERS, "memory"), help=argparse.SUPPRESS)
    parser.add_argument("--sets", type=json.loads, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only == "memory":
        with tempfile.TemporaryDirectory() as folder:
            print(table_bytes(Path(folder), arguments.files))
        return
    if arguments.only:
        read = {"georgia": scan, "Pillow": loop, "threads": pool}[arguments.only]
        taken = {}
        for name, folder in arguments.sets.items():
            read(Path(folder))
            taken[name] = seconds_of(read, Path(folder))
        print(json.dumps(taken))
        return

    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        sets = make_sets(Path(folder))
        for number in range(arguments.rounds):
            rounds.append({contender: measure(contender, sets) for contender in CONTENDERS})
            print(f"round {number + 1} of {arguments.rounds} done", file=sys.stderr)
        rates = print_rates(rounds, sets)
    memory = print_memory(arguments.files)
    if arguments.json:
        arguments.json.write_text(json.dumps({"rates": rates, "memory": memory}, indent=1))
    if any(values["ratio"] < _FLOOR for values in rates.values()):
        sys.exit(1)


if __name__ == "__main__":
    main()
