"""Commands about what a model is worth: evaluate, predict, explain, compare, crossval ..."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import georgia
from georgia import _core
from georgia.arguments import Device, Precision, PrecisionName, RunFolder, Threads
from georgia.display import count_of, printable
from georgia.evaluating import MISSED_RATE
from georgia.predictions import Predictions

_Images = Annotated[list[Path], typer.Argument(help="Files and folders.")]
_Model = Annotated[Path, typer.Argument(help="A run's folder or a model file.")]


class Method(StrEnum):
    """What --method takes."""

    layer_cam = "layer-cam"
    grad_cam = "grad-cam"
    integrated_gradients = "integrated gradients"


class Order(StrEnum):
    """What --order takes."""

    name = "name"
    exif = "EXIF"
    mtime = "mtime"


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    for command in (evaluate, predict, explain, compare, crossval):
        app.command()(command)
    app.command("label-errors")(label_errors)


def evaluate(
    run: RunFolder,
    split: Annotated[
        str | None,
        typer.Option(help="test, validation, train or calibration; test where there is one."),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target", "--targets", metavar="CLASS", help="That must not be missed; repeatable."
        ),
    ] = None,
    missed_rate: Annotated[
        float, typer.Option(help="Share of the targets' images that may be missed.")
    ] = MISSED_RATE,
    foreign: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Images of none of the classes.")
    ] = None,
    alpha: Annotated[
        float | None,
        typer.Option(help="How often a prediction set may lack the true class; as before, or 0.1."),
    ] = None,
    precision: Precision = PrecisionName.auto,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Score a run's best model on images it was not trained on, and write its report."""
    if foreign is not None:
        _require_existing([foreign])
    result = georgia.evaluate(
        run,
        split=split,
        targets=target or (),
        missed_rate=missed_rate,
        foreign=foreign,
        alpha=alpha,
        threads=threads,
        device=device,
        precision=precision.value,
        progress=True,
    )
    typer.echo(str(result))
    typer.echo(f"page: {printable(run / 'report.html')}", err=True)


def predict(
    model: _Model,
    images: _Images,
    csv: Annotated[Path | None, typer.Option(help="Write a table here.")] = None,
    tta: Annotated[
        bool, typer.Option("--tta", help="Mean over turns and mirrorings, with the instability.")
    ] = False,
    label_next: Annotated[
        int, typer.Option(min=0, metavar="N", help="List the N least sure, to be labelled next.")
    ] = 0,
    timeline: Annotated[
        str | None, typer.Option(metavar="CLASS", help="Follow its share; alarm when it changes.")
    ] = None,
    order: Annotated[Order, typer.Option(help="Of the timeline.")] = Order.name,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the timeline (PNG, PDF or SVG).")
    ] = None,
    precision: Precision = PrecisionName.auto,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Classify images; exit code 2 when none of them could be read."""
    _require_existing(images)
    predictions = georgia.load(model).predict(
        images, threads=threads, device=device, precision=precision.value, tta=tta, progress=True
    )
    if not predictions:
        message = f"[predict] {printable(images[0])}: no images in it"
        raise georgia.BadInput(message)
    if csv is not None:
        _core.write_text(csv, predictions.to_csv())
    elif timeline is None and not label_next:
        _show(predictions)
    if label_next:
        typer.echo("least sure, to be labelled next:")
        for i in predictions.least_sure(label_next):
            p = predictions[i]
            typer.echo(f"  {printable(p.path)}  {printable(p.label)}  {p.confidence:.1%}")
    if timeline is not None:
        _show_timeline(predictions, timeline, order, picture)
    failed = sum(1 for error in predictions.errors if error)
    typer.echo(f"computed in {predictions.precision} on {predictions.device}", err=True)
    typer.echo(
        f"{count_of(len(predictions), 'image')}, {failed} could not be read"
        + (f"; written to {printable(csv)}" if csv else ""),
        err=csv is None,
    )
    if failed == len(predictions):
        raise typer.Exit(2)


def _require_existing(paths: list[Path]) -> None:
    for path in paths:
        if not path.exists():
            message = f"[predict] {printable(path)}: no such file or folder"
            raise georgia.IoError(message)


def _show(predictions: Predictions) -> None:
    for i, p in enumerate(predictions):
        answer = printable(p.error) if p.error else f"{printable(p.label)}  {p.confidence:.1%}"
        if p.is_outlier:
            answer += "  (outlier: of none of the classes, or an unusual one)"
        if predictions.instability is not None and not p.error:
            answer += f"  instability {predictions.instability[i]:.2f}"
        typer.echo(f"{printable(p.path)}  {answer}")


def _show_timeline(
    predictions: Predictions, label: str, order: Order, picture: Path | None
) -> None:
    found = georgia.timeline(predictions, label, order=order.value)
    typer.echo(str(found))
    if picture is not None:
        from georgia import plots

        plots.timeline(found).savefig(picture)
        typer.echo(f"written to {printable(picture)}")


def explain(
    model: _Model,
    images: _Images,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write image, map and overlay of each.")
    ] = None,
    label: Annotated[
        str | None, typer.Option(metavar="CLASS", help="To explain; by default the answer.")
    ] = None,
    stage: Annotated[
        str, typer.Option(help="Or a layer of georgia summary; the last planes.")
    ] = "",
    method: Annotated[Method, typer.Option(help="How the map is made.")] = Method.layer_cam,
    checks: Annotated[
        bool, typer.Option("--checks/--no-checks", help="Whether the map can be believed.")
    ] = True,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the first eight (PNG, PDF or SVG).")
    ] = None,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Show where in images a model finds its reasons, and how far that can be believed."""
    _require_existing(images)
    found = georgia.load(model).explain(
        images,
        label=label,
        stage=stage,
        method=method.value,
        checks=checks,
        device=device,
        threads=threads,
        progress=True,
    )
    if not found.paths:
        message = f"[explain] {printable(images[0])}: no images in it"
        raise georgia.BadInput(message)
    typer.echo(str(found))
    if out is not None:
        typer.echo(f"written to {printable(found.save(out))}")
    if picture is not None:
        from georgia import plots

        plots.explanations(found).savefig(picture)
        typer.echo(f"written to {printable(picture)}")
    if all(found.errors):
        raise typer.Exit(2)


