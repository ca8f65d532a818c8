"""Arrows only go down, and each power has one home. Read from includes and imports alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CPP = ROOT / "cpp"
PACKAGE = ROOT / "python" / "georgia"

ROOMS = {
    "base": set(),
    "image": {"base"},
    "nn": {"base"},
    "analysis": {"base"},
    "data": {"base", "image"},
    "engine": {"base", "image", "nn", "analysis", "data"},
    "train": {"base", "image", "data", "nn", "analysis", "engine"},
}

# What a room, or single files of it, may include from outside.
FOREIGN = {
    "opencv2": {"image"},
    "ATen": {"nn", "analysis", "data/batch", "engine", "train"},
    "c10": {"nn", "analysis", "data/batch", "engine", "train"},
    "torch": {"nn", "analysis", "data/batch", "engine", "train"},
    "nlohmann": {"nn", "engine", "train"},
    "jpeglib.h": {"image/decode_jpeg"},
    "tiffio.h": {"image/tiff_memory"},
    "libdeflate.h": {"image/decode_png", "image/header_png"},
    "immintrin.h": {"base/sha256_blocks"},
    "emmintrin.h": {"image/png_filters"},
}

SYSTEM = {"fcntl.h", "unistd.h", "sched.h", "pthread.h", "signal.h"}

# Packages beside numpy, and the files that may import them.
PYTHON_FOREIGN = {
    "torch": {"_torch_first", "training", "cli", "torch_checkpoint", "run_folder"},
    "matplotlib": {"plots"},  # the folder
    "tqdm": {"progress"},
    "IPython": {"live_plot"},
    "typer": {
        "arguments",
        "cli",
        "data_commands",
        "evaluation_commands",
        "exploration_commands",
        "model_commands",
        "store_commands",
        "training_commands",
    },
    "h5py": {"keras_file", "keras_h5"},
    "onnx": {"onnx_file", "onnx_reader"},
    "onnxruntime": {"onnx_model"},
    "pandas": {"prediction_table", "predictions"},
    "plotly": {"explorer"},  # the folder
    "pooch": {"download"},
    "umap": {"projection"},
    "sklearn": {"sklearn"},
    "weaviate": {"weaviate_collection"},
    "numpy": None,
}

LIMIT = 300
TEST_LIMIT = 400


def sources() -> list[Path]:
    folders = (CPP / "include" / "georgia", CPP / "src")
    return sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in {".h", ".cpp"})


def room_of(path: Path) -> str:
    return path.parent.name


def includes(path: Path) -> Iterator[str]:
    for match in re.finditer(r'^#include [<"]([^>"]+)[>"]', path.read_text(), re.MULTILINE):
        yield match[1]


def identify(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_check() -> None:
    assert len(sources()) > 40
    assert {room_of(path) for path in sources()} == set(ROOMS)


@pytest.mark.parametrize("path", sources(), ids=identify)
def test_a_room_includes_only_rooms_below(path: Path) -> None:
    room = room_of(path)
    for name in includes(path):
        parts = name.split("/")
        target = parts[1] if parts[0] == "georgia" else parts[0]
        if target in ROOMS:
            assert target == room or target in ROOMS[room], f"{path} includes {name}"


@pytest.mark.parametrize("path", sources(), ids=identify)
def test_foreign_headers_stay_in_their_rooms(path: Path) -> None:
    stem = f"{room_of(path)}/{path.stem}"
    is_public = "include" in path.parts
    for name in includes(path):
        package = name.split("/")[0]
        if package in FOREIGN:
            assert {room_of(path), stem} & FOREIGN[package], f"{path} includes {name}"
            assert not (is_public and package in {"opencv2", "nlohmann"}), f"{path}: {name}"
        assert package not in {"pybind11", "Python.h"}, f"{path} includes {name}"
        if name in SYSTEM or name.startswith("sys/"):
            assert room_of(path) == "base", f"{path} includes {name}"


def words_in(path: Path, pattern: str) -> bool:
    code = re.sub(r"//.*", "", path.read_text())
    return re.search(pattern, code) is not None


@pytest.mark.parametrize(
    ("pattern", "homes"),
    [
        (r"\bimdecode\b", set()),
        (r"\bimread\b", set()),
        (r"std::j?thread\b", {"base/threads"}),
        (r"\brename\(", {"base/files"}),
        (r"\bofstream\b", set()),
        (r"warp(Affine|Perspective)", {"image/geometry"}),
        (r"std::(mt19937|random_device|rand)\b|\brand\(", set()),
        (r"at::(dropout|rand|randn|randperm|bernoulli)\b", set()),
        (r"torch::nn|torch::load|jit::load|autocast", set()),
        (r"set_num_threads", {"nn/precision"}),
        (r"SetCPUAllocator", {"nn/block_cache"}),
        (r"\bgetenv\b|\bassert\(|\bexit\(", set()),
    ],
)
def test_each_power_has_one_home(pattern: str, homes: set[str]) -> None:
    found = {f"{room_of(path)}/{path.stem}" for path in sources() if words_in(path, pattern)}
    assert found == homes


def python_imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            if node.module == "georgia":
                yield from (f"georgia.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_python_imports_what_its_file_may(path: Path) -> None:
    import sys

    for name in python_imports(path):
        package = name.split(".")[0]
        if package == "georgia" or package in sys.stdlib_module_names:
            continue
        assert package in PYTHON_FOREIGN, f"{path.name} imports {name}"
        files = PYTHON_FOREIGN[package]
        places = {path.stem, path.parent.name}
        assert files is None or places & files, f"{path.name} imports {name}"


def test_plots_know_neither_core_nor_torch() -> None:
    files = sorted((PACKAGE / "plots").glob("*.py"))
    assert len(files) > 3
    for name in (name for path in files for name in python_imports(path)):
        assert not name.startswith("torch")
        assert not name.startswith("georgia") or name.startswith("georgia.plots")


def test_files_stay_short() -> None:
    ours = [*sources(), *(CPP / "bindings").glob("*"), *PACKAGE.rglob("*.py")]
    tests = [*(CPP / "tests").rglob("*_test.cpp"), *(ROOT / "tests").glob("*.py")]
    long = [
        f"{identify(path)}: {lines}"
        for limit, paths in ((LIMIT, ours), (TEST_LIMIT, tests))
        for path in paths
        if (lines := len(path.read_text().splitlines())) > limit
    ]
    assert not long


def test_no_folder_or_file_for_odds_and_ends() -> None:
    bad = {"utils", "util", "common", "helpers", "misc"}
    found = [p for p in (*CPP.rglob("*"), *PACKAGE.rglob("*")) if p.stem in bad]
    assert not found


def test_every_stage_that_the_core_tells_has_a_word() -> None:
    stages = set()
    for path in (CPP / "src").rglob("*.cpp"):
        text = path.read_text()
        stages |= set(re.findall(r'advance_or_throw\(\s*\{"(\w+)"', text))
        stages |= set(re.findall(r'threads(?:\(\))?, "(\w+)", \w+\}', text))
    assert stages >= {"train", "validate", "predict", "inspect", "place"}
    words = (PACKAGE / "progress.py").read_text()
    assert not [stage for stage in stages if f'    "{stage}": ' not in words]
