"""A small ONNX file and ways to change it, for what no exporter would write."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

Change = Callable[[Any], object]

WEIGHT = np.arange(12, dtype=np.float32).reshape(4, 3, 1, 1)


def info(name: str, *sides: str | int, kind: int = TensorProto.FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, sides)


def small() -> Any:
    """A convolution and the mean of its planes."""
    nodes = [
        helper.make_node("Conv", ["images", "weight"], ["planes"]),
        helper.make_node("GlobalAveragePool", ["planes"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes, "small", [info("images", "N", 3, 4, 4)], [info("logits", "N", 4, 1, 1)],
        [numpy_helper.from_array(WEIGHT, "weight")],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def written(path: Path, change: Change = lambda _: None) -> Path:
    model = small()
    change(model)
    path.write_bytes(model.SerializeToString())
    return path


@contextmanager
def little_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
