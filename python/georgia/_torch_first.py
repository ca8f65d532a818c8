"""Loads torch before the core, so that one set of its libraries is in the process."""

import torch

from georgia._built_for import TORCH_MINOR

_found = str(torch.__version__)
if not _found.startswith(TORCH_MINOR + "."):
    _message = (
        f"this georgia was built for torch {TORCH_MINOR}, but torch {_found} is installed; "
        f'install a matching one: pip install "torch=={TORCH_MINOR}.*"'
    )
    raise ImportError(_message)
