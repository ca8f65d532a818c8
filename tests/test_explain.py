"""Explanations: maps of what speaks for a class, and whether they can be believed."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import georgia
from georgia import _core, plots
from georgia.cli import app


@pytest.fixture(scope="module")
def model(run: georgia.Run) -> georgia.Model:
    return georgia.load(run)


def brightness_detector() -> georgia.Model:
    """A network by hand: class "bright" is the mean of what is brighter than half, if anything."""
    file = _core.ModelFile.create(
        network="small_cnn",
        variant="torchvision",
        head=_core.HeadOptions(),
        classes=["dark", "bright"],
        preprocess=_core.with_normalisation(_core.Preprocess(height=64, width=64), "unit"),
        seed=None,
    )
    weights = {name: values.copy() for name, values in file.tensors().items()}
    for name, values in weights.items():
        if name.endswith("running_var"):
            values[:] = 1
        elif not name.endswith("num_batches_tracked"):
            values[:] = 0
    weights["block1.conv.weight"][0] = 1 / 27  # mean of 3 x 3 pixels and three colours
    for block in (1, 2, 3):
        weights[f"block{block}.bn.weight"][0] = 1
        if block > 1:
            weights[f"block{block}.conv.weight"][0, 0, 1, 1] = 1
    weights["block1.bn.bias"][0] = -0.5
    weights["dense.weight"][0, 0] = 1
    weights["fc.weight"][1, 0] = 40
    file.take(weights, True, "by hand", 0)
    return georgia.Model(file)


@pytest.mark.parametrize("place", [(5, 9), (30, 38), (40, 3)])
def test_a_layer_cam_lies_on_the_planted_object(place: tuple[int, int]) -> None:
    pixels = np.random.default_rng(3).integers(20, 100, (64, 64, 3), dtype=np.uint8)
    inside = (slice(place[0], place[0] + 20), slice(place[1], place[1] + 20))
    pixels[inside] = 230
    model = brightness_detector()
    assert model.predict(pixels)[0].label == "bright"
    shares = {}
    for stage in ("stem", "stage1", ""):
        values = model.explain(pixels, label="bright", stage=stage).maps[0]
        shares[stage] = float(values[inside].sum() / values.sum())
    assert shares["stem"] >= 0.8
    # Coarser planes cover whole cells of 4 and 8 pixels, and half a cell beyond by interpolation:
    # of 20 pixels up to 28 and 36 a side.
    assert shares["stage1"] >= 20**2 / 28**2
    assert shares[""] >= 20**2 / 36**2
    sideways = np.swapaxes(model.explain(pixels, label="bright", stage="stem").maps[0], 0, 1)
    if abs(place[0] - place[1]) > 20:  # elsewhere: the test can fail
        assert sideways[inside].sum() / sideways.sum() < 0.2


def upsampled(planes: np.ndarray, size: int) -> np.ndarray:
    """Bilinear, corners not aligned, by its definition."""
    places = np.clip((np.arange(size) + 0.5) * len(planes) / size - 0.5, 0, len(planes) - 1)
    low = np.floor(places).astype(int)
    high = np.minimum(low + 1, len(planes) - 1)
    share = places - low
    rows = planes[low] * (1 - share)[:, None] + planes[high] * share[:, None]
    return rows[:, low] * (1 - share) + rows[:, high] * share


@pytest.mark.parametrize("method", ["layer-cam", "grad-cam"])
def test_a_cam_is_that_of_numpy(photos: Path, method: str) -> None:
    model = georgia.Model.create("small_cnn", classes=["a", "b", "c"], size=32, seed=3)
    path = str(photos / "plates" / "plates_0003.png")
    planes = model.feature_maps(path, "stage2").astype(np.float64)  # (C, 4, 4), averaged behind
    weights = {name: np.asarray(values, np.float64) for name, values in model.weights.items()}
    hidden = weights["dense.weight"] @ planes.mean((1, 2)) + weights["dense.bias"]
    logits = weights["fc.weight"] @ np.maximum(hidden, 0) + weights["fc.bias"]
    for k, label in enumerate(model.classes):
        others = np.exp(np.delete(logits, k))
        by_logit = np.insert(-others / others.sum(), k, 1.0)  # of the log odds
        by_hidden = (by_logit @ weights["fc.weight"]) * (hidden > 0)
        by_mean = by_hidden @ weights["dense.weight"]
        gradient = np.broadcast_to(by_mean[:, None, None] / planes[0].size, planes.shape)
        weight = np.maximum(gradient, 0) if method == "layer-cam" else gradient
        expected = upsampled(np.maximum((weight * planes).sum(0), 0), 32)
        got = model.explain(path, label=label, stage="stage2", method=method, checks=False).maps[0]
        np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-6 * expected.max())


def test_explanations_answer_in_order_failures_included(
    model: georgia.Model, photos: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.png"
    bad.write_text("text")
    good = photos / "plates" / "plates_0003.png"
    found = model.explain([good, bad, georgia.read_image(good)])
    assert [bool(error) for error in found.errors] == [False, True, False]
    assert found.labels[1] == ""
    assert found.labels[0] == model.predict(good, precision="float32")[0].label
    np.testing.assert_array_equal(found.maps[0], found.maps[2])
    assert found.maps.shape == (3, 32, 32)
    assert found.deletion.shape == (3, 21)
    assert 0 < found.deletion[0, 0] == pytest.approx(float(found.insertion[0, -1]), abs=1e-4)
    assert "deletion" in str(found)
    assert len(model.explain([]).paths) == 0


def test_each_class_stage_and_method_has_its_map(model: georgia.Model, photos: Path) -> None:
    path = photos / "plates" / "plates_0003.png"
    maps = [
        model.explain(path, label=label, stage=stage, method=method, checks=False).maps[0]
        for label, stage, method in (
            ("plates", "", "layer-cam"),
            ("needles", "", "layer-cam"),
            ("plates", "stage2", "layer-cam"),
            ("plates", "stage2", "grad-cam"),
            ("plates", "", "integrated gradients"),
        )
    ]
    for i, one in enumerate(maps):
        assert np.isfinite(one).all()
        for other in maps[:i]:
            assert not np.allclose(one, other)
    with pytest.raises(georgia.InvalidOption, match="expected one of needles"):
        model.explain(path, label="gold")
    with pytest.raises(georgia.InvalidOption, match="one for each image"):
        model.explain(path, label=["plates", "plates"])
    with pytest.raises(georgia.InvalidOption, match="layer9"):
        model.explain(path, stage="layer9")
    with pytest.raises(georgia.InvalidOption, match="planes"):
        model.explain(path, stage="features")


def test_a_folder_of_explanations_has_pictures_and_a_table(
    model: georgia.Model, photos: Path, tmp_path: Path
) -> None:
    found = model.explain([photos / "plates" / "plates_0003.png"])
    folder = found.save(tmp_path / "why")
    assert sorted(path.name for path in folder.iterdir()) == [
        "0001_plates_0003.png",
        "0001_plates_0003_map.png",
        "0001_plates_0003_overlay.png",
        "explanations.csv",
    ]
    seen = georgia.read_image(folder / "0001_plates_0003.png")
    covered = georgia.read_image(folder / "0001_plates_0003_overlay.png")
    changed = (seen.reshape(32, 32, -1)[..., :1] != covered[..., :1]).mean()
    assert 0.2 < changed <= 0.31  # the highest 30 %
    row = next(csv.DictReader(io.StringIO((folder / "explanations.csv").read_text())))
    assert row["class"] == found.labels[0]
    assert float(row["deletion"]) == pytest.approx(float(found.deletion_area[0]), abs=1e-4)
    figure = plots.explanations(found)
    assert len(figure.axes) == 4


def test_planes_and_filters_can_be_drawn(model: georgia.Model, photos: Path) -> None:
    planes = model.feature_maps(str(photos / "plates" / "plates_0003.png"), "stage1")
    assert planes.shape == (64, 8, 8)
    assert len(plots.feature_maps(planes, most=5).axes) == 8
    assert len(plots.filters(model.weights["conv1.weight"]).axes) == 64


def test_the_command_writes_and_refuses(run: georgia.Run, photos: Path, tmp_path: Path) -> None:
    shell = CliRunner()
    path = str(photos / "plates" / "plates_0003.png")
    done = shell.invoke(
        app, ["explain", str(run.folder), path, "--out", str(tmp_path / "o"), "--no-checks"]
    )
    assert done.exit_code == 0, done.output
    assert (tmp_path / "o" / "0001_plates_0003_overlay.png").is_file()
    (tmp_path / "empty").mkdir()
    done = shell.invoke(app, ["explain", str(run.folder), str(tmp_path / "empty")])
    assert isinstance(done.exception, georgia.BadInput)
    done = shell.invoke(app, ["explain", str(run.folder), str(tmp_path / "none.png")])
    assert isinstance(done.exception, georgia.IoError)
