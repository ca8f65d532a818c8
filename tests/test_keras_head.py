"""From a Keras file: which network it is, which classifier stands on it; else what differs."""

import json
from pathlib import Path

import numpy as np
import pytest
from keras_files import write_by_hand

import georgia
from georgia.interchange import keras_h5
from georgia.interchange.keras_config import parse
from georgia.interchange.keras_head import head_of, network_of
from georgia.interchange.keras_weights import KerasLayer, KerasWeights

DEPTHS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3),
          152: (3, 8, 36, 3)}  # fmt: skip
AVERAGE, MAXIMUM = "global_average_pooling2d", "global_max_pooling2d"


def zeros(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.float32)


def conv(name: str, *shape: int, bias: bool = True) -> KerasLayer:
    held = {"kernel": zeros(*shape)} | ({"bias": zeros(shape[-1])} if bias else {})
    return KerasLayer(name, "conv2d", held)


def norm(width: int, name: str = "norm") -> KerasLayer:
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    return KerasLayer(name, "batch_normalization", {one: zeros(width) for one in names})


def dense(width: int, units: int, activation: str | None = "relu", name: str = "") -> KerasLayer:
    held = {"kernel": zeros(width, units), "bias": zeros(units)}
    return KerasLayer(name or f"dense_{units}", "dense", held, activation)


def weightless(kind: str, **facts: object) -> KerasLayer:
    return KerasLayer(kind, kind, **facts)  # type: ignore[arg-type]


def keras(*layers: KerasLayer, config: bool = True, ordered: bool = True) -> KerasWeights:
    """A trunk of two convolutions, then these layers."""
    trunk = (conv("a", 3, 3, 3, 8), norm(8, "a_bn"), conv("b", 3, 3, 8, 16), norm(16, "b_bn"))
    return KerasWeights("a.h5", (*trunk, *layers), config, ordered)


POOL, LARGEST = weightless(AVERAGE), weightless(MAXIMUM)
BOTH = weightless("concatenate", inputs=(AVERAGE, MAXIMUM))
BOTH_TURNED = weightless("concatenate", inputs=(MAXIMUM, AVERAGE))
LAST = dense(16, 3, "softmax")
NONE = {"pool": "own", "hidden": [], "batch_norm": [], "dropout": [], "one_logit": False,
        "classes": None}  # fmt: skip


@pytest.mark.parametrize(("layers", "head"), [
    ([], {}),
    ([POOL, LAST], {"pool": "average", "classes": 3}),
    ([POOL, dense(16, 3, "softmax", "predictions")], {"classes": 3}),
    ([weightless("flatten"), dense(16 * 49, 64), dense(64, 3, "softmax")], {"classes": 3}),
    ([POOL, weightless("dropout", rate=0.5), dense(16, 2, "linear")],
     {"pool": "average", "dropout": [0.5], "classes": 2}),
    ([POOL, dense(16, 1, "sigmoid")], {"pool": "average", "one_logit": True, "classes": 2}),
    ([POOL, dense(16, 1, None)], {"pool": "average", "one_logit": True, "classes": 2}),
    ([POOL, LARGEST, BOTH, norm(32), dense(32, 9), norm(9), weightless("dropout", rate=0.25),
      weightless("dropout", rate=0.5), dense(9, 7), dense(7, 3, "softmax")],
     {"pool": "average+max", "hidden": [9, 7], "batch_norm": [0, 1], "dropout": [0, 0.625, 0],
      "classes": 3}),
    ([POOL, dense(16, 16, "linear"), weightless("re_lu", activation="relu"), norm(16),
      dense(16, 3, "linear"), weightless("softmax", activation="softmax")],
     {"pool": "average", "hidden": [16], "batch_norm": [1], "classes": 3}),
])  # fmt: skip
def test_a_classifier_is_inferred(layers: list[KerasLayer], head: dict[str, object]) -> None:
    assert head_of(keras(*layers), 16) == NONE | head


