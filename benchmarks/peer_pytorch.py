"""The peer: a training loop in plain PyTorch, as written by most, and the same one tuned.

Stock is float32 with a DataLoader of ordinary workers. Tuned is bfloat16 autocast, channels-last,
a fused optimizer, and one worker at nice 19; the malloc settings come from the environment.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from benchmarks.peer_resnet import resnet


class Folder(Dataset[tuple[Tensor, int]]):
    """Decode, flip, warp about the centre and normalise with Pillow, a sample at a time."""

    def __init__(self, paths: Sequence[Path], labels: Sequence[int], size: int) -> None:
        self.paths, self.labels, self.size = list(paths), list(labels), size

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.open(self.paths[index]).convert("RGB")
        image = image.resize((self.size, self.size), Image.Resampling.BILINEAR)
        rng = np.random.default_rng(index)
        if rng.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if rng.random() < 0.5:
            image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        angle, zoom = np.deg2rad(rng.uniform(-10, 10)), rng.uniform(0.9, 1.1)
        cos, sin = np.cos(angle) / zoom, np.sin(angle) / zoom
        middle = (self.size - 1) / 2
        shift_x, shift_y = middle + rng.uniform(-0.05, 0.05, 2) * self.size
        matrix = (
            cos, -sin, middle - cos * shift_x + sin * shift_y,
            sin, cos, middle - sin * shift_x - cos * shift_y,
        )  # fmt: skip
        image = image.transform(
            image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
        )
        pixels = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1)
        return pixels.float().div_(255).sub_(0.5).div_(0.25), self.labels[index]


def lowest_priority(_: int) -> None:
    os.nice(19)


def loader(folder: Folder, batch: int, *, tuned: bool) -> DataLoader[tuple[Tensor, Tensor]]:
    return DataLoader(
        folder,
        batch,
        shuffle=True,
        num_workers=1 if tuned else 2,
        persistent_workers=True,
        worker_init_fn=lowest_priority if tuned else None,
    )


class Training:
    """A network and its optimizer; `epoch` trains on every image once."""

    def __init__(
        self, folder: Folder, layers: int, classes: int, batch: int, *, tuned: bool
    ) -> None:
        torch.manual_seed(0)
        self.tuned = tuned
        self.network: nn.Module = resnet(layers, classes)
        if tuned:
            torch.set_flush_denormal(True)
            self.network = self.network.to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), 1e-3, weight_decay=0.01, fused=tuned or None
        )
        self.loader = loader(folder, batch, tuned=tuned)

    def epoch(self) -> None:
        self.network.train()
        for pixels, labels in self.loader:
            self.step(pixels, labels)

    def step(self, pixels: Tensor, labels: Tensor) -> None:
        if self.tuned:
            pixels = pixels.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.tuned):
            loss = F.cross_entropy(self.network(pixels), labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
