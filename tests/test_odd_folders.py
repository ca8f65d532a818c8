"""What training says of folders and settings that make no sense, and what it leaves behind."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import georgia
from georgia import _core


def few_of_each(photos: Path, folder: Path, *counts: int) -> Path:
    """A folder with so many images of the first class, the second, ..."""
    for source, count in zip(sorted(photos.iterdir()), counts, strict=False):
        (folder / source.name).mkdir(parents=True)
        for image in sorted(source.iterdir())[:count]:
            shutil.copy(image, folder / source.name)
    return folder


def quick(*, save_minutes: float = 10, cache_mib: int = 512, **phase: Any) -> georgia.TrainOptions:
    return georgia.TrainOptions.from_dict(
        {
            "network": "small_cnn",
            "phases": [{"epochs": 2, "size": 32, "batch": 8, **phase}],
            "save_minutes": save_minutes,
            "cache_mib": cache_mib,
        }
    )


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([5], "too few classes; expected at least two folders with images in them"),
        ([3], "too few classes"),
        ([2, 1], "needles: too few images; expected at least 3"),
        ([1, 1, 1, 1], "needles: too few images; expected at least 3"),
        ([0, 0], "one per class, got none"),
    ],
)
def test_too_few_images_are_told(
    counts: list[int], words: str, photos: Path, tmp_path: Path
) -> None:
    folder = few_of_each(photos, tmp_path / "few", *counts)
    with pytest.raises(georgia.BadInput, match=words):
        georgia.train(folder, out=tmp_path / "run", options=quick(), progress=False)
    assert not (tmp_path / "run").exists()


def test_the_fewest_images_that_can_be_split_can_be_trained_on(
    photos: Path, tmp_path: Path
) -> None:
    folder = few_of_each(photos, tmp_path / "few", 3, 3)
    run = georgia.train(folder, out=tmp_path / "run", options=quick(batch=2), progress=False)
    assert run.state["step"] == 2


def test_a_corrupt_file_is_named_or_left_out(photos: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(photos, tmp_path / "photos")
    bad = sorted((folder / "plates").iterdir())[2]
    bad.write_bytes(bad.read_bytes()[:200])
    with pytest.raises(georgia.BadInput, match=f"{bad.name}.*1 of 40 images could not be read"):
        georgia.train(folder, out=tmp_path / "run", options=quick(), progress=False)
    run = georgia.train(
        folder, out=tmp_path / "run", options=quick(), max_refused=0.05, progress=False
    )
    assert bad.name not in (run.folder / "data.csv").read_text()


def test_a_file_that_vanishes_during_the_run_is_named_and_nothing_is_lost(
    photos: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(photos, tmp_path / "photos")
    plates, away = folder / "plates", tmp_path / "away"

    def hide(record: dict[str, Any]) -> None:
        if record["step"] == 2:
            plates.rename(away)

    out = tmp_path / "run"
    with pytest.raises(georgia.IoError, match=r"plates/.*\.png: No such file"):
        georgia.train(folder, out=out, options=quick(cache_mib=0), on_batch=hide, progress=False)
    assert 2 <= georgia.Run(out).state["step"] < 8
    with pytest.raises(georgia.Error, match=r"plates/.*\.png: No such file"):
        georgia.resume(out, progress=False)
    away.rename(plates)
    resumed = georgia.resume(out, progress=False)
    whole = georgia.train(folder, out=tmp_path / "whole", options=quick(), progress=False)
    assert list(resumed.history["train_loss"]) == list(whole.history["train_loss"])


def test_decoded_images_are_kept_and_files_not_read_again(photos: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(photos, tmp_path / "photos")

    def remove(record: dict[str, Any]) -> None:
        if record["epoch"] == 1:
            shutil.rmtree(folder)

    kept = georgia.train(
        folder, out=tmp_path / "kept", options=quick(), on_epoch=remove, progress=False
    )
    read = georgia.train(photos, out=tmp_path / "read", options=quick(cache_mib=0), progress=False)
    assert list(kept.history["train_loss"]) == list(read.history["train_loss"])


def test_a_rate_that_explodes_is_told_and_nothing_of_it_is_kept(
    photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    options = quick(learning_rate=1e6, schedule="constant", save_minutes=0)
    with pytest.raises(georgia.Diverged, match=r"after \d+ steps, in epoch \d+, learning rate 1e"):
        georgia.train(photos, out=out, options=options, progress=False)
    assert (out / "checkpoint.safetensors").is_file()
    for path in out.glob("*.safetensors"):
        tensors = _core.read_tensors(path)[0]
        assert all(np.isfinite(tensor).all() for tensor in tensors.values())


def test_no_epochs_are_no_training(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(georgia.InvalidOption, match="epochs: expected a whole number of at least"):
        georgia.train(photos, out=tmp_path / "run", epochs=0, progress=False)
    assert not (tmp_path / "run").exists()
