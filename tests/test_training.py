"""Training seen from Python: determinism, resume, interruption, bad input."""

import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import georgia
from georgia import _core

QUICK: dict[str, Any] = {"size": 32, "progress": False}
TIMELESS = ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy")


def weights(run: georgia.Run) -> bytes:
    """All bits of the best model's tensors; another test may have calibrated its file."""
    tensors = georgia.load(run).weights
    return b"".join(name.encode() + tensors[name].tobytes() for name in sorted(tensors))


def test_a_run_leaves_its_files(run: georgia.Run) -> None:
    names = {path.name for path in run.folder.iterdir()}
    assert {
        "options.json",
        "data.csv",
        "history.csv",
        "model.safetensors",
        "checkpoint.safetensors",
        "metrics.png",
    } <= names
    assert run.is_finished
    assert list(run.history["epoch"]) == [1, 2]
    assert georgia.Run(run.folder).options == run.options
    assert "2 epochs" in str(run)
    assert "data:image/png;base64" in run._repr_html_()


def test_two_runs_are_equal(run: georgia.Run, photos: Path, tmp_path: Path) -> None:
    again = georgia.train(photos, out=tmp_path / "b", epochs=2, **QUICK)
    assert weights(again) == weights(run)
    other = georgia.train(photos, out=tmp_path / "c", epochs=2, seed=1, **QUICK)
    assert weights(other) != weights(run)


def test_another_thread_drawing_torch_numbers_changes_nothing(
    run: georgia.Run, photos: Path, tmp_path: Path
) -> None:
    import torch

    stop = threading.Event()

    def draw() -> None:
        while not stop.is_set():
            torch.rand(100)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        again = georgia.train(photos, out=tmp_path / "b", epochs=2, **QUICK)
    finally:
        stop.set()
        thread.join()
    assert weights(again) == weights(run)


def test_resume_at_an_epoch_border_equals_never_stopping(
    run: georgia.Run, photos: Path, tmp_path: Path
) -> None:
    def stop(_: dict[str, Any]) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        georgia.train(photos, out=tmp_path / "b", epochs=2, on_epoch=stop, **QUICK)
    stopped = georgia.Run(tmp_path / "b")
    assert not stopped.is_finished
    resumed = georgia.resume(stopped, progress=False)
    assert resumed.is_finished
    assert weights(resumed) == weights(run)
    for name in TIMELESS:
        np.testing.assert_array_equal(resumed.history[name], run.history[name])
    before = (resumed.folder / "checkpoint.safetensors").read_bytes()
    georgia.resume(resumed, progress=False)
    assert (resumed.folder / "checkpoint.safetensors").read_bytes() == before


