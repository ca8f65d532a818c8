"""Where the time of a training step goes: kernels of some steps, added up by kind.

    python -m benchmarks.profile_step [--network resnet50] [--size 128] [--batch 32]
        [--trainable all] [--steps 8]

The loader's threads work beside the step and are not in the table; what the step waits for them is
"everything else".
"""

import argparse
import tempfile
import time
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

import georgia
from benchmarks import machine

# What an operator's name begins with, and what it is called here; the first that fits.
_KINDS = {
    "aten::convolution_backward": "convolutions, backward",
    "aten::mkldnn_convolution": "convolutions",
    "mkldnn::_convolution_pointwise": "frozen convolutions with addition and ReLU",
    "mkldnn::": "other fused kernels",
    "aten::mm": "1x1 convolutions and linear layers as products",
    "aten::addmm": "1x1 convolutions and linear layers as products",
    "aten::native_batch_norm_backward": "batch normalisation, backward",
    "aten::native_batch_norm": "batch normalisation",
    "aten::threshold_backward": "ReLU and additions",
    "aten::clamp_min": "ReLU and additions",
    "aten::relu": "ReLU and additions",
    "aten::add": "ReLU and additions",
    "aten::max_pool2d": "pooling",
    "aten::mean": "pooling",
    "aten::_fused_": "optimizer",
    "aten::_foreach": "optimizer",
    "aten::copy_": "casts and copies",
}


def _kind(name: str) -> str:
    return next((kind for start, kind in _KINDS.items() if name.startswith(start)), "other kernels")


def shares(photos: Path, arguments: argparse.Namespace) -> tuple[dict[str, float], float]:
    """Seconds by kind of the second epoch's steps but the first, and the whole of their time."""
    recorder = profile(activities=[ProfilerActivity.CPU])
    marks: list[float] = []
    phase = {
        "epochs": 2,
        "size": arguments.size,
        "batch": arguments.batch,
        "trainable": arguments.trainable,
    }
    steps: list[int] = []

    def on_batch(_: dict[str, float]) -> None:
        steps.append(1)
        if len(steps) == arguments.steps + 1:  # what is before it warms up
            recorder.start()
            marks.append(time.monotonic())
        if len(steps) == 2 * arguments.steps:
            marks.append(time.monotonic())
            recorder.stop()

    with tempfile.TemporaryDirectory() as out:
        georgia.train(
            georgia.Dataset.scan(photos),
            out=Path(out, "run"),
            options=georgia.TrainOptions.from_dict(
                {"network": arguments.network, "phases": [phase]}
            ),
            progress=False,
            on_batch=on_batch,
        )
    seconds: dict[str, float] = {}
    for row in recorder.key_averages():
        kind = _kind(row.key)
        seconds[kind] = seconds.get(kind, 0) + row.self_cpu_time_total / 1e6
    return seconds, marks[1] - marks[0]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--network", default="resnet50")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--trainable", nargs="+", default=["all"])
    parser.add_argument("--steps", type=int, default=8, help="of an epoch")
    arguments = parser.parse_args()
    print(machine.described())
    with tempfile.TemporaryDirectory() as name:
        photos = Path(name)
        count = arguments.batch * arguments.steps
        georgia.synthetic.write(photos / "train", per_class=count // 4, size=256)
        georgia.synthetic.write(photos / "validation", per_class=2, size=256, seed=8)
        seconds, whole = shares(photos, arguments)
    count -= arguments.batch
    rate = count / whole
    print(
        f"{arguments.network}, {arguments.size} pixels, batch {arguments.batch}, trained: "
        f"{', '.join(arguments.trainable)}; torch {torch.__version__}; {rate:.1f} images/s with "
        "the profiler at work\n"
    )
    print("| kind | share | ms an image |\n|---|---|---|")
    seconds["everything else, waits for images among it"] = whole - sum(seconds.values())
    for kind, spent in sorted(seconds.items(), key=lambda item: -item[1]):
        print(f"| {kind} | {spent / whole:.1%} | {1000 * spent / count:.2f} |")


if __name__ == "__main__":
    main()
