"""Hostile and exact reading of TIFF and BMP files, against Pillow and writers of our own."""

import zlib
from io import BytesIO

import numpy as np
import pytest
from image_files import (
    DEFLATE,
    LZW,
    NONE,
    OLD_DEFLATE,
    PACKBITS,
    Pixels,
    Tag,
    eight,
    equal_or_refused,
    raw,
    tiff,
    tiff_image,
)
from numpy.typing import NDArray
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import TiffImageFile

import georgia

ALL_TYPES = [1, 3, 4, 6, 8, 9, 13, 16]
COMPRESSIONS = [NONE, LZW, DEFLATE, OLD_DEFLATE, PACKBITS]


def drawn(bits: int, samples: int = 1, seed: int = 4) -> Pixels:
    shape = (41, 35) if samples == 1 else (41, 35, samples)
    return np.random.default_rng(seed).integers(0, 1 << bits, shape)


def colours(bits: int) -> Pixels:
    return np.random.default_rng(9).integers(0, 256, (1 << bits, 3))


def equal_or_named(data: bytes, original: NDArray[np.uint8], tolerance: int = 0) -> bool:
    """True when refused, with a reason that is not just 'damaged'; wrong pixels fail."""
    try:
        got = georgia.read_image(data)
    except georgia.BadInput as error:
        if "cannot be decoded" in str(error):
            pytest.fail(f"refused without saying why: {error}")
        return True
    assert got.shape == original.shape
    assert np.abs(got.astype(int) - original).max() <= tolerance
    return False


KINDS = {
    "gray 1": (1, 1, 1), "gray 2": (2, 1, 1), "gray 4": (4, 1, 1), "gray 8": (8, 1, 1),
    "gray 16": (16, 1, 1), "white is zero 1": (1, 1, 0), "white is zero 4": (4, 1, 0),
    "white is zero 8": (8, 1, 0), "white is zero 16": (16, 1, 0), "rgb 8": (8, 3, 2),
    "rgb 16": (16, 3, 2), "rgba 8": (8, 4, 2), "rgba 16": (16, 4, 2), "palette 1": (1, 1, 3),
    "palette 2": (2, 1, 3), "palette 4": (4, 1, 3), "palette 8": (8, 1, 3),
}  # fmt: skip
MUST_READ = {"gray 1", "gray 8", "gray 16", "white is zero 1", "white is zero 8", "rgb 8", "rgb 16",
             "rgba 8", "palette 4", "palette 8"}  # fmt: skip


