"""The default recipe: what it chooses, by what, and that it says so; training within a time."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import georgia
from georgia import _core, budget, recipes, symmetry
from georgia.cli import app
from georgia.recipes import ImageFacts
from georgia.request import Request, seconds_of

TINY = {"network": "small_cnn", "progress": False}


def chosen(**facts: Any) -> georgia.TrainOptions:
    recipe = recipes.get("default")
    assert recipe.choose is not None
    choice = recipe.choose(
        ImageFacts(**{"images": 1000, "side": 512, "has_weights": False} | facts)
    )
    assert choice.reasons.keys() == {"size", "batch", "epochs"}
    return Request(recipe, recipe.options()).options(choice)


def test_learned_weights_have_their_new_head_trained_first() -> None:
    fresh, learned = chosen(), chosen(has_weights=True)
    assert [phase.trainable for phase in fresh.phases] == [["all"]]
    assert [phase.trainable for phase in learned.phases] == [["head"], ["all"]]
    assert learned.total_epochs == fresh.total_epochs
    assert all(phase.schedule == "one_cycle" for phase in learned.phases)
    assert (learned.optimizer, learned.best) == ("adamw", "validation_macro_f1")
    assert learned.layer_decay < 1
    assert learned.ema > 0
    assert learned.augment.dihedral


def test_size_batch_and_epochs_follow_the_images() -> None:
    def of(**facts: Any) -> tuple[int, int, int]:
        options = chosen(**facts)
        return options.phases[-1].size, options.phases[-1].batch, options.total_epochs

    few, many = of(images=100), of(images=100_000)
    assert few[1] < many[1]
    assert few[2] > many[2]
    assert of(side=32)[0] == 64
    assert of(side=100)[0] == 128
    assert of(side=2000)[0] == 128
    assert of(side=32, has_weights=True)[0] == 128
    assert of(side=2000, has_weights=True)[0] == 224


def test_a_training_is_of_the_default_recipe_and_says_why(photos: Path, tmp_path: Path) -> None:
    run = georgia.train(photos, out=tmp_path / "run", epochs=1, size=32, **TINY)
    assert run.options.best == "validation_macro_f1"
    assert run.options.augment.dihedral
    assert (run.options.phases[0].size, run.options.total_epochs) == (32, 1)
    assert run.reasons == ["batches of 16: 28 images to train on"]  # the rest was asked for
    plain = georgia.train(
        photos, out=tmp_path / "plain", epochs=1, size=32, options=georgia.TrainOptions(), **TINY
    )
    assert plain.options.best == "validation_accuracy"
    assert not plain.reasons


def test_what_was_asked_for_stands(photos: Path, tmp_path: Path) -> None:
    model = georgia.Model.create("small_cnn", classes=3, size=32)
    model.save(tmp_path / "w.safetensors")
    asked = {"imbalance.method": "focal", "augment.dihedral": False}
    run = georgia.train(
        photos, out=tmp_path / "run", weights=tmp_path / "w.safetensors", epochs=1, batch=8,
        size=32, settings=asked, **TINY,
    )  # fmt: skip
    assert [phase.trainable for phase in run.options.phases] == [["all"]]  # one epoch, one phase
    assert run.options.imbalance.method == "focal"
    assert not run.options.augment.dihedral
    assert run.options.phases[0].batch == 8
    assert not run.reasons


class Steady:
    """A pace of 100 seconds an epoch."""

    def seconds(self, epochs: int) -> float:
        return 100.0 * epochs


def test_a_time_is_kept_to_and_settled_before_it_begins(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_core, "measure_pace", lambda **_: Steady())
    dataset = georgia.Dataset.scan(photos).split()
    options = georgia.TrainOptions(phases=[{"epochs": 40, "size": 128}])

    def within(seconds: float, **more: Any) -> budget.Fitted:
        there_is = budget.Time(seconds, time.monotonic() + seconds, tmp_path / "run")
        return budget.within(options, dataset, there_is, **{"may_shrink": False} | more)

    assert within(100_000).options.total_epochs == 40  # never more than the recipe says
    assert within(2100).options.total_epochs == 19
    assert within(0.001).options.total_epochs == 1
    assert within(2100).reasons == ["19 epochs of 40: about 31.7 min of 35 min"]
    assert within(2100).options.stop.minutes == pytest.approx(2100 / 60, rel=0.02)
    assert "the least there are, do not fit" in within(0.001).reasons[0]
    assert within(2000, may_shrink=True).options.phases[0].size == 128
    smaller = within(500, may_shrink=True).options.phases[0]
    assert 64 <= smaller.size < 128
    assert smaller.size % 16 == 0
    options = georgia.TrainOptions(network="inception_v3", phases=[{"epochs": 40, "size": 96}])
    assert within(10, may_shrink=True).options.phases[0].size == 96  # 64 is too small for it

    run = georgia.train(photos, out=tmp_path / "run", time=250, size=32, **TINY)
    assert run.options.total_epochs == 2
    assert json.loads((run.folder / "options.json").read_text())["reasons"] == run.reasons


def test_every_kind_of_phase_is_timed_once(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    timed: list[int] = []

    def pace(*, phase: int, **_: object) -> Steady:
        timed.append(phase)
        return Steady()

    monkeypatch.setattr(_core, "measure_pace", pace)
    options = recipes.get("sem-progressive").options("small_cnn")
    dataset = georgia.Dataset.scan(photos).split()
    there_is = budget.Time(2100, time.monotonic() + 2100, Path())
    fitted = budget.within(options, dataset, there_is, may_shrink=False)
    assert timed == [0, 2, 4]  # of each size, the two halves being alike but for their rate
    assert fitted.options.total_epochs == 19
    assert [phase.epochs for phase in fitted.options.phases] == [4, 2, 4, 3, 4, 2]


def test_a_real_pace_is_measured(photos: Path, tmp_path: Path) -> None:
    run = georgia.train(photos, out=tmp_path / "run", time="4s", size=32, **TINY)
    assert run.is_finished
    assert " s of 4 s" in run.reasons[-1]
    assert 0 < run.options.stop.minutes < 4 / 60
    shown = CliRunner().invoke(
        app, ["train", str(photos), "--out", str(tmp_path / "b"), "--network", "small_cnn",
              "--size", "32", "--time", "4s", "--recipe", "drops-small",
              "--set", "imbalance.balance_to=9", "--name", "by hand"],
    )  # fmt: skip
    assert shown.exit_code == 0, shown.output
    assert georgia.Run(tmp_path / "b").title == "by hand"
    assert " s of 4 s" in georgia.Run(tmp_path / "b").reasons[-1]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"time": "1m", "epochs": 3}, "expected a time or epochs, got both"),
        ({"time": "1m", "rehearse": True}, "expected a time or a rehearsal, got both"),
        ({"recipe": "default", "options": georgia.TrainOptions()}, "recipe or options, got both"),
        ({"settings": {"imbalance.methods": 1}}, "no such option"),
        ({"settings": {"phases.9.epochs": 1}}, "no such option"),
        ({"settings": {"phases.1.epoch": 1}}, "no such option"),
        ({"time": "1m", "settings": {"stop.minutes": 1}}, "a time or stop.minutes, got both"),
        ({"recipe": "nothing"}, "unknown name; expected one of default"),
        ({"size": 7}, "size"),
    ],
)
def test_wishes_that_do_not_fit_are_refused(
    wish: dict[str, Any], words: str, photos: Path, tmp_path: Path
) -> None:
    with pytest.raises(georgia.InvalidOption, match=words):
        georgia.train(photos, out=tmp_path / "run", **TINY | wish)
    assert not (tmp_path / "run").exists()


def test_an_option_of_phases_is_of_all_of_them_or_of_one(photos: Path, tmp_path: Path) -> None:
    georgia.Model.create("small_cnn", classes=3, size=32).save(tmp_path / "w.safetensors")
    settings = {"phases.fit": "pad", "phases.epochs": 1, "phases.1.learning_rate": 0.5}
    run = georgia.train(
        photos, out=tmp_path / "run", weights=tmp_path / "w.safetensors", size=32,
        settings=settings, **TINY,
    )  # fmt: skip
    assert [phase.fit for phase in run.options.phases] == ["pad", "pad"]
    assert [phase.learning_rate for phase in run.options.phases] == [0.01, 0.5]
    assert [reason.split()[0] for reason in run.reasons] == ["batches", "images"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("10m", 600), ("1h30m", 5400), ("1.5h", 5400), ("45", 45), (12.5, 12.5), (3, 3)],
)
def test_times_are_read(text: str | float, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "0", "-1", -1, "10 minutes", "1m1h", "1h30", "..s", float("nan"), None]
)
def test_other_times_are_refused(text: Any) -> None:
    with pytest.raises(georgia.InvalidOption, match=r"\[train\] time: expected such as 90s"):
        seconds_of(text)


def stripes(folder: Path, *, is_turned: bool) -> Path:
    """Two classes of striped images: by the stripes' width, or by their direction."""
    rng = np.random.default_rng(1)
    for name, period, axis in (("a", 4, 0), ("b", 4 if is_turned else 12, int(is_turned))):
        (folder / name).mkdir(parents=True)
        for i in range(100):
            wave = np.sin((np.arange(64) + rng.integers(64)) * 2 * np.pi / period)
            lines = np.broadcast_to(wave, (64, 64))
            noise = rng.normal(0, 0.3, (64, 64))
            turns = int(rng.integers(2)) if not is_turned else axis
            pixels = np.clip(127 + 60 * (np.rot90(lines, turns) + noise), 0, 255).astype(np.uint8)
            (folder / name / f"{i}.png").write_bytes(georgia.synthetic.encode(pixels))
    return folder


