"""The peer: fine-tuning SqueezeNet 1.1 in plain PyTorch, as tutorials write it.

All layers, Adam, a DataLoader with two workers, Pillow for the pixels, mirrored and slightly turned
copies, ImageNet's normalisation, validation after each epoch, the best epoch kept.
"""

import copy
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_SIZE, _BATCH, _RATE = 224, 32, 1e-4


class Fire(nn.Module):
    def __init__(self, inputs: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.squeeze(x), inplace=True)
        return F.relu(torch.cat([self.expand1x1(x), self.expand3x3(x)], 1), inplace=True)


class SqueezeNet(nn.Module):
    """Its features carry torchvision's names, so that the weights load strictly."""

    def __init__(self, classes: int) -> None:
        super().__init__()

        def pool() -> nn.Module:
            return nn.MaxPool2d(3, 2, ceil_mode=True)

        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 3, 2), nn.ReLU(inplace=True), pool(),
            Fire(64, 16, 64), Fire(128, 16, 64), pool(),
            Fire(128, 32, 128), Fire(256, 32, 128), pool(),
            Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256),
        )  # fmt: skip
        self.dropout = nn.Dropout(0.5)
        self.classifier = nn.Conv2d(512, classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.classifier(self.dropout(self.features(x))))
        return F.adaptive_avg_pool2d(x, 1).flatten(1)


class Images(Dataset[tuple[Tensor, int]]):
    def __init__(self, paths: Sequence[str], labels: Sequence[int], *, augment: bool) -> None:
        self.paths, self.labels, self.augment = list(paths), list(labels), augment

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.open(self.paths[index]).convert("RGB")
        image = image.resize((_SIZE, _SIZE), Image.Resampling.BILINEAR)
        if self.augment:
            if torch.rand(()) < 0.5:
                image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            angle = float(torch.empty(()).uniform_(-10, 10))
            image = image.rotate(angle, Image.Resampling.BILINEAR)
        pixels = torch.from_numpy(np.asarray(image).copy()).permute(2, 0, 1).float().div_(255)
        mean, deviation = torch.tensor(_MEAN), torch.tensor(_DEVIATION)
        return (pixels - mean[:, None, None]) / deviation[:, None, None], self.labels[index]


Part = tuple[Sequence[str], Sequence[int]]


def accuracy_of(network: nn.Module, part: Part) -> tuple[int, int]:
    """Right answers and images."""
    network.eval()
    loader = DataLoader(Images(*part, augment=False), _BATCH, num_workers=2)
    with torch.inference_mode():
        right = sum(int((network(x).argmax(1) == y).sum()) for x, y in loader)
    return right, len(part[0])


def fine_tune(
    parts: dict[str, Part], classes: int, weights: dict[str, Tensor], seconds: float, seed: int
) -> dict[str, Any]:
    """Train until the time is over, keep the best epoch, and open the test split once."""
    began = time.monotonic()
    torch.manual_seed(seed)
    network = SqueezeNet(classes)
    network.features.load_state_dict(weights)
    optimizer = torch.optim.Adam(network.parameters(), _RATE)
    images = Images(*parts["train"], augment=True)
    loader = DataLoader(images, _BATCH, shuffle=True, num_workers=2)
    best, kept, curve, epochs = -1, network.state_dict(), [], 0
    is_over = False
    while not is_over:
        network.train()
        for x, y in loader:
            loss = F.cross_entropy(network(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            is_over = time.monotonic() - began > seconds
            if is_over:
                break
        epochs += 1
        right, count = accuracy_of(network, parts["validation"])
        curve.append((time.monotonic() - began, right / count))
        if right > best:
            best, kept = right, copy.deepcopy(network.state_dict())
    spent = time.monotonic() - began
    network.load_state_dict(kept)
    right, count = accuracy_of(network, parts["test"])
    return {
        "precision": "float32 on cpu",
        "seconds": spent,
        "epochs": epochs,
        "validation": best / len(parts["validation"][0]),
        "correct": right,
        "count": count,
        "curve": curve,
    }


def read_weights(file: Path) -> dict[str, Tensor]:
    """Tensors of the features, by torchvision's names below ``features``."""
    with np.load(file) as tensors:
        return {
            name.removeprefix("features."): torch.from_numpy(values)
            for name, values in tensors.items()
        }
