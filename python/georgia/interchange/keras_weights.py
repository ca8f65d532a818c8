"""What a Keras file holds: layers in the model's order, their weights, what is known of them."""

import re
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import printable

Arrays: TypeAlias = dict[str, NDArray[np.float32]]

# Kinds of layers are spelled as Keras does in automatic names: its class in snake case.
CONVOLUTION = "conv2d"
NORM = "batch_normalization"
DENSE = "dense"
AVERAGE = "global_average_pooling2d"
MAXIMUM = "global_max_pooling2d"

OPERATIONS = {CONVOLUTION: "convolution", NORM: "batch_norm", DENSE: "linear"}
VARIABLES = {
    CONVOLUTION: ("kernel", "bias"),
    DENSE: ("kernel", "bias"),
    NORM: ("gamma", "beta", "moving_mean", "moving_variance"),
}


@dataclass(frozen=True)
class KerasLayer:
    """One layer; what only a config tells is None or empty where the file has none."""

    name: str
    kind: str  # conv2d, dense, dropout, ...; "" where unknown
    weights: Arrays = field(default_factory=dict)  # kernel, gamma, ...; Keras's layout
    activation: str | None = None
    rate: float | None = None  # of dropout
    epsilon: float | None = None  # of batch normalisation
    inputs: tuple[str, ...] = ()  # names of layers


@dataclass(frozen=True)
class KerasWeights:
    """The layers of a file, nested models in place."""

    path: str  # as errors name it
    layers: tuple[KerasLayer, ...]
    has_config: bool
    is_ordered: bool  # else only layers of one kind, in one model, are in the model's order
    metadata: str = ""  # what an export of ours says of itself, JSON

    def of_kind(self, kind: str) -> list[KerasLayer]:
        """Layers of a kind that have weights."""
        return [layer for layer in self.layers if layer.kind == kind and layer.weights]


def snake_case(class_name: str) -> str:
    """Spell a class as automatic names do: Conv2D is conv2d, ReLU is re_lu."""
    return re.sub(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])", "_", class_name).lower()


def split_number(name: str) -> tuple[str, int]:
    """An automatic name's kind and number: dense_12 is (dense, 12), dense is (dense, 0)."""
    found = re.fullmatch(r"(.*?)(?:_(\d{1,9}))?", name, re.DOTALL)
    return (found[1], int(found[2] or 0)) if found else (name, 0)


def refuse(path: str, wrong: str) -> NoReturn:
    """Raise what a file's contents are at fault for."""
    message = f"[keras] {path}: {wrong}"
    raise _core.BadInput(message)


def shortened(text: object) -> str:
    """At most 200 characters of what a file says, harmless to print."""
    whole = str(text)
    return printable(whole if len(whole) <= 200 else whole[:200] + "...")


def several(items: list[str]) -> str:
    """A list in one line, its first ones at least."""
    shown = ", ".join(shortened(item) for item in items[:12])
    return shown + (f" and {len(items) - 12} more" if len(items) > 12 else "")
