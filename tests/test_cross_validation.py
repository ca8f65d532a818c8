"""Cross-validation, label errors, comparison of runs, and the share of a class over time."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import georgia
from georgia import _core, plots
from georgia.cli import app
from georgia.cross_validation import CrossValidation

QUICK = {"network": "small_cnn", "size": 32, "progress": False}


@pytest.fixture(scope="module")
def flipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two kinds of pictures that are easily told, two under the wrong name, one copied across."""
    root = tmp_path_factory.mktemp("flipped")
    for name, level in (("bright", 200), ("dark", 40)):
        (root / name).mkdir()
        for number in range(24):
            rng = np.random.default_rng([level, number])
            pixels = rng.integers(level - 30, level + 30, (40, 40), dtype=np.uint8)
            Image.fromarray(pixels).save(root / name / f"{name}_{number:02d}.png")
    for number in (3, 4):
        (root / "bright" / f"bright_{number:02d}.png").rename(root / "dark" / f"x_{number}.png")
    shutil.copy(root / "dark" / "dark_07.png", root / "bright" / "copy.png")
    return root


@pytest.fixture(scope="module")
def validated(flipped: Path, tmp_path_factory: pytest.TempPathFactory) -> CrossValidation:
    out = tmp_path_factory.mktemp("crossval")
    return georgia.cross_validate(flipped, folds=3, out=out, epochs=5, **QUICK)


def test_every_image_is_scored_once_by_a_model_that_missed_it(
    validated: CrossValidation, flipped: Path
) -> None:
    assert sorted(validated.paths) == sorted(str(path) for path in flipped.glob("*/*.png"))
    assert len(set(validated.folds)) == 3
    for fold in (1, 2, 3):
        run = georgia.Run(validated.folder / f"fold-{fold}")
        trained = {str(run.dataset.root / s.path) for s in run.dataset.part("train")}
        tested = {p for p, f in zip(validated.paths, validated.folds, strict=True) if f == fold}
        assert tested
        assert not tested & trained
    copies = [p.endswith(("copy.png", "dark_07.png")) for p in validated.paths]
    assert len({f for f, is_copy in zip(validated.folds, copies, strict=True) if is_copy}) == 1
    assert len({g for g, is_copy in zip(validated.groups, copies, strict=True) if is_copy}) == 1
    assert "3 folds" in str(validated)


def test_what_is_kept_comes_back(validated: CrossValidation, tmp_path: Path) -> None:
    back = CrossValidation.load(validated.folder)
    assert (back.paths, back.labels, back.folds, back.classes) == (
        validated.paths, validated.labels, validated.folds, validated.classes
    )  # fmt: skip
    np.testing.assert_array_equal(back.probabilities, validated.probabilities)
    (tmp_path / "out_of_fold.csv").write_text("path,class,fold,group,a,b\np,c,1,0,0.5,x\n")
    with pytest.raises(georgia.BadInput, match="damaged"):
        CrossValidation.load(tmp_path)
    with pytest.raises(georgia.IoError, match="holds no run"):
        georgia.label_errors(tmp_path / "..")


def test_wrong_labels_are_found_copies_first(validated: CrossValidation) -> None:
    found = georgia.label_errors(validated)
    reasons = [suspect.reason for suspect in found.suspects]
    assert reasons[:2] == ["copy", "copy"]
    assert {Path(s.path).name for s in found.suspects[:2]} == {"copy.png", "dark_07.png"}
    by_model = {Path(s.path).name: s for s in found.suspects[2:]}
    assert {"x_3.png", "x_4.png"} <= by_model.keys()
    assert by_model["x_3.png"].likely == "bright"
    assert len(found) <= 6  # of 49
    assert "a copy says so" in str(found)
    assert len(found.to_csv().splitlines()) == len(found) + 1


