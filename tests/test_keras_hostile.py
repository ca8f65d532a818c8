"""Keras files that are damaged or meant to harm are refused before they cost anything."""

import io
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from keras_files import write_by_hand

import georgia
from georgia.interchange import keras_h5, keras_match

KERNEL = np.arange(8, dtype=np.float32).reshape(4, 2)
CONFIG = b'{"class_name": "Sequential", "config": {"layers": []}}'


def changed(path: Path, change: Callable[[Any], object]) -> None:
    """One dense layer, with a group or a dataset made otherwise."""
    write_by_hand(path, {"d": {"d/bias:0": KERNEL[:, 0]}}, change=change)


def instead(make: Callable[[Any], object]) -> Callable[[Any], object]:
    """Put something else in the place of the weights."""

    def change(file: Any) -> None:
        del file["d/d/bias:0"]
        make(file["d/d"])

    return change


def virtual(group: Any) -> None:
    layout = h5py.VirtualLayout(shape=(4,), dtype="f4")
    layout[:] = h5py.VirtualSource("elsewhere.h5", "x", shape=(4,))
    group.create_virtual_dataset("bias:0", layout)


def often(file: Any) -> None:
    """The same numbers again and again: small in the file, large in memory."""
    file["d/big"] = np.zeros(1 << 14, np.float32)
    file["d"].attrs["weight_names"] = [b"big"] * 100


def native(path: Path, fill: Callable[[Any], object]) -> None:
    with h5py.File(path, "w") as file:
        fill(file.create_group("layers"))


def loop(layers: Any) -> None:
    """A model that is its own part."""
    layers["functional/layers"] = layers


def doubling(layers: Any) -> None:
    """Few groups, but many ways down to the last."""
    for _ in range(6):
        below = layers.file.create_group(None)
        for index in range(16):
            layers[f"functional_{index}/layers"] = below
        layers = below


@pytest.mark.parametrize(("change", "told"), [
    (instead(lambda g: g.__setitem__("bias:0", h5py.ExternalLink("other.h5", "/x"))), "a link"),
    (instead(lambda g: g.__setitem__("bias:0", h5py.SoftLink("/d"))), "a link"),
    (instead(virtual), "in another file"),
    (instead(lambda g: g.create_dataset("bias:0", (4,), "f4", external=[("x.bin", 0, 16)])),
     "in another file"),
    (instead(lambda g: g.create_dataset("bias:0", (1 << 40,), "f4")), "larger than the file"),
    (instead(lambda g: g.create_dataset("bias:0", (1 << 40,), "f4", chunks=(1 << 10,))),
     "larger than the file"),
    (instead(lambda g: g.create_dataset("bias:0", (0,), "f4", chunks=(1 << 28,),
                                        maxshape=(None,))), "larger than the file"),
    (instead(lambda g: g.create_dataset("bias:0", data=np.zeros(1 << 20, "f4"),
                                        compression="gzip")), "packed"),
    (instead(lambda g: g.create_dataset("bias:0", data=np.arange(4))), "expected floating-point"),
    (instead(lambda g: g.create_dataset("bias:0", data=b"text")), "expected floating-point"),
    (instead(lambda g: g.create_dataset("bias:0", dtype="f4", data=h5py.Empty("f4"))),
     "expected an array"),
    (instead(lambda g: g.create_group("bias:0")), "expected an array"),
    (instead(lambda _: None), "d/bias:0 is not in it"),
    (lambda f: f.attrs.__setitem__("layer_names", [b"x"]), "x is not in it"),
    (lambda f: f.attrs.__setitem__("layer_names", [b"../d"]), "is not in it"),
    (lambda f: f.attrs.__setitem__("layer_names", 3), "not a list of names"),
    (lambda f: f.attrs.__setitem__("layer_names", [1.0, 2.0]), "not a list of names"),
    (lambda f: f.attrs.__setitem__("layer_names", [[b"d"]]), "not a list of names"),
    (often, "larger than the file"),
    (lambda f: f.attrs.__setitem__("layer_names", [b"\xff\xfe"]), "damaged"),
])  # fmt: skip
def test_what_a_file_points_to_or_claims_is_not_followed(
    tmp_path: Path, change: Callable[[Any], object], told: str
) -> None:
    path = tmp_path / "a.h5"
    changed(path, change)
    with pytest.raises(georgia.BadInput, match=told):
        keras_h5.read(path)


@pytest.mark.slow
@pytest.mark.parametrize(("fill", "told"), [(loop, "too deep"), (doubling, "too many objects")])
def test_models_inside_themselves_come_to_an_end(
    tmp_path: Path, fill: Callable[[Any], object], told: str
) -> None:
    path = tmp_path / "a.weights.h5"
    native(path, fill)
    with pytest.raises(georgia.BadInput, match=told):
        keras_h5.read(path)


def test_a_link_in_place_of_a_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.weights.h5"
    native(path, lambda layers: layers.__setitem__("dense", h5py.ExternalLink("b.h5", "/")))
    with pytest.raises(georgia.BadInput, match="a link"):
        keras_h5.read(path)


