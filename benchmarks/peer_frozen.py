"""The peer of W1: a frozen ResNet-101 whose last stage and head are trained, in plain PyTorch.

Stock is float32 with Pillow and a DataLoader of two workers. Tuned is bfloat16, channels-last, a
fused optimizer, OpenCV's single warp, and one worker at nice 19; compiled has its frozen part
compiled and frozen by torch's inductor as well, which takes its time before the first step.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from benchmarks.peer_pytorch import lowest_priority
from benchmarks.peer_resnet import resnet

ROTATION, SHIFT, ZOOM = 30, 0.2, 0.3
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def random_matrix(rng: np.random.Generator, source: int, size: int) -> NDArray[np.float64]:
    """From pixels of the frame to pixels of the square source: turn, shift, zoom, mirror."""
    angle = np.deg2rad(rng.uniform(-ROTATION, ROTATION))
    zoom = rng.uniform(1 - ZOOM, 1 + ZOOM, 2) * rng.choice((-1, 1), 2)
    scale = source / size / zoom
    middle, target = (source - 1) / 2, (size - 1) / 2
    shift = rng.uniform(-SHIFT, SHIFT, 2) * source
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    offset = np.full(2, middle) - turn @ np.full(2, target) + shift
    return np.hstack([turn, offset[:, None]])


class Photos(Dataset[tuple[Tensor, int]]):
    """PNG files, warped once at random and normalised: by Pillow, or by OpenCV where it is fair."""

    def __init__(
        self, paths: Sequence[Path], labels: Sequence[int], size: int, *, fair: bool, augment: bool
    ) -> None:
        self.paths, self.labels, self.size = list(paths), list(labels), size
        self.fair, self.augment = fair, augment
        self.rng = np.random.default_rng(0)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        pixels = self._by_opencv(index) if self.fair else self._by_pillow(index)
        values = torch.from_numpy(pixels).permute(2, 0, 1)
        if self.fair:
            return values, self.labels[index]  # normalised in the batch
        mean, deviation = torch.tensor(_MEAN), torch.tensor(_DEVIATION)
        return (values.float() / 255 - mean[:, None, None]) / deviation[:, None, None], (
            self.labels[index]
        )

    def _matrix(self, source: int) -> NDArray[np.float64]:
        if self.augment:
            return random_matrix(self.rng, source, self.size)
        scale = source / self.size
        return np.array([[scale, 0, (scale - 1) / 2], [0, scale, (scale - 1) / 2]])

    def _by_opencv(self, index: int) -> NDArray[np.uint8]:
        import cv2

        image = cv2.cvtColor(cv2.imread(str(self.paths[index])), cv2.COLOR_BGR2RGB)
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        matrix = self._matrix(image.shape[0])
        return np.asarray(
            cv2.warpAffine(
                image, matrix, (self.size, self.size), flags=how, borderMode=cv2.BORDER_REPLICATE
            )
        )

    def _by_pillow(self, index: int) -> NDArray[np.uint8]:
        image = Image.open(self.paths[index]).convert("RGB")
        how = Image.Resampling.BILINEAR
        size = (self.size, self.size)
        matrix = tuple(self._matrix(image.height).ravel())
        return np.array(image.transform(size, Image.Transform.AFFINE, matrix, how))


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
        self.mean = torch.tensor(_MEAN)[:, None, None] * 255
        self.deviation = torch.tensor(_DEVIATION)[:, None, None] * 255

    def logits(self, pixels: Tensor) -> Tensor:
        if self.tuned:
            pixels = (pixels.float() - self.mean) / self.deviation
            pixels = pixels.to(torch.bfloat16).contiguous(memory_format=torch.channels_last)
        with torch.no_grad():
            features = self.frozen(pixels)
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


def loader(photos: Photos, batch: int, *, shuffle: bool) -> DataLoader[tuple[Tensor, Tensor]]:
    return DataLoader(
        photos,
        batch,
        shuffle=shuffle,
        drop_last=shuffle,
        num_workers=1 if photos.fair else 2,
        persistent_workers=True,
        worker_init_fn=lowest_priority if photos.fair else None,
    )
