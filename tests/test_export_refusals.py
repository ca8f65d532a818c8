"""An export that cannot be, or goes wrong: told in a line, and the folder is as it was."""

import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zoo_models import names, random_model

import georgia

EXPORTING = importlib.import_module("georgia.exporting")
ENDINGS = (".safetensors", ".pth", ".onnx", ".h5")


@pytest.fixture(scope="module")
def small() -> georgia.Model:
    return random_model("small_cnn", size=16, classes=3)


@pytest.fixture(scope="module")
def keras() -> georgia.Model:
    return random_model("resnet18", variant="keras", size=32, classes=3)


@pytest.mark.parametrize("name", ["m", "m.pt", "m.keras", "m.onnx.gz", ".pth"])
def test_an_unknown_ending_is_told_with_the_known(
    name: str, small: georgia.Model, tmp_path: Path
) -> None:
    line = rf"{name}: unknown ending; expected one of \.safetensors, \.pth, \.onnx, \.h5"
    with pytest.raises(georgia.InvalidOption, match=line):
        small.export(tmp_path / name)
    assert names(tmp_path) == []


def test_the_name_of_keras_3s_own_layout_is_refused(keras: georgia.Model, tmp_path: Path) -> None:
    for name in ("x.weights.h5", "x.Weights.H5"):
        line = rf"Keras 3 wants another layout there; expected a name like model\.h5, got {name}"
        with pytest.raises(georgia.InvalidOption, match=line):
            keras.export(tmp_path / name)
    assert names(tmp_path) == []


def test_an_ending_may_be_written_large(small: georgia.Model, tmp_path: Path) -> None:
    small.export(tmp_path / "M.ONNX")
    assert georgia.import_model(tmp_path / "M.ONNX").classes == small.classes


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_missing_folder_is_named_and_not_made(
    ending: str, small: georgia.Model, keras: georgia.Model, tmp_path: Path
) -> None:
    path = tmp_path / "nowhere" / f"m{ending}"
    model = keras if ending == ".h5" else small
    with pytest.raises(georgia.IoError) as caught:
        model.export(path)
    assert str(caught.value) == f"[export] {path}: No such file or directory"
    assert names(tmp_path) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_told(small: georgia.Model, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(georgia.IoError, match=r"\[export\] .*m\.pth: Permission denied"):
        small.export(tmp_path / "m.pth")
    tmp_path.chmod(0o700)
    assert names(tmp_path) == []


def test_a_folder_is_no_target(small: georgia.Model, tmp_path: Path) -> None:
    (tmp_path / "m.pth").mkdir()
    with pytest.raises(georgia.IoError, match=r"\[rename\] .*m\.pth: Is a directory"):
        small.export(tmp_path / "m.pth")
    assert names(tmp_path) == ["m.pth"]


def test_a_file_in_the_place_of_the_folder_is_told(small: georgia.Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(georgia.IoError, match=r"\[export\] .*m\.onnx: Not a directory"):
        small.export(tmp_path / "file" / "m.onnx")
    assert (tmp_path / "file").read_text() == "mine"


def others(check: Any) -> Any:
    """The same check, finding other logits in the file than are there."""

    def found(*arguments: Any) -> Any:
        checked_by, logits = check(*arguments)
        return checked_by, logits + np.float32(0.01) * np.abs(logits).max()

    return found


def interrupted(*_: Any) -> Any:
    raise KeyboardInterrupt


def spoil(patch: pytest.MonkeyPatch, ending: str, how: Any) -> None:
    where, name = EXPORTING, "_read_again"
    if ending == ".onnx":
        where, name = EXPORTING.onnx_model, "logits_of"
    patch.setattr(where, name, how(getattr(where, name)))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_file_that_answers_otherwise_is_not_kept(
    ending: str,
    small: georgia.Model,
    keras: georgia.Model,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / f"m{ending}"
    path.write_text("what was there before")
    spoil(monkeypatch, ending, others)
    line = rf"m{ending}: not written, because the file answers otherwise than the model"
    with pytest.raises(georgia.InternalError, match=line):
        (keras if ending == ".h5" else small).export(path)
    assert path.read_text() == "what was there before"
    assert names(tmp_path) == [path.name]


def test_an_answer_that_is_no_number_is_no_answer(
    small: georgia.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil(monkeypatch, ".pth", lambda _: lambda *_: ("nothing", np.full((3, 3), np.nan)))
    with pytest.raises(georgia.InternalError, match="differ by nan"):
        small.export(tmp_path / "m.pth")
    assert names(tmp_path) == []


@pytest.mark.parametrize("ending", [".pth", ".onnx"])
def test_ctrl_c_leaves_the_folder_as_it_was(
    ending: str, small: georgia.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"m{ending}"
    path.write_text("what was there before")
    spoil(monkeypatch, ending, lambda _: interrupted)
    with pytest.raises(KeyboardInterrupt):
        small.export(path)
    assert path.read_text() == "what was there before"
    assert names(tmp_path) == [path.name]


def test_only_the_target_is_touched(small: georgia.Model, tmp_path: Path) -> None:
    for name in ("m.unchecked.pth", "draft.pth", "m.pth.tmp", "m.pth.part", "m.pth"):
        (tmp_path / name).write_text(name)
    before = names(tmp_path)
    small.export(tmp_path / "m.pth")
    assert names(tmp_path) == before
    for name in set(before) - {"m.pth"}:
        assert (tmp_path / name).read_text() == name
    assert georgia.Model.create("small_cnn", classes=3, size=16, weights=tmp_path / "m.pth").classes


def test_a_keras_file_is_for_networks_of_keras(small: georgia.Model, tmp_path: Path) -> None:
    line = r"m\.h5: .h5 holds ResNets .*; expected the variant keras, got small_cnn \(torchvision\)"
    with pytest.raises(georgia.InvalidOption, match=line):
        small.export(tmp_path / "m.h5")


@pytest.mark.parametrize("head", ["linear", "one_logit"])
def test_one_unit_needs_two_classes_with_a_logit_each(
    head: str, keras: georgia.Model, tmp_path: Path
) -> None:
    model = keras
    if head == "one_logit":
        model = georgia.Model.create("resnet18", variant="keras", head=head, classes=2, size=32)
    with pytest.raises(georgia.InvalidOption, match="expected two classes with a logit each"):
        model.export(tmp_path / "m.h5", sigmoid=True)
    assert names(tmp_path) == []


def test_what_a_format_does_not_know_is_no_option_of_it(
    small: georgia.Model, tmp_path: Path
) -> None:
    two = random_model("small_cnn", size=16)
    for ending in (".safetensors", ".pth", ".onnx"):
        with pytest.raises(georgia.InvalidOption, match=r"only \.h5 has one unit"):
            two.export(tmp_path / f"m{ending}", sigmoid=True)
    for ending in (".safetensors", ".pth"):
        with pytest.raises(georgia.InvalidOption, match=r"only \.onnx .*expected uint8, got float"):
            small.export(tmp_path / f"m{ending}", input="float32")
    with pytest.raises(georgia.InvalidOption, match="expected uint8 or float32, got int8"):
        small.export(tmp_path / "m.onnx", input="int8")  # type: ignore[arg-type]
    assert names(tmp_path) == []
