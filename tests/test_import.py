"""Importing: in any order, in a thread, quickly, one OpenMP runtime."""

import subprocess
import sys

import pytest

USE = "georgia.read_image(georgia.synthetic.encode(georgia.synthetic.draw('plates', size=64)))"

pytestmark = pytest.mark.slow


def python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        "import torch, georgia; torch.ones(3).sum(); {use}",
        "import georgia, torch; torch.ones(3).sum(); {use}",
        "import georgia; {use}",
        "import threading\n"
        "def work():\n    import georgia\n    {use}\n"
        "t = threading.Thread(target=work); t.start(); t.join()\nimport georgia; {use}",
    ],
)
def test_any_order_and_a_thread(code: str) -> None:
    python(code.format(use=USE))


def test_beside_another_opencv() -> None:
    pytest.importorskip("cv2")
    python(
        f"import cv2, georgia; {USE}; cv2.GaussianBlur(georgia.synthetic.draw('plates'), (3, 3), 1)"
    )
    python(
        f"import georgia, cv2; {USE}; cv2.GaussianBlur(georgia.synthetic.draw('plates'), (3, 3), 1)"
    )


def test_one_openmp_runtime() -> None:
    maps = python(
        f"import georgia; {USE}\n"
        "import re\n"
        "text = open('/proc/self/maps').read()\n"
        "print(len(set(re.findall(r'\\S*lib(?:g|i)?omp\\S*\\.so\\S*', text))))"
    )
    assert maps == "1"


def test_importing_adds_little_to_torch() -> None:
    code = (
        "import time, torch, numpy; a = time.perf_counter(); import georgia; "
        "print(time.perf_counter() - a)"
    )
    seconds = min(float(python(code)) for _ in range(3))
    assert seconds < 0.3


def test_torch_of_another_minor_is_told() -> None:
    code = (
        "import torch; torch.__version__ = '1.0.0'\n"
        "try:\n    import georgia\nexcept ImportError as error:\n    print(error)"
    )
    assert "built for torch 2.13, but torch 1.0.0 is installed" in python(code)
