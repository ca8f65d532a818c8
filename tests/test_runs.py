"""The table of runs."""

import csv
import io
import math
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import georgia
from georgia.cli import app


@pytest.fixture
def folder(run: georgia.Run, photos: Path, tmp_path: Path) -> Path:
    """One run that was tested, one that was not, one that never began, and other things."""
    root = tmp_path / "runs"
    shutil.copytree(run.folder, root / "tested")
    georgia.evaluate(root / "tested")
    options = georgia.TrainOptions.from_dict({
        "network": "small_cnn",
        "head": {"pool": "average", "hidden": [8], "dropout": [0, 0.25]},
        "phases": [
            {"epochs": 1, "size": 32, "trainable": ["head"], "learning_rate": 0.01},
            {"epochs": 1, "size": 32, "trainable": ["stage2", "head"]},
        ],
    })  # fmt: skip
    georgia.train(photos, out=root / "=other", options=options, progress=False)
    (root / "begun").mkdir()
    shutil.copy(run.folder / "options.json", root / "begun")
    (root / "notes").mkdir()
    return root


def test_runs_tell_what_they_came_to(folder: Path) -> None:
    lines = {line.run: line for line in georgia.runs(folder)}
    assert lines.keys() == {"tested", "=other", "begun"}
    tested, other, begun = lines["tested"], lines["=other"], lines["begun"]
    evaluation = georgia.evaluate(folder / "tested", split="test")
    assert tested.test == evaluation.accuracy
    assert tested.missed == evaluation.count - evaluation.correct
    assert tested.difference == tested.train - tested.test
    run = georgia.Run(folder / "tested")
    best = run.best_row
    assert tested.validation == run.history["validation_accuracy"][best]
    assert tested.train == run.history["train_accuracy"][best]
    assert (tested.epochs, tested.learning_rate, tested.trainable) == (2, "0.001", "all")
    assert math.isnan(other.test)
    assert other.missed == -1
    assert other.difference == other.train - other.validation
    assert other.learning_rate == "0.01, 0.001"
    assert other.trainable == "head, stage2+head"
    assert other.dropout == "0, 0.25"
    assert begun.epochs == 0
    assert math.isnan(begun.train)


def test_a_validation_is_no_test(folder: Path) -> None:
    lines = {line.run: line for line in georgia.runs(folder)}
    for name in ("=other", "tested"):
        georgia.evaluate(folder / name, split="validation")
    after = {line.run: line for line in georgia.runs(folder)}
    assert math.isnan(after["=other"].test)
    assert after["tested"] == lines["tested"]


def test_scores_belong_to_the_model_there_is(folder: Path) -> None:
    shutil.copy(folder / "=other" / "model.safetensors", folder / "tested")
    (line,) = georgia.runs(folder / "tested")
    assert line.run == "tested"
    assert math.isnan(line.test)


@pytest.mark.parametrize("name", ["scores.json", "history.csv", "options.json"])
@pytest.mark.parametrize("text", ["[]", "epoch,step\n1", "{"])
def test_damaged_files_are_named(name: str, text: str, folder: Path) -> None:
    if (name, text) == ("history.csv", "[]") or (name, text) == ("history.csv", "{"):
        text = "epoch\nx"
    (folder / "tested" / name).write_text(text)
    with pytest.raises(georgia.BadInput, match=rf"tested/{name}: damaged"):
        georgia.runs(folder)


def test_the_command_prints_and_writes_the_table(folder: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["runs", str(folder), "--csv", str(tmp_path / "runs.csv")])
    assert done.exit_code == 0
    printed = done.output.splitlines()
    assert printed[0].startswith("run ")
    assert len(printed) == 4
    rows = list(csv.DictReader(io.StringIO((tmp_path / "runs.csv").read_text())))
    assert {row["run"] for row in rows} == {"tested", "'=other", "begun"}
    with pytest.raises(georgia.IoError, match="no such folder"):
        georgia.runs(folder / "none")
    assert len(georgia.runs(folder / "notes")) == 0
