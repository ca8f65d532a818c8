"""Runs that are stopped, killed or starved anywhere end as if nothing had happened.

A few cases every time; all of them with GEORGIA_PROOF=1 (make proof).
"""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from proof_child import assert_alike

import georgia

ALL = bool(os.environ.get("GEORGIA_PROOF"))
LONG = 3600 if ALL else 600  # seconds
CHILD = Path(__file__).with_name("proof_child.py")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four classes of unequal size."""
    folder = georgia.synthetic.write(tmp_path_factory.mktemp("few"), per_class=8, size=40)
    for path in sorted((folder / "needles").iterdir())[:3]:
        path.unlink()
    return folder


def child(*arguments: object, **how: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHILD), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=LONG, **how)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_fresh_process_resumes_at_any_step(threads: int, few: Path, tmp_path: Path) -> None:
    first = child("stopped", few, tmp_path, threads)
    assert first.returncode == 0, first.stderr
    steps = georgia.Run(tmp_path / "0").state["step"]
    chosen = range(1, steps) if ALL else np.linspace(1, steps - 1, 6).astype(int).tolist()
    others = tmp_path / "others"
    others.mkdir()
    assert child("stopped", few, others, threads, *chosen).returncode == 0
    stopped = [others / str(step) for step in chosen]
    assert [georgia.Run(one).state["step"] for one in stopped] == list(chosen)
    assert child("resume", few, *stopped).returncode == 0
    for one in stopped:
        assert_alike(one, tmp_path / "0")
    print(f"\nresumed alike after each of {len(stopped)} of {steps} steps, {threads} threads")


def kill_sometime(few: Path, out: Path, seed: int) -> int:
    """Begin and resume a run, killing each process after a random time; how often it was."""
    draw, kills = random.Random(seed), 0
    while True:
        begun = (out / "options.json").is_file()
        arguments = ["resume", few, out] if begun else ["begin", few, out]
        with subprocess.Popen([sys.executable, str(CHILD), *map(str, arguments)]) as process:
            mark = out / "checkpoint.safetensors"
            before = mark.stat().st_mtime_ns if mark.is_file() else 0
            while process.poll() is None and not (
                mark.is_file() and mark.stat().st_mtime_ns != before
            ):
                time.sleep(0.002)
            time.sleep(draw.uniform(0, 0.15))
            if process.poll() is not None:
                assert process.returncode == 0
                return kills
            process.kill()
            kills += 1


def test_killed_runs_end_alike(few: Path, tmp_path: Path) -> None:
    assert child("begin", few, tmp_path / "whole").returncode == 0
    kills = rounds = 0
    while kills < (100 if ALL else 5):
        rounds += 1
        out = tmp_path / str(rounds)
        kills += kill_sometime(few, out, rounds)
        assert_alike(out, tmp_path / "whole")
        left = {path.name for path in out.iterdir()} - {
            "options.json", "data.csv", "history.csv", "metrics.png", "model.safetensors",
            "checkpoint.safetensors", "checkpoint.previous.safetensors",
        }  # fmt: skip
        assert not left
    print(f"\n{kills} kills in {rounds} runs, all ended alike")


def test_a_file_size_limit_costs_only_the_new_checkpoint(few: Path, tmp_path: Path) -> None:
    assert child("begin", few, tmp_path / "whole").returncode == 0
    assert child("stopped", few, tmp_path, 2, 5).returncode == 0
    out = tmp_path / "5"
    before = (out / "checkpoint.safetensors").read_bytes()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2,) * 2)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    failed = child("resume", few, out, preexec_fn=limit)
    assert failed.returncode != 0
    assert "File too large" in failed.stderr
    assert (out / "checkpoint.safetensors").read_bytes() == before
    assert child("resume", few, out).returncode == 0
    assert_alike(out, tmp_path / "0")


SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/types.h>
#include <unistd.h>
static long place, count;
/* Let the place-th call from here on fail; 1 if the one asked for before did. */
int fail_at(long next) {
    const int failed = place && count >= place;
    place = next;
    count = 0;
    return failed;
}
static int fails(void) { return place && ++count == place ? (errno = ENOSPC, 1) : 0; }
ssize_t write(int fd, const void* data, size_t size) {
    static ssize_t (*real)(int, const void*, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    return fd > 2 && size > 64 && fails() ? -1 : real(fd, data, size);
}
int fsync(int fd) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "fsync");
    return fails() ? -1 : real(fd);
}
int rename(const char* from, const char* to) {
    static int (*real)(const char*, const char*);
    if (!real) real = dlsym(RTLD_NEXT, "rename");
    return fails() ? -1 : real(from, to);
}
"""


