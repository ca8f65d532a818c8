"""Hostile and exact reading of BMP files, against Pillow and a writer of our own."""

from io import BytesIO

import numpy as np
import pytest
from image_files import Pixels, bmp, bmp_rows, equal_or_refused
from numpy.typing import NDArray
from PIL import Image

import georgia

RGBA = (0x00FF0000, 0x0000FF00, 0x000000FF, 0xFF000000)
OTHER_ORDER = (0x000000FF, 0x0000FF00, 0x00FF0000, 0xFF000000)
SHIFTED = (0xFF000000, 0x00FF0000, 0x0000FF00, 0x000000FF)


def drawn(bits: int, *, width: int = 13, height: int = 9) -> Pixels:
    return np.random.default_rng(bits).integers(0, 1 << bits, (height, width))


def table(bits: int) -> NDArray[np.uint8]:
    return np.random.default_rng(8).integers(0, 256, (1 << bits, 3), dtype=np.uint8)


def quads(colours: NDArray[np.uint8], width: int = 4) -> bytes:
    padded = np.zeros((len(colours), width), np.uint8)
    padded[:, :3] = colours[:, ::-1]
    return padded.tobytes()


def pillow(data: bytes) -> NDArray[np.uint8]:
    opened = Image.open(BytesIO(data))
    return np.asarray(opened.convert("RGBA" if opened.mode == "RGBA" else "RGB"))


def as_pillow_or_refused(data: bytes) -> bool:
    return equal_or_refused(data, pillow(data))


def plain(bits: int) -> bytes:
    if bits == 24:
        return bmp(bmp_rows(drawn(8, width=39), 24), 13, 9, 24)
    if bits > 8:
        return bmp(bmp_rows(drawn(bits), bits), 13, 9, bits)
    return bmp(bmp_rows(drawn(bits), bits), 13, 9, bits, palette=quads(table(bits)))


@pytest.mark.parametrize("width", [1, 2, 3, 4, 7, 8, 9, 31, 33])
@pytest.mark.parametrize("kind", [12, 40, 52, 56, 64, 108, 124])
@pytest.mark.parametrize("bits", [1, 4, 8])
def test_palettes_are_exact(bits: int, kind: int, width: int) -> None:
    pixels = drawn(bits, width=width)
    palette = quads(table(bits), 3 if kind == 12 else 4)
    data = bmp(bmp_rows(pixels, bits), width, 9, bits, kind=kind, palette=palette)
    np.testing.assert_array_equal(georgia.read_image(data), table(bits)[pixels])


@pytest.mark.parametrize("bits", [1, 4, 8])
def test_a_short_palette_is_exact(bits: int) -> None:
    pixels = drawn(bits) % 2
    palette = quads(table(bits)[:2])
    data = bmp(bmp_rows(pixels, bits), 13, 9, bits, palette=palette, used=2)
    np.testing.assert_array_equal(georgia.read_image(data), table(bits)[pixels])
    missing = bmp(bmp_rows(drawn(bits), bits), 13, 9, bits, palette=palette)  # 2 of 2 to 256
    if bits > 1:
        assert equal_or_refused(missing, table(bits)[drawn(bits)])


def test_gray_palettes_are_rgb() -> None:
    pixels = drawn(8).astype(np.uint8)
    grays = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, 1)
    data = bmp(bmp_rows(pixels, 8), 13, 9, 8, palette=quads(grays))
    np.testing.assert_array_equal(georgia.read_image(data), grays[pixels])


@pytest.mark.parametrize("kind", [12, 40, 56, 64, 108, 124])
@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 33])
def test_24_bits_are_exact(kind: int, width: int) -> None:
    blue_first = drawn(8, width=width * 3)
    data = bmp(bmp_rows(blue_first, 24), width, 9, 24, kind=kind)
    np.testing.assert_array_equal(
        georgia.read_image(data), blue_first.reshape(9, width, 3)[..., ::-1]
    )


@pytest.mark.parametrize("bits", [1, 4, 8, 24, 32])
def test_top_down_is_exact(bits: int) -> None:
    data = plain(bits)
    upside_down = data[:22] + (-9).to_bytes(4, "little", signed=True) + data[26:]
    np.testing.assert_array_equal(georgia.read_image(upside_down), georgia.read_image(data)[::-1])
    np.testing.assert_array_equal(georgia.read_image(upside_down), pillow(upside_down))


@pytest.mark.parametrize("kind", [40, 56, 108, 124])
@pytest.mark.parametrize("masks", [(), (0x7C00, 0x3E0, 0x1F), (0xF800, 0x7E0, 0x1F)])
def test_16_bits_are_as_pillow_has_them_or_refused(kind: int, masks: tuple[int, ...]) -> None:
    values = np.append(np.arange(0, 65536, 97), [0xFFFF, 0x7FFF])[None]
    rows = bmp_rows(values, 16)
    compression = 3 if masks else 0
    data = bmp(rows, values.size, 1, 16, kind=kind, compression=compression, masks=masks)
    as_pillow_or_refused(data)


@pytest.mark.parametrize("kind", [40, 52, 56, 108, 124])
@pytest.mark.parametrize("masks", [(), RGBA[:3], RGBA, OTHER_ORDER, OTHER_ORDER[:3], SHIFTED,
                                   (0x3FF00000, 0xFFC00, 0x3FF)])  # fmt: skip
