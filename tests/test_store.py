"""The contract of vector stores: SQLite always, Weaviate where a server is given."""

import math
import os
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from store_records import LABELS, content, nearest, records, vectors

import georgia
from georgia.store import Added, Facts, Record

HOSTILE = (
    "'; DROP TABLE records; --",
    'a "quoted" name',
    "two\nlines\tand\x1b[31m",
    "</script><script>alert(1)</script>",
    "%s {0} ../../etc/passwd",
    "Kristall-Nadeln \N{MICRO SIGN} \N{CRYSTAL BALL}",
    "*?",
)


@pytest.fixture(params=["sqlite", "weaviate"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, Any]]:
    if request.param == "sqlite":
        yield {"location": str(tmp_path / "store.sqlite")}
        return
    url = os.environ.get("GEORGIA_WEAVIATE_URL")
    if not url:
        pytest.skip("not run: GEORGIA_WEAVIATE_URL is not set")
    from georgia.store.weaviate_collection import WeaviateCollection

    key = os.environ.get("GEORGIA_WEAVIATE_KEY")
    address = f"{url}#GeorgiaTest{uuid.uuid4().hex}"
    yield {"location": address, "api_key": key}
    collection = WeaviateCollection(address, key)
    collection.drop()
    collection.close()


def shown(record: Record) -> tuple[object, ...]:
    known = None if math.isnan(record.confidence) else record.confidence
    return (record.image_id, record.content, record.class_label, known, record.thumbnail)


def names(found: list[Any]) -> list[str]:
    return [one.record.image_id for one in found]


def test_a_store_that_is_not_there_holds_nothing(place: dict[str, Any]) -> None:
    with georgia.store.open(**place) as store:
        assert store.available()
        assert store.facts is None
        assert store.get(content(1)) is None
        assert store.neighbours(vector=[1, 2]) == []
        assert (store.list(), store.count(), store.delete(content(1)), store.clear()) == (
            [],
            0,
            0,
            0,
        )


def test_what_is_added_comes_back(place: dict[str, Any]) -> None:
    given = [*records(5), Record("bare", vectors(1, seed=9)[0], content(77))]
    with georgia.store.open(**place) as store:
        assert store.add(iter(given)) == Added(new=6, replaced=0)
        assert store.facts == Facts(16, "cosine", "", "")
        assert store.count() == 6
        for record in given:
            found = store.get(record.content)
            assert found is not None
            assert shown(found) == shown(record)
            np.testing.assert_allclose(found.vector, record.vector, rtol=1e-6)  # exact by SQLite


@pytest.mark.parametrize("distance", ["cosine", "euclidean"])
def test_neighbours_are_those_of_numpy(place: dict[str, Any], distance: str) -> None:
    given = [replace(one, vector=one.vector * (i % 7 + 1)) for i, one in enumerate(records(200))]
    with georgia.store.open(**place, distance=distance) as store:
        store.add(given)
        for query in 3 * vectors(5, seed=2):
            found = store.neighbours(vector=query, k=12)
            expected, distances = nearest(given, query, 12, distance)
            assert names(found) == expected
            # Vectors in float32 are off by 1e-7 of their length.
            np.testing.assert_allclose([one.distance for one in found], distances, atol=3e-6)
        assert len(store.neighbours(vector=given[0].vector, k=999)) == 200


def test_a_record_is_not_its_own_neighbour(place: dict[str, Any]) -> None:
    given = records(50)
    with georgia.store.open(**place) as store:
        store.add(given)
        found = store.neighbours(id=given[7].content, k=5)
        assert names(found) == nearest(given[:7] + given[8:], given[7].vector, 5)[0]
        assert store.neighbours(vector=given[7].vector, k=1)[0].distance == pytest.approx(
            0, abs=1e-6
        )


