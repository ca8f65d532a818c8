"""A store in one SQLite file: damage, sudden ends, several processes, size."""

import json
import math
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from store_records import content, nearest, records, vectors

import georgia
from georgia.store import Added, Record, VectorStore

HERE = str(Path(__file__).parent)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def filled(path: Path) -> Path:
    with georgia.store.open(path) as store:
        store.add(records(300))
    return path


def change(path: Path, *statements: str) -> None:
    """What another program may do to the file."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def check_is_whole(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("records", "vectors", "thumbnails")
        ]
        assert len(set(counts)) == 1


def use(path: Path) -> None:
    with georgia.store.open(path) as store:
        assert store.facts is not None
        store.neighbours(vector=np.ones(store.facts.dimensions), k=999)


@contextmanager
def child(code: str, *arguments: object) -> Iterator["subprocess.Popen[str]"]:
    lines = f"import sys\nsys.path.insert(0, {HERE!r})\nimport georgia\n{code}"
    command = [sys.executable, "-W", "error", "-c", lines, *map(str, arguments)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_vectors_are_kept_bit_for_bit(path: Path) -> None:
    rows = np.random.default_rng(1).normal(size=(20, 7)).astype(np.float32) * 1e-3
    with georgia.store.open(path) as store:
        store.add([Record("a", row, content(i)) for i, row in enumerate(rows)])
    with georgia.store.open(path) as store:
        for i, row in enumerate(rows):
            found = store.get(content(i))
            assert found is not None
            assert found.vector.tobytes() == row.tobytes()
            assert not found.vector.flags.writeable


def test_a_store_is_one_file_that_opens_elsewhere(filled: Path, tmp_path: Path) -> None:
    assert [one.name for one in tmp_path.iterdir()] == ["store.sqlite"]
    elsewhere = tmp_path / "a % b # c ? é" / "copy.db"
    elsewhere.parent.mkdir()
    shutil.copy(filled, elsewhere)
    query = vectors(1, seed=4)[0]
    with georgia.store.open(elsewhere) as store:
        found = [one.record.image_id for one in store.neighbours(vector=query)]
    assert found == nearest(records(300), query, 10)[0]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.999])
def test_a_file_cut_short_is_refused(filled: Path, share: float) -> None:
    data = filled.read_bytes()
    filled.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(georgia.BadInput, match=r"\[store\] .*store.sqlite: cut short, damaged"):
        use(filled)


@pytest.mark.parametrize(
    "data", [b"text\n" * 999, b"\x89PNG\r\n\x1a\n" * 99, b"SQLite format 3\0" + b"\xff" * 4096]
)
def test_a_file_of_something_else_is_refused_and_left_alone(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(georgia.BadInput, match=r"store.sqlite: .*expected a whole SQLite file"):
        use(path)
    assert path.read_bytes() == data


def test_an_empty_file_is_a_store_that_is_not_there_yet(path: Path) -> None:
    path.touch()
    with georgia.store.open(path) as store:
        assert (store.facts, store.available()) == (None, True)
        assert store.add(records(2)) == Added(2, 0)


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    change(path, "CREATE TABLE mine (a)", "INSERT INTO mine VALUES (1)")
    before = path.read_bytes()
    with pytest.raises(georgia.BadInput, match="another program; expected application_id"):
        georgia.store.open(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("PRAGMA user_version = 2", "another version of georgia; expected format 1, got 2"),
        ("UPDATE facts SET json = '[1]'", "not a store of georgia's"),
        ("UPDATE facts SET json = '{'", "not a store of georgia's"),
        ("UPDATE facts SET json = replace(json, '16', '0')", "make no sense"),
        ("UPDATE facts SET json = replace(json, '16', '\"16\"')", "make no sense"),
        ("UPDATE facts SET json = replace(json, 'cosine', 'x\\u001b[2J')", "make no sense"),
        ("UPDATE facts SET json = replace(json, '16', '17')", "vectors of 68 bytes"),
        ("DELETE FROM facts", "not a store of georgia's"),
        ("DROP TABLE facts", "no such table: facts"),
        ("DROP TABLE vectors", "no such table: vectors"),
        ("DELETE FROM thumbnails WHERE row = 3", "metadata beside every vector"),
        ("UPDATE vectors SET vector = zeroblob(63) WHERE row = 9", "300 vectors of 64 bytes"),
        ("UPDATE vectors SET vector = zeroblob(64) WHERE row = 9", "with a direction"),
        ("UPDATE vectors SET vector = x'0000c07f' || zeroblob(60) WHERE row = 9", "damaged"),
        ("UPDATE vectors SET vector = 'text' WHERE row = 9", "damaged"),
        ("UPDATE records SET confidence = 'abc' WHERE row = 9", "confidence: expected 0 to 1"),
        ("UPDATE records SET id = 'abc' WHERE row = 9", "64 hexadecimal digits"),
        ("UPDATE records SET image_id = x'07' WHERE row = 9", "expected text, got bytes"),
        ("UPDATE records SET image_id = CAST(x'ff' AS TEXT) WHERE row = 9", "decode"),
        ("UPDATE thumbnails SET jpeg = 'abc' WHERE row = 9", "thumbnail: expected bytes"),
    ],
)
def test_contents_that_cannot_be_are_refused(filled: Path, statement: str, words: str) -> None:
    change(filled, statement)
    with pytest.raises(georgia.BadInput, match=words) as caught:
        use(filled)
    assert "\x1b" not in str(caught.value)


def test_available_is_truthful(filled: Path, tmp_path: Path) -> None:
    with georgia.store.open(filled) as store:
        assert store.available()
        filled.write_bytes(filled.read_bytes()[:40_000])
        assert not store.available()
        with pytest.raises(georgia.BadInput):
            store.count()
        filled.write_bytes(b"text" * 999)
        assert not store.available()
        filled.unlink()
        assert store.available()  # as a store that is not there yet
        assert store.count() == 0
    for place in (tmp_path / "none" / "a.sqlite", tmp_path):
        try:
            with georgia.store.open(place) as store:
                assert not store.available()
        except georgia.IoError:
            assert place.is_dir()
        with pytest.raises(georgia.IoError), georgia.store.open(place) as store:
            store.add(records(1))
    with georgia.store.open(tmp_path / "none.sqlite", read_only=True) as store:
        assert not store.available()


def test_a_file_that_was_replaced_is_opened_anew(filled: Path, tmp_path: Path) -> None:
    with georgia.store.open(filled) as store:
        assert len(store.neighbours(vector=np.ones(16), k=999)) == 300
        with georgia.store.open(tmp_path / "other.sqlite") as other:
            other.add(records(5))
        (tmp_path / "other.sqlite").replace(filled)
        assert len(store.neighbours(vector=np.ones(16), k=999)) == 5
        store.add(records(2, first=700))
    with georgia.store.open(filled) as store:
        assert store.count() == 7


def test_each_sees_what_others_change(filled: Path) -> None:
    query = np.ones(16)
    with georgia.store.open(filled) as one, georgia.store.open(filled) as other:
        assert len(one.neighbours(vector=query, k=999)) == 300
        other.delete(content(3))
        assert len(one.neighbours(vector=query, k=999)) == 299
        one.add([Record("mine", query, content(3))])
        assert one.neighbours(vector=query, k=1)[0].record.image_id == "mine"
        assert other.neighbours(vector=query, k=1)[0].record.image_id == "mine"
        other.recreate(dimensions=3)
        with pytest.raises(georgia.InvalidOption, match="expected 3 numbers, got 16"):
            one.neighbours(vector=query)


def test_a_store_can_be_used_from_several_threads(filled: Path) -> None:
    found: list[int] = []

    def search(store: VectorStore, first: int) -> None:
        for number in range(first, first + 5):
            store.add([Record("new", np.ones(16), content(number))])
            found.append(len(store.neighbours(vector=np.ones(16), k=3)))

    with georgia.store.open(filled) as store:
        threads = [threading.Thread(target=search, args=(store, 1000 * i)) for i in (1, 2, 3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (store.count(), found) == (315, [3] * 15)


def test_a_locked_file_is_said_to_be_locked(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("georgia.store.sqlite_file._WAIT_S", 0.05)
    with closing(sqlite3.connect(filled)) as other, georgia.store.open(filled) as store:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(georgia.IoError, match="database is locked"):
            store.add(records(1))
        assert not store.available()
        with pytest.raises(georgia.IoError, match="database is locked"):
            georgia.store.open(filled)
        other.rollback()
        assert store.add(records(1)) == Added(0, 1)


def is_hot(journal: Path) -> bool:
    """True while the file itself is being written: until then the journal begins with zeros."""
    try:
        return journal.read_bytes()[:1] > b"\0"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("moment", ["between two vectors", "while the file is written"])
def test_what_kill_9_interrupts_is_undone(path: Path, moment: str) -> None:
    code = """
