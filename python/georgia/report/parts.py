"""What the report is put together from."""

import base64
import io
from collections.abc import Sequence
from typing import Any

from georgia.display import page


def chart(figure: Any, words: str) -> str:
    """A figure as an image inside the page."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg")
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img class="chart" alt="{page(words)}" src="data:image/svg+xml;base64,{data}">'


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table; its cells are escaped."""
    head = "".join(f"<th>{page(name)}</th>" for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td>{page(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
