"""What an export says of itself: enough to read it whole, and nothing that can do harm."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import onnx
import pytest
import torch
from zoo_models import random_model, same_tensors

import georgia
from georgia.interchange import metadata

Header = dict[str, Any]


def put(*keys: str, value: Any) -> Callable[[Header], Any]:
    """A change of one entry, however deep."""

    def change(header: Header) -> Any:
        for key in keys[:-1]:
            header = header[key]
        header[keys[-1]] = value

    return change


DAMAGES: list[tuple[str, Callable[[Header], Any]]] = [
    *(
        (f"no {key}", lambda h, key=key: h.pop(key))
        for key in ("architecture", "variant", "head", "preprocess", "classes")  # type: ignore[misc]
    ),
    ("unknown network", put("architecture", value="nonet")),
    ("a list for a name", put("architecture", value=["small_cnn"])),
    ("an object for a name", put("variant", value={})),
    ("unknown variant", put("variant", value="x")),
    ("unknown head", put("head", value="x")),
    ("a number for a head", put("head", value=3)),
    ("a stranger in the head", put("head", "x", value=3)),
    ("a head of no numbers", put("head", value={"pool": "average", "hidden": ["x"]})),
    ("a head of one logit", put("head", value={"pool": "average", "one_logit": True})),
    ("a list for preprocess", put("preprocess", value=[])),
    ("a negative size", put("preprocess", "height", value=-1)),
    ("too small", put("preprocess", "height", value=1)),
    ("too many channels", put("preprocess", "channels", value=7)),
    ("a deviation of zero", put("preprocess", "deviation", value=[0, 0, 0])),
    ("no classes", put("classes", value=[])),
    ("classes in a text", put("classes", value="abc")),
    ("a number among the classes", put("classes", value=["a", 2, "c"])),
    ("an empty name", put("classes", value=["a", "", "c"])),
    ("a name twice", put("classes", value=["a", "a", "c"])),
]
TEXTS = ["", "{", "[]", "null", "3", "[" * 100_000, '{"architecture":' * 20_000, "\x1b[2J\n"]


@pytest.fixture(scope="module")
def small() -> georgia.Model:
    return random_model("small_cnn", size=16, classes=["a", "b", "c"])


def refused(path: Path, text: str) -> None:
    with pytest.raises(georgia.BadInput) as caught:
        metadata.parse(path, text)
    told = str(caught.value)
    assert told.startswith(f"[weights] {path}: damaged metadata: ")
    assert told.isprintable()


@pytest.mark.parametrize("change", [one for _, one in DAMAGES], ids=[name for name, _ in DAMAGES])
def test_a_damaged_header_is_told(
    change: Callable[[Header], Any], small: georgia.Model, tmp_path: Path
) -> None:
    header = json.loads(json.dumps(metadata.header_of(small._file)))
    path = tmp_path / "m.onnx"
    assert metadata.parse(path, json.dumps(header)) == metadata.said_by(small._file)
    change(header)
    refused(path, json.dumps(header))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_is_no_header_is_told(text: str, tmp_path: Path) -> None:
    refused(tmp_path / "m.onnx", text)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_every_format_checks_its_header(text: str, small: georgia.Model, tmp_path: Path) -> None:
    path = tmp_path / "m.onnx"
    small.export(path)
    file = onnx.load(path)
    for entry in file.metadata_props:
        entry.value = text if entry.key == "georgia" else entry.value
    onnx.save(file, path)
    with h5py.File(tmp_path / "m.h5", "w") as keras:
        keras.attrs["layer_names"] = [b"x"]
        keras.create_group("x").attrs["weight_names"] = []
        keras.attrs["georgia"] = text[:60_000]
    for damaged in (path, *([tmp_path / "m.h5"] if text else [])):
        with pytest.raises(georgia.BadInput, match="damaged metadata"):
            georgia.import_model(damaged)


@pytest.mark.slow
def test_classes_of_any_number_fit_into_a_keras_file(tmp_path: Path) -> None:
    classes = [f"{number} {'é' * 40}" for number in range(400)]
    model = random_model("resnet18", variant="keras", size=32, classes=classes)
    model.export(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5") as file:
        assert "georgia1" in file.attrs
    again = georgia.import_model(tmp_path / "m.h5")
    assert again.classes == tuple(classes)
    assert again.preprocess == model.preprocess
    assert same_tensors(again, model)


def test_an_exported_safetensors_is_a_model_file(small: georgia.Model, tmp_path: Path) -> None:
    small.export(tmp_path / "m.safetensors")
    again = georgia.load(tmp_path / "m.safetensors")
    assert (again.classes, again.preprocess) == (small.classes, small.preprocess)
    assert same_tensors(again, small)


def test_a_file_for_torch_says_what_it_does_not_hold(small: georgia.Model, tmp_path: Path) -> None:
    written = small.export(tmp_path / "m.pth")
    for word in ("preprocessing, classes and head", "--size", "--normalisation", "--classes"):
        assert word in written.note
    assert str(written).endswith(f"\n{written.note}")


def test_a_head_of_ours_is_left_out_where_another_is_asked_for(tmp_path: Path) -> None:
    model = random_model("small_cnn", size=16, head="concat")
    model.export(tmp_path / "m.pth")
    made = georgia.Model.create(
        "small_cnn", classes=2, size=16, head="dense", weights=tmp_path / "m.pth"
    )
    assert "the file's own classifier is left out" in made.notes


@pytest.mark.parametrize("wrong", ["wider", "flat", "beside its own"])
def test_a_head_that_is_none_of_ours_is_not_recognised(wrong: str, tmp_path: Path) -> None:
    held = random_model("small_cnn", size=16, head="dense")._file.tensors()
    tensors = {name: torch.tensor(value) for name, value in held.items()}
    if wrong == "wider":
        tensors["head.fc1.weight"] = torch.ones(len(held["head.fc1.weight"]), 7)
    elif wrong == "flat":
        tensors["head.out.weight"] = torch.ones(5)
    else:
        tensors |= {"fc.weight": torch.ones(2, 3), "fc.bias": torch.ones(2)}
    torch.save(tensors, tmp_path / "m.pth")
    with pytest.raises(georgia.BadInput, match="not recognised"):
        georgia.import_model(tmp_path / "m.pth", size=16)
