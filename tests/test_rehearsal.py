"""Rehearsals, repetitions, fits and missed classes: what surrounds a single training."""

import shutil
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner

import georgia
from georgia.cli import app
from georgia.rehearsal import tenth_of

TINY = {"network": "small_cnn", "size": 32, "batch": 8, "progress": False}


def test_a_tenth_of_each_class_and_split_is_rehearsed(tmp_path: Path) -> None:
    photos = georgia.synthetic.write(tmp_path, per_class=60, size=32)
    dataset = georgia.Dataset.scan(photos).split()
    kept = Counter((sample.split, sample.label) for sample in tenth_of(dataset).samples)
    for name in dataset.classes:
        assert (kept["train", name], kept["validation", name], kept["test", name]) == (4, 2, 2)


def test_a_rehearsal_marks_every_deliverable(photos: Path, tmp_path: Path) -> None:
    run = georgia.train(
        photos, out=tmp_path / "run", rehearse=True, name="drop plates", recipe="drops-small",
        **TINY,
    )  # fmt: skip
    assert run.is_rehearsal
    assert run.options.total_epochs == 3
    assert len(run.dataset.part("train")) == 4 * 2
    assert run.title == "REHEARSAL: no result - drop plates"
    written = list((run.folder / "deliverables").iterdir())
    assert {path.suffix for path in written} == {".txt", ".png", ".onnx"}
    assert all(path.name.startswith("REHEARSAL_GA") for path in written)
    for report in (run.folder / "report.txt", *(p for p in written if p.suffix == ".txt")):
        assert "REHEARSAL: no result - drop plates" in report.read_text()
    assert georgia.load(run).provenance["rehearsal"]


