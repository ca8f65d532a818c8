"""Contenders in turn on the same files, each in its own process; what they took, as a table.

A contender's process does all its work and ends; or, where a machine's speed would change more
between two such than the contenders differ, all of them stay and work a few seconds each.
"""

import importlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# The C library keeps what is freed: how the fairest peers are started.
KEEP_MEMORY = {
    "GLIBC_TUNABLES": "glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=8589934592"
    ":glibc.malloc.top_pad=67108864"
}
KERAS = KEEP_MEMORY | {"KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
Figures = dict[str, float]
Round = Callable[[], Figures]


@dataclass(frozen=True)
class Contender:
    """One way to do the work: called with the folder of files, it gives its figures.

    Of a workload of rounds it gives what is to be called for the figures of each. `needs` names a
    package whose absence leaves it out.
    """

    run: Callable[[Path], Figures] | Callable[[Path], Round]
    environment: Mapping[str, str] = field(default_factory=dict)
    needs: str = ""

    @property
    def is_absent(self) -> bool:
        return bool(self.needs) and importlib.util.find_spec(self.needs) is None


@dataclass(frozen=True)
class Workload:
    """What is contested: files to work on, contenders, and which figure is compared."""

    title: str
    prepare: Callable[[Path], None]
    contenders: Mapping[str, Contender]
    compared: Mapping[str, str]  # figure: its heading
    has_rounds: bool = False  # of a few seconds, in processes that stay


def _command(module: str, name: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.contest", module, name, str(folder)]


def run_alone(module: str, name: str, folder: Path, environment: Mapping[str, str]) -> Figures:
    """One contender in a fresh process, whose whole time and peak memory count too."""
    began = time.monotonic()
    done = subprocess.run(
        _command(module, name, folder),
        env=os.environ | dict(environment),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures | {"runs_per_hour": 3600 / (time.monotonic() - began)}


class Staying:
    """A contender whose process stays until its end, and works when it is told."""

    def __init__(
        self, module: str, name: str, folder: Path, environment: Mapping[str, str]
    ) -> None:
        self._process = subprocess.Popen(
            _command(module, name, folder),
            env=os.environ | dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def _answer(self) -> Figures:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                figures: Figures = json.loads(line)
                return figures
        message = f"{self._process.args} ended"
        raise RuntimeError(message)

    def round(self) -> Figures:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self._answer()

    def end(self) -> Figures:
        """What is known of the whole process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._answer()


def hold(
    module: str, folder: Path, rounds: int, *, only: list[str], once: list[str]
) -> dict[str, list[Figures]]:
    """All contenders of a workload, A B A B; the figures of each round.

    `only` names those that take part, `once` those that do in the first round alone.
    """
    workload: Workload = importlib.import_module(module).WORKLOAD
    present = {
        name: contender
        for name, contender in workload.contenders.items()
        if not contender.is_absent and (not only or name in only)
    }
    figures: dict[str, list[Figures]] = {name: [] for name in present}
    staying = {}
    if workload.has_rounds:
        staying = {
            name: Staying(module, name, folder, c.environment) for name, c in present.items()
        }
    for number in range(rounds):
        for name in list(present)[:: 1 if number % 2 == 0 else -1]:
            if number > 0 and name in once:
                continue
            if staying:
                found = staying[name].round()
            else:
                found = run_alone(module, name, folder, present[name].environment)
            figures[name].append(found)
            told = ", ".join(f"{key} {value:.3g}" for key, value in found.items())
            print(f"round {number + 1} of {rounds}, {name}: {told}", file=sys.stderr, flush=True)
    for name, process in staying.items():
        figures[name][-1] |= process.end()
    return figures


def steady(ends: list[list[float]], batch: int) -> float:
    """Images per second between the ends of an epoch's steps, the median of epochs.

    The first epoch and the first steps of each are left out, and what is between two epochs.
    """
    warm = 2
    rates = []
    for epoch in ends[1:]:
        timed = epoch[warm - 1 :]
        if len(timed) > 1:
            rates.append((len(timed) - 1) * batch / (timed[-1] - timed[0]))
    return statistics.median(rates)


def median(figures: list[Figures], key: str) -> float:
    values = [row[key] for row in figures if key in row]
    return statistics.median(values) if values else 0


def table(workload: Workload, figures: Mapping[str, list[Figures]]) -> str:
    """Medians, ranges, and how many times as fast georgia is."""
    keys = [key for key in workload.compared if any(median(rows, key) for rows in figures.values())]
    shown = {"cpu_seconds_per_image": "CPU s/image", "peak_mib": "peak MiB", "start": "start-up s"}
    heads = [part for key in keys for part in (workload.compared[key], "georgia is")]
    lines = [
        f"**{workload.title}**",
        "",
        "| | " + " | ".join([*heads, *shown.values()]) + " |",
        "|---" * (1 + len(heads) + len(shown)) + "|",
    ]
    for name, rows in figures.items():
        cells = []
        for key in keys:
            values = [row[key] for row in rows if key in row] or [0]
            theirs, ours = median(rows, key), median(figures.get("georgia", []), key)
            spread = f"{min(values):.3g} to {max(values):.3g}" if len(values) > 1 else "once"
            cells.append(f"{theirs:.3g} ({spread})" if theirs else "")
            cells.append(f"{ours / theirs:.2f} times" if theirs and ours else "")
        cells += [f"{median(rows, key):.3g}" if median(rows, key) else "" for key in shown]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    absent = [name for name, each in workload.contenders.items() if each.is_absent]
    if absent:
        lines += ["", f"Absent, because not installed: {', '.join(absent)}."]
    return "\n".join(lines)


def best_ratios(workload: Workload, figures: Mapping[str, list[Figures]]) -> dict[str, float]:
    """Georgia to the best of its peers, by figure."""
    ours = figures.get("georgia", [])
    peers = [rows for name, rows in figures.items() if not name.startswith("georgia")]
    found = {}
    for key in workload.compared:
        others = [median(rows, key) for rows in peers]
        if ours and max(others, default=0):
            found[key] = median(ours, key) / max(others)
    return found


def _main(module: str, name: str, folder: str) -> None:
    """The fresh process: run one contender and print its figures as JSON, those of rounds too."""
    import resource

    contender: Contender = importlib.import_module(module).WORKLOAD.contenders[name]
    figures = contender.run(Path(folder))
    if callable(figures):
        print("{}", flush=True)  # it is ready
        for _ in sys.stdin:
            print(json.dumps(figures()), flush=True)
        figures = {}
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    figures["peak_mib"] = (own.ru_maxrss + children.ru_maxrss) / 1024
    print(json.dumps(figures))


if __name__ == "__main__":
    _main(*sys.argv[1:])
