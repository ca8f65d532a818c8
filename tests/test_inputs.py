"""What predict takes and how it answers: patterns, open files, data sets, streams, tables."""

import io
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

import georgia


@pytest.fixture(scope="module")
def model(run: georgia.Run) -> georgia.Model:
    return georgia.load(run)


def test_a_pattern_gives_the_files_that_match_in_natural_order(
    model: georgia.Model, photos: Path
) -> None:
    found = model.predict(str(photos / "**" / "*_000[0-2].png"))
    assert [Path(path).name for path in found.paths][:3] == [
        "needles_0000.png", "needles_0001.png", "needles_0002.png",
    ]  # fmt: skip
    assert len(found) == 12
    assert model.predict(photos / "needl*").paths == model.predict(photos / "needles").paths
    with pytest.raises(georgia.IoError, match="no file has a name of this pattern"):
        model.predict(str(photos / "*.tif"))


def test_a_recursive_pattern_gives_each_image_once_and_nothing_else(
    model: georgia.Model, photos: Path, tmp_path: Path
) -> None:
    for number, file in enumerate(sorted(photos.rglob("*.png"))[:3]):
        (tmp_path / "a" / str(number)).mkdir(parents=True)
        (tmp_path / "a" / str(number) / "x.png").write_bytes(file.read_bytes())
    (tmp_path / "a" / "notes.txt").write_text("no image")
    assert len(model.predict(str(tmp_path / "**"))) == 3


def test_in_a_list_a_name_with_brackets_is_a_name(
    model: georgia.Model, photos: Path, tmp_path: Path
) -> None:
    good = next(photos.rglob("*.png"))
    (tmp_path / "scan1.png").write_bytes(good.read_bytes())
    found = model.predict([good, str(tmp_path / "scan[1].png"), "a" * 300])
    assert [bool(error) for error in found.errors] == [False, True, True]


def test_a_file_may_have_a_name_like_a_pattern(
    model: georgia.Model, photos: Path, tmp_path: Path
) -> None:
    odd = tmp_path / "a[1]*.png"
    odd.write_bytes(next(photos.rglob("*.png")).read_bytes())
    assert model.predict(odd).errors == [""]


def test_open_files_bytes_and_paths_give_one_answer(model: georgia.Model, photos: Path) -> None:
    path = next(photos.rglob("*.png"))
    with path.open("rb") as stream:
        found = model.predict([path, stream, path.read_bytes(), io.BytesIO(path.read_bytes())])
    assert found.paths == [str(path), str(path), "bytes", "file"]
    assert (found.probabilities == found.probabilities[0]).all()
    text = path.open(encoding="latin-1")
    with text, pytest.raises(georgia.InvalidOption, match="opened as text"):
        model.predict(text)


def test_a_data_set_is_read_in_its_order(model: georgia.Model, photos: Path) -> None:
    dataset = georgia.Dataset.scan(photos)
    assert model.predict(dataset).paths == dataset.paths(dataset.samples)
    assert len(model.embed(dataset)) == 40


def test_a_stream_gives_the_same_and_asks_for_no_more_than_it_needs(
    model: georgia.Model, photos: Path
) -> None:
    whole = model.predict(photos)
    streamed = list(model.predict(photos, stream=True))
    assert [one.path for one in streamed] == whole.paths
    assert np.array_equal([one.probabilities for one in streamed], whole.probabilities)
    asked: list[str] = []

    def endless():
        for path in itertools.cycle(whole.paths):
            asked.append(path)
            yield path

    answers = model.predict(endless(), stream=True)
    assert asked == []
    assert next(answers).path == whole.paths[0]
    assert len(asked) <= 512
    answers.close()
    with pytest.raises(georgia.InvalidOption, match="batch"):
        model.predict(photos, stream=True, batch=0)  # at once, not at the first answer


def test_failures_stand_in_their_place(model: georgia.Model, photos: Path) -> None:
    good = str(next(photos.rglob("*.png")))
    found = list(model.predict([good, b"no image", "missing.png", good], stream=True))
    assert [bool(one.error) for one in found] == [False, True, True, False]


def test_json_and_pandas_have_the_columns_of_the_csv(model: georgia.Model, photos: Path) -> None:
    found = model.predict([next(photos.rglob("*.png")), b"no image"])
    header, *rows = found.to_csv().splitlines()
    objects = json.loads(found.to_json())
    assert list(objects[0]) == [
        "path", "label", "confidence", "probabilities", "outlier_score", "is_outlier", "error",
    ]  # fmt: skip
    assert list(objects[0]["probabilities"]) == list(model.classes)
    assert objects[0]["confidence"] == pytest.approx(found[0].confidence)
    assert objects[1]["error"] == found.errors[1]
    assert objects[1]["outlier_score"] is None
    pandas = pytest.importorskip("pandas")
    table = found.to_pandas()
    assert isinstance(table, pandas.DataFrame)
    assert list(table.columns) == header.split(",")
    assert len(table) == len(rows) == 2
    assert table["label"][0] == found[0].label
