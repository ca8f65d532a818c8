"""The audit, where the truth is known: planted faults, and real sets whose copies were counted."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import georgia
from georgia.duplicates import NEAR_BITS


def kinds(audit: georgia.Audit) -> set[tuple[str, str]]:
    return {(finding.severity, finding.kind) for finding in audit.findings}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return georgia.synthetic.write(
        tmp_path_factory.mktemp("faulty"),
        per_class=24,
        size=64,
        rotated_copies=7,
        cross_label=1,
        size_shortcut=True,
        corrupt=2,
    )


def test_planted_faults_are_found(faulty: Path) -> None:
    dataset = georgia.Dataset.scan(faulty)
    audit = dataset.audit()
    assert {
        ("serious", "unreadable"), ("warning", "duplicates"), ("serious", "labels"),
        ("serious", "shortcut"),
    } <= kinds(audit)  # fmt: skip
    assert [refused.path for refused in audit.refused] == [
        "spherulites/spherulites_0000_broken.png", "spherulites/spherulites_0001_broken.png",
    ]  # fmt: skip
    copies = [g for g in audit.to_dict()["duplicate_groups"] if g["kind"] == "rotated"]
    assert len(copies) == 4 * 7
    for group in copies:
        first = group["members"][0].removesuffix(".png")
        assert f"{first}_turned.png" in group["members"]
    mixed = [g for g in audit.groups if len(g.labels) > 1]
    assert len(mixed) == 1
    assert mixed[0].labels == ("needles", "plates")
    size = next(s for s in audit.shortcuts if s.name == "image size")
    assert size.fires


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    root = georgia.synthetic.write(tmp_path / "p", per_class=30, size=64)
    audit = georgia.Dataset.scan(root).audit()
    assert audit.groups == []
    assert not any(s.name in {"image size", "channels and depth"} and s.fires
                   for s in audit.shortcuts)  # fmt: skip
    assert not any(finding.severity == "serious" for finding in audit.findings)


def test_groups_are_a_partition(faulty: Path) -> None:
    audit = georgia.Dataset.scan(faulty).audit()
    members = [i for group in audit.groups for i in group.members]
    assert len(members) == len(set(members))
    assert json.loads(json.dumps(audit.to_dict()))["near_bits"] == NEAR_BITS


@pytest.mark.parametrize("turn", range(8))
def test_the_eight_orientations_are_one_picture(turn: int, tmp_path: Path) -> None:
    pixels = georgia.synthetic.draw("plates", size=48)[:40]
    other = np.ascontiguousarray(np.rot90(pixels[:, ::-1] if turn > 3 else pixels, turn % 4))
    for name, image in (("a", pixels), ("b", other)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.png").write_bytes(georgia.synthetic.encode(image))
    audit = georgia.Dataset.scan(tmp_path).audit()
    assert [group.kind for group in audit.groups] == ["exact" if turn == 0 else "rotated"]


def test_a_copy_in_another_format_is_an_exact_copy(tmp_path: Path) -> None:
    from PIL import Image

    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    gray = Image.fromarray(georgia.synthetic.draw("plates", size=48)).convert("L")
    gray.save(tmp_path / "a" / "x.png")
    gray.convert("RGB").save(tmp_path / "a" / "y.bmp")
    gray.convert("RGBA").save(tmp_path / "b" / "z.tif")
    [group] = georgia.Dataset.scan(tmp_path).audit().groups
    assert group.kind == "exact"
    assert group.members == (0, 1, 2)


def test_leaks_between_given_splits(photos: Path, tmp_path: Path) -> None:
    for name in ("train", "test"):
        shutil.copytree(photos, tmp_path / name)
    other = georgia.synthetic.write(tmp_path / "validation", per_class=5, size=48, seed=99)
    assert other.is_dir()
    audit = georgia.Dataset.scan(tmp_path).audit()
    assert [(leak.split, leak.count, leak.total) for leak in audit.leaks] == [
        ("validation", 0, 20), ("test", 40, 40),
    ]  # fmt: skip
    assert ("serious", "leak") in kinds(audit)
    assert "40 of 40 test images (100.0%) have a copy" in str(audit).replace("\n  ", " ")


def test_a_scale_bar_is_a_shortcut_and_crop_removes_it(tmp_path: Path) -> None:
    for habit in georgia.synthetic.classes()[:2]:
        (tmp_path / habit).mkdir()
        for item in range(25):
            pixels = georgia.synthetic.draw(habit, size=96, item=item).copy()
            bar = np.zeros((8, 96, 3), np.uint8)
            bar[2:6, 4 : 30 if habit == "needles" else 70] = 255
            path = tmp_path / habit / f"{item}.png"
            path.write_bytes(georgia.synthetic.encode(np.concatenate([pixels, bar])))

    def strips(dataset: georgia.Dataset) -> bool:
        return next(s for s in dataset.audit().shortcuts if s.name == "border strips").fires

    assert strips(georgia.Dataset.scan(tmp_path))
    assert not strips(georgia.Dataset.scan(tmp_path, crop=(0, 0, 8, 0)))


def test_the_published_crystals_are_five_and_ten(shared: Path) -> None:
    audit = georgia.Dataset.scan(shared / "data" / "opencrystal_sample").audit()
    found = {
        tuple(sorted(int(name.split("(")[1].split(")")[0]) for name in group["members"]))
        for group in audit.to_dict()["duplicate_groups"]
    }
    assert found == {
        (589, 590, 591, 592, 593, 594), (5308, 5309, 5310, 5311, 5312), (565, 566, 567),
        (5946, 5947, 5950),
    }  # fmt: skip
    pictures = dict.fromkeys(("CEX", "PG"), 0)
    for sample in {s.facts.pixel_hash: s for s in audit.samples if s.facts}.values():
        pictures[sample.label] += 1
    assert pictures == {"CEX": 10, "PG": 5}
    assert next(s for s in audit.shortcuts if s.name == "image size").fires


def test_the_steel_surfaces_have_one_exact_pair(shared: Path) -> None:
    audit = georgia.Dataset.scan(shared / "data" / "neu_surface").audit()
    exact = [g["members"] for g in audit.to_dict()["duplicate_groups"] if g["kind"] == "exact"]
    assert exact == [["patches/patches_101.jpg", "patches/patches_105.jpg"]]


def test_picture_of_an_audit(faulty: Path, tmp_path: Path) -> None:
    audit = georgia.Dataset.scan(faulty).audit()
    georgia.plots.audit(audit).savefig(tmp_path / "a.png")
    assert georgia.read_image(tmp_path / "a.png").std() > 10
