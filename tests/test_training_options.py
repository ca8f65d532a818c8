"""What a training is told, what it tells, and how it is made to end."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import georgia
from georgia import InvalidOption, _core
from georgia.option_list import option_lines, read_options, settings_of, with_settings
from georgia.plan import imbalance_line, plan_lines
from georgia.train_settings import with_keywords

QUICK: dict[str, Any] = {"network": "small_cnn", "size": 32, "progress": False}


def test_every_option_is_listed_and_can_be_set() -> None:
    lines = list(option_lines())
    names = [line.name for line in lines]
    assert len(set(names)) == len(names) > 80
    assert all(line.text for line in lines)
    given = [f"{line.name}={json.dumps(line.default)}" for line in lines]
    assert with_settings(_core.TrainOptions(), settings_of(given)) == _core.TrainOptions()
    texts = [
        "imbalance.method=focal", "phases.0.epochs=3", 'phases.0.trainable=["head"]', "ema=0.9",
    ]  # fmt: skip
    changed = with_settings(_core.TrainOptions(), settings_of(texts))
    assert changed.imbalance.method == "focal"
    assert changed.phases[0].epochs == 3
    assert list(changed.phases[0].trainable) == ["head"]
    assert changed.ema == 0.9
    listed = with_settings(changed, settings_of(['phases=[{"epochs": 1}, {"epochs": 2}]']))
    assert [phase.epochs for phase in listed.phases] == [1, 2]


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("ema", "expected NAME=VALUE"),
        ("foo=1", "foo: no such option"),
        ("phases.7.epochs=1", "phases.7.epochs: no such option"),
        ("imbalance.method=some", "one of none, class_weights"),
        ("ema=2", "ema: out of range"),
        ("ema=high", "ema"),
        ("phases=[]", "phases"),
        ("phases.0.trainable=head", "trainable"),
    ],
)
def test_bad_assignments_are_told(assignment: str, words: str) -> None:
    with pytest.raises(InvalidOption, match=words):
        with_settings(_core.TrainOptions(), settings_of([assignment]))


def test_options_come_from_a_file_or_a_run(run: georgia.Run, tmp_path: Path) -> None:
    assert read_options(run.folder / "options.json") == run.options
    path = tmp_path / "options.json"
    path.write_text('{"ema": 0.5}')
    assert read_options(path).ema == 0.5
    for text, error in (("{", georgia.BadInput), ("[]", georgia.BadInput)):
        path.write_text(text)
        with pytest.raises(error, match=r"options\.json"):
            read_options(path)
    with pytest.raises(georgia.IoError, match="No such file"):
        read_options(tmp_path / "none.json")


def test_the_plan_says_what_is_trained_and_what_is_done_about_imbalance() -> None:
    options = georgia.TrainOptions(
        phases=[{"trainable": ["head"], "epochs": 1}, {"trainable": ["last:0.5"]}]
    )
    lines = plan_lines(options, {"a": 30, "b": 10})
    assert "1 epoch at 128 pixels" in lines[1]
    assert "trains head:" in lines[1]
    assert "stage3, stage4, head" in lines[2]
    cost = [float(line.split(" billion")[0].split()[-1]) for line in lines[1:3]]
    assert cost[0] < cost[1]
    counts = {"a": 30, "b": 10}
    expected = {
        "none": "a 30 images, b 10 images",
        "class_weights": "a weight 0.667, b weight 2",
        "sampler": "a 0.667 times an epoch, b 2 times an epoch",
        "focal": "focal, gamma 2: a 30 images, b 10 images",
        "logit_adjustment": "a -0.288, b -1.39",
        "balance": "a 30 images, b 30 images",
    }
    for method, text in expected.items():
        assert text in imbalance_line(_core.ImbalanceOptions(method=method), counts)
    balanced = _core.ImbalanceOptions(method="balance", balance_to=20)
    assert "a 30 images, b 20 images" in imbalance_line(balanced, counts)


def test_callbacks_see_batches_and_validations(photos: Path, tmp_path: Path) -> None:
    batches: list[dict[str, Any]] = []
    epochs: list[dict[str, Any]] = []
    run = georgia.train(
        photos,
        out=tmp_path / "run",
        epochs=2,
        batch=8,
        on_batch=batches.append,
        on_epoch=epochs.append,
        options=georgia.TrainOptions(validate_every=2),
        **QUICK,
    )
    assert [one["step"] for one in batches] == list(range(1, len(batches) + 1))
    assert all(one["gradient_norm"] > 0 for one in batches)
    assert [one["step"] for one in epochs] == list(run.history["step"])
    assert len(epochs) > 2
    assert len(epochs[0]["class_f1"]) == 4
    assert run.history["f1 of needles"][-1] == epochs[-1]["class_f1"][0]
    assert run.is_finished
    assert "2 epochs" in str(run)


def test_a_live_plot_redraws_one_picture_at_most_once_a_second(
    monkeypatch: pytest.MonkeyPatch, photos: Path, tmp_path: Path
) -> None:
    drawn: list[str] = []

    class Handle:
        def update(self, _: object) -> None:
            drawn.append("update")

    def display(figure: Any, *, display_id: bool) -> Handle:
        assert display_id
        assert len(figure.axes) == 2
        drawn.append("display")
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    live = georgia.LivePlot()
    run = georgia.train(photos, out=tmp_path / "run", epochs=4, on_epoch=live, **QUICK)
    assert len(run.history["epoch"]) == 4
    quick = len(drawn)
    assert drawn[0] == "display"
    assert "update" in drawn
    assert quick < 4
    monkeypatch.setattr("georgia.live_plot._SECONDS", 0)
    for _ in range(2):  # another run, another picture
        live(dict.fromkeys(("epoch", "train_loss", "validation_loss"), 5) | {
            "train_accuracy": 1, "validation_accuracy": 1})  # fmt: skip
    live.close()
    assert drawn[quick:] == ["display", "update"]


class Trouble(Exception):
    pass


@pytest.mark.parametrize("which", ["on_batch", "on_epoch"])
def test_an_exception_of_a_callback_comes_through_and_the_run_goes_on(
    which: str, photos: Path, tmp_path: Path
) -> None:
    def fail(_: object) -> None:
        raise Trouble

    callbacks: dict[str, Any] = {which: fail}
    with pytest.raises(Trouble):
        georgia.train(photos, out=tmp_path / "run", epochs=2, **callbacks, **QUICK)
    resumed = georgia.resume(tmp_path / "run", progress=False)
    whole = georgia.train(photos, out=tmp_path / "whole", epochs=2, **QUICK)
    assert resumed.is_finished
    one, other = ((r.folder / "model.safetensors").read_bytes() for r in (resumed, whole))
    assert one == other


@pytest.mark.parametrize("kind", ["event", "callable"])
def test_a_stop_flag_ends_a_training_with_a_validation(
    kind: str, photos: Path, tmp_path: Path
) -> None:
    event = threading.Event()
    event.set()
    stop = event if kind == "event" else event.is_set
    run = georgia.train(photos, out=tmp_path / "run", epochs=50, batch=8, stop=stop, **QUICK)
    assert list(run.history["step"]) == [1]
    assert run.is_finished
    assert "asked to stop" in str(run)
    assert georgia.resume(run, progress=False).history["step"].size == 1
    assert georgia.load(run).predict(photos)[0].label


def test_a_child_process_is_told_that_its_threads_stayed_behind() -> None:
    script = """
        import os, numpy as np, georgia
        model = georgia.Model.create("logistic", classes=2, size=8)
        x = np.zeros((2, 3, 8, 8), np.float32)
        model.logits(x)
        if os.fork() == 0:
            try:
                model.logits(x)
            except georgia.InvalidOption as error:
                print(error, flush=True)
            os._exit(0)
        os.wait()
        model.logits(x)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60
    )
    assert "forked from one that had computed" in done.stdout
    assert done.returncode == 0, done.stderr


