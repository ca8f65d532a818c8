"""ONNX files that are damaged or meant to harm are refused in one line, before they cost much."""

import io
import pickle
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx_files import WEIGHT, Change, info, little_memory, small, written

import georgia
from georgia.interchange import onnx_file
from georgia.interchange.onnx_model import OnnxClassifier
from georgia.interchange.onnx_reader import read

MANY = 1 << 40


def told(path: Path, error: type[Exception] = georgia.BadInput) -> str:
    """The one line with which a file is refused."""
    with pytest.raises(error) as caught:
        read(path)
    assert type(caught.value) is error
    line = str(caught.value)
    assert line.startswith("[read_onnx] ")
    assert line.isprintable()
    assert len(line) < 1300
    return line


def test_the_undamaged_file_is_read(tmp_path: Path) -> None:
    """So that what is refused below is refused for its damage."""
    file = read(written(tmp_path / "a.onnx"))
    assert [node.operation for node in file.nodes] == ["Conv", "GlobalAveragePool"]
    assert np.array_equal(file.initialisers["weight"], WEIGHT)
    assert (file.input_name, file.input_shape, file.input_type, file.outputs) == (
        "images", (None, 3, 4, 4), "float32", ("logits",))  # fmt: skip


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model.onnx", small().SerializeToString())
    return buffer.getvalue()


@pytest.mark.parametrize(("content", "what"), [
    (b"", "not ONNX; expected a graph and its version, got 0 bytes"),
    (bytes(1000), "not ONNX, or damaged"),
    (pickle.dumps({"weight": WEIGHT}), "that begin with b'\\x80\\x04"),
    (zipped(), "that begin with b'PK\\x03\\x04"),
    (b"\x89HDF\r\n\x1a\n" + bytes(500), "that begin with b'\\x89HDF"),
    (b"a text, no network\n" * 10, "that begin with b'a text,"),
    (onnx.TensorProto(name="weight").SerializeToString(), "not ONNX"),
])  # fmt: skip
def test_what_is_no_onnx_is_told_by_its_first_bytes(
    content: bytes, what: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.onnx"
    path.write_bytes(content)
    assert what in told(path)


def test_random_bytes_are_refused(tmp_path: Path) -> None:
    for seed in range(100):
        content = np.random.default_rng(seed).bytes(1 + seed * 7)
        (tmp_path / "a.onnx").write_bytes(content)
        told(tmp_path / "a.onnx")


def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    content = written(tmp_path / "a.onnx").read_bytes()
    lines = []
    for size in range(len(content)):
        (tmp_path / "a.onnx").write_bytes(content[:size])
        lines.append(told(tmp_path / "a.onnx"))
    whole = [line for line in lines if "not ONNX" not in line]
    assert len(whole) == 1  # that ends before the last field, the opset
    assert "opset" in whole[0]


def test_what_the_system_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "folder.onnx").mkdir()
    assert told(tmp_path / "none.onnx", georgia.IoError).endswith("none.onnx: no such file")
    assert told(tmp_path / "folder.onnx", georgia.IoError).endswith(
        "folder.onnx: not a file; expected an ONNX file")  # fmt: skip
    assert "File name too long" in told(tmp_path / ("n" * 300), georgia.IoError)


def test_a_file_of_more_than_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.onnx")
    monkeypatch.setattr(onnx_file, "_MAX_BYTES", path.stat().st_size)
    read(path)
    monkeypatch.setattr(onnx_file, "_MAX_BYTES", path.stat().st_size - 1)
    assert "too large; expected at most 2 GB" in told(path)


def test_without_the_package_its_name_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    line = told(tmp_path / "a.onnx", georgia.IoError)
    assert line == "[read_onnx] onnx: not installed; expected pip install georgia[onnx] before"


# What a file points to


def outside(name: str = "weight", location: str = "/etc/hostname") -> Any:
    """A tensor whose numbers are in another file."""
    tensor = numpy_helper.from_array(WEIGHT, name)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    return tensor


def claimed_only() -> Any:
    tensor = numpy_helper.from_array(WEIGHT, "weight")
    tensor.external_data.add(key="location", value="weights.bin")
    return tensor


def sparse(name: str = "weight") -> Any:
    values = helper.make_tensor(name, TensorProto.FLOAT, [1], [1])
    indices = helper.make_tensor("indices", TensorProto.INT64, [1], [0])
    return helper.make_sparse_tensor(values, indices, [MANY])


def instead(tensor: Any) -> Change:
    return lambda model: model.graph.initializer[0].CopyFrom(tensor)


