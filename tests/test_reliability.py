"""How far answers can be believed: temperature, outliers, sets, kept in the model's file."""

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import georgia
from georgia import _core


@pytest.fixture(scope="module")
def own_run(run: georgia.Run, tmp_path_factory: pytest.TempPathFactory) -> georgia.Run:
    """The run as training left it, for this file alone."""
    folder = tmp_path_factory.mktemp("own") / "run"
    shutil.copytree(run.folder, folder)
    file = _core.ModelFile.read(folder / "model.safetensors")
    file.write(folder / "model.safetensors", reliability=False)
    for name in ("report.txt", "report.html", "scores.json"):
        (folder / name).unlink(missing_ok=True)
    return georgia.Run(folder)


@pytest.fixture(scope="module")
def before(own_run: georgia.Run, photos: Path) -> georgia.Predictions:
    """What the model said before anything was known of it."""
    return georgia.load(own_run).predict(photos)


@pytest.fixture(scope="module")
def model(own_run: georgia.Run, before: georgia.Predictions) -> georgia.Model:
    """The model after it was calibrated."""
    assert before.outliers is None
    return georgia.calibrate(own_run, alpha=0.2)  # eight groups promise no less than 1 / 9


def test_before_it_is_calibrated_a_model_knows_no_outliers(before: georgia.Predictions) -> None:
    row = next(csv.DictReader(io.StringIO(before.to_csv())))
    assert row["outlier_score"] == row["is_outlier"] == ""
    assert np.isnan(before[0].outlier_score)
    assert not before[0].is_outlier
    with pytest.raises(georgia.InvalidOption, match="before georgia evaluate"):
        before.sets()


def test_a_temperature_changes_confidences_and_no_label(
    model: georgia.Model, before: georgia.Predictions, photos: Path
) -> None:
    after = model.predict(photos)
    assert model.reliability is not None
    temperature = model.reliability.temperature["value"]
    assert [p.label for p in after] == [p.label for p in before]
    expected = _core.tempered(before.probabilities, 1 / temperature)
    np.testing.assert_allclose(after.probabilities, expected, atol=2e-5)
    assert abs(temperature - 1) > 0.01  # else the line above shows nothing


def test_the_file_keeps_what_is_known_and_the_run_stays_whole(
    model: georgia.Model, own_run: georgia.Run, photos: Path
) -> None:
    again = georgia.load(own_run)
    np.testing.assert_array_equal(
        again.predict(photos).probabilities, model.predict(photos).probabilities
    )
    assert again.reliability is not None
    facts = json.loads(again.reliability.facts)
    assert facts["outliers"]["split"] == "validation"
    assert facts["temperature"] == {"split": "validation", "images": 8}
    assert facts["outliers"]["images"] == 28
    georgia.resume(own_run, progress=False)  # the checkpoint still knows its model


def test_validation_images_are_within_the_thresholds(
    model: georgia.Model, own_run: georgia.Run
) -> None:
    dataset = own_run.dataset
    held = model.predict(dataset.paths(dataset.part("validation")))
    assert held.outliers is not None
    assert (held.outliers.values <= held.outliers.thresholds + 1e-5).mean(axis=0).min() >= 0.95
    assert held[0].outlier_score == pytest.approx(float(held.outliers.score[0]))


