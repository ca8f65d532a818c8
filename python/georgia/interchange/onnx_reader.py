"""ONNX in: a file's tensors and graph, whatever program wrote it."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia.interchange.onnx_file import OWN_DOMAINS, image_input, load_checked, refuse
from georgia.interchange.onnx_file import OnnxFile as OnnxFile
from georgia.interchange.onnx_match import match as match
from georgia.interchange.onnx_operations import OnnxNode

_FLOATS = {"float16", "bfloat16", "float32", "float64"}


def _narrowed(array: NDArray[Any]) -> NDArray[Any]:
    """Floats of every width as float32."""
    if array.dtype.name not in _FLOATS:
        return array
    with np.errstate(over="ignore"):  # infinity is refused where the tensor is used
        return array.astype(np.float32)


def _array(tensor: Any) -> NDArray[Any]:
    from onnx import numpy_helper

    try:
        return _narrowed(numpy_helper.to_array(tensor))
    except (KeyError, TypeError, ValueError) as error:
        message = f"tensor {tensor.name} of type {tensor.data_type}: {error}"
        raise ValueError(message) from None


def _value(attribute: Any) -> Any:
    from onnx import helper

    value = helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return _array(value) if attribute.HasField("t") else value


def _node(node: Any) -> OnnxNode:
    """Attributes of other domains' operations could be anything, and nothing needs them."""
    inputs, outputs = [*node.input], [*node.output]
    if node.domain not in OWN_DOMAINS:
        return OnnxNode(f"{node.domain}.{node.op_type}", inputs, outputs, {})
    plain = (a for a in node.attribute if not (a.HasField("g") or a.graphs))
    return OnnxNode(node.op_type, inputs, outputs, {a.name: _value(a) for a in plain})


def read(path: str | os.PathLike[str]) -> OnnxFile:
    """Read an ONNX file of at most 2 GB; nothing in it is run, no other file is opened.

    Raises
    ------
    BadInput
        Not ONNX, damaged, not valid, or with tensors in other files.
    IoError
        The file cannot be read, or the onnx package is not installed.
    """
    source = Path(path)
    _, model = load_checked(source)
    image = image_input(source, model)
    try:
        tensors = {tensor.name: _array(tensor) for tensor in model.graph.initializer}
        nodes = [_node(node) for node in model.graph.node]
    except (TypeError, ValueError) as error:
        refuse(source, f"damaged: {error}")
    for node in nodes:
        if node.operation == "Constant":
            for value in node.attributes.values():
                tensors[node.outputs[0]] = _narrowed(np.asarray(value))
        elif node.operation == "Identity" and node.inputs[0] in tensors:
            tensors[node.outputs[0]] = tensors[node.inputs[0]]  # exporters merge equal tensors
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    outputs = tuple(one.name for one in model.graph.output)
    return OnnxFile(source, tensors, metadata, nodes, *image, outputs)
