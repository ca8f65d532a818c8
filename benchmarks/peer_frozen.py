"""The peer of W1: a frozen ResNet-101 whose last stage and head are trained, in plain PyTorch.

Stock is float32. Tuned is bfloat16, channels-last, with a fused optimizer; compiled has its frozen
part compiled and frozen by torch's inductor as well, which takes its time before the first step.
"""

import time
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.peer_photos import ToInput
from benchmarks.peer_resnet import resnet


class FrozenTraining:
    """Stage 4 and head are trained, by SGD; what is before stays as it is."""

    def __init__(self, classes: int, *, tuned: bool, compiled: bool) -> None:
        torch.manual_seed(0)
        self.tuned = tuned
        network = resnet(101, classes)
        if tuned:
            torch.set_flush_denormal(True)
            network = network.to(memory_format=torch.channels_last)
        self.frozen: nn.Module = nn.Sequential(network.stem, *network.stages[:3]).eval()
        self.frozen.requires_grad_(False)
        if tuned:
            self.frozen = self.frozen.to(torch.bfloat16)
        if compiled:
            from torch._inductor import config

            config.freezing = True
            self.frozen = torch.compile(self.frozen)
        self.stage, self.head = network.stages[3], network.head
        parameters = [*self.stage.parameters(), *self.head.parameters()]
        self.optimizer = torch.optim.SGD(parameters, 0.1, momentum=0.9, fused=tuned or None)
        self.to_input = ToInput(torch.bfloat16)

    def logits(self, pixels: Tensor) -> Tensor:
        with torch.no_grad():
            features = self.frozen(self.to_input(pixels))
        with torch.autocast("cpu", torch.bfloat16, enabled=self.tuned):
            rows = F.adaptive_avg_pool2d(self.stage(features), 1).flatten(1)
            return self.head(rows)

    def train(self, batches: Iterator[tuple[Tensor, Tensor]], ends: list[float]) -> None:
        """One epoch; notes when each step ended."""
        self.stage.train()
        for pixels, labels in batches:
            loss = F.cross_entropy(self.logits(pixels).float(), labels)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            ends.append(time.monotonic())

    def validate(self, batches: Iterator[tuple[Tensor, Tensor]]) -> float:
        self.stage.eval()
        right = count = 0
        with torch.no_grad():
            for pixels, labels in batches:
                right += int((self.logits(pixels).argmax(1) == labels).sum())
                count += len(labels)
        return right / count
