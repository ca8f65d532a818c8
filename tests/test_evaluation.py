"""What an evaluation says beyond the accuracy, counted again from its own predictions."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics
from typer.testing import CliRunner

import georgia
from georgia.cli import app

QUICK = {"network": "small_cnn", "size": 32, "progress": False}


@pytest.fixture(scope="module")
def grouped(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> georgia.Run:
    """A run with slides, a copy of a training image in the test split, and a damaged image."""
    root = tmp_path_factory.mktemp("grouped")
    shutil.copytree(photos, root / "photos")
    shutil.copy(
        root / "photos" / "plates" / "plates_0001.png", root / "photos" / "plates" / "copy.png"
    )
    dataset = georgia.Dataset.scan(root / "photos")
    samples = []
    for sample in dataset.samples:
        number = int(sample.path[-5]) if "copy" not in sample.path else 9
        split = "train" if number < 5 else "validation" if number < 7 else "test"
        samples.append(replace(sample, split=split, group=f"slide {number}"))
    run = georgia.train(
        replace(dataset, samples=tuple(samples)), out=root / "run", epochs=3, **QUICK
    )
    (root / "photos" / "needles" / "needles_0008.png").write_bytes(b"damaged")
    return run


@pytest.fixture(scope="module")
def result(grouped: georgia.Run) -> georgia.Evaluation:
    return georgia.evaluate(
        grouped, targets=["plates", "rhombs"], missed_rate=0.4, alpha=0.4, report=False
    )


def test_images_that_cannot_be_read_are_in_no_score(result: georgia.Evaluation) -> None:
    assert len(result.predictions) == 13
    assert result.count == 12
    assert len(result.unreadable) == 1
    assert result.predictions.errors.count("") == 12
    assert all("needles_0008" not in result.predictions.paths[i] for i in result.scored)


def test_scores_are_those_of_scikit_learn(result: georgia.Evaluation) -> None:
    labels = result.scored_labels
    answers = [result.predictions[i].label for i in result.scored]
    rows = result.predictions.probabilities[result.scored].astype(np.float64)
    expected = {
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, answers),
        "kappa": metrics.cohen_kappa_score(labels, answers),
        "matthews": metrics.matthews_corrcoef(labels, answers),
    }
    for name, value in expected.items():
        assert getattr(result, name) == pytest.approx(value, abs=1e-12)
    rows /= rows.sum(axis=1, keepdims=True)
    loss = metrics.log_loss(labels, rows, labels=result.classes)
    assert result.calibration["after"]["log_loss"] == pytest.approx(loss, rel=1e-5)
    for k, name in enumerate(result.classes):
        truth = [label == name for label in labels]
        area = metrics.roc_auc_score(truth, rows[:, k])
        assert result.per_class[k]["roc_area"] == pytest.approx(area, abs=1e-9)
        average = metrics.average_precision_score(truth, rows[:, k])
        assert result.per_class[k]["average_precision"] == pytest.approx(average, abs=1e-9)
        fpr, tpr, _ = metrics.roc_curve(truth, rows[:, k], drop_intermediate=False)
        assert result.per_class[k]["sensitivity"] == pytest.approx(tpr[fpr <= 0.05].max())
    assert np.mean(result.losses) == pytest.approx(loss, rel=1e-5)


def test_temperature_lowers_the_loss_of_the_images_it_was_fitted_on(
    grouped: georgia.Run, result: georgia.Evaluation
) -> None:
    again = georgia.evaluate(grouped, split="validation", report=False, alpha=0.4)
    before, after = (again.calibration[name]["log_loss"] for name in ("before", "after"))
    assert after <= before + 1e-6
    assert again.temperature == result.temperature
    assert "these images chose the epoch" in str(again)


def test_errors_are_counted_by_slide_and_without_copies(
    grouped: georgia.Run, result: georgia.Evaluation
) -> None:
    by_name = {name: (images, errors) for name, images, errors in result.by_group}
    assert {name: images for name, (images, _) in by_name.items()} == {
        "slide 7": 4, "slide 8": 3, "slide 9": 5,
    }  # fmt: skip
    assert sum(errors for _, errors in by_name.values()) == result.count - result.correct
    assert result.groups == 3
    assert set(result.intervals) == {
        "accuracy", "balanced_accuracy", "macro_f1", "kappa", "matthews",
    }  # fmt: skip
    assert result.twins is None  # nobody looked
    damaged = grouped.dataset.root / "needles" / "needles_0008.png"
    kept = damaged.read_bytes()
    shutil.copy(grouped.dataset.root / "needles" / "needles_0007.png", damaged)
    assert georgia.evaluate(grouped).twins is None  # not the file it was trained beside
    damaged.write_bytes(kept)


def test_a_copy_of_a_training_image_is_taken_out(photos: Path, tmp_path: Path) -> None:
    shutil.copytree(photos, tmp_path / "photos")
    plates = tmp_path / "photos" / "plates"
    shutil.copy(plates / "plates_0001.png", plates / "zz_copy.png")
    dataset = georgia.Dataset.scan(tmp_path / "photos").split(mode="contiguous")
    assert any(sample.path.endswith("zz_copy.png") for sample in dataset.part("test"))
    run = georgia.train(dataset, out=tmp_path / "run", epochs=1, **QUICK)
    result = georgia.evaluate(run)
    assert result.twins is not None
    assert result.twins["with"] == (result.correct, result.count)
    assert result.twins["without"][1] == result.count - 1
    assert "without 1 image with a copy in training" in str(result)


def test_a_promised_missed_rate_is_counted_on_the_images_that_are_scored(
    result: georgia.Evaluation,
) -> None:
    rule = result.missed_rule
    columns = [result.classes.index(name) for name in ("plates", "rhombs")]
    sums = result.predictions.probabilities[result.scored][:, columns].sum(1)
    found = sums >= rule["threshold"]
    sought = np.isin(result.scored_labels, ["plates", "rhombs"])
    assert (rule["missed"], rule["targets"]) == ((sought & ~found).sum(), sought.sum())
    assert rule["review"] == found.sum()
    assert "promises to miss at most 0.4" in str(result)


def test_a_rate_that_two_slides_cannot_promise_is_refused(grouped: georgia.Run) -> None:
    result = georgia.evaluate(
        grouped, targets=["plates"], missed_rate=0.01, report=False, alpha=0.4
    )
    assert "cannot be promised" in str(result)
    for wrong in ({"missed_rate": 0}, {"targets": ["gold"]}, {"alpha": 0}):
        with pytest.raises(georgia.InvalidOption, match="expected"):
            georgia.evaluate(grouped, report=False, **wrong)


def test_the_surest_mistakes_and_the_least_sure_are_named(result: georgia.Evaluation) -> None:
    worst = result.worst(3)
    assert worst
    for i in worst:
        assert result.predictions[i].label != result.labels[i]
    losses = {int(i): loss for i, loss in zip(result.scored, result.losses, strict=True)}
    assert [losses[i] for i in worst] == sorted((losses[i] for i in worst), reverse=True)
    doubtful = result.predictions.least_sure(3)
    sure = [result.predictions[i].confidence for i in doubtful]
    assert sure == sorted(sure)
    assert sure[0] == min(result.predictions[i].confidence for i in result.scored)


def test_numbers_are_kept_with_the_run(grouped: georgia.Run, result: georgia.Evaluation) -> None:
    georgia.evaluate(grouped, report=False, alpha=0.4)
    kept = json.loads((grouped.folder / "scores.json").read_text())["splits"]["test"]
    assert kept["kappa"] == result.kappa
    assert kept["count"] == 12
    assert json.loads(json.dumps(result.to_dict())) == result.to_dict()


def test_the_command_measures_foreign_images(
    grouped: georgia.Run, photos: Path, tmp_path: Path
) -> None:
    shell = CliRunner()
    run = str(grouped.folder)
    done = shell.invoke(app, ["evaluate", run, "--foreign", str(photos), "--alpha", "0.4"])
    assert done.exit_code == 0, done.output
    assert "40 foreign images" in done.stdout
    assert "refused at the threshold" in done.stdout
    assert "could not be audited again" in (grouped.folder / "report.html").read_text()
    done = shell.invoke(app, ["evaluate", run])  # asks for no alpha: the model keeps its own
    assert "60% promised" in done.stdout
    done = shell.invoke(app, ["evaluate", run, "--foreign", str(tmp_path / "none")])
    assert isinstance(done.exception, georgia.IoError)
    (tmp_path / "empty").mkdir()
    with pytest.raises(georgia.BadInput, match="no image could be read"):
        georgia.evaluate(grouped, foreign=tmp_path / "empty", report=False, alpha=0.4)
