"""open(): a store by its place."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from georgia import _core
from georgia.store.backend import Backend
from georgia.store.facts import Wanted
from georgia.store.sqlite import SqliteBackend
from georgia.store.vector_store import VectorStore

if TYPE_CHECKING:
    from georgia.model import Model


def open(
    location: str | os.PathLike[str],
    *,
    model: "Model | None" = None,
    stage: str | None = None,
    dimensions: int | None = None,
    distance: str | None = None,
    api_key: str | None = None,
    read_only: bool = False,
) -> VectorStore:
    """Open a store of vectors, which need not be there yet.

    Parameters
    ----------
    location : str or path
        A path for one SQLite file; ``http://HOST:PORT#Collection`` or ``https://...`` for a
        collection (by default ``Georgia``) on a Weaviate server, whose gRPC is at port 50051 (443
        for https) or at ``?grpc_port=``. A server that cannot be reached is told by `available`.
    model : Model, optional
        The one that made the vectors: needed for queries by image and for `add_images`.
    stage : str, optional
        Of a new store: where in the network features are taken, as in `Model.embed`; by default
        ``features``.
    dimensions : int, optional
        Of a new store without a model: numbers in a vector; by default those of the first.
    distance : str, optional
        Of a new store: ``cosine`` (the default) or ``euclidean``.
    api_key : str, optional
        Of the Weaviate server.
    read_only : bool
        Refuse every change; the file may lie where nothing can be written.

    Returns
    -------
    VectorStore

    Raises
    ------
    BadInput
        The file is no store, damaged, or its vectors come from another model.
    InvalidOption
        The store has another stage, distance or number of dimensions than asked for.
    IoError
        The file cannot be read; or weaviate-client, which is an extra, is missing.

    Examples
    --------
    >>> import georgia, tempfile
    >>> model = georgia.Model.create("small_cnn", classes=["needles", "plates"], size=32)
    >>> images = georgia.synthetic.write(tempfile.mkdtemp(), per_class=2, size=32)
    >>> with georgia.store.open(images / "store.sqlite", model=model) as store:
    ...     print(store.add_images(images))
    ...     nearest = store.neighbours(image=images / "plates/plates_0001.png", k=3)
    8 images added, 0 known already, 0 left out
    >>> nearest[0].record.image_id.endswith("plates_0001.png"), len(nearest)
    (True, 3)
    """
    wanted = Wanted(model, stage, dimensions, distance)
    backend: Backend
    if isinstance(location, str) and location.lower().startswith(("http://", "https://")):
        from georgia.store.weaviate import WeaviateBackend

        backend = WeaviateBackend(location, wanted, api_key=api_key, read_only=read_only)
    else:
        backend = SqliteBackend(Path(location), wanted, read_only=read_only)
    try:
        backend.facts()
    except BaseException as error:
        backend.close()
        # A server may be there later; a file that cannot be read now is a mistake.
        if not isinstance(error, _core.IoError) or isinstance(backend, SqliteBackend):
            raise
    return VectorStore(backend)
