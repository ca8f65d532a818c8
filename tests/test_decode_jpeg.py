"""Hostile and exact reading of JPEG files, against Pillow."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from image_files import equal_or_refused
from numpy.typing import NDArray
from PIL import Image, ImageOps

import georgia

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "baseline 4:4:4": ("RGB", {"subsampling": 0}),
    "baseline 4:2:2": ("RGB", {"subsampling": 1}),
    "baseline 4:2:0": ("RGB", {"subsampling": 2}),
    "progressive 4:4:4": ("RGB", {"subsampling": 0, "progressive": True}),
    "progressive 4:2:0": ("RGB", {"subsampling": 2, "progressive": True}),
    "gray": ("L", {}),
    "progressive gray": ("L", {"progressive": True}),
    "optimised": ("RGB", {"optimize": True}),
    "restart markers": ("RGB", {"restart_marker_blocks": 2}),
    "restart rows, 4:2:0": ("RGB", {"restart_marker_rows": 1, "subsampling": 2}),
    "restarts, progressive": ("RGB", {"restart_marker_blocks": 3, "progressive": True}),
    "stored as RGB": ("RGB", {"keep_rgb": True}),
    "quality 1": ("RGB", {"quality": 1}),
}


def smooth(mode: str, width: int = 45, height: int = 37) -> Image.Image:
    noise = np.random.default_rng(6).integers(0, 256, (9, 11, 4), dtype=np.uint8)
    picture = Image.fromarray(noise[..., : len(mode)] if mode != "L" else noise[..., 0], mode=None)
    if mode == "CMYK":
        picture = Image.merge("CMYK", picture.split())
    return picture.resize((width, height), Image.Resampling.BICUBIC)


def jpeg(kind: str = "baseline 4:4:4", *, width: int = 45, height: int = 37, **more: Any) -> bytes:
    mode, options = KINDS[kind]
    buffer = BytesIO()
    smooth(mode, width, height).save(buffer, "JPEG", **{"quality": 90, **options, **more})
    return buffer.getvalue()


def pillow(data: bytes) -> NDArray[np.uint8]:
    opened = Image.open(BytesIO(data))
    return np.asarray(opened.convert("RGB") if opened.mode == "CMYK" else opened)


def difference(data: bytes, expected: NDArray[np.uint8]) -> int:
    got = georgia.read_image(data)
    assert got.shape == expected.shape
    return int(np.abs(got.astype(int) - expected).max())


def segments(data: bytes) -> list[tuple[int, bytes]]:
    """Markers with their segments, the coded data behind a scan included."""
    parts, at = [], 2
    while data[at + 1] != 0xD9:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == 0xDA:
            while data[end] != 0xFF or data[end + 1] == 0 or 0xD0 <= data[end + 1] <= 0xD7:
                end += 1
        parts.append((data[at + 1], data[at:end]))
        at = end
    return parts


def joined(parts: list[tuple[int, bytes]]) -> bytes:
    return b"\xff\xd8" + b"".join(part for _, part in parts) + b"\xff\xd9"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_within_two_levels_of_pillow(kind: str) -> None:
    for width, height in [(45, 37), (1, 1), (8, 8), (17, 3), (3, 129)]:
        data = jpeg(kind, width=width, height=height)
        assert difference(data, pillow(data)) <= 2  # two inverse transforms may round differently


@pytest.mark.parametrize("adobe", [True, False])
@pytest.mark.parametrize("progressive", [True, False])
def test_inks_are_near_pillow_with_and_without_marker(adobe: bool, progressive: bool) -> None:
    buffer = BytesIO()
    smooth("CMYK").save(buffer, "JPEG", quality=95, progressive=progressive)
    parts = segments(buffer.getvalue())
    assert any(marker == 0xEE for marker, _ in parts)
    data = joined([p for p in parts if adobe or p[0] != 0xEE])
    assert difference(data, pillow(data)) <= 4  # rounding, then a product of two inks


@pytest.mark.parametrize("kind", ["progressive 4:2:0", "progressive gray"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_progressive_files_is_applied(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = jpeg(kind, exif=exif.tobytes())
    turned = np.asarray(ImageOps.exif_transpose(Image.open(BytesIO(data))))
    assert difference(data, turned) <= 2


@pytest.mark.parametrize("stated", [0, 9, 255, 65535])
def test_an_orientation_of_no_meaning_is_upright(stated: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = stated
    assert difference(jpeg(exif=exif.tobytes()), pillow(jpeg())) <= 2


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II*\0",
        b"MM\0*\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0",
        b"II*\0\x08\0\0\0\xff\xff",
        b"II*\0\x01\0\0\0" + bytes(9),
    ],
)
def test_broken_exif_is_harmless(block: bytes) -> None:
    part = b"Exif\0\0" + block
    app = b"\xff\xe1" + (len(part) + 2).to_bytes(2, "big") + part
    data = jpeg()
    assert difference(data[:2] + app + data[2:], pillow(data)) <= 2


def test_a_thumbnail_is_not_the_image() -> None:
    small = jpeg("baseline 4:2:0", width=16, height=12)
    for name in (b"Exif\0\0", b"JFXX\0\x10"):
        part = name + b"II*\0\x08\0\0\0\0\0\0\0\0\0" + small
        marker = b"\xff\xe1" if name[0] == 69 else b"\xff\xe0"
        data = jpeg()
        whole = data[:2] + marker + (len(part) + 2).to_bytes(2, "big") + part + data[2:]
        assert difference(whole, pillow(data)) <= 2


@pytest.mark.parametrize("tail", [b"\0", b"\xff", b"junk" * 50, jpeg("gray"), b"\xff\xd9" * 3])
def test_bytes_behind_the_end_are_ignored(tail: bytes) -> None:
    for kind in ("baseline 4:2:0", "progressive gray"):
        data = jpeg(kind)
        np.testing.assert_array_equal(georgia.read_image(data + tail), georgia.read_image(data))


def test_fill_bytes_between_markers_are_allowed() -> None:
    data = jpeg()
    filled = (
        b"\xff\xd8" + b"".join(b"\xff" * 3 + part for _, part in segments(data)) + b"\xff\xff\xd9"
    )
    np.testing.assert_array_equal(georgia.read_image(filled), georgia.read_image(data))


@pytest.mark.parametrize("kind", ["baseline 4:4:4", "baseline 4:2:0", "progressive 4:2:0", "gray",
                                  "progressive gray", "restart markers"])  # fmt: skip
def test_every_truncation_is_refused(kind: str) -> None:
    data = jpeg(kind, width=24, height=20)
    original = georgia.read_image(data)
    for length in range(len(data)):
        with pytest.raises(georgia.BadInput):
            georgia.read_image(data[:length])
        if "progressive" not in kind:  # an end put on; below for progressive files
            equal_or_refused(data[:length] + b"\xff\xd9", original)


@pytest.mark.parametrize("kind", ["baseline 4:2:0", "progressive 4:2:0", "gray", "restart markers"])
def test_a_flipped_bit_never_crashes(kind: str, record_property: Any) -> None:
    data = jpeg(kind, width=24, height=20)
    original, refused, changed = georgia.read_image(data), 0, 0
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            got = georgia.read_image(bytes(flipped))
        except georgia.BadInput:
            refused += 1
            continue
        stated = Image.open(BytesIO(bytes(flipped)))  # a flip may change the stated size or kind
        assert got.dtype == np.uint8
        assert got.shape[:2] == stated.size[::-1]
        changed += not np.array_equal(got, original)
    record_property("refused", refused / len(data) / 8)
    record_property("changed", changed / len(data) / 8)
    print(f"{kind}: {len(data) * 8} flips, refused {refused}, other pixels {changed}")


@pytest.mark.parametrize("kind", ["baseline 4:4:4", "progressive 4:2:0", "gray"])
def test_zeroed_and_missing_data_are_refused(kind: str) -> None:
    parts = segments(jpeg(kind, width=200, height=160))
    scan = max(range(len(parts)), key=lambda i: (parts[i][0] == 0xDA) * len(parts[i][1]))
    body = parts[scan][1]
    for damaged in (body[: len(body) // 2], body[: len(body) // 3] + body[len(body) // 2 :]):
        with pytest.raises(georgia.BadInput):
            georgia.read_image(joined([*parts[:scan], (0xDA, damaged), *parts[scan + 1 :]]))


def test_missing_scans_are_refused() -> None:
    parts = segments(jpeg("progressive 4:4:4"))
    last = max(i for i, part in enumerate(parts) if part[0] == 0xDA)
    first = min(i for i, part in enumerate(parts) if part[0] == 0xDA)
    for cut in (last, first + 1):
        with pytest.raises(georgia.BadInput):
            georgia.read_image(joined(parts[:cut]))


def separate_scans() -> list[tuple[int, bytes]]:
    """A baseline file of three components, each in a scan of its own, from three gray files."""
    parts = segments(jpeg("gray"))
    frame = next(part for marker, part in parts if marker == 0xC0)
    head = frame[4:9] + b"\3" + b"".join(bytes([i, 0x11, 0]) for i in (1, 2, 3))
    joined_frame = b"\xff\xc0" + (len(head) + 2).to_bytes(2, "big") + head
    out = [(m, joined_frame if m == 0xC0 else part) for m, part in parts if m != 0xDA]
    for component in (1, 2, 3):
        buffer = BytesIO()
        turned = smooth("L").rotate(180 * (component % 2))
        turned.save(buffer, "JPEG", quality=90)
        scan = next(part for marker, part in segments(buffer.getvalue()) if marker == 0xDA)
        out.append((0xDA, scan[:5] + bytes([component]) + scan[6:]))
    return out


def test_a_scan_for_each_component_is_read_and_none_may_be_missing() -> None:
    parts = separate_scans()
    assert difference(joined(parts), pillow(joined(parts))) <= 2
    for lost in (1, 2, 3):
        with pytest.raises(georgia.BadInput):
            georgia.read_image(joined(parts[:-lost] + parts[len(parts) - lost + 1 :]))


def test_scans_are_limited() -> None:
    data = jpeg("progressive 4:4:4")
    scans = sum(marker == 0xDA for marker, _ in segments(data))
    allowed = georgia.DecodeLimits(max_scans=scans)
    np.testing.assert_array_equal(
        georgia.read_image(data, limits=allowed), georgia.read_image(data)
    )
    with pytest.raises(georgia.BadInput, match="too many progressive scans"):
        georgia.read_image(data, limits=georgia.DecodeLimits(max_scans=scans - 1))
    parts = segments(data)
    first = next(i for i, part in enumerate(parts) if part[0] == 0xDA)
    many = [*parts[: first + 1], *[parts[first]] * 100, *parts[first + 1 :]]
    with pytest.raises(georgia.BadInput, match="too many progressive scans"):
        georgia.read_image(joined(many))


def test_pieces_of_metadata_are_limited() -> None:
    data = jpeg()
    comments = data[:2] + b"\xff\xfe\x00\x04ab" * 300 + data[2:]
    with pytest.raises(georgia.BadInput, match="too much metadata"):
        georgia.read_image(comments)
    got = georgia.read_image(comments, limits=georgia.DecodeLimits(max_chunks=400))
    np.testing.assert_array_equal(got, georgia.read_image(data))


def reframed(marker: int | None = None, **changed: int) -> bytes:
    """A gray file with other bytes in its frame header."""
    parts = []
    for kind, part in segments(jpeg("gray")):
        body = bytearray(part)
        if kind == 0xC0:
            body[1] = marker or kind
            for at, value in changed.items():
                body[int(at[1:])] = value
        parts.append((kind, bytes(body)))
    return joined(parts)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (reframed(_4=12), "12-bit"),
        (reframed(0xC1, _4=12), "12-bit"),
        (reframed(0xC2, _4=12), "12-bit"),
        (reframed(0xC3), "lossless"),
        (reframed(0xC3, _4=16), "16-bit"),
        (reframed(0xC9), "arithmetic"),
        (reframed(0xCA), "arithmetic"),
        (reframed(0xC5), "hierarchical"),
        (reframed(_9=2), "2 components"),
        (reframed(_9=5), "5 components"),
        (reframed(_5=0, _6=0), "no size"),
        (reframed(_7=0, _8=0), "no size"),
        (reframed(_5=0x80), "too large"),
        (reframed(_9=0), "components|damaged"),
        (b"\xff\xd8\xff\xd9", "no size"),
        (b"\xff\xd8\xff", "cut short"),
        (b"\xff\xd8\xff\xe0\x00\x00", "broken marker"),
        (b"\xff\xd8\xff\xe0\x00\x01", "broken marker"),
        (b"\xff\xd8\xff\xff\xff\xff", "cut short|broken"),
        (b"\xff\xd8\xff\xc0\x00\x03\x08" + bytes(20), "broken frame header"),
    ],
)
def test_wrong_frames_are_named(data: bytes, words: str) -> None:
    with pytest.raises(georgia.BadInput, match=words):
        georgia.read_image(data)


@pytest.mark.parametrize("lost", [0xC4, 0xDB, 0xC0, 0xDA])
def test_missing_segments_are_refused_or_harmless(lost: int) -> None:
    for kind in ("gray", "baseline 4:4:4", "optimised"):
        parts = [part for part in segments(jpeg(kind)) if part[0] != lost]
        refused = equal_or_refused(joined(parts), georgia.read_image(jpeg(kind)))
        assert refused or lost == 0xC4  # the standard's own tables may be left out


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    data = jpeg()
    for damaged in (data[:-30] + b"\xff\xd9", data[:-30] + bytes(28) + b"\xff\xd9", data[:300]):
        with pytest.raises(georgia.BadInput, match=r"^\[read_image\] bytes: "):
            georgia.read_image(damaged)
    assert capfd.readouterr() == ("", "")
