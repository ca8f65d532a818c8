"""Weights out and in again: what comes back is the same, and says what it was."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch
from safetensors import safe_open
from zoo_models import (
    CUSTOM,
    given,
    make_foreign,
    pixels,
    random_model,
    same_tensors,
)

import georgia

ENDINGS = (".safetensors", ".pth", ".onnx")
HEADS: dict[str, Any] = {
    "linear": "linear",
    "dense": "dense",
    "concat": "concat",
    "one_logit": "one_logit",
    "custom": CUSTOM,
}
USUAL = ([0.5] * 4, [0.25] * 4)  # of a model that is made without weights
KERAS = {"variant": "keras", "normalisation": "caffe"}
SLOW = pytest.mark.slow  # nothing else than the quick ones, for a larger network


def assert_same(got: georgia.Model, wanted: georgia.Model) -> None:
    """Nothing was computed on the way, so that every bit is the same."""
    assert same_tensors(got, wanted)
    x = given(wanted)
    np.testing.assert_array_equal(got.logits(x), wanted.logits(x))


def written_and_created(network: str, path: Path, **options: Any) -> georgia.Model:
    model = random_model(network, **options)
    model.export(path)
    again = georgia.Model.create(network, **({"classes": 2, "size": 64} | options), weights=path)
    assert_same(again, model)
    assert [note for note in again.notes if "normalisation" not in note] == []
    return model


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("network", ["small_cnn", "squeezenet1_1"])
def test_a_network_comes_back_with_any_channels(
    network: str, ending: str, channels: int, tmp_path: Path
) -> None:
    path = tmp_path / f"m{ending}"
    model = written_and_created(network, path, channels=channels, classes=5)
    found = georgia.import_model(path, size=64) if ending == ".pth" else georgia.import_model(path)
    assert (found.architecture, len(found.classes)) == (network, 5)
    if ending == ".pth":  # it holds tensors alone
        assert "normalisation: imagenet, assumed" in found.notes
        found = georgia.import_model(path, size=64, normalisation=USUAL)
    assert found.preprocess == model.preprocess
    assert_same(found, model)


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_head_comes_back(ending: str, head: str, tmp_path: Path) -> None:
    model = written_and_created("small_cnn", tmp_path / f"m{ending}", head=HEADS[head], size=32)
    asked: Any = {"size": 32} if ending == ".pth" else {}
    again = georgia.import_model(tmp_path / f"m{ending}", **asked)
    for name in ("pool", "hidden", "batch_norm", "one_logit"):
        assert getattr(again.head, name) == getattr(model.head, name)
    assert (again.head == model.head) == (ending != ".pth" or not any(model.head.dropout))
    assert_same(again, model)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_linear_classifier_of_pixels_comes_back(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"m{ending}"
    model = written_and_created("logistic", path, channels=1, size=12, classes=4)
    assert_same(georgia.import_model(path, network="logistic", size=12), model)
    if ending != ".pth":
        return
    with pytest.raises(georgia.InvalidOption, match="logistic takes the pixels of one size"):
        georgia.import_model(path, network="logistic")
    with pytest.raises(georgia.BadInput, match="expected tensors of logistic of 13 x 13 pixels"):
        georgia.import_model(path, network="logistic", size=13)


@pytest.mark.slow
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("variant", ["torchvision", "keras"])
def test_a_residual_network_comes_back(variant: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"m{ending}"
    model = written_and_created("resnet18", path, variant=variant, classes=3)
    found = georgia.import_model(path, size=64)
    assert (found.architecture, found.variant) == ("resnet18", variant)
    assert_same(found, model)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("channels", "head"),
    [
        (3, "custom"),
        pytest.param(1, "linear", marks=SLOW),
        *(pytest.param(4, name, marks=SLOW) for name in HEADS),
    ],
)
def test_a_keras_file_says_which_network_and_head_it_holds(
    channels: int, head: str, tmp_path: Path
) -> None:
    path = tmp_path / "m.h5"
    model = random_model("resnet18", channels=channels, head=HEADS[head], **KERAS)
    model.export(path)
    again = georgia.import_model(path)
    assert again.head == model.head
    assert (again.variant, again.preprocess) == ("keras", model.preprocess)
    assert_same(again, model)
    with h5py.File(path, "a") as file:
        assert json.loads(file.attrs["georgia"])["classes"] == list(model.classes)
        del file.attrs["georgia"]
    bare = georgia.import_model(path, size=64)
    for name in ("pool", "hidden", "batch_norm", "one_logit"):  # the tensors tell no dropout
        assert getattr(bare.head, name) == getattr(model.head, name)
    assert "normalisation: caffe, assumed" in bare.notes
    assert (bare.variant, bare.preprocess) == ("keras", model.preprocess)
    assert_same(bare, model)


@pytest.mark.slow
def test_one_unit_for_two_classes_answers_alike(tmp_path: Path) -> None:
    model = random_model("resnet18", **KERAS)
    written = model.export(tmp_path / "m.h5", sigmoid=True)
    again = georgia.import_model(tmp_path / "m.h5")
    assert again.head == georgia.HeadOptions(pool="average", one_logit=True)
    assert again.preprocess == model.preprocess
    x = given(model)
    zero, z = again.logits(x).T
    assert not zero.any()
    two = model.logits(x)
    expected = two[:, 1] - two[:, 0]
    # A difference of sums against a sum of differences, in float32.
    assert np.abs(z - expected).max() <= 1e-5 * np.abs(two).max()
    assert written.relative_difference <= 1e-5


@pytest.mark.parametrize("how", ["save", "onnx", "safetensors"])
def test_our_own_formats_hold_the_preprocessing_and_the_classes(
    how: str, tmp_path: Path, photos: Path
) -> None:
    classes = ["é", "two\nlines", "=sum", "d"]
    model = random_model("small_cnn", classes=classes, size=40, normalisation="caffe")
    assert model.preprocess.order == "bgr"
    if how == "save":
        model.save(tmp_path / "m.safetensors")
        again = georgia.load(tmp_path / "m.safetensors")
    else:
        written = model.export(tmp_path / f"m.{how}")
        assert written.note == ""
        again = georgia.import_model(tmp_path / f"m.{how}")
    assert again.preprocess == model.preprocess
    assert again.classes == tuple(classes)
    images = photos / "plates"
    np.testing.assert_array_equal(
        again.predict(images).probabilities, model.predict(images).probabilities
    )


@pytest.mark.parametrize("network", ["squeezenet1_1", pytest.param("resnet18", marks=SLOW)])
def test_files_for_torch_have_the_names_of_torchvision(
    network: str, tmp_path: Path, shared: Path
) -> None:
    facts = json.loads((shared / "reference" / "torchvision" / f"{network}.json").read_text())
    model = random_model(network, classes=1000)
    model.export(tmp_path / "m.pth")
    held = torch.load(tmp_path / "m.pth", weights_only=True)
    assert {name: list(value.shape) for name, value in held.items()} == facts["tensors"]
    assert list(held) == list(facts["tensors"])
    model.export(tmp_path / "m.safetensors")
    with safe_open(tmp_path / "m.safetensors", "np") as file:
        assert file.metadata()["format"] == "pt"  # without it, transformers refuses a file
        read = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
    assert read.keys() == held.keys()
    for name, value in model._file.tensors().items():
        for got in (read[name], held[name].numpy()):
            assert got.dtype == value.dtype
            np.testing.assert_array_equal(got, value)


# ONNX, run by onnxruntime on images that the export's own check has not seen.

SMALLEST = {
    "alexnet": 63,
    "convnext_tiny": 32,
    "inception_v3": 75,
    "logistic": 1,
    "small_cnn": 8,
    "squeezenet1_0": 21,
    "squeezenet1_1": 17,
    "vgg11": 32,
    "vgg16": 32,
    "vgg16_bn": 32,
    "vgg19": 32,
}
QUICK = {"logistic", "small_cnn", "squeezenet1_0", "squeezenet1_1"}


def every_network() -> list[Any]:
    cases = []
    for name, network in georgia.networks().items():
        for variant in network.variants:
            size = SMALLEST.get(name, 32)  # ResNets take 1, where hardly a weight counts
            marks = () if name in QUICK or (name, variant) == ("resnet18", "keras") else SLOW
            cases.append(pytest.param(name, variant, size, id=f"{name}-{variant}", marks=marks))
    return [*cases, pytest.param("inception_v3", "torchvision", 299, marks=SLOW)]


def assert_runs(model: georgia.Model, path: Path, kind: str) -> float:
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    images = pixels(model)
    taken: Any = images
    if kind == "float32":
        taken = np.ascontiguousarray(images.transpose(0, 3, 1, 2), np.float32) / np.float32(255)
    got, probabilities = session.run(["logits", "probabilities"], {"images": taken})
    expected = model.logits(given(model))
    difference = float(np.abs(got - expected).max() / np.abs(expected).max())
    assert difference <= 1e-4  # float32 sums in another order, through up to 152 layers
    assert (got.argmax(1) == expected.argmax(1)).all()
    assert (probabilities.argmax(1) == expected.argmax(1)).all()
    return difference


@pytest.mark.parametrize(("network", "variant", "size"), every_network())
def test_onnxruntime_answers_as_every_network(
    network: str, variant: str, size: int, tmp_path: Path
) -> None:
    normalisation = "caffe" if variant == "keras" else "imagenet"
    model = random_model(
        network, variant=variant, size=size, classes=5, normalisation=normalisation
    )
    path = tmp_path / "m.onnx"
    written = model.export(path)
    difference = assert_runs(model, path, "uint8")
    print(f"{network} ({variant}) at {size}: {difference:.1e}")
    path.unlink()  # some are large
    assert written.relative_difference <= 1e-4


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("head", ["dense", "concat", "one_logit"])
def test_onnxruntime_takes_floats_and_any_head(head: str, channels: int, tmp_path: Path) -> None:
    model = random_model("small_cnn", head=head, channels=channels, size=24)
    model.export(tmp_path / "m.onnx", input="float32")
    assert_runs(model, tmp_path / "m.onnx", "float32")


@pytest.mark.parametrize("count", [2, 7])
def test_a_graph_of_another_program_is_recognised(count: int, tmp_path: Path) -> None:
    model = random_model("squeezenet1_1", classes=count, channels=1)
    model.export(tmp_path / "m.onnx")
    foreign = make_foreign(tmp_path / "m.onnx", tmp_path / "foreign.onnx")
    again = georgia.import_model(foreign)
    assert (again.architecture, len(again.classes)) == ("squeezenet1_1", count)
    assert (again.preprocess.height, again.preprocess.channels) == (64, 1)
    assert_same(again, model)
