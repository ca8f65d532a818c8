"""Manifests: written, read, verified, and refused by line."""

import shutil
from pathlib import Path

import pytest

import georgia
from georgia.inspection import hashed

HEADER = "path,class,split,group,bytes,sha256\n"
DIGEST = "0" * 64


@pytest.fixture
def split(photos: Path, tmp_path: Path) -> georgia.Dataset:
    return georgia.Dataset.scan(shutil.copytree(photos, tmp_path / "set" / "photos")).split()


def test_a_manifest_freezes_the_split(split: georgia.Dataset, tmp_path: Path) -> None:
    path = split.save(tmp_path / "set" / "x.csv")
    assert path.read_text().startswith(HEADER + "photos/needles/needles_0000.png,needles,")
    loaded = georgia.Dataset.load(path)
    assert loaded.root == tmp_path / "set"
    assert loaded.classes == split.classes
    assert [(s.label, s.split, s.sha256) for s in loaded.samples] == [
        (s.label, s.split, s.sha256) for s in split.samples
    ]
    assert loaded.digest() == split.digest()
    assert loaded.is_split


def test_a_manifest_stands_at_or_above_the_images(split: georgia.Dataset, tmp_path: Path) -> None:
    (tmp_path / "beside").mkdir()
    with pytest.raises(georgia.InvalidOption, match="at or above"):
        split.save(tmp_path / "beside" / "x.csv")
    assert split.save(split.root / "x.csv").read_text().count("\n") == 41


def test_verify_names_what_changed(split: georgia.Dataset, tmp_path: Path) -> None:
    path = split.save(tmp_path / "set" / "x.csv")
    assert georgia.Dataset.load(path).verify()
    assert "40 files, all as they were" in str(georgia.Dataset.load(path).verify())
    needles = tmp_path / "set" / "photos" / "needles"
    shutil.copy(needles / "needles_0001.png", needles / "needles_0000.png")
    (needles / "needles_0002.png").unlink()
    shutil.copy(needles / "needles_0001.png", needles / "new.png")
    found = georgia.Dataset.load(path).verify()
    assert not found
    assert found.changed == ("photos/needles/needles_0000.png",)
    assert found.missing == ("photos/needles/needles_0002.png",)
    assert found.extra == ("photos/needles/new.png",)
    assert "1 changed, 1 missing, 1 extra" in str(found)
    with pytest.raises(georgia.BadInput, match=r"needles_0000\.png: the file is not the one"):
        georgia.train(path, out=tmp_path / "run", epochs=1, size=32, progress=False)


