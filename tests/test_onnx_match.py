"""ONNX in: tensors of our files and of torch's come back; another network is told by its steps."""

import re
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx_files import Change
from onnx_networks import (
    NETWORKS,
    FakeNetwork,
    assert_close,
    export,
    normalised,
    pixels,
    residual,
    run,
    vgg,
)

from georgia import BadInput
from georgia.interchange.onnx_reader import match, read


def logits_with(net: FakeNetwork, tensors: dict[str, Any]) -> NDArray[np.float32]:
    held, net.tensors = net.tensors, tensors
    try:
        return net.logits(normalised(pixels(net, 3)))
    finally:
        net.tensors = held


def own_tensors(net: FakeNetwork) -> dict[str, NDArray[np.float32]]:
    layers = [layer for layer in net.layers if not layer.is_auxiliary]
    return {name: net.tensors[name] for layer in layers for name in layer.tensors}


@pytest.mark.parametrize("kind", ["uint8", "float32"])
@pytest.mark.parametrize("name", NETWORKS)
def test_our_own_file_gives_the_tensors_back_bit_for_bit(
    name: str, kind: str, tmp_path: Path
) -> None:
    net = NETWORKS[name]()
    path = tmp_path / "own.onnx"
    path.write_bytes(export(net, input=kind, bgr=True))
    found, wanted = match(read(path), net.layers), own_tensors(net)
    assert list(found) == list(wanted)
    for key, tensor in found.items():
        if key.endswith("num_batches_tracked"):
            assert tensor.dtype == np.int64
            assert tensor == 0
        else:
            assert tensor.dtype == np.float32
            assert np.array_equal(tensor, wanted[key])


@pytest.mark.parametrize("name", NETWORKS)
def test_a_file_of_torch_gives_tensors_that_compute_the_same(name: str, tmp_path: Path) -> None:
    net = vgg(14) if name == "vgg" else NETWORKS[name]()  # it exports no other adaptive pool
    path = tmp_path / "torch.onnx"
    net.export(path)
    file = read(path)
    assert not set(own_tensors(net)) & set(file.initialisers)
    found = match(file, net.layers)
    assert list(found) == list(own_tensors(net))
    assert_close(logits_with(net, found), logits_with(net, net.tensors))


def test_a_folded_norm_becomes_one_that_only_adds(tmp_path: Path) -> None:
    net = residual()
    net.export(tmp_path / "folded.onnx")
    file = read(tmp_path / "folded.onnx")
    assert "BatchNormalization" not in {node.operation for node in file.nodes}
    found = match(file, net.layers)
    assert (found["bn1.weight"] == 1).all()
    assert (found["bn1.running_mean"] == 0).all()
    assert (found["bn1.running_var"] == np.float32(1) - np.float32(1e-5)).all()
    convolved = next(node for node in file.nodes if node.operation == "Conv")
    assert np.array_equal(found["bn1.bias"], file.initialisers[convolved.inputs[2]])


def rewritten(net: FakeNetwork, path: Path, change: Change) -> Path:
    model = onnx.load_from_string(export(net))
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


def anonymous_and_shortcut_first(model: Any) -> None:
    """Number the tensors, compute shortcuts before main branches, and add them first."""
    graph = model.graph
    for i, tensor in enumerate(graph.initializer):
        for node in graph.node:
            node.input[:] = [f"{i}" if name == tensor.name else name for name in node.input]
        tensor.name = f"{i}"
    nodes = list(graph.node)
    for node in nodes:
        if node.op_type == "Add":
            node.input[:] = node.input[::-1]
    ready, ordered = {"images", *(t.name for t in graph.initializer)}, []
    while nodes:
        free = [node for node in nodes if ready >= set(node.input)]
        first = next((node for node in free if "downsample" in node.name), free[0])
        nodes.remove(first)
        ordered.append(first)
        ready |= set(first.output)
    del graph.node[:]
    graph.node.extend(ordered)


@pytest.mark.parametrize("name", ["residual", "bottleneck"])
def test_order_and_names_of_the_file_do_not_matter(name: str, tmp_path: Path) -> None:
    net = NETWORKS[name]()
    path = rewritten(net, tmp_path / "other.onnx", anonymous_and_shortcut_first)
    found = match(read(path), net.layers)
    assert all(np.array_equal(found[key], tensor) for key, tensor in own_tensors(net).items()
               if not key.endswith("num_batches_tracked"))  # fmt: skip