def node(operation: str, **attributes: Any) -> Change:
    """Add a node that nothing reads."""
    made = helper.make_node(operation, [], ["unread"], **attributes)
    return lambda model: model.graph.node.insert(0, made)


def body(*nodes: Any, tensors: Any = (), sparse_tensors: Any = ()) -> Any:
    return helper.make_graph(
        list(nodes), "body", [], [info("y", 4)], list(tensors), sparse_initializer=sparse_tensors
    )


def in_function(*nodes: Any, defaults: Any = (), domain: str = "own") -> Change:
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    made = helper.make_function(
        domain, "F", ["a"], ["b"], list(nodes), opsets, attribute_protos=list(defaults)
    )
    return lambda model: model.functions.append(made)


CONSTANT = helper.make_node("Constant", [], ["y"], value=outside())


@pytest.mark.parametrize("change", [
    instead(outside()),
    instead(outside(location="../weights.bin")),
    instead(outside(location="weights.bin")),
    instead(claimed_only()),
    node("Constant", value=outside()),
    node("Strange", domain="own", tensors=[outside(), outside()]),
    node("If", then_branch=body(tensors=[outside()]), else_branch=body()),
    node("If", then_branch=body(), else_branch=body(CONSTANT)),
    node("Loop", body=body(helper.make_node("Loop", [], [], body=body(CONSTANT)))),
    node("Strange", domain="own", graphs=[body(), body(CONSTANT)]),
    in_function(CONSTANT),
    in_function(helper.make_node("If", [], ["b"], then_branch=body(CONSTANT))),
    in_function(defaults=[helper.make_attribute("value", outside())]),
])  # fmt: skip
def test_tensors_in_other_files_are_refused_before_anything_could_follow_them(
    change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def follow(*_: object) -> None:
        pytest.fail("a function that may open what the file names was called")

    monkeypatch.setattr(onnx.checker, "check_model", follow)
    monkeypatch.setattr(numpy_helper, "to_array", follow)
    (tmp_path / "weights.bin").write_bytes(WEIGHT.tobytes())
    line = told(written(tmp_path / "a.onnx", change))
    assert "tensors in other files are not read; expected plain ones inside it, got weight" in line


def test_onnxruntime_is_given_no_file_that_names_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def follow(*_: object, **__: object) -> None:
        pytest.fail("onnxruntime was called")

    monkeypatch.setattr(onnxruntime, "InferenceSession", follow)
    path = written(tmp_path / "a.onnx", instead(outside()))
    with pytest.raises(georgia.BadInput, match="tensors in other files are not read"):
        OnnxClassifier(path, "abcd", georgia.Preprocess())


@pytest.mark.parametrize("change", [
    lambda model: model.graph.sparse_initializer.append(sparse()),
    node("Constant", sparse_value=sparse()),
    node("Strange", domain="own", several=[sparse(), sparse()]),
    node("If", then_branch=body(sparse_tensors=[sparse()])),
    in_function(helper.make_node("Constant", [], ["b"], sparse_value=sparse())),
])  # fmt: skip
def test_sparse_tensors_are_refused(change: Change, tmp_path: Path) -> None:
    with little_memory():
        assert "sparse tensors are not read; expected" in told(written(tmp_path / "a.onnx", change))


def test_a_training_graph_is_refused(tmp_path: Path) -> None:
    def change(model: Any) -> None:
        model.training_info.add().algorithm.initializer.append(outside())

    assert "holds a training graph" in told(written(tmp_path / "a.onnx", change))


# What a file claims


def tensor(dims: list[int] | None = None, **fields: Any) -> Change:
    """Change the header of the weight, whose numbers stay."""

    def change(model: Any) -> None:
        weight = model.graph.initializer[0]
        weight.dims[:] = dims or weight.dims
        for name, value in fields.items():
            setattr(weight, name, value)

    return change


@pytest.mark.parametrize("change", [
    tensor(raw_data=WEIGHT.tobytes()[:-1]),
    tensor(raw_data=b""),
    tensor([MANY]),
    tensor([1 << 62, 8]),
    tensor([MANY, 3, 1, 1]),
    tensor([1] * 70),
    tensor(data_type=TensorProto.UNDEFINED),
    tensor(data_type=TensorProto.STRING),
    tensor(data_type=113),
    instead(helper.make_tensor("weight", TensorProto.STRING, [1], [b"\xff"])),
])  # fmt: skip
@pytest.mark.parametrize("is_checked", [True, False])
def test_a_tensor_that_is_not_what_its_header_says_is_told(
    change: Change, is_checked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the onnx package, of which older ones check less, and by us."""
    if not is_checked:
        monkeypatch.setattr(onnx.checker, "check_model", lambda _: None)
    with little_memory():
        assert "weight" in told(written(tmp_path / "a.onnx", change))


def inputs(*values: Any) -> Change:
    def change(model: Any) -> None:
        del model.graph.input[:]
        model.graph.input.extend(values)

    return change


def opset(version: int, domain: str = "") -> Change:
    return lambda model: model.opset_import[0].CopyFrom(helper.make_opsetid(domain, version))


def calls(count: int) -> Change:
    """Functions that call the one before twice: as many operations as grains on a chessboard."""

    def change(model: Any) -> None:
        model.opset_import.append(helper.make_opsetid("own", 1))
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
        for i in range(count):
            below = [("a", "c"), ("c", "b")] if i < count - 1 else []
            nodes = [helper.make_node(f"F{i + 1}", [x], [y], domain="own") for x, y in below]
            nodes = nodes or [helper.make_node("Relu", ["a"], ["b"])]
            made = helper.make_function("own", f"F{i}", ["a"], ["b"], nodes, opsets)
            model.functions.append(made)
        model.graph.node.append(helper.make_node("F0", ["logits"], ["more"], domain="own"))

    return change


def itself(model: Any) -> None:
    in_function(helper.make_node("F", ["a"], ["b"], domain="own"))(model)


def twice(model: Any) -> None:
    in_function(CONSTANT)(model)
    in_function(RELU)(model)


def circle(model: Any) -> None:
    model.graph.node[0].input[0] = "logits"


def without_shape(model: Any) -> None:
    model.graph.input[0].type.tensor_type.ClearField("shape")


SEQUENCE = helper.make_tensor_sequence_value_info("images", TensorProto.FLOAT, None)
RELU = helper.make_node("Relu", ["a"], ["b"])


@pytest.mark.parametrize(("change", "what"), [
    (inputs(info("images", 4), info("right", 4)), "one input, the image, got images, right"),
    (tensor([-1, 3, 1, 1]), "weight"),
    (inputs(), "not valid ONNX: "),
    (without_shape, "shape"),
    (inputs(SEQUENCE), "input images: expected a tensor of a stated shape and type"),
    (inputs(info("images", 4, kind=999)), "input images: expected a tensor of a stated shape"),
    (opset(9999), "too new; expected operations of at most"),
    (opset(9999, "ai.onnx"), "too new; expected operations of at most"),
    (opset(17, "own"), "not valid ONNX: "),
    (lambda model: setattr(model, "ir_version", 99), "not valid ONNX: "),
    (lambda model: model.graph.node[0].__setattr__("op_type", "Nope"), "Nope"),
    (lambda model: model.graph.node[0].__setattr__("domain", "own"), "own"),
    (lambda model: model.graph.node.append(model.graph.node[0]), "planes"),
    (circle, "topologically sorted"),
    (calls(30), "too many operations; expected at most 100,000"),
    (itself, "too many operations; expected at most 100,000"),
    (twice, "functions of equal names"),
    (in_function(RELU, domain=""), "functions in place of ONNX's own operations: F"),
    (in_function(RELU, domain="ai.onnx"), "functions in place of ONNX's own operations: F"),
])  # fmt: skip
def test_a_graph_that_is_none_or_has_no_end_is_told(
    change: Change, what: str, tmp_path: Path
) -> None:
    with little_memory():
        assert what in told(written(tmp_path / "a.onnx", change))


def test_subgraphs_inside_each_other_come_to_an_end(tmp_path: Path) -> None:
    """As bytes, for no program writes them: each field a tag, a length and what is inside."""

    def field(number: int, content: bytes) -> bytes:
        size, left = b"", len(content)
        while left > 127:
            size, left = size + bytes([left & 127 | 128]), left >> 7
        return bytes([number << 3 | 2]) + size + bytes([left]) + content

    graph = b""
    for _ in range(20_000):
        graph = field(1, field(5, field(6, graph)))  # graph.node.attribute.g
        if len(graph) > 1 << 17:
            break
    (tmp_path / "a.onnx").write_bytes(b"\x08\x08" + field(7, graph))
    assert "not ONNX, or damaged" in told(tmp_path / "a.onnx")


def test_names_cannot_rewrite_the_terminal_nor_fill_it(tmp_path: Path) -> None:
    name = "\x1b[2J\r\n\u2028\u202e\x00" + "long" * 100_000
    line = told(written(tmp_path / "a\n\x1b[2J.onnx", instead(outside(name))))
    assert "tensors in other files are not read" in line
    assert line.endswith("...")
