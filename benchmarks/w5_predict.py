"""W5: answers of a ResNet-50 at 224 pixels, from arrays one by one and 64 at a time, and from PNG.

Every contender starts from uint8 pixels (or files), normalises, and gives probabilities. All but
stock compute in bfloat16 where they can; onnxruntime knows float32 alone on a CPU.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.contest import KEEP_MEMORY, Contender, Figures, Workload, best_ratios

_SIZE, _BATCH, _CLASSES = 224, 64, 10
_FILES = 64  # of each of 4 classes
_SINGLES, _MANY = 40, 256  # images from arrays, by batch
_MEAN = np.array((0.485, 0.456, 0.406), np.float32)
_DEVIATION = np.array((0.229, 0.224, 0.225), np.float32)

Pixels = NDArray[np.uint8]
Answer = Callable[[Pixels], Any]


def prepare(folder: Path) -> None:
    import georgia

    georgia.synthetic.write(folder / "photos", per_class=_FILES, size=256)
    model = georgia.Model.create("resnet50", classes=_CLASSES, normalisation="imagenet")
    model.save(folder / "model.safetensors")
    model.export(folder / "model.onnx", input="float32")


def _arrays(count: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (count, _SIZE, _SIZE, 3), np.uint8)


def _rate(work: Callable[[], Any], images: int, rounds: int = 3) -> float:
    """Images per second, the median after one round that warms up."""
    work()
    times = []
    for _ in range(rounds):
        began = time.monotonic()
        work()
        times.append(time.monotonic() - began)
    return images / statistics.median(times)


def _rates(answer: Answer, folder: Path, read: Callable[[Path], Pixels]) -> Figures:
    """Of a contender that answers for a batch of pixels."""
    singles, many = _arrays(_SINGLES), _arrays(_MANY)
    paths = sorted((folder / "photos").glob("*/*.png"))

    def files() -> None:
        for first in range(0, len(paths), _BATCH):
            answer(np.stack([read(path) for path in paths[first : first + _BATCH]]))

    return {
        "batch_1": _rate(lambda: [answer(one[None]) for one in singles], _SINGLES),
        "batch_64": _rate(
            lambda: [answer(many[i : i + _BATCH]) for i in range(0, _MANY, _BATCH)], _MANY
        ),
        "files": _rate(files, len(paths)),
    }


def _by_pillow(path: Path) -> Pixels:
    from PIL import Image

    image = Image.open(path).convert("RGB")
    return np.asarray(image.resize((_SIZE, _SIZE), Image.Resampling.BILINEAR))


def _by_opencv(path: Path) -> Pixels:
    import cv2

    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    return np.asarray(cv2.resize(image, (_SIZE, _SIZE)))


def _georgia(folder: Path) -> Figures:
    began = time.monotonic()
    import georgia

    start = time.monotonic() - began
    model = georgia.load(folder / "model.safetensors")
    singles, many = list(_arrays(_SINGLES)), list(_arrays(_MANY))
    files = folder / "photos"
    return {
        "batch_1": _rate(lambda: [model.predict([one]) for one in singles], _SINGLES),
        "batch_64": _rate(lambda: model.predict(many, batch=_BATCH), _MANY),
        "files": _rate(lambda: model.predict(files, batch=_BATCH), 4 * _FILES),
        "start": start,
    }


def _torch(folder: Path, *, tuned: bool, compiled: bool = False) -> Figures:
    began = time.monotonic()
    import torch

    from benchmarks.peer_resnet import resnet

    start = time.monotonic() - began
    network: torch.nn.Module = resnet(50, _CLASSES).eval()
    kind = torch.bfloat16 if tuned else torch.float32
    if tuned:
        torch.set_flush_denormal(True)
        network = network.to(kind, memory_format=torch.channels_last)
    if compiled:
        from torch._inductor import config

        config.freezing = True
        network = torch.compile(network, dynamic=False)
    mean, deviation = (torch.from_numpy(255 * each) for each in (_MEAN, _DEVIATION))

    def answer(pixels: Pixels) -> None:
        with torch.no_grad():
            values = (torch.from_numpy(pixels).float() - mean) / deviation
            values = values.to(kind).permute(0, 3, 1, 2)
            if not tuned:
                values = values.contiguous()
            network(values).float().softmax(1)

    read = _by_opencv if tuned else _by_pillow
    return _rates(answer, folder, read) | {"start": start}


def _openvino(folder: Path) -> Figures:
    began = time.monotonic()
    import openvino

    start = time.monotonic() - began
    core = openvino.Core()
    settings = {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "LATENCY"}
    network = core.compile_model(core.read_model(folder / "model.onnx"), "CPU", settings)

    def answer(pixels: Pixels) -> None:
        network(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), np.float32) / 255)

    return _rates(answer, folder, _by_opencv) | {"start": start}


def _onnxruntime(folder: Path) -> Figures:
    began = time.monotonic()
    import onnxruntime

    start = time.monotonic() - began
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    name = session.get_inputs()[0].name

    def answer(pixels: Pixels) -> None:
        values = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), np.float32) / 255
        session.run(None, {name: values})

    return _rates(answer, folder, _by_opencv) | {"start": start}


WORKLOAD = Workload(
    "W5: answers of ResNet-50 at 224 pixels",
    prepare,
    {
        "georgia": Contender(_georgia),
        "stock": Contender(lambda folder: _torch(folder, tuned=False)),
        "tuned": Contender(lambda folder: _torch(folder, tuned=True), KEEP_MEMORY, "cv2"),
        "compiled": Contender(
            lambda folder: _torch(folder, tuned=True, compiled=True), KEEP_MEMORY, "cv2"
        ),
        "OpenVINO": Contender(_openvino, {}, "openvino"),
        "onnxruntime": Contender(_onnxruntime, {}, "onnxruntime"),
    },
    {
        "batch_1": "one by one, images/s",
        "batch_64": "64 at a time, images/s",
        "files": "PNG 256, images/s",
    },
)


def ratios(figures: dict[str, list[Figures]]) -> dict[str, float]:
    return best_ratios(WORKLOAD, figures)
