"""Weights trained on ImageNet: found offline, checked, fetched only when asked."""

import dataclasses
import hashlib
import importlib
import itertools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from loopback import Site, serve
from typer.testing import CliRunner, Result

import georgia
from georgia import transfer
from georgia.cli import app
from georgia.pretrained import Pretrained, entry_for, fetch, locate, pretrained

MODULE = importlib.import_module("georgia.pretrained")
DATA = b"weights" * 1000
SHA256 = hashlib.sha256(DATA).hexdigest()
MD5 = hashlib.md5(DATA).hexdigest()
ENTRY = dataclasses.replace(
    pretrained()["resnet18"],
    name="tiny",
    file="tiny.pth",
    url="http://127.0.0.1:9/tiny.pth",
    sha256_prefix=SHA256[:8],
)
KERAS = dataclasses.replace(ENTRY, sha256_prefix=None, md5=MD5)


def twin(start: str) -> bytes:
    """Other bytes whose SHA-256 begins alike."""
    tries = (b"other %d" % number for number in itertools.count())
    return next(data for data in tries if hashlib.sha256(data).hexdigest().startswith(start))


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The four folders, in the order in which they are looked at."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("KERAS_HOME", raising=False)
    folders = ("here", "caches/georgia/weights", "torch/hub/checkpoints", "home/.keras/models")
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    return [tmp_path / folder for folder in folders]


@pytest.fixture
def cache(places: list[Path]) -> Path:
    return places[1]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server of the file, whose address is the registry's one entry's."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serve(DATA, "/tiny.pth") as site:
        entry = dataclasses.replace(ENTRY, url=f"{site.address}/tiny.pth")
        monkeypatch.setattr(MODULE, "pretrained", lambda: {"tiny": entry})
        yield site


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("entry", [ENTRY, KERAS], ids=["sha256", "md5"])
def test_four_places_are_looked_at_in_order(entry: Pretrained, places: list[Path]) -> None:
    for folder in places:
        (folder / "tiny.pth").write_bytes(DATA)
    for folder in places:
        assert locate(entry) == folder / "tiny.pth"
        (folder / "tiny.pth").unlink()
    with pytest.raises(georgia.IoError, match="not on this machine"):
        locate(entry)