def test_ctrl_c_stops_and_saves(photos: Path, tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys, georgia
        try:
            georgia.train(sys.argv[1], out=sys.argv[2], epochs=2000, size=32, progress=False,
                          on_epoch=lambda record: print("epoch", flush=True))
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        """
    )
    folder = tmp_path / "b"
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(photos), str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "epoch\n"
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert output.splitlines()[-1] == "interrupted"
    assert process.returncode == 0
    assert (folder / "checkpoint.safetensors").is_file()
    assert not georgia.Run(folder).is_finished


def test_phases_share_flat_epochs_in_proportion(photos: Path, tmp_path: Path) -> None:
    options = georgia.TrainOptions(
        phases=[
            georgia.Phase(epochs=10, trainable=["head"], size=64),
            georgia.Phase(epochs=30, learning_rate=1e-4),
        ]
    )
    run = georgia.train(photos, out=tmp_path / "b", epochs=4, options=options, **QUICK)
    assert [phase.epochs for phase in run.options.phases] == [1, 3]
    assert [phase.size for phase in run.options.phases] == [32, 32]
    assert list(run.history["phase"]) == [1, 2, 2, 2]
    assert run.options.phases[1].learning_rate == 1e-4


def test_options_are_checked_by_name() -> None:
    for words, values in {
        r"epochs.*1 to 1e\+06.*got 0": {"phases": [{"epochs": 0}]},
        "batch": {"phases": [{"batch": 1}]},
        "there is no option": {"epoch": 3},
        "precision.*auto, float32, bfloat16.*float16": {"precision": "float16"},
        "seed: wrong type; expected int": {"seed": "x"},
        "phases": {"phases": []},
    }.items():
        with pytest.raises(georgia.InvalidOption, match=words):
            georgia.TrainOptions.from_dict(values)
    options = georgia.TrainOptions(optimizer="sgd", augment={"rotation": 30})
    assert georgia.TrainOptions.from_dict(options.to_dict()) == options
    assert "optimizer='sgd'" in repr(options)


@pytest.mark.parametrize(
    ("keywords", "error", "words"),
    [
        ({"network": "resnet19"}, georgia.InvalidOption, "resnet18"),
        ({"epochs": 0}, georgia.InvalidOption, "epochs"),
        ({"device": "gpu"}, georgia.InvalidOption, "auto, cpu, cuda"),
        ({"device": "cuda:7"}, georgia.InvalidOption, "no such device"),
        ({"learning_rate": 1e9, "epochs": 3}, georgia.Diverged, "not finite"),
    ],
)
def test_bad_settings_are_told(
    keywords: dict[str, Any], error: type[Exception], words: str, photos: Path, tmp_path: Path
) -> None:
    with pytest.raises(error, match=words):
        georgia.train(photos, out=tmp_path / "b", **(QUICK | keywords))


def test_an_occupied_or_forbidden_folder_is_refused(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(georgia.InvalidOption, match="not empty"):
        georgia.train(photos, out=tmp_path / "mine", epochs=1, **QUICK)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"
    with pytest.raises(georgia.IoError, match="cannot be written to"):
        georgia.train(photos, out="/proc/run", epochs=1, **QUICK)


def test_resume_refuses_other_images_and_no_run(photos: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(photos, tmp_path / "p"))
    run = georgia.train(copied, out=tmp_path / "b", epochs=1, **QUICK)
    first = next(copied.glob("*/*.png"))
    first.write_bytes(georgia.synthetic.encode(georgia.synthetic.draw("plates", size=40, item=99)))
    with pytest.raises(georgia.BadInput, match="not those this run began with"):
        georgia.resume(run, progress=False)
    first.unlink()
    with pytest.raises(georgia.BadInput, match="No such file"):
        georgia.resume(run, progress=False)
    with pytest.raises(georgia.IoError, match="holds no run"):
        georgia.resume(tmp_path, progress=False)


def test_batches_are_equal_for_any_number_of_threads(photos: Path) -> None:
    paths = [str(path) for path in sorted(photos.glob("*/*.png"))]

    def batches(threads: int) -> list[Any]:
        loader = _core.Loader(
            paths,
            georgia.Preprocess(height=40, width=40),
            georgia.AugmentOptions(rotation=30, zoom=0.3),
            batch=7,
            epochs=2,
            threads=threads,
            shuffle=True,
            seed=3,
        )
        return list(loader)

    expected = batches(0)
    assert sum(len(indices) for _, indices in expected) == 80
    for threads in (1, 2, 8):
        for (pixels, indices), (other_pixels, other) in zip(
            batches(threads), expected, strict=True
        ):
            np.testing.assert_array_equal(indices, other)
            np.testing.assert_array_equal(pixels, other_pixels)


def test_a_second_training_at_the_same_time_is_refused(photos: Path, tmp_path: Path) -> None:
    def train_again(_: dict[str, Any]) -> None:
        georgia.train(photos, out=tmp_path / "c", epochs=1, **QUICK)

    with pytest.raises(georgia.InvalidOption, match="another training"):
        georgia.train(photos, out=tmp_path / "b", epochs=1, on_epoch=train_again, **QUICK)