def test_a_run_gets_its_own_cross_validation_once(
    flipped: Path, validated: CrossValidation, tmp_path: Path
) -> None:
    run = georgia.train(flipped, out=tmp_path / "run", epochs=1, **QUICK)
    shutil.copytree(validated.folder, run.folder / "crossval")
    done = CliRunner().invoke(
        app,
        ["label-errors", str(run.folder), "--csv", str(tmp_path / "s.csv"), "--picture",
         str(tmp_path / "s.png")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert (tmp_path / "s.png").stat().st_size > 10_000
    assert "may be wrong" in done.stdout
    georgia.evaluate(run, alpha=0.2)
    text = (run.folder / "report.html").read_text("utf-8")
    assert "Label suspects" in text
    assert "x_3.png: dark, likely bright" in text
    assert "(a copy says so)" in text


def test_one_named_group_is_left_out_at_a_time(flipped: Path, tmp_path: Path) -> None:
    dataset = georgia.Dataset.scan(flipped)
    with pytest.raises(georgia.InvalidOption, match="at least 3 named groups"):
        georgia.cross_validate(dataset, folds="groups", out=tmp_path / "none", **QUICK)
    with pytest.raises(georgia.InvalidOption, match="a number or groups"):
        georgia.cross_validate(dataset, folds="slides", out=tmp_path / "none", **QUICK)
    found = georgia.cross_validate(
        dataset, folds="groups", groups=r"(\d)\.png|copy", out=tmp_path / "out", epochs=1, **QUICK
    )
    names = {"copy" if p.endswith("copy.png") else p[-5] for p in found.paths}
    by_fold: dict[int, set[str]] = {}
    for path, fold in zip(found.paths, found.folds, strict=True):
        by_fold.setdefault(fold, set()).add("7" if path.endswith("copy.png") else path[-5])
    assert len(by_fold) == len(names - {"copy"}) == 10
    assert all(len(groups) == 1 for groups in by_fold.values())


def test_two_runs_are_compared_on_images_that_neither_learned(
    run: georgia.Run, photos: Path, tmp_path: Path
) -> None:
    other = georgia.train(run.dataset, out=tmp_path / "other", epochs=1, **QUICK)
    found = georgia.compare(run, other)
    assert found.count == len(run.dataset.part("test"))
    assert found.left_out == 0
    assert found.only_first == len(found.paths_only_first)
    assert (
        found.p_value
        == _core.compare(
            [True] * found.only_first + [False] * found.only_second,
            [False] * found.only_first + [True] * found.only_second,
        )["p_value"]
    )
    assert "McNemar" in str(found)
    same = georgia.compare(run, run)
    assert (same.only_first, same.only_second, same.p_value) == (0, 0, 1)
    with pytest.raises(georgia.BadInput, match="did not learn from"):
        georgia.compare(run, other, split="train")
    two = tmp_path / "two"
    for name in ("needles", "plates"):
        shutil.copytree(photos / name, two / name)
    fewer = georgia.train(two, out=tmp_path / "fewer", epochs=1, **QUICK)
    with pytest.raises(georgia.BadInput, match="classes"):
        georgia.compare(run, fewer)


@pytest.fixture(scope="module")
def predictions() -> georgia.Predictions:
    """Hundred images in a file system's order, of which those after the 60th are impure."""
    paths = [f"shot_{number}.png" for number in range(100)]
    impure = np.array([number >= 60 for number in range(100)])
    order = sorted(range(100), key=lambda i: paths[i])  # shot_10 before shot_2
    rows = np.where(impure[order, None], [[0.1, 0.9]], [[0.8, 0.2]]).astype(np.float32)
    return georgia.Predictions(
        ("pure", "impure"), [paths[i] for i in order], rows, [""] * 100, device="cpu",
        precision="float32",
    )  # fmt: skip


def test_the_alarm_names_the_image_where_the_share_changes(
    predictions: georgia.Predictions,
) -> None:
    found = georgia.timeline(predictions, "impure")
    assert found.changed_at == 60
    assert found.paths[60] == "shot_60.png"
    assert (found.before, found.after) == (0, 1)
    assert "ALARM" in str(found)
    assert [window.count for window in found.windows] == [5] * 20
    assert found.windows[0].share == 0
    assert 0 < found.windows[0].high < 0.6
    assert len(plots.timeline(found).axes) == 1
    with pytest.raises(georgia.InvalidOption, match="expected one of pure, impure"):
        georgia.timeline(predictions, "gold")
    with pytest.raises(georgia.InvalidOption, match="order"):
        georgia.timeline(predictions, "pure", order="size")


def test_no_alarm_where_nothing_changes(predictions: georgia.Predictions) -> None:
    rows = np.tile(np.array([[0.1, 0.9], [0.8, 0.2]], np.float32), (50, 1))
    steady = georgia.Predictions(
        predictions.classes, predictions.paths, rows, [""] * 100, device="cpu",
        precision="float32",
    )  # fmt: skip
    found = georgia.timeline(steady, "impure")
    assert found.changed_at is None
    assert "more than chance" in str(found)


def test_time_is_that_of_the_camera_or_the_file(run: georgia.Run, tmp_path: Path) -> None:
    times = (3, 1, 2)
    for number, second in enumerate(times):
        image = Image.fromarray(np.full((40, 40, 3), 90 + number, np.uint8))
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = f"2026:11:22 10:00:0{second}"
        image.save(tmp_path / f"{number}.jpg", exif=exif)
        os.utime(tmp_path / f"{number}.jpg", (second, second))
    Image.fromarray(np.full((40, 40), 9, np.uint8)).save(
        tmp_path / "plain.tif", tiffinfo={306: "2026:11:22 09:00:00"}
    )
    answers = georgia.load(run).predict(tmp_path)
    found = georgia.timeline(answers, "plates", order="EXIF")
    names = [Path(path).name for path in found.paths]
    assert names == ["plain.tif", "1.jpg", "2.jpg", "0.jpg"]
    os.utime(tmp_path / "plain.tif", (9, 9))
    found = georgia.timeline(answers, "plates", order="mtime")
    assert [Path(path).name for path in found.paths] == ["1.jpg", "2.jpg", "0.jpg", "plain.tif"]
    assert found.p_value == 1  # too few for a change
    Image.fromarray(np.full((40, 40), 9, np.uint8)).save(tmp_path / "none.png")
    with pytest.raises(georgia.BadInput, match=r"none\.png: no EXIF time"):
        georgia.timeline(georgia.load(run).predict(tmp_path), "plates", order="EXIF")


def test_the_command_draws_a_timeline_and_names_what_to_label(
    run: georgia.Run, photos: Path, tmp_path: Path
) -> None:
    done = CliRunner().invoke(
        app,
        ["predict", str(run.folder), str(photos), "--timeline", "plates", "--picture",
         str(tmp_path / "t.png"), "--label-next", "3"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert (tmp_path / "t.png").is_file()
    assert "to be labelled next" in done.stdout
