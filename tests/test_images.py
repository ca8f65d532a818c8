"""Stored form of images, against Pillow."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import georgia


def pixels(mode: str) -> NDArray[np.uint8]:
    shape = {"L": (21, 34), "RGB": (21, 34, 3), "RGBA": (21, 34, 4)}[mode]
    return np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP"])
def test_lossless_formats_equal_pillow(mode: str, format: str) -> None:
    if format == "BMP" and mode == "RGBA":
        return
    original = pixels(mode)
    got = georgia.read_image(encoded(Image.fromarray(original), format))
    if format == "BMP" and mode == "L":  # a palette in the file: read as RGB
        original = np.repeat(original[:, :, None], 3, 2)
    np.testing.assert_array_equal(got, original)


def test_gray_with_alpha_is_kept() -> None:
    original = Image.fromarray(np.random.default_rng(5).integers(0, 256, (5, 6, 2), np.uint8), "LA")
    for format in ("PNG", "TIFF"):
        got = georgia.read_image(encoded(original, format))
        np.testing.assert_array_equal(got, np.asarray(original.convert("RGBA")))


def test_jpeg_is_within_two_levels_of_pillow() -> None:
    smooth = np.asarray(Image.fromarray(pixels("RGB")).resize((160, 120), Image.Resampling.BICUBIC))
    data = encoded(Image.fromarray(smooth), "JPEG", quality=92)
    expected = np.asarray(Image.open(BytesIO(data)))
    difference = np.abs(georgia.read_image(data).astype(int) - expected)
    assert difference.max() <= 2  # two inverse transforms may round differently


def test_sixteen_bits_are_scaled_by_the_stated_rule() -> None:
    wide = np.random.default_rng(2).integers(0, 65536, (9, 14), dtype=np.uint16)
    got = georgia.read_image(encoded(Image.fromarray(wide), "PNG"))
    np.testing.assert_array_equal(got, (wide.astype(np.uint32) * 255 + 32767) // 65535)


def test_palette_with_transparency_keeps_alpha() -> None:
    image = Image.fromarray(pixels("L")).convert("P")
    got = georgia.read_image(encoded(image, "PNG", transparency=3))
    assert got.shape == (21, 34, 4)
    np.testing.assert_array_equal(got, np.asarray(Image.open(
        BytesIO(encoded(image, "PNG", transparency=3))).convert("RGBA")))  # fmt: skip


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    smooth = Image.fromarray(pixels("RGB")).resize((64, 48), Image.Resampling.BICUBIC)
    data = encoded(smooth, "JPEG", exif=exif.tobytes(), quality=95)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(BytesIO(data))))
    got = georgia.read_image(data)
    assert got.shape == expected.shape
    assert np.abs(got.astype(int) - expected).max() <= 2


def test_names_may_be_any(tmp_path: Path) -> None:
    path = tmp_path / "Kristall größe 1 µm\n.jpg"
    path.write_bytes(encoded(Image.fromarray(pixels("RGB")), "PNG"))  # the name lies: it is a PNG
    np.testing.assert_array_equal(georgia.read_image(path), pixels("RGB"))


def test_a_thumbnail_does_not_hide_a_jpeg_cut_short() -> None:
    smooth = Image.fromarray(pixels("RGB")).resize((160, 120), Image.Resampling.BICUBIC)
    data = encoded(smooth, "JPEG", quality=95)
    thumbnail = b"Exif" + encoded(smooth.resize((16, 12)), "JPEG")
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    whole = data[:2] + segment + data[2:]
    assert georgia.read_image(whole).shape == (120, 160, 3)
    with pytest.raises(georgia.BadInput, match="cut short"):
        georgia.read_image(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"some text", "not an image"),
        (b"GIF89a" + bytes(50), "a GIF image"),
        (encoded(Image.fromarray(pixels("RGB")), "PNG")[:-20], "cut short"),
        (encoded(Image.fromarray(pixels("RGB")), "JPEG")[:-20], "cut short"),
        (encoded(Image.fromarray(pixels("RGB")), "BMP")[:-20], "cut short"),
    ],
)
def test_bad_bytes_are_refused_with_the_path(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(data)
    with pytest.raises(georgia.BadInput, match=words) as caught:
        georgia.read_image(path)
    assert str(path) in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_cmyk_photographs_are_near_pillow(shared: Path) -> None:
    folder = shared / "data" / "sugar_crystals_cmyk_originals"
    paths = sorted(folder.rglob("*.jpg"))
    assert paths
    for path in paths:
        expected = np.asarray(Image.open(path).convert("RGB")).astype(int)
        got = georgia.read_image(path)
        assert got.shape == expected.shape
        assert np.abs(got - expected).mean() < 2, path


def test_missing_files_and_wrong_types_are_told() -> None:
    with pytest.raises(georgia.IoError, match=r"no\.png: No such file"):
        georgia.read_image("no.png")
    with pytest.raises(OSError, match="No such"):
        georgia.read_image("no.png")
    with pytest.raises(georgia.InvalidOption, match="a path, bytes or an array"):
        georgia.read_image(3)  # type: ignore[arg-type]
