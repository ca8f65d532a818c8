"""georgia scan, audit, split, verify, fetch: what they print and write."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import georgia
from georgia.cli import app


def invoke(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return georgia.synthetic.write(
        tmp_path / "p", per_class=10, size=48, rotated_copies=2, corrupt=1
    )


def test_scan_says_what_there_is(root: Path) -> None:
    done = invoke("scan", root)
    assert done.exit_code == 0
    assert "48 images in 4 classes" in done.stdout
    assert "could not be read, left out: 1 file" in done.stdout
    assert "broken.png: PNG cut short" in done.stdout
    strict = invoke("scan", root, "--strict")
    assert isinstance(strict.exception, georgia.BadInput)


def test_audit_writes_everything(root: Path, tmp_path: Path) -> None:
    done = invoke("audit", root, "--json", tmp_path / "a.json", "--picture", tmp_path / "a.png")
    assert done.exit_code == 0
    assert "16 files show only 8 pictures, rotated or mirrored" in done.stdout
    written = json.loads((tmp_path / "a.json").read_text())
    assert len(written["duplicate_groups"]) == 8
    assert written["unreadable"][0]["path"].endswith("broken.png")
    assert {"severity", "kind", "text", "advice"} == set(written["findings"][0])
    assert georgia.read_image(tmp_path / "a.png").shape[1] > 1000


def test_split_verify_and_train(root: Path, tmp_path: Path) -> None:
    table = root / "x.csv"
    done = invoke("split", root, "--train", 0.6, "--validation", 0.2, "--test", 0.2, "--out", table)
    assert done.exit_code == 0
    assert "kept together: 16 images in 8 groups" in done.stdout
    assert "24 images" not in done.stdout
    assert done.stdout.count("validation") >= 4
    assert invoke("verify", table).exit_code == 0
    victim = root / "plates" / "plates_0003.png"
    shutil.copy(root / "plates" / "plates_0004.png", victim)
    changed = invoke("verify", table)
    assert changed.exit_code == 1
    assert "changed: plates/plates_0003.png" in changed.stdout
    trained = invoke("train", table, "--out", tmp_path / "run", "--epochs", 1)
    assert isinstance(trained.exception, georgia.BadInput)
    assert not (tmp_path / "run").exists()


def test_the_widely_used_rule_by_name(root: Path) -> None:
    (root / "spherulites" / "spherulites_0000_broken.png").unlink()
    done = invoke(
        "split", root, "--mode", "contiguous", "--train", 0.7, "--validation", 0.25, "--test", 0.05,
        "--out", root / "x.csv",
    )  # fmt: skip
    assert done.exit_code == 0
    assert "     8 train     3 validation     1 test" in done.stdout


def test_fetch_lists_and_explains_before_anything_is_downloaded(tmp_path: Path) -> None:
    listed = invoke("fetch")
    assert listed.exit_code == 0
    for name in ("opencrystal-cephalexin", "sem-modarres", "sem-aversa", "marco"):
        assert f"{name}: " in listed.stdout
    done = invoke("fetch", "opencrystal-cephalexin", "--out", tmp_path / "x")
    assert isinstance(done.exception, georgia.IoError)
    assert "georgia fetch opencrystal-cephalexin --from ARCHIVE" in str(done.exception)
    assert not (tmp_path / "x").exists()
