"""Commands that lay images out: explore."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import georgia
from georgia import _core
from georgia.arguments import Device, Threads
from georgia.display import printable


class ProjectionName(StrEnum):
    """What --projection takes."""

    pca = "pca"
    umap = "umap"


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(explore)


def explore(
    source: Annotated[
        Path, typer.Argument(metavar="RUN|FOLDER", help="A run, a folder or a table of images.")
    ],
    model: Annotated[
        Path | None,
        typer.Option(metavar="RUN|FILE", help="A trained model, for images of another folder."),
    ] = None,
    network: Annotated[
        str | None, typer.Option(help="Instead of a model; resnet18 where neither is given.")
    ] = None,
    weights: Annotated[
        str | None, typer.Option(metavar="FILE|imagenet|none", help="Of the network.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="FILE.html", help="The page.")] = Path(
        "explorer.html"
    ),
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write cluster and components of each.")
    ] = None,
    clusters: Annotated[
        int | None, typer.Option(min=1, help="As many as classes, or 4, if not given.")
    ] = None,
    neighbours: Annotated[int, typer.Option(min=1, max=10, help="Of each image in the graph.")] = 5,
    projection: Annotated[
        ProjectionName, typer.Option(help="Of the first picture.")
    ] = ProjectionName.pca,
    every: Annotated[int, typer.Option(min=1, help="One image of so many.")] = 1,
    maps: Annotated[
        int, typer.Option(min=0, help="Images for which it is shown where the network looked.")
    ] = 48,
    store: Annotated[
        str | None, typer.Option(metavar="FILE|URL", help="Ask a vector store for neighbours.")
    ] = None,
    inside: Annotated[
        float, typer.Option(metavar="MIB", help="Larger thumbnails stand in a folder beside.")
    ] = 32,
    seed: Annotated[int, typer.Option(min=0, help="Of clusters and projections.")] = 42,
    device: Device = "auto",
    threads: Threads = 0,
) -> None:
    """Lay images out by what a network sees: one page of linked views that needs no network."""
    for file in filter(None, (out, csv)):
        wrong = ""  # told now, not after all the work
        if not file.absolute().parent.is_dir():
            wrong = f"{printable(file.parent)}: no such folder"
        elif file.is_dir():
            wrong = f"{printable(file)}: is a folder; expected a file"
        if wrong:
            message = f"[explore] {wrong}"
            raise georgia.IoError(message)
    found = georgia.explore(
        source,
        model=model,
        network=network,
        weights=weights,
        clusters=clusters,
        neighbours=neighbours,
        projection=projection.value,
        every=every,
        maps=maps,
        store=store,
        seed=seed,
        device=device,
        threads=threads,
        progress=True,
    )
    typer.echo(str(found))
    if csv is not None:
        _core.write_text(csv, found.to_csv())
        typer.echo(f"written to {printable(csv)}")
    typer.echo(f"page: {printable(found.write(out, inside_mib=inside))}")
