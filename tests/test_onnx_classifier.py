"""ONNX classifiers of any program, run by onnxruntime: layouts, types, outputs, and refusals."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx_files import written

import georgia
from georgia import BadInput, InvalidOption, IoError
from georgia.interchange.onnx_model import OnnxClassifier, logits_of

CHANNELS, HEIGHT, WIDTH = 3, 4, 6
SIDES = (CHANNELS, HEIGHT, WIDTH)
CLASSES = ("a", "b", "c")
MEAN, DEVIATION = (0.4, 0.5, 0.6), (0.2, 0.25, 0.3)
RANDOM = np.random.default_rng(0)
WEIGHT = RANDOM.normal(size=(CHANNELS, HEIGHT, WIDTH)).astype(np.float32)
BATCH = RANDOM.normal(size=(5, *SIDES)).astype(np.float32)  # normalised


def preprocess(**how: Any) -> georgia.Preprocess:
    usual = georgia.Preprocess().to_dict()
    own = {"height": HEIGHT, "width": WIDTH, "mean": list(MEAN), "deviation": list(DEVIATION)}
    return georgia.Preprocess.from_dict(usual | own | how)


def classifier(
    path: Path,
    sides: Sequence[int | str | None] = ("N", *SIDES),
    *,
    kind: int = TensorProto.FLOAT,
    layout: str = "NCHW",
    weight: NDArray[np.float32] = WEIGHT,
    bias: Sequence[float] = (0, 0, 0),
    end: Sequence[tuple[str, list[str], list[str], dict[str, Any]]] = (),
    outputs: Sequence[str] = ("logits",),
    tensors: dict[str, NDArray[Any]] | None = None,
) -> Path:
    """Logits are sums of weighted pixels by plane, so that no two pixels may change places."""
    is_last = layout == "NHWC"
    held = {
        "weight": weight.transpose(1, 2, 0) if is_last else weight,
        "bias": np.array(bias, np.float32),
        "axes": np.array([1, 2] if is_last else [2, 3]),
    } | (tensors or {})
    steps = [
        ("Cast", ["images"], ["floats"], {"to": TensorProto.FLOAT}),
        ("Mul", ["floats", "weight"], ["weighted"], {}),
        ("ReduceSum", ["weighted", "axes"], ["sums"], {"keepdims": 0}),
        ("Add", ["sums", "bias"], ["logits"], {}),
        *end,
    ]

    def change(model: Any) -> None:
        graph = helper.make_graph(
            [helper.make_node(kind, taken, made, **how) for kind, taken, made, how in steps],
            "classifier",
            [helper.make_tensor_value_info("images", kind, sides)],
            [value(name) for name in outputs],
            [numpy_helper.from_array(array, name) for name, array in held.items()],
        )
        model.graph.CopyFrom(graph)

    return written(path, change)


def value(name: str) -> Any:
    if name == "list":
        return helper.make_tensor_sequence_value_info(name, TensorProto.FLOAT, None)
    kinds = {"half": TensorProto.FLOAT16} | dict.fromkeys(("labels", "counts"), TensorProto.INT64)
    shapes: dict[str, list[str | int]] = {"labels": ["N"], "turned": [3, "N"], "scalar": []}
    shapes |= {"planes": ["N", *SIDES], "seven": [7, 3]}
    shape = shapes.get(name, ["N", len(CLASSES)])
    return helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), shape)


def opened(path: Path, how: georgia.Preprocess | None = None, **options: Any) -> OnnxClassifier:
    return OnnxClassifier(path, CLASSES, how or preprocess(), threads=1, **options)


SUMS = (BATCH * WEIGHT).sum((2, 3))


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


# What the network takes


@pytest.mark.parametrize(("layout", "sides"), [
    ("NCHW", ("N", 3, 4, 6)),
    ("NCHW", (None, 3, None, None)),
    ("NCHW", (1, 3, 4, 6)),
    ("NCHW", (-1, 3, 4, 6)),
    ("NCHW", (4, 3, 4, 6)),
    ("NCHW", (8, None, 4, None)),
    ("NHWC", ("N", 4, 6, 3)),
    ("NHWC", (None, None, None, 3)),
    ("NHWC", (1, 4, 6, 3)),
    ("NHWC", (4, None, 6, 3)),
])  # fmt: skip
@pytest.mark.parametrize("kind", [TensorProto.FLOAT, TensorProto.DOUBLE])
def test_layout_and_batch_are_told_by_the_shape(
    layout: str, sides: tuple[Any, ...], kind: int, tmp_path: Path
) -> None:
    network = opened(classifier(tmp_path / "a.onnx", sides, layout=layout, kind=kind))
    assert not network.is_probability
    for count in (0, 1, 5):
        found = network.probabilities(BATCH[:count])
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, softmax(SUMS[:count]), rtol=1e-5)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_where_the_shape_does_not_tell_the_layout_it_is_asked_for(
    layout: str, tmp_path: Path
) -> None:
    path = classifier(tmp_path / "a.onnx", ("N", None, None, None), layout=layout)
    with pytest.raises(InvalidOption, match="layout does not fit: expected NCHW or NHWC, got None"):
        opened(path)
    network = opened(path, layout=layout)
    np.testing.assert_allclose(network.probabilities(BATCH), softmax(SUMS), rtol=1e-5)


def test_float16_is_near(tmp_path: Path) -> None:
    network = opened(classifier(tmp_path / "a.onnx", kind=TensorProto.FLOAT16))
    rounded = BATCH.astype(np.float16).astype(np.float32)
    found = network.probabilities(BATCH)
    np.testing.assert_allclose(found, softmax((rounded * WEIGHT).sum((2, 3))), rtol=1e-5)


@pytest.mark.parametrize("order", ["rgb", "bgr"])
@pytest.mark.parametrize(("kind", "input"), [
    (TensorProto.UINT8, None), (TensorProto.UINT8, "uint8"), (TensorProto.FLOAT, "uint8"),
    (TensorProto.FLOAT16, "uint8"),
])  # fmt: skip
def test_bytes_come_back_from_normalised_pixels_exactly(
    kind: int, input: str | None, order: str, tmp_path: Path
) -> None:
    how = preprocess(height=16, width=16, order=order)
    levels = RANDOM.permuted(np.tile(np.arange(256.0), (3, 1)), axis=1).reshape(1, 3, 16, 16)
    places = [0, 1, 2] if order == "rgb" else [2, 1, 0]
    mean, deviation = (np.array(x)[places].reshape(3, 1, 1) for x in (MEAN, DEVIATION))
    batch = ((levels / 255 - mean) / deviation).astype(np.float32)
    weight = RANDOM.integers(0, 100, (3, 16, 16)).astype(np.float32)  # of sums below 2^24
    sides = ("N", 3, 16, 16)
    path = classifier(tmp_path / "a.onnx", sides, kind=kind, weight=weight)
    assert np.array_equal(opened(path, how, input=input).run(batch), (levels * weight).sum((2, 3)))


# What it answers


SOFTMAX = ("Softmax", ["logits"], ["shares"], {"axis": -1})


def test_probabilities_are_not_softened_again(tmp_path: Path) -> None:
    network = opened(classifier(tmp_path / "a.onnx", end=[SOFTMAX], outputs=["shares"]))
    assert network.is_probability
    np.testing.assert_allclose(network.probabilities(BATCH), softmax(SUMS), rtol=1e-5)


def test_probabilities_as_float16_are_told_and_made_to_sum_to_one(tmp_path: Path) -> None:
    path = classifier(
        tmp_path / "a.onnx",
        weight=0 * WEIGHT,
        bias=np.log([0.7, 0.2, 0.1]).tolist(),
        end=[SOFTMAX, ("Cast", ["shares"], ["half"], {"to": TensorProto.FLOAT16})],
        outputs=["half"],
    )
    network = opened(path)
    assert abs(network.run(BATCH).sum(1) - 1).max() > 1e-4
    assert network.is_probability
    found = network.probabilities(BATCH)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-6)
    np.testing.assert_allclose(found, np.tile([0.7, 0.2, 0.1], (5, 1)), rtol=1e-3)


def test_rows_that_no_longer_sum_to_one_are_refused(tmp_path: Path) -> None:
    end = [
        SOFTMAX,
        ("Clip", ["floats", "one"], ["clipped"], {}),
        ("ReduceMax", ["clipped"], ["largest"], {"keepdims": 0}),
        ("Mul", ["shares", "largest"], ["odd"], {}),
    ]
    one = {"one": np.array(1, np.float32)}
    network = opened(classifier(tmp_path / "a.onnx", end=end, outputs=["odd"], tensors=one))
    assert network.is_probability
    with pytest.raises(BadInput, match="expected rows that sum to 1, as on the first images"):
        network.probabilities(np.full((1, *SIDES), 3, np.float32))


@pytest.mark.parametrize("sides", [("N", *SIDES), (1, *SIDES), (8, *SIDES)])
def test_of_several_outputs_the_first_that_fits_is_taken(
    sides: tuple[Any, ...], tmp_path: Path
) -> None:
    end = [
        ("ArgMax", ["logits"], ["labels"], {"axis": 1, "keepdims": 0}),
        ("Cast", ["logits"], ["counts"], {"to": TensorProto.INT64}),
        ("Transpose", ["logits"], ["turned"], {}),
        ("ReduceSum", ["logits"], ["scalar"], {"keepdims": 0}),
        ("SplitToSequence", ["logits"], ["list"], {"axis": 0}),
        ("Identity", ["weighted"], ["planes"], {}),
        SOFTMAX,
    ]
    outputs = ["labels", "counts", "turned", "scalar", "list", "planes", "shares", "logits"]
    network = opened(classifier(tmp_path / "a.onnx", sides, end=end, outputs=outputs))
    assert network.is_probability
    np.testing.assert_allclose(network.probabilities(BATCH), softmax(SUMS), rtol=1e-5)


@pytest.mark.parametrize("input", ["uint8", "normalised", None])
def test_the_public_class_says_what_the_network_takes(input: str | None, tmp_path: Path) -> None:
    path = classifier(tmp_path / "a.onnx")
    how = georgia.Preprocess(height=4, width=6, mean=[0] * 3, deviation=[1] * 3)
    model = georgia.OnnxModel(path, classes=CLASSES, preprocess=how, input=input, threads=1)
    pixels = np.random.default_rng(5).integers(0, 256, (4, 6, 3), np.uint8)
    got = model.predict([pixels]).probabilities
    x = pixels.transpose(2, 0, 1)[None].astype(np.float32) / (1 if input == "uint8" else 255)
    np.testing.assert_allclose(got, softmax((x * WEIGHT).sum((2, 3))), rtol=1e-4, atol=1e-6)
    with pytest.raises(InvalidOption, match="threads does not fit"):
        georgia.OnnxModel(path, classes=CLASSES, preprocess=how, threads=-2)


def test_a_graph_of_no_network_names_the_class_that_runs_it(tmp_path: Path) -> None:
    path = classifier(tmp_path / "a.onnx")
    with pytest.raises(BadInput, match=r"georgia\.OnnxModel\(path, classes=\.\.\., preproc"):
        georgia.import_model(path)


def test_an_answer_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    network = opened(classifier(tmp_path / "a.onnx"))
    with pytest.raises(BadInput, match=r"\[OnnxModel\] .* the network's answer is not finite"):
        network.probabilities(np.full((1, *SIDES), np.inf, np.float32))


def test_rows_that_do_not_belong_to_the_images_are_refused(tmp_path: Path) -> None:
    end = [("Gather", ["logits", "both"], ["two rows"], {"axis": 0})]
    both = {"both": np.arange(2)}
    network = opened(classifier(tmp_path / "a.onnx", end=end, outputs=["two rows"], tensors=both))
    with pytest.raises(BadInput, match=r"expected rows of 3, got \(2, 3\)"):
        network.run(BATCH)
    with pytest.raises(BadInput, match="onnxruntime cannot compute it: "):
        network.run(BATCH[:1])


# What does not fit


def test_what_the_caller_says_must_fit_the_file(tmp_path: Path) -> None:
    path = classifier(tmp_path / "a\n.onnx")
    for wrong, message in [
        (lambda: OnnxClassifier(path, "ab", preprocess()), r"classes .* expected \(3,\), got 2"),
        (lambda: opened(path, preprocess(channels=1, mean=[0.5], deviation=[0.2])),
         r"preprocess does not fit: expected \(3, 4, 6\), got \(1, 4, 6\) as \(C, H, W\)"),
        (lambda: opened(path, preprocess(height=6, width=4)), r"got \(3, 6, 4\) as \(C, H, W\)"),
        (lambda: opened(path, layout="NHWC"), "layout does not fit: expected NCHW, got NHWC"),
        (lambda: opened(path, layout="CHW"), "layout does not fit: expected NCHW, got CHW"),
        (lambda: opened(path, input="int8"), "expected normalised or uint8, got int8"),
    ]:  # fmt: skip
        with pytest.raises(InvalidOption, match=message) as caught:
            wrong()
        assert str(caught.value).startswith("[OnnxModel] ")
        assert str(caught.value).isprintable()
    taken = classifier(path, kind=TensorProto.UINT8)
    with pytest.raises(InvalidOption, match="expected uint8, got normalised"):
        opened(taken, input="normalised")
    with pytest.raises(InvalidOption, match=r"threads does not fit: expected 0 or more, got -1$"):
        OnnxClassifier(path, CLASSES, preprocess(), threads=-1)


@pytest.mark.parametrize(("sides", "kind", "told"), [
    (("N", 10), TensorProto.FLOAT, r"expected an input of four axes, got shape \(None, 10\)"),
    ((), TensorProto.FLOAT, r"expected an input of four axes, got shape \(\)"),
    (("N", *SIDES), TensorProto.INT64, "expected an input of floats or uint8, got int64"),
    (("N", *SIDES), TensorProto.STRING, "expected an input of floats or uint8, got "),
    (("N", *SIDES), TensorProto.BFLOAT16, "expected an input of floats or uint8, got bfloat16"),
    ((1 << 40, *SIDES), TensorProto.FLOAT, "expected at most 1024 images at once, got 1099511627"),
])  # fmt: skip
def test_an_input_that_is_no_image_is_refused(
    sides: tuple[Any, ...], kind: int, told: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=rf"^\[OnnxModel\] .*a.onnx: {told}"):
        opened(classifier(tmp_path / "a.onnx", sides, kind=kind))


def test_what_onnxruntime_warns_of_is_not_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    end = [("Identity", ["logits"], ["seven"], {})]  # rows, as the file says
    opened(classifier(tmp_path / "a.onnx", end=end, outputs=["seven"])).run(BATCH)
    assert capfd.readouterr() == ("", "")


def test_operations_of_others_are_refused_without_a_sound(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def own(model: Any) -> None:
        model.graph.node[0].domain = "own"
        model.opset_import.append(helper.make_opsetid("own", 1))

    path, how = written(tmp_path / "a.onnx", own), preprocess(height=4, width=4)
    with pytest.raises(BadInput, match=r"^\[OnnxModel\] .* does not run it: ") as caught:
        OnnxClassifier(path, "abcd", how)
    assert str(caught.value).isprintable()
    assert capfd.readouterr() == ("", "")


def test_without_onnxruntime_the_package_to_install_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = classifier(tmp_path / "a.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    rest = r"onnxruntime: not installed; expected pip install georgia\[onnx\] before$"
    with pytest.raises(IoError, match=rf"^\[OnnxModel\] {rest}"):
        opened(path)
    with pytest.raises(IoError, match=rf"^\[export\] {rest}"):
        logits_of(path, BATCH)


def test_logits_are_told_with_the_program_that_computed_them(tmp_path: Path) -> None:
    program, logits = logits_of(classifier(tmp_path / "a.onnx"), BATCH)
    assert program.startswith("onnxruntime ")
    np.testing.assert_allclose(logits, SUMS, rtol=1e-4)