def test_joined_at_once_or_in_turn_is_the_same(tmp_path: Path) -> None:
    def at_once(model: Any) -> None:
        model.graph.node[-3].input[:] = ["a/output", "b/output", "a/output"]

    net = FakeNetwork(3, 4, 4)
    a = net.add("convolution", "a", out=2)
    b = net.add("convolution", "b", "input", out=3)
    net.add("concatenate", "three", net.add("concatenate", "two", a, b), a)
    net.add("flatten", "rows")
    found = match(read(rewritten(net, tmp_path / "a.onnx", at_once)), net.layers)
    assert all(np.array_equal(found[name], tensor) for name, tensor in net.tensors.items())


def gelu_as_one(model: Any) -> None:
    model.opset_import[0].version = 20
    steps = [node for node in model.graph.node if node.name.startswith("gelu/")]
    for node in steps[:-1]:
        model.graph.node.remove(node)
    steps[-1].CopyFrom(helper.make_node("Gelu", ["conv/output"], ["gelu/output"]))


def gelu_halved_first(model: Any) -> None:
    by_name = {node.name: node for node in model.graph.node}
    by_name["gelu/product"].input[1] = "gelu/half"
    by_name["gelu/output"].input[1] = "gelu/above"


def gelu_by_tanh(model: Any) -> None:
    gelu_as_one(model)
    set_attribute("Gelu", "approximate", "tanh")(model)


def test_gelu_is_the_same_in_each_of_its_forms(tmp_path: Path) -> None:
    net = FakeNetwork(3, 4, 4)
    net.add("convolution", "conv", out=2)
    net.add("gelu", "gelu")
    net.add("flatten", "rows")
    for change in (gelu_as_one, gelu_halved_first):
        found = match(read(rewritten(net, tmp_path / "a.onnx", change)), net.layers)
        assert np.array_equal(found["conv.weight"], net.tensors["conv.weight"])
    path = rewritten(net, tmp_path / "a.onnx", gelu_by_tanh)
    with pytest.raises(BadInput, match="another network: "):
        match(read(path), net.layers)


def set_attribute(operation: str, name: str, value: Any) -> Change:
    def change(model: Any) -> None:
        node = next(node for node in model.graph.node if node.op_type == operation)
        kept = [attribute for attribute in node.attribute if attribute.name != name]
        del node.attribute[:]
        node.attribute.extend([*kept, helper.make_attribute(name, value)])

    return change


def test_another_epsilon_goes_into_the_variance(tmp_path: Path) -> None:
    net = residual()
    change = set_attribute("BatchNormalization", "epsilon", 0.25)
    path = rewritten(net, tmp_path / "epsilon.onnx", change)
    found = match(read(path), net.layers)
    assert_close(logits_with(net, found), run(path.read_bytes(), pixels(net, 3))[0])
    assert not np.array_equal(found["bn1.running_var"], net.tensors["bn1.running_var"])


def behind(operation: str, inserted: str, **attributes: Any) -> Change:
    """Let what reads an operation's first result read something made of it."""

    def change(model: Any) -> None:
        nodes = list(model.graph.node)
        i, node = next((i, node) for i, node in enumerate(nodes) if node.op_type == operation)
        for reader in nodes[i + 1 :]:
            reader.input[:] = ["new" if n == node.output[0] else n for n in reader.input]
        model.graph.node.insert(
            i + 1, helper.make_node(inserted, [node.output[0]], ["new"], **attributes)
        )

    return change


