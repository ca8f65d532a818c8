"""What a vector store tells an exploration: whether it can be asked, and its neighbours."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core
from georgia.display import count_of, printable
from georgia.model import Model

_Place = str | os.PathLike[str]


def status_of(location: _Place, model: Model, stage: str) -> str:
    """Say what a store holds, once it is known that it can be asked for features of this model.

    Raises
    ------
    IoError
        It is not there, or not available.
    BadInput, InvalidOption
        Its vectors come from another model or stage, or are compared in another way.
    """
    from georgia.store import open as open_store

    with open_store(location, model=model, stage=stage, distance="cosine", read_only=True) as kept:
        if not kept.available() or kept.facts is None:
            message = f"[explore] {printable(location)}: no store is there, or it is not available"
            raise _core.IoError(message)
        return f"{location}: available, {count_of(kept.count(), 'record')}"


def stored_neighbours(
    location: _Place,
    features: NDArray[np.float32],
    paths: list[str],
    most: int,
    how: Mapping[str, Any],
) -> list[list[tuple[int, str, str, float]]]:
    """Neighbours of each image: its number among the paths or -1, name, class and cosine."""
    from georgia.store import open as open_store
    from georgia.store.filling import contents_of

    contents = [content for content, _ in contents_of(paths, how["limits"], how["threads"])]
    numbers = {content: i for i, content in enumerate(contents)}
    told = []
    with open_store(location, read_only=True) as kept:
        for own, vector in zip(contents, features, strict=True):
            near = kept.neighbours(vector=vector, k=most + 1) if vector.any() else []
            found = [
                (
                    numbers.get(one.record.content, -1),
                    one.record.image_id,
                    one.record.class_label,
                    1 - one.distance,
                )
                for one in near
                if one.record.content != own
            ]
            told.append(found[:most])
    return told
