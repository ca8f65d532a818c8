"""The zoo seen from Python: creating, summaries, features, heads, weights in."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import georgia


def filler_of(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("filler", shared / "reference" / "filler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_networks_are_listed_with_their_size() -> None:
    networks = georgia.networks()
    assert networks["resnet101"].variants == ("torchvision", "keras")
    assert networks["squeezenet1_1"].parameters == 1235496
    assert networks["resnet50"].multiply_adds == pytest.approx(4.089e9, rel=1e-3)
    assert "inception_v3" in str(networks)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ResNet50", "ResNet101", "ResNet152"])
def test_the_keras_variant_answers_as_keras(name: str, shared: Path) -> None:
    filler = filler_of(shared)
    facts = json.loads((shared / "reference" / "keras" / f"{name}.json").read_text())
    kinds = {"kernel": "kernel", "bias": "bias", "gamma": "scale", "beta": "bias",
             "moving_mean": "mean", "moving_variance": "variance"}  # fmt: skip
    names = {"kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias",
             "moving_mean": "running_mean", "moving_variance": "running_var"}  # fmt: skip
    # The last layer is made to hand through what it sees, so that logits are pooled features.
    tensors: dict[str, Any] = {
        "predictions.weight": np.eye(2048, dtype=np.float32),
        "predictions.bias": np.zeros(2048, np.float32),
    }
    for key, shape in facts["tensors"].items():
        layer, leaf = key.split("/")
        fan_in = int(np.prod(shape[:-1])) if leaf == "kernel" else 0
        value = filler.weight(key, tuple(shape), kinds[leaf], fan_in)
        tensors[f"{layer}.{names[leaf]}"] = (
            value.transpose(3, 2, 0, 1) if leaf == "kernel" else value
        )
    model = georgia.Model.create(name.lower(), classes=2048, variant="keras", size=96)
    assert model._file.take(tensors, True, "filler", 0) == []
    pooled = model.logits(filler.image((2, 96, 96, 3)).transpose(0, 3, 1, 2))
    expected = np.load(shared / "reference" / "keras" / f"{name}.npz")["pooled"]
    assert np.abs(pooled - expected).max() < 1e-4 * expected.std()


@pytest.mark.parametrize("suffix", ["safetensors", "h5"])
def test_pretrained_squeezenet_reproduces_its_answer(suffix: str, shared: Path) -> None:
    folder = shared / "weights" / "squeezenet1_1_imagenet_features"
    (file,) = folder.glob(f"*.{suffix}")
    model = georgia.Model.create("squeezenet1_1", classes=2, weights=file)
    assert any("trunk" in note for note in model.notes)
    rows, columns, channels = np.ogrid[:224, :224, :3]
    image = (((rows * 224 + columns) * 3 + channels) % 256).astype(np.uint8)
    features = model.embed(image, stage="stage3", precision="float32").features[0]
    expected = np.loadtxt(folder / "reference_output.txt")
    # The published features were folded by hand: 1.7e-5 of 25, after SOURCE.txt.
    assert np.abs(features - expected).max() < 1e-4 * expected.max()


@pytest.mark.slow
def test_foreign_cifar_networks_open_and_are_named(shared: Path) -> None:
    from georgia.interchange import torch_checkpoint

    for layers in (20, 32, 44, 56):
        (file,) = (shared / "weights" / "resnet_cifar10").glob(f"resnet{layers}-*.th")
        assert "layer1.0.conv1.weight" in torch_checkpoint.read(file)
        with pytest.raises(georgia.BadInput, match="not recognised"):
            georgia.import_model(file)
        with pytest.raises(georgia.BadInput, match=r"conv1\.weight: expected shape"):
            georgia.Model.create("resnet18", classes=10, weights=file)


@pytest.mark.slow
@pytest.mark.parametrize("channels", [1, 4])
def test_weights_for_three_channels_serve_others(channels: int, tmp_path: Path) -> None:
    rgb = georgia.Model.create("resnet18", classes=2, size=32)
    rgb.export(tmp_path / "rgb.safetensors")
    other = georgia.Model.create(
        "resnet18",
        classes=2,
        channels=channels,
        size=32,
        weights=tmp_path / "rgb.safetensors",
        normalisation="unit",
    )
    assert any("input channels" in note for note in other.notes)
    x = np.random.default_rng(0).random((2, 1, 32, 32), np.float32)
    more = np.repeat(x, 3, axis=1)
    given = x if channels == 1 else np.concatenate([more, x], axis=1)
    np.testing.assert_allclose(other.logits(given), rgb.logits(more), rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_another_number_of_classes_replaces_the_last_layer(tmp_path: Path) -> None:
    georgia.Model.create("resnet18", classes=7, size=32).export(tmp_path / "m.pth")
    model = georgia.Model.create(
        "resnet18", classes=["a", "b"], size=32, weights=tmp_path / "m.pth"
    )
    assert any("7 classes, the model 2" in note for note in model.notes)


@pytest.mark.slow
def test_misfits_are_told_by_name_and_nothing_is_taken(tmp_path: Path) -> None:
    georgia.Model.create("resnet34", classes=2, size=32).export(tmp_path / "m.safetensors")
    with pytest.raises(georgia.BadInput) as caught:
        georgia.Model.create("resnet18", classes=2, size=32, weights=tmp_path / "m.safetensors")
    assert "unexpected layer1.2.bn1.bias" in str(caught.value)
    model = georgia.Model.create(
        "resnet18", classes=2, size=32, weights=tmp_path / "m.safetensors", strict=False
    )
    assert any("skipped: unexpected" in note for note in model.notes)


def test_one_logit_gives_zero_and_z() -> None:
    model = georgia.Model.create("small_cnn", classes=2, size=16, head="one_logit")
    logits = model.logits(np.ones((3, 3, 16, 16), np.float32))
    assert logits.shape == (3, 2)
    assert not logits[:, 0].any()
    assert logits[:, 1].any()


def test_embeddings_of_every_stage(photos: Path) -> None:
    model = georgia.Model.create("small_cnn", classes=2, size=32)
    for stage, width in (("stem", 32), ("stage1", 64), ("stage2", 128), ("features", 128)):
        result = model.embed(photos, stage=stage)
        assert result.features.shape == (40, width)
        assert not any(result.errors)
    with pytest.raises(georgia.InvalidOption, match="stage9"):
        model.embed(photos, stage="stage9")
    assert np.asarray(model.embed([], stage="stem")).shape == (0, 32)


@pytest.mark.slow
def test_summary_counts_what_is_trained() -> None:
    model = georgia.Model.create("resnet18", classes=2, size=64)
    whole, head = model.summary(), model.summary(["head"])
    assert whole.trainable == whole.parameters == head.parameters
    assert head.trainable == 512 * 2 + 2
    assert "multiply-adds" in str(head)
    with pytest.raises(georgia.InvalidOption, match="stage7"):
        model.summary(["stage7"])
    assert head.step_multiply_adds < whole.step_multiply_adds
    last = georgia.Model.create("resnet101", classes=2, variant="keras").summary(["last:0.1"])
    trained = {layer.stage for layer in last.layers if layer.trainable}
    assert trained == {"stage4", "head"}
    small = georgia.Model.create("inception_v3", classes=2, size=96).summary()
    assert not [layer for layer in small.layers if 0 in layer.shape]


def test_wrong_shapes_and_sizes_are_refused() -> None:
    model = georgia.Model.create("alexnet", classes=2)
    with pytest.raises(georgia.InvalidOption, match=r"\(N, 3, H, W\)"):
        model.logits(np.zeros((1, 1, 64, 64), np.float32))
    with pytest.raises(georgia.InvalidOption, match="at least 63"):
        model.logits(np.zeros((1, 3, 32, 32), np.float32))
    with pytest.raises(georgia.InvalidOption, match="at least 63"):
        georgia.Model.create("alexnet", classes=2, size=40)


def test_training_begins_with_given_weights(photos: Path, tmp_path: Path) -> None:
    start = georgia.Model.create("small_cnn", classes=9, size=32, normalisation="imagenet")
    start.save(tmp_path / "start.safetensors")
    run = georgia.train(
        photos,
        out=tmp_path / "run",
        network="small_cnn",
        head="dense",
        weights=tmp_path / "start.safetensors",
        epochs=1,
        size=32,
        progress=False,
    )
    assert run.weights is not None
    assert "the file's own classifier is left out" in run.weights["notes"]
    model = georgia.load(run)
    assert model.preprocess.mean == start.preprocess.mean
    assert model.head == georgia.HeadOptions(
        pool="average", hidden=[512, 256], dropout=[0, 0.4, 0.3], batch_norm=[1]
    )


@pytest.mark.parametrize("classes", [np.int64(2), np.uint8(2), np.array(["a", "b"]), ("a", "b")])
def test_classes_are_counted_or_named(classes: Any) -> None:
    assert len(georgia.Model.create("small_cnn", classes=classes, size=16).classes) == 2


@pytest.mark.parametrize("classes", [True, np.True_, 2.0, np.float32(2), None, "ab", b"ab", [1, 2],
                                     ["a", None], np.array(2), np.array([["a", "b"]])])  # fmt: skip
def test_what_neither_counts_nor_names_classes_is_refused(classes: Any) -> None:
    with pytest.raises(georgia.InvalidOption, match="expected how many, or a list of names"):
        georgia.Model.create("small_cnn", classes=classes, size=16)


def logged(records: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in records.records if one.levelname == "WARNING"]


def test_what_changes_the_answers_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "m.pth"
    georgia.Model.create("small_cnn", classes=3, size=32).export(path)
    georgia.Model.create("small_cnn", classes=3, size=32, weights=path)
    assert logged(caplog) == []
    georgia.Model.create("small_cnn", classes=2, size=32, weights=path)
    told = ["[create] the last layer starts anew: the file has 3 classes, the model 2"]
    assert logged(caplog) == told
    caplog.clear()
    georgia.Model.create("small_cnn", classes=3, size=32, channels=1, head="dense", weights=path)
    assert {line.partition(":")[0] for line in logged(caplog)} == {
        "[create] 3 input channels to 1", "[create] the file's own classifier is left out",
        "[create] the head starts anew",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ["mine.pth", "inception_v3_google-0cc3c7bd.pth"])
def test_inception_has_a_normalisation_of_its_own(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    georgia.Model.create("inception_v3", classes=2).export(path)
    for made in (
        georgia.Model.create("inception_v3", classes=2, weights=path),
        georgia.import_model(path),
    ):
        assert (made.preprocess.mean, made.preprocess.deviation) == ([0.5] * 3, [0.5] * 3)
        assert any(note.startswith("normalisation: mean [0.5") and note.endswith(", assumed")
                   for note in made.notes)  # fmt: skip


def test_a_published_name_says_how_to_normalise(tmp_path: Path) -> None:
    path = tmp_path / "inception_v3_google-0cc3c7bd.pth"
    georgia.Model.create("small_cnn", classes=2, size=32).export(path)
    made = georgia.import_model(path, size=32)
    assert made.preprocess.mean == [0.5] * 3
    assert made.preprocess.deviation == [0.5] * 3


def test_numbers_leave_the_order_of_channels_as_the_file_says(tmp_path: Path) -> None:
    numbers = ([0.1, 0.2, 0.3], [0.4, 0.5, 0.6])
    for usual, order in (("caffe", "bgr"), ("unit", "rgb")):
        own, bare = tmp_path / f"{usual}.safetensors", tmp_path / f"{usual}.pth"
        model = georgia.Model.create("small_cnn", classes=2, size=32, normalisation=usual)
        model.save(own)
        model.export(bare)
        for path, wanted in ((own, order), (bare, "rgb")):
            how = georgia.import_model(path, size=32, normalisation=numbers).preprocess
            assert (how.order, how.mean, how.deviation) == (wanted, *numbers)
        assert georgia.import_model(own, normalisation="unit").preprocess.order == "rgb"
