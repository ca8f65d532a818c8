"""Puts the explorer's page together: markup, style, behaviour, plotly and the data."""

import base64
import json
import os
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from georgia import _core
from georgia.display import count_of, page, printable
from georgia.exploration import Exploration
from georgia.explorer.payload import payload

_MIB = 1 << 20
_SCRIPTS = (
    "state",
    "tools",
    "cloud",
    "graph",
    "graph_view",
    "charts",
    "parallel",
    "detail",
    "gallery",
    "panels",
)

# Nothing can be asked of any network, and no text becomes code.
_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:{beside}; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)


def write(exploration: Exploration, path: Path, inside_mib: float) -> Path:
    """Write the page, and a folder of thumbnails beside it where they are too large for it.

    Raises
    ------
    IoError
        It cannot be written.
    """
    size = sum(len(jpeg) for jpeg in exploration.thumbnails)
    if size <= inside_mib * _MIB:
        thumbnails: object = [base64.b64encode(jpeg).decode() for jpeg in exploration.thumbnails]
    else:
        folder = path.with_name(f"{path.stem}_thumbnails")
        _write_beside(folder, exploration.thumbnails)
        thumbnails = quote(os.fsencode(folder.name))
    _core.write_text(path, render(exploration, thumbnails))
    return path


def _write_beside(folder: Path, thumbnails: list[bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"[explore] {printable(folder)}: cannot be written to: {error.strerror}"
        raise _core.IoError(message) from None
    for number, jpeg in enumerate(thumbnails):
        _core.write_bytes(folder / f"{number}.jpg", jpeg)


def render(exploration: Exploration, thumbnails: object) -> str:
    """The page as HTML; thumbnails are a list in base64, or the name of a folder beside it."""
    from plotly.offline import get_plotlyjs

    here = resources.files("georgia.explorer")
    texts = {
        name: here.joinpath(name).read_text("utf-8")
        for name in ("body.html", "style.css", *(f"{script}.js" for script in _SCRIPTS))
    }
    known = json.dumps(payload(exploration) | {"thumbnails": thumbnails}, allow_nan=False)
    known = known.replace("<", "\\u003c")  # so that no name can end the script
    policy = _POLICY.format(beside="" if isinstance(thumbnails, list) else " 'self' file:")
    title = page(exploration.title)
    behaviour = "\n".join(texts[f"{script}.js"] for script in _SCRIPTS)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{texts['style.css']}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n"
        f'<p class="quiet">{page(count_of(len(exploration), "image"))}, '
        f"{page(count_of(len(exploration.clusters.centres), 'cluster'))}</p>\n"
        f"{texts['body.html']}\n"
        f'<script type="application/json" id="data">{known}</script>\n'
        f"<script>{get_plotlyjs()}</script>\n<script>\n{behaviour}</script>\n</body>\n</html>\n"
    )
