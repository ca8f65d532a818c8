"""georgia networks, summary, import, export: what they print and write, and how they refuse."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from test_cli import command
from zoo_models import given, make_foreign, names, random_model, same_tensors

import georgia
from georgia.cli import main


class Shell:
    """The command in this process, with what it printed and its exit code."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self._patch = patch
        self._capture = capture

    def __call__(self, *words: object) -> str:
        """Output of a command that must succeed."""
        code, out, err = self._run(words)
        assert (code, err) == (0, "")
        return out

    def refused(self, *words: object) -> str:
        """The one line of one that must fail."""
        code, _, err = self._run(words)
        assert code == 2
        assert err.startswith("georgia: ")
        assert err.count("\n") == 1
        assert "\N{REPLACEMENT CHARACTER}" not in err
        return err.strip()

    def _run(self, words: tuple[object, ...]) -> tuple[object, str, str]:
        self._patch.setattr(sys, "argv", ["georgia", *map(str, words)])
        with pytest.raises(SystemExit) as done:
            main()
        return done.value.code or 0, *self._capture.readouterr()


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def squeezenet(here: Path) -> georgia.Model:
    """A model of three classes, and beside it what other programs may have of it."""
    model = random_model("squeezenet1_1", classes=["a", "b", "c"], normalisation="unit")
    model.save(here / "own.safetensors")
    model.export(here / "w.pth")
    return model


def test_networks_are_listed(shell: Shell) -> None:
    lines = shell("networks").splitlines()
    assert lines[0].split()[:2] == ["network", "parameters"]
    assert [line.split()[0] for line in lines[1:-1]] == list(georgia.networks())
    assert any(re.match(r"resnet50 +25,557,032 +4\.089 G +224 .*keras", line) for line in lines)


def test_a_summary_shows_layers_and_totals(shell: Shell, squeezenet: georgia.Model) -> None:
    out = shell("summary", "own.safetensors")
    assert out.startswith("squeezenet1_1 (torchvision), 64 x 64 pixels, 3 classes\n")
    assert re.search(r"^features\.0 +convolution +stem +64 x 31 x 31 +1792 +yes$", out, re.M)
    assert out == f"{squeezenet.summary()}\n"


def test_a_summary_of_a_run(shell: Shell, run: georgia.Run) -> None:
    assert "4 classes" in shell("summary", run.folder)


def test_export_says_what_it_wrote_and_how_well(shell: Shell, squeezenet: georgia.Model) -> None:
    for ending, by in (("safetensors", "reading"), ("pth", "reading"), ("onnx", "onnxruntime")):
        out = shell("export", "own.safetensors", f"x.{ending}")
        line, _, note = out.partition("\n")
        assert re.fullmatch(rf"x\.{ending}: checked by {by} .*logits differ by at most .*", line)
        assert note.startswith("preprocessing, classes and head are not in") == (ending == "pth")
        options = ["--size", 64] if ending == "pth" else []
        again = f"again-{ending}.safetensors"
        shell("import", f"x.{ending}", "--out", again, *options)
        assert same_tensors(georgia.load(again), squeezenet)
        is_whole = georgia.load(again).classes == squeezenet.classes
        assert is_whole == (georgia.load(again).preprocess == squeezenet.preprocess)
        assert is_whole == (ending != "pth")
    shell("export", "own.safetensors", "f.onnx", "--floats")
    import onnxruntime

    (images,) = onnxruntime.InferenceSession("f.onnx").get_inputs()
    assert (images.type, images.shape) == ("tensor(float)", ["N", 3, 64, 64])


def test_import_takes_names_of_torchvision(
    shell: Shell, squeezenet: georgia.Model, photos: Path
) -> None:
    out = shell("import", "w.pth", "--classes", "x, y,z", "--size", 64, "--normalisation", "unit")
    assert out == (
        "<Model squeezenet1_1, 64 x 64 pixels, classes: x, y, z>; written to model.safetensors\n"
    )
    model = georgia.load("model.safetensors")
    assert model.classes == ("x", "y", "z")
    assert model.provenance["weights"]["file"] == "w.pth"
    np.testing.assert_array_equal(
        model.predict(photos / "plates").probabilities,
        squeezenet.predict(photos / "plates").probabilities,
    )