def test_a_rehearsal_that_was_stopped_is_resumed_to_its_end(photos: Path, tmp_path: Path) -> None:
    def stop(_: dict[str, float]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        georgia.train(photos, out=tmp_path / "run", rehearse=True, on_batch=stop, **TINY)
    assert not (tmp_path / "run" / "deliverables").exists()
    run = georgia.resume(tmp_path / "run", progress=False)
    assert run.options.total_epochs == 3
    written = sorted((run.folder / "deliverables").iterdir())
    assert len(written) == 4
    assert run.is_delivered
    georgia.resume(run, progress=False)
    assert sorted((run.folder / "deliverables").iterdir()) == written
    written[[path.suffix for path in written].index(".onnx")].unlink()
    assert CliRunner().invoke(app, ["resume", str(run.folder)]).exit_code == 0
    assert run.is_delivered


def test_a_rehearsal_has_an_epoch_of_every_phase(photos: Path, tmp_path: Path) -> None:
    run = georgia.train(
        photos, out=tmp_path / "run", rehearse=True, recipe="sem-progressive", weights="none",
        **TINY,
    )  # fmt: skip
    assert [phase.epochs for phase in run.options.phases] == [1] * 6


def test_a_name_stands_in_the_report(photos: Path, tmp_path: Path) -> None:
    run = georgia.train(photos, out=tmp_path / "run", epochs=1, name="first\x1b try", **TINY)
    assert not run.is_rehearsal
    assert georgia.evaluate(run).title == "first\ufffd try"
    assert (run.folder / "report.txt").read_text().startswith("first\ufffd try\n")


def test_repeated_runs_pool_their_counts(photos: Path, tmp_path: Path) -> None:
    result = georgia.repeat(photos, 3, out=tmp_path / "r", seed=5, epochs=2, **TINY)
    assert result.seeds == (5, 6, 7)
    assert [run.options.seed for run in result.runs] == [5, 6, 7]
    tests = [{sample.path for sample in run.dataset.part("test")} for run in result.runs]
    assert tests[0] != tests[1]
    assert result.count == sum(map(len, tests))
    assert result.images == len(set().union(*tests))
    assert result.mean == pytest.approx(sum(result.accuracies) / 3)
    shares = zip(result.accuracies, tests, strict=True)
    assert result.correct == round(sum(accuracy * len(part) for accuracy, part in shares))
    low, high = result.interval
    assert low <= result.correct / result.count <= high
    assert f"({result.correct}/{result.count})" in str(result)
    table = georgia.runs(tmp_path)
    assert [line.run for line in table] == ["r/seed-5", "r/seed-6", "r/seed-7"]


def test_images_that_every_run_was_tested_on_count_once(photos: Path, tmp_path: Path) -> None:
    dataset = georgia.Dataset.scan(photos).split()
    result = georgia.repeat(
        dataset, 2, out=tmp_path / "r", options=georgia.TrainOptions(seed=7), epochs=1, **TINY
    )
    assert result.seeds == (7, 8)
    assert (result.count, result.images) == (8, 4)
    low, high = result.interval
    assert high - low > 0.4  # of 4 images, not of 8
    with pytest.raises(georgia.InvalidOption, match="count: expected at least 1, got 0"):
        georgia.repeat(dataset, 0)


def test_repeated_runs_are_as_strict_as_one(photos: Path, tmp_path: Path) -> None:
    shutil.copytree(photos, tmp_path / "photos")
    (tmp_path / "photos" / "plates" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    with pytest.raises(georgia.BadInput, match=r"bad\.png"):
        georgia.repeat(tmp_path / "photos", 2, out=tmp_path / "r", strict=True, **TINY)


def test_the_command_repeats_and_rehearses(photos: Path, tmp_path: Path) -> None:
    small = ["--network", "small_cnn", "--size", "32"]
    out = ["--out", str(tmp_path / "r")]
    done = CliRunner().invoke(
        app, ["train", str(photos), *small, *out, "--epochs", "1", "--repeat", "2"]
    )
    assert done.exit_code == 0, done.output
    assert "validation accuracy of 2 runs" not in done.output
    assert "test accuracy of 2 runs: mean" in done.output
    out = ["--out", str(tmp_path / "once")]
    done = CliRunner().invoke(app, ["train", str(photos), *small, *out, "--rehearse"])
    assert done.exit_code == 0, done.output
    assert georgia.Run(tmp_path / "once").is_rehearsal
    (line,) = (line for line in georgia.runs(tmp_path) if line.run == "once")
    assert line.title.startswith("REHEARSAL")
    done = CliRunner().invoke(
        app, ["evaluate", str(tmp_path / "once"), "--target", "plates", "--target", "rhombs"]
    )
    assert "missed of plates, rhombs" in done.output


@pytest.mark.slow
def test_fits_are_compared_on_one_split(tmp_path: Path) -> None:
    photos = georgia.synthetic.write(tmp_path / "photos", per_class=8, size=48)
    table = georgia.compare_fits(photos, out=tmp_path / "fits", size=32, epochs=1, progress=False)
    names = [line.fit for line in table]
    assert names == [
        "pad white", "pad black", "pad edge", "pad reflect", "crop", "crop to the smallest",
        "resize",
    ]  # fmt: skip
    assert [line.size for line in table] == [32, 32, 32, 32, 32, 48, 32]
    runs = {path.name: georgia.Run(path) for path in (tmp_path / "fits").iterdir()}
    assert len({run.dataset.digest() for run in runs.values()}) == 1
    fits = {name: run.options.phases[0].fit for name, run in runs.items()}
    assert fits["crop-to-the-smallest"] == "window"
    assert fits["pad-black"] == "pad"
    assert runs["pad-black"].options.preprocess.fill == 0
    assert runs["pad-reflect"].options.preprocess.border == "reflect"
    assert "95 %" in str(table)
    done = CliRunner().invoke(
        app, ["compare-fits", str(photos), "--size", "32", "--epochs", "1", "--out",
              str(tmp_path / "again")],
    )  # fmt: skip
    assert done.exit_code == 0
    assert "crop to the smallest" in done.output


def test_missed_targets_are_counted(run: georgia.Run) -> None:
    result = georgia.evaluate(run, targets=["needles", "plates"])
    labels = result.labels
    order = (-result.predictions.probabilities).argsort(1, kind="stable")
    classes = list(result.classes)
    wanted = {classes.index("needles"), classes.index("plates")}
    for k in range(1, 5):
        best = [set(row[:k].tolist()) for row in order]
        own = [classes.index(label) for label in labels]
        assert result.top[k - 1] == sum(o in b for o, b in zip(own, best, strict=True))
        assert result.review[k - 1] == sum(bool(wanted & b) for b in best)
        assert result.missed[k - 1] == sum(
            o in wanted and not wanted & b for o, b in zip(own, best, strict=True)
        )
    assert result.missed[-1] == 0
    assert "missed of needles, plates" in str(result)
    assert "2 best" in str(result)
    with pytest.raises(georgia.InvalidOption, match=r"targets: no such class; .* got neeldes"):
        georgia.evaluate(run, targets=["neeldes"])
