"""Where a Weaviate collection is, read from one address."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlsplit

from georgia.display import printable
from georgia.store.record import refuse

_COLLECTION = "Georgia"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,200}")
_CLOUD = ".weaviate.cloud"  # where gRPC has a name of its own


@dataclass(frozen=True)
class Place:
    """A collection on a server, which speaks HTTP and gRPC."""

    host: str
    port: int
    is_secure: bool
    grpc_host: str
    grpc_port: int
    collection: str

    @property
    def location(self) -> str:
        """The address in one line, without secrets."""
        scheme = "https" if self.is_secure else "http"
        return f"{scheme}://{self.host}:{self.port}#{self.collection}"


def place_of(address: str) -> Place:
    """Read ``http://HOST:PORT#Collection``, with ``?grpc_port=`` and ``?grpc_host=`` before #.

    Raises
    ------
    InvalidOption
        It is no such address, or holds a password, which would be shown in messages.
    """
    try:
        parts = urlsplit(address)
        host, given_port = parts.hostname or "", parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        grpc_port = int(options.pop("grpc_port", "0"))
        grpc_host = options.pop("grpc_host", "")
    except ValueError:
        refuse("open", "not an address; expected http://HOST:PORT#Collection")
    if parts.username or parts.password:
        refuse("open", f"a name or password in the address of {printable(host)}; expected api_key")
    if not host or options or parts.path not in {"", "/"}:
        shown = printable(_without_user(parts))
        refuse("open", f"expected http://HOST:PORT?grpc_port=PORT#Collection, got {shown}")
    name = parts.fragment or _COLLECTION
    if not _NAME.fullmatch(name):
        refuse("collection", f"expected a letter, then letters, digits, _; got {printable(name)}")
    is_secure = parts.scheme == "https"
    cloud_host = f"grpc-{host}" if host.endswith(_CLOUD) else host
    return Place(
        host,
        given_port or (443 if is_secure else 8080),
        is_secure,
        grpc_host or cloud_host,
        grpc_port or (443 if is_secure else 50051),
        name[0].upper() + name[1:],  # as the server spells it
    )


def _without_user(parts: SplitResult) -> str:
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
