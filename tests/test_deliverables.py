"""What a study hands over."""

import re
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

import georgia

pytestmark = pytest.mark.slow


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_crystals_run_hands_over_all_that_was_published(photos: Path, tmp_path: Path) -> None:
    two = tmp_path / "two"
    for name in ("needles", "plates"):
        shutil.copytree(photos / name, two / name)
    run = georgia.train(
        two, recipe="crystals-resnet101", network="resnet18", variant="keras", weights="none",
        out=tmp_path / "run", epochs=1, size=32, batch=8, progress=False,
    )  # fmt: skip
    written = run.deliverables(tmp_path / "out", prefix="GA")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        path.name for path in written
    )
    names = " ".join(sorted(path.name for path in written))
    stamp = r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d"
    assert re.fullmatch(
        rf"GAFinalTestResults\.txt GAfinal_confusion_matrix\.png GAmetrics_plot\.png "
        rf"GAweights_{stamp}\.h5 GAweights_{stamp}\.onnx",
        names,
    )
    by_ending = {path.suffix: path for path in written}
    with h5py.File(by_ending[".h5"]) as file:
        layers = set(file)
        assert {"conv1_conv", "conv2_block1_1_conv"} <= layers
    model = georgia.load(run)
    again = georgia.import_model(by_ending[".onnx"])
    images = sorted((two / "plates").iterdir())
    np.testing.assert_allclose(
        again.predict(images).probabilities, model.predict(images).probabilities, atol=1e-5
    )
    report = by_ending[".txt"].read_text()
    assert re.search(r"accuracy \d\.\d{4} \(\d+/\d+\)", report)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_two_logits_become_one_unit_for_keras(photos: Path, tmp_path: Path) -> None:
    for name in ("needles", "plates"):
        shutil.copytree(photos / name, tmp_path / "two" / name)
    run = georgia.train(
        tmp_path / "two", network="resnet18", variant="keras", out=tmp_path / "run", epochs=1,
        size=32, batch=8, progress=False,
    )  # fmt: skip
    (weights,) = (path for path in run.deliverables(tmp_path / "out") if path.suffix == ".h5")
    shapes: list[tuple[int, ...]] = []
    with h5py.File(weights) as file:
        file.visititems(lambda _, item: shapes.append(getattr(item, "shape", ())))
    assert (512, 1) in shapes
    assert (512, 2) not in shapes


def test_a_place_that_cannot_be_written_is_told(run: georgia.Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(georgia.IoError, match=r"\[deliverables\] .*file: "):
        run.deliverables(tmp_path / "file")


def test_another_network_has_no_keras_file(run: georgia.Run, tmp_path: Path) -> None:
    written = run.deliverables(tmp_path, prefix="X")
    assert {path.suffix for path in written} == {".onnx", ".txt", ".png"}
    assert all(path.name.startswith("X") for path in written)