def test_32_bits_are_exact_or_refused(kind: int, masks: tuple[int, ...]) -> None:
    if kind < 56 and len(masks) == 4:
        return
    values = drawn(32)
    compression = 3 if masks else 0
    data = bmp(bmp_rows(values, 32), 13, 9, 32, kind=kind, compression=compression, masks=masks)
    channels = []
    for mask in masks or RGBA[:3]:
        shift = (mask & -mask).bit_length() - 1
        top = mask >> shift
        channels.append((((values & mask) >> shift) * 255 + top // 2) // top)
    try:
        got = georgia.read_image(data)
    except georgia.BadInput:
        return
    assert got.shape == (9, 13, len(channels))
    # Ten bits to eight may be rounded or cut.
    assert np.abs(got - np.stack(channels, -1)).max() <= (1 if 0x3FF in masks else 0)


def test_alpha_in_a_version_5_header_is_kept() -> None:
    values = drawn(32)
    data = bmp(bmp_rows(values, 32), 13, 9, 32, kind=124, compression=3, masks=RGBA)
    got = georgia.read_image(data)
    np.testing.assert_array_equal(got, pillow(data))
    np.testing.assert_array_equal(got[..., 3], values >> 24)


def runs(pixels: Pixels, bits: int) -> bytes:
    """Each row as runs, with an absolute piece where a row has five pixels or more left."""
    out = b""
    for row in pixels[::-1]:
        values = row.tolist()
        head, tail = (values[:-5], values[-5:]) if len(values) >= 5 else (values, [])
        for value in head:
            out += bytes([1, value if bits == 8 else value << 4])
        if tail:
            out += bytes([0, 5])
            if bits == 8:
                out += bytes([*tail, 0])
            else:
                padded = [*tail, 0, 0, 0]
                out += bytes(a << 4 | b for a, b in zip(padded[::2], padded[1::2], strict=True))
        out += b"\0\0"
    return out[:-2] + b"\0\1"


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("width", [3, 5, 13])
def test_run_lengths_are_named(bits: int, width: int) -> None:
    pixels = drawn(bits, width=width)
    data = bmp(runs(pixels, bits), width, 9, bits, compression=3 - bits // 4,
               palette=quads(table(bits)))  # fmt: skip
    with pytest.raises(georgia.BadInput, match="run-length"):
        georgia.read_image(data)


def all_kinds() -> dict[str, bytes]:
    kinds = {f"{bits} bits": plain(bits) for bits in (1, 4, 8, 16, 24, 32)}
    return kinds | {
        "old": bmp(bmp_rows(drawn(8, width=39), 24), 13, 9, 24, kind=12),
        "alpha": bmp(bmp_rows(drawn(32), 32), 13, 9, 32, kind=124, compression=3, masks=RGBA),
    }


@pytest.mark.parametrize("states_size", [True, False])
@pytest.mark.parametrize("name", all_kinds())
def test_every_truncation_is_refused_or_harmless(name: str, states_size: bool) -> None:
    data = all_kinds()[name]
    if not states_size:
        data = data[:2] + bytes(4) + data[6:]
    original = georgia.read_image(data)
    for length in range(len(data)):
        equal_or_refused(data[:length], original)


@pytest.mark.parametrize("name", all_kinds())
def test_a_flipped_bit_never_crashes(name: str) -> None:
    data = all_kinds()[name]
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            assert georgia.read_image(bytes(flipped)).dtype == np.uint8
        except georgia.BadInput:
            continue


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_smallest_files_are_read(size: int) -> None:
    blue_first = drawn(8, width=size * 3, height=size)
    for kind in (12, 40):
        data = bmp(bmp_rows(blue_first, 24), size, size, 24, kind=kind)
        expected = blue_first.reshape(size, size, 3)[..., ::-1]
        np.testing.assert_array_equal(georgia.read_image(data), expected)


@pytest.mark.parametrize(
    "data",
    [
        bmp(bytes(64), 4, 4, 2),
        bmp(bytes(64), 4, 4, 0),
        bmp(bytes(64), 4, 4, 64),
        bmp(bytes(64), 4, 4, 24, compression=1),
        bmp(bytes(64), 4, 4, 8, compression=2),
        bmp(bytes(64), 4, 4, 24, compression=4),
        bmp(bytes(64), 4, 4, 24, compression=5),
        bmp(bytes(64), 4, 4, 24, kind=16),
        bmp(bytes(64), 0, 4, 24),
        bmp(bytes(64), 4, 0, 24),
        bmp(bytes(64), -4, 4, 24),
        bmp(bytes(64), 4, -(1 << 31), 24),
        bmp(bytes(64), 1 << 30, 1 << 30, 24),
        bmp(bytes(64), 4, 4, 8, palette=bytes(1024), used=257),
        bmp(bytes(64), 4, 4, 8, palette=bytes(1024), used=0xFFFFFFFF),
        bmp(bytes(64), 4, 4, 32, kind=124, compression=3, masks=(0, 0, 0, 0)),
        bmp(bytes(64), 4, 4, 16, compression=3, masks=(0, 0, 0)),
    ],
)
def test_headers_of_no_meaning_are_refused(data: bytes) -> None:
    with pytest.raises(georgia.BadInput):
        georgia.read_image(data)