from georgia.store import sqlite
from store_records import records
made, whole = 0, sqlite._bytes_of
def bytes_of(vector):
    global made
    made += 1
    if made == int(sys.argv[2]):
        print("in the middle", flush=True)
        sys.stdin.read()
    return whole(vector)
sqlite._bytes_of = bytes_of
with georgia.store.open(sys.argv[1]) as store:
    for start in range(0, 10**9, 1000):
        store.add(records(1000, dimensions=256, first=start))
        print("added", flush=True)
"""
    journal = Path(f"{path}-journal")
    interrupted = 0
    for adds in (1, 2, 3):
        pause = 1000 * adds + 500 if moment == "between two vectors" else 0
        with child(code, path, pause) as process:
            assert process.stdout is not None
            for _ in range(adds):
                assert process.stdout.readline() == "added\n"
            if pause:
                assert process.stdout.readline() == "in the middle\n"
            while not (pause or is_hot(journal)):
                assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
        interrupted += bool(pause) or is_hot(journal)
        with georgia.store.open(path) as store:
            count = store.count()
            assert count % 1000 == 0
            assert count >= 1000 * adds
            assert len(store.neighbours(vector=np.ones(256), k=10**6)) == count
            assert store.available()
        check_is_whole(path)
    assert interrupted, "no add was being written when the process was killed"
    with georgia.store.open(path) as store:
        assert store.add([Record("a", np.ones(256), "f" * 64)]) == Added(1, 0)
    assert not journal.exists()


def test_two_readers_and_a_writer_see_whole_adds(path: Path) -> None:
    writer = """
