"""PyTorch files: what holds weights opens, whatever wraps it; what could run code does not."""

import io
import json
import pickle
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import georgia
from georgia.interchange import torch_checkpoint

SAFETENSORS = (2).to_bytes(8, "little") + b"{}"


@dataclass(frozen=True)
class Node:
    """What the matching asks of a layer."""

    name: str
    operation: str
    tensors: list[str]
    shape: tuple[int, ...] = ()
    stage: str = field(default="stem")


class Runs:
    """Unpickling it would write a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return open, (str(self.target), "w")


def saved(tmp_path: Path, held: object, *, zipped: bool = True, name: str = "a.pth") -> Path:
    path = tmp_path / name
    torch.save(held, path, _use_new_zipfile_serialization=zipped)
    return path


def equal(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> bool:
    assert list(found) == list(expected)
    for name, value in expected.items():
        assert found[name].dtype == value.dtype
        np.testing.assert_array_equal(found[name], value)
    return True


STATE = {
    "conv.weight": torch.arange(24.0).reshape(2, 3, 2, 2),
    "norm.num_batches_tracked": torch.tensor(7),
}
PLAIN = {name: value.numpy() for name, value in STATE.items()}


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("wrap", [
    lambda state: state,
    lambda state: {"epoch": 3, "state_dict": state, "optimizer": {"state": {}}},
    lambda state: {"model": {"state_dict": state}},
    lambda state: {"model_ema": state},
    lambda state: {"net": {f"module.{name}": value for name, value in state.items()}},
    lambda state: {f"module._orig_mod.model.{name}": value for name, value in state.items()},
    lambda state: {**state, "best": 0.5},
])  # fmt: skip
def test_weights_are_found_in_what_a_training_saves(
    tmp_path: Path, wrap: Callable[[Any], object], zipped: bool
) -> None:
    assert equal(torch_checkpoint.read(saved(tmp_path, wrap(STATE), zipped=zipped)), PLAIN)


def test_a_prefix_that_some_names_lack_is_part_of_them(tmp_path: Path) -> None:
    held = {"model.a": torch.ones(1), "b": torch.ones(1)}
    assert list(torch_checkpoint.read(saved(tmp_path, held))) == ["model.a", "b"]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_numbers_of_any_width_become_float32(tmp_path: Path, dtype: torch.dtype) -> None:
    held = {"a": torch.tensor([0.5, -2.0]).to(dtype), "n": torch.tensor(3, dtype=torch.int32)}
    expected = {"a": np.float32([0.5, -2.0]), "n": np.int64(3)}
    assert equal(torch_checkpoint.read(saved(tmp_path, held)), expected)


@pytest.mark.parametrize("zipped", [True, False])
def test_views_of_one_storage_come_apart(tmp_path: Path, zipped: bool) -> None:
    whole = torch.arange(12.0).reshape(3, 4)
    path = saved(tmp_path, {"a": whole.t(), "b": whole[1:], "c": whole}, zipped=zipped)
    found = torch_checkpoint.read(path)
    np.testing.assert_array_equal(found["a"], whole.t().numpy())
    assert all(one.flags.c_contiguous and one.flags.owndata for one in found.values())
    path.unlink()  # nothing stays mapped
    found["c"] += 1
    np.testing.assert_array_equal(found["b"], whole[1:].numpy())


def test_rendered_weights_open_as_they_were(tmp_path: Path) -> None:
    data = torch_checkpoint.render({**PLAIN, "t": np.arange(6.0, dtype=np.float32).reshape(2, 3).T})
    opened = torch.load(io.BytesIO(data), weights_only=True)
    assert type(opened) is dict
    assert torch.equal(opened["conv.weight"], STATE["conv.weight"])
    path = tmp_path / "a.pth"
    path.write_bytes(data)
    assert list(torch_checkpoint.read(path)) == [*PLAIN, "t"]
    assert torch_checkpoint.read(path)["norm.num_batches_tracked"].shape == ()


@pytest.mark.parametrize("kind", ["zip", "old", "pickle"])
def test_a_file_that_would_run_code_is_refused_unrun(tmp_path: Path, kind: str) -> None:
    held = {"a": torch.ones(2), "b": Runs(tmp_path / "appeared")}
    if kind == "pickle":
        path = tmp_path / "a.pth"
        path.write_bytes(pickle.dumps(held["b"]))
    else:
        path = saved(tmp_path, held, zipped=kind == "zip")
    asked = "pickle" if kind == "pickle" else r"asks for io\.open"
    with pytest.raises(georgia.BadInput, match=rf"run code are not opened.*{asked}|{asked}.*run"):
        torch_checkpoint.read(path)
    assert not (tmp_path / "appeared").exists()


def test_a_whole_network_is_named_as_what_it_asks_for(tmp_path: Path) -> None:
    with pytest.raises(georgia.BadInput, match=r"asks for torch\.nn\.modules\.linear\.Linear"):
        torch_checkpoint.read(saved(tmp_path, torch.nn.Linear(2, 2)))


def test_a_torchscript_archive_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.pt"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(torch.nn.Linear(2, 2), torch.ones(1, 2)).save(str(path))
    with pytest.raises(georgia.BadInput, match="TorchScript"):
        torch_checkpoint.read(path)


def packed_again(tmp_path: Path) -> bytes:
    """Its members compressed: a way to put much into little."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(saved(tmp_path, STATE, name="b.pth")) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return buffer.getvalue()