def computed_bias(model: Any) -> None:
    product = next(node for node in model.graph.node if node.op_type == "Gemm")
    model.graph.node.insert(0, helper.make_node("Neg", [product.input[2]], ["negative"]))
    product.input[2] = "negative"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (set_attribute("Conv", "strides", [1, 1]), "conv1 "),
        (set_attribute("Conv", "pads", [2, 2, 4, 4]), "conv1 "),
        (set_attribute("Conv", "auto_pad", "SAME_UPPER"), "conv1 "),
        (set_attribute("Conv", "dilations", [2, 2]), "conv1 "),
        (set_attribute("MaxPool", "kernel_shape", [2, 2]), "maxpool "),
        (set_attribute("Gemm", "alpha", 0.5), "logits "),
        (behind("Sub", "Transpose", perm=[0, 1, 3, 2]), "conv1 "),
        (behind("Relu", "Transpose", perm=[0, 2, 3, 1]), "maxpool "),
        (behind("Relu", "Sigmoid"), "maxpool "),
        (behind("Relu", "Cast", to=TensorProto.INT64), "maxpool "),
        (computed_bias, "logits "),
    ],
)
def test_a_file_that_computes_otherwise_is_refused_by_the_layer(
    change: Change, named: str, tmp_path: Path
) -> None:
    net = residual()
    path = rewritten(net, tmp_path / "otherwise.onnx", change)
    pattern = rf"\[match_onnx\] .*otherwise.onnx: another network: expected {named}.*, got "
    with pytest.raises(BadInput, match=pattern):
        match(read(path), net.layers)


def filled_with_ones(model: Any) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.float32(1), "one"))
    next(node for node in model.graph.node if node.op_type == "Pad").input.append("one")


def rows_of_channels_last(model: Any) -> None:
    behind("AveragePool", "Transpose", perm=[0, 2, 3, 1])(model)
    i, product = next((i, n) for i, n in enumerate(model.graph.node) if n.op_type == "Gemm")
    x, weight, _ = product.input
    product.CopyFrom(helper.make_node("MatMul", [x, "turned"], product.output))
    model.graph.node.insert(i, helper.make_node("Transpose", [weight], ["turned"], perm=[1, 0]))


def test_padding_and_layout_must_be_the_same(tmp_path: Path) -> None:
    net = FakeNetwork(3, 6, 6)
    net.add("zero_pad", "around", padding=(1, 1))
    net.add("convolution", "conv", out=2, kernel=(3, 3))
    net.add("average_pool", "mean", kernel=(3, 3), padding=(1, 1))
    net.add("flatten", "rows")
    net.add("linear", "fc", out=3)
    match(read(rewritten(net, tmp_path / "a.onnx", lambda _: None)), net.layers)
    for change in (
        filled_with_ones,
        set_attribute("Pad", "mode", "reflect"),
        set_attribute("AveragePool", "count_include_pad", 0),
        rows_of_channels_last,
    ):
        path = rewritten(net, tmp_path / "a.onnx", change)
        with pytest.raises(BadInput, match="another network: "):
            match(read(path), net.layers)


FIRST_STEPS = {"residual": "conv1 ('Conv', (3,", "bottleneck": "conv1 ('Conv', (1,",
               "vgg": "features.0 ("}  # fmt: skip