def test_without_settings_the_usual_folders_are_meant(
    places: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TORCH_HOME")
    assert MODULE._places()[2] == tmp_path / "caches/torch/hub/checkpoints"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    home = tmp_path / "home"
    assert MODULE._places() == [
        places[0], home / ".cache/georgia/weights", home / ".cache/torch/hub/checkpoints",
        home / ".keras/models",
    ]  # fmt: skip
    monkeypatch.setenv("KERAS_HOME", "~/k")
    assert MODULE._places()[3] == home / "k/models"
    monkeypatch.setenv("KERAS_HOME", "~nobody-of-that-name/k")
    with pytest.raises(georgia.IoError, match=r"\[pretrained\] tiny\.pth: .*home"):
        locate(ENTRY)


@pytest.mark.parametrize("index", range(4))
def test_a_wrong_file_is_refused_wherever_it_lies(places: list[Path], index: int) -> None:
    path = places[index] / "tiny.pth"
    path.write_bytes(b"something else")
    got = hashlib.sha256(b"something else").hexdigest()
    line = (
        f"{path}: not the published file; expected SHA-256 starting with {SHA256[:8]}, got .* {got}"
    )
    with pytest.raises(georgia.BadInput, match=line):
        locate(ENTRY)
    got = hashlib.md5(b"something else").hexdigest()
    with pytest.raises(georgia.BadInput, match=f"{path}: .*expected MD5 {MD5}, got MD5 {got}"):
        locate(KERAS)
    assert not (places[1] / "weights.json").exists()


def test_another_file_than_the_first_used_is_refused(places: list[Path], cache: Path) -> None:
    entry = dataclasses.replace(ENTRY, sha256_prefix=SHA256[:2])
    other = twin(SHA256[:2])
    got = hashlib.sha256(other).hexdigest()
    path = places[0] / "tiny.pth"
    path.write_bytes(DATA)
    assert locate(entry) == path
    for changed in (path, places[3] / "tiny.pth"):  # in its place, and in another
        path.unlink(missing_ok=True)
        changed.write_bytes(other)
        line = f"{changed}: not the file first used; expected SHA-256 {SHA256} .*json.*, got {got}"
        with pytest.raises(georgia.BadInput, match=line):
            locate(entry)
    path.write_bytes(DATA)
    assert locate(entry) == path
    record = json.loads((cache / "weights.json").read_text())
    assert [one["sha256"] for one in record.values()] == [SHA256]


def test_a_file_is_hashed_again_only_when_it_has_changed(
    places: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = places[2] / "tiny.pth"
    path.write_bytes(DATA)
    hashed: list[object] = []
    digest = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *a: hashed.append(a) or digest(*a))
    for _ in range(3):
        locate(ENTRY)
    assert len(hashed) == 1
    os.utime(path, ns=(0, 0))
    locate(ENTRY)
    assert len(hashed) == 2
    path.write_bytes(DATA + b"more")
    os.utime(path, ns=(0, 0))
    with pytest.raises(georgia.BadInput, match="not the published file"):
        locate(ENTRY)
    assert len(hashed) == 3


@pytest.mark.parametrize(
    "text", ["", "[1]", "{", "null", "{KEY: 3}", '{KEY: {"sha256": "", "checked": "no"}}']
)
def test_a_damaged_record_is_begun_anew(text: str, places: list[Path], cache: Path) -> None:
    (places[0] / "tiny.pth").write_bytes(DATA)
    key = f'"tiny.pth, {ENTRY.published_hash}"'
    (cache / "weights.json").write_text(text.replace("KEY", key))
    assert locate(ENTRY) == places[0] / "tiny.pth"
    assert SHA256 in (cache / "weights.json").read_text()


def test_a_cache_that_cannot_be_written_stops_nobody(
    site: Site, places: list[Path], cache: Path
) -> None:
    cache.rmdir()
    cache.write_text("in the way")
    (places[3] / "tiny.pth").write_bytes(DATA)
    for _ in range(2):
        assert locate(ENTRY) == places[3] / "tiny.pth"
    assert cache.read_text() == "in the way"
    (places[3] / "tiny.pth").unlink()
    with pytest.raises(georgia.IoError, match=rf"\[pretrained\] {cache}: File exists"):
        fetch("tiny", accept_licence=True, progress=False)
    assert not site.asked


def test_what_is_absent_is_named_and_nothing_is_fetched(site: Site, places: list[Path]) -> None:
    (entry,) = MODULE.pretrained().values()
    with pytest.raises(georgia.IoError) as caught:
        locate(entry)
    message = str(caught.value)
    assert message.startswith("[pretrained] tiny.pth: ")
    for part in (
        "the weights tiny are not on this machine", f"SHA-256 starting with {SHA256[:8]}",
        *map(str, places), "georgia fetch weights/tiny", entry.url, "weights=FILE",
        "--weights FILE",
    ):  # fmt: skip
        assert part in message
    with pytest.raises(georgia.IoError, match=f"MD5 {MD5}"):
        locate(KERAS)
    assert not site.asked
    assert not any(names(folder) for folder in places)


def test_fetched_once_and_not_repeated(site: Site, places: list[Path], cache: Path) -> None:
    for accept_licence in (True, False):
        path = fetch("tiny", accept_licence=accept_licence, progress=False)
        assert path == cache / "tiny.pth"
    assert path.read_bytes() == DATA
    assert names(cache) == ["tiny.pth", "weights.json"]
    assert locate(ENTRY) == path
    path.rename(places[3] / "tiny.pth")  # Keras's folder is as good
    assert fetch("tiny", progress=False) == places[3] / "tiny.pth"
    assert site.asked == [("/tiny.pth", None)]


def test_a_fetched_file_is_not_hashed_a_second_time(
    site: Site, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = fetch("tiny", accept_licence=True, progress=False)
    monkeypatch.delattr(hashlib, "file_digest")
    assert locate(MODULE.pretrained()["tiny"]) == path
    assert names(cache) == ["tiny.pth", "weights.json"]
    assert len(site.asked) == 1


def test_nothing_is_fetched_before_the_licence_is_accepted(site: Site, cache: Path) -> None:
    line = r"BSD-3-Clause .*ImageNet.*accept_licence=True or .* weights/tiny --accept-licence"
    with pytest.raises(georgia.InvalidOption, match=line):
        fetch("tiny", progress=False)
    assert not site.asked
    assert not names(cache)


def test_what_came_wrong_is_not_kept(site: Site, cache: Path) -> None:
    site.data = b"<html>Sign in</html>"
    with pytest.raises(georgia.BadInput, match=f"expected SHA-256 starting with {SHA256[:8]}"):
        fetch("tiny", accept_licence=True, progress=False)
    assert not names(cache)
    site.data = DATA
    assert fetch("tiny", accept_licence=True, progress=False).read_bytes() == DATA


def test_a_newly_fetched_file_must_be_the_one_first_used(
    site: Site, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = dataclasses.replace(MODULE.pretrained()["tiny"], sha256_prefix=SHA256[:2])
    monkeypatch.setattr(MODULE, "pretrained", lambda: {"tiny": entry})
    fetch("tiny", accept_licence=True, progress=False).unlink()
    site.data, site.version = twin(SHA256[:2]), '"two"'
    with pytest.raises(
        georgia.BadInput, match=f"not the file first used; expected SHA-256 {SHA256}"
    ):
        fetch("tiny", accept_licence=True, progress=False)
    assert names(cache) == ["weights.json"]


def test_a_broken_transfer_goes_on_where_it_stopped(site: Site, cache: Path) -> None:
    site.cuts, half = 1, len(DATA) // 2
    with pytest.raises(georgia.IoError, match="the next call goes on from there"):
        fetch("tiny", accept_licence=True, progress=False)
    assert names(cache) == ["tiny.pth.part", "tiny.pth.part.from"]
    with pytest.raises(georgia.IoError, match="not on this machine"):
        locate(ENTRY)
    assert fetch("tiny", accept_licence=True, progress=False).read_bytes() == DATA
    assert site.asked == [("/tiny.pth", None), ("/tiny.pth", f"bytes={half}-")]
    assert site.sent == len(DATA)
    assert names(cache) == ["tiny.pth", "weights.json"]


def test_the_same_file_may_come_from_elsewhere(site: Site, cache: Path) -> None:
    site.path = "/mirror"
    path = fetch("tiny", accept_licence=True, progress=False, url=f"{site.address}/mirror")
    assert path == cache / "tiny.pth"
    path.unlink()
    for url in ("file:///etc/passwd", "ftp://example.org/a"):
        with pytest.raises(georgia.InvalidOption, match="expected an http or https address"):
            fetch("tiny", accept_licence=True, progress=False, url=url)
    with pytest.raises(georgia.IoError, match="answered 404"):
        fetch("tiny", accept_licence=True, progress=False)


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["fetch", *words])


def test_the_command_fetches_weights(site: Site, cache: Path) -> None:
    refused = invoke("weights/tiny")
    assert isinstance(refused.exception, georgia.InvalidOption)
    assert f"{site.address}/tiny.pth" in refused.stdout
    assert "licence   BSD-3-Clause: " in refused.stdout
    assert not site.asked
    done = invoke("weights/tiny", "--accept-licence")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == str(cache / "tiny.pth")
    assert (cache / "tiny.pth").read_bytes() == DATA


def test_the_command_lists_weights_and_refuses_what_it_does_not_know() -> None:
    listed = invoke()
    assert listed.exit_code == 0
    for entry in pretrained().values():
        row = rf"^  weights/{entry.name} +{entry.licence} +{entry.variant} +{entry.file}$"
        assert len(re.findall(row, listed.stdout, re.MULTILINE)) == 1
    for name in ("weights", "weights/", "weights/nonsense"):
        error = str(invoke(name).exception)
        assert re.search(r"no such weights; expected one of resnet18, .*resnet50-keras", error)
    assert "or weights/NAME" in str(invoke("resnet18").exception)
    assert "are of data sets" in str(invoke("weights/resnet18", "--out", "x").exception)


def test_the_registry_is_well_formed() -> None:
    entries = pretrained()
    for name, entry in entries.items():
        assert entry.name == name
        assert transfer.is_http(entry.url)
        assert entry.url.endswith(f"/{entry.file}")
        assert entry.classes == 1000
        assert "image-net.org" in entry.licence_note
        assert entry.source.startswith("https://")
        if entry.variant == "torchvision":
            assert re.fullmatch(rf"[\w-]+-{entry.sha256_prefix}\.pth", entry.file)
            assert re.fullmatch("[0-9a-f]{8}", str(entry.sha256_prefix))
            assert (entry.md5, entry.has_head, entry.licence) == (None, True, "BSD-3-Clause")
        else:
            assert re.fullmatch("[0-9a-f]{32}", str(entry.md5))
            assert (entry.sha256_prefix, entry.has_head) == (None, False)
            assert (entry.variant, entry.licence) == ("keras", "Apache-2.0")
            assert entry.normalisation == "caffe"
            assert entry.file.endswith("_notop.h5")
        expected = ((0.5,) * 3,) * 2 if entry.network == "inception_v3" else "imagenet"
        assert entry.variant == "keras" or entry.normalisation == expected
    assert len({entry.file for entry in entries.values()}) == len(entries)


@pytest.mark.parametrize(("variant", "end"), [("torchvision", ""), ("keras", "-keras")])
@pytest.mark.parametrize("network", ["resnet50", "resnet101", "resnet152"])
def test_imagenet_means_the_first_version(network: str, variant: str, end: str) -> None:
    assert entry_for(network, variant).name == network + end


def test_an_unknown_network_or_variant_is_told_what_there_is() -> None:
    for asked in (("resnet9", "torchvision"), ("resnet18", "keras")):
        line = (
            rf"{asked[0]} \({asked[1]}\): .*expected one of resnet18 \(torchvision\), .*\(keras\)"
        )
        with pytest.raises(georgia.InvalidOption, match=line):
            entry_for(*asked)


def test_a_damaged_registry_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "manifest_folder", lambda: tmp_path)
    for text in ("{", "{}", '{"entries": [{"variant": "x"}], "variants": {"x": {}}}'):
        (tmp_path / "pretrained.json").write_text(text)
        with pytest.raises(georgia.BadInput, match=r"pretrained\.json: damaged"):
            pretrained()
