"""Commands about stores of vectors: store add, store search, store info."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

import georgia
from georgia import store as stores
from georgia.arguments import Device, Threads
from georgia.display import count_of, printable

_Store = Annotated[
    str, typer.Argument(metavar="STORE", help="A file, or http://HOST:PORT#Collection.")
]
_Model = Annotated[Path, typer.Argument(help="A run's folder or a model file.")]
_ApiKey = Annotated[
    str | None,
    typer.Option(envvar="GEORGIA_WEAVIATE_KEY", help="Of the Weaviate server.", show_envvar=True),
]

_commands = typer.Typer(help="Keep features of images, and find images alike.")


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    for command in (add, search, info):
        _commands.command()(command)
    app.add_typer(_commands, name="store", no_args_is_help=True)


def add(
    store: _Store,
    model: _Model,
    images: Annotated[list[Path], typer.Argument(help="Files and folders.")],
    api_key: _ApiKey = None,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Add images with their features, answers and thumbnails; those known are not computed."""
    for path in images:
        if not path.exists():
            message = f"[store] {printable(path)}: no such file or folder"
            raise georgia.IoError(message)
    with stores.open(store, model=georgia.load(model), api_key=api_key) as opened:
        filled = opened.add_images(images, device=device, threads=threads, progress=True)
        typer.echo(str(filled))
        typer.echo(f"{count_of(opened.count(), 'image')} in {opened.location}")
    if not filled.new and not filled.known:
        raise typer.Exit(2)


def search(
    store: _Store,
    model: _Model,
    image: Annotated[Path, typer.Argument(help="One image file.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many.")] = 10,
    label: Annotated[
        list[str] | None, typer.Option(metavar="CLASS", help="Only of these; repeatable.")
    ] = None,
    api_key: _ApiKey = None,
) -> None:
    """List the images of a store that are most like one image, the nearest first."""
    with _existing(store, georgia.load(model), api_key) as opened:
        where = {"class_label": label} if label else None
        for found in opened.neighbours(image=image, k=k, where=where):
            record = found.record
            share = "" if math.isnan(record.confidence) else f"  {record.confidence:.1%}"
            typer.echo(
                f"{found.distance:.4f}  {printable(record.image_id)}  "
                f"{printable(record.class_label)}{share}"
            )


def info(store: _Store, api_key: _ApiKey = None) -> None:
    """Say what a store holds."""
    with _existing(store, None, api_key) as opened:
        facts = opened.facts
        rows = {
            "store": opened.location,
            "images": f"{opened.count():,}",
            "numbers in a vector": facts.dimensions if facts else "",
            "distance": facts.distance if facts else "",
            "model": facts.model if facts else "",
            "stage": facts.stage if facts else "",
        }
        for name, value in rows.items():
            typer.echo(f"{name:<20} {printable(value) or 'not named'}")


@contextmanager
def _existing(
    store: str, model: georgia.Model | None, api_key: str | None
) -> Iterator[stores.VectorStore]:
    """Open a store for reading; one that is not there is a mistake here."""
    with stores.open(store, model=model, api_key=api_key, read_only=True) as opened:
        if opened.facts is None:
            message = f"[store] {opened.location}: no such store; georgia store add makes one"
            raise georgia.IoError(message)
        yield opened
