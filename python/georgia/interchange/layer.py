"""One layer of a network, as far as the names and shapes of its weights are concerned."""

from collections.abc import Sequence
from typing import Protocol


class Layer(Protocol):
    """A node of a network, in computing order; what foreign files are matched with."""

    @property
    def name(self) -> str:
        """Unique; the prefix of its tensors' names."""

    @property
    def operation(self) -> str:
        """What it computes: convolution, batch_norm, linear, ..."""

    @property
    def stage(self) -> str:
        """Part of the network it belongs to: stem, stage1, ..., head."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of its output, without N: (C, H, W) or (D,)."""

    @property
    def tensors(self) -> Sequence[str]:
        """Full names of its tensors."""

    @property
    def epsilon(self) -> float:
        """Of a batch norm, added to the variance; 0 where it has none."""