@pytest.mark.parametrize(
    "where",
    [
        {"class_label": "plates"},
        {"class_label": ["plates", "rhombs"]},
        {"confidence": (0.2, 0.5)},
        {"confidence": (None, 0.5), "class_label": "needles"},
        {"confidence": (0.8, None)},
        {"image_id": {"image 000003.png", "image 000009.png", "none"}},
        {"class_label": ""},
    ],
)
def test_conditions_choose_the_same_everywhere(
    place: dict[str, Any], where: dict[str, Any]
) -> None:
    given = [*records(90), Record("bare", vectors(1, seed=9)[0], content(999))]

    def holds(record: Record) -> bool:
        low, high = where.get("confidence", (None, None))
        labels = where.get("class_label", [*LABELS, ""])
        return (
            record.class_label in ([labels] if isinstance(labels, str) else labels)
            and ("confidence" not in where or (low or 0) <= record.confidence <= (high or 1))
            and record.image_id in where.get("image_id", record.image_id)
        )

    chosen = [record for record in given if holds(record)]
    query = vectors(1, seed=5)[0]
    with georgia.store.open(**place) as store:
        store.add(given)
        assert store.count(where) == len(chosen)
        assert 0 < len(chosen) < len(given)
        assert [one.image_id for one in store.list(where)] == sorted(one.image_id for one in chosen)
        assert (
            names(store.neighbours(vector=query, k=7, where=where)) == nearest(chosen, query, 7)[0]
        )
        assert store.delete(where=where) == len(chosen)
        assert store.count() == len(given) - len(chosen)


def test_the_same_content_replaces(place: dict[str, Any]) -> None:
    first, second = records(2)
    again = Record("renamed", second.vector, first.content, "plates")
    with georgia.store.open(**place) as store:
        store.add([first, second])
        assert store.add([again]) == Added(new=0, replaced=1)
        found = store.get(first.content)
        assert found is not None
        assert shown(found) == shown(again)
        assert store.count({"class_label": "plates"}) == 2
        assert store.neighbours(id=first.content)[0].distance == pytest.approx(0, abs=1e-6)
        assert store.add([first, again, first]) == Added(new=0, replaced=3)
        assert store.count() == 2


def test_a_bad_record_in_the_middle_leaves_the_store_as_it_was(place: dict[str, Any]) -> None:
    given = records(30)
    bad = Record("too long", np.ones(17), content(500))
    with georgia.store.open(**place) as store:
        store.add(given[:10])
        before = [shown(one) for one in store.list()]
        with pytest.raises(georgia.InvalidOption, match="too long: expected 16 numbers, got 17"):
            store.add([*given[10:20], bad, *given[20:]])
        zero = Record("zero", np.zeros(16), content(501))
        with pytest.raises(georgia.InvalidOption, match="no direction"):
            store.add([*given[10:20], zero])
        assert [shown(one) for one in store.list()] == before


def test_a_failing_first_add_makes_no_store(place: dict[str, Any]) -> None:
    with georgia.store.open(**place) as store:
        with pytest.raises(georgia.InvalidOption, match="expected 16 numbers"):
            store.add([*records(3), Record("short", [1], content(9))])
        assert store.facts is None


def test_an_update_changes_what_it_names(place: dict[str, Any]) -> None:
    one, other = records(2)
    with georgia.store.open(**place) as store:
        store.add([one, other])
        store.update(one.content, class_label="a new class")
        store.update(one.content, confidence=0.125, image_id="b")
        found, left = store.get(one.content), store.get(other.content)
        assert found is not None
        assert left is not None
        assert shown(found) == ("b", one.content, "a new class", 0.125, one.thumbnail)
        assert shown(left) == shown(other)
        store.update(one.content, confidence=math.nan)
        assert store.count({"confidence": (0, 1)}) == 1
        with pytest.raises(georgia.InvalidOption, match="expected the id of a record"):
            store.update(content(99), class_label="a")


def test_a_list_is_cut_by_limit_and_offset(place: dict[str, Any]) -> None:
    given = records(25)
    with georgia.store.open(**place) as store:
        store.add(reversed(given))
        found = [one for offset in (0, 10, 20) for one in store.list(limit=10, offset=offset)]
        assert [shown(one) for one in found] == [shown(one) for one in given]


def test_deleting_and_clearing_count(place: dict[str, Any]) -> None:
    given = records(250)
    with georgia.store.open(**place) as store:
        store.add(given)
        assert store.delete(given[0].content) == 1
        assert store.delete([one.content for one in given[:210]]) == 209
        assert store.clear() == 40
        assert (store.count(), store.neighbours(vector=given[0].vector)) == (0, [])
        assert store.facts == Facts(16, "cosine", "", "")
        assert store.add(given[:2]) == Added(2, 0)


def test_recreating_begins_with_new_facts(place: dict[str, Any]) -> None:
    with georgia.store.open(**place) as store:
        store.add(records(3))
        store.recreate(dimensions=4, distance="euclidean")
        assert store.facts == Facts(4, "euclidean", "", "")
        assert store.count() == 0
        assert store.add(records(2, dimensions=4)) == Added(2, 0)
    with (
        georgia.store.open(**place) as store,
        pytest.raises(georgia.InvalidOption, match="neither"),
    ):
        store.recreate()