@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
@pytest.mark.parametrize("layout", ["strips", "tiles", "planes"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_exact_or_named(kind: str, layout: str, order: str) -> None:
    bits, samples, photometric = KINDS[kind]
    pixels = drawn(bits, samples)
    expected = eight(pixels, bits)
    tags: dict[int, Tag] = {}
    if photometric == 0:
        expected = 255 - expected
    if photometric == 3:
        tags[320] = [int(v) * 257 for v in colours(bits).T.ravel()]
        expected = colours(bits)[pixels].astype(np.uint8)
    if samples == 4:
        tags[338] = 2
    if layout == "planes" and samples == 1:
        return
    tile = 128 if bits < 8 else 32
    for code in COMPRESSIONS:
        data = tiff_image(
            pixels, bits, photometric, code=code, order=order, layout=layout, tile=tile, tags=tags
        )
        refused = equal_or_named(data, expected)
        assert not (refused and layout != "planes" and kind in MUST_READ), code


def test_premultiplied_alpha_is_undone_or_named() -> None:
    alpha = drawn(8, seed=5)
    colour = drawn(8, 3) * alpha[..., None] // 255
    data = tiff_image(np.dstack([colour, alpha]), 8, 2, tags={338: 1})
    equal_or_named(data, np.asarray(Image.open(BytesIO(data)).convert("RGBA")), tolerance=1)


@pytest.mark.parametrize("bits", [8, 16])
def test_gray_with_alpha_becomes_rgba(bits: int) -> None:
    pixels = drawn(bits, 2)
    gray, alpha = eight(pixels, bits)[..., 0], eight(pixels, bits)[..., 1]
    got = georgia.read_image(tiff_image(pixels, bits, 1, tags={338: 2}))
    np.testing.assert_array_equal(got, np.dstack([gray, gray, gray, alpha]))


def test_a_fourth_channel_of_no_meaning_never_changes_colours() -> None:
    pixels = drawn(8, 4)
    got = georgia.read_image(tiff_image(pixels, 8, 2, tags={338: 0}))
    np.testing.assert_array_equal(got[..., :3], pixels[..., :3])


def test_an_empty_list_of_extra_channels_never_swaps_colours() -> None:
    pixels = drawn(8, 3).astype(np.uint8)
    equal_or_refused(tiff_image(pixels, 8, 2, tags={338: ()}), pixels)


def test_cmyk_is_as_pillow_has_it() -> None:
    data = tiff_image(drawn(8, 4), 8, 5, tags={332: 1})
    equal_or_named(data, np.asarray(Image.open(BytesIO(data)).convert("RGB")), tolerance=1)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("code", [LZW, DEFLATE])
def test_differences_are_added_up(bits: int, samples: int, code: int) -> None:
    pixels = drawn(bits, samples)
    first = np.zeros_like(pixels[:, :1])
    differences = np.diff(pixels, axis=1, prepend=first) % (1 << bits)
    data = tiff_image(differences, bits, 1 if samples == 1 else 2, code=code, tags={317: 2})
    np.testing.assert_array_equal(georgia.read_image(data), eight(pixels, bits))


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("mode", ["1", "L", "RGB", "RGBA", "P", "I;16"])
def test_files_of_pillow_are_exact(mode: str, compression: str) -> None:
    smooth = Image.fromarray(drawn(8, 3).astype(np.uint8)).resize((90, 70))
    picture = (
        smooth.convert("L").convert("I").convert("I;16") if mode == "I;16" else smooth.convert(mode)
    )
    buffer = BytesIO()
    picture.save(buffer, "TIFF", compression=compression)
    target = {"1": "L", "P": "RGB", "I;16": "I;16"}.get(mode, mode)
    expected = np.asarray(picture.convert(target))
    if mode == "I;16":
        expected = eight(expected.astype(int), 16)
    np.testing.assert_array_equal(georgia.read_image(buffer.getvalue()), expected)


@pytest.mark.parametrize("kind", ["gray 1", "gray 8", "gray 16", "rgb 8", "rgb 16", "rgba 8"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_applied(kind: str, orientation: int) -> None:
    bits, samples, photometric = KINDS[kind]
    pixels = drawn(bits, samples)
    stored = Image.fromarray(eight(pixels, bits))
    stored.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(stored))
    tags: dict[int, Tag] = {274: orientation, 338: 2} if samples == 4 else {274: orientation}
    for order in "<>":
        for layout in ("strips", "tiles"):
            data = tiff_image(pixels, bits, photometric, order=order, layout=layout,
                              tile=128 if bits < 8 else 32, tags=tags)  # fmt: skip
            np.testing.assert_array_equal(georgia.read_image(data), expected, layout)


@pytest.mark.parametrize("tag", [256, 257, 258, 259, 262, 274, 277, 278, 279, 284, 339])
@pytest.mark.parametrize("kind", ALL_TYPES)
def test_the_type_of_a_number_never_changes_pixels(tag: int, kind: int) -> None:
    pixels = drawn(8, 3).astype(np.uint8)[:8]
    data = tiff_image(pixels, 8, 2, tags={274: 6, 339: [1, 1, 1]}, typed={tag: kind},
                 counts=[840] if kind not in {1, 6} or tag != 279 else [100])  # fmt: skip
    is_void = tag == 274 and kind == 13  # a directory's place is no orientation: left out
    equal_or_refused(data, pixels if is_void else np.rot90(pixels, -1))


@pytest.mark.parametrize("rows", [41, 42, 1000, 1 << 20, (1 << 31) - 1, (1 << 32) - 1])
def test_a_strip_may_be_taller_than_the_image(rows: int) -> None:
    pixels = drawn(8)
    tags: dict[int, Tag] = {256: 35, 257: 41, 258: 8, 259: 1, 262: 1, 277: 1, 278: rows}
    got = georgia.read_image(tiff([raw(pixels, 8, "<")], tags))
    np.testing.assert_array_equal(got, pixels)


@pytest.mark.parametrize("bits", [1, 8])
def test_reversed_bits_are_read_or_named(bits: int) -> None:
    pixels = drawn(bits)
    plain = tiff([raw(pixels, bits, "<")], {256: 35, 257: 41, 258: bits, 259: 1, 262: 1, 266: 2})
    reverse = bytes(int(f"{b:08b}"[::-1], 2) for b in raw(pixels, bits, "<"))
    data = plain.replace(raw(pixels, bits, "<"), reverse)
    equal_or_named(data, eight(pixels, bits))


@pytest.mark.parametrize(
    ("words", "bits", "samples", "photometric", "tags"),
    [
        ("float", 32, 1, 1, {339: 3}),
        ("signed", 8, 1, 1, {339: 2}),
        ("signed", 16, 1, 1, {339: 2}),
        ("32-bit", 32, 1, 1, {}),
        ("12-bit", 8, 1, 1, {258: 12}),
        ("JPEG", 8, 1, 1, {259: 7}),
        ("colour model", 8, 3, 6, {}),
        ("inks", 8, 4, 5, {332: 2}),
        ("channels", 8, 4, 2, {}),
        ("different depth", 8, 3, 2, {258: [8, 8, 16]}),
        ("multi-page", 8, 1, 1, None),
    ],
)
def test_kinds_that_are_not_read_are_named(
    words: str, bits: int, samples: int, photometric: int, tags: dict[int, Tag] | None
) -> None:
    data = tiff_image(drawn(min(bits, 16), samples), bits, photometric, tags=tags or {})
    if tags is None:
        buffer = BytesIO()
        page = Image.fromarray(drawn(8).astype(np.uint8))
        page.save(buffer, "TIFF", save_all=True, append_images=[page])
        data = buffer.getvalue()
    with pytest.raises(georgia.BadInput, match=words):
        georgia.read_image(data)


@pytest.mark.parametrize("last", [False, True], ids=["directory first", "directory last"])
@pytest.mark.parametrize("code", COMPRESSIONS)
@pytest.mark.parametrize("samples", [1, 3])
def test_every_truncation_is_refused_or_harmless(samples: int, code: int, last: bool) -> None:
    pixels = drawn(8, samples).astype(np.uint8)[:12, :9]
    data = tiff_image(pixels, 8, 1 if samples == 1 else 2, code=code, last=last)
    np.testing.assert_array_equal(georgia.read_image(data), pixels)
    for length in range(len(data)):
        equal_or_refused(data[:length], pixels)


@pytest.mark.parametrize("code", [LZW, DEFLATE, PACKBITS])
@pytest.mark.parametrize("layout", ["strips", "tiles", "planes"])
@pytest.mark.parametrize("bits", [8, 16])
def test_pieces_with_too_little_data_are_refused(bits: int, layout: str, code: int) -> None:
    pixels = drawn(bits, 3 if layout == "planes" else 1)
    photometric = 2 if layout == "planes" else 1
    if layout == "planes" and bits == 16:
        return
    good = tiff_image(pixels, bits, photometric, code=code, layout=layout)
    np.testing.assert_array_equal(georgia.read_image(good), eight(pixels, bits))
    opened = TiffImageFile(BytesIO(good))
    lengths = opened.tag_v2[325 if layout == "tiles" else 279]
    for index in range(len(lengths)):
        counts = [n // 2 if i == index else n for i, n in enumerate(lengths)]
        data = tiff_image(pixels, bits, photometric, code=code, layout=layout, counts=counts)
        assert equal_or_refused(data, eight(pixels, bits))


@pytest.mark.parametrize("tile", [16, 48, 80])
@pytest.mark.parametrize("samples", [1, 3])
def test_uncompressed_tiles_of_any_size_are_read(tile: int, samples: int) -> None:
    pixels = drawn(8, samples)
    data = tiff_image(pixels, 8, 1 if samples == 1 else 2, layout="tiles", tile=tile)
    np.testing.assert_array_equal(georgia.read_image(data), pixels)


@pytest.mark.parametrize("bits", [8, 16])
def test_uncompressed_strips_share_no_length(bits: int) -> None:
    pixels = drawn(bits)
    size = 35 * bits
    data = tiff_image(pixels, bits, 1, counts=[size + 100, size - 100, size * 5 // 8])
    equal_or_refused(data, eight(pixels, bits))


@pytest.mark.parametrize("count", [0, 3, 3 * 128, 3 * 255, 3 * 257])
def test_a_palette_of_a_wrong_size_is_refused(count: int) -> None:
    table = (colours(8).T.ravel() * 257).tolist() + [0] * 3
    with pytest.raises(georgia.BadInput):
        georgia.read_image(tiff_image(drawn(8), 8, 3, tags={320: table[:count]}))


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    pixels = drawn(8)
    for data in (
        tiff_image(pixels, 8, 1, code=LZW, counts=[10, 500, 10]),
        tiff_image(pixels, 8, 1, code=DEFLATE, tags={317: 7}),
        tiff_image(pixels, 8, 1, tags={60000: 1, 306: 5}),
    ):
        equal_or_refused(data, eight(pixels, 8))
    assert capfd.readouterr() == ("", "")


def test_missing_strips_are_refused() -> None:
    pixels = drawn(8)
    pieces = [zlib.compress(raw(pixels[y : y + 8], 8, "<")) for y in (0, 8)]
    tags = {256: 35, 257: 41, 258: 8, 259: DEFLATE, 262: 1, 277: 1, 278: 8}
    assert equal_or_refused(tiff(pieces, tags), pixels.astype(np.uint8))


@pytest.mark.parametrize("bits", [8, 16])
def test_damaged_deflate_is_refused_or_harmless(bits: int) -> None:
    pixels = drawn(bits)[:8]
    stream = zlib.compress(raw(pixels, bits, "<"))
    tags = {256: 35, 257: 8, 258: bits, 259: DEFLATE, 262: 1, 277: 1, 278: 8}
    for at in range(0, len(stream), 3):  # what zlib itself would refuse
        flipped = stream[:at] + bytes([stream[at] ^ 8]) + stream[at + 1 :]
        equal_or_refused(tiff([flipped], tags), eight(pixels, bits))


@pytest.mark.parametrize("kind", ["gray 1", "gray 8", "rgb 16", "rgba 8", "palette 4"])
def test_a_flipped_bit_never_crashes(kind: str) -> None:
    bits, samples, photometric = KINDS[kind]
    tags: dict[int, Tag] = {338: 2} if samples == 4 else {}
    if photometric == 3:
        tags[320] = [int(v) * 257 for v in colours(bits).T.ravel()]
    data = tiff_image(drawn(bits, samples)[:9, :7], bits, photometric, code=LZW, tags=tags)
    for bit in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            assert georgia.read_image(bytes(flipped)).dtype == np.uint8
        except georgia.BadInput:
            continue


def test_a_plane_beside_gray_never_hides_it() -> None:
    pixels = drawn(8, 2)
    pixels[..., 1] = 200
    for layout in ("strips", "planes"):
        got = georgia.read_image(tiff_image(pixels, 8, 1, layout=layout, tags={338: 0}))
        np.testing.assert_array_equal(got, pixels[..., 0])


@pytest.mark.parametrize("tags", [{262: [2, 2]}, {259: [1, 1]}, {277: [3, 3]}])
def test_what_two_readers_read_in_two_ways_is_refused_or_equal(tags: dict[int, Tag]) -> None:
    pixels = drawn(8, 3).astype(np.uint8)
    equal_or_refused(tiff_image(pixels, 8, 2, tags=tags), pixels)


def test_a_palette_of_wrong_numbers_is_refused() -> None:
    tags: dict[int, Tag] = {320: [70_000] * 768}
    with pytest.raises(georgia.BadInput):
        georgia.read_image(tiff_image(drawn(8), 8, 3, tags=tags, typed={320: 4}))


def test_strips_with_the_tags_of_tiles_are_refused() -> None:
    sizes = {322: 131072, 323: 131072}
    data = tiff_image(drawn(8)[:8, :8], 8, 1, tags=dict(sizes), typed=dict.fromkeys(sizes, 4))
    with pytest.raises(georgia.BadInput, match="strips and tiles"):
        georgia.read_image(data)