def test_a_few_images_are_not_asked(photos: Path, tmp_path: Path) -> None:
    dataset = georgia.Dataset.scan(photos).split()
    georgia.Model.create("small_cnn", classes=4, size=48).save(tmp_path / "w.safetensors")
    start = _core.ModelFile.read(tmp_path / "w.safetensors")
    options = georgia.TrainOptions(phases=[{"size": 48}], augment={"dihedral": True})
    settled, why = symmetry.settle(options, dataset, start)
    assert settled == options
    assert "too few to ask" in why


def test_cropped_images_are_asked_as_they_are_seen(tmp_path: Path) -> None:
    dataset = georgia.Dataset.scan(stripes(tmp_path / "stripes", is_turned=True)).split()
    dataset = replace(dataset, crop=(0, 0, 16, 0))
    reading = _core.Preprocess(height=64, width=64, crop=(0, 0, 16, 0))
    start = _core.ModelFile.create(
        network="small_cnn", variant="torchvision", head=georgia.HeadOptions(), seed=3,
        classes=list(dataset.classes), preprocess=reading,
    )  # fmt: skip
    options = georgia.TrainOptions(phases=[{"size": 64}], preprocess=reading)
    still = symmetry.measure(dataset, start, options)[0]
    assert still.kept > 0.9 * still.images
    tall = _core.Preprocess(height=64, width=64, crop=(0, 0, 60, 0))  # of which a frame is left
    start = _core.ModelFile.create(
        network="small_cnn", variant="torchvision", head=georgia.HeadOptions(), seed=3,
        classes=list(dataset.classes), preprocess=tall,
    )  # fmt: skip
    again = symmetry.measure(dataset, start, options)[0]
    assert again == still


@pytest.mark.parametrize("is_turned", [True, False])
def test_turns_that_change_a_class_are_found(is_turned: bool, tmp_path: Path) -> None:
    dataset = georgia.Dataset.scan(stripes(tmp_path / "stripes", is_turned=is_turned)).split()
    model = georgia.Model.create("small_cnn", classes=list(dataset.classes), size=64, seed=3)
    model.save(tmp_path / "model.safetensors")
    start = _core.ModelFile.read(tmp_path / "model.safetensors")
    options = georgia.TrainOptions(phases=[{"size": 64}])
    found = {each.move: each for each in symmetry.measure(dataset, start, options)}
    assert all(each.kept > 0.9 * each.images for each in found.values())
    assert found["mirrored left to right"].holds
    assert found["upside down"].holds
    assert found["turned by a quarter"].holds == (not is_turned)
    settled, why = symmetry.settle(options, dataset, start, seconds=1e6)
    assert settled.augment.dihedral == (not is_turned)
    assert settled.augment.flip_horizontal == settled.augment.flip_vertical == is_turned
    assert ("turned by a quarter" in why) == is_turned
