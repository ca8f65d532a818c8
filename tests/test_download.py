"""Public sets: transfers from a server on this machine, sorting into classes."""

import dataclasses
import hashlib
import importlib
import io
import re
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from loopback import Site, serve

import georgia
from georgia import transfer
from georgia.download import Entry, download, registry
from georgia.registry import ImageClass

PNG = georgia.synthetic.encode(georgia.synthetic.draw("plates", size=32))
GOOD = {"set/Round/a.png": PNG, "set/Round/b.png": PNG + b"2", "set/flat/a.png": PNG + b"3"}


def zip_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return buffer.getvalue()


def tar_gz_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as rolled:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            rolled.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    pytest.importorskip("pooch")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serve(zip_of(GOOD), "/set.zip") as site:
        yield site


def entry_of(**facts: object) -> Entry:
    base = dataclasses.replace(
        registry()["opencrystal-cephalexin"],
        name="tiny",
        classes=(ImageClass("round", ("set/round",), 2), ImageClass("flat", ("set/flat",), 1)),
        expected_count=3,
        login_required=False,
    )
    return dataclasses.replace(base, **facts)  # type: ignore[arg-type]


@pytest.fixture
def know(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make "tiny" a known set."""

    def know(**facts: object) -> None:
        module = importlib.import_module("georgia.download")
        monkeypatch.setattr(module, "registry", lambda: {"tiny": entry_of(**facts)})

    return know


def images(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*.png"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


SORTED = dict(zip(("round/a.png", "round/b.png", "flat/a.png"), GOOD.values(), strict=True))


def test_a_download_is_sorted_and_not_repeated(
    site: Site, know: Callable[..., None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    know(url=f"{site.address}/set.zip", sha256=hashlib.sha256(site.data).hexdigest())
    level = pytest.importorskip("pooch").get_logger().level
    for _ in range(2):
        folder = download("tiny", tmp_path / "a", accept_licence=True, progress=False)
        assert images(folder) == SORTED
    assert site.asked == [("/set.zip", None)]
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]
    assert not caplog.records
    assert pytest.importorskip("pooch").get_logger().level == level
    assert georgia.Dataset.scan(folder).classes == ("flat", "round")


def test_nothing_is_downloaded_before_the_licence_is_accepted(
    site: Site, know: Callable[..., None], tmp_path: Path
) -> None:
    know(url=f"{site.address}/set.zip")
    with pytest.raises(georgia.InvalidOption, match=r"CC BY-NC-ND 4\.0.*accept_licence=True"):
        download("tiny", tmp_path / "a", progress=False)
    know(url=f"{site.address}/set.zip", login_required=True)
    with pytest.raises(georgia.IoError, match="to be fetched by hand"):
        download("tiny", tmp_path / "a", accept_licence=True, progress=False)
    assert not site.asked


@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("knows_ranges", [False, True])
def test_a_broken_transfer_goes_on_where_it_stopped(
    site: Site, know: Callable[..., None], tmp_path: Path, knows_ranges: bool, changed: bool
) -> None:
    know(url=f"{site.address}/set.zip")
    site.cuts, site.knows_ranges, size = 1, knows_ranges, len(site.data)
    with pytest.raises(georgia.IoError, match=f"expected {size:,} bytes, got {size // 2:,}"):
        download("tiny", tmp_path / "a", accept_licence=True, progress=False)
    assert (tmp_path / "a.part").read_bytes() == site.data[: size // 2]
    if changed:  # the halves of two versions must not be put together
        site.data, site.version = tar_gz_of(GOOD), '"two"'
    site.sent = 0
    folder = download("tiny", tmp_path / "a", accept_licence=True, progress=False)
    assert images(folder) == SORTED
    assert site.asked[1:] == [("/set.zip", f"bytes={size // 2}-")]
    is_resumed = knows_ranges and not changed
    assert site.sent == (size - size // 2 if is_resumed else len(site.data))
    assert list(tmp_path.iterdir()) == [folder]


def test_a_transfer_already_whole_is_not_repeated(site: Site, tmp_path: Path) -> None:
    url, part = f"{site.address}/set.zip", tmp_path / "part"
    part.write_bytes(site.data)
    (tmp_path / "part.from").write_text(f"{url}\n{site.version}")
    transfer.fetch(url, part)
    assert part.read_bytes() == site.data
    assert site.sent == 0
    part.write_bytes(site.data + b"too much")
    (tmp_path / "part.from").write_text(f"{url}\n{site.version}")
    transfer.fetch(url, part)
    assert part.read_bytes() == site.data


def test_what_another_address_left_is_not_continued(site: Site, tmp_path: Path) -> None:
    url, part = f"{site.address}/set.zip", tmp_path / "part"
    part.write_bytes(b"other")
    (tmp_path / "part.from").write_text(f"{url}x\n{site.version}")
    transfer.fetch(url, part)
    assert part.read_bytes() == site.data
    assert site.asked == [("/set.zip", None)]


def test_a_part_that_was_not_asked_for_is_refused(site: Site, tmp_path: Path) -> None:
    url, part = f"{site.address}/set.zip", tmp_path / "part"
    site.shift = 1
    part.write_bytes(site.data[:100])
    (tmp_path / "part.from").write_text(f"{url}\n{site.version}")
    with pytest.raises(georgia.IoError, match="expected it from byte 100, got it from 101"):
        transfer.fetch(url, part)
    transfer.fetch(url, part)  # from the start
    assert part.read_bytes() == site.data


def test_progress_is_told_in_megabytes(site: Site, tmp_path: Path) -> None:
    site.data = bytes(5_500_000)
    calls: list[tuple[str, int, int, float]] = []
    transfer.fetch(f"{site.address}/set.zip", tmp_path / "a", lambda *call: calls.append(call))
    assert calls[-1] == ("download", 6, 6, 0.0)
    assert {call[1] for call in calls} == {2, 3, 4, 5, 6}


def test_a_wrong_hash_is_named_and_the_next_try_starts_anew(
    site: Site, know: Callable[..., None], tmp_path: Path
) -> None:
    got, expected = hashlib.sha256(site.data).hexdigest(), "0" * 64
    know(url=f"{site.address}/set.zip", sha256=expected)
    with pytest.raises(georgia.BadInput, match=f"expected SHA-256 {expected}, got {got}"):
        download("tiny", tmp_path / "a", accept_licence=True, progress=False)
    assert not list(tmp_path.iterdir())
    know(url=f"{site.address}/set.zip", sha256=got)
    download("tiny", tmp_path / "a", accept_licence=True, progress=False)
    assert [wanted for _, wanted in site.asked] == [None, None]


def test_a_redirect_is_followed_within_http_alone(
    site: Site, know: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "secret.zip").write_bytes(site.data)
    know()
    site.redirects = {
        "/moved": "/set.zip", "/file": (tmp_path / "secret.zip").as_uri(),
        "/ftp": "ftp://127.0.0.1/set.zip", "/round": "/round",
    }  # fmt: skip
    reasons = {"/file": "302", "/ftp": "as safe", "/round": "302", "/missing": "answered 404"}
    for path, reason in reasons.items():
        with pytest.raises(georgia.IoError, match=rf"\[download\] http://127.0.0.1.*{reason}"):
            download("tiny", tmp_path / "a", accept_licence=True, url=site.address + path,
                     progress=False)  # fmt: skip
    folder = download("tiny", tmp_path / "a", accept_licence=True, url=f"{site.address}/moved",
                      progress=False)  # fmt: skip
    assert images(folder) == SORTED


def test_a_redirect_from_https_to_http_is_refused() -> None:
    request = urllib.request.Request("https://example.org/a")
    with pytest.raises(georgia.IoError, match="expected an address as safe"):
        transfer._Redirects().redirect_request(
            request, io.BytesIO(), 302, "", transfer.http.client.HTTPMessage(), "http://example.org"
        )


def test_a_page_instead_of_an_archive_is_not_kept(
    site: Site, know: Callable[..., None], tmp_path: Path
) -> None:
    know(url=f"{site.address}/set.zip")
    site.data = b"<html>Sign in</html>"
    with pytest.raises(georgia.BadInput, match="got a web page"):
        download("tiny", tmp_path / "a", accept_licence=True, progress=False)
    assert not list(tmp_path.iterdir())


def test_the_bar_counts_megabytes(
    site: Site,
    know: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    know(url=f"{site.address}/set.zip")
    site.data = zip_of(GOOD | {"other/noise": bytes(5_500_000)})
    download("tiny", tmp_path / "a", accept_licence=True)
    assert re.search(r"download \(MB\).*/6 ", capsys.readouterr().err)


def test_without_pooch_the_message_says_what_to_install(
    know: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(url="https://example.org/a.zip")
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(georgia.IoError, match=r"pip install georgia\[download\]"):
        download("tiny", tmp_path / "a", accept_licence=True)


def test_a_set_behind_a_login_says_what_to_do(tmp_path: Path) -> None:
    line = "Sign in.*georgia fetch opencrystal-cephalexin --from ARCHIVE"
    with pytest.raises(georgia.IoError, match=line):
        download("opencrystal-cephalexin", tmp_path / "a", accept_licence=True)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/a", "http://", "a.zip"])
def test_only_web_addresses_are_opened(url: str, know: Callable[..., None], tmp_path: Path) -> None:
    know()
    with pytest.raises(georgia.InvalidOption, match="expected an http or https address"):
        download("tiny", tmp_path / "a", url=url, accept_licence=True)


def test_an_archive_by_hand_is_sorted_counted_and_kept(
    know: Callable[..., None], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    know()
    more = {"set/flat/test/a.png": PNG, "__MACOSX/set/flat/._a.png": PNG, "set/flat/notes.txt": b""}
    archive = tmp_path / "by hand.zip"
    archive.write_bytes(zip_of({f"archive/{name}": data for name, data in (GOOD | more).items()}))
    folder = download("tiny", tmp_path / "a", archive=archive)
    assert images(folder) == SORTED | {"flat/a-2.png": PNG}
    assert [record.getMessage() for record in caplog.records] == [
        "[download] tiny, flat: expected 1 images, got 2",
        "[download] tiny, all classes: expected 3 images, got 4",
    ]
    assert download("tiny", tmp_path / "a", archive=archive) == folder
    other = tmp_path / "other.zip"
    other.write_bytes(zip_of(GOOD))
    with pytest.raises(georgia.InvalidOption, match="holds something else"):
        download("tiny", tmp_path / "a", archive=other)
    (folder / "flat" / "a.png").unlink()
    with pytest.raises(georgia.InvalidOption, match="has changed since"):
        download("tiny", tmp_path / "a", archive=archive)


def test_several_archives_make_up_one_set(know: Callable[..., None], tmp_path: Path) -> None:
    know()
    archives = [tmp_path / "round.tar", tmp_path / "flat.tar"]
    for archive in archives:
        part = {name: data for name, data in GOOD.items() if archive.stem in name.lower()}
        archive.write_bytes(tar_gz_of(part))
    folder = download("tiny", tmp_path / "a", archive=archives)
    assert images(folder) == SORTED
    assert download("tiny", tmp_path / "a", archive=archives[::-1]) == folder


def test_what_is_no_set_leaves_nothing_behind(know: Callable[..., None], tmp_path: Path) -> None:
    know(max_members=2)
    archive = tmp_path / "archive"
    archive.write_bytes(zip_of({"other/a.png": PNG}))
    with pytest.raises(georgia.BadInput, match="expected folders set/round, set/flat"):
        download("tiny", tmp_path / "a", archive=archive)
    archive.write_bytes(zip_of(GOOD))
    with pytest.raises(georgia.BadInput, match="too many members; expected at most 2"):
        download("tiny", tmp_path / "a", archive=archive)
    with pytest.raises(georgia.InvalidOption, match="holds something else"):
        download("tiny", tmp_path, archive=archive)
    assert list(tmp_path.iterdir()) == [archive]
    download("tiny", tmp_path / "a", archive=archive, max_members=3)


def test_the_registry_is_consistent() -> None:
    entries = registry()
    assert sorted(entries) == [
        "glomeruli-florida", "marco", "opencrystal-cephalexin", "sem-aversa", "sem-modarres",
    ]  # fmt: skip
    for name, entry in entries.items():
        counts = [one.expected_count for one in entry.classes]
        assert entry.expected_count is None or entry.expected_count == sum(n or 0 for n in counts)
        assert str(entry).startswith(f"{name}: ")
        assert entry.instructions
        assert entry.sha256 is None or re.fullmatch("[0-9a-f]{64}", entry.sha256)
        assert entry.url is None or transfer.is_http(entry.url)
    assert "CEX 6,860, PG 6,804" in str(entries["opencrystal-cephalexin"])
    with pytest.raises(georgia.InvalidOption, match="expected one of glomeruli-florida, marco"):
        download("nonsense")
