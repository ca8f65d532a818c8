"""Weights of Keras: what Keras writes is read, what is written Keras reads, the rest is refused."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from keras_files import FORMATS, Node, nodes_of, tensors_of, write_by_hand, write_by_keras

import georgia
from georgia.interchange import keras_h5
from georgia.interchange.keras_head import head_of, network_of
from georgia.interchange.keras_match import match
from georgia.interchange.keras_weights import KerasLayer, KerasWeights

RNG = np.random.default_rng(0)


def noise(*shape: int) -> np.ndarray:
    return RNG.uniform(-1, 1, shape).astype(np.float32)


def assert_equal(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == np.float32
        assert found[name].flags.c_contiguous
        np.testing.assert_array_equal(found[name], value, err_msg=name)


@pytest.fixture(scope="module")
def resnet50() -> dict[str, np.ndarray]:
    """Random weights by the names that Keras has for them."""
    path = Path(__file__).parent.parent.parent / "shared" / "reference" / "keras" / "ResNet50.json"
    if not path.is_file():
        return {}
    shapes = json.loads(path.read_text())["tensors"]
    return {name: noise(*shape) for name, shape in shapes.items()}


@pytest.fixture(scope="module")
def written(
    tmp_path_factory: pytest.TempPathFactory, resnet50: dict[str, np.ndarray]
) -> Iterator[Path]:
    """Files by Keras: the same weights in all formats, and what it made of a rendered file."""
    folder = tmp_path_factory.mktemp("keras")
    if resnet50:
        nodes, _ = nodes_of(resnet50)
        (folder / "rendered.h5").write_bytes(keras_h5.render(nodes, tensors_of(resnet50)))
    write_by_keras(folder)
    yield folder
    for path in folder.iterdir():
        path.unlink()  # some are large


@pytest.mark.slow
@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("model", ["alone", "nested", "flat"])
def test_what_keras_writes_comes_back_equal(written: Path, model: str, ending: str) -> None:
    truth = dict(np.load(written / f"{model}.npz"))
    weights = keras_h5.read(written / f"{model}{ending}")
    nodes, shapes = nodes_of(truth)
    matched = match(weights, nodes, shapes)
    assert_equal(matched.tensors, tensors_of(truth))
    assert matched.unexpected == []
    assert weights.is_ordered == (ending != ".weights.h5")
    assert weights.has_config == (ending in {".h5", ".keras"})
    if weights.has_config:
        held = [f"{layer.name}/{one}" for layer in weights.layers for one in layer.weights]
        assert held == list(truth)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["alone", "nested", "flat"])
def test_without_noted_names_order_and_shape_tell(
    written: Path, tmp_path: Path, model: str
) -> None:
    path = tmp_path / "a.weights.h5"
    path.write_bytes((written / f"{model}.weights.h5").read_bytes())
    with h5py.File(path, "a") as file:
        file.visititems(lambda _, found: found.attrs.pop("name", None) and None)
    truth = dict(np.load(written / f"{model}.npz"))
    weights = keras_h5.read(path)
    assert not {"conv1_conv", "conv1_bn"} & {layer.name for layer in weights.layers}
    assert_equal(match(weights, *nodes_of(truth)).tensors, tensors_of(truth))


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".h5", ".keras"])
def test_a_config_tells_what_weights_do_not(written: Path, ending: str) -> None:
    layers = {x.name: x for x in keras_h5.read(written / f"flat{ending}").layers}
    kinds = {layer.kind: layer for layer in layers.values()}
    assert layers["conv1_bn"].epsilon == pytest.approx(1.001e-5)
    assert kinds["batch_normalization"].epsilon == 1e-3
    assert kinds["dropout"].rate == 0.1
    assert [x.activation for x in layers.values() if x.kind == "dense"] == [
        "relu", "relu", "softmax",
    ]  # fmt: skip
    assert kinds["concatenate"].inputs == tuple(
        x.name for x in layers.values() if x.kind.startswith("global")
    )
    assert layers["conv1_bn"].inputs == ("conv1_conv",)


@pytest.mark.slow
@pytest.mark.parametrize(("model", "head"), [
    ("alone", {"classes": None}),
    ("nested", {"pool": "average", "hidden": [8], "batch_norm": [0, 1], "dropout": [0.25, 0.5],
                "one_logit": True, "classes": 2}),
    ("flat", {"pool": "average+max", "hidden": [6, 5], "batch_norm": [0],
              "dropout": [0.1, 0, 0], "classes": 3}),
])  # fmt: skip
@pytest.mark.parametrize("ending", FORMATS)
def test_the_classifier_is_told_by_the_file(
    written: Path, model: str, ending: str, head: dict[str, Any]
) -> None:
    weights = keras_h5.read(written / f"{model}{ending}")
    none = {"pool": "own", "hidden": [], "batch_norm": [], "dropout": [], "one_logit": False}
    unknown = {} if weights.has_config else {"dropout": []}
    assert head_of(weights, 32) == none | head | unknown


@pytest.mark.slow
def test_keras_loads_what_is_rendered(written: Path, resnet50: dict[str, np.ndarray]) -> None:
    if not resnet50:
        pytest.skip("no description of Keras's ResNet-50 beside the project")
    assert_equal(dict(np.load(written / "resnet50.npz")), resnet50)
    weights = keras_h5.read(written / "resnet50.weights.h5")
    assert network_of(weights) == "resnet50"
    matched = match(weights, *nodes_of(resnet50))
    assert_equal(matched.tensors, tensors_of(resnet50))
    assert [name.partition("_")[0] for name in matched.unexpected] == ["dense"]
    assert head_of(weights, 2048)["classes"] == 2


CONV = Node("conv", "convolution", ("conv.weight", "conv.bias"), (4, 5, 5))
NORM = Node("norm", "batch_norm", tuple(f"norm.{x}" for x in (
    "weight", "bias", "running_mean", "running_var", "num_batches_tracked")))  # fmt: skip
OUT = Node("head.out", "linear", ("head.out.weight", "head.out.bias"), (2,), "head")
NETWORK = [Node("input", "input"), CONV, NORM, OUT]
SHAPES = {"conv.weight": (4, 3, 3, 3), "conv.bias": (4,), "head.out.weight": (2, 4),
          "head.out.bias": (2,), "norm.num_batches_tracked": ()}  # fmt: skip
SHAPES |= {f"norm.{x}": (4,) for x in ("weight", "bias", "running_mean", "running_var")}
TENSORS = {name: noise(*shape) for name, shape in SHAPES.items()}
HELD = {name: array for name, array in TENSORS.items() if not name.endswith("tracked")}


def reread(data: bytes, tmp_path: Path) -> KerasWeights:
    path = tmp_path / "rendered.h5"
    path.write_bytes(data)
    return keras_h5.read(path)


def test_rendering_is_the_inverse_of_reading(tmp_path: Path) -> None:
    data = keras_h5.render(NETWORK, TENSORS)
    assert data == keras_h5.render(NETWORK, TENSORS)
    with h5py.File(io.BytesIO(data)) as file:
        assert list(file.attrs["layer_names"]) == [b"conv", b"norm", b"head.out"]
        assert list(file["conv"].attrs["weight_names"]) == [b"conv/kernel:0", b"conv/bias:0"]
        assert file["conv/conv/kernel:0"].shape == (3, 3, 3, 4)
    assert_equal(match(reread(data, tmp_path), NETWORK, SHAPES).tensors, HELD)


def test_two_logits_are_one_unit_of_sigmoid(tmp_path: Path) -> None:
    last = reread(keras_h5.render(NETWORK, TENSORS, sigmoid=True), tmp_path).layers[-1]
    assert last.weights["kernel"].shape == (4, 1)
    x = noise(7, 4)
    logits = x @ TENSORS["head.out.weight"].T + TENSORS["head.out.bias"]
    odds = np.exp(x @ last.weights["kernel"] + last.weights["bias"])[:, 0]
    np.testing.assert_allclose(np.exp(logits[:, 1] - logits[:, 0]), odds, rtol=1e-5)  # rounding


def test_one_unit_is_written_as_it_is(tmp_path: Path) -> None:
    network = [OUT, Node("head.logits", "prepend_zero")]
    one = {"head.out.weight": noise(1, 4), "head.out.bias": noise(1)}
    for sigmoid in (False, True):
        (last,) = reread(keras_h5.render(network, one, sigmoid=sigmoid), tmp_path).layers
        np.testing.assert_array_equal(last.weights["kernel"], one["head.out.weight"].T)


def test_what_keras_cannot_name_is_refused() -> None:
    three = {"head.out.weight": noise(3, 4), "head.out.bias": noise(3)}
    with pytest.raises(georgia.InvalidOption, match=r"sigmoid: .*expected 2, got 3"):
        keras_h5.render([OUT], three, sigmoid=True)
    with pytest.raises(georgia.InvalidOption, match="got layer_norm"):
        keras_h5.render([Node("n", "layer_norm", ("n.weight",))], {"n.weight": noise(4)})


def test_rows_of_flattened_planes_change_places(tmp_path: Path) -> None:
    network = [Node("pool", "adaptive_average_pool", (), (3, 2, 4)), Node("flat", "flatten"),
               Node("drop", "dropout"), Node("fc", "linear", ("fc.weight",), (5,))]  # fmt: skip
    kernel = noise(24, 5)
    path = write_by_hand(tmp_path / "a.h5", {"dense_1": {"dense_1/kernel:0": kernel}})
    tensors = match(keras_h5.read(path), network, {"fc.weight": (5, 24)}).tensors
    planes = noise(3, 2, 4)
    np.testing.assert_allclose(
        tensors["fc.weight"] @ planes.ravel(),
        planes.transpose(1, 2, 0).ravel() @ kernel,
        rtol=1e-5, atol=1e-6,  # summed in another order
    )  # fmt: skip
    data = keras_h5.render(network, tensors)
    np.testing.assert_array_equal(reread(data, tmp_path).layers[0].weights["kernel"], kernel)


BASE = {"conv/kernel:0": noise(3, 3, 3, 4), "norm/gamma:0": noise(4), "norm/beta:0": noise(4),
        "conv/bias:0": noise(4), "norm/moving_mean:0": noise(4),
        "norm/moving_variance:0": noise(4)}  # fmt: skip
DENSE = {"dense_1/kernel:0": noise(4, 2), "dense_1/bias:0": noise(2)}


@pytest.mark.parametrize("pieces", [0, 2])
@pytest.mark.parametrize("whole", [False, True])
def test_a_nested_model_of_keras_2_is_flattened(tmp_path: Path, pieces: int, whole: bool) -> None:
    def move(file: Any) -> None:
        if whole:  # as a whole model has its weights
            inside = file.create_group("model_weights")
            for name in list(file):
                if name != "model_weights":
                    file.move(name, f"model_weights/{name}")
            for name, value in list(file.attrs.items()):
                inside.attrs[name] = value
                del file.attrs[name]

    groups = {"input_1": {}, "base": BASE, "dropout_3": {}, "dense_1": DENSE}
    path = write_by_hand(tmp_path / "a.h5", groups, pieces=pieces, change=move)
    weights = keras_h5.read(path)
    assert [(x.name, x.kind) for x in weights.layers] == [
        ("input_1", ""), ("conv", "conv2d"), ("norm", "batch_normalization"),
        ("dropout_3", "dropout"), ("dense_1", "dense"),
    ]  # fmt: skip
    matched = match(weights, NETWORK, SHAPES)
    np.testing.assert_array_equal(
        matched.tensors["norm.running_var"], BASE["norm/moving_variance:0"]
    )
    np.testing.assert_array_equal(matched.tensors["head.out.weight"], DENSE["dense_1/kernel:0"].T)


def test_published_weights_match_by_order_and_shape(shared: Path) -> None:
    folder = shared / "weights" / "squeezenet1_1_imagenet_features"
    (path,) = folder.glob("*.h5")
    (stored,) = folder.glob("*.npz")
    described = json.loads((shared / "reference/torchvision/squeezenet1_1.json").read_text())
    shapes = {k: tuple(v) for k, v in described["tensors"].items() if k.startswith("features.")}
    names = dict.fromkeys(name.rpartition(".")[0] for name in shapes)
    network = [Node(x, "convolution", (f"{x}.weight", f"{x}.bias")) for x in names]
    weights = keras_h5.read(path)
    found = match(weights, network, shapes)
    assert not found.unexpected
    expected = dict(np.load(stored))
    for name in ("features.0.weight", "features.0.bias"):  # has another normalisation inside
        assert not np.array_equal(found.tensors.pop(name), expected.pop(name))
    assert_equal(found.tensors, expected)
    assert network_of(weights) is None
    assert head_of(weights, 512)["classes"] is None


def weights_of(*layers: KerasLayer, has_config: bool = False) -> KerasWeights:
    return KerasWeights("a.h5", layers, has_config, is_ordered=True)


def conv(name: str, *shape: int, inputs: tuple[str, ...] = ()) -> KerasLayer:
    held = {"kernel": noise(*shape), "bias": noise(shape[-1])}
    return KerasLayer(name, "conv2d", held, inputs=inputs)


def node(name: str) -> Node:
    return Node(name, "convolution", (f"{name}.weight", f"{name}.bias"))


def test_neighbours_of_different_shape_may_stand_in_either_order() -> None:
    weights = weights_of(conv("c_1", 3, 3, 2, 4), conv("c_2", 1, 1, 2, 4), conv("c_3", 1, 1, 8, 2))
    shapes = {"a.weight": (4, 2, 1, 1), "b.weight": (4, 2, 3, 3), "a.bias": (4,), "b.bias": (4,)}
    matched = match(weights, [node("a"), node("b")], shapes)
    np.testing.assert_array_equal(matched.tensors["a.bias"], weights.layers[1].weights["bias"])
    assert matched.unexpected == ["c_3"]


def test_what_a_layer_does_without_is_filled_in_with_nothing() -> None:
    mean, variance = noise(4), noise(4)
    norm = KerasLayer(
        "n", "batch_normalization", {"moving_mean": mean, "moving_variance": variance}
    )
    bare = KerasLayer("c", "conv2d", {"kernel": noise(3, 3, 3, 4)})
    tensors = match(weights_of(bare, norm), NETWORK, SHAPES).tensors
    assert not tensors["conv.bias"].any()
    assert not tensors["norm.bias"].any()
    assert (tensors["norm.weight"] == 1).all()
    assert "head.out.weight" not in tensors


def test_all_that_does_not_fit_is_named_at_once() -> None:
    weights = weights_of(
        conv("conv", 1, 1, 3, 4), KerasLayer("d", "dense", {"kernel": noise(4, 7)})
    )
    with pytest.raises(georgia.BadInput) as caught:
        match(weights, NETWORK, SHAPES)
    told = str(caught.value)
    assert told.startswith("[keras] a.h5: does not fit the network: ")
    assert "conv for conv: weight expected (4, 3, 3, 3), got (4, 3, 1, 1)" in told
    assert "d for head.out: weight expected (2, 4), got (7, 4)" in told


def test_a_bias_without_place_is_told() -> None:
    only = Node("conv", "convolution", ("conv.weight",))
    with pytest.raises(georgia.BadInput, match="conv for conv: bias has no place"):
        match(weights_of(conv("conv", 3, 3, 3, 4)), [only], SHAPES)


@pytest.mark.parametrize(("layer", "told"), [
    (KerasLayer("dw_1", "depthwise_conv2d", {"0": noise(1)}), r"dw_1 \(depthwise_conv2d\)"),
    (KerasLayer("scale", "", {"scale": noise(1)}), r"scale \(unknown\)"),
    (conv("res2a_branch2a", 1, 1, 64, 64), "Keras's first versions"),
])  # fmt: skip
def test_layers_that_are_not_read_are_named(layer: KerasLayer, told: str) -> None:
    with pytest.raises(georgia.BadInput, match=told):
        match(weights_of(layer), NETWORK, SHAPES)


@pytest.mark.parametrize("is_swapped", [False, True])
def test_a_shortcut_is_no_last_convolution(is_swapped: bool) -> None:
    """Both have the same shape; the config tells them apart."""
    names = ["b_1_conv", "b_0_conv", "b_3_conv"]
    shapes = {f"{x}.weight": (4, 4, 1, 1) for x in names} | {f"{x}.bias": (4,) for x in names}
    held = [conv("c", 1, 1, 4, 4, inputs=("in",)), conv("c_1", 1, 1, 4, 4, inputs=("in",)),
            conv("c_2", 1, 1, 4, 4, inputs=("relu",))]  # fmt: skip
    if is_swapped:
        held[1:] = held[:0:-1]
    weights = weights_of(*held, has_config=True)
    network = [node(name) for name in names]
    if not is_swapped:
        assert len(match(weights, network, shapes).tensors) == 6
        return
    with pytest.raises(georgia.BadInput, match="c_2 for b_0_conv: it is no shortcut beside c"):
        match(weights, network, shapes)
