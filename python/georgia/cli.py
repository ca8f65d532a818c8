"""The georgia command."""

import json
import platform
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

import georgia
from georgia import _core, data_commands, inspection, model_commands, option_list
from georgia.demo import EPOCHS, run_demo
from georgia.display import count_of, printable
from georgia.opening import open_dataset

app = typer.Typer(
    help="Train, check, use and explain image classifiers for microscopy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


_INTERRUPTED = 130  # what typer makes of Ctrl-C


class PrecisionName(StrEnum):
    """What --precision takes."""

    auto = "auto"
    float32 = "float32"
    bfloat16 = "bfloat16"


_device = typer.Option(metavar="auto|cpu|cuda[:N]", help="Where to compute.")
_precision = typer.Option(help="In which type to compute.")
_threads = typer.Option(min=0, help="Threads; 0: every usable core.")
_Device = Annotated[str, _device]
_Precision = Annotated[PrecisionName, _precision]
_Threads = Annotated[int, _threads]
_Network = Annotated[
    str | None, typer.Option(help="One of georgia networks; resnet18 if not given.")
]
_Weights = Annotated[
    str | None, typer.Option(metavar="FILE|imagenet|none", help="Weights to begin with.")
]
_Size = Annotated[int | None, typer.Option(help="Height and width in pixels; 128.")]
_Batch = Annotated[int | None, typer.Option(help="Images in one step; 32.")]
_Assignments = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Any of georgia options; repeatable."),
]
_RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder that train made.")]


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder to work in.")] = Path("georgia-demo"),
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the images.")] = EPOCHS,
) -> None:
    """Make synthetic crystal images, train, evaluate, predict, and draw pictures of it."""
    run_demo(out, epochs=epochs, say=typer.echo)


data_commands.add_to(app)


@app.command()
def train(
    data: Annotated[
        Path, typer.Argument(help="One folder per class, a split tree, a manifest or a CSV.")
    ],
    out: Annotated[Path | None, typer.Option(help="The run's folder.")] = None,
    network: _Network = None,
    variant: Annotated[str | None, typer.Option(help="torchvision; keras for ResNets.")] = None,
    head: Annotated[str | None, typer.Option(help="linear, dense, concat or one_logit.")] = None,
    weights: _Weights = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the images; 10.")] = None,
    size: _Size = None,
    batch: _Batch = None,
    learning_rate: Annotated[float | None, typer.Option(help="At its highest; 0.001.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of every random number; 42.")] = None,
    precision: Annotated[PrecisionName | None, _precision] = None,
    device: Annotated[str | None, _device] = None,
    threads: Annotated[int | None, _threads] = None,
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
    given = option_list.read_options(options) if options else _core.TrainOptions()
    chosen = option_list.with_assignments(given, assignments or [])
    _core.resolve_compute(device or chosen.device, precision or chosen.precision)  # refused early
    dataset = open_dataset(data, crop=crop, depth=depth, strict=strict, progress=True)
    inspection.require_readable(dataset, max_refused)
    if not dataset.is_split:
        dataset = dataset.split(seed=chosen.seed if seed is None else seed)
    typer.echo(str(dataset))
    model_commands.show_notes()
    run = georgia.train(
        dataset,
        out=out,
        network=network,
        variant=variant,
        head=head,
        weights=weights,
        epochs=epochs,
        size=size,
        batch=batch,
        learning_rate=learning_rate,
        seed=seed,
        precision=precision,
        device=device,
        threads=threads,
        options=chosen,
        per_class=per_class,
        max_refused=max_refused,
    )
    typer.echo(str(run))
    typer.echo(f"next: georgia evaluate {printable(run.folder)}")


@app.command()
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
        options=option_list.with_assignments(_core.TrainOptions(), assignments or []),
        steps=steps,
    )
    typer.echo(str(curve))
    if picture is not None:
        from georgia import plots

        plots.rate_curve(curve.rates, curve.losses, curve.suggestion).savefig(picture)
        typer.echo(f"written to {printable(picture)}")


@app.command()
def options() -> None:
    """List every option of a training, for --set and TrainOptions."""
    lines = list(option_list.option_lines())
    width = max(len(line.name) for line in lines)
    for line in lines:
        typer.echo(f"{line.name:<{width}}  {json.dumps(line.default):<12}  {line.text}")