def test_import_overwrites_nothing(shell: Shell, squeezenet: georgia.Model) -> None:
    for words in (["w.pth"], ["own.safetensors", "--classes", "5"]):
        Path("model.safetensors").write_text("mine")
        told = shell.refused("import", *words)
        wanted = "model.safetensors: exists and is not overwritten; expected another name by --out"
        assert told == f"georgia: [import] {wanted}"
        assert Path("model.safetensors").read_text() == "mine"
    told = shell.refused("import", "own.safetensors", "--out", "own.safetensors", "--size", 32)
    assert "own.safetensors: exists and is not overwritten" in told
    assert georgia.load("own.safetensors").preprocess == squeezenet.preprocess


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["pth", "safetensors", "onnx", "h5"])
def test_a_files_tensors_are_listed(ending: str, shell: Shell, here: Path) -> None:
    name, options = ("resnet18", {"variant": "keras"}) if ending == "h5" else ("small_cnn", {})
    model = random_model(name, size=32, classes=3, **options)
    model.export(here / f"m.{ending}")
    lines = shell("import", f"m.{ending}", "--list").splitlines()
    if ending == "h5":
        assert "conv1_conv/kernel  [7, 7, 3, 64]  float32" in lines
    elif ending != "onnx":
        wanted = {f"{n}  {list(v.shape)}  {v.dtype}" for n, v in model._file.tensors().items()}
        assert set(lines) == wanted
    assert any(line.endswith("  float32") for line in lines)
    assert names(here) == [f"m.{ending}"]


def test_strange_tensors_are_listed_harmlessly(shell: Shell, here: Path) -> None:
    torch.save({"a\x1b[2J\nb": torch.ones(2, 3), "n": torch.tensor(1)}, here / "m.pth")
    first, second = shell("import", "m.pth", "--list").splitlines()
    assert first.endswith("  [2, 3]  float32")
    assert first.isprintable()
    assert second == "n  []  int64"


@pytest.mark.usefixtures("squeezenet")
def test_import_of_other_classes_says_what_is_new(shell: Shell) -> None:
    for file in ("w.pth", "own.safetensors"):
        Path("model.safetensors").unlink(missing_ok=True)
        out = shell("import", file, "--classes", 5)
        assert "the last layer starts anew: the file has 3 classes, the model 5\n" in out
        assert len(georgia.load("model.safetensors").classes) == 5
    assert georgia.load("model.safetensors").preprocess.height == 64  # as our own file says
    Path("model.safetensors").unlink()
    out = shell("import", "w.pth")
    assert "anew" not in out
    assert "normalisation: imagenet, assumed\n" in out
    assert georgia.load("model.safetensors").classes == ("class 0", "class 1", "class 2")


def test_import_of_a_trunk_wants_classes(shell: Shell, squeezenet: georgia.Model) -> None:
    held = squeezenet._file.tensors()
    trunk = {name: torch.tensor(held[name]) for name in held if name.startswith("features.")}
    torch.save({"state_dict": trunk, "epoch": 3}, "trunk.pth")
    assert "a trunk without classifier; expected classes" in shell.refused("import", "trunk.pth")
    out = shell("import", "trunk.pth", "--classes", "a,b")
    assert "the head starts anew: the file is a trunk for this network\n" in out
    assert shell("summary", "model.safetensors").startswith("squeezenet1_1 (torchvision), 224")


def test_import_of_a_foreign_graph_with_classes(shell: Shell, squeezenet: georgia.Model) -> None:
    squeezenet.export("ours.onnx")
    make_foreign(Path("ours.onnx"), Path("foreign.onnx"))
    out = shell("import", "foreign.onnx", "--classes", "x,y,z")
    assert "anew" not in out
    model = georgia.load("model.safetensors")
    assert model.classes == ("x", "y", "z")
    x = given(squeezenet)
    np.testing.assert_array_equal(model.logits(x), squeezenet.logits(x))
    Path("model.safetensors").unlink()
    out = shell("import", "foreign.onnx", "--classes", "x,y", "--network", "squeezenet1_1")
    assert "the last layer starts anew: the file has 3 classes, the model 2\n" in out