from store_records import records
with georgia.store.open(sys.argv[1]) as store:
    for start in range(0, 1000, 50):
        store.add(records(50, first=start))
"""
    reader = """
import numpy as np
views = set()
with georgia.store.open(sys.argv[1]) as store:
    print("ready", flush=True)
    while not views or max(views) < 1000:
        found = store.neighbours(vector=np.ones(16), k=5000)
        assert len({one.record.content for one in found}) == len(found)
        views |= {len(found), store.count(), len(store.list(limit=5000))}
print(*sorted(views))
"""
    with georgia.store.open(path) as store:
        store.recreate(dimensions=16)
    with child(reader, path) as one, child(reader, path) as other:
        for process in (one, other):
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        with child(writer, path) as process:
            assert process.wait() == 0
        for process in (one, other):
            assert process.stdout is not None
            views = [int(view) for view in process.stdout.read().split()]
            assert process.wait() == 0
            assert views[-1] == 1000
            assert not [view for view in views if view % 50]
    check_is_whole(path)


def test_undecodable_names_are_refused_before_anything_is_written(filled: Path) -> None:
    with pytest.raises(georgia.InvalidOption, match="Unicode"):
        Record("a\udcff.png", np.ones(16), content(1))
    with pytest.raises(georgia.InvalidOption, match="without zeros"):
        Record("a\0.png", np.ones(16), content(1))
    with georgia.store.open(filled) as store, pytest.raises(georgia.InvalidOption, match="Unicode"):
        store.count({"image_id": "a\udcff.png"})


@pytest.mark.slow
def test_twenty_thousand_vectors_of_512(path: Path) -> None:
    given = records(20_000, dimensions=512)
    query = vectors(1, 512, seed=6)[0]
    times: dict[str, float] = {}

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        times[name] = time.perf_counter() - begun

    with georgia.store.open(path) as store:
        with timed("20 adds of 1,000"):
            for start in range(0, 20_000, 1000):
                assert store.add(given[start : start + 1000]) == Added(1000, 0)
        with timed("first query"):
            store.neighbours(vector=query)
        with timed("next query"):
            found = store.neighbours(vector=query, k=100)
        where = {"class_label": "plates", "confidence": (0.25, 0.75)}
        with timed("query with conditions"):
            chosen = store.neighbours(vector=query, k=100, where=where)
        with timed("count with conditions"):
            count = store.count(where)
        with timed("the same 20,000 again"):
            assert store.add(given) == Added(0, 20_000)
    print({name: f"{seconds * 1e3:.1f} ms" for name, seconds in times.items()})
    print(f"{path.stat().st_size / 1e6:.0f} MB")
    assert [one.record.image_id for one in found] == nearest(given, query, 100)[0]
    fitting = [
        one for one in given if one.class_label == "plates" and 0.25 <= one.confidence <= 0.75
    ]
    assert count == len(fitting)
    assert [one.record.image_id for one in chosen] == nearest(fitting, query, 100)[0]
    check_is_whole(path)


def test_facts_are_readable_without_georgia(filled: Path) -> None:
    with closing(sqlite3.connect(filled)) as connection:
        (text,) = connection.execute("SELECT json FROM facts").fetchone()
        known = connection.execute("SELECT count(*) FROM records WHERE confidence > 0.5").fetchone()
    assert json.loads(text) == {
        "format": 1,
        "dimensions": 16,
        "distance": "cosine",
        "model": "",
        "stage": "",
    }
    assert known == (sum(one.confidence > 0.5 for one in records(300)),)
    assert math.isnan(Record("a", [1.0], content(1)).confidence)