def test_a_run_that_stopped_before_its_first_checkpoint_begins_with_its_weights(
    photos: Path, tmp_path: Path
) -> None:
    start = tmp_path / "start.safetensors"
    georgia.Model.create("small_cnn", classes=4, size=32, seed=7).save(start)
    keywords: dict[str, Any] = {"weights": start, "epochs": 1} | QUICK
    whole = georgia.train(photos, out=tmp_path / "whole", **keywords)
    stopped = georgia.train(photos, out=tmp_path / "stopped", **keywords)
    for name in ("checkpoint.safetensors", "model.safetensors", "history.csv"):
        (stopped.folder / name).unlink()
    again = georgia.resume(stopped, progress=False)
    assert list(again.history["validation_loss"]) == list(whole.history["validation_loss"])
    for name in ("checkpoint.safetensors", "model.safetensors", "history.csv"):
        (stopped.folder / name).unlink()
    georgia.Model.create("small_cnn", classes=4, size=32, seed=8).save(start)
    with pytest.raises(georgia.BadInput, match="not the weights"):
        georgia.resume(stopped, progress=False)


def test_a_run_without_its_checkpoint_can_still_be_shown(photos: Path, tmp_path: Path) -> None:
    run = georgia.train(photos, out=tmp_path / "run", epochs=2, **QUICK)
    told = str(run)
    (run.folder / "checkpoint.safetensors").unlink()
    assert str(run) == told
    assert "2 epochs, best is epoch" in told


