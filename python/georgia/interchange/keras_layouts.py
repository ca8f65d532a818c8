"""The layouts in which Keras lays weights into HDF5: by layer names, or by classes and numbers."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia.interchange.keras_config import Setting, flattened
from georgia.interchange.keras_file import Hdf5
from georgia.interchange.keras_weights import (
    AVERAGE,
    CONVOLUTION,
    DENSE,
    MAXIMUM,
    NORM,
    VARIABLES,
    Arrays,
    KerasLayer,
    refuse,
    shortened,
    split_number,
)

_KNOWN = {name for names in VARIABLES.values() for name in names}
# Layers without weights whose automatic names tell what they are.
_WEIGHTLESS = {AVERAGE, MAXIMUM, "concatenate", "dropout", "flatten", "activation", "re_lu",
               "softmax", "add", "input_layer", "zero_padding2d", "max_pooling2d",
               "average_pooling2d", "rescaling"}  # fmt: skip
_POOLS = {"avg_pool": AVERAGE, "max_pool": MAXIMUM}  # of Keras's own networks
_MAX_DEPTH = 8  # of models in models
_Named = list[tuple[str, NDArray[np.float32]]]


def is_by_name(file: Hdf5) -> bool:
    """Whether it is the older layout: a group for each layer, listed in an attribute."""
    return _has_names(file.root) or file.has(file.root, "model_weights")


def layers_by_name(file: Hdf5, settings: Sequence[Setting]) -> list[KerasLayer]:
    """Read the older layout; a nested model's weights stand together in one group."""
    group = file.root if _has_names(file.root) else file.inside(file.root, "model_weights")
    if not _has_names(group):
        refuse(file.path, "damaged: model_weights lists no layers")
    described = {one.name: one for one in flattened(settings)}
    models = {one.name for one in settings if one.layers}
    found: list[KerasLayer] = []
    for name in file.names(group, "layer_names"):
        inside = file.inside(group, name)
        arrays = [(one, file.array(inside, one)) for one in file.names(inside, "weight_names")]
        if name in models or not _is_one_layer(arrays):
            found += _nested(arrays, described)
        else:
            held = [(_variable(one), array) for one, array in arrays]
            found.append(_layer(name, held, described.get(name)))
    return _as_described(found, settings)


def layers_by_class(file: Hdf5, settings: Sequence[Setting]) -> list[KerasLayer]:
    """Read Keras 3's layout; only a config tells the order of layers of different classes."""
    return list(_by_class(file, file.root, settings, _MAX_DEPTH))


def _has_names(group: Any) -> bool:
    return "layer_names" in group.attrs or "layer_names0" in group.attrs


def _variable(path: str) -> str:
    """A weight's own name: conv1_conv/kernel:0 is a kernel."""
    return path.rpartition("/")[2].partition(":")[0]


def _is_one_layer(arrays: _Named) -> bool:
    """Whether weights are those of one layer; a nested model has those of many."""
    dims = [array.ndim for _, array in arrays]
    names = [_variable(path) for path, _ in arrays]
    return len(set(names)) == len(names) and (len(dims) <= 2 or set(dims) == {1})


def _nested(arrays: _Named, described: dict[str, Setting]) -> Iterator[KerasLayer]:
    """Weights of a nested model: trainable ones of all layers first, then the others."""
    layers: dict[str, _Named] = {}
    for path, array in arrays:
        layers.setdefault(path.rpartition("/")[0], []).append((_variable(path), array))
    for prefix, held in layers.items():
        name = prefix.rpartition("/")[2]
        yield _layer(name, held, described.get(name))


def _as_described(layers: list[KerasLayer], settings: Sequence[Setting]) -> list[KerasLayer]:
    """All layers of the config, in its order, which of a partly frozen model only it tells."""
    held = {layer.name: layer for layer in layers if layer.weights}
    single = list(flattened(settings))
    names = {one.name for one in single}
    is_clear = len(names) == len(single) and held.keys() <= names
    if not is_clear or len(held) != sum(bool(layer.weights) for layer in layers):
        return layers
    return [held.get(one.name) or _described(one, {}) for one in single]


def _layer(name: str, held: _Named, setting: Setting | None) -> KerasLayer:
    """One layer of the older layout; what it is shows in its weights."""
    weights = dict(held)
    automatic = split_number(name)[0]
    kind = automatic if automatic in _WEIGHTLESS else _POOLS.get(name, "")
    if held:
        shown = _kind_of(weights)
        if not weights.keys() <= _KNOWN and shown in VARIABLES:  # names of long ago, or one's own
            weights = dict(zip(VARIABLES[shown], weights.values(), strict=False))
        kind = shown
        if automatic.endswith("transpose"):
            kind = "conv2d_transpose"
    if setting is None:
        return KerasLayer(name, kind, weights)
    return _described(setting, weights)


