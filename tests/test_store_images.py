"""Stores filled from images by a model: what is kept, what is left out, who may ask."""

import hashlib
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from store_records import content, vectors
from typer.testing import CliRunner

import georgia
from georgia import cli
from georgia.store import Record, Skipped

CLASSES = ["needles", "plates", "rhombs", "spherulites"]


@pytest.fixture(scope="module")
def model() -> georgia.Model:
    return georgia.Model.create("small_cnn", classes=CLASSES, size=32)


@pytest.fixture(scope="module")
def other_model() -> georgia.Model:
    return georgia.Model.create("small_cnn", classes=CLASSES, size=32, seed=7)


@pytest.fixture
def images(photos: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "images"
    shutil.copytree(photos / "plates", folder)
    return folder


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_record_holds_what_the_model_says(
    model: georgia.Model, images: Path, tmp_path: Path
) -> None:
    paths = sorted(images.glob("*.png"))
    features, answers = np.asarray(model.embed(paths)), model.predict(paths)
    with georgia.store.open(tmp_path / "a.sqlite", model=model) as store:
        filled = store.add_images(images)
        assert (filled.new, filled.known, filled.skipped) == (len(paths), 0, ())
        assert store.facts == georgia.store.Facts(
            features.shape[1], "cosine", model.weights_hash, "features"
        )
        for i, path in enumerate(paths):
            record = store.get(sha256(path))
            assert record is not None
            assert record.image_id == str(path)
            np.testing.assert_array_equal(record.vector, features[i])
            assert record.class_label == answers[i].label
            assert record.confidence == pytest.approx(answers[i].confidence, abs=1e-6)
            thumbnail = Image.open(io.BytesIO(record.thumbnail))
            assert (thumbnail.format, max(thumbnail.size) <= 96) == ("JPEG", True)


def test_images_find_themselves_whatever_they_come_as(
    model: georgia.Model, images: Path, tmp_path: Path
) -> None:
    path = images / "plates_0003.png"
    with georgia.store.open(tmp_path / "a.sqlite", model=model) as store:
        store.add_images(images)
        for image in (path, str(path), path.read_bytes(), georgia.read_image(path), [path]):
            found = store.neighbours(image=image, k=2)
            assert found[0].record.image_id == str(path)
            assert found[0].distance == pytest.approx(0, abs=1e-6)
            assert found[1].distance > 1e-6
        with pytest.raises(georgia.InvalidOption, match="expected one image, got 10"):
            store.neighbours(image=images)
        with pytest.raises(georgia.BadInput, match="No such file"):
            store.neighbours(image=images / "none.png")


def test_what_cannot_be_added_is_named(model: georgia.Model, images: Path, tmp_path: Path) -> None:
    good = images / "plates_0001.png"
    broken, copy, text = (images / name for name in ("broken.png", "copy.png", "text.png"))
    broken.write_bytes(good.read_bytes()[:-200])
    shutil.copy(broken, copy)
    text.write_text("text")
    odd = images / "odd \udcff.png"
    shutil.copy(good, odd)
    missing = images / "none.png"
    with georgia.store.open(tmp_path / "a.sqlite", model=model) as store:
        filled = store.add_images([good, broken, copy, text, missing, odd])
        assert (filled.new, filled.known, store.count()) == (1, 0, 1)
        reasons = {one.image_id: one.reason for one in filled.skipped}
        assert set(reasons) == {str(one) for one in (broken, copy, text, missing, odd)}
        assert reasons[str(broken)] == reasons[str(copy)] == "PNG cut short"
        assert "not an image" in reasons[str(text)]
        assert "No such file" in reasons[str(missing)]
        assert "UTF-8" in reasons[str(odd)]
        assert "1 image added, 0 known already, 5 left out" in str(filled)
        assert "\udcff" not in str(filled)


def test_what_is_known_is_not_computed_and_keeps_its_labels(
    model: georgia.Model, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with georgia.store.open(tmp_path / "a.sqlite", model=model) as store:
        store.add_images(images)
        first = images / "plates_0001.png"
        store.update(sha256(first), class_label="looked at")
        moved = first.rename(tmp_path / "moved.png")
        (images / "twin.png").write_bytes(moved.read_bytes())

        def fail(*_: object, **__: object) -> None:
            raise AssertionError

        monkeypatch.setattr(georgia.Model, "predict", fail)
        filled = store.add_images([images, moved])
        assert (filled.new, filled.known, filled.skipped) == (0, 11, ())
        record = store.get(sha256(moved))
        assert record is not None
        assert (record.image_id, record.class_label) == (str(moved), "looked at")


def test_arrays_of_equal_bytes_and_other_shapes_are_other_images(
    model: georgia.Model, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (40, 60), np.uint8)
    with georgia.store.open(tmp_path / "a.sqlite", model=model) as store:
        filled = store.add_images([pixels, pixels.reshape(60, 40), pixels[::-1], pixels.copy()])
        assert (filled.new, filled.known) == (3, 1)


def test_more_images_than_a_chunk_are_all_there(model: georgia.Model, tmp_path: Path) -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (300, 8, 8), np.uint8)
    with georgia.store.open(tmp_path / "a.sqlite", model=model) as store:
        assert store.add_images(list(pixels)).new == 300
        assert store.count() == 300


def test_features_of_nothing_have_no_cosine(
    model: georgia.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed = georgia.Model.embed

    def nothing(self: georgia.Model, *given: object, **how: object) -> georgia.Embeddings:
        found = embed(self, *given, **how)  # type: ignore[arg-type]
        found.features[:1] = 0
        return found

    monkeypatch.setattr(georgia.Model, "embed", nothing)
    images = list(np.random.default_rng(3).integers(0, 256, (2, 40, 60), np.uint8))
    with georgia.store.open(tmp_path / "a.sqlite", model=model) as store:
        filled = store.add_images(images)
        assert filled.new == 1
        assert filled.skipped == (
            Skipped("array", "its features are all zero, which have no direction"),
        )
    with georgia.store.open(tmp_path / "b.sqlite", model=model, distance="euclidean") as store:
        assert store.add_images(images).new == 2


def test_another_model_is_refused_by_its_hash(
    model: georgia.Model, other_model: georgia.Model, images: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.sqlite"
    with georgia.store.open(path, model=model) as store:
        store.add_images(images)
    with pytest.raises(georgia.BadInput) as caught:
        georgia.store.open(path, model=other_model)
    assert f"expected {other_model.weights_hash}, got {model.weights_hash}" in str(caught.value)
    model.save(tmp_path / "m.safetensors")
    again = georgia.load(tmp_path / "m.safetensors")
    with georgia.store.open(path, model=again) as store:
        assert len(store.neighbours(image=images / "plates_0001.png")) == 10
    with georgia.store.open(path) as store:  # searched by what it holds, without any model
        assert len(store.neighbours(id=sha256(images / "plates_0001.png"))) == 9
    with georgia.store.open(tmp_path / "b.sqlite") as store:
        store.add([Record("a", vectors(1)[0], content(1))])
    with pytest.raises(georgia.BadInput, match="got none named"):
        georgia.store.open(tmp_path / "b.sqlite", model=model)


def test_a_store_begun_anew_by_another_model_is_refused_while_open(
    model: georgia.Model, other_model: georgia.Model, images: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.sqlite"
    with (
        georgia.store.open(path, model=model) as store,
        georgia.store.open(path, model=model) as same,
    ):
        store.add_images(images)
        same.recreate(model=other_model)
        assert same.add_images(images).new == 10
        assert not store.available()
        for call in (store.count, store.clear, lambda: store.add_images(images)):
            with pytest.raises(georgia.BadInput, match="another model"):
                call()
        assert same.count() == 10


def test_a_stage_is_kept_and_asked_for(model: georgia.Model, images: Path, tmp_path: Path) -> None:
    stage = next(layer.name for layer in model.summary().layers if "conv" in layer.name)
    path = tmp_path / "a.sqlite"
    with georgia.store.open(path, model=model, stage=stage) as store:
        store.add_images(images)
    with georgia.store.open(path, model=model) as store:
        assert store.facts is not None
        assert store.facts.stage == stage
        assert store.neighbours(image=images / "plates_0001.png")[0].distance < 1e-6
    with pytest.raises(georgia.InvalidOption, match="got features"):
        georgia.store.open(path, model=model, stage="features")
    with pytest.raises(georgia.InvalidOption, match="expected a model"):
        georgia.store.open(path, stage=stage)
    with pytest.raises(georgia.InvalidOption, match="as the model gives"):
        georgia.store.open(tmp_path / "b.sqlite", model=model, dimensions=3).recreate()


def test_commands_add_search_and_tell(
    model: georgia.Model, images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    model.save(tmp_path / "m.safetensors")
    (images / "text.png").write_text("text")
    store, saved = str(tmp_path / "a.sqlite"), str(tmp_path / "m.safetensors")
    picture = str(images / "plates_0003.png")

    def said(*words: str) -> str:
        result = CliRunner().invoke(cli.app, ["store", *words], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    output = said("add", store, saved, str(images))
    assert "10 images added, 0 known already, 1 left out" in output
    assert "text.png: not an image" in output
    assert f"10 images in {store}" in output
    lines = said("search", store, saved, picture, "-k", "3").splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(f"0.0000  {picture}  ")
    label = lines[0].split("  ")[2]
    assert len(said("search", store, saved, picture, "--label", label).splitlines()) >= 1
    assert said("search", store, saved, picture, "--label", "none of them") == ""
    output = said("info", store)
    assert model.weights_hash in output
    assert "images               10" in output
    for words in (("info", "none.sqlite"), ("search", "none.sqlite", saved, picture)):
        with pytest.raises(georgia.IoError, match="no such store"):
            said(*words)
    with pytest.raises(georgia.IoError, match="no such file"):
        said("add", store, saved, str(tmp_path / "none"))
    assert not Path("none.sqlite").exists()
