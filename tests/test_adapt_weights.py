"""Weights of a file in a model of other channels, classes or head: what is kept, what is told."""

import dataclasses
import hashlib
import importlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from zoo_models import make_foreign, random_model, same_tensors

import georgia

PRETRAINED = importlib.import_module("georgia.pretrained")
SMALL = {"size": 32}
KERAS = {"variant": "keras", "size": 32}
Tensors = dict[str, NDArray[Any]]


def gray_images(size: int = 32) -> NDArray[np.float32]:
    return np.random.default_rng(3).random((2, 1, size, size), np.float32)


def changed(model: georgia.Model, path: Path, change: Callable[[Tensors], Any]) -> Path:
    """Write the model's tensors for torch, but for a change."""
    tensors = model._file.tensors()
    change(tensors)
    torch.save({name: torch.tensor(value) for name, value in tensors.items()}, path)
    return path


@pytest.fixture(scope="module")
def small() -> georgia.Model:
    return random_model("small_cnn", classes=3, **SMALL)


def without(*prefixes: str) -> Callable[[Tensors], None]:
    def change(tensors: Tensors) -> None:
        for name in [name for name in tensors if name.startswith(prefixes)]:
            del tensors[name]

    return change


def assert_kept(made: georgia.Model, model: georgia.Model, *, but: tuple[str, ...]) -> None:
    """Every tensor of a model is the other's, save some."""
    held = model._file.tensors()
    for name, value in made._file.tensors().items():
        if not name.startswith(but) and not name.endswith("num_batches_tracked"):
            np.testing.assert_array_equal(value, held[name], err_msg=name)


# Channels


@pytest.mark.parametrize("ending", [".onnx", ".pth", pytest.param(".h5", marks=pytest.mark.slow)])
def test_gray_means_the_same_to_one_three_and_four_channels(ending: str, tmp_path: Path) -> None:
    network, how = ("resnet18", KERAS) if ending == ".h5" else ("small_cnn", SMALL)
    rgb = random_model(network, **how)
    path = tmp_path / f"m{ending}"
    rgb.export(path)
    gray = gray_images()
    expected = rgb.logits(np.repeat(gray, 3, axis=1))
    options = how | {"classes": 2, "weights": path}
    one = georgia.Model.create(network, channels=1, **options)
    assert "3 input channels to 1: the first layer's weights are summed" in one.notes
    # Three products are summed before instead of after they are multiplied.
    np.testing.assert_allclose(one.logits(gray), expected, rtol=1e-4, atol=1e-5)
    four = georgia.Model.create(network, channels=4, **options)
    assert "3 input channels to 4: weights of zero for the fourth" in four.notes
    for alpha in (gray, 1000 * gray):
        got = four.logits(np.concatenate([np.repeat(gray, 3, axis=1), alpha], axis=1))
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 4])
def test_other_changes_of_channels_are_refused(channels: int, tmp_path: Path) -> None:
    path = tmp_path / "m.pth"
    random_model("small_cnn", channels=channels, **SMALL).export(path)
    with pytest.raises(
        georgia.BadInput, match=rf"32, {5 - channels}, 3, 3\], got \[32, {channels}"
    ):
        georgia.Model.create("small_cnn", classes=2, channels=5 - channels, weights=path, **SMALL)