def compare(
    first: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")],
    second: Annotated[Path, typer.Argument(metavar="RUN", help="Another's.")],
    split: Annotated[
        str | None, typer.Option(help="Of the first; test where there is one.")
    ] = None,
) -> None:
    """Compare two runs' models on the same images by McNemar's test."""
    typer.echo(str(georgia.compare(first, second, split=split, progress=True)))


def crossval(
    data: Annotated[Path, typer.Argument(help="As for train.")],
    out: Annotated[Path | None, typer.Option(help="Folder for the runs.")] = None,
    folds: Annotated[
        str, typer.Option(metavar="N|groups", help="How many, or one named group at a time.")
    ] = "5",
    groups: Annotated[
        str, typer.Option(help="duplicates, none, FILE.csv:COLUMN or a regular expression.")
    ] = "duplicates",
    network: Annotated[str | None, typer.Option(help="The recipe's if not given.")] = None,
    weights: Annotated[str | None, typer.Option(metavar="FILE|imagenet|none")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the images.")] = None,
    size: Annotated[int | None, typer.Option(help="Height and width in pixels.")] = None,
    recipe: Annotated[str | None, typer.Option(metavar="NAME", help="default.")] = None,
    seed: Annotated[int, typer.Option(help="Of folds and trainings.")] = 42,
) -> None:
    """Train on all but one fold after another; each image is scored by a model that missed it."""
    found = georgia.cross_validate(
        data,
        folds=int(folds) if folds.isdecimal() else folds,
        groups=groups,
        out=out,
        seed=seed,
        network=network,
        weights=weights,
        epochs=epochs,
        size=size,
        recipe=recipe,
    )
    typer.echo(str(found))
    typer.echo(f"next: georgia label-errors {printable(found.folder)}")


def label_errors(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="A run's folder, or that of a cross-validation.")
    ],
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the list.")] = None,
    folds: Annotated[int, typer.Option(min=3, help="Where a cross-validation is made.")] = 5,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the first 24 (PNG, PDF or SVG).")
    ] = None,
) -> None:
    """List images whose label may be wrong, by copies and by models that missed them."""
    found = georgia.label_errors(run, folds=folds)
    typer.echo(str(found))
    if csv is not None:
        _core.write_text(csv, found.to_csv())
        typer.echo(f"written to {printable(csv)}")
    if picture is not None and len(found):
        from georgia import plots

        shown = found.suspects[:24]
        images = [georgia.read_image(suspect.path) for suspect in shown]
        titles = [f"{suspect.given}\nlikely {suspect.likely}" for suspect in shown]
        plots.samples(images, titles).savefig(picture)
        typer.echo(f"written to {printable(picture)}")