def test_predictions_say_who_is_foreign(model: georgia.Model, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    bad = tmp_path / "bad.png"
    bad.write_text("text")
    answers = model.predict([noise, bad])
    assert answers.outliers is not None
    assert answers[0].is_outlier
    rows = list(csv.DictReader(io.StringIO(answers.to_csv())))
    assert rows[0]["is_outlier"] == "true"
    assert float(rows[0]["outlier_score"]) == pytest.approx(answers[0].outlier_score, rel=1e-5)
    assert rows[1]["is_outlier"] == ""
    assert rows[1]["error"]


def test_a_softmax_cannot_tell_foreign_images_from_two_classes(
    photos: Path, tmp_path: Path
) -> None:
    two = tmp_path / "two"
    for name in ("needles", "plates"):
        shutil.copytree(photos / name, two / name)
    run = georgia.train(
        two, out=tmp_path / "run", network="small_cnn", epochs=12, size=32, progress=False
    )
    noise = np.random.default_rng(1).integers(0, 256, (20, 48, 48, 3), dtype=np.uint8)
    result = georgia.evaluate(run, foreign=noise, report=False)
    scores = result.foreign["scores"]
    assert result.foreign["images"] == 20
    assert scores[result.foreign["default"]]["auroc"] > 0.95
    assert scores["softmax"]["auroc"] < 0.8
    assert "told apart" in str(result)


def test_sets_hold_classes_by_probability(model: georgia.Model, photos: Path) -> None:
    answers = model.predict(photos)
    for kind in ("marginal", "adaptive"):
        for members, answer in zip(answers.sets(kind), answers, strict=True):
            assert members[0] == answer.label
            rank = [answer.probabilities[answers.classes.index(name)] for name in members]
            assert rank == sorted(rank, reverse=True)
    with pytest.raises(georgia.InvalidOption, match="one of those the model has"):
        answers.sets("largest")


def test_an_alpha_that_so_few_groups_cannot_promise_is_refused_with_the_smallest(
    own_run: georgia.Run,
) -> None:
    strict = georgia.calibrate(own_run, alpha=0.01)
    assert strict.reliability is not None
    refused = json.loads(strict.reliability.facts)["sets"]["refused"]
    assert set(refused) == {"marginal", "by class", "adaptive"}
    assert f"{1 / 9:.3g}"[:4] in refused["marginal"]  # of eight groups
    assert strict.reliability.sets == []
    with pytest.raises(georgia.InvalidOption, match="alpha"):
        georgia.calibrate(own_run, alpha=1)
    georgia.calibrate(own_run)


def test_calibration_images_set_thresholds_where_there_are_some(
    photos: Path, tmp_path: Path
) -> None:
    split = georgia.Dataset.scan(photos).split(train=0.5, validation=0.2, test=0.1, calibration=0.2)
    run = georgia.train(
        split, out=tmp_path / "run", network="small_cnn", epochs=1, size=32, progress=False
    )
    result = georgia.evaluate(run, report=False, alpha=0.2)
    assert result.sets_from == "from 8 groups of the calibration split"
    assert result.fitted_on["outliers"] == "calibration"
    assert "approximate" not in str(result)
    scored = georgia.evaluate(run, split="calibration", report=False, alpha=0.2)
    assert "(fitted on these very images)" in str(scored)
    assert scored.outliers == 0  # of 8 images 95 % are all
    assert {one["alpha"] for one in result.sets} == {0.2}


def test_turns_are_averaged_and_their_spread_is_said(model: georgia.Model, photos: Path) -> None:
    pixels = georgia.read_image(photos / "needles" / "needles_0001.png")
    answers = model.predict([pixels, np.rot90(pixels).copy(), pixels[:, ::-1].copy()], tta=True)
    assert answers.instability is not None
    assert (answers.instability > 0).all()
    np.testing.assert_allclose(answers.probabilities[1], answers.probabilities[0], atol=2e-3)
    np.testing.assert_allclose(answers.instability[2], answers.instability[0], atol=5e-3)
    assert "instability" in answers.to_csv().splitlines()[0]
    assert "instability" not in model.predict(pixels).to_csv()


def test_exports_leave_statistics_out_and_onnx_keeps_the_temperature(
    model: georgia.Model, photos: Path, tmp_path: Path
) -> None:
    from safetensors import safe_open

    model.export(tmp_path / "m.safetensors")
    with safe_open(tmp_path / "m.safetensors", "np") as file:
        assert not [name for name in file.keys() if name.startswith("georgia.")]  # noqa: SIM118
    model.export(tmp_path / "m.onnx")
    other = georgia.OnnxModel(
        tmp_path / "m.onnx", classes=model.classes, preprocess=model.preprocess, input="uint8"
    )
    np.testing.assert_allclose(
        other.predict(photos).probabilities,
        model.predict(photos, precision="float32").probabilities,
        atol=1e-3,
    )
    again = georgia.import_model(tmp_path / "m.onnx")
    assert again.classes == model.classes
    model.save(tmp_path / "kept.safetensors")
    assert georgia.import_model(tmp_path / "kept.safetensors").classes == model.classes


def test_while_a_training_works_there_nothing_is_written(
    own_run: georgia.Run, photos: Path
) -> None:
    kept = own_run.model_hash()
    with _core.FolderLock(own_run.folder):
        known = georgia.calibrate(own_run, alpha=0.3)
        assert own_run.model_hash() == kept
    assert known.reliability is not None
    assert json.loads(known.reliability.facts)["sets"]["alpha"] == 0.3
    assert known.predict(photos).sets("marginal")
    georgia.calibrate(own_run, alpha=0.3)
    assert own_run.model_hash() != kept
    asked = georgia.calibrate(own_run)  # keeps what was asked for before
    assert asked.reliability is not None
    assert json.loads(asked.reliability.facts)["sets"]["alpha"] == 0.3


def test_a_model_keeps_its_scores_when_it_is_calibrated_anew(own_run: georgia.Run) -> None:
    georgia.evaluate(own_run, split="validation", report=False, alpha=0.3)
    georgia.evaluate(own_run, split="test", report=False, alpha=0.25)
    assert {"validation", "test"} <= own_run.scores.keys()


def test_facts_that_nobody_wrote_are_refused(own_run: georgia.Run) -> None:
    path = own_run.folder / "model.safetensors"
    file = _core.ModelFile.read(path)
    known = file.reliability
    assert known is not None
    kept = known.facts
    for wrong in ("{}", '{"sets": 3}', json.dumps(json.loads(kept) | {"outliers": {}})):
        known.facts = wrong
        file.reliability = known
        file.write(path)
        with pytest.raises(georgia.BadInput, match="facts of the calibration"):
            georgia.evaluate(own_run, report=False)
    known.facts = kept
    file.reliability = known
    file.write(path)