def plain_zip(_: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("a.png", b"")
    return buffer.getvalue()


@pytest.mark.parametrize(("content", "told"), [
    (lambda _: b"", "empty"),
    (lambda _: SAFETENSORS, r"safetensors file by another name"),
    (lambda _: b"\x89HDF\r\n\x1a\n" + bytes(90), "HDF5"),
    (lambda _: b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    (lambda _: b"<!doctype html>", "web page"),
    (lambda _: b"any text", "not a PyTorch file"),
    (lambda _: bytes(1000), "not a PyTorch file"),
    (lambda folder: saved(folder, STATE, name="b").read_bytes()[:-30], "damaged"),
    (lambda folder: saved(folder, STATE, name="b", zipped=False).read_bytes()[:-5], "damaged"),
    (lambda folder: saved(folder, STATE, name="b", zipped=False).read_bytes()[:90], "damaged"),
    (lambda folder: saved(folder, {}, name="b", zipped=False).read_bytes()[:15] + b"\x95",
     "damaged: UnpicklingError$"),
    (packed_again, "packed"),
    (plain_zip, r"without PyTorch's data\.pkl"),
    (lambda folder: saved(folder, {"epoch": 3, "x": "y"}, name="b").read_bytes(),
     r"no tensors; .* got epoch \(int\), x \(str\)"),
    (lambda folder: saved(folder, {}, name="b").read_bytes(), "got nothing"),
    (lambda folder: saved(folder, {"\n" + "x" * 5000: 1}, name="b").read_bytes(),
     "got \N{REPLACEMENT CHARACTER}x{199}[.]{3}$"),
    (lambda folder: saved(folder, [torch.ones(1)], name="b").read_bytes(), "got list"),
    (lambda folder: saved(folder, {"a": torch.ones(1).expand(10**9)}, name="b").read_bytes(),
     r"larger than it; .* got 4,000,000,000"),
    (lambda folder: saved(folder, {"a": torch.eye(3).to_sparse()}, name="b").read_bytes(),
     "a: of a kind that is not read"),
    (lambda folder: saved(folder, {"a": torch.ones(3, device="meta")}, name="b").read_bytes(),
     "meta"),
])  # fmt: skip
def test_what_is_no_weights_file_is_told(
    tmp_path: Path, content: Callable[[Path], bytes], told: str
) -> None:
    path = tmp_path / "what\n.pth"
    path.write_bytes(content(tmp_path))
    with pytest.raises(georgia.BadInput, match=told) as caught:
        torch_checkpoint.read(path)
    assert str(caught.value).startswith("[torch] ")
    assert "\n" not in str(caught.value)
    assert "weights_only" not in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(georgia.IoError, match=r"\[torch\] .*none\.pth: No such file"):
        torch_checkpoint.read(tmp_path / "none.pth")


@pytest.mark.parametrize("depth", [20, 32, 44, 56])
def test_published_weights_of_the_old_container_open(shared: Path, depth: int) -> None:
    (path,) = (shared / "weights" / "resnet_cifar10").glob(f"resnet{depth}-*.th")
    tensors = torch_checkpoint.read(path)
    assert len(tensors) == 5 * (depth - 1) + 2  # as old as to count no batches
    assert tensors["layer1.0.conv1.weight"].shape == (16, 16, 3, 3)
    assert tensors["linear.weight"].shape == (10, 64)


def timm_names(network: str, shapes: dict[str, list[int]]) -> dict[str, list[int]]:
    """The names and shapes timm has for a network, from torchvision's."""
    if network.startswith("vgg"):
        wide = {"classifier.0.weight": [4096, 512, 7, 7], "classifier.3.weight": [4096, 4096, 1, 1]}
        other = {"classifier.0": "pre_logits.fc1", "classifier.3": "pre_logits.fc2",
                 "classifier.6": "head.fc"}  # fmt: skip
        return {
            other.get(name.rpartition(".")[0], name.rpartition(".")[0])
            + "."
            + name.rpartition(".")[2]: wide.get(name, shape)
            for name, shape in shapes.items()
        }
    if network != "convnext_tiny":
        return shapes
    inside = {"block.0": "conv_dw", "block.2": "norm", "block.3": "mlp.fc1", "block.5": "mlp.fc2"}
    head = {"classifier.0": "head.norm", "classifier.2": "head.fc"}
    named = {}
    for name, shape in shapes.items():
        stem, _, kind = name.rpartition(".")
        parts = name.split(".")
        if stem in head:
            named[f"{head[stem]}.{kind}"] = shape
        elif parts[1] == "0":
            named[f"stem.{parts[2]}.{kind}"] = shape
        elif int(parts[1]) % 2 == 0:
            named[f"stages.{int(parts[1]) // 2}.downsample.{parts[2]}.{kind}"] = shape
        else:
            block = f"stages.{int(parts[1]) // 2}.blocks.{parts[2]}"
            end = "gamma" if kind == "layer_scale" else f"{inside['.'.join(parts[3:5])]}.{kind}"
            named[f"{block}.{end}"] = shape[:1] if kind == "layer_scale" else shape
    return named


def nodes_of(shapes: dict[str, list[int]]) -> list[Node]:
    def operation(name: str, shape: list[int]) -> str:
        if name.endswith("layer_scale"):
            return "parameter"
        return {4: "convolution", 2: "linear"}.get(len(shape), "batch_norm")

    return [Node(name, operation(name, shape), [name]) for name, shape in shapes.items()]


def reference(shared: Path, network: str) -> dict[str, list[int]]:
    path = shared / "reference" / "torchvision" / f"{network}.json"
    shapes: dict[str, list[int]] = json.loads(path.read_text())["tensors"]
    return shapes


@pytest.mark.parametrize(
    "network", ["convnext_tiny", "vgg11", "vgg16_bn", "resnet50", "inception_v3", "alexnet"]
)
def test_names_by_timm_become_torchvisions(shared: Path, network: str) -> None:
    expected = reference(shared, network)
    given = timm_names(network, expected)
    assert (given != expected) == (network in {"convnext_tiny", "vgg11", "vgg16_bn"})
    empty = {name: np.empty(shape, np.float32) for name, shape in given.items()}
    found = torch_checkpoint.torchvision_names(empty, nodes_of(expected))
    assert {name: list(value.shape) for name, value in found.items()} == expected
    assert torch_checkpoint.torchvision_names(found, nodes_of(expected)).keys() == expected.keys()


def test_a_convolution_as_wide_as_its_input_keeps_its_numbers() -> None:
    kernel = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)
    node = Node("classifier.0", "linear", ["classifier.0.weight"])
    found = torch_checkpoint.torchvision_names({"pre_logits.fc1.weight": kernel}, [node])
    np.testing.assert_array_equal(found["classifier.0.weight"], kernel.reshape(2, 12))


def test_a_name_that_the_network_has_not_stays() -> None:
    tensors = {"head.fc.weight": np.ones((2, 3)), "head.fc1.weight": np.ones((3, 3))}
    node = Node("head.fc1", "linear", ["head.fc1.weight"])
    assert list(torch_checkpoint.torchvision_names(tensors, [node])) == list(tensors)
