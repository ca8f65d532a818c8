"""Unpacking: hostile archives are refused whole, good ones come out equal."""

import gzip
import io
import os
import random
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import georgia
from georgia.archives import unpack

PNG = georgia.synthetic.encode(georgia.synthetic.draw("plates", size=32))
GOOD = {"set/Round/a.png": PNG, "set/Round/b.png": PNG + b"2", "set/flat/a.png": PNG + b"3"}
NOISE = random.Random(1).randbytes(5 << 20)


def zip_of(
    files: dict[str, bytes], mode: int = 0, change: tuple[bytes, bytes] = (b"", b"")
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            packed.writestr(info, data)
    return buffer.getvalue().replace(*change) if change[0] else buffer.getvalue()


def tar_of(files: dict[str, bytes], packing: str = "", **facts: object) -> bytes:
    """A tar; the facts are set on its last member."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{packing}") as rolled:
        for index, (name, data) in enumerate(files.items(), 1):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for key, value in facts.items() if index == len(files) else ():
                setattr(info, key, value)
            rolled.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def zip_flagged(flag: int) -> bytes:
    data = bytearray(zip_of({"a.png": PNG}))
    for start, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(start) + place] |= flag
    return bytes(data)


def zip_sized(size: int) -> bytes:
    """One member whose declared size is not the real one."""
    old, new = (value.to_bytes(4, "little") for value in (len(PNG), size))
    return zip_of({"a.png": PNG}, change=(old, new))


def zip_overlapping() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("a.png", PNG)
        twin = zipfile.ZipInfo("b.png")
        for key in ("CRC", "compress_size", "file_size", "header_offset"):
            setattr(twin, key, getattr(packed.filelist[0], key))
        packed.filelist.append(twin)
    return buffer.getvalue()


def damaged(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


TWO = {"good.png": PNG, "x": b""}
ZEROS = {"good.png": PNG, "zeros.png": bytes(3 << 20)}
SPARSE = {"GNU.sparse.map": "0,0", "GNU.sparse.size": "1000"}
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "absolute": (lambda: zip_of({"good.png": PNG, "/etc/a": PNG}), "an absolute path"),
    "absolute tar": (lambda: tar_of({"good.png": PNG, "/etc/a": PNG}), "an absolute path"),
    "parent": (lambda: zip_of({"good.png": PNG, "../a": PNG}), "leaves the folder"),
    "parent inside": (lambda: tar_of({"good.png": PNG, "a/../../b": PNG}), "leaves the folder"),
    "backslash": (lambda: zip_of({"a\\..\\b": PNG}), "a backslash"),
    "drive": (lambda: zip_of({"c:/a": PNG}), "an absolute path"),
    "nul": (lambda: zip_of({"aXb.png": PNG}, change=(b"aXb", b"a\0b")), "a control character"),
    "escape": (lambda: tar_of({"a\x1b[2Jb": PNG}), "a control character"),
    "not utf-8": (lambda: tar_of({"a\udcffb": PNG}), "no UTF-8"),
    "long name": (lambda: tar_of({"é" * 128: PNG}), "too long"),
    "deep": (lambda: tar_of({"a/" * 33 + "b": PNG}), "too deep"),
    "no name": (lambda: tar_of({".": PNG}), "a file without a name"),
    "twice": (lambda: tar_of({"a.png": PNG, "./a.png": PNG}), "there twice"),
    "twice but for case": (lambda: zip_of({"a/b.png": PNG, "A/b.png": PNG}), "there twice"),
    "twice but for accents": (lambda: zip_of({"\xe9": PNG, "e\u0301": PNG}), "there twice"),
    "file in a file": (lambda: tar_of({"a": PNG, "a/b": PNG}), "both a file and a folder"),
    "folder over a file": (lambda: zip_of({"a": PNG, "a/": b""}), "both a file and a folder"),
    "symlink": (lambda: tar_of(TWO, type=tarfile.SYMTYPE, linkname="/etc"), "neither a file"),
    "hard link": (lambda: tar_of(TWO, type=tarfile.LNKTYPE, linkname="good.png"), "neither"),
    "device": (lambda: tar_of(TWO, type=tarfile.CHRTYPE), "neither a file"),
    "block device": (lambda: tar_of(TWO, type=tarfile.BLKTYPE), "neither a file"),
    "fifo": (lambda: tar_of(TWO, type=tarfile.FIFOTYPE), "neither a file"),
    "sparse by a header": (lambda: tar_of(TWO, pax_headers=SPARSE), "neither a file"),
    "sparse": (lambda: tar_of(TWO, type=tarfile.GNUTYPE_SPARSE), "neither a file"),
    "zipped symlink": (lambda: zip_of({"a": b"/etc"}, stat.S_IFLNK | 0o777), "neither a file"),
    "zipped fifo": (lambda: zip_of({"a": b""}, stat.S_IFIFO), "neither a file"),
    "encrypted": (lambda: zip_flagged(0x1), "a.png: encrypted"),
    "strangely encrypted": (lambda: zip_flagged(0x40), "a.png: encrypted"),
    "declared too small": (lambda: zip_sized(len(PNG) - 9), "damaged"),
    "declared too large": (lambda: zip_sized(len(PNG) + 9), "damaged|not the declared one"),
    "overlapping": (zip_overlapping, "overlaps another member"),
    "many members": (lambda: zip_of({f"{i}.png": PNG for i in range(21)}), "too many members"),
    "many in a tar": (lambda: tar_of({f"{i}": PNG for i in range(21)}, "gz"), "too many members"),
    "large": (lambda: zip_of({"good.png": PNG, "a": NOISE}), "too large unpacked"),
    "large tar": (lambda: tar_of({"good.png": PNG, "a": NOISE}, "xz"), "too large unpacked"),
    "bomb": (lambda: zip_of(ZEROS), "grows too much"),
    "bomb among others": (lambda: zip_of(ZEROS | {"a": NOISE[: 1 << 19]}), "zeros.png: grows"),
    "tar bomb": (lambda: tar_of(ZEROS, "gz"), "grows too much"),
    "header bomb": (lambda: tar_of({"a": PNG}, "xz", pax_headers={"c": "x" * 1_999_999}), "header"),
    "damaged zip": (lambda: damaged(zip_of(GOOD), 60), "damaged"),
    "damaged gz": (lambda: damaged(tar_of(GOOD, "gz"), -6), "damaged"),
    "damaged header": (lambda: damaged(tar_of({"a": b"", "b": PNG}), 512), "damaged"),
    "no tar inside": (lambda: gzip.compress(PNG * 20), "damaged"),
    "web page": (lambda: b"\n<!DOCTYPE html><title>Sign in</title>", "got a web page"),
    "empty": (lambda: b"", "not an archive"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_is_refused_whole(case: str, tmp_path: Path) -> None:
    build, reason = HOSTILE[case]
    archive = tmp_path / "archive"
    archive.write_bytes(build())
    with pytest.raises(georgia.BadInput, match=reason):
        unpack(archive, tmp_path / "out", max_members=20, max_bytes=4 << 20)
    assert list(tmp_path.iterdir()) == [archive]


@pytest.mark.parametrize("packing", ["zip", "", "gz", "bz2", "xz"])
def test_a_good_archive_comes_out_equal(packing: str, tmp_path: Path) -> None:
    data = zip_of(GOOD, 0o106755) if packing == "zip" else tar_of(GOOD, packing, mode=0o6755)
    (tmp_path / "archive").write_bytes(data)
    files = unpack(tmp_path / "archive", tmp_path / "new" / "out")
    assert files == [tmp_path / "new" / "out" / name for name in GOOD]
    assert [path.read_bytes() for path in files] == list(GOOD.values())
    assert all(stat.S_IMODE(path.stat().st_mode) & ~0o644 == 0 for path in files)
    assert os.listdir(tmp_path / "new") == ["out"]  # noqa: PTH208 - hidden ones too


@pytest.mark.parametrize("packing", ["zip", "", "gz", "xz"])
def test_an_archive_cut_anywhere_is_refused_or_whole(packing: str, tmp_path: Path) -> None:
    data = zip_of(GOOD) if packing == "zip" else tar_of(GOOD, packing)
    refused = 0
    for length in range(0, len(data), max(1, len(data) // 60)):
        (tmp_path / "archive").write_bytes(data[:length])
        try:
            files = unpack(tmp_path / "archive", tmp_path / f"{length}")
        except georgia.BadInput:
            refused += 1
            assert not (tmp_path / f"{length}").exists()
        else:
            assert [path.read_bytes() for path in files] == list(GOOD.values())
    assert refused > 30


def test_a_folder_in_use_and_a_senseless_limit_are_refused(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.write_bytes(zip_of(GOOD))
    with pytest.raises(georgia.IoError, match="expected a new or empty folder"):
        unpack(archive, tmp_path)
    with pytest.raises(georgia.InvalidOption, match="max_ratio"):
        unpack(archive, tmp_path / "out", max_ratio=0)
    with pytest.raises(georgia.IoError, match="No such file"):
        unpack(tmp_path / "missing", tmp_path / "out")
