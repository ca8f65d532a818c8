"""Hostile and exact reading of PNG files, against Pillow and a writer of our own."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from image_files import SIGNATURE, Pixels, chunk, eight, equal_or_refused, ihdr, packed, png, whole
from numpy.typing import NDArray
from PIL import Image, ImageOps

import georgia

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
KINDS = [(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8),
         (4, 8), (4, 16), (6, 8), (6, 16)]  # fmt: skip


def drawn(colour: int, bits: int, height: int = 11, width: int = 13) -> Pixels:
    shape = (height, width) if CHANNELS[colour] == 1 else (height, width, CHANNELS[colour])
    return np.random.default_rng(colour * 20 + bits).integers(0, 1 << bits, shape)


def palette(bits: int) -> tuple[NDArray[np.uint8], bytes]:
    table = np.random.default_rng(3).integers(0, 256, (1 << bits, 3), dtype=np.uint8)
    return table, chunk(b"PLTE", table.tobytes())


def with_alpha(gray_or_rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if gray_or_rgb.ndim == 2:
        gray_or_rgb = np.repeat(gray_or_rgb[:, :, None], 3, 2)
    return np.dstack([gray_or_rgb, alpha])


def expected(samples: Pixels, colour: int, bits: int) -> NDArray[np.uint8]:
    if colour == 3:
        return palette(bits)[0][samples]
    if colour == 4:
        return with_alpha(eight(samples[:, :, 0], bits), eight(samples[:, :, 1], bits))
    return eight(samples, bits)


@pytest.mark.parametrize("interlaced", [False, True], ids=["plain", "adam7"])
@pytest.mark.parametrize(("colour", "bits"), KINDS)
def test_every_kind_is_exact(colour: int, bits: int, interlaced: bool) -> None:
    samples = drawn(colour, bits)
    before = [palette(bits)[1]] if colour == 3 else []
    data = png(samples, colour, bits, interlaced=interlaced, before=before)
    got = georgia.read_image(data)
    np.testing.assert_array_equal(got, expected(samples, colour, bits))
    if bits < 16:  # Pillow cuts 16 bits to 8
        opened = Image.open(BytesIO(data))
        mode = {1: "L", 3: "RGB", 4: "RGBA"}[1 if got.ndim == 2 else got.shape[2]]
        np.testing.assert_array_equal(got, np.asarray(opened.convert(mode)))


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (5, 4), (8, 8)])
def test_small_interlaced_sizes_are_exact(size: tuple[int, int]) -> None:
    samples = drawn(2, 8, *size)
    np.testing.assert_array_equal(georgia.read_image(png(samples, 2, 8, interlaced=True)), samples)


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_a_transparent_gray_keeps_alpha_or_is_refused(bits: int) -> None:
    samples = drawn(0, bits)
    key = int(samples[2, 3])
    data = png(samples, 0, bits, before=[chunk(b"tRNS", struct.pack(">H", key))])
    alpha = np.where(samples == key, 0, 255).astype(np.uint8)
    equal_or_refused(data, with_alpha(eight(samples, bits), alpha))


@pytest.mark.parametrize("bits", [8, 16])
def test_a_transparent_colour_keeps_alpha(bits: int) -> None:
    samples = drawn(2, bits)
    data = png(samples, 2, bits, before=[chunk(b"tRNS", struct.pack(">3H", *samples[2, 3]))])
    alpha = np.where((samples == samples[2, 3]).all(2), 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(
        georgia.read_image(data), with_alpha(eight(samples, bits), alpha)
    )  # fmt: skip


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_a_transparent_palette_keeps_alpha(bits: int) -> None:
    samples = drawn(3, bits)
    table, plte = palette(bits)
    alphas = np.arange(1, 1 << bits, dtype=np.uint8)  # one too few: the last is opaque
    data = png(samples, 3, bits, before=[plte, chunk(b"tRNS", alphas.tobytes())])
    alpha = np.append(alphas, 255).astype(np.uint8)[samples]
    np.testing.assert_array_equal(georgia.read_image(data), with_alpha(table[samples], alpha))


@pytest.mark.parametrize("place", ["empty", "behind the pixels", "before the palette", "too long"])
def test_a_transparency_that_is_void_never_swaps_colours(
    place: str, capfd: pytest.CaptureFixture[str]
) -> None:
    rgb = drawn(2, 8).astype(np.uint8)
    samples = drawn(3, 8)
    table, plte = palette(8)
    late = chunk(b"tRNS", bytes(6))
    data = {
        "empty": png(samples, 3, 8, before=[plte, chunk(b"tRNS")]),
        "behind the pixels": png(rgb, 2, 8, after=[late]),
        "before the palette": png(samples, 3, 8, before=[chunk(b"tRNS", b"\xff"), plte]),
        "too long": png(rgb, 2, 8, before=[chunk(b"tRNS", bytes(8))]),
    }[place]
    equal_or_refused(data, rgb if place in {"behind the pixels", "too long"} else table[samples])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("low", "high"), [(0, 65535), (0, 4095), (1000, 1001), (20000, 60000)])
def test_sixteen_bits_follow_the_depth_with_clipping(low: int, high: int) -> None:
    values = np.append(np.arange(0, 65536, 13), [low, high, 65535])[None]
    got = georgia.read_image(png(values, 0, 16), depth=(low, high))
    np.testing.assert_array_equal(got, eight(values, 16, low, high))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(mode: str, orientation: int) -> None:
    colour = {"L": 0, "RGB": 2, "RGBA": 6}[mode]
    exif = Image.Exif()
    exif[0x0112] = orientation
    block = chunk(b"eXIf", exif.tobytes()[6:])
    data = png(drawn(colour, 8), colour, 8, before=[block])
    turned = ImageOps.exif_transpose(Image.open(BytesIO(data)))
    np.testing.assert_array_equal(georgia.read_image(data), np.asarray(turned))


def ancillary() -> list[bytes]:
    return [chunk(b"gAMA", struct.pack(">I", 45455)), chunk(b"bKGD", bytes(6)),
            chunk(b"pHYs", struct.pack(">IIB", 2835, 2835, 1)), chunk(b"tEXt", b"Title\0x"),
            chunk(b"tIME", bytes([7, 230, 1, 2, 3, 4, 5]))]  # fmt: skip


@pytest.mark.parametrize("extra", [False, True], ids=["bare", "with metadata"])
def test_no_flipped_bit_changes_pixels(extra: bool) -> None:
    samples = drawn(2, 8, 4, 5).astype(np.uint8)
    data = png(samples, 2, 8, before=ancillary() if extra else [])
    np.testing.assert_array_equal(georgia.read_image(data), samples)
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        equal_or_refused(bytes(flipped), samples)


@pytest.mark.parametrize("extra", [False, True], ids=["bare", "with metadata"])
def test_every_truncation_is_refused(extra: bool) -> None:
    samples = drawn(6, 8, 4, 5).astype(np.uint8)
    data = png(samples, 6, 8, before=ancillary()[2:] if extra else [])
    for length in range(len(data)):
        with pytest.raises(georgia.BadInput):
            georgia.read_image(data[:length])
    np.testing.assert_array_equal(georgia.read_image(data + b"more"), samples)


def test_metadata_never_changes_pixels_nor_prints(capfd: pytest.CaptureFixture[str]) -> None:
    samples = drawn(6, 8).astype(np.uint8)
    strange = [chunk(b"gAMA", struct.pack(">I", 220000)), chunk(b"bKGD", bytes(6)),
               chunk(b"sBIT", bytes([5, 6, 5, 8])), chunk(b"iCCP", b"x\0\0" + b"not zlib"),
               chunk(b"eXIf", b"II*\0broken"), chunk(b"acTL", b""), chunk(b"fcTL", b""),
               chunk(b"hIST", bytes(3)), chunk(b"abCd", bytes(70))]  # fmt: skip
    for extra in strange:
        equal_or_refused(png(samples, 6, 8, before=[extra]), samples)
    assert capfd.readouterr() == ("", "")


def animated(second: NDArray[np.uint8], first: NDArray[np.uint8]) -> bytes:
    def frame(number: int) -> bytes:
        shape = (first.shape[1], first.shape[0], 0, 0)
        return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, *shape, 1, 10, 0, 0))

    later = chunk(b"fdAT", struct.pack(">I", 2) + zlib.compress(packed(second, 8)))
    start = [chunk(b"acTL", struct.pack(">II", 2, 0)), frame(0)]
    return png(first, {1: 0, 3: 2, 4: 6}[first.shape[2] if first.ndim == 3 else 1], 8,
               before=start, after=[frame(1), later])  # fmt: skip


@pytest.mark.parametrize("colour", [0, 2, 6])
def test_an_animation_is_refused_unless_frames_are_allowed(colour: int) -> None:
    first = drawn(colour, 8).astype(np.uint8)
    data = animated(first[::-1].copy(), first)
    with pytest.raises(georgia.BadInput, match="animated PNG"):
        georgia.read_image(data)
    got = georgia.read_image(data, limits=georgia.DecodeLimits(max_frames=2))
    np.testing.assert_array_equal(got, first)


def test_a_later_frame_count_does_not_hide_an_animation() -> None:
    first = drawn(2, 8).astype(np.uint8)
    data = animated(first[::-1].copy(), first)
    hidden = data[:-12] + chunk(b"acTL", struct.pack(">II", 1, 0)) + chunk(b"IEND")
    assert equal_or_refused(hidden, first)


def test_pieces_of_metadata_are_limited() -> None:
    samples = drawn(0, 8).astype(np.uint8)
    data = png(samples, 0, 8, before=[chunk(b"tEXt", b"Comment\0x")] * 300)
    with pytest.raises(georgia.BadInput, match=r"too much metadata.*256.*300"):
        georgia.read_image(data)
    allowed = georgia.read_image(data, limits=georgia.DecodeLimits(max_chunks=400))
    np.testing.assert_array_equal(allowed, samples)


@pytest.mark.parametrize("rows", [0, 1, 60, 63])
def test_too_few_rows_for_the_size_are_refused(rows: int) -> None:
    raw = packed(drawn(2, 8, 64, 40), 8)[: rows * 121]
    with pytest.raises(georgia.BadInput):
        georgia.read_image(whole(ihdr(40, 64, 8, 2), chunk(b"IDAT", zlib.compress(raw))))


def test_a_wrong_checksum_of_the_pixels_is_refused_or_harmless() -> None:
    samples = drawn(0, 8).astype(np.uint8)
    deflated = zlib.compress(packed(samples, 8))
    damaged = deflated[:-1] + bytes([deflated[-1] ^ 1])
    equal_or_refused(whole(ihdr(13, 11, 8, 0), chunk(b"IDAT", damaged)), samples)
    for at in range(2, len(deflated) - 4):  # the chunk's own checksum fits
        flipped = deflated[:at] + bytes([deflated[at] ^ 16]) + deflated[at + 1 :]
        equal_or_refused(whole(ihdr(13, 11, 8, 0), chunk(b"IDAT", flipped)), samples)


@pytest.mark.parametrize(
    ("bits", "colour", "rest"),
    [(b, c, (0, 0, 0)) for c in range(8) for b in (0, 1, 2, 3, 4, 8, 16, 32) if (c, b) not in KINDS]
    + [(8, 2, (1, 0, 0)), (8, 2, (0, 1, 0)), (8, 2, (0, 0, 2)), (8, 255, (0, 0, 0))],
)
def test_a_header_of_no_meaning_is_refused(
    bits: int, colour: int, rest: tuple[int, int, int]
) -> None:
    with pytest.raises(georgia.BadInput):
        georgia.read_image(
            whole(
                ihdr(4, 4, bits, colour, *rest),
                chunk(b"PLTE", bytes(768)),
                chunk(b"IDAT", zlib.compress(bytes(200))),
            )
        )


def test_broken_structure_is_refused() -> None:
    samples = drawn(0, 8, 4, 5).astype(np.uint8)
    idat, head = chunk(b"IDAT", zlib.compress(packed(samples, 8))), ihdr(5, 4, 8, 0)
    np.testing.assert_array_equal(georgia.read_image(whole(head, idat)), samples)
    assert equal_or_refused(whole(head), samples)
    assert equal_or_refused(whole(head, head, idat), samples)
    assert equal_or_refused(whole(head, chunk(b"ABCD", b"x"), idat), samples)  # critical, unknown
    assert equal_or_refused(SIGNATURE + idat + head + chunk(b"IEND"), samples)
    indexed = whole(ihdr(5, 4, 8, 3), idat)
    assert equal_or_refused(indexed, samples)  # a palette image without palette
    for width, height in [(0, 4), (5, 0), (1 << 31, 4), (0xFFFFFFFF, 0xFFFFFFFF), (32767, 1)]:
        assert equal_or_refused(whole(ihdr(width, height, 8, 0), idat), samples)
