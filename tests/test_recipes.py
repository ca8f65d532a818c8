"""Recipes: what they say, what they train, and that each runs."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import georgia
from georgia import _core, recipes
from georgia.cli import app

TINY = {"network": "small_cnn", "weights": "none", "size": 32, "batch": 8, "progress": False}


def stages(options: georgia.TrainOptions, classes: int) -> list[set[str]]:
    return [
        set(_core.phase_cost(options, classes, number).stages)
        for number in range(len(options.phases))
    ]


@pytest.mark.parametrize("name", recipes.names())
@pytest.mark.parametrize("classes", [2, 5])
def test_a_recipe_fits_its_network_and_another(name: str, classes: int) -> None:
    recipe = recipes.get(name)
    own = recipe.fitted(recipe.options(), classes)
    _core.check_network(own, classes)
    assert own.network == recipe.network
    assert own.head.one_logit == (name.startswith("crystals-resnet101") and classes == 2)
    other = recipe.fitted(recipe.options("squeezenet1_1"), classes)
    _core.check_network(other, classes)
    assert (other.network, other.variant) == ("squeezenet1_1", "torchvision")
    assert len(recipes.text(name).splitlines()[0]) < 100


def test_the_crystals_recipe_is_as_published() -> None:
    options = recipes.get("crystals-resnet101").options()
    phase, stop = options.phases[0], options.stop
    assert (options.network, options.variant, options.weights) == ("resnet101", "keras", "imagenet")
    assert (phase.epochs, phase.size, phase.batch, phase.schedule) == (100, 224, 64, "constant")
    assert (options.optimizer, phase.learning_rate, options.momentum) == ("sgd", 0.1, 0.9)
    assert not options.nesterov
    assert stages(options, 2) == [{"stage4", "head"}]
    assert (stop.f1_target, stop.f1_patience, stop.patience) == (0.997, 0, 50)
    assert recipes.get("crystals-resnet101").shares == (0.7, 0.25, 0.05)
    for letter, dropout, trained in [
        ("b", [], {"stage4", "head"}), ("c", [0, 0.4, 0.3], {"head"}), ("d", [], {"head"}),
    ]:  # fmt: skip
        variant = recipes.get(f"crystals-resnet101-{letter}").options()
        assert variant.head.dropout == dropout
        assert stages(variant, 2) == [trained]


def test_sem_grows_its_images_and_unfreezes_only_when_asked() -> None:
    frozen, unfrozen = (
        recipes.get(name).options() for name in ("sem-progressive", "sem-progressive-unfrozen")
    )
    assert [p.size for p in frozen.phases] == [64, 64, 128, 128, 224, 224]
    assert [p.epochs for p in frozen.phases] == [10, 5] * 3
    assert [p.learning_rate for p in frozen.phases] == [5e-3, 1e-3, 1e-3, 1e-3, 5e-4, 1e-3]
    assert stages(frozen, 10) == [{"head"}] * 6
    assert [len(trained) for trained in stages(unfrozen, 10)] == [1, 6] * 3
    assert all(phase.train_norm for phase in frozen.phases)
    assert recipes.get("sem-progressive").shares == (0.8, 0.2, 0)


@pytest.mark.slow
@pytest.mark.parametrize("name", recipes.names())
def test_a_recipe_trains(name: str, photos: Path, tmp_path: Path) -> None:
    recipe = recipes.get(name)
    count = len(recipe.options().phases)
    rates: list[tuple[int, float]] = []
    run = georgia.train(
        photos, recipe=name, out=tmp_path / "run", epochs=count,
        settings={"imbalance.balance_to": min(recipe.options().imbalance.balance_to, 12)},
        on_batch=lambda r: rates.append((r["epoch"], r["learning_rate"])), **TINY,
    )  # fmt: skip
    assert len(run.history["epoch"]) >= 1
    assert run.options.augment == recipe.options().augment

    model = georgia.load(run)
    assert model.logits(np.zeros((2, model.preprocess.channels, 32, 32))).shape == (2, 4)
    georgia.Model.create(
        "small_cnn", classes=4, channels=model.preprocess.channels, head=model.head, size=32,
        seed=run.options.seed,
    ).save(tmp_path / "first.safetensors")  # fmt: skip
    first = _core.ModelFile.read(tmp_path / "first.safetensors").tensors()
    last = _core.ModelFile.read(run.folder / "model.safetensors").tensors()
    trained = set().union(*stages(run.options, 4))
    stage_of = {layer.name: layer.stage for layer in model.summary().layers}
    moved = {
        stage_of[tensor.rpartition(".")[0]]
        for tensor, values in last.items()
        if tensor.endswith(("weight", "bias")) and not np.array_equal(values, first[tensor])
    }
    assert {"head"} <= moved <= trained  # the best epoch may be of an early phase
    for number, phase in enumerate(run.options.phases, 1):
        of_phase = [rate for epoch, rate in rates if epoch == number]
        if phase.schedule == "constant":
            assert set(of_phase) == {phase.learning_rate}
        else:
            assert 0.5 * phase.learning_rate < max(of_phase) <= phase.learning_rate
            assert of_phase[-1] == pytest.approx(phase.learning_rate / 1e5)

    written = run.deliverables(tmp_path / "deliverables")
    assert [path.suffix for path in written] == [".txt", ".png", ".png", ".onnx"]
    assert all(path.stat().st_size > 0 for path in written)
    train, validation, test = recipe.shares
    assert len(run.dataset.part("train")) == round(40 * train)
    assert abs(len(run.dataset.part("validation")) - 40 * validation) <= 4
    assert bool(run.dataset.part("test")) == (test > 0)


@pytest.mark.parametrize("name", recipes.names())
def test_sgd_says_its_decay(name: str) -> None:
    strategy = recipes.get(name).strategy
    assert strategy.get("optimizer") != "sgd" or strategy["weight_decay"] == 0


def test_first_rates_are_those_computed_by_hand(photos: Path, tmp_path: Path) -> None:
    def rates(name: str, **options: Any) -> list[float]:
        seen: list[float] = []
        georgia.train(
            photos, recipe=name, out=tmp_path / name, on_batch=lambda r: seen.append(
                r["learning_rate"]), **TINY | options)  # fmt: skip
        return seen

    assert rates("crystals-resnet101", epochs=1)[:3] == [0.1] * 3
    # 32 images are 4 batches; 18 epochs are 4 and 2 a size, so the first phase has 16 steps. They
    # rise from a 25th along a cosine in the first quarter, then fall to a 100,000th.
    peak, top, last = 5e-3, 3, 15

    def between(begin: float, end: float, share: float) -> float:
        return end + (begin - end) * (1 + math.cos(math.pi * share)) / 2

    expected = [between(peak / 25, peak, step / top) for step in range(top)]
    falling = range(last - top + 1)
    expected += [between(peak, peak / 1e5, step / (last - top)) for step in falling]
    assert rates("sem-progressive", epochs=18)[:16] == pytest.approx(expected, rel=1e-4)


def test_recipes_are_listed_told_and_refused() -> None:
    run = CliRunner().invoke
    listed = run(app, ["recipes"]).output
    assert all(name in listed for name in recipes.names())
    assert (
        "849422cb8ecb7f46444fb81c60359604c74a5dbe"
        in run(app, ["recipes", "crystals-resnet101"]).output
    )
    with pytest.raises(
        georgia.InvalidOption, match="unknown name; expected one of default, crystals-res"
    ):
        recipes.get("cristals")
    with pytest.raises(georgia.InvalidOption, match="a recipe or options, got both"):
        georgia.train("photos", recipe="sem-progressive", options=georgia.TrainOptions())
