"""What the PyTorch peers read: PNG files, each warped once at random.

Stock goes by Pillow, normalises each sample, and has two workers. Fair is OpenCV's single warp,
bytes that are normalised by the batch, and one worker at nice 19.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

Loader = DataLoader[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Spread:
    """How far images are turned (degrees), shifted and zoomed (parts of a side), and mirrored."""

    rotation: float
    shift: float
    zoom: float

    def matrix(self, rng: np.random.Generator, source: int, size: int) -> NDArray[np.float64]:
        """From pixels of the frame to pixels of the square source."""
        angle = np.deg2rad(rng.uniform(-self.rotation, self.rotation))
        zoom = rng.uniform(1 - self.zoom, 1 + self.zoom, 2) * rng.choice((-1, 1), 2)
        scale = source / size / zoom
        middle, target = (source - 1) / 2, (size - 1) / 2
        shift = rng.uniform(-self.shift, self.shift, 2) * source
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
        offset = np.full(2, middle) - turn @ np.full(2, target) + shift
        return np.hstack([turn, offset[:, None]])


LIGHT = Spread(rotation=10, shift=0.05, zoom=0.1)
HEAVY = Spread(rotation=30, shift=0.2, zoom=0.3)


class Photos(Dataset[tuple[Tensor, int]]):
    """PNG files, warped in one go, by Pillow, or by OpenCV where it is fair."""

    def __init__(
        self,
        paths: Sequence[Path],
        labels: Sequence[int],
        size: int,
        *,
        fair: bool,
        spread: Spread | None,
    ) -> None:
        self.paths, self.labels, self.size = list(paths), list(labels), size
        self.fair, self.spread = fair, spread
        self.rng = np.random.default_rng(0)

    @classmethod
    def of(cls, folder: Path, size: int, *, fair: bool, spread: Spread | None) -> Self:
        """A folder of one folder for each class."""
        paths = sorted(folder.glob("*/*.png"))
        names = sorted({path.parent.name for path in paths})
        labels = [names.index(path.parent.name) for path in paths]
        return cls(paths, labels, size, fair=fair, spread=spread)

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        if self.fair:  # bytes as they lie, normalised in the batch
            return torch.from_numpy(self._by_opencv(index)), self.labels[index]
        values = torch.from_numpy(self._by_pillow(index)).permute(2, 0, 1).float() / 255
        mean, deviation = torch.tensor(MEAN), torch.tensor(DEVIATION)
        return (values - mean[:, None, None]) / deviation[:, None, None], self.labels[index]

    def _matrix(self, source: int) -> NDArray[np.float64]:
        if self.spread:
            return self.spread.matrix(self.rng, source, self.size)
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


class ToInput:
    """Fair batches normalised into channels-last values; those of stock as they come."""

    def __init__(self, kind: torch.dtype) -> None:
        self.kind = kind
        self.mean = torch.tensor(MEAN) * 255
        self.factor = 1 / (torch.tensor(DEVIATION) * 255)

    def __call__(self, pixels: Tensor) -> Tensor:
        if pixels.dtype != torch.uint8:
            return pixels
        values = pixels.float().sub_(self.mean).mul_(self.factor)
        return values.to(self.kind).permute(0, 3, 1, 2)  # channels last by how it lies


def _lowest_priority(_: int) -> None:
    os.nice(19)


def loader(photos: Photos, batch: int, *, shuffle: bool, drop_last: bool = False) -> Loader:
    return DataLoader(
        photos,
        batch,
        shuffle=shuffle,
        drop_last=drop_last,
        num_workers=1 if photos.fair else 2,
        persistent_workers=True,
        worker_init_fn=_lowest_priority if photos.fair else None,
    )
