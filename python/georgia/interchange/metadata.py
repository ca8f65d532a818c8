"""What an exported file says of itself: one header in every format, checked in one place."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from georgia import _core
from georgia.display import printable

_MAX_CLASSES = 1_000_000


@dataclass(frozen=True)
class Said:
    """Network, head, preprocessing and classes by a file of ours."""

    network: str
    variant: str
    head: _core.HeadOptions
    preprocess: _core.Preprocess
    classes: tuple[str, ...]


def header_of(file: _core.ModelFile, head: _core.HeadOptions | None = None) -> dict[str, Any]:
    """Describe a model; another head where the file holds it in another form."""
    return {
        "architecture": file.architecture,
        "variant": file.variant,
        "head": (head or file.head).to_dict(),
        "preprocess": file.preprocess.to_dict(),
        "classes": file.classes,
    }


def said_by(file: _core.ModelFile) -> Said:
    """The same of a model file, which is checked where it is read."""
    return Said(file.architecture, file.variant, file.head, file.preprocess, tuple(file.classes))


def parse(path: Path, text: str, classes: str | None = None) -> Said:
    """Check a header that anyone may have written.

    Parameters
    ----------
    path : Path
        Whose header it is.
    text : str
        JSON as `header_of` has it.
    classes : str, optional
        JSON of their names, for files that keep them apart.

    Raises
    ------
    BadInput
        It is damaged.
    """
    try:
        header = _object(json.loads(text), "header")
        network, variant = header["architecture"], header["variant"]
        if network not in _core.network_names() or variant not in _core.network_variants(network):
            _wrong("architecture, variant: expected a network of the zoo", f"{network} ({variant})")
        head, preprocess = header["head"], _object(header["preprocess"], "preprocess")
        names = header["classes"] if classes is None else json.loads(classes)
        is_list = isinstance(names, list) and 0 < len(names) <= _MAX_CLASSES
        if not is_list or not all(isinstance(name, str) and name for name in names):
            _wrong("classes: expected a list of names", type(names).__name__)
        if len(set(names)) < len(names):
            _wrong("classes: expected different names", "some twice")
        if isinstance(head, str):
            head = _core.head_preset(head).to_dict()
        options = _core.HeadOptions.from_dict(_object(head, "head"))
        how = _core.Preprocess.from_dict(preprocess)
        size = min(how.height, how.width)
        asked = _core.TrainOptions(
            network=network, variant=variant, head=options, preprocess=how,
            phases=[_core.Phase(size=size)],
        )  # fmt: skip
        _core.check_network(asked, len(names))
        return Said(network, variant, options, how, tuple(names))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError,
            _core.Error) as error:  # fmt: skip
        what = " ".join(str(error).split()) or type(error).__name__
        message = f"[weights] {printable(path)}: damaged metadata: {printable(what[:200])}"
        raise _core.BadInput(message) from None


def _object(value: Any, subject: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        _wrong(f"{subject}: expected an object", type(value).__name__)
    return dict(value)


def _wrong(expected: str, got: str) -> None:
    message = f"{expected}, got {got}"
    raise ValueError(message)
