"""Arguments that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class PrecisionName(StrEnum):
    """What --precision takes."""

    auto = "auto"
    float32 = "float32"
    bfloat16 = "bfloat16"


device_option = typer.Option(metavar="auto|cpu|cuda[:N]", help="Where to compute.")
precision_option = typer.Option(help="In which type to compute.")
threads_option = typer.Option(min=0, help="Threads; 0: every usable core.")
Device = Annotated[str, device_option]
Precision = Annotated[PrecisionName, precision_option]
Threads = Annotated[int, threads_option]
RunFolder = Annotated[Path, typer.Argument(metavar="RUN", help="Folder that train made.")]