def test_a_manifest_can_be_trained_on(split: georgia.Dataset, tmp_path: Path) -> None:
    path = split.save(tmp_path / "set" / "x.csv")
    run = georgia.train(path, out=tmp_path / "run", epochs=1, size=32, progress=False)
    assert [s.split for s in run.dataset.samples] == [s.split for s in split.samples]
    georgia.resume(run, progress=False)
    assert georgia.evaluate(run).split == "test"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (b"", 1, "empty"),
        (b"path,class\n", 1, "expected the columns"),
        (HEADER.encode() + b"a.png,x,train,,1\n", 2, "expected 6 fields, got 5"),
        (HEADER.encode() + f"a.png,x,,,1,{DIGEST}\n../b.png,x,,,1,\n".encode(), 3, "leaves"),
        (HEADER.encode() + b"/etc/passwd,x,train,,1,\n", 2, "leaves"),
        (HEADER.encode() + b"a/../../b.png,x,train,,1,\n", 2, "leaves"),
        (HEADER.encode() + b"a/./b.png,x,train,,1,\n", 2, "plain form"),
        (HEADER.encode() + b"a\0.png,x,train,,1,\n", 2, "NUL"),
        (HEADER.encode() + b'"a\nb.png",x,train,,1,\n', 2, "line break"),
        (HEADER.encode() + b"a.png,x,train,,1,\nb.png,x,train,,1,\na.png,y,,,1,\n", 4, "line 2"),
        (HEADER.encode() + b"a.png,x,train,,1,\n\xff.png,x,train,,1,\n", 3, "not UTF-8"),
        (HEADER.encode() + b"a.png," + b"x" * 66_000 + b",train,,1,\n", 2, "64 kB"),
        (HEADER.encode() + b"a.png," + b"x" * 200_000 + b",train,,1,\n", 2, "field"),
        (HEADER.encode() + b"a.png,x,learn,,1,\n", 2, "unknown split learn"),
        (HEADER.encode() + b"a.png,x,train,,many,\n", 2, "expected a number"),
        (HEADER.encode() + b"a.png,x,train,,1,abc\n", 2, "64 hex digits"),
        (HEADER.encode() + b",x,train,,1,\n", 2, "missing"),
        (HEADER.encode() + b'a.png,x,train,,1,"\n', 2, ""),
    ],
)
def test_bad_lines_are_refused_by_number(
    text: bytes, line: int, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(text)
    with pytest.raises(georgia.BadInput, match=rf"x\.csv:{line}: .*{words}"):
        georgia.Dataset.load(path)


def test_names_that_cannot_travel_are_not_written(photos: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(photos, tmp_path / "p"))
    (root / "needles" / "needles_0000.png").rename(root / "needles" / "a\nb.png")
    with pytest.raises(georgia.BadInput, match="line break"):
        georgia.Dataset.scan(root).save(root / "x.csv")
    assert not (root / "x.csv").exists()


def test_hashes_are_those_of_the_bytes(photos: Path) -> None:
    import hashlib

    dataset = georgia.Dataset.scan(photos)
    for sample in dataset.samples[:3]:
        data = (photos / sample.path).read_bytes()
        assert (sample.bytes, sample.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert hashed(dataset).samples == dataset.samples


def test_a_manifest_that_a_spreadsheet_saved_keeps_its_split(
    split: georgia.Dataset, tmp_path: Path
) -> None:
    path = split.save(tmp_path / "set" / "x.csv")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert georgia.Dataset.load(path).digest() == split.digest()
    rows = path.read_text("utf-8-sig").splitlines()
    path.write_text("\n".join(f"{row},note" for row in rows) + "\n")
    scanned = georgia.Dataset.scan(path)
    assert [s.split for s in scanned.samples] == [s.split for s in split.samples]


def test_a_file_that_no_longer_decodes_is_a_changed_file(
    split: georgia.Dataset, tmp_path: Path
) -> None:
    path = split.save(tmp_path / "set" / "x.csv")
    victim = split.root / split.samples[0].path
    victim.write_bytes(victim.read_bytes()[:-9])
    with pytest.raises(georgia.BadInput, match="is not the one"):
        georgia.Dataset.load(path).inspected()
    victim.unlink()
    with pytest.raises(georgia.BadInput, match=r"is not the one .*No such file"):
        georgia.Dataset.load(path).inspected()


def test_a_table_of_paths_anywhere_trains_and_evaluates(photos: Path, tmp_path: Path) -> None:
    rows = [f"{path},{path.parent.name}" for path in sorted(photos.rglob("*.png"))]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "t.csv").write_text("path,class\n" + "\n".join(rows) + "\n")
    run = georgia.train(
        tmp_path / "deep" / "t.csv", out=tmp_path / "run", epochs=1, size=32, progress=False
    )
    assert georgia.evaluate(run).count > 0
    with pytest.raises(georgia.InvalidOption, match="outside"):
        georgia.Dataset.scan(tmp_path / "deep" / "t.csv").save(tmp_path / "deep" / "x.csv")


def test_a_class_of_many_digits_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(HEADER + f"a.png,{'7' * 5000},train,,1,\nb.png,x,train,,1,\n")
    assert len(georgia.Dataset.load(path).classes) == 2
