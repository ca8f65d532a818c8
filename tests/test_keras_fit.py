"""Keras weights under other constants or another head than ours: same answers, or a refusal."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from keras_files import Node, nodes_of
from zoo_models import given, random_model

import georgia
from georgia.interchange.keras_match import match
from georgia.interchange.keras_weights import KerasLayer, KerasWeights

RNG = np.random.default_rng(0)
NORM = ("gamma", "beta", "moving_mean", "moving_variance")
ONE_UNIT = {"variant": "keras", "size": 32}


def norm(epsilon: float | None, variance: float = 0.0) -> KerasLayer:
    arrays = {name: RNG.uniform(0.5, 1, 4).astype(np.float32) for name in NORM}
    arrays["moving_variance"] += np.float32(variance)
    return KerasLayer("bn", "batch_normalization", arrays, epsilon=epsilon)


def matched(layer: KerasLayer, ours: float) -> dict[str, np.ndarray]:
    nodes, shapes = nodes_of({f"bn/{name}": array for name, array in layer.weights.items()})
    node = Node(nodes[0].name, "batch_norm", nodes[0].tensors, epsilon=ours)
    return match(KerasWeights("a.h5", (layer,), True, True), [node], shapes).tensors


def normalised(x: np.ndarray, tensors: dict[str, np.ndarray], epsilon: float) -> np.ndarray:
    scale = tensors["bn.weight"] / np.sqrt(tensors["bn.running_var"] + epsilon)
    return (x - tensors["bn.running_mean"]) * scale + tensors["bn.bias"]


@pytest.mark.parametrize("theirs", [0.5, 1e-3, 1e-7, 0.0])
def test_a_norm_of_another_epsilon_answers_as_in_keras(theirs: float) -> None:
    layer, x = norm(theirs), RNG.normal(size=(5, 4))
    held = dict(zip(("gamma", "beta", "mean", "variance"), layer.weights.values(), strict=True))
    by_hand = (x - held["mean"]) / np.sqrt(held["variance"] + theirs) * held["gamma"] + held["beta"]
    np.testing.assert_allclose(normalised(x, matched(layer, 1e-5), 1e-5), by_hand, rtol=1e-5)


@pytest.mark.parametrize("theirs", [None, 1.001e-5])
def test_a_norm_of_the_same_epsilon_is_not_touched(theirs: float | None) -> None:
    layer = norm(theirs)
    got = matched(layer, 1.001e-5)["bn.running_var"]
    np.testing.assert_array_equal(got, layer.weights["moving_variance"])


def test_an_epsilon_that_no_variance_makes_up_for_is_refused() -> None:
    layer = norm(1e-5)
    layer.weights["moving_variance"][2] = 0
    with pytest.raises(georgia.BadInput, match=r"bn for bn: epsilon expected 0\.001, got 1e-05"):
        matched(layer, 1e-3)
    with pytest.raises(georgia.BadInput, match=r"got -0\.5, and the variance cannot make up"):
        matched(norm(-0.5, variance=1), 1e-3)


def one_unit(folder: Path, is_bare: bool, **options: Any) -> georgia.Model:
    """A model of two units, written as one."""
    model = random_model("resnet18", **ONE_UNIT, **options)
    model.export(folder / "m.h5", sigmoid=True)
    if is_bare:
        with h5py.File(folder / "m.h5", "a") as file:
            del file.attrs["georgia"]
    return model


@pytest.mark.slow
@pytest.mark.parametrize("is_bare", [True, False])
@pytest.mark.parametrize("head", ["linear", "dense"])
def test_one_unit_serves_a_model_of_two(head: str, is_bare: bool, tmp_path: Path) -> None:
    model = one_unit(tmp_path, is_bare, head=head)
    made = georgia.Model.create(
        "resnet18", classes=["no", "yes"], head=head, weights=tmp_path / "m.h5", **ONE_UNIT
    )
    told = "the file's one unit z serves as two: their logits are 0 and z"
    assert [note for note in made.notes if "normalisation" not in note] == [told]
    x = given(model)
    zero, z = made.logits(x).T
    two = model.logits(x)
    assert not zero.any()
    assert np.abs(z - (two[:, 1] - two[:, 0])).max() <= 1e-5 * np.abs(two).max()


@pytest.mark.slow
@pytest.mark.parametrize(("head", "classes"), [("dense", 2), ("linear", 3)])
def test_one_unit_serves_no_other_head(head: str, classes: int, tmp_path: Path) -> None:
    one_unit(tmp_path, True)
    made = georgia.Model.create(
        "resnet18", classes=classes, head=head, weights=tmp_path / "m.h5", **ONE_UNIT
    )
    assert "the file's own classifier is left out" in made.notes