def test_a_failure_of_any_write_loses_nothing(few: Path, tmp_path: Path) -> None:
    (tmp_path / "shim.c").write_text(SHIM)
    library = tmp_path / "shim.so"
    command = ["cc", "-shared", "-fPIC", "-o", library, tmp_path / "shim.c", "-ldl"]
    subprocess.run(command, check=True)
    assert child("begin", few, tmp_path / "whole").returncode == 0
    first, last, stride = (1, 10**9, 1) if ALL else (3, 1200, 149)
    done = child(
        "starve", few, tmp_path / "run", tmp_path / "whole", first, last, stride,
        env=os.environ | {"LD_PRELOAD": str(library)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    failures = int(done.stdout)
    assert failures > (1000 if ALL else 5)
    print(f"\n{failures} failed writes, each resumed alike")


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system is mounted by root alone")
def test_a_full_file_system_costs_only_the_new_checkpoint(few: Path, tmp_path: Path) -> None:
    assert child("stopped", few, tmp_path, 2, 5).returncode == 0
    used = sum(path.stat().st_size for path in (tmp_path / "5").iterdir())
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={used + 2**17}", "none", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        out = shutil.copytree(tmp_path / "5", disk / "run")
        before = (out / "checkpoint.safetensors").read_bytes()
        failed = child("resume", few, out)
        assert failed.returncode != 0
        assert "No space left on device" in failed.stderr
        assert (out / "checkpoint.safetensors").read_bytes() == before
        shutil.copytree(out, tmp_path / "moved")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert child("resume", few, tmp_path / "moved").returncode == 0
    assert_alike(tmp_path / "moved", tmp_path / "0")


def test_ctrl_c_at_any_moment_leaves_a_usable_state(few: Path, tmp_path: Path) -> None:
    script = """
        import os, random, signal, sys, threading, time
        from pathlib import Path
        sys.path.insert(0, sys.argv[3])
        import georgia
        from proof_child import begin
        few, folder, times = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[4])
        run = folder / "run"
        begin(few, folder / "done", 2)
        model = georgia.load(folder / "done")
        draw, answers = random.Random(1), []

        def interrupted(work):
            wait = draw.uniform(0, 0.4)
            timer = threading.Timer(wait, os.kill, (os.getpid(), signal.SIGINT))
            start = time.monotonic()
            try:
                timer.start()
                work()
                timer.join()
                time.sleep(0.05)
            except KeyboardInterrupt:
                answers.append(time.monotonic() - start - wait)

        works = [
            lambda: begin(few, folder / str(len(list(folder.iterdir()))), 2, phases=[
                {"epochs": 1000, "size": 32, "batch": 8}]),
            lambda: [model.predict(few) for _ in range(50)],
            lambda: [georgia.evaluate(folder / "done", split="train") for _ in range(50)],
        ]
        for number in range(times):
            interrupted(works[number % 3])
        assert len(model.predict(few)) == 29
        found = [one for one in folder.iterdir() if (one / "checkpoint.safetensors").is_file()]
        unfinished = [one for one in found if one.name != "done"]
        assert unfinished
        for one in unfinished[:3]:
            assert georgia.resume(one, progress=False, stop=lambda: True).is_finished
        print(len(answers), "of", times, "stopped;", threading.active_count(), "thread left;",
              "slowest answer", round(max(answers), 3), "s")
        assert max(answers) < 2
    """
    command = [sys.executable, "-c", textwrap.dedent(script), few, tmp_path, CHILD.parent]
    times = 200 if ALL else 9
    done = subprocess.run(
        [*map(str, command), str(times)], capture_output=True, text=True, timeout=LONG
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "; 1 thread left" in done.stdout
    print("\n" + done.stdout.strip())


def test_a_table_of_a_million_virtual_samples_needs_little_memory(tmp_path: Path) -> None:
    script = """
        import sys, threading
        from pathlib import Path
        import georgia
        from georgia import _core
        few = Path(sys.argv[1])
        seen = []

        def watch(record):
            seen.append(_core.resident_bytes())
            if record["step"] == 60:
                raise SystemExit(0)

        options = georgia.TrainOptions(
            network="logistic", phases=[{"size": 16, "batch": 64}],
            imbalance={"method": "balance", "balance_to": 250_000}, save_minutes=1e5)
        try:
            georgia.train(few, out=sys.argv[2], options=options, on_batch=watch, progress=False)
        finally:
            print("MiB", (max(seen) - seen[5]) / 2**20, "of", max(seen) / 2**20)
    """
    few = georgia.synthetic.write(tmp_path / "two", per_class=6, size=32)
    command = [sys.executable, "-c", textwrap.dedent(script), few, tmp_path / "run"]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=300)
    assert done.stdout.startswith("MiB"), done.stderr[-2000:]
    growth = float(done.stdout.split()[1])
    assert growth < 30
    print("\n" + done.stdout.strip())
