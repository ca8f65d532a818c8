"""Commands about training: train, lr, options, recipes, runs, resume."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

import georgia
from georgia import (
    _core,
    data_commands,
    inspection,
    model_commands,
    option_list,
    recipes,
    run_folder,
)
from georgia.arguments import (
    PrecisionName,
    RunFolder,
    device_option,
    precision_option,
    threads_option,
)
from georgia.display import printable
from georgia.opening import open_dataset
from georgia.request import Request

_Network = Annotated[
    str | None, typer.Option(help="One of georgia networks; the recipe's if not given.")
]
_Weights = Annotated[
    str | None, typer.Option(metavar="FILE|imagenet|none", help="Weights to begin with.")
]
_Size = Annotated[int | None, typer.Option(help="Height and width in pixels.")]
_Batch = Annotated[int | None, typer.Option(help="Images in one step.")]
_Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any of georgia options; repeatable."),
]


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    for command in (train, lr, options, resume, runs, compare_fits):
        app.command()(command)
    app.command("recipes")(list_recipes)


def train(
    data: Annotated[
        Path, typer.Argument(help="One folder per class, a split tree, a manifest or a CSV.")
    ],
    out: Annotated[Path | None, typer.Option(help="The run's folder.")] = None,
    network: _Network = None,
    variant: Annotated[str | None, typer.Option(help="torchvision; keras for ResNets.")] = None,
    head: Annotated[str | None, typer.Option(help="linear, dense, concat or one_logit.")] = None,
    weights: _Weights = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the images.")] = None,
    size: _Size = None,
    batch: _Batch = None,
    learning_rate: Annotated[float | None, typer.Option(help="At its highest.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of every random number; 42.")] = None,
    precision: Annotated[PrecisionName | None, precision_option] = None,
    device: Annotated[str | None, device_option] = None,
    threads: Annotated[int | None, threads_option] = None,
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME", help="One of georgia recipes; default.")
    ] = None,
    time: Annotated[
        str | None, typer.Option(metavar="10m", help="Train as many epochs as fit.")
    ] = None,
    name: Annotated[str, typer.Option(help="For titles of pictures and reports.")] = "",
    rehearse: Annotated[
        bool, typer.Option("--rehearse", help="A tenth of the images, every deliverable.")
    ] = False,
    repeat: Annotated[int, typer.Option(min=1, help="Train and evaluate with N seeds.")] = 1,
    options: Annotated[
        Path | None, typer.Option(metavar="FILE", help="All options as JSON, or a run's own.")
    ] = None,
    assignments: _Assignments = None,
    per_class: Annotated[
        bool, typer.Option("--per-class", help="Scores of every class after each validation.")
    ] = False,
    crop: data_commands.Crop = inspection.NO_CROP,
    depth: data_commands.Depth = inspection.FULL_DEPTH,
    strict: data_commands.Strict = False,
    max_refused: Annotated[
        float, typer.Option(min=0, max=1, help="Share of unreadable images to go on with.")
    ] = 0.01,
) -> None:
    """Train a classifier on a folder of images."""
    given = option_list.read_options(options) if options else None
    asked: dict[str, Any] = {
        "network": network,
        "variant": variant,
        "head": head,
        "weights": weights,
        "epochs": epochs,
        "size": size,
        "batch": batch,
        "learning_rate": learning_rate,
        "seed": seed,
        "precision": precision,
        "device": device,
        "threads": threads,
        "recipe": recipe,
        "time": time,
        "options": given,
        "settings": option_list.settings_of(assignments or []),
        "rehearse": rehearse,
    }
    # What can be refused before the images are read is.
    request = Request.of(**asked)
    planned = request.options()
    _core.resolve_compute(planned.device, planned.precision)
    run_folder.require_free(out)
    dataset = open_dataset(data, crop=crop, depth=depth, strict=strict, progress=True)
    inspection.require_readable(dataset, max_refused)
    if repeat == 1:
        dataset = request.recipe.split(dataset, planned.seed)
    typer.echo(str(dataset))
    model_commands.show_notes()
    asked |= {"out": out, "name": name, "per_class": per_class, "max_refused": max_refused}
    if repeat > 1:
        typer.echo(str(georgia.repeat(dataset, repeat, **asked)))
        return
    run = georgia.train(dataset, **asked)
    typer.echo(str(run))
    typer.echo(f"next: georgia evaluate {printable(run.folder)}")


def lr(
    data: Annotated[Path, typer.Argument(help="As for train.")],
    network: _Network = None,
    weights: _Weights = None,
    size: _Size = None,
    batch: _Batch = None,
    assignments: _Assignments = None,
    steps: Annotated[int, typer.Option(min=10, help="At most.")] = 100,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it (PNG, PDF or SVG).")
    ] = None,
) -> None:
    """Suggest a learning rate by a short training in which it rises."""
    model_commands.show_notes()
    curve = georgia.find_rate(
        data,
        network=network,
        weights=weights,
        size=size,
        batch=batch,
        options=option_list.with_settings(
            _core.TrainOptions(), option_list.settings_of(assignments or [])
        ),
        steps=steps,
    )
    typer.echo(str(curve))
    if picture is not None:
        from georgia import plots

        plots.rate_curve(curve.rates, curve.losses, curve.suggestion).savefig(picture)
        typer.echo(f"written to {printable(picture)}")


def options() -> None:
    """List every option of a training, for --set and TrainOptions."""
    lines = list(option_list.option_lines())
    width = max(len(line.name) for line in lines)
    for line in lines:
        typer.echo(f"{line.name:<{width}}  {json.dumps(line.default):<12}  {line.text}")


def list_recipes(
    name: Annotated[str | None, typer.Argument(help="One of them, to read about.")] = None,
) -> None:
    """List trainings by name, or tell what one does and where it comes from."""
    if name is not None:
        typer.echo(recipes.text(name))
        return
    width = max(len(one) for one in recipes.names())
    for one in recipes.names():
        typer.echo(f"{one:<{width}}  {recipes.text(one).splitlines()[0]}")


def runs(
    folder: Annotated[Path, typer.Argument(help="Where the runs' folders lie.")] = Path("runs"),
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the table.")] = None,
) -> None:
    """List runs: accuracies, what they missed, and how they were trained."""
    table = georgia.runs(folder)
    if csv is not None:
        _core.write_text(csv, table.to_csv())
    typer.echo(str(table) if len(table) else f"no runs in {printable(folder)}")


def compare_fits(
    data: Annotated[Path, typer.Argument(help="As for train.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the runs.")] = None,
    size: _Size = None,
    epochs: Annotated[int | None, typer.Option(help="Of each fit; 20.")] = None,
    seed: Annotated[int, typer.Option(help="Of every random number.")] = 42,
    crop: data_commands.Crop = inspection.NO_CROP,
    depth: data_commands.Depth = inspection.FULL_DEPTH,
) -> None:
    """Train a logistic model with each way into a square, and compare."""
    dataset = open_dataset(data, crop=crop, depth=depth, progress=True)
    typer.echo(str(georgia.compare_fits(dataset, out=out, size=size, epochs=epochs, seed=seed)))


def resume(run: RunFolder) -> None:
    """Continue a training where it stopped."""
    opened = georgia.Run(run)
    if opened.is_finished and (opened.is_delivered or not opened.is_rehearsal):
        typer.echo(f"{opened}; it is finished")
        return
    typer.echo(str(georgia.resume(opened)))
