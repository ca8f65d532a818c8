"""Commands about models: networks, summary, import, export."""

import logging
from pathlib import Path
from typing import Annotated

import typer

import georgia
from georgia import importing
from georgia.arguments import Device, Precision, PrecisionName
from georgia.display import printable

_Model = Annotated[Path, typer.Argument(metavar="MODEL", help="A run's folder or a model file.")]


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    app.command()(networks)
    app.command()(summary)
    app.command()(plan)
    app.command("import")(import_file)
    app.command()(export)


def show_notes() -> None:
    """Let what the library logs about weights be seen in the shell."""
    logger = logging.getLogger("georgia")
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler())
    logger.setLevel(logging.INFO)


def networks() -> None:
    """List the networks there are."""
    typer.echo(str(georgia.networks()))


def summary(model: _Model) -> None:
    """Show a model's layers, parameters and multiply-adds."""
    typer.echo(str(georgia.load(model).summary()))


def plan(
    model: _Model,
    timed: Annotated[bool, typer.Option("--timed", help="Measure each kernel here.")] = False,
    precision: Precision = PrecisionName.auto,
    device: Device = "auto",
) -> None:
    """Show in which kernels a model computes its answers."""
    found = georgia.load(model).plan(timed=timed, device=device, precision=precision)
    typer.echo(str(found))


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="safetensors, pth, h5, onnx ...")],
    out: Annotated[Path, typer.Option(help="The model file to write.")] = Path("model.safetensors"),
    network: Annotated[str | None, typer.Option(help="Found out where not given.")] = None,
    classes: Annotated[
        str | None, typer.Option(help="How many, or their names, separated by commas.")
    ] = None,
    size: Annotated[int | None, typer.Option(help="Height and width of the input.")] = None,
    normalisation: Annotated[
        str | None, typer.Option(help="imagenet, caffe, unit or centred.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--list", help="Show the file's tensors; write nothing.")
    ] = False,
) -> None:
    """Make a model of another program's file."""
    if show:
        for name, shape, kind in importing.contents(file):
            typer.echo(f"{printable(name)}  {list(shape)}  {kind}")
        return
    if out.exists() and not out.is_dir():
        message = (
            f"[import] {printable(out)}: exists and is not overwritten; "
            "expected another name by --out"
        )
        raise georgia.InvalidOption(message)
    model = georgia.import_model(
        file,
        network=network,
        classes=None if classes is None else _classes(classes),
        size=size,
        normalisation=normalisation,
    )
    for note in model.notes:
        typer.echo(printable(note))
    model.save(out)
    typer.echo(f"{model}; written to {printable(out)}")


def _classes(text: str) -> int | list[str]:
    return int(text) if text.isdecimal() else [name.strip() for name in text.split(",")]


def export(
    model: _Model,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".safetensors .pth .onnx .h5")],
    floats: Annotated[
        bool, typer.Option("--floats", help="ONNX: float32 NCHW instead of uint8 NHWC.")
    ] = False,
    sigmoid: Annotated[bool, typer.Option("--sigmoid", help="h5: one unit for two classes.")] = (
        False
    ),
) -> None:
    """Write a model for other programs and check the file against the model."""
    written = georgia.load(model).export(
        file, input="float32" if floats else "uint8", sigmoid=sigmoid
    )
    typer.echo(str(written))
