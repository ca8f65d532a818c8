"""What the machine can do, so that ratios can be read: its matrix products, per second."""

import functools
import os
import time
from pathlib import Path
from typing import Any

import torch

_SIDE = 2048
_SECONDS = 1.0


def _rate(kind: torch.dtype) -> float:
    """Best TFLOP/s of a square matrix product in about a second."""
    a = torch.randn(_SIDE, _SIDE).to(kind)
    b = torch.randn(_SIDE, _SIDE).to(kind)
    best, end = 0.0, time.monotonic() + _SECONDS
    while time.monotonic() < end:
        began = time.monotonic()
        a @ b
        best = max(best, 2e-12 * _SIDE**3 / (time.monotonic() - began))
    return best


@functools.cache
def facts() -> dict[str, Any]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "")
    return {
        "machine": {
            "processor": name,
            "cores": len(os.sched_getaffinity(0)),
            "torch": torch.__version__,
            "matrix_product_tflops": {
                "float32": _rate(torch.float32),
                "bfloat16": _rate(torch.bfloat16),
            },
        }
    }


def described() -> str:
    found = facts()["machine"]
    rates = ", ".join(f"{k} {v:.2f}" for k, v in found["matrix_product_tflops"].items())
    return (
        f"{found['processor']}, {found['cores']} cores, torch {found['torch']}; "
        f"matrix products of {_SIDE} x {_SIDE}, TFLOP/s: {rates}"
    )