@app.command()
def resume(run: _RunFolder) -> None:
    """Continue a training where it stopped."""
    opened = georgia.Run(run)
    if opened.is_finished:
        typer.echo(f"{opened}; it is finished")
        return
    typer.echo(str(georgia.resume(opened)))


@app.command()
def evaluate(
    run: _RunFolder,
    split: Annotated[
        str | None,
        typer.Option(help="test, validation, train or calibration; test where there is one."),
    ] = None,
    precision: _Precision = PrecisionName.auto,
    device: _Device = "auto",
    threads: _Threads = 0,
) -> None:
    """Score a run's best model on images it was not trained on."""
    result = georgia.evaluate(
        run,
        split=split,
        threads=threads,
        device=device,
        precision=precision.value,
        progress=True,
    )
    typer.echo(str(result))


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(help="A run's folder or a model file.")],
    images: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    csv: Annotated[Path | None, typer.Option(help="Write a table here.")] = None,
    precision: _Precision = PrecisionName.auto,
    device: _Device = "auto",
    threads: _Threads = 0,
) -> None:
    """Classify images; exit code 2 when none of them could be read."""
    missing = [path for path in images if not path.exists()]
    if missing:
        message = f"[predict] {printable(missing[0])}: no such file or folder"
        raise georgia.IoError(message)
    predictions = georgia.load(model).predict(
        images, threads=threads, device=device, precision=precision.value, progress=True
    )
    if not predictions:
        message = f"[predict] {printable(images[0])}: no images in it"
        raise georgia.BadInput(message)
    if csv is not None:
        _core.write_text(csv, predictions.to_csv())
    else:
        for p in predictions:
            answer = printable(p.error) if p.error else f"{printable(p.label)}  {p.confidence:.1%}"
            typer.echo(f"{printable(p.path)}  {answer}")
    failed = sum(1 for error in predictions.errors if error)
    typer.echo(f"computed in {predictions.precision} on {predictions.device}", err=True)
    typer.echo(
        f"{count_of(len(predictions), 'image')}, {failed} could not be read"
        + (f"; written to {printable(csv)}" if csv else ""),
        err=csv is None,
    )
    if failed == len(predictions):
        raise typer.Exit(2)


model_commands.add_to(app)


@app.command()
def info() -> None:
    """Print versions, processor, device, precision and library paths."""
    import torch

    facts: dict[str, Any] = _core.machine()
    device, precision = _core.resolve_compute("auto", "auto")
    features = [name for name in ("avx2", "avx512", "avx512_bf16", "amx_bf16") if facts[name]]
    rows = {
        "georgia": georgia.__version__,
        "torch": f"{torch.__version__} (built for {_core.torch_minor})",
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": facts["cpu"],
        "features": ", ".join(features) or "none of AVX2, AVX-512, bfloat16",
        "usable cores": facts["cores"],
        "device": device,
        "precision": precision,
        "core library": _core.__file__,
        "torch library": Path(torch.__file__).parent / "lib",
        "networks": ", ".join(_core.network_names()),
    }
    for name, value in rows.items():
        typer.echo(f"{name:<14} {value}")


def _terminate(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command; our own errors become one line and exit code 2."""
    signal.signal(signal.SIGTERM, _terminate)  # a training saves its state, as after Ctrl-C
    try:
        code = app(standalone_mode=False)
    except _core.InternalError:
        raise
    except (georgia.Error, MemoryError) as error:
        first, *details = str(error).split("\n  ")  # a list of what does not fit
        line = f"{first} {'; '.join(details)}".rstrip()
        typer.echo(f"georgia: {printable(line)}", err=True)
        code = 2
    except Exception as error:
        if not hasattr(error, "format_message"):  # anything but click's own usage errors
            raise
        if error.format_message():  # none where help was printed instead
            typer.echo(f"georgia: {printable(error.format_message())}", err=True)
        code = 2
    if code == _INTERRUPTED:
        typer.echo("georgia: stopped; a training goes on with: georgia resume RUN", err=True)
    sys.exit(code)
