"""What an ONNX graph tells of its network at first sight, before graphs are compared."""

from collections import Counter
from typing import Any, NamedTuple

from numpy.typing import NDArray

from georgia import _core
from georgia.interchange.onnx_reader import OnnxFile

_WEIGHTED = {"Conv", "Gemm", "MatMul"}


class GraphFacts(NamedTuple):
    """Outputs, input channels, and convolutions by (out, H, W) of their kernels.

    `size` is the input's height and width, None where they are free or differ.
    """

    classes: int
    channels: int
    size: int | None
    convolutions: Counter[tuple[int, ...]]


def facts_of(file: OnnxFile) -> GraphFacts:
    """Read them off the weights and the input; classes is 0 where there are no weights."""
    weighted = [(node, _weight(file, node)) for node in file.nodes if node.operation in _WEIGHTED]
    held = [(node, array) for node, array in weighted if array is not None]
    kernels = [array.shape for node, array in held if node.operation == "Conv"]
    sides = list(file.input_shape[1:]) if len(file.input_shape) == 4 else []
    channels = kernels[0][1] if kernels else next((one for one in sides if one in {1, 3, 4}), 0)
    if channels in sides:
        sides.remove(channels)
    size = sides[0] if len(sides) == 2 and sides[0] == sides[1] else None
    classes = 0
    if held:
        node, array = held[-1]
        is_turned = node.operation == "MatMul" or (
            node.operation == "Gemm" and not node.attributes.get("transB", 0)
        )
        classes = array.shape[1 if is_turned else 0]
    shapes = Counter((shape[0], *shape[2:]) for shape in kernels)
    return GraphFacts(classes, channels or 0, size, shapes)


def may_be(facts: GraphFacts, network: str, variant: str) -> bool:
    """Tell quickly whether a network has the graph's convolutions, but for its classifier's."""
    layers = _core.network_layers(network, variant, _core.native_size(network))
    trunk = Counter(
        (layer.shape[0], *layer.kernel)
        for layer in layers
        if layer.operation == "convolution" and layer.stage != "head" and not layer.is_auxiliary
    )
    return trunk <= facts.convolutions and facts.convolutions.total() <= trunk.total() + 1


def _weight(file: OnnxFile, node: Any) -> NDArray[Any] | None:
    array = file.initialisers.get(node.inputs[1]) if len(node.inputs) > 1 else None
    return array if array is not None and array.ndim >= 2 else None
