"""What scan accepts, what it leaves out, and how its choices reach the model."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import georgia


def write_png(path: Path, pixels: np.ndarray) -> None:  # type: ignore[type-arg]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(georgia.synthetic.encode(pixels))


@pytest.fixture
def flat(photos: Path, tmp_path: Path) -> Path:
    """Files as in ``CEX (12).png``, all in one folder."""
    folder = tmp_path / "flat"
    folder.mkdir()
    for habit, name in (("needles", "CEX"), ("plates", "PG")):
        for number, path in enumerate(sorted((photos / habit).iterdir())):
            shutil.copy(path, folder / f"{name} ({number}).png")
    shutil.copy(path, folder / "overview.png")
    return folder


def test_a_flat_folder_with_a_label_pattern(flat: Path) -> None:
    dataset = georgia.Dataset.scan(flat, label=r"^(\w+) \(")
    assert dataset.classes == ("CEX", "PG")
    assert [sample.path for sample in dataset.samples][:11:5] == [
        "CEX (0).png", "CEX (5).png", "PG (0).png",
    ]  # fmt: skip
    assert [path.name for path in dataset.ignored] == ["overview.png"]
    with pytest.raises(georgia.InvalidOption, match="label: not a regular expression"):
        georgia.Dataset.scan(flat, label="(")
    with pytest.raises(georgia.BadInput, match="got none"):
        georgia.Dataset.scan(flat)


def test_a_table_of_paths_and_labels(flat: Path, tmp_path: Path) -> None:
    rows = [f"flat/{p.name},{p.name.split()[0]},{i // 4}" for i, p in enumerate(flat.glob("* *"))]
    table = tmp_path / "labels.csv"
    table.write_text("File,Label,session\n" + "\n".join(rows) + "\n")
    dataset = georgia.Dataset.scan(table, group_column="session")
    assert dataset.root == tmp_path
    assert dataset.classes == ("CEX", "PG")
    assert {sample.group for sample in dataset.samples} == set("01234")
    split = dataset.split(train=0.4, validation=0.2, test=0.4)
    for name in "01234":
        assert len({s.split for s in split.samples if s.group == name}) == 1
    with pytest.raises(georgia.BadInput, match="class_column: no such column"):
        georgia.Dataset.scan(table, class_column="kind")
    table.write_text("file,label\na.png,x\na.png,y\n")
    with pytest.raises(georgia.BadInput, match=r"labels\.csv:3: a\.png stands in row 2 already"):
        georgia.Dataset.scan(table)
    table.write_text("file,label\na.png\n")
    with pytest.raises(georgia.BadInput, match="expected 2 columns"):
        georgia.Dataset.scan(table)


def test_folders_of_splits_anywhere(photos: Path, tmp_path: Path) -> None:
    shutil.copytree(photos, tmp_path / "day 1")
    shutil.copytree(photos / "plates", tmp_path / "day 2" / "plates")
    dataset = georgia.Dataset.scan(train=tmp_path / "day 1", test=tmp_path / "day 2")
    assert [len(dataset.part(name)) for name in ("train", "validation", "test")] == [40, 0, 10]
    assert dataset.part("test")[0].path == "day 2/plates/plates_0000.png"
    with pytest.raises(georgia.InvalidOption, match="either a folder or table"):
        georgia.Dataset.scan()
    with pytest.raises(georgia.InvalidOption, match="either a folder or table"):
        georgia.Dataset.scan(photos, test=photos)


def test_classes_can_be_renamed(photos: Path) -> None:
    dataset = georgia.Dataset.scan(photos, classes={"needles": "CEX", "plates": "CEX"})
    assert dataset.classes == ("CEX", "rhombs", "spherulites")
    with pytest.raises(georgia.InvalidOption, match="no class 0 to rename"):
        georgia.Dataset.scan(photos, classes={"0": "CEX"})


def test_shards_are_pointed_to_plain_files(tmp_path: Path) -> None:
    (tmp_path / "train-00000-of-00408.tfrecord").write_bytes(b"x")
    with pytest.raises(georgia.BadInput, match="take a mirror of plain image files"):
        georgia.Dataset.scan(tmp_path)


def test_a_link_to_a_folder_above_ends(photos: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(photos, tmp_path / "p"))
    (root / "plates" / "again").symlink_to(root)
    assert len(georgia.Dataset.scan(root).samples) == 40


def test_bad_files_are_left_out_counted_and_named(photos: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(photos, tmp_path / "p"))
    (root / "plates" / "broken.png").write_bytes(b"text")
    dataset = georgia.Dataset.scan(root)
    assert len(dataset.samples) == 40
    assert [refused.path for refused in dataset.refused] == ["plates/broken.png"]
    assert "could not be read, left out: 1 file" in str(dataset)
    with pytest.raises(georgia.BadInput, match=r"broken\.png: not an image"):
        georgia.Dataset.scan(root, strict=True)
    with pytest.raises(georgia.BadInput, match=r"1 of 41 .* more than 1\.0%"):
        georgia.train(dataset, out=tmp_path / "run", epochs=1, size=32, progress=False)
    run = georgia.train(
        dataset, out=tmp_path / "run", epochs=1, size=32, max_refused=0.05, progress=False
    )
    assert len(run.dataset.samples) == 40


def test_a_test_share_of_zero_is_no_test(photos: Path, tmp_path: Path) -> None:
    dataset = georgia.Dataset.scan(photos).split(train=0.8, validation=0.2, test=0)
    run = georgia.train(dataset, out=tmp_path / "run", epochs=1, size=32, progress=False)
    result = georgia.evaluate(run)
    assert result.split == "validation"
    assert "not a test: these images chose the epoch" in str(result)


def test_crop_and_depth_follow_the_model(tmp_path: Path) -> None:
    from PIL import Image

    root = tmp_path / "p"
    random = np.random.default_rng(1)
    for label, level in (("dark", 500), ("light", 3000)):
        (root / label).mkdir(parents=True)
        for item in range(8):
            wide = random.integers(level, level + 900, (40, 40)).astype(np.uint16)
            wide[-8:] = 65535  # an information bar
            Image.fromarray(wide).save(root / label / f"{item}.tif")
    dataset = georgia.Dataset.scan(root, depth=(0, 4095), crop=(0, 0, 8, 0))
    assert "16 images of 16 bits, 0 to 4095 scaled to 0 to 255" in str(dataset)
    facts = dataset.samples[0].facts
    assert facts is not None
    assert (facts.height, facts.bits) == (40, 16)
    assert 500 / 4095 * 255 - 1 < facts.mean < 1400 / 4095 * 255 + 1
    run = georgia.train(dataset, out=tmp_path / "run", epochs=1, size=32, progress=False)
    model = georgia.load(run)
    assert list(model.preprocess.depth) == [0, 4095]
    assert list(model.preprocess.crop) == [0, 0, 8, 0]
    path = root / "light" / "0.tif"
    pixels = georgia.read_image(path, depth=(0, 4095))
    np.testing.assert_array_equal(
        model.predict(path).probabilities, model.predict(pixels).probabilities
    )
    options = georgia.TrainOptions(preprocess=georgia.Preprocess(crop=(1, 1, 1, 1)))
    with pytest.raises(georgia.InvalidOption, match="crop: the data set was read with"):
        georgia.train(dataset, options=options, out=tmp_path / "other")


def test_limits_can_be_named(photos: Path) -> None:
    limits = georgia.DecodeLimits(max_side=40)
    dataset = georgia.Dataset.scan(photos, limits=limits)
    assert not dataset.samples
    assert len(dataset.refused) == 40
    assert "at most 40 pixels a side" in dataset.refused[0].reason
    path = photos / "plates" / "plates_0000.png"
    with pytest.raises(georgia.BadInput, match="at most 40 pixels"):
        georgia.read_image(path, limits=limits)
    with pytest.raises(georgia.BadInput, match="at most 10 bytes"):
        georgia.read_image(path.read_bytes(), limits=georgia.DecodeLimits(max_bytes=10))
    with pytest.raises(georgia.InvalidOption, match="max_side"):
        georgia.DecodeLimits(max_side=100_000)


def test_export_writes_a_tree(photos: Path, tmp_path: Path) -> None:
    dataset = georgia.Dataset.scan(photos).split()
    for link in ("copy", "hard", "symbolic"):
        tree = dataset.export(tmp_path / link, link=link)
        again = georgia.Dataset.scan(tree)
        assert {(s.split, s.label, s.sha256) for s in again.samples} == {
            (s.split, s.label, s.sha256) for s in dataset.samples
        }
        assert len(again.samples) == 40
    assert next((tmp_path / "hard").rglob("*.png")).stat().st_nlink == 2
    assert next((tmp_path / "symbolic").rglob("*.png")).is_symlink()
    with pytest.raises(georgia.InvalidOption, match="not empty"):
        dataset.export(tmp_path / "copy")
    with pytest.raises(georgia.InvalidOption, match="one of copy, hard, symbolic"):
        dataset.export(tmp_path / "x", link="move")


def test_two_files_of_one_name_are_both_exported(photos: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(photos, tmp_path / "p"))
    (root / "plates" / "deeper").mkdir()
    shutil.copy(root / "plates" / "plates_0001.png", root / "plates" / "deeper" / "plates_0000.png")
    tree = georgia.Dataset.scan(root).export(tmp_path / "tree")
    assert len(list((tree / "plates").iterdir())) == 11
    assert (tree / "plates" / "plates_0000-2.png").exists()


def test_an_audit_of_nothing_readable_is_refused(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.png").write_bytes(b"text")
    dataset = georgia.Dataset.scan(tmp_path)
    with pytest.raises(georgia.BadInput, match="no image could be read"):
        dataset.audit()
    write_png(tmp_path / "a" / "y.png", georgia.synthetic.draw("plates", size=32))
    assert "serious: 2 of 3 images could not be read" in str(georgia.Dataset.scan(tmp_path).audit())


def test_training_tells_what_it_leaves_out(
    photos: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root = Path(shutil.copytree(photos, tmp_path / "p"))
    (root / "plates" / "broken.png").write_bytes(b"text")
    run = georgia.train(
        root, out=tmp_path / "run", epochs=1, size=32, max_refused=0.5, progress=False
    )
    assert "1 of 41 images could not be read" in caplog.text
    assert "broken.png" in (run.folder / "options.json").read_text()


def test_a_class_named_like_a_split_does_not_vanish(photos: Path, tmp_path: Path) -> None:
    for name, habit in (("valid", "plates"), ("invalid", "rhombs"), ("blank", "needles")):
        shutil.copytree(photos / habit, tmp_path / name)
    with pytest.raises(georgia.BadInput, match="class folders stand beside split folders"):
        georgia.Dataset.scan(tmp_path)


def test_limits_follow_the_run(tmp_path: Path) -> None:
    from PIL import Image

    for label, level in (("a", 10), ("b", 200)):
        (tmp_path / "p" / label).mkdir(parents=True)
        for item in range(6):
            noise = np.random.default_rng(item).integers(0, 50, (32, 32)) + level
            page = Image.fromarray(noise.astype(np.uint8))
            path = tmp_path / "p" / label / f"{item}.tif"
            page.save(path, save_all=True, append_images=[page])
    dataset = georgia.Dataset.scan(tmp_path / "p", limits=georgia.DecodeLimits(max_frames=2))
    run = georgia.train(dataset, out=tmp_path / "run", epochs=1, size=32, progress=False)
    georgia.resume(run, progress=False)
    assert not georgia.evaluate(run).unreadable


def test_depth_reaches_pictures_without_a_file(tmp_path: Path) -> None:
    from PIL import Image

    from georgia.images import expand

    wide = np.random.default_rng(1).integers(0, 4096, (9, 9)).astype(np.uint16)
    Image.fromarray(wide).save(tmp_path / "x.tif")
    [(_, pixels)] = expand(Image.open(tmp_path / "x.tif"), (0, 4095))
    np.testing.assert_array_equal(pixels, georgia.read_image(tmp_path / "x.tif", depth=(0, 4095)))


def test_flat_pictures_are_no_copies_of_one_another(tmp_path: Path) -> None:
    for label, levels in (("a", (10, 20)), ("b", (200, 250))):
        for level in levels:
            write_png(tmp_path / label / f"{level}.png", np.full((40, 40), level, np.uint8))
    assert georgia.Dataset.scan(tmp_path).audit().groups == []