def test_a_store_opened_again_is_the_same(place: dict[str, Any]) -> None:
    given = records(40)
    with georgia.store.open(**place, distance="euclidean") as store:
        store.add(given)
        store.close()
        assert store.count() == 40  # a closed store opens by itself
    with georgia.store.open(**place) as store:
        assert store.facts == Facts(16, "euclidean", "", "")
        query = vectors(1, seed=3)[0]
        assert names(store.neighbours(vector=query)) == nearest(given, query, 10, "euclidean")[0]
    for asked in ({"distance": "cosine"}, {"dimensions": 17}):
        with pytest.raises(georgia.InvalidOption, match=r"the store has (euclidean|16)"):
            georgia.store.open(**place, **asked)


def test_a_store_opened_for_reading_is_not_changed(place: dict[str, Any]) -> None:
    with georgia.store.open(**place) as store:
        store.add(records(3))
    with georgia.store.open(**place, read_only=True) as store:
        assert store.available()
        assert len(store.neighbours(vector=np.ones(16))) == 3
        for change in (store.clear, store.recreate, lambda: store.add(records(1))):
            with pytest.raises(georgia.InvalidOption, match=r"reading only|neither"):
                change()
        assert store.count() == 3


def test_names_are_data(place: dict[str, Any]) -> None:
    given = [
        Record(name, vector, content(i), class_label=name)
        for i, (name, vector) in enumerate(zip(HOSTILE, vectors(len(HOSTILE)), strict=True))
    ]
    with georgia.store.open(**place) as store:
        store.add(given)
        for record in given:
            assert [shown(one) for one in store.list({"class_label": record.class_label})] == [
                shown(record)
            ]
            assert store.count({"image_id": [record.image_id]}) == 1
        store.update(content(0), class_label=HOSTILE[1])
        assert store.count({"class_label": HOSTILE[1]}) == 2
        assert store.delete(where={"image_id": HOSTILE[0]}) == 1
        assert store.count() == len(HOSTILE) - 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "exactly one of vector, image and id"),
        ({"vector": [1] * 16, "id": content(1)}, "exactly one"),
        ({"vector": [1, 2]}, "expected 16 numbers, got 2"),
        ({"vector": [math.nan] * 16}, "finite"),
        ({"vector": [1e39] * 16}, "finite"),
        ({"vector": [0] * 16}, "no direction"),
        ({"vector": "abc"}, "numbers"),
        ({"vector": [[1] * 16]}, r"got \(1, 16\)"),
        ({"id": "abc"}, "64 hexadecimal digits"),
        ({"id": content(404)}, "expected the id of a record"),
        ({"image": "a.png"}, "opened with a model"),
        ({"vector": [1] * 16, "k": 0}, "k: expected a whole number from 1, got 0"),
        ({"vector": [1] * 16, "k": 1.5}, "got 1.5"),
        ({"vector": [1] * 16, "where": {"label; --": 1}}, "unknown key; .*got label"),
        ({"vector": [1] * 16, "where": {"confidence": 0.5}}, "pair"),
        ({"vector": [1] * 16, "where": {"class_label": 3}}, "a text or several, got 3"),
        ({"vector": [1] * 16, "where": {"class_label": []}}, "a text or several"),
        ({"vector": [1] * 16, "where": {"class_label": ["a", None]}}, "got NoneType"),
    ],
)
def test_wrong_queries_are_refused(
    place: dict[str, Any], asked: dict[str, Any], words: str
) -> None:
    with georgia.store.open(**place) as store:
        store.add(records(3))
        with pytest.raises(georgia.InvalidOption, match=words):
            store.neighbours(**asked)


def test_wrong_arguments_are_refused(place: dict[str, Any]) -> None:
    with georgia.store.open(**place) as store:
        store.add(records(3))
        for call in (
            lambda: store.update(content(1)),
            lambda: store.update(content(1), confidence=1.5),
            lambda: store.list(limit=0),
            lambda: store.delete(),
            lambda: store.delete(where={}),
            lambda: store.delete(content(1), where={"class_label": "a"}),
            lambda: store.add([3]),
            lambda: store.add_images([]),
        ):
            with pytest.raises(georgia.InvalidOption, match="expected"):
                call()
        assert store.count() == 3