def test_the_normalisation_of_our_own_file_is_fitted_to_the_channels(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    numbers = ([0.1, 0.2, 0.6], [0.5, 1.0, 1.5])
    model = georgia.Model.create("small_cnn", classes=2, size=40, normalisation=numbers)
    model.save(path)
    one = georgia.Model.create("small_cnn", classes=2, channels=1, weights=path)
    assert one.preprocess.mean == [pytest.approx(0.3)]
    assert one.preprocess.deviation == [1.0]
    assert (one.preprocess.height, one.preprocess.width) == (40, 40)
    four = georgia.Model.create("small_cnn", classes=2, channels=4, weights=path)
    assert four.preprocess.mean == [*numbers[0], 0]
    assert four.preprocess.deviation == [*numbers[1], 1]
    again = georgia.Model.create("small_cnn", classes=2, weights=path, size=24)
    assert again.preprocess.mean == numbers[0]
    assert again.preprocess.height == 24


def test_blue_stays_first_beside_alpha(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    georgia.Model.create("small_cnn", classes=2, normalisation="caffe", **SMALL).save(path)
    four = georgia.Model.create("small_cnn", classes=2, channels=4, weights=path)
    assert four.preprocess.order == "bgr"
    other = georgia.Model.create("small_cnn", classes=2, weights=path, normalisation="unit")
    assert (other.preprocess.order, other.preprocess.mean) == ("rgb", [0, 0, 0])


# Classes and heads


@pytest.mark.parametrize(
    "ending",
    [".safetensors", ".pth", ".onnx", "foreign", pytest.param(".h5", marks=pytest.mark.slow)],
)
def test_other_classes_replace_the_last_layer_alone(ending: str, tmp_path: Path) -> None:
    network, how = ("resnet18", KERAS) if ending == ".h5" else ("squeezenet1_1", SMALL)
    model = random_model(network, classes=3, **how)
    path = tmp_path / f"m{ending if ending != 'foreign' else '.onnx'}"
    model.export(path)
    if ending == "foreign":
        path = make_foreign(path, tmp_path / "foreign.onnx")
    options: Any = how | {"classes": ["a", "b"], "weights": path}
    made = georgia.Model.create(network, seed=5, **options)
    assert "the last layer starts anew: the file has 3 classes, the model 2" in made.notes
    fresh = georgia.Model.create(network, seed=5, classes=2, **how)._file.tensors()
    kept, got = model._file.tensors(), made._file.tensors()
    anew = {name for name in got if got[name].shape != kept[name].shape}
    assert len(anew) == 2
    for name, value in got.items():
        if not name.endswith("num_batches_tracked"):
            np.testing.assert_array_equal(value, (fresh if name in anew else kept)[name])


def test_a_trunk_is_enough_and_told(small: georgia.Model, tmp_path: Path) -> None:
    path = changed(small, tmp_path / "trunk.pth", without("dense.", "fc."))
    made = georgia.Model.create("small_cnn", classes=2, weights=path, **SMALL)
    assert "the head starts anew: the file is a trunk for this network" in made.notes
    assert_kept(made, small, but=("dense.", "fc."))


def test_half_a_head_or_half_a_trunk_is_none(small: georgia.Model, tmp_path: Path) -> None:
    for prefix in ("fc.", "block2.conv."):
        path = changed(small, tmp_path / "half.pth", without(prefix))
        with pytest.raises(georgia.BadInput, match=rf"missing {prefix}weight"):
            georgia.Model.create("small_cnn", classes=3, weights=path, **SMALL)


@pytest.mark.parametrize("ending", [".safetensors", ".onnx"])
@pytest.mark.parametrize("heads", [("linear", "concat"), ("dense", "linear"), ("dense", "concat")])
def test_another_head_takes_the_trunk(heads: tuple[str, str], ending: str, tmp_path: Path) -> None:
    model = random_model("small_cnn", head=heads[0], classes=3, **SMALL)
    path = tmp_path / f"m{ending}"
    if ending == ".onnx":
        model.export(path)
    else:
        model.save(path)
    made = georgia.Model.create("small_cnn", classes=3, head=heads[1], weights=path, **SMALL)
    assert "the file's own classifier is left out" in made.notes
    assert_kept(made, model, but=("head.", "dense.", "fc."))
    assert made.preprocess == model.preprocess


# What does not fit


def broken(tensors: Tensors) -> None:
    tensors["block1.conv.weight"] = tensors["block1.conv.weight"][:, :, :1]
    tensors["stranger.weight"] = np.ones(3, np.float32)
    tensors["dense.bias"] = np.full_like(tensors["dense.bias"], np.inf)
    del tensors["block2.bn.bias"]


MISFITS = (
    "block1.conv.weight: expected shape [32, 3, 3, 3], got [32, 3, 1, 3]",
    "unexpected stranger.weight",
    "dense.bias holds values that are not finite",
    "missing block2.bn.bias",
)


def test_every_misfit_is_told_and_nothing_is_taken(small: georgia.Model, tmp_path: Path) -> None:
    path = changed(small, tmp_path / "broken.pth", broken)
    with pytest.raises(georgia.BadInput) as caught:
        georgia.Model.create("small_cnn", classes=3, weights=path, **SMALL)
    told = str(caught.value)
    assert told.startswith(f"[weights] {path}: its tensors do not fit the network small_cnn")
    for misfit in MISFITS:
        assert f"\n  {misfit}" in told
    assert told.count("\n") == len(MISFITS)
    model = georgia.Model.create("small_cnn", classes=3, **SMALL)
    before = {name: value.copy() for name, value in model._file.tensors().items()}
    tensors = small._file.tensors()
    broken(tensors)
    with pytest.raises(georgia.BadInput, match="do not fit"):
        model._file.take(tensors, True, "file", 0)
    for name, value in model._file.tensors().items():
        np.testing.assert_array_equal(value, before[name])


def test_not_strict_leaves_out_what_does_not_fit(small: georgia.Model, tmp_path: Path) -> None:
    path = changed(small, tmp_path / "broken.pth", broken)
    made = georgia.Model.create("small_cnn", classes=3, weights=path, strict=False, **SMALL)
    assert {note for note in made.notes if note.startswith("skipped: ")} == {
        f"skipped: {misfit}" for misfit in MISFITS
    }
    assert made.provenance["weights"]["notes"] == list(made.notes)
    fresh = georgia.Model.create("small_cnn", classes=3, **SMALL)._file.tensors()
    left = {"block1.conv.weight", "dense.bias", "block2.bn.bias"}
    for name, value in made._file.tensors().items():
        expected = fresh if name in left else small._file.tensors()
        np.testing.assert_array_equal(value, expected[name])


def test_a_file_without_a_fitting_tensor_is_refused_in_any_case(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(3)}, tmp_path / "m.pth")
    with pytest.raises(georgia.BadInput, match="none of its tensors fits the network small_cnn"):
        georgia.Model.create("small_cnn", classes=2, weights=tmp_path / "m.pth", strict=False)


def test_a_size_or_class_that_is_none_is_refused() -> None:
    for size in (0, -1, 5000):
        with pytest.raises(georgia.InvalidOption, match=f"expected 1 to 4096 pixels, got {size}"):
            georgia.Model.create("small_cnn", classes=2, size=size)
    for classes in (0, [], ["a", "a"], ["a", ""]):
        with pytest.raises(georgia.InvalidOption, match="classes: expected at least one"):
            georgia.Model.create("small_cnn", classes=classes)
    with pytest.raises(georgia.InvalidOption, match="expected how many, or a list of names"):
        georgia.Model.create("small_cnn", classes="ab")


# weights="imagenet", whose registry is made for the test


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder; no weights are anywhere, and nothing may be asked of the network."""
    for name in ("HOME", "XDG_CACHE_HOME", "TORCH_HOME", "KERAS_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("asked the network"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def register(patch: pytest.MonkeyPatch, path: Path, **facts: Any) -> None:
    """Let the registry know one file alone."""
    entry = dataclasses.replace(
        PRETRAINED.pretrained()["squeezenet1_1"],
        **{
            "file": path.name,
            "sha256_prefix": hashlib.sha256(path.read_bytes()).hexdigest()[:8],
            **facts,
        },
    )
    patch.setattr(PRETRAINED, "pretrained", lambda: {entry.name: entry})


def test_imagenet_is_the_published_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = random_model("squeezenet1_1", classes=1000)
    published.export(here / "published.pth")
    register(monkeypatch, here / "published.pth")
    made = georgia.Model.create("squeezenet1_1", classes=["a", "b"], size=64, weights="imagenet")
    assert made.notes == (
        "the last layer starts anew: the file has 1000 classes, the model 2",
        "normalisation: imagenet, as published with them",
    )
    assert made.preprocess.mean == [0.485, 0.456, 0.406]
    digest = hashlib.sha256((here / "published.pth").read_bytes()).hexdigest()
    assert made.provenance["weights"]["sha256"] == digest
    whole = georgia.Model.create("squeezenet1_1", classes=1000, size=64, weights="imagenet")
    assert same_tensors(whole, published)


@pytest.mark.parametrize(("channels", "mean"), [(1, [0.3]), (3, [0.2, 0.3, 0.4]),
                                                (4, [0.2, 0.3, 0.4, 0])])  # fmt: skip
def test_the_registry_says_how_to_normalise(
    channels: int, mean: list[float], here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random_model("squeezenet1_1", classes=1000).export(here / "published.pth")
    numbers = ((0.2, 0.3, 0.4), (0.5, 0.5, 0.5))
    register(monkeypatch, here / "published.pth", normalisation=numbers)
    made = georgia.Model.create(
        "squeezenet1_1", classes=2, channels=channels, size=64, weights="imagenet"
    )
    assert made.preprocess.mean == pytest.approx(mean)
    assert made.preprocess.deviation == [0.5] * min(channels, 3) + [1] * (channels == 4)
    asked = georgia.Model.create(
        "squeezenet1_1", classes=2, channels=channels, weights="imagenet", normalisation="unit"
    )
    assert asked.preprocess.mean == [0] * channels


@pytest.mark.slow
def test_imagenet_for_keras_is_a_trunk_of_keras(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = here / "published_notop.h5"
    published = random_model("resnet18", classes=1000, **KERAS)
    published.export(path)
    with h5py.File(path, "a") as file:
        file.attrs["layer_names"] = file.attrs["layer_names"][:-1]
        del file.attrs["georgia"]  # which a published file has not
    md5 = hashlib.md5(path.read_bytes()).hexdigest()
    register(monkeypatch, path, sha256_prefix=None, md5=md5, network="resnet18", variant="keras",
             normalisation="caffe")  # fmt: skip
    made = georgia.Model.create("resnet18", classes=2, weights="imagenet", **KERAS)
    assert "the head starts anew: the file is a trunk for this network" in made.notes
    assert made.preprocess.order == "bgr"
    assert_kept(made, published, but=("predictions.",))


def test_absent_weights_are_told_with_the_ways_to_get_them(here: Path) -> None:
    with pytest.raises(georgia.IoError) as caught:
        georgia.Model.create("squeezenet1_1", classes=2, weights="imagenet")
    told = str(caught.value)
    entry = PRETRAINED.pretrained()["squeezenet1_1"]
    for part in (entry.file, f"SHA-256 starting with {entry.sha256_prefix}", str(here), entry.url,
                 "georgia fetch weights/squeezenet1_1", "weights=FILE"):  # fmt: skip
        assert part in told
    with pytest.raises(
        georgia.InvalidOption, match=r"small_cnn .*no such weights; expected one of"
    ):
        georgia.Model.create("small_cnn", classes=2, weights="imagenet")


def test_a_file_that_only_has_the_name_is_refused(here: Path) -> None:
    entry = PRETRAINED.pretrained()["squeezenet1_1"]
    random_model("squeezenet1_1", classes=2).export(here / entry.file)
    with pytest.raises(georgia.BadInput, match=f"{entry.file}: not the published file; expected"):
        georgia.Model.create("squeezenet1_1", classes=2, weights="imagenet")
    named = georgia.Model.create("squeezenet1_1", classes=2, weights=here / entry.file)
    assert named.classes == ("class 0", "class 1")
