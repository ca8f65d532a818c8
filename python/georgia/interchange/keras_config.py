"""The config that Keras stores beside the weights, read as data: no class of it is ever made."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from georgia.interchange.keras_weights import refuse, shortened, snake_case

_MAX_DEPTH = 8  # of models in models


@dataclass(frozen=True)
class Setting:
    """A layer as the config describes it, or a nested model with layers of its own."""

    name: str
    kind: str  # its class in snake case
    activation: str | None
    rate: float | None
    epsilon: float | None
    inputs: tuple[str, ...]
    variables: tuple[str, ...]  # of batch normalisation, which may do without gamma or beta
    layers: tuple["Setting", ...]


def parse(text: str | bytes, path: str) -> tuple[Setting, ...]:
    """Take the layers of a model from its config, in the model's order."""
    try:
        return _layers(json.loads(text), _MAX_DEPTH)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        refuse(path, f"config: damaged: {type(error).__name__}: {shortened(error)}")


def flattened(settings: Sequence[Setting]) -> Iterator[Setting]:
    """Single layers, those of nested models in place."""
    for setting in settings:
        if setting.layers:
            yield from flattened(setting.layers)
        else:
            yield setting


def _layers(model: dict[str, Any], depth: int) -> tuple[Setting, ...]:
    if depth == 0:
        message = "models in models, too deep"
        raise ValueError(message)
    config = model["config"]
    described = config if isinstance(config, list) else config["layers"]
    found: list[Setting] = []
    for one in described:
        before = () if not found or "inbound_nodes" in one else (found[-1].name,)
        found.append(_setting(one, before, depth))
    return tuple(found)


def _setting(layer: dict[str, Any], before: tuple[str, ...], depth: int) -> Setting:
    """Describe one layer; before it stands another where the model is a plain sequence."""
    config = layer["config"]
    kind = snake_case(str(layer["class_name"]))
    is_model = isinstance(config, list) or "layers" in config
    plain: dict[str, Any] = config if isinstance(config, dict) else {}
    parts = {"gamma": plain.get("scale", True), "beta": plain.get("center", True)}
    return Setting(
        name=str(plain.get("name") or layer.get("name") or ""),
        kind=kind,
        activation=_activation(kind, plain),
        rate=_number(plain.get("rate")),
        epsilon=_number(plain.get("epsilon")),
        inputs=tuple(_sources(layer.get("inbound_nodes", []))) or before,
        variables=(*(v for v, used in parts.items() if used), "moving_mean", "moving_variance"),
        layers=_layers(layer, depth - 1) if is_model else (),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _activation(kind: str, config: dict[str, Any]) -> str | None:
    """Name of the function that a layer applies, its own kind's included."""
    if kind == "softmax":
        return "softmax"
    if kind == "re_lu":
        shaped = [config.get(key) for key in ("max_value", "negative_slope", "threshold")]
        return "relu" if not any(shaped) else "re_lu with bounds"
    value = config.get("activation")
    if isinstance(value, dict):  # an object of a class, or a function registered by name
        inner = value.get("config")
        value = inner if isinstance(inner, str) else snake_case(str(value.get("class_name")))
    return None if value is None else str(value)


def _sources(nodes: Any) -> Iterator[str]:
    """Names of the layers whose outputs a layer takes, in order, at its first use."""
    if isinstance(nodes, dict):
        if "keras_history" in nodes:
            yield str(nodes["keras_history"][0])
            return
        for value in nodes.values():
            yield from _sources(value)
    elif isinstance(nodes, list):
        if len(nodes) >= 3 and isinstance(nodes[0], str) and isinstance(nodes[1], int):
            yield nodes[0]
            return
        for value in nodes:
            yield from _sources(value)
