"""ONNX out: a network's layers, tensors and normalisation as one graph for other runtimes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from georgia import _core
from georgia.display import printable
from georgia.interchange.onnx_file import import_onnx
from georgia.interchange.onnx_operations import GraphLayer, Sketch, Tensors, check, sketch

_OPSET = 17  # the first that has LayerNormalization
_IR_VERSION = 8  # of the same release, so that runtimes of that age open the file
_MAX_BYTES = 2**31 - 2**20  # protobuf's limit, less what is not tensors


def _normalised(
    graph: Sketch, levels: dict[str, Sequence[float]], *, is_bytes: bool, bgr: bool
) -> str:
    """From the user's pixels to what the network was trained on."""
    value = "images"
    if is_bytes:
        value = graph.node("Transpose", [value], "images/planes", perm=[0, 3, 1, 2])
        value = graph.node("Cast", [value], "images/float", to=1)  # float32
        value = graph.node("Div", [value, graph.constant("images/255", 255)], "images/share")
    for name, operation in (("mean", "Sub"), ("deviation", "Div")):
        by_plane = graph.constant(f"images/{name}", np.reshape(levels[name], (-1, 1, 1)))
        value = graph.node(operation, [value, by_plane], f"images/without_{name}")
    order = [2, 1, 0, 3][: len(levels["mean"])]
    if bgr and len(order) >= 3:
        places = graph.constant("images/order", order, np.int64)
        value = graph.node("Gather", [value, places], "images/bgr", axis=1)
    return value


def _message(onnx: Any, graph: Sketch, images: tuple[str, tuple[int, ...]], classes: int) -> Any:
    """The graph in the format's own classes, with the shape that every layer states."""
    describe, float32 = onnx.helper.make_tensor_value_info, onnx.TensorProto.FLOAT
    known = {
        graph.values[layer.name]: ["N", *layer.shape]
        for layer in graph.layers.values()
        if layer.operation != "parameter"
    }
    outputs = {name: ["N", classes] for name in ("logits", "probabilities")}
    return onnx.helper.make_model(
        onnx.helper.make_graph(
            [
                onnx.helper.make_node(
                    n.operation, n.inputs, n.outputs, n.outputs[0], **n.attributes
                )
                for n in graph.nodes
            ],
            "georgia",
            [describe("images", onnx.TensorProto.DataType.Value(images[0]), ["N", *images[1]])],
            [describe(name, float32, outputs[name]) for name in outputs],
            [onnx.numpy_helper.from_array(a, name) for name, a in graph.constants.items()],
            value_info=[describe(n, float32, known[n]) for n in known if n not in outputs],
        ),
        opset_imports=[onnx.helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="georgia",
        producer_version=_core.__version__,
    )


def render(
    layers: Sequence[GraphLayer],
    tensors: Tensors,
    *,
    height: int,
    width: int,
    channels: int,
    mean: Sequence[float],
    deviation: Sequence[float],
    bgr: bool,
    classes: Sequence[str],
    metadata: Mapping[str, str],
    temperature: float = 1.0,
    input: str = "uint8",
) -> bytes:
    """Render a network as an ONNX file with outputs ``logits`` and ``probabilities``, (N, K).

    Parameters
    ----------
    layers, tensors
        In computing order, the last one giving the logits; float32 under our names.
    height, width, channels : int
        Of the network's input.
    mean, deviation : sequence of float, shape (channels,)
        Of RGB pixels in 0 to 1, subtracted and divided by.
    bgr : bool
        The network sees the colours reversed.
    classes, metadata
        Kept in the file: names as JSON under ``classes``, and further texts by key.
    temperature : float
        That logits are divided by on the way to probabilities.
    input : {"uint8", "float32"}
        What ``images`` are: (N, H, W, C) uint8, or (N, C, H, W) float32 in 0 to 1; both RGB.

    Raises
    ------
    InvalidOption
        The network has no ONNX form, does not fit the classes, or is larger than 2 GB.
    IoError
        The onnx package is not installed.
    """
    onnx = import_onnx("export")
    check(input in {"uint8", "float32"}, "input", f"expected uint8 or float32, got {input}")
    is_bytes = input == "uint8"
    levels = {"mean": mean, "deviation": deviation}
    graph = sketch(layers, tensors, lambda g: _normalised(g, levels, is_bytes=is_bytes, bgr=bgr))
    answer = "logits"
    if temperature != 1:
        divisor = graph.constant("temperature", [temperature])
        answer = graph.node("Div", ["logits", divisor], "calibrated")
    graph.node("Softmax", [answer], "probabilities", axis=-1)
    size = sum(array.nbytes for array in graph.constants.values())
    check(size < _MAX_BYTES, "network", f"too large; expected below 2 GB, got {size:,} bytes")
    count = [*graph.layers.values()][-1].shape
    check([*count] == [len(classes)], "classes", f"expected {count[0]}, got {len(classes)}")
    sides = (height, width, channels) if is_bytes else (channels, height, width)
    model = _message(onnx, graph, ("UINT8" if is_bytes else "FLOAT", sides), len(classes))
    onnx.helper.set_model_props(model, {**metadata, "classes": json.dumps(list(classes))})
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        message = f"[export] network: the graph contradicts its layers: {printable(error)}"
        raise _core.InternalError(message) from None
    return bytes(model.SerializeToString())
