"""Listing and splitting folders."""

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

import georgia
from georgia.natural_order import natural_key


def copy_tree(photos: Path, target: Path) -> Path:
    return Path(shutil.copytree(photos, target))


def test_scan_lists_classes_and_leaves_other_files_alone(photos: Path, tmp_path: Path) -> None:
    root = copy_tree(photos, tmp_path / "p")
    (root / "SOURCE.txt").write_text("notes")
    (root / ".hidden").mkdir()
    (root / ".hidden" / "x.png").write_bytes(b"")
    (root / "plates" / "notes.md").write_text("notes")
    (root / "plates" / "deeper").mkdir()
    shutil.copy(root / "plates" / "plates_0000.png", root / "plates" / "deeper" / "image")
    dataset = georgia.Dataset.scan(root)
    assert dataset.classes == ("needles", "plates", "rhombs", "spherulites")
    assert len(dataset.samples) == 41
    assert [path.name for path in dataset.ignored] == ["notes.md", "SOURCE.txt"]
    assert "left alone: 2 files" in str(dataset)


def test_natural_sort() -> None:
    names = ["img 10", "img 9", "Img 1", "img"]
    assert sorted(names, key=natural_key) == ["img", "Img 1", "img 9", "img 10"]


def test_split_is_stratified_and_repeatable(photos: Path) -> None:
    dataset = georgia.Dataset.scan(photos)
    split = dataset.split(train=0.6, validation=0.2, test=0.2, seed=1)
    counts = Counter((s.label, s.split) for s in split.samples)
    for label in dataset.classes:
        assert [counts[label, name] for name in ("train", "validation", "test")] == [6, 2, 2]
    assert split == dataset.split(train=0.6, validation=0.2, test=0.2, seed=1)
    assert split != dataset.split(train=0.6, validation=0.2, test=0.2, seed=2)
    assert [s.path for s in split.samples] == [s.path for s in dataset.samples]
    assert all(s.split != "test" for s in dataset.split(train=0.8, validation=0.2, test=0).samples)


def test_every_split_gets_an_image_of_every_class(photos: Path) -> None:
    split = georgia.Dataset.scan(photos).split(train=0.98, validation=0.01, test=0.01)
    counts = Counter((s.label, s.split) for s in split.samples)
    assert counts["plates", "test"] == counts["plates", "validation"] == 1


@pytest.mark.parametrize("validation", ["valid", "validation", "Val"])
def test_a_tree_that_is_split_is_taken_as_it_is(
    photos: Path, tmp_path: Path, validation: str
) -> None:
    for name in ("train", validation, "test"):
        copy_tree(photos, tmp_path / "tree" / name)
    dataset = georgia.Dataset.scan(tmp_path / "tree")
    assert dataset.is_split
    assert [len(dataset.part(name)) for name in ("train", "validation", "test")] == [40, 40, 40]


def test_awkward_names_survive_a_run(photos: Path, tmp_path: Path) -> None:
    root = tmp_path / "p"
    shutil.copytree(photos / "plates", root / "-ve")
    shutil.copytree(photos / "rhombs", root / "+ve")
    first = root / "-ve" / "plates_0000.png"
    first.rename(first.with_name("a\u200cb\n=1.png"))
    (root / "+ve" / "rhombs_0000.png").rename(os.fsdecode(bytes(root / "+ve") + b"/caf\xe9.png"))
    run = georgia.train(root, out=tmp_path / "run", epochs=1, size=32, progress=False)
    assert run.dataset.classes == ("+ve", "-ve")
    for split in ("train", "validation", "test"):
        assert not georgia.evaluate(run, split=split).unreadable
    georgia.resume(run, progress=False)


def test_class_order_is_total(photos: Path, tmp_path: Path) -> None:
    for name in ("Co", "CO", "1", "01", "10³"):
        shutil.copytree(photos / "plates", tmp_path / name)
    assert georgia.Dataset.scan(tmp_path).classes == ("01", "1", "10³", "CO", "Co")


def test_a_run_inside_the_data_set_is_no_class(photos: Path, tmp_path: Path) -> None:
    root = copy_tree(photos, tmp_path / "p")
    georgia.train(root, out=root / "runs" / "a", epochs=1, size=32, progress=False)
    assert "runs" not in georgia.Dataset.scan(root).classes


def test_a_row_for_a_spreadsheet_is_no_formula() -> None:
    from georgia.display import csv_text, printable

    assert csv_text(["a"], [["=1+1"], ["@x"], ["plain"], [3]]) == "a\n'=1+1\n'@x\nplain\n3\n"
    assert printable("a\x1b[31mb\u202e") == "a\ufffd[31mb\ufffd"


def test_bad_folders_are_told_in_one_sentence(photos: Path, tmp_path: Path) -> None:
    with pytest.raises(georgia.IoError, match="no such folder"):
        georgia.Dataset.scan(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(georgia.BadInput, match="at least two folders"):
        georgia.Dataset.scan(tmp_path / "empty")
    shutil.copytree(photos / "plates", tmp_path / "one" / "plates")
    with pytest.raises(georgia.BadInput, match=r"got one \(plates\)"):
        georgia.Dataset.scan(tmp_path / "one")
    (tmp_path / "one" / "single").mkdir()
    shutil.copy(photos / "rhombs" / "rhombs_0000.png", tmp_path / "one" / "single" / "a.png")
    with pytest.raises(georgia.BadInput, match=r"single: too few images.*got 1"):
        georgia.Dataset.scan(tmp_path / "one").split()
    with pytest.raises(georgia.InvalidOption, match="sum to 1"):
        georgia.Dataset.scan(photos).split(train=0.9)


def test_files_that_are_no_images_are_named_before_training(photos: Path, tmp_path: Path) -> None:
    root = copy_tree(photos, tmp_path / "p")
    (root / "plates" / "broken.png").write_text("text")
    with pytest.raises(georgia.BadInput, match=r"broken\.png: not an image"):
        georgia.train(root, out=tmp_path / "run", epochs=1, progress=False)
    assert not (tmp_path / "run").exists()
