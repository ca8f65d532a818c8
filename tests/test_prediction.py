"""Predictions and evaluation seen from Python."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import precision_recall_fscore_support

import georgia
from georgia import _core


@pytest.fixture(scope="module")
def model(run: georgia.Run) -> georgia.Model:
    return georgia.load(run)


def test_every_kind_of_input_gives_the_same_answer(model: georgia.Model, photos: Path) -> None:
    path = photos / "plates" / "plates_0003.png"
    pixels = georgia.read_image(path)
    expected = model.predict(path)[0].probabilities
    for source in (str(path), [path], path.read_bytes(), pixels, pixels[None], Image.open(path)):
        np.testing.assert_array_equal(model.predict(source)[0].probabilities, expected)


def test_a_folder_gives_one_result_per_image_in_natural_order(
    model: georgia.Model, photos: Path
) -> None:
    predictions = model.predict(photos)
    assert [p.path for p in predictions] == [str(p) for p in sorted(photos.glob("*/*.png"))]
    np.testing.assert_allclose(predictions.probabilities.sum(1), 1, rtol=1e-5)
    for p in predictions:
        assert p.label == model.classes[int(np.argmax(p.probabilities))]
        assert p.confidence == pytest.approx(float(p.probabilities.max()))


def test_failures_are_results_in_place(model: georgia.Model, photos: Path, tmp_path: Path) -> None:
    bad = tmp_path / "=bad.png"
    bad.write_text("text")
    good = photos / "plates" / "plates_0003.png"
    predictions = model.predict([good, bad, tmp_path / "none.png", good])
    assert [bool(p.error) for p in predictions] == [False, True, True, False]
    assert predictions[1].label == ""
    assert "not an image" in predictions[1].error
    assert "No such file" in predictions[2].error
    lines = predictions.to_csv().splitlines()
    assert lines[0] == (
        "path,label,confidence,needles,plates,rhombs,spherulites,outlier_score,is_outlier,error"
    )
    assert len(lines) == 5
    assert len(model.predict([])) == 0


class _Gone:
    """A file on a disk that was taken away."""

    name = "gone.png"

    def read(self) -> bytes:
        raise OSError(5, "Input/output error")


def test_what_cannot_be_had_is_a_result_too(
    model: georgia.Model, photos: Path, tmp_path: Path
) -> None:
    good = photos / "plates" / "plates_0003.png"
    cut = Image.open(io.BytesIO(good.read_bytes()[:-2000]))
    inputs = [good, cut, _Gone(), "a\0b.png", good]
    told = ["", "truncated", "Input/output error", "zero byte", ""]
    results = [
        model.predict(inputs).errors,
        [one.error for one in model.predict(inputs, stream=True)],
        model.embed(inputs).errors,
        model.explain(inputs, checks=False).errors,
    ]
    for errors in results:
        for error, words in zip(errors, told, strict=True):
            assert words in error
            assert bool(error) == bool(words)
    with georgia.store.open(tmp_path / "few.sqlite", model=model) as kept:
        filled = kept.add_images(inputs)
    assert filled.new == 1
    assert len(filled.skipped) == 3


def test_sixteen_bit_pil_images_equal_their_files(model: georgia.Model, tmp_path: Path) -> None:
    wide = np.random.default_rng(3).integers(0, 65536, (40, 40), dtype=np.uint16)
    Image.fromarray(wide).save(tmp_path / "wide.png")
    np.testing.assert_array_equal(
        model.predict(Image.open(tmp_path / "wide.png")).probabilities,
        model.predict(tmp_path / "wide.png").probabilities,
    )
    with pytest.raises(georgia.InvalidOption, match="mode F"):
        model.predict(Image.fromarray(np.zeros((3, 3), np.float32)))


def test_a_thin_strip_is_an_image(model: georgia.Model) -> None:
    strip = np.full((20, 4000), 99, np.uint8)
    assert not model.predict(strip)[0].error
    padded = georgia.Preprocess(height=128, width=128, fit="pad")
    none = georgia.AugmentOptions(rotation=0, shift=0, zoom=0)
    assert _core.preprocess(strip, padded, none).max() == 99


def test_wrong_inputs_are_refused_by_name(model: georgia.Model) -> None:
    with pytest.raises(georgia.BadInput, match=r"shape \(3, 3, 5\) of uint8"):
        model.predict(np.zeros((3, 3, 5), np.uint8))
    with pytest.raises(georgia.BadInput, match="float64"):
        model.predict(np.zeros((3, 3)))
    with pytest.raises(georgia.BadInput, match="too large"):
        model.predict(np.zeros((2, 40_000), np.uint8))
    with pytest.raises(georgia.InvalidOption, match="got int"):
        model.predict(3)
    with pytest.raises(georgia.InvalidOption, match="batch"):
        model.predict([], batch=0)


def test_a_model_saved_again_answers_the_same(
    model: georgia.Model, photos: Path, tmp_path: Path
) -> None:
    from safetensors import safe_open

    model.save(tmp_path / "m.safetensors")
    again = georgia.load(tmp_path / "m.safetensors")
    np.testing.assert_array_equal(
        again.predict(photos).probabilities, model.predict(photos).probabilities
    )
    assert again.provenance["images"] == {"train": 28, "validation": 8}
    with safe_open(tmp_path / "m.safetensors", "pt") as file:  # opens in plain Python
        assert file.get_tensor("fc.weight").shape == (4, 512)
        assert "layer4.1.bn2.num_batches_tracked" in file.keys()  # noqa: SIM118


@pytest.mark.parametrize("damage", ["cut short", "pickle", "empty", "missing"])
def test_damaged_models_are_refused(damage: str, run: georgia.Run, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    data = (run.folder / "model.safetensors").read_bytes()
    contents = {"cut short": data[:-100], "pickle": b"\x80\x02}q\x00." * 20, "empty": b""}
    if damage in contents:
        path.write_bytes(contents[damage])
    with pytest.raises(georgia.Error, match=r"m\.safetensors"):
        georgia.load(path)


def test_evaluation_scores_and_files(run: georgia.Run) -> None:
    result = georgia.evaluate(run, split="train")
    assert result.count == 28
    assert result.confusion.sum() == 28
    assert np.trace(result.confusion) == result.correct
    assert f"accuracy {result.accuracy:.4f} ({result.correct}/28)" in str(result)
    for name in ("report.txt", "confusion.png", "predictions.csv"):
        assert (run.folder / name).is_file()
    with pytest.raises(georgia.InvalidOption, match="unknown name"):
        georgia.evaluate(run, split="tests")


def test_scores_equal_scikit_learn() -> None:
    rng = np.random.default_rng(4)
    for classes, count in ((2, 50), (5, 300), (7, 9)):
        labels = rng.integers(0, classes, count)
        predictions = np.where(rng.random(count) < 0.6, labels, rng.integers(0, classes, count))
        got = _core.score(list(labels), list(predictions), classes)
        present = sorted(set(labels) | set(predictions))
        for average in ("macro", "weighted"):
            expected = precision_recall_fscore_support(
                labels, predictions, labels=present, average=average, zero_division=0
            )
            for name, value in zip(("precision", "recall", "f1"), expected, strict=False):
                assert got[average][name] == pytest.approx(value, abs=1e-12)


def test_a_tie_goes_to_the_lower_class() -> None:
    assert list(_core.top_class(np.array([[0.5, 0.5], [0.2, 0.8]], np.float32))) == [0, 1]