REFUSALS = [
    (["summary", "nowhere.safetensors"], "nowhere.safetensors: No such file or directory"),
    (["summary", "empty"], "empty/model.safetensors: No such file or directory"),
    (
        ["summary", "w.pth"],
        "[load] w.pth: not a model of georgia's, but georgia import may read it",
    ),
    (["summary", "net.safetensors"], "not a model of ours, but georgia import may read it"),
    (["summary", "text.safetensors"], "text.safetensors: not a safetensors file"),
    (["import", "nowhere.pth"], "[weights] nowhere.pth: No such file or directory"),
    (["import", "empty"], "[weights] empty: Is a directory"),
    (["import", "text.pth"], "text.pth: not a PyTorch file"),
    (["import", "text.h5"], "text.h5: not a file of Keras"),
    (["import", "text.keras"], "text.keras: not a file of Keras"),
    (["import", "text.onnx"], "text.onnx: not"),
    (["import", "text.safetensors"], "text.safetensors: not a safetensors file"),
    (["import", "nothing.safetensors"], "nothing.safetensors: not a safetensors file"),
    (["import", "strange.pth"], "strange.pth: not recognised; expected tensors of a network of"),
    (["import", "w.pth", "--network", "nonet"], "expected one of alexnet, convnext_tiny, "),
    (["import", "w.pth", "--network", "squeezenet1_0"], "features.0.weight: expected shape"),
    (["import", "own.safetensors", "--network", "vgg11"], "expected vgg11, got squeezenet1_1"),
    (["import", "w.pth", "--classes", "a,a,b"], "all different, none empty"),
    (["import", "w.pth", "--classes", ""], "all different, none empty"),
    (["import", "w.pth", "--classes", "0"], "expected at least one, got 0"),
    (["import", "w.pth", "--size", "0"], "expected 1 to 4096 pixels, got 0"),
    (["import", "w.pth", "--size", "5"], "at least 17"),
    (["import", "w.pth", "--size", "x"], "Invalid value for '--size'"),
    (["import", "w.pth", "--normalisation", "none"], "expected imagenet, caffe, unit, centred"),
    (["import", "w.pth", "--out", "nowhere/m"], "nowhere/m: No such file or directory"),
    (["import"], "Missing argument 'FILE'"),
    (["export", "own.safetensors"], "Missing argument 'FILE'"),
    (["export", "own.safetensors", "m.tflite"], "m.tflite: unknown ending; expected one of .safe"),
    (["export", "own.safetensors", "nowhere/m.pth"], "nowhere/m.pth: No such file or directory"),
    (["export", "own.safetensors", "m.h5"], "expected the variant keras, got squeezenet1_1"),
    (["export", "own.safetensors", "m.pth", "--floats"], "only .onnx has an input of another type"),
    (["export", "own.safetensors", "m.onnx", "--sigmoid"], "only .h5 has one unit for two classes"),
    (["export", "w.pth", "m.onnx"], "[load] w.pth: not a model of georgia's"),
    (["networks", "more"], "unexpected extra argument"),
]


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good files, and every kind of bad one."""
    folder = tmp_path_factory.mktemp("bad")
    model = random_model("squeezenet1_1", classes=["a", "b", "c"])
    model.save(folder / "own.safetensors")
    model.export(folder / "w.pth")
    model._file.write_network(folder / "net.safetensors")
    for ending in ("pth", "h5", "keras", "onnx", "safetensors"):
        (folder / f"text.{ending}").write_text("this is text, whatever it is called\n" * 20)
    (folder / "nothing.safetensors").write_bytes(b"")
    (folder / "empty").mkdir()
    torch.save({"encoder.weight": torch.ones(3, 3)}, folder / "strange.pth")
    return folder


@pytest.mark.parametrize(
    ("words", "told"),
    REFUSALS,
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_a_refusal_is_one_line_and_writes_nothing(
    words: list[str], told: str, shell: Shell, bad_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bad_files)
    before = names(bad_files)
    assert told in shell.refused(*words)
    assert names(bad_files) == before


@pytest.mark.parametrize("name", ["networks", "summary", "import", "export"])
def test_help_tells_every_option(name: str, shell: Shell) -> None:
    out = shell(name, "--help")
    assert re.search(rf"Usage: .* {name}", out)
    options = {"import": ("--out", "--network", "--classes", "--size", "--normalisation", "--list"),
               "export": ("--floats", "--sigmoid", ".safetensors .pth .onnx .h5")}  # fmt: skip
    for option in options.get(name, ()):
        assert option in out


@pytest.mark.slow
def test_weights_go_round_in_a_shell(here: Path, photos: Path) -> None:
    random_model("resnet18", variant="keras", classes=["a", "b"], normalisation="caffe").export(
        here / "k.h5", sigmoid=True
    )
    for words in (
        ["import", "k.h5", "--classes", "no,yes", "--size", 64, "--out", "k.safetensors"],
        ["export", "k.safetensors", "k.onnx"],
        ["import", "k.onnx", "--out", "again.safetensors"],
        ["predict", "again.safetensors", photos / "plates", "--csv", "out.csv"],
    ):
        done = command(*words, cwd=here)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert georgia.load(here / "again.safetensors").classes == ("no", "yes")
    assert len((here / "out.csv").read_text().splitlines()) == 11
    failed = command("export", "k.safetensors", "nowhere/k.onnx", cwd=here)
    assert failed.returncode == 2
    assert failed.stderr == "georgia: [export] nowhere/k.onnx: No such file or directory\n"
