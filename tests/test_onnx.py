"""ONNX out: every operation and whole networks against torch; what the file says of itself."""

import json
import sys
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import numpy_helper
from onnx_networks import (
    DEVIATION,
    MEAN,
    NETWORKS,
    FakeNetwork,
    assert_close,
    export,
    normalised,
    pixels,
    residual,
    run,
)

from georgia import InvalidOption, IoError
from georgia.interchange.onnx import render

WINDOW = {"kernel": (3, 2), "stride": 2, "padding": (1, 0)}

OPERATIONS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "zero_pad": [("zero_pad", {"padding": (1, 2)}), ("relu", {})],
    "convolution": [("convolution", {"out": 4, **WINDOW})],
    "convolution with bias": [("convolution", {"out": 4, "bias": True, "kernel": (1, 3)})],
    "convolution in groups": [("convolution", {"out": 6, "groups": 3, "kernel": (3, 3)})],
    "batch_norm": [("batch_norm", {"epsilon": 1e-3})],
    "batch_norm of rows": [("flatten", {}), ("batch_norm", {"epsilon": 0.1})],
    "layer_norm": [("layer_norm", {"epsilon": 1e-2})],
    "layer_norm of rows": [("flatten", {}), ("layer_norm", {"epsilon": 1e-6})],
    "relu": [("relu", {})],
    "gelu": [("gelu", {})],
    "max_pool": [("max_pool", WINDOW)],
    "max_pool, partial windows": [
        ("max_pool", {"kernel": (3, 3), "stride": 2, "ceil_mode": True}),
        ("max_pool", {"kernel": (2, 3), "stride": 3, "padding": (1, 1), "ceil_mode": True}),
    ],
    "average_pool": [("average_pool", {"kernel": (3, 3), "padding": (1, 1)})],
    "average_pool with stride": [("average_pool", {"kernel": (2, 3), "stride": 2})],
    "adaptive_average_pool to a divisor": [("adaptive_average_pool", {"size": (4, 5)})],
    "adaptive_average_pool to the same": [("adaptive_average_pool", {"size": (8, 10)})],
    "adaptive_average_pool to fewer": [("adaptive_average_pool", {"size": (3, 7)})],
    "adaptive_average_pool to more": [("adaptive_average_pool", {"size": (11, 10)})],
    "global_average_pool": [("global_average_pool", {})],
    "global_max_pool": [("global_max_pool", {})],
    "flatten": [("flatten", {})],
    "linear": [("flatten", {}), ("linear", {"out": 7})],
    "linear of channels": [("linear", {"out": 7})],
    "linear without bias": [("linear", {"out": 7, "bias": False})],
    "dropout": [("dropout", {"rate": 0.5})],
    "stochastic_depth": [("stochastic_depth", {"rate": 0.5})],
}


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_computes_what_torch_does(name: str, batch: int) -> None:
    net = FakeNetwork(3, 8, 10, seed=len(name))
    for i, (operation, how) in enumerate(OPERATIONS[name]):
        net.add(operation, f"step{i}", **how)
    if len(net.layers[-1].shape) == 3:
        net.add("flatten", "rows")
    images = pixels(net, batch)
    assert_close(run(export(net), images)[0], net.logits(normalised(images)))


@pytest.mark.parametrize("operation", ["add", "multiply", "concatenate"])
def test_an_operation_of_two_inputs_computes_what_torch_does(operation: str) -> None:
    net = FakeNetwork(3, 5, 6)
    left, right = net.add("relu", "left", "input"), net.add("gelu", "right", "input")
    net.add(operation, "both", left, right)
    net.add("multiply", "scaled", "both", net.add("parameter", "scale", out=net.layers[3].shape[0]))
    net.add("concatenate", "three", "scaled", left, right)
    net.add("flatten", "rows")
    images = pixels(net, 2)
    assert_close(run(export(net), images)[0], net.logits(normalised(images)))


@pytest.mark.parametrize("bgr", [False, True])
@pytest.mark.parametrize("kind", ["uint8", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_computes_what_torch_does(name: str, kind: str, bgr: bool) -> None:
    net = NETWORKS[name]()
    content = export(net, input=kind, bgr=bgr)
    for batch in (1, 3):
        images = pixels(net, batch)
        given: NDArray[Any] = images
        if kind == "float32":
            given = (images.transpose(0, 3, 1, 2) / 255).astype(np.float32)
        logits, probabilities = run(content, given)
        wanted = net.logits(normalised(images, bgr))
        assert_close(logits, wanted)
        powers = np.exp(wanted - wanted.max(1, keepdims=True))
        assert_close(probabilities, powers / powers.sum(1, keepdims=True))


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_bgr_swaps_red_and_blue_alone(channels: int) -> None:
    net = residual(channels)
    images = pixels(net, 2)
    assert_close(run(export(net, bgr=True), images)[0], net.logits(normalised(images, bgr=True)))


def test_the_file_says_what_it_is_and_keeps_our_names() -> None:
    net = residual()
    content = export(net, metadata={"georgia": "{}", "note": "two\nlines"}, classes=list("aéb\n"))
    model = onnx.load_from_string(content)
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, strict_mode=True, check_type=True)
    assert (model.ir_version, model.opset_import[0].version) == (8, 17)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert metadata.pop("classes") == json.dumps(list("aéb\n"))
    assert metadata == {"georgia": "{}", "note": "two\nlines"}
    held = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    for name, tensor in net.tensors.items():
        if not name.endswith("num_batches_tracked"):
            assert (held[name] == tensor).all()
    images = model.graph.input[0]
    sides = [side.dim_param or side.dim_value for side in images.type.tensor_type.shape.dim]
    assert (images.name, sides) == ("images", ["N", 20, 20, 3])
    assert [output.name for output in model.graph.output] == ["logits", "probabilities"]


def test_what_cannot_be_exported_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    net = residual()
    with pytest.raises(InvalidOption, match=r"\[export\] classes: expected 4, got 1"):
        export(net, classes=["one"])
    with pytest.raises(InvalidOption, match="input: expected uint8 or float32, got int8"):
        export(net, input="int8")
    huge = np.broadcast_to(np.float32(0), (4, 2**28))
    with pytest.raises(InvalidOption, match=r"network: too large; expected below 2 GB, got 4,294"):
        render(net.layers, net.tensors | {"fc.weight": huge}, height=20, width=20, channels=3,
               mean=MEAN[:3], deviation=DEVIATION[:3], bgr=False, classes=list("abcd"),
               metadata={})  # fmt: skip
    object.__setattr__(net.layers[3], "operation", "swish")
    with pytest.raises(InvalidOption, match="network: operations without ONNX form: swish"):
        export(net)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(IoError, match=r"\[export\] onnx: not installed; expected pip install geor"):
        export(residual())