def _kind_of(weights: Arrays) -> str:
    """A kind by names and shapes: kernels have two or four axes, the rest are vectors."""
    dims = [array.ndim for array in weights.values()]
    foreign = [name for name in weights if name not in _KNOWN]
    if any("kernel" in name for name in foreign):
        return foreign[0]  # depthwise_kernel, recurrent_kernel, ...
    if dims in ([4], [4, 1]):
        return CONVOLUTION
    if dims in ([2], [2, 1]):
        return DENSE
    if {"moving_mean", "moving_variance"} <= weights.keys() and not foreign:
        return NORM
    return foreign[0] if foreign else "+".join(weights)


def _described(setting: Setting, weights: Arrays) -> KerasLayer:
    return KerasLayer(
        setting.name,
        setting.kind,
        weights,
        setting.activation,
        setting.rate,
        setting.epsilon,
        setting.inputs,
    )


def _by_class(
    file: Hdf5, model: Any, settings: Sequence[Setting], depth: int
) -> Iterator[KerasLayer]:
    """Layers of one model; its container is called otherwise by Keras 2.12 and 2.13."""
    if depth == 0:
        refuse(file.path, "damaged or hostile: models in models, too deep")
    containers = [c for c in ("layers", "_layer_checkpoint_dependencies") if file.has(model, c)]
    if not containers:
        refuse(file.path, "expected weights as Keras writes them, got HDF5 of another program")
    group = file.inside(model, containers[0])
    keys = sorted(file.children(group), key=split_number)
    models = {key for key in keys if _is_model(file, file.inside(group, key))}
    if not settings:
        for key in sorted(keys, key=lambda key: key not in models):
            inside = file.inside(group, key)
            if key in models:
                yield from _by_class(file, inside, (), depth - 1)
            else:
                yield from _numbered(file, inside, key, None)
        return
    for setting, own in zip(settings, _keys(file, group, keys, settings), strict=True):
        if own is None:
            yield from (_described(one, {}) for one in flattened((setting,)))
        elif own in models:
            yield from _by_class(file, file.inside(group, own), setting.layers, depth - 1)
        else:
            yield from _numbered(file, file.inside(group, own), own, setting)


def _is_model(file: Hdf5, group: Any) -> bool:
    return file.has(group, "layers") or file.has(group, "_layer_checkpoint_dependencies")


def _name_of(file: Hdf5, group: Any) -> str:
    """The layer's own name, which newer versions note beside its weights."""
    if not file.has(group, "vars"):
        return ""
    inside = file.inside(group, "vars")
    return str(file.attribute(inside, "name")) if "name" in inside.attrs else ""


def _keys(
    file: Hdf5, group: Any, keys: list[str], settings: Sequence[Setting]
) -> Iterator[str | None]:
    """For each layer of the config its group: by its noted name, else by its class and number."""
    names = [(_name_of(file, file.inside(group, key)), key) for key in keys]
    noted = {name: key for name, key in names if name}
    held = set(keys)
    counts: dict[str, int] = {}
    for setting in settings:
        number = counts.get(setting.kind, 0)
        counts[setting.kind] = number + 1
        key = f"{setting.kind}_{number}" if number else setting.kind
        yield noted.get(setting.name, key if key in held else None)


def _numbered(file: Hdf5, group: Any, key: str, setting: Setting | None) -> Iterator[KerasLayer]:
    """One layer, and as layers of kinds of their own what it is built of."""
    kind = setting.kind if setting else split_number(key)[0]
    name = setting.name if setting else _name_of(file, group) or key
    arrays = _variables(file, group) if kind in VARIABLES else _any_variables(file, group)
    weights: Arrays = {str(index): array for index, array in enumerate(arrays)}
    if arrays and kind in VARIABLES:
        expected = VARIABLES[kind]
        if kind == NORM and setting:
            expected = setting.variables
        if len(arrays) > len(expected) or (kind == NORM and len(arrays) != len(expected)):
            refuse(
                file.path,
                f"{shortened(name)}: which of its weights is left out, only a config tells; "
                f"expected {len(expected)}, got {len(arrays)}",
            )
        weights = dict(zip(expected, arrays, strict=False))
    yield _described(setting, weights) if setting else KerasLayer(name, kind, weights)
    for part in file.children(group):
        if part not in {"vars", "seed_generator"}:
            inside = _any_variables(file, file.inside(group, part))
            if inside:
                held = {str(index): array for index, array in enumerate(inside)}
                yield KerasLayer(f"{name}/{part}", f"{kind}/{part}", held)


def _variables(file: Hdf5, group: Any) -> list[NDArray[np.float32]]:
    if not file.has(group, "vars"):
        return []
    inside = file.inside(group, "vars")
    return [file.array(inside, key) for key in sorted(file.children(inside), key=_as_number)]


def _as_number(key: str) -> int:
    return int(key) if key.isascii() and key.isdigit() and len(key) < 10 else -1


def _any_variables(file: Hdf5, group: Any) -> list[NDArray[np.float32]]:
    """Weights of a layer that is not known here: that it has some is what counts."""
    if not file.has(group, "vars"):
        return []
    inside = file.inside(group, "vars")
    return [np.zeros(0, np.float32) for _ in file.children(inside)]