@pytest.mark.parametrize(("inside", "asked"), list(permutations(FIRST_STEPS, 2)))
def test_another_network_is_told_by_the_steps_that_differ(
    inside: str, asked: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(export(NETWORKS[inside]()))
    expected, got = re.escape(FIRST_STEPS[asked]), re.escape(FIRST_STEPS[inside])
    with pytest.raises(BadInput, match=f"another network: expected .*{expected}.*, got .*{got}"):
        match(read(path), NETWORKS[asked]().layers)


@pytest.mark.parametrize(("output", "told"), [
    ("relu/output", r"expected maxpool .*, got the output relu"),
    ("constant", r"expected images .*, got no output"),
])  # fmt: skip
def test_a_file_without_the_logits_is_told(output: str, told: str, tmp_path: Path) -> None:
    def change(model: Any) -> None:
        model.graph.node.append(helper.make_node("Neg", ["fc.bias"], ["constant"]))
        del model.graph.output[:]
        shape = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
        model.graph.output.append(shape)
        model.graph.output[0].type.tensor_type.shape.SetInParent()

    path = rewritten(residual(), tmp_path / "a.onnx", change)
    with pytest.raises(BadInput, match=f"another network: {told}"):
        match(read(path), residual().layers)


def with_tensors(path: Path, tensors: dict[str, NDArray[Any]]) -> Path:
    def change(model: Any) -> None:
        for tensor in model.graph.initializer:
            if tensor.name in tensors:
                tensor.CopyFrom(numpy_helper.from_array(tensors[tensor.name], tensor.name))
        conv = next(node for node in model.graph.node if node.op_type == "Conv")
        if "bias" in tensors:
            model.graph.initializer.append(numpy_helper.from_array(tensors["bias"], "bias"))
            conv.input.append("bias")

    return rewritten(residual(), path, change)


def test_tensors_that_do_not_fit_are_all_told_by_name(tmp_path: Path) -> None:
    path = with_tensors(tmp_path / "a.onnx", {
        "conv1.weight": np.full((8, 3, 7, 7), np.inf, np.float32),
        "bn1.weight": np.ones(5, np.float32),
        "bn1.running_mean": np.zeros((100_000, 1), np.float32),  # less the bias: 40 GB
        "bias": np.zeros((1, 100_000), np.float32),
        "layer1.0.bn2.running_var": np.full(8, np.nan, np.float32),
        "fc.bias": np.arange(4),
    })  # fmt: skip
    with pytest.raises(BadInput) as caught:
        match(read(path), residual().layers)
    assert str(caught.value) == (
        f"[match_onnx] {path}: bias of conv1: expected shape (8,), got (1, 100000); "
        "bn1.weight: expected shape (8,), got (5,); "
        "bn1.running_mean: expected shape (8,), got (100000, 1); "
        "fc.bias: expected floats, got int64; layer1.0.bn2.running_var: not finite"
    )


def test_tensors_of_another_rank_fit_by_their_size(tmp_path: Path) -> None:
    mean, bias = np.arange(8, dtype=np.float32), np.full((1, 8), 2, np.float32)
    path = with_tensors(tmp_path / "a.onnx", {
        "bn1.running_mean": mean.reshape(8, 1), "bias": bias.T,
        "fc.bias": np.full((1, 1, 1), 3, np.float32),
    })  # fmt: skip
    found = match(read(path), residual().layers)
    assert np.array_equal(found["bn1.running_mean"], mean - 2)
    assert np.array_equal(found["fc.bias"], np.full(4, 3, np.float32))


def test_a_tensor_that_becomes_infinite_is_told(tmp_path: Path) -> None:
    large = np.full(8, 3e38, np.float32)
    path = with_tensors(tmp_path / "a.onnx", {"bn1.running_mean": large, "bias": -large})
    with pytest.raises(BadInput, match=r": bn1\.running_mean: not finite$"):
        match(read(path), residual().layers)


def conv_and_linear(bias: bool, norm: bool) -> FakeNetwork:
    net = FakeNetwork(3, 6, 6)
    net.add("convolution", "conv", out=4, kernel=(3, 3), bias=bias)
    if norm:
        net.add("batch_norm", "norm")
    net.add("global_average_pool", "pool")
    net.add("linear", "fc", out=2, bias=bias)
    return net


@pytest.mark.parametrize(("bias", "norm", "told"), [
    (True, False, "bias of conv: has no place; bias of logits: has no place"),
    (False, True, "; ".join(f"{role} of conv: has no place" for role in
                            ("scale", "shift", "running_mean", "running_var"))),
])  # fmt: skip
def test_tensors_without_a_place_are_told(
    bias: bool, norm: bool, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(export(conv_and_linear(bias, norm)))
    with pytest.raises(BadInput, match=f": {told}$"):
        match(read(path), conv_and_linear(bias=False, norm=False).layers)


def test_a_bias_that_the_file_has_none_of_is_zero(tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(export(conv_and_linear(bias=False, norm=False)))
    found = match(read(path), conv_and_linear(bias=True, norm=False).layers)
    assert np.array_equal(found["conv.bias"], np.zeros(4, np.float32))
    assert np.array_equal(found["fc.bias"], np.zeros(2, np.float32))


def test_a_norm_that_another_step_goes_around_is_no_part_of_its_convolution(tmp_path: Path) -> None:
    """Even where the norm reads the convolution by another name."""

    def around(model: Any) -> None:
        behind("Conv", "Identity")(model)
        addition = next(node for node in model.graph.node if node.op_type == "Add")
        addition.input[:] = [("conv/output" if "norm" in n else n) for n in addition.input]

    net = FakeNetwork(3, 6, 6)
    net.add("convolution", "conv", out=4)
    x = net.add("batch_norm", "norm")
    net.add("add", "sum", net.add("relu", "relu"), x)
    net.add("flatten", "flatten")
    path = rewritten(net, tmp_path / "a.onnx", around)
    with pytest.raises(BadInput, match="another network: expected"):
        match(read(path), net.layers)
