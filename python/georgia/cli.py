"""The georgia command."""

import platform
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

import georgia
from georgia import (
    _core,
    data_commands,
    evaluation_commands,
    exploration_commands,
    model_commands,
    store_commands,
    training_commands,
)
from georgia.demo import EPOCHS, run_demo
from georgia.display import printable

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


evaluation_commands.add_to(app)
exploration_commands.add_to(app)
model_commands.add_to(app)
store_commands.add_to(app)


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
        goes_on = sys.argv[1:2] in (["train"], ["resume"])
        how = "; the training goes on with: georgia resume RUN" if goes_on else ""
        typer.echo(f"georgia: stopped{how}", err=True)
    sys.exit(code)
