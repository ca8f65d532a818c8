"""bank_folder: what frozen stages give is kept on disk and found by later trainings."""

from pathlib import Path
from typing import Any

import pytest

import georgia


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    georgia.synthetic.write(folder, per_class=8, size=48)
    return folder


def _train(
    photos: Path | georgia.Dataset,
    out: Path,
    banks: Path | str,
    *,
    progress: bool = False,
    **more: Any,
) -> georgia.Run:
    options = {
        "network": "small_cnn",
        "phases": [{"epochs": 4, "size": 32, "batch": 8, "trainable": ["head"]}],
        "bank_views": 2,
        "bank_folder": str(banks),
        "ema": 0,
        **more,
    }
    return georgia.train(
        photos, out=out, options=georgia.TrainOptions.from_dict(options), progress=progress
    )


def _losses(run: georgia.Run) -> list[tuple[float, float]]:
    return list(zip(run.history["train_loss"], run.history["validation_loss"], strict=True))


def test_a_second_training_finds_the_bank_and_ends_alike(photos: Path, tmp_path: Path) -> None:
    banks = tmp_path / "banks"
    banks.mkdir()
    plain = _train(photos, tmp_path / "plain", "")
    first = _train(photos, tmp_path / "first", banks)
    files = {path: path.stat().st_mtime_ns for path in banks.iterdir()}
    assert [path.suffix for path in files] == [".bank"] * 2  # training views, validation
    second = _train(photos, tmp_path / "second", banks)
    assert {path: path.stat().st_mtime_ns for path in banks.iterdir()} == files
    assert _losses(plain) == _losses(first) == _losses(second)


@pytest.mark.parametrize(
    ("change", "fresh"),
    [
        ({"seed": 43}, 2),  # other first weights
        ({"augment": {"rotation": 40}}, 1),  # the validation split's stays
        ({"bank_views": 3}, 1),
        ({"preprocess": {"mean": [0.4, 0.5, 0.5]}}, 2),
        ({"threads": 1}, 2),  # whose sums may end in other digits
        ({"accumulate": 2}, 2),
        ({"optimizer": "sgd", "label_smoothing": 0.1}, 0),  # nothing that the values follow from
    ],
)
def test_a_bank_of_something_else_is_not_taken(
    photos: Path, tmp_path: Path, change: dict[str, Any], fresh: int
) -> None:
    _train(photos, tmp_path / "first", tmp_path)
    before = set(tmp_path.glob("*.bank"))
    _train(photos, tmp_path / "second", tmp_path, **change)
    assert len(set(tmp_path.glob("*.bank")) - before) == fresh


def test_a_damaged_bank_is_refused_by_name(photos: Path, tmp_path: Path) -> None:
    _train(photos, tmp_path / "first", tmp_path)
    for path in tmp_path.glob("*.bank"):
        path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(georgia.BadInput, match=r"\.bank: .*delete it"):
        _train(photos, tmp_path / "second", tmp_path)


def test_a_folder_that_cannot_be_written_costs_no_training(
    photos: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = _train(photos, tmp_path / "run", tmp_path / "absent", progress=True)
    told = capfd.readouterr().out
    for split in ("train", "validation"):
        assert f"the bank of the {split} split stays in memory" in told
    assert "absent" in told
    assert _losses(run) == _losses(_train(photos, tmp_path / "plain", ""))


def test_images_that_changed_since_they_were_read_are_refused(tmp_path: Path) -> None:
    georgia.synthetic.write(tmp_path / "photos", per_class=8, size=48)
    dataset = georgia.Dataset.scan(tmp_path / "photos").split()
    _train(dataset, tmp_path / "first", tmp_path)
    changed = next((tmp_path / "photos").rglob("*.png"))
    changed.write_bytes(georgia.synthetic.encode(georgia.synthetic.draw("plates", size=48)))
    with pytest.raises(georgia.BadInput, match=rf"{changed.name}: the file is not the one"):
        _train(dataset, tmp_path / "second", tmp_path)
    assert not (tmp_path / "second").exists()
