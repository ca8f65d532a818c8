"""The command: what it prints, and one line with exit code 2 for bad input."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import georgia

pytestmark = pytest.mark.slow


def command(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from georgia.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=300,
    )


def test_train_evaluate_predict_resume(photos: Path, tmp_path: Path) -> None:
    done = command(
        "train", photos, "--out", tmp_path / "run", "--epochs", 1, "--size", 32,
        "--precision", "float32", "--device", "cpu", "--threads", 2, "--seed", 1, "--batch", 8,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "40 images in 4 classes" in done.stdout
    done = command("evaluate", tmp_path / "run", "--split", "test")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("accuracy ")
    assert "spherulites" in done.stdout
    done = command("predict", tmp_path / "run", photos, "--csv", tmp_path / "out.csv")
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 41
    done = command("resume", tmp_path / "run")
    assert "it is finished" in done.stdout
    assert done.returncode == 0


def test_info_names_what_matters() -> None:
    done = command("info")
    assert done.returncode == 0
    for word in ("georgia", "torch", "processor", "precision", "core library", "resnet18"):
        assert word in done.stdout


@pytest.fixture(scope="module")
def bad_folders(photos: Path, run: georgia.Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with every kind of bad input."""
    root = tmp_path_factory.mktemp("bad")
    (root / "empty").mkdir()
    shutil.copytree(photos / "plates", root / "one" / "plates")
    shutil.copytree(photos, root / "single")
    for path in sorted((root / "single" / "plates").iterdir())[1:]:
        path.unlink()
    shutil.copytree(photos, root / "text")
    (root / "text" / "plates" / "a.png").write_text("this is text")
    shutil.copytree(photos, root / "truncated")
    victim = root / "truncated" / "plates" / "plates_0000.png"
    victim.write_bytes(victim.read_bytes()[:-30])
    model = (run.folder / "model.safetensors").read_bytes()
    (root / "short.safetensors").write_bytes(model[: len(model) // 2])
    (root / "pickle.safetensors").write_bytes(b"\x80\x04\x95" + bytes(100))
    return root


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "nowhere"], "nowhere: no such folder"),
        (["train", "empty"], "at least two folders"),
        (["train", "one"], "too few classes"),
        (["train", "single"], "plates: too few images"),
        (["train", "text"], "a.png: not an image"),
        (["train", "truncated"], "plates_0000.png: PNG cut short"),
        (["train", "PHOTOS", "--epochs", "0"], "epochs"),
        (["train", "PHOTOS", "--epochs", "x"], "Invalid value for '--epochs'"),
        (["train", "PHOTOS", "--precision", "float8"], "Invalid value for '--precision'"),
        (["train", "PHOTOS", "--network", "nonet"], "one of alexnet, "),
        (["train", "PHOTOS", "--out", "/proc/x"], "cannot be written to"),
        (["evaluate", "nowhere"], "nowhere: no such folder"),
        (["evaluate", "empty"], "holds no run"),
        (["predict", "short.safetensors", "PHOTOS"], "short.safetensors: the file is cut short"),
        (["predict", "pickle.safetensors", "PHOTOS"], "not a safetensors file"),
        (["predict", "nowhere.safetensors", "PHOTOS"], "No such file"),
        (["predict", "RUN", "nowhere"], "nowhere: no such file or folder"),
        (["predict", "RUN", "empty"], "no images"),
        (["fly"], "No such command"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str], words: str, bad_folders: Path, photos: Path, run: georgia.Run
) -> None:
    places = {"PHOTOS": str(photos), "RUN": str(run.folder)}
    done = command(*(places.get(word, word) for word in arguments), cwd=bad_folders)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (bad_folders / "runs").exists()


def test_ctrl_c_says_how_to_go_on(photos: Path, tmp_path: Path) -> None:
    code = "from georgia.cli import main; main()"
    arguments = ["train", photos, "--out", tmp_path / "run", "--epochs", 5000, "--size", 32]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("epoch 1/"):
            break
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "; the training goes on with: georgia resume RUN" in errors
    assert "Traceback" not in errors
    assert georgia.Run(tmp_path / "run").history["epoch"][0] == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_permissions(photos: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(photos, tmp_path / "p"))
    (root / "plates" / "plates_0000.png").chmod(0)
    done = command("train", root, cwd=tmp_path)
    assert done.returncode == 2
    assert "Permission denied" in done.stderr
