"""W5: answers of a ResNet-50 at 224 pixels, from arrays one by one and 64 at a time, and from PNG.

Every contender starts from uint8 pixels (or files), normalises, and gives probabilities. All but
stock compute in bfloat16 where they can; onnxruntime knows float32 alone on a CPU. All stay loaded
and answer in rounds of some seconds, for this differs by less than a machine from minute to minute.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.contest import KEEP_MEMORY, Contender, Figures, Round, Workload, best_ratios

_SIZE, _BATCH, _CLASSES = 224, 64, 10
_FILES = 32  # of each of 4 classes
_SINGLES, _MANY = 40, 128  # images from arrays, by batch
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


def _rate(work: Callable[[], Any], images: int) -> float:
    """Images per second."""
    began = time.monotonic()
    work()
    return images / (time.monotonic() - began)


def _rounds(start: float, works: dict[str, tuple[Callable[[], Any], int]]) -> Round:
    """Rates of all works, which are warmed up; `start` is told with them."""
    for work, _ in works.values():
        work()
    return lambda: {name: _rate(*work) for name, work in works.items()} | {"start": start}


def _of_batches(
    start: float, answer: Answer, folder: Path, read: Callable[[Path], Pixels]
) -> Round:
    """Of a contender that answers for a batch of pixels."""
    singles, many = _arrays(_SINGLES), _arrays(_MANY)
    paths = sorted((folder / "photos").glob("*/*.png"))

    def files() -> None:
        for first in range(0, len(paths), _BATCH):
            answer(np.stack([read(path) for path in paths[first : first + _BATCH]]))

    return _rounds(
        start,
        {
            "batch_1": (lambda: [answer(one[None]) for one in singles], _SINGLES),
            "batch_64": (
                lambda: [answer(many[i : i + _BATCH]) for i in range(0, _MANY, _BATCH)],
                _MANY,
            ),
            "files": (files, len(paths)),
        },
    )


def _by_pillow(path: Path) -> Pixels:
    from PIL import Image

    image = Image.open(path).convert("RGB")
    return np.asarray(image.resize((_SIZE, _SIZE), Image.Resampling.BILINEAR))


def _by_opencv(path: Path) -> Pixels:
    import cv2

    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    return np.asarray(cv2.resize(image, (_SIZE, _SIZE)))


def _georgia(folder: Path) -> Round:
    began = time.monotonic()
    import georgia

    start = time.monotonic() - began
    model = georgia.load(folder / "model.safetensors")
    singles, many = list(_arrays(_SINGLES)), list(_arrays(_MANY))
    files = folder / "photos"
    return _rounds(
        start,
        {
            "batch_1": (lambda: [model.predict([one]) for one in singles], _SINGLES),
            "batch_64": (lambda: model.predict(many, batch=_BATCH), _MANY),
            "files": (lambda: model.predict(files, batch=_BATCH), 4 * _FILES),
        },
    )


def _torch(folder: Path, *, tuned: bool, compiled: bool = False) -> Round:
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
    return _of_batches(start, answer, folder, read)


def _openvino(folder: Path) -> Round:
    began = time.monotonic()
    import openvino

    start = time.monotonic() - began
    core = openvino.Core()
    settings = {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "LATENCY"}
    network = core.compile_model(core.read_model(folder / "model.onnx"), "CPU", settings)

    def answer(pixels: Pixels) -> None:
        network(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), np.float32) / 255)

    return _of_batches(start, answer, folder, _by_opencv)


def _onnxruntime(folder: Path) -> Round:
    began = time.monotonic()
    import onnxruntime

    start = time.monotonic() - began
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    name = session.get_inputs()[0].name

    def answer(pixels: Pixels) -> None:
        values = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2), np.float32) / 255
        session.run(None, {name: values})

    return _of_batches(start, answer, folder, _by_opencv)


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
    has_rounds=True,
)


def ratios(figures: dict[str, list[Figures]]) -> dict[str, float]:
    return best_ratios(WORKLOAD, figures)
