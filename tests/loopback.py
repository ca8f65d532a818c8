"""A server on this machine: holds one file, breaks off when told to, notes what it was asked."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Site:
    """What the server holds and how it behaves, and what it was asked."""

    def __init__(self, data: bytes, path: str) -> None:
        self.data = data
        self.path = path
        self.version = '"one"'
        self.cuts = 0
        self.knows_ranges = True
        self.shift = 0
        self.redirects: dict[str, str] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.sent = 0
        self.address = ""


class Handler(http.server.BaseHTTPRequestHandler):
    site: Site

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        site, wanted = self.site, self.headers["Range"]
        site.asked.append((self.path, wanted))
        if self.path in site.redirects:
            self.answer(302, {"Location": site.redirects[self.path]})
            return
        if self.path != site.path:
            self.answer(404, {})
            return
        first, size = 0, len(site.data)
        if wanted and site.knows_ranges and self.headers["If-Range"] in {None, site.version}:
            first = int(wanted.removeprefix("bytes=").removesuffix("-")) + site.shift
            if first >= size:
                self.answer(416, {"Content-Range": f"bytes */{size}"})
                return
        headers = {"Content-Length": str(size - first), "ETag": site.version}
        if first:
            headers["Content-Range"] = f"bytes {first}-{size - 1}/{size}"
        body = site.data[first:]
        if site.cuts:
            site.cuts -= 1
            body = body[: len(body) // 2]
        site.sent += len(body)
        self.answer(206 if first else 200, headers, body)

    def answer(self, code: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serve(data: bytes, path: str) -> Iterator[Site]:
    """Run it in a thread; a test sets no_proxy to 127.0.0.1 before."""
    site = Site(data, path)
    handler = type("Here", (Handler,), {"site": site})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        site.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield site
        server.shutdown()
        thread.join()
