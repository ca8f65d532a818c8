"""Sample: one image file of a data set; Refused: one that could not be used."""

from dataclasses import dataclass, field

from georgia import _core


@dataclass(frozen=True, slots=True)
class Sample:
    """One image file of a data set.

    Attributes
    ----------
    path : str
        POSIX path relative to the data set's root.
    label : str
        Name of its class.
    split : str
        ``train``, ``validation``, ``test``, ``calibration``, or empty before splitting.
    group : str
        Images of one group go to one split; empty for an image on its own.
    bytes, sha256
        Size and hash of the file, 0 and empty before it was read.
    facts : FileFacts or None
        What reading the file told.
    """

    path: str
    label: str
    split: str = ""
    group: str = ""
    bytes: int = 0
    sha256: str = ""
    facts: _core.FileFacts | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """An image file that could not be used.

    Attributes
    ----------
    path : str
        POSIX path relative to the data set's root.
    label : str
        The class it was said to be of.
    reason : str
    """

    path: str
    label: str
    reason: str
