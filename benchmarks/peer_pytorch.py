"""The peer of W2 and W7: training all of a ResNet in plain PyTorch, as written by most, and tuned.

Stock is float32. Tuned is bfloat16 autocast, channels-last, with a fused optimizer; the malloc
settings come from the environment.
"""

import time

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.peer_photos import Loader, ToInput
from benchmarks.peer_resnet import resnet


class Training:
    """A network and its optimizer; `epoch` trains on every image once."""

    def __init__(self, layers: int, classes: int, *, tuned: bool) -> None:
        torch.manual_seed(0)
        self.tuned = tuned
        self.network: nn.Module = resnet(layers, classes)
        if tuned:
            torch.set_flush_denormal(True)
            self.network = self.network.to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), 1e-3, weight_decay=0.01, fused=tuned or None
        )
        self.to_input = ToInput(torch.bfloat16)

    def _autocast(self) -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=self.tuned)

    def epoch(self, loader: Loader, ends: list[float]) -> None:
        """Notes when each step ended."""
        self.network.train()
        for pixels, labels in loader:
            with self._autocast():
                logits = self.network(self.to_input(pixels))
            loss = F.cross_entropy(logits.float(), labels)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            ends.append(time.monotonic())

    def accuracy(self, loader: Loader) -> float:
        self.network.eval()
        right = count = 0
        with torch.no_grad(), self._autocast():
            for pixels, labels in loader:
                right += int((self.network(self.to_input(pixels)).argmax(1) == labels).sum())
                count += len(labels)
        return right / count