def test_without_a_config_widths_tell_where_normalisation_stands() -> None:
    layers = [dense(16, 9), dense(9, 3), norm(9), norm(16)]
    weights = keras(*layers, config=False, ordered=False)
    assert head_of(weights, 16)["batch_norm"] == [0, 1]
    with pytest.raises(georgia.BadInput, match="9 numbers out of place"):
        head_of(keras(*layers, config=False), 16)  # where order is known it counts


@pytest.mark.parametrize(("layers", "told"), [
    ([LARGEST, LAST], f"{MAXIMUM}: expected global average pooling alone"),
    ([POOL, LARGEST, BOTH_TURNED, dense(32, 3, "softmax")],
     f"concatenate: expected {AVERAGE} then {MAXIMUM}, got {MAXIMUM} then {AVERAGE}"),
    ([weightless("flatten"), dense(32, 3, "softmax")], "got none"),
    ([POOL, dense(16, 9, "tanh"), dense(9, 3, "softmax")], "dense_9: expected relu, got tanh"),
    ([POOL, dense(16, 9, "linear"), dense(9, 3, "softmax")], "dense_9: expected relu, got linear"),
    ([POOL, dense(16, 9, "linear"), norm(9), weightless("re_lu", activation="relu"),
      dense(9, 3, "softmax")], "re_lu: relu; expected it right after a dense layer"),
    ([POOL, dense(16, 3, "sigmoid")],
     "dense_3: expected softmax or linear, got sigmoid of 3"),
    ([POOL, dense(16, 1, "softmax")], "expected sigmoid or linear, got softmax of 1"),
    ([POOL, weightless("lambda"), LAST], "lambda: a layer that is not read"),
    ([POOL, dense(16, 9), dense(8, 3, "softmax")], "dense_3: takes 8 numbers; expected 9"),
    ([POOL, dense(16, 3, "linear"), norm(3)], "norm: batch normalisation of 3 numbers out of"),
    ([POOL, norm(16), norm(16), LAST], "a second batch normalisation"),
])  # fmt: skip
def test_another_form_of_classifier_is_named(layers: list[KerasLayer], told: str) -> None:
    with pytest.raises(georgia.BadInput) as caught:
        head_of(keras(*layers), 16)
    assert str(caught.value).startswith("[keras] a.h5: classifier: ")
    assert told in str(caught.value)


def test_a_place_that_two_widths_share_needs_a_config() -> None:
    layers = [dense(16, 16), dense(16, 3), norm(16)]
    with pytest.raises(georgia.BadInput, match=r"its place is not in the file; .*whole model"):
        head_of(keras(*layers, config=False, ordered=False), 16)


def resnet(depth: int, names: str, **facts: bool) -> KerasWeights:
    """The convolutions of a ResNet in Keras's order."""
    layers = [conv("conv1_conv", 7, 7, 1, 64, **facts)]
    channels = 64
    for stage, blocks in enumerate(DEPTHS[depth]):
        width = 64 << stage
        out = width * (4 if depth >= 50 else 1)
        for block in range(blocks):
            prefix = f"conv{stage + 2}_block{block + 1}_"
            first = (1, 1) if depth >= 50 else (3, 3)
            layers.append(conv(f"{prefix}1_conv", *first, channels, width, **facts))
            if depth >= 50:
                layers.append(conv(f"{prefix}2_conv", 3, 3, width, width, **facts))
            if channels != out:
                layers.append(conv(f"{prefix}0_conv", 1, 1, channels, out, **facts))
            if depth >= 50:
                layers.append(conv(f"{prefix}3_conv", 1, 1, width, out, **facts))
            else:
                layers.append(conv(f"{prefix}2_conv", 3, 3, width, out, **facts))
            channels = out
    if names == "automatic":
        layers = [KerasLayer(f"conv2d_{i}", x.kind, x.weights) for i, x in enumerate(layers)]
    return KerasWeights("a.h5", tuple(layers), has_config=False, is_ordered=True)