def archive(weights: bytes, config: bytes = CONFIG, method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as packed:
        packed.writestr("config.json", config)
        packed.writestr("model.weights.h5", weights)
    return buffer.getvalue()


def good(tmp_path: Path) -> bytes:
    path = tmp_path / "good.weights.h5"
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = KERNEL
    return path.read_bytes()


def damaged(data: bytes) -> bytes:
    """A bit of the last member's contents turned over; its checksum tells."""
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize(("content", "told"), [
    (lambda _: b"", "got an empty file"),
    (lambda _: pickle.dumps({"a": 1}), "not a file of Keras"),
    (lambda _: b"\x89HDF\r\n\x1a\n" + bytes(500), "damaged"),
    (lambda data: data[: len(data) // 2], "damaged"),
    (lambda data: data[:100], "damaged"),
    (lambda data: archive(data)[:-40], "damaged"),
    (lambda data: archive(data[:-400]), "damaged"),
    (lambda data: damaged(archive(data)), "damaged"),
    (lambda _: archive(bytes(64 << 20), method=zipfile.ZIP_DEFLATED), "too large unpacked"),
    (lambda data: archive(data, bytes(32 << 20), zipfile.ZIP_DEFLATED), "too large unpacked"),
    (lambda data: archive(data).replace(b"config.json", b"konfig.json"), r"without config\.json"),
    (lambda data: archive(data, b"{"), "config: damaged"),
    (lambda _: archive(pickle.dumps({"a": 1})), "damaged"),
])  # fmt: skip
def test_what_is_no_whole_file_of_keras_is_told(
    tmp_path: Path, content: Callable[[bytes], bytes], told: str
) -> None:
    path = tmp_path / "what\n.keras"
    path.write_bytes(content(good(tmp_path)))
    with pytest.raises(georgia.BadInput, match=told) as caught:
        keras_h5.read(path)
    assert str(caught.value).startswith("[keras] ")
    assert "\n" not in str(caught.value)


def test_the_undamaged_file_is_read(tmp_path: Path) -> None:
    """So that what is refused above is refused for its damage."""
    for name, data in (("a.weights.h5", good(tmp_path)), ("a.keras", archive(good(tmp_path)))):
        path = tmp_path / name
        path.write_bytes(data)
        (layer,) = keras_h5.read(path).layers
        np.testing.assert_array_equal(layer.weights["kernel"], KERNEL)


def test_hdf5_of_another_program_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"] = KERNEL
    with pytest.raises(georgia.BadInput, match="HDF5 of another program"):
        keras_h5.read(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(georgia.IoError, match=r"\[keras\] .*none\.h5: No such file"):
        keras_h5.read(tmp_path / "none.h5")


def test_without_h5py_the_package_to_install_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    expected = r"h5py: not installed; expected pip install georgia\[keras\] before"
    with pytest.raises(georgia.IoError, match=expected):
        keras_h5.read(tmp_path / "a.h5")
    with pytest.raises(georgia.IoError, match=expected):
        keras_h5.render([], {})


def test_parts_of_unknown_layers_are_told(tmp_path: Path) -> None:
    """Weights that are not where a known layer has them must not be lost in silence."""
    path = tmp_path / "a.weights.h5"
    with h5py.File(path, "w") as file:
        file["layers/time_distributed/layer/vars/0"] = KERNEL
        file["layers/dropout/seed_generator/vars/0"] = np.zeros(2, np.uint32)
        file["layers/normalization/vars/0"] = KERNEL[0]
    with pytest.raises(georgia.BadInput) as caught:
        keras_match.match(keras_h5.read(path), [], {})
    assert "time_distributed/layer" in str(caught.value)
    assert "normalization (normalization)" in str(caught.value)
    assert "dropout" not in str(caught.value)


def test_scale_or_shift_left_out_is_told_by_a_config_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.weights.h5"
    with h5py.File(path, "w") as file:
        for index in range(3):
            file[f"layers/batch_normalization/vars/{index}"] = KERNEL[0]
    with pytest.raises(georgia.BadInput, match="only a config tells; expected 4, got 3"):
        keras_h5.read(path)


def test_a_config_tells_which_weight_is_left_out(tmp_path: Path) -> None:
    """And finds its layers by the names that are noted, whatever their groups are called."""
    with h5py.File(tmp_path / "a.weights.h5", "w") as file:
        for index in range(3):
            file[f"layers/batch_normalization_9/vars/{index}"] = KERNEL[index]
        file["layers/batch_normalization_9/vars"].attrs["name"] = "norm"
    config = CONFIG.replace(
        b"[]",
        b"""[{"class_name": "BatchNormalization",
        "config": {"name": "norm", "scale": false}}]""",
    )
    path = tmp_path / "a.keras"
    path.write_bytes(archive((tmp_path / "a.weights.h5").read_bytes(), config))
    (layer,) = keras_h5.read(path).layers
    assert list(layer.weights) == ["beta", "moving_mean", "moving_variance"]
    np.testing.assert_array_equal(layer.weights["moving_mean"], KERNEL[1])


@pytest.mark.parametrize("dtype", ["f2", "f8", ">f4"])
def test_numbers_of_any_width_become_float32(tmp_path: Path, dtype: str) -> None:
    path = write_by_hand(tmp_path / "a.h5", {"d": {"d/kernel:0": KERNEL.astype(dtype)}})
    found = keras_h5.read(path).layers[0].weights["kernel"]
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, KERNEL)


def test_bfloat16_becomes_float32(tmp_path: Path) -> None:
    upper = (KERNEL.view(np.uint32) >> 16).astype(np.uint16)
    path = write_by_hand(tmp_path / "a.h5", {"d": {"d/kernel:0": upper.view("V2")}})
    np.testing.assert_array_equal(keras_h5.read(path).layers[0].weights["kernel"], KERNEL)


def test_the_container_of_keras_2_13_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.weights.h5"
    with h5py.File(path, "w") as file:
        file["_layer_checkpoint_dependencies/dense/vars/0"] = KERNEL
    assert [layer.name for layer in keras_h5.read(path).layers] == ["dense"]
