"""Graphs that no exporter writes: compared in little time and memory, and told to be others."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper, numpy_helper
from onnx_files import Change, info, little_memory, written
from onnx_networks import residual

import georgia
from georgia.interchange.onnx_reader import match, read


def odd(operation: str, *more: str, domain: str = "", **attributes: Any) -> Change:
    """Put an operation before the convolution, behind a rectifier, so that it is no normalising."""

    def change(model: Any) -> None:
        made = helper.make_node(operation, ["first", *more], ["odd"], domain=domain, **attributes)
        model.graph.node[0].input[0] = "odd"
        model.graph.node.insert(0, made)
        model.graph.node.insert(0, helper.make_node("Relu", ["images"], ["first"]))
        model.opset_import.append(helper.make_opsetid("own", 1))
        for name, value in CONSTANTS.items():
            model.graph.initializer.append(numpy_helper.from_array(value, name))

    return change


CONSTANTS = {
    "half": np.full((), 0.5, np.float32),
    "zero": np.zeros((), np.float32),
    "around": np.array([0, 0, 1, 1] * 2),
    "nan": np.full(1, np.nan, np.float32),
    "empty": np.zeros((3, 0), np.float32),
    "text": np.array(["a"], object),
    "complex": np.ones(1, np.complex64),
    "plane": np.zeros((9, 9), np.int64),
}


def chain(operation: str, count: int, *second: str, **attributes: Any) -> Change:
    """An operation on its own result again and again, or twice on it at once."""

    def change(model: Any) -> None:
        odd(operation)(model)
        nodes = [helper.make_node("Relu", ["images"], ["v0"])]
        for i in range(count):
            taken = [f"v{i}", *(second or [f"v{i}"])]
            nodes.append(helper.make_node(operation, taken, [f"v{i + 1}"], **attributes))
        nodes += [helper.make_node("Mul", [f"v{count}", "v0"], ["odd"]), *model.graph.node[2:]]
        del model.graph.node[:]
        model.graph.node.extend(nodes)

    return change


@pytest.mark.parametrize("change", [
    odd("Conv", domain="own", dilations=3, perm=2, auto_pad=[1], axis=[1, 2], pads="text"),
    odd("Div", "zero"),
    odd("Relu"),
    *(odd(name, other) for name in ("Add", "Pow", "Div", "ReduceMean", "Pad")
      for other in CONSTANTS),
    odd("Conv", "weight", pads=[1]),
    odd("Conv", "plane"),
    odd("Conv", "text"),
    odd("Pad", "plane", "plane", "plane"),
    odd("AveragePool", kernel_shape=[3, 3], pads=[1]),
    odd("MaxPool", kernel_shape=[2], pads=[1]),
    odd("Transpose", perm=[7, 7]),
    odd("BatchNormalization", "weight", "plane", "nan", "text"),
    odd("MatMul", "zero"),
    odd("Gemm", "zero"),
    chain("Concat", 24, axis=1),
    chain("Mul", 5000, "half"),
])  # fmt: skip
def test_a_graph_of_odd_operations_is_another_network(change: Change, tmp_path: Path) -> None:
    file = read(written(tmp_path / "a.onnx", change))
    with little_memory(), pytest.raises(georgia.BadInput, match=r"^\[match_onnx\] .* another net"):
        match(file, residual().layers)


@pytest.mark.parametrize("reader", [
    helper.make_node("Conv", ["odd", "weight"], ["planes"], pads=[1]),
    helper.make_node("Conv", ["weight", "odd"], ["planes"]),
    helper.make_node("AveragePool", ["odd"], ["planes"], kernel_shape=[2, 2], pads=[1]),
    helper.make_node("AveragePool", ["odd"], ["planes"], kernel_shape=[2, 2], pads=[1] * 4),
    helper.make_node("AveragePool", ["odd"], ["planes"], kernel_shape=[2, 2], pads=[1],
                     count_include_pad=1),
    helper.make_node("MatMul", ["nan", "odd"], ["planes"]),
    helper.make_node("MatMul", ["empty", "odd"], ["planes"]),
])  # fmt: skip
def test_padding_before_odd_operations_is_no_part_of_them(reader: Any, tmp_path: Path) -> None:
    def change(model: Any) -> None:
        odd("Pad", "around")(model)
        model.graph.node[2].CopyFrom(reader)

    file = read(written(tmp_path / "a.onnx", change))
    with pytest.raises(georgia.BadInput, match="another network: "):
        match(file, residual().layers)


def test_many_differences_are_told_shortly(tmp_path: Path) -> None:
    def change(model: Any) -> None:
        for i in range(500):
            many = helper.make_node("Neg", ["images"], [f"many\n{i}"])
            model.graph.node.insert(0, many)
            model.graph.output.append(info(f"many\n{i}"))

    with pytest.raises(georgia.BadInput, match="another network: ") as caught:
        match(read(written(tmp_path / "a.onnx", change)), residual().layers)
    assert str(caught.value).isprintable()
    assert str(caught.value).count("many") < 20
    assert re.search(r", \d\d\d more$", str(caught.value))