@pytest.mark.parametrize("depth", list(DEPTHS))
@pytest.mark.parametrize("names", ["Keras's", "automatic"])
def test_a_resnet_is_known_by_its_layers(depth: int, names: str) -> None:
    assert network_of(resnet(depth, names)) == f"resnet{depth}"


def test_names_tell_a_resnet_whatever_its_order() -> None:
    turned = resnet(50, "Keras's").layers[::-1]
    assert network_of(KerasWeights("a.h5", turned, False, False)) == "resnet50"


def test_other_networks_are_not_taken_for_a_resnet() -> None:
    assert network_of(keras()) is None
    assert network_of(KerasWeights("a.h5", (), False, True)) is None
    second = [*resnet(50, "Keras's").layers, KerasLayer("conv2_block1_preact_bn", "")]
    assert network_of(KerasWeights("a.h5", tuple(second), False, True)) is None
    # Of shapes alone a network without biases may be any program's.
    assert network_of(resnet(50, "automatic", bias=False)) is None
    cut = resnet(50, "automatic").layers[:-1]
    assert network_of(KerasWeights("a.h5", cut, False, True)) is None


def described(
    class_name: str, name: str, inputs: list[object], **config: object
) -> dict[str, object]:
    return {"class_name": class_name, "config": {"name": name, **config}, "inbound_nodes": inputs}


def test_a_config_of_keras_2_is_read(tmp_path: Path) -> None:
    base = {"class_name": "Model", "config": {"name": "base", "layers": [
        described("InputLayer", "input_1", []),
        described("Conv2D", "conv", [[["input_1", 0, 0, {}]]], activation="linear"),
        described("BatchNormalization", "n", [[["conv", 0, 0, {}]]], epsilon=0.01, scale=False),
    ]}}  # fmt: skip
    model = {"class_name": "Sequential", "config": [
        base,
        {"class_name": "Dropout", "config": {"name": "drop", "rate": 0.5}},
        {"class_name": "Dense", "config": {"name": "out", "activation": {
            "class_name": "function", "config": "softmax"}}},
        {"class_name": "ReLU", "config": {"name": "r6", "max_value": 6}},
    ]}  # fmt: skip
    held = {"conv/kernel:0": zeros(3, 3, 3, 4), "n/beta:0": zeros(4), "n/moving_mean:0": zeros(4),
            "n/moving_variance:0": zeros(4)}  # fmt: skip
    groups = {"base": held, "drop": {}, "out": {"out/kernel:0": zeros(4, 2)}, "r6": {}}
    path = write_by_hand(
        tmp_path / "a.h5",
        groups,
        change=lambda file: file.attrs.update(model_config=json.dumps(model)),
    )
    weights = keras_h5.read(path)
    assert weights.has_config
    assert [(x.name, x.kind, x.inputs) for x in weights.layers] == [
        ("input_1", "input_layer", ()), ("conv", "conv2d", ("input_1",)),
        ("n", "batch_normalization", ("conv",)), ("drop", "dropout", ("base",)),
        ("out", "dense", ("drop",)), ("r6", "re_lu", ("out",)),
    ]  # fmt: skip
    assert weights.layers[2].epsilon == 0.01
    assert list(weights.layers[2].weights) == ["beta", "moving_mean", "moving_variance"]
    assert weights.layers[3].rate == 0.5
    assert [x.activation for x in weights.layers[4:]] == ["softmax", "re_lu with bounds"]


@pytest.mark.parametrize("text", [
    b"{", b"\xff", b"[]", b"{}", b'{"config": {"layers": [1]}}', b"[" * 100_000,
    b'{"config": {"layers": {"a": 1}}}', b'{"config": {"layers": [{"class_name": "A"}]}}',
    b'{"class_name": "M", "config": {"layers": [' * 12 + b"]}}" * 12,
])  # fmt: skip
def test_a_damaged_config_is_told(text: bytes) -> None:
    with pytest.raises(georgia.BadInput, match=r"\[keras\] a\.h5: config: damaged"):
        parse(text, "a.h5")
