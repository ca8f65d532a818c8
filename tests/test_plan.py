"""The plan: what is computed together, and that it computes what the network says."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import georgia
from georgia.cli import app


def test_a_plan_holds_every_layer_that_computes_once() -> None:
    model = georgia.Model.create("resnet18", classes=["a", "b"], size=64)
    plan = model.plan(precision="float32")
    planned = [layer for kernel in plan.kernels for layer in kernel.layers]
    layers = [layer.name for layer in model.summary().layers if layer.operation != "input"]
    assert sorted(planned) == sorted(layers)
    assert plan.kernels[0].layers == ("conv1", "bn1", "relu")
    assert plan.kernels[0].shape == (64, 32, 32)
    assert plan.kernels[-1].shape == (2,)
    total = sum(kernel.multiply_adds for kernel in plan.kernels)
    assert total == model.summary().multiply_adds
    assert plan.seconds == 0
    assert (plan.device, plan.precision) == ("cpu", "float32")
    assert "conv1 + bn1 + relu" in str(plan)
    assert "23 kernels" in str(plan)
    assert "ms" not in str(plan)


def test_a_plan_is_timed_on_request() -> None:
    model = georgia.Model.create("small_cnn", classes=["a", "b"], size=32)
    plan = model.plan(timed=True)
    assert all(kernel.seconds > 0 for kernel in plan.kernels)
    assert f"{1e3 * plan.seconds:.3g} ms" in str(plan)
    with pytest.raises(georgia.InvalidOption, match="precision"):
        model.plan(precision="half")


def test_the_shell_shows_the_plan(tmp_path: Path) -> None:
    path = f"{tmp_path}/model.safetensors"
    model = georgia.Model.create("small_cnn", classes=["a", "b"], size=32)
    model.save(path)
    result = CliRunner().invoke(app, ["plan", path, "--precision", "float32"])
    assert result.exit_code == 0
    assert result.output == f"{model.plan(precision='float32')}\n"
    assert "Gop/s" in CliRunner().invoke(app, ["plan", path, "--timed"]).output


def test_several_threads_may_predict_with_one_model() -> None:
    model = georgia.Model.create("small_cnn", classes=["a", "b"], size=32)
    images = list(np.random.default_rng(1).integers(0, 256, (9, 32, 32, 3), np.uint8))
    expected = model.predict(images).probabilities
    fresh = georgia.Model.create("small_cnn", classes=["a", "b"], size=32)

    def work(number: int) -> np.ndarray:
        if number % 2:
            fresh.embed(images, stage=("stem", "features")[number // 2 % 2])
        return fresh.predict(images).probabilities

    with ThreadPoolExecutor(4) as pool:
        for answer in pool.map(work, range(24)):
            np.testing.assert_allclose(answer, expected, atol=1e-6)


def test_features_and_logits_agree() -> None:
    """Two plans of one model: the last layer on what it sees gives the logits."""
    model = georgia.Model.create("resnet18", classes=["a", "b", "c"], size=48)
    rng = np.random.default_rng(0)
    images = list(rng.integers(0, 256, (11, 48, 48, 3), np.uint8))
    features = model.embed(images, precision="float32").features
    tensors = model._file.tensors()
    logits = features @ tensors["fc.weight"].T + tensors["fc.bias"]
    shifted = np.exp(logits - logits.max(1, keepdims=True))
    probabilities = model.predict(images, precision="float32").probabilities
    np.testing.assert_allclose(probabilities, shifted / shifted.sum(1, keepdims=True), atol=1e-5)
