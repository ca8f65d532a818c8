"""What a study hands over."""

import re
import shutil
from pathlib import Path

import h5py
import numpy as np
import onnxruntime
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
def test_the_published_network_is_rehearsed_to_its_deliverables(tmp_path: Path) -> None:
    photos = georgia.synthetic.write(tmp_path / "photos", per_class=12, size=64)
    for name in ("rhombs", "spherulites"):
        shutil.rmtree(photos / name)
    run = georgia.train(
        photos, recipe="crystals-resnet101", weights="none", out=tmp_path / "run", size=64,
        batch=4, rehearse=True, progress=False,
    )  # fmt: skip
    assert (run.options.network, run.options.variant) == ("resnet101", "keras")
    written = {path.suffix: path for path in (run.folder / "deliverables").iterdir()}
    assert all(path.name.startswith("REHEARSAL_GA") for path in written.values())
    with h5py.File(written[".h5"]) as file:
        layers = {name for name in file if name != "top_level_model_weights"}
    blocks = {f"conv{stage}_block{n}" for stage, count in ((2, 3), (3, 4), (4, 23), (5, 3))
              for n in range(1, count + 1)}  # fmt: skip
    assert {"conv1_conv", "conv1_bn"} < layers
    assert {f"{block}_{i}_{kind}" for block in blocks for i in (1, 2, 3)
            for kind in ("conv", "bn")} < layers  # fmt: skip
    images = sorted((photos / "plates").iterdir())
    session = onnxruntime.InferenceSession(written[".onnx"])
    model = georgia.load(run)
    pixels = [georgia.read_image(path) for path in images]  # 64 pixels, as the network's input
    answers = session.run(None, {session.get_inputs()[0].name: np.stack(pixels)})[0]
    ours = model.predict(images, precision="float32").probabilities
    exponents = np.exp(answers - answers.max(1, keepdims=True))
    np.testing.assert_allclose(exponents / exponents.sum(1, keepdims=True), ours, atol=1e-4)
    report = written[".txt"].read_text()
    assert report.startswith("REHEARSAL: no result") or "\nREHEARSAL: no result" in report
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
