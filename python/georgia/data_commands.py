"""Commands about data: scan, audit, split, verify, fetch."""

import json
from pathlib import Path
from typing import Annotated

import typer

import georgia
from georgia import _core, inspection
from georgia.display import printable
from georgia.opening import open_dataset

Data = Annotated[
    Path, typer.Argument(metavar="DATA", help="One folder per class, a split tree, or a CSV.")
]
Crop = Annotated[
    tuple[int, int, int, int],
    typer.Option(metavar="TOP RIGHT BOTTOM LEFT", help="Pixels to cut away at each side."),
]
Depth = Annotated[
    tuple[int, int],
    typer.Option(metavar="LOW HIGH", help="16-bit values that become 0 and 255."),
]
Strict = Annotated[bool, typer.Option("--strict", help="Stop at the first unreadable image.")]
Label = Annotated[
    str | None, typer.Option(help="Regular expression that finds the class in a file's name.")
]
Threads = Annotated[int, typer.Option(min=0, help="Threads; 0: every usable core.")]


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    for command in (scan, audit, split, verify, fetch):
        app.command()(command)


def scan(
    data: Data,
    label: Label = None,
    crop: Crop = inspection.NO_CROP,
    depth: Depth = inspection.FULL_DEPTH,
    strict: Strict = False,
    threads: Threads = 0,
) -> None:
    """Read every image once and say what there is."""
    dataset = open_dataset(
        data, crop=crop, depth=depth, label=label, strict=strict, threads=threads, progress=True
    )
    typer.echo(str(dataset))
    typer.echo(f"next: georgia audit {printable(data)}")


def audit(
    data: Data,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write everything here.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it (PNG, PDF or SVG).")
    ] = None,
    label: Label = None,
    crop: Crop = inspection.NO_CROP,
    depth: Depth = inspection.FULL_DEPTH,
    threads: Threads = 0,
) -> None:
    """Look for copies, leaks, shortcuts and damaged files before training."""
    dataset = open_dataset(
        data, crop=crop, depth=depth, label=label, threads=threads, progress=True
    )
    result = dataset.audit()
    typer.echo(str(result))
    if json_file is not None:
        _core.write_text(json_file, json.dumps(result.to_dict(), indent=1) + "\n")
        typer.echo(f"\nwritten to {printable(json_file)}")
    if picture is not None:
        from georgia import plots

        plots.audit(result.to_dict()).savefig(picture)
        typer.echo(f"picture: {printable(picture)}")


def split(
    data: Data,
    out: Annotated[Path, typer.Option(help="The manifest to write, at or above the images.")],
    train: Annotated[float, typer.Option(min=0, max=1, help="Share to train on.")] = 0.7,
    validation: Annotated[float, typer.Option(min=0, max=1, help="To choose by.")] = 0.15,
    test: Annotated[float, typer.Option(min=0, max=1, help="To score on.")] = 0.15,
    calibration: Annotated[float, typer.Option(min=0, max=1, help="For thresholds.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal splits.")] = 42,
    groups: Annotated[
        str,
        typer.Option(help="duplicates, none, similar, FILE.csv:COLUMN or a regular expression."),
    ] = "duplicates",
    model: Annotated[
        Path | None, typer.Option(metavar="RUN|FILE", help="For --groups similar.")
    ] = None,
    mode: Annotated[str, typer.Option(help="grouped or contiguous.")] = "grouped",
    label: Label = None,
    strict: Strict = False,
) -> None:
    """Split images by shares, groups kept together, and write a manifest."""
    dataset = open_dataset(data, label=label, strict=strict, progress=True).split(
        train=train,
        validation=validation,
        test=test,
        calibration=calibration,
        seed=seed,
        groups=groups,
        model=model,
        mode=mode,
    )
    dataset.save(out)
    typer.echo(str(dataset))
    typer.echo(f"written to {printable(out)}; next: georgia train {printable(out)}")


def verify(
    table: Annotated[Path, typer.Argument(metavar="MANIFEST", help="What split wrote.")],
) -> None:
    """Hash every file anew and name those that changed, are missing or extra; then exit code 1."""
    result = georgia.Dataset.load(table).verify()
    typer.echo(str(result))
    if not result:
        raise typer.Exit(1)


def fetch(
    name: Annotated[
        str | None, typer.Argument(help="A public data set or weights/NETWORK; none lists them.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to unpack into.")] = None,
    archive: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="ARCHIVE", help="A file you fetched by hand, or several."),
    ] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="You have read it.")
    ] = False,
    max_members: Annotated[
        int | None, typer.Option(min=1, help="Most files the archive may hold.")
    ] = None,
) -> None:
    """Show the source and licence of a data set or of weights; fetch when you accept them."""
    from georgia.download import download, registry

    sets = registry()
    if name is None:
        for entry in sets.values():
            typer.echo(f"{entry}\n")
        _list_weights()
        return
    kind, _, which = name.partition("/")
    if kind == "weights":
        if out is not None or archive is not None or max_members is not None:
            message = f"[fetch] {printable(name)}: --out, --from and --max-members are of data sets"
            raise _core.InvalidOption(message)
        _fetch_weights(which, accept_licence)
        return
    if name not in sets:
        known = ", ".join(sets)
        message = (
            f"[fetch] {printable(name)}: no such set; expected one of {known}, or weights/NAME"
        )
        raise _core.InvalidOption(message)
    typer.echo(str(sets[name]))
    folder = download(
        name,
        out,
        archive=archive,
        accept_licence=accept_licence,
        max_members=max_members,
    )
    typer.echo(f"{printable(folder)}; next: georgia audit {printable(folder)}")


def _list_weights() -> None:
    from georgia.pretrained import pretrained

    typer.echo("trained on ImageNet; georgia fetch weights/NAME shows whose terms apply")
    for entry in pretrained().values():
        name = f"weights/{entry.name}"
        typer.echo(printable(f"  {name:<24} {entry.licence:<13} {entry.variant:<12} {entry.file}"))


def _fetch_weights(name: str, accept_licence: bool) -> None:
    from georgia.pretrained import fetch as fetch_weights
    from georgia.pretrained import pretrained

    entries = pretrained()
    if name in entries:
        typer.echo(str(entries[name]))
    typer.echo(printable(fetch_weights(name, accept_licence=accept_licence)))
