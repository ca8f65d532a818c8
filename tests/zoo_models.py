"""Models of the zoo whose every tensor counts, and input for them."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

import georgia

CUSTOM = georgia.HeadOptions(
    pool="average+max", hidden=[6, 5], dropout=[0.1, 0, 0.2], batch_norm=[0, 2]
)


def random_model(network: str, *, seed: int = 1, **options: Any) -> georgia.Model:
    """Fresh weights give a batch norm that does nothing; here no tensor can be lost unseen."""
    model = georgia.Model.create(network, **({"classes": 2, "size": 64} | options))
    random = np.random.default_rng(seed)
    tensors = {}
    for name, value in model._file.tensors().items():
        if value.ndim < 2 and value.dtype == np.float32:
            positive = name.endswith(("running_var", "weight"))
            noise = random.uniform(0.7 if positive else -0.2, 1.3 if positive else 0.2, value.shape)
            value = noise.astype(np.float32)
        tensors[name] = value
    assert model._file.take(tensors, True, network, 0) == []
    return model


def pixels(model: georgia.Model, count: int = 3, seed: int = 2) -> NDArray[np.uint8]:
    """Random images (N, H, W, C)."""
    how = model.preprocess
    shape = (count, how.height, how.width, how.channels)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def normalised(model: georgia.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What a network sees of pixels, computed by NumPy alone."""
    how = model.preprocess
    x = (images / 255 - np.array(how.mean)) / np.array(how.deviation)
    if how.order == "bgr" and how.channels >= 3:
        x[..., :3] = x[..., 2::-1]
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2), np.float32)


def given(model: georgia.Model) -> NDArray[np.float32]:
    """Random images as the network takes them."""
    return normalised(model, pixels(model))


def same_tensors(left: georgia.Model, right: georgia.Model) -> bool:
    ours, theirs = left._file.tensors(), right._file.tensors()
    return ours.keys() == theirs.keys() and all(
        np.array_equal(value, theirs[name])
        for name, value in ours.items()
        if not name.endswith("num_batches_tracked")  # which only torch and we keep
    )


def make_foreign(source: Path, target: Path) -> Path:
    """Take from an ONNX file of ours all that tells whose it is."""
    file = onnx.load(source)
    del file.metadata_props[:]
    for i, tensor in enumerate(file.graph.initializer):
        for node in file.graph.node:
            node.input[:] = [f"w{i}" if name == tensor.name else name for name in node.input]
        tensor.name = f"w{i}"
    onnx.save(file, target)
    return target


def names(folder: Path) -> list[str]:
    """What lies in a folder, hidden files included."""
    return sorted(path.name for path in folder.iterdir())
