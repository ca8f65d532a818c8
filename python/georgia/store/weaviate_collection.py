"""One collection on a Weaviate server: connection, schema, and its errors in our words."""

import contextlib
from collections.abc import Iterator
from typing import Any, NoReturn

from georgia import _core
from georgia.display import printable
from georgia.store.facts import Facts
from georgia.store.weaviate_place import place_of

VECTOR = "features"  # what the vector is called, since others may add more
TEXTS = ("content", "image_id", "class_label")
_METRICS = {"cosine": "COSINE", "euclidean": "L2_SQUARED"}
_MAX_MESSAGE = 1000  # characters of what the server says


def import_weaviate() -> Any:
    """Import weaviate-client, which is an optional extra."""
    try:
        import weaviate
        import weaviate.classes
    except ImportError:
        message = (
            "[store] weaviate-client: not installed; expected pip install georgia[weaviate] before"
        )
        raise _core.IoError(message) from None
    return weaviate


class WeaviateCollection:
    """A collection that is connected to when it is used.

    The facts of the store are JSON in the collection's description.
    """

    def __init__(self, address: str, api_key: str | None) -> None:
        self._place = place_of(address)
        self.location = printable(self._place.location)
        self._library = import_weaviate()
        self.classes = self._library.classes
        self._api_key = api_key
        self._client: Any = None

    def read_facts(self) -> Facts | None:
        """What the collection says of itself; None where there is none of that name."""
        if not self._connected().collections.exists(self._place.collection):
            return None
        description = self.handle().config.get(simple=True).description
        return Facts.from_json(description, self.location)

    def make(self, facts: Facts) -> None:
        """Create the collection."""
        config = self.classes.config
        index = config.Configure.VectorIndex.hnsw(
            distance_metric=getattr(config.VectorDistances, _METRICS[facts.distance])
        )
        whole = {"tokenization": config.Tokenization.FIELD, "index_searchable": False}
        properties = [
            config.Property(name=name, data_type=config.DataType.TEXT, **whole) for name in TEXTS
        ]
        properties += [
            config.Property(
                name="confidence", data_type=config.DataType.NUMBER, index_range_filters=True
            ),
            config.Property(name="thumbnail", data_type=config.DataType.BLOB),
        ]
        self._connected().collections.create(
            self._place.collection,
            description=facts.to_json(),
            properties=properties,
            # An empty text is nothing to the server, and found by that.
            inverted_index_config=config.Configure.inverted_index(index_null_state=True),
            vector_config=config.Configure.Vectors.self_provided(
                name=VECTOR, vector_index_config=index
            ),
        )

    def drop(self) -> None:
        """Delete the collection."""
        self._connected().collections.delete(self._place.collection)

    def handle(self) -> Any:
        """The client's own collection."""
        return self._connected().collections.get(self._place.collection)

    def is_live(self) -> bool:
        """Tell whether the server answers by HTTP and gRPC."""
        client = self._connected()
        return bool(client.is_live() and client.is_ready())

    def close(self) -> None:
        """Let go of the connection."""
        if self._client is not None:
            self._client.close()
            self._client = None

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """Make the client's errors ours."""
        try:
            yield
        except self._library.exceptions.WeaviateBaseError as error:
            self.refuse(f"the server or its client says: {error}")

    def refuse(self, what: str) -> NoReturn:
        """Say in one line what the server did not do."""
        line = printable(" ".join(what.split()))[:_MAX_MESSAGE]
        message = f"[store] {self.location}: {line}"
        raise _core.IoError(message) from None

    def _connected(self) -> Any:
        if self._client is None:
            place = self._place
            key = self._api_key
            # Without the client's own checks, one of which asks PyPI for a newer version.
            self._client = self._library.connect_to_custom(
                http_host=place.host,
                http_port=place.port,
                http_secure=place.is_secure,
                grpc_host=place.grpc_host,
                grpc_port=place.grpc_port,
                grpc_secure=place.is_secure,
                auth_credentials=self.classes.init.Auth.api_key(key) if key else None,
                skip_init_checks=True,
            )
        return self._client
