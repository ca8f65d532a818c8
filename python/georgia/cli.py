"""The georgia command."""

import platform
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

import georgia
from georgia import _core, data_commands, model_commands, training_commands
from georgia.arguments import Device, Precision, PrecisionName, RunFolder, Threads
from georgia.demo import EPOCHS, run_demo
from georgia.display import count_of, printable

app = typer.Typer(
    help="Train, check, use and explain image classifiers for microscopy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


_INTERRUPTED = 130  # what typer makes of Ctrl-C


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder to work in.")] = Path("georgia-demo"),
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the images.")] = EPOCHS,
) -> None:
    """Make synthetic crystal images, train, evaluate, predict, and draw pictures of it."""
    run_demo(out, epochs=epochs, say=typer.echo)


data_commands.add_to(app)
training_commands.add_to(app)


@app.command()
def evaluate(
    run: RunFolder,
    split: Annotated[
        str | None,
        typer.Option(help="test, validation, train or calibration; test where there is one."),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(metavar="CLASS", help="A class that must not be missed; repeatable."),
    ] = None,
    precision: Precision = PrecisionName.auto,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Score a run's best model on images it was not trained on."""
    result = georgia.evaluate(
        run,
        split=split,
        targets=target or (),
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
    precision: Precision = PrecisionName.auto,
    device: Device = "auto",
    threads: Threads = 0,
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
        "precision": f"{precision}: {_core.reason_for_precision(device)}",
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
