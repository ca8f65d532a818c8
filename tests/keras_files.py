"""Files of Keras for tests: written by Keras itself in a process of its own, or by hand."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

FORMATS = (".h5", "-only.h5", ".weights.h5", ".keras")
VARIABLES = ("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance")
TORCH = dict(zip(VARIABLES, ("weight", "bias", "weight", "bias", "running_mean", "running_var"),
                 strict=True))  # fmt: skip


@dataclass(frozen=True)
class Node:
    """What the matching asks of a layer."""

    name: str
    operation: str
    tensors: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    stage: str = "stem"
    epsilon: float = 0


def write_by_keras(folder: Path) -> None:
    """Let Keras write its files into a folder, and read rendered.h5 there if there is one."""
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    subprocess.run([sys.executable, __file__, str(folder)], env=environment, check=True)


def nodes_of(truth: Mapping[str, np.ndarray]) -> tuple[list[Node], dict[str, tuple[int, ...]]]:
    """Layers and shapes of tensors of the network that has these Keras weights."""
    held: dict[str, dict[str, np.ndarray]] = {}
    for key, array in truth.items():
        layer, _, variable = key.rpartition("/")
        held.setdefault(layer, {})[TORCH[variable]] = torch_layout(array)
    nodes, shapes = [], {}
    for name, arrays in held.items():
        is_norm = "running_mean" in arrays
        dims = arrays["weight"].ndim
        operation = "batch_norm" if is_norm else {4: "convolution", 2: "linear"}[dims]
        kinds = [*arrays, *(["num_batches_tracked"] if is_norm else [])]
        nodes.append(Node(name, operation, tuple(f"{name}.{kind}" for kind in kinds)))
        shapes |= {f"{name}.{kind}": array.shape for kind, array in arrays.items()}
    return nodes, shapes


def torch_layout(array: np.ndarray) -> np.ndarray:
    return array.transpose({4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}[array.ndim])


def tensors_of(truth: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same weights as tensors of that network."""
    return {
        f"{key.rpartition('/')[0]}.{TORCH[key.rpartition('/')[2]]}": torch_layout(array)
        for key, array in truth.items()
    }


def write_by_hand(
    path: Path,
    groups: Mapping[str, Mapping[str, np.ndarray]],
    *,
    layers: Sequence[str] | None = None,
    pieces: int = 0,
    change: Callable[[Any], None] = lambda _: None,
) -> Path:
    """The older layout as Keras 2 wrote it; groups hold weights by their names in the file."""
    import h5py

    def put(attributes: Any, name: str, values: Sequence[str]) -> None:
        if not pieces:
            attributes[name] = [value.encode() for value in values]
        for index, part in enumerate(np.array_split(np.array(values), pieces) if pieces else ()):
            attributes[f"{name}{index}"] = [str(value).encode() for value in part]

    with h5py.File(path, "w") as file:
        put(file.attrs, "layer_names", [*groups] if layers is None else layers)
        for name, arrays in groups.items():
            group = file.create_group(name)
            put(group.attrs, "weight_names", list(arrays))
            for one, array in arrays.items():
                group[one] = array
        change(file)
    return path


# What follows runs in a process of its own, where Keras is imported.


def models() -> Iterator[tuple[str, Any]]:
    """A small residual trunk of Keras's own making, alone and with classifiers."""
    import keras
    from keras import layers

    def trunk(**options: Any) -> Any:
        from keras.src.applications import resnet

        def stack(x: Any) -> Any:
            x = resnet.stack_residual_blocks_v1(x, 4, 2, stride1=1, name="conv2")
            return resnet.stack_residual_blocks_v1(x, 8, 11, name="conv3")

        return resnet.ResNet(
            stack, False, True, include_top=False, weights=None, input_shape=(32, 32, 3),
            name="small", weights_name=None, **options,
        )  # fmt: skip

    yield "alone", trunk(pooling="avg")

    base = trunk(pooling="avg")
    for layer in base.layers[:12]:
        layer.trainable = False  # their weights move to the end of the older layout's group
    nested = keras.Sequential([base, layers.BatchNormalization(), layers.Dropout(0.25),
                               layers.Dense(8), layers.ReLU(), layers.BatchNormalization(),
                               layers.Dropout(0.5), layers.Dense(1, "sigmoid")])  # fmt: skip
    nested.compile("adam", "binary_crossentropy")
    yield "nested", nested

    base = trunk()
    pooled = [
        layers.GlobalAveragePooling2D()(base.output),
        layers.GlobalMaxPooling2D()(base.output),
    ]
    x = layers.BatchNormalization()(layers.Concatenate()(pooled))
    x = layers.Dense(6, "relu")(layers.Dropout(0.1)(x))
    x = layers.Dense(5, "relu")(x)
    yield "flat", keras.Model(base.input, layers.Dense(3, "softmax")(x))


def fill(model: Any, seed: int) -> dict[str, np.ndarray]:
    """Give a model random weights; by layer and variable, in the model's order."""
    rng = np.random.default_rng(seed)
    truth = {}
    for layer in model.layers:
        if hasattr(layer, "layers"):
            truth |= fill(layer, seed + 1)
            continue
        for variable in layer.weights:
            value = rng.uniform(0.5, 1, variable.shape).astype(np.float32)
            variable.assign(value)
            truth[f"{layer.name}/{variable.name}"] = value
    return truth


def save(model: Any, path: Path) -> None:
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    if path.name.endswith("-only.h5"):
        with h5py.File(path, "w") as file:
            legacy_h5_format.save_weights_to_hdf5_group(file, model)
    elif path.name.endswith(".weights.h5"):
        model.save_weights(path)
    else:
        model.save(path)


def main(folder: Path) -> None:
    import keras

    for seed, (name, model) in enumerate(models()):
        np.savez(folder / f"{name}.npz", **fill(model, seed))
        for ending in FORMATS:
            save(model, folder / f"{name}{ending}")
    rendered = folder / "rendered.h5"
    if rendered.exists():
        network = keras.applications.ResNet50(
            include_top=False, weights=None, pooling="avg", input_shape=(32, 32, 3)
        )
        before = network.get_weights()
        network.load_weights(rendered, by_name=True)
        truth = {f"{x.name}/{v.name}": v.numpy() for x in network.layers for v in x.weights}
        assert all((a != b).any() for a, b in zip(before, truth.values(), strict=True))
        np.savez(folder / "resnet50.npz", **truth)
        keras.Sequential([network, keras.layers.Dense(2)]).save_weights(
            folder / "resnet50.weights.h5"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
