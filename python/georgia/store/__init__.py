"""Stores of vectors, which tell the images that look like one image.

`open` gives a `VectorStore`: one SQLite file, or a collection on the user's Weaviate server.
"""

from georgia.store.facts import Facts as Facts
from georgia.store.filling import Filled as Filled
from georgia.store.filling import Skipped as Skipped
from georgia.store.opening import open as open
from georgia.store.record import Neighbour as Neighbour
from georgia.store.record import Record as Record
from georgia.store.vector_store import Added as Added
from georgia.store.vector_store import VectorStore as VectorStore
