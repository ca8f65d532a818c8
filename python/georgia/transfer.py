"""Fetching one file over HTTP: what has come is kept, and the next call goes on from there."""

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any, NoReturn, TypeAlias
from urllib.parse import urlsplit

from georgia import _core
from georgia.display import printable

Advance: TypeAlias = Callable[[str, int, int, float], None] | None
"""A progress callback: stage, megabytes so far, megabytes in all, nothing."""

_CHUNK = 1 << 20
_MEGABYTE = 1_000_000
_TIMEOUT_S = 60  # of silence, not of the whole


def is_http(url: str) -> bool:
    """Tell whether an address is one that this program would open."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def fetch(url: str, part: Path, advance: Advance = None) -> None:
    """Bring a file in whole, continuing what an earlier call left.

    Note [Resuming]: beside the part lies a file with its URL and the server's mark of the version
    (ETag or date). A Range request carries the mark, so that a server whose file has changed since
    sends it all (200) and two versions are never spliced.

    Parameters
    ----------
    url : str
        An http or https address; redirects are followed, but not from https to http.
    part : Path
        Where the bytes go; kept when the transfer breaks.
    advance : callable, optional
        Called with ("download", megabytes so far, megabytes in all, 0) where the size is known.

    Raises
    ------
    IoError
        The server refused, the connection broke, or the disk did.
    """
    mark = part.with_name(f"{part.name}.from")
    have, version = _left_by_earlier_call(part, mark, url)
    if not version:
        have = 0  # nothing would tell a new version of the file from the old one
    headers = {"User-Agent": f"georgia/{_core.__version__}"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": version}
    opener = urllib.request.build_opener(_Redirects)
    try:
        request = urllib.request.Request(url, headers=headers)
        with opener.open(request, timeout=_TIMEOUT_S) as response:
            _receive(url, response, part, mark, have, advance)
    except _core.Error:
        raise
    except urllib.error.HTTPError as error:
        with closing(error):
            is_past_end = error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
            if not (have and is_past_end):
                _fail(url, f"the server answered {error.code} {error.reason}")
            is_whole = _span(error.headers)[1] == have
        if not is_whole:
            part.unlink()
            fetch(url, part, advance)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        _fail(url, f"{reason}; what has come is kept, the next call goes on from there")
    mark.unlink(missing_ok=True)


def _fail(url: str, wrong: str) -> NoReturn:
    message = f"[download] {printable(url)}: {printable(wrong)}"
    raise _core.IoError(message) from None


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a redirect unless it leads away from HTTP, or from https to http."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        is_weaker = req.full_url.startswith("https:") and not newurl.startswith("https:")
        if is_weaker or not is_http(newurl):
            fp.close()
            _fail(req.full_url, f"redirected to {newurl}; expected an address as safe")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _left_by_earlier_call(part: Path, mark: Path, url: str) -> tuple[int, str]:
    """Bytes that can be continued, and the version they are of."""
    if not part.is_file() or not mark.is_file():
        return 0, ""
    origin, _, version = mark.read_text("utf-8").partition("\n")
    return (part.stat().st_size, version) if origin == url else (0, "")


def _span(headers: Message) -> tuple[int, int | None]:
    """First byte and size of the whole file, from Content-Range or Content-Length."""
    length, span = headers["Content-Length"], headers["Content-Range"]
    if span is None:
        return 0, int(length) if length else None
    match = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)", span.strip())
    if match is None:
        message = f"Content-Range is {span}"
        raise ValueError(message)
    end = int(match[2] or 0) + 1  # where the server does not know the size, all it will send
    return int(match[1] or 0), end if match[3] == "*" else int(match[3])


def _receive(url: str, response: Any, part: Path, mark: Path, have: int, advance: Advance) -> None:
    """Write a response's bytes, after those already there if the server agreed to that."""
    if response.status not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
        _fail(url, f"the server answered {response.status}; expected 200 or 206")
    is_continued = response.status == HTTPStatus.PARTIAL_CONTENT
    first, total = _span(response.headers)
    if first != (have if is_continued else 0):
        mark.unlink(missing_ok=True)
        _fail(url, f"the wrong part came; expected it from byte {have}, got it from {first}")
    if not is_continued:
        tag = response.headers["ETag"] or ""
        version = response.headers["Last-Modified"] if tag.startswith("W/") or not tag else tag
        mark.write_text(f"{url}\n{version or ''}", "utf-8")
    size = have if is_continued else 0
    with part.open("ab" if is_continued else "wb") as file:
        while data := response.read(_CHUNK):
            size += file.write(data)
            if advance and total:
                advance("download", -(-size // _MEGABYTE), -(-total // _MEGABYTE), 0.0)
    if total is not None and size != total:
        message = f"ended early; expected {total:,} bytes, got {size:,}"
        raise ConnectionError(message)