@pytest.mark.parametrize("total", [2, 3, 4, 5, 9, 10, 100])
def test_every_phase_keeps_an_epoch(total: int) -> None:
    phases = ['phases=[{"epochs": 1}, {"epochs": 9}]']
    options = with_settings(_core.TrainOptions(), settings_of(phases))
    shared = with_keywords(options, {}, {}, total)
    epochs = [phase.epochs for phase in shared.phases]
    assert min(epochs) >= 1
    assert sum(epochs) == total


def test_sigterm_saves_the_state(photos: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from georgia.cli import main; main()", "train", photos]
    command += ["--network", "small_cnn", "--size", "32", "--epochs", "100000", "--out"]
    with subprocess.Popen(
        [*map(str, command), tmp_path / "run"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        until = time.monotonic() + 60
        while not (tmp_path / "run" / "history.csv").is_file() and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"georgia resume" in errors
    assert b"Traceback" not in errors
    assert georgia.Run(tmp_path / "run").state["step"] > 0


def full_batch_run(photos: Path, out: Path, **options: Any) -> tuple[georgia.Run, Any, Any]:
    """Logistic regression on all images at once, and those images for torch."""
    chosen = georgia.TrainOptions(
        augment={"rotation": 0, "shift": 0, "zoom": 0, "flip_horizontal": False,
                 "flip_vertical": False},
        **options,
    )  # fmt: skip
    start = out.parent / f"{out.name}-start.safetensors"
    dataset = georgia.Dataset.scan(photos).split(seed=42)
    model = georgia.Model.create("logistic", classes=list(dataset.classes), size=16)
    model.save(start)
    run = georgia.train(
        dataset, out=out, network="logistic", weights=start, size=16, batch=64, epochs=6,
        precision="float32", options=chosen, progress=False,
    )  # fmt: skip
    images = dataset.paths(dataset.part("train"))
    how = run.options.preprocess.to_dict() | {"height": 16, "width": 16}
    off = run.options.augment
    preprocess, limits = _core.Preprocess.from_dict(how), run.options.limits
    decoded = [_core.read_image(path, limits, preprocess) for path in images]
    pixels = np.stack([_core.preprocess(one, preprocess, off) for one in decoded])
    x = (pixels / 255.0 - np.array(how["mean"])) / np.array(how["deviation"])
    planes = torch.from_numpy(x.transpose(0, 3, 1, 2).astype(np.float32)).flatten(1)
    labels = torch.tensor(dataset.labels(dataset.part("train")))
    return run, planes, (labels, _core.read_tensors(start)[0])


Optimizer = torch.optim.Optimizer


@pytest.mark.parametrize(
    ("options", "optimizer", "loss"),
    [
        ({"optimizer": "sgd"}, "sgd", {}),
        ({"optimizer": "sgd", "nesterov": True}, "nesterov", {}),
        ({}, "adamw", {}),
        ({"clip": 0.01}, "adamw", {"clip": 0.01}),
        ({"label_smoothing": 0.1}, "adamw", {"label_smoothing": 0.1}),
    ],
)
@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "one_cycle"])
def test_steps_equal_those_of_torch(
    schedule: str,
    options: dict[str, Any],
    optimizer: str,
    loss: dict[str, Any],
    photos: Path,
    tmp_path: Path,
) -> None:
    run, x, (labels, start) = full_batch_run(
        photos,
        tmp_path / "run",
        phases=[{"schedule": schedule, "learning_rate": 0.01}],
        rates={"step_epochs": 2, "warm_up": 0.4},
        **options,
    )
    names = list(start)
    weight, bias = (torch.tensor(start[name]).requires_grad_() for name in sorted(names)[::-1])
    groups = [{"params": [weight], "weight_decay": 0.01}, {"params": [bias], "weight_decay": 0}]
    made: Optimizer
    if optimizer == "adamw":
        made = torch.optim.AdamW(groups, lr=0.01)
    else:
        made = torch.optim.SGD(groups, lr=0.01, momentum=0.9, nesterov=optimizer == "nesterov")
    rate = schedule_of(schedule, made)
    loss = dict(loss)
    clip = loss.pop("clip", None)
    for epoch in range(6):
        assert run.history["learning_rate"][epoch] == pytest.approx(
            made.param_groups[0]["lr"], rel=1e-6
        )
        made.zero_grad()
        value = torch.nn.functional.cross_entropy(x @ weight.T + bias, labels, **loss)
        assert run.history["train_loss"][epoch] == pytest.approx(value.item(), rel=1e-6, abs=1e-6)
        value.backward()
        if clip:
            torch.nn.utils.clip_grad_norm_([weight, bias], clip)
        made.step()
        if rate is not None:
            rate.step()


def schedule_of(name: str, optimizer: Optimizer) -> Any:
    rates = torch.optim.lr_scheduler
    if name == "step":
        return rates.StepLR(optimizer, 2, 0.1)
    if name == "cosine":
        rise = rates.LinearLR(optimizer, start_factor=1 / 3, total_iters=2)
        return rates.SequentialLR(optimizer, [rise, rates.CosineAnnealingLR(optimizer, 4)], [2])
    if name == "one_cycle":
        return rates.OneCycleLR(
            optimizer, 0.01, total_steps=6, pct_start=0.25, final_div_factor=4000,
            cycle_momentum=False,
        )  # fmt: skip
    return None


def test_a_plateau_lowers_the_rate_where_torch_does(photos: Path, tmp_path: Path) -> None:
    run, _, _ = full_batch_run(
        photos,
        tmp_path / "run",
        phases=[{"schedule": "plateau", "learning_rate": 0.2}],
        rates={"patience": 0, "factor": 0.3},
    )
    made = torch.optim.SGD([torch.zeros(1)], lr=0.2)
    rate = torch.optim.lr_scheduler.ReduceLROnPlateau(made, factor=0.3, patience=0)
    expected = []
    for loss in run.history["validation_loss"]:
        expected.append(made.param_groups[0]["lr"])
        rate.step(loss)
    assert run.history["learning_rate"] == pytest.approx(expected, rel=1e-6)
    assert len(set(expected)) > 1
