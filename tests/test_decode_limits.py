"""What a hostile file may cost, and what is said of files that are not read."""

import json
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from image_files import DEFLATE, LZW, PACKBITS, Pixels, bmp, chunk, ihdr, packed, png, tiff, whole
from numpy.typing import NDArray
from PIL import Image

import georgia

MEASURE = """
import json, pathlib, statistics, sys, time, georgia

def memory(name):
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split(name + ":")[1].split()[0]) / 1024

def read(data):
    try:
        georgia.read_image(data)
        return ""
    except georgia.BadInput as error:
        return str(error)

read(b"")
results = {}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    data = path.read_bytes()
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
    before = memory("VmRSS")
    said = read(data)
    growth = memory("VmHWM") - before
    times = []
    for _ in range(20):
        start = time.thread_time()
        read(data)
        times.append(1000 * (time.thread_time() - start))
        if sum(times) > 300:
            break
    results[path.name] = [said, statistics.median(times), growth]
print(json.dumps(results))
"""

CLAIM = {256: 7000, 257: 7000, 258: 8, 262: 1, 277: 1}


def deflated(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


def many_rows() -> bytes:
    """30,000 rows of 30,000 black pixels, deflated."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(375_100)) for _ in range(300)) + packer.flush()


def jpeg_claim(*, scan: bytes | None = None, marker: int = 0xC0, channels: int = 3) -> bytes:
    frame = struct.pack(">BHHB", 8, 7000, 7000, channels)
    frame += b"".join(bytes([i + 1, 0x11, 0]) for i in range(channels))
    start = bytes([channels, *(v for i in range(channels) for v in (i + 1, 0)), 0, 63, 0])
    sos = b"" if scan is None else b"\xff\xda" + struct.pack(">H", len(start) + 2) + start + scan
    head = b"\xff\xd8\xff" + bytes([marker]) + struct.pack(">H", len(frame) + 2)
    return head + frame + sos + b"\xff\xd9"


def chained_directories(count: int) -> bytes:
    """A good image, then directories of 65,535 tags that lie over each other."""
    tags = {256: 4, 257: 4, 258: 8, 259: 1, 262: 1, 277: 1, 278: 4}
    start = len(tiff([bytes(16)], tags))
    length = 2 + 12 * 65535
    data = bytearray(tiff([bytes(16)], tags, chained=start))
    data += bytes(length + 4 + 6 * count)
    for index in range(count):
        at = start + 6 * index
        data[at : at + 2] = b"\xff\xff"
        following = at + 6 if index + 1 < count else 0
        data[at + length : at + length + 4] = struct.pack("<I", following)
    return bytes(data)


def tile_of(side: int, code: int, data: bytes, bits: int = 8) -> bytes:
    tags = {256: 16, 257: 16, 258: bits, 259: code, 262: 1, 277: 1, 322: side, 323: side}
    return tiff([data], tags, tiled=True, typed={322: 4, 323: 4})


def text_chunks(name: bytes, count: int) -> bytes:
    head = {b"zTXt": b"Comment\0\0", b"iTXt": b"Comment\0\1\0\0\0", b"iCCP": b"Name\0\0"}[name]
    text = chunk(name, head + zlib.compress(b"A" * 7_900_000, 9))
    return png(np.zeros((4, 4), int), 0, 8, before=[text] * count)


BOMBS: dict[str, Callable[[], bytes]] = {
    "png 30000 x 30000": lambda: whole(ihdr(30000, 30000, 1, 0), chunk(b"IDAT", many_rows())),
    "png no pixels": lambda: whole(ihdr(7000, 7000, 8, 2)),
    "png tiny pixels": lambda: whole(ihdr(7000, 7000, 8, 2), chunk(b"IDAT", deflated(100))),
    "png tiny, 16 bits": lambda: whole(
        ihdr(7000, 7000, 16, 6, 0, 0, 1), chunk(b"IDAT", deflated(100))
    ),
    "jpeg no scan": lambda: jpeg_claim(),
    "jpeg empty scan": lambda: jpeg_claim(scan=b""),
    "jpeg tiny scan": lambda: jpeg_claim(scan=bytes(1000)),
    "jpeg progressive": lambda: jpeg_claim(scan=bytes(1000), marker=0xC2),
    "jpeg gray": lambda: jpeg_claim(scan=bytes(1000), channels=1),
    "jpeg inks": lambda: jpeg_claim(scan=bytes(1000), channels=4),
    "tiff no strips": lambda: tiff([], {**CLAIM, 259: 1}),
    "tiff strips outside": lambda: tiff([b"x"], {**CLAIM, 259: 1, 278: 7000}, counts=[49_000_000]),
    "tiff tiny deflate": lambda: tiff([deflated(100)], {**CLAIM, 259: DEFLATE, 278: 7000}),
    "tiff tiny lzw": lambda: tiff([bytes(100)], {**CLAIM, 259: LZW, 278: 7000}),
    "tiff tiny packbits": lambda: tiff([bytes(100)], {**CLAIM, 259: PACKBITS, 278: 7000}),
    "tiff one of two strips": lambda: tiff([bytes(9)] * 2, {**CLAIM, 259: DEFLATE, 278: 3500}),
    "tiff chain of directories": lambda: chained_directories(3000),
    "tiff large tile, short": lambda: tile_of(8000, DEFLATE, deflated(1000)),
    "tiff large tile, 16 bits": lambda: tile_of(8000, DEFLATE, deflated(1000), 16),
    "tiff large tile, lzw": lambda: tile_of(8000, LZW, bytes(1000)),
    "tiff large tile, full": lambda: tile_of(8000, DEFLATE, deflated(8000 * 8000)),
    "bmp no pixels": lambda: bmp(b"", 7000, 7000, 24),
    "bmp states more": lambda: bmp(b"", 7000, 7000, 24, size=147_000_054),
    "bmp tiny runs": lambda: bmp(bytes(99), 7000, 7000, 8, compression=1, palette=bytes(1024)),
    "bmp one bit": lambda: bmp(bytes(99), 30000, 30000, 1, palette=bytes(8)),
}
# Small images with much behind them: they may be read, at a bounded cost.
HEAVY: dict[str, Callable[[], bytes]] = {
    "png compressed text": lambda: text_chunks(b"zTXt", 15),
    "png compressed international text": lambda: text_chunks(b"iTXt", 15),
    "png compressed profile": lambda: text_chunks(b"iCCP", 1),
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, float, float]]:
    """Words, milliseconds of CPU and MiB of memory for each bomb, in a fresh process."""
    folder = tmp_path_factory.mktemp("bombs")
    for name, make in {**BOMBS, **HEAVY}.items():
        (folder / name).write_bytes(make())
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, folder], capture_output=True, text=True, check=True
    )
    results: dict[str, tuple[str, float, float]] = json.loads(done.stdout)
    for name, (said, cpu, growth) in results.items():
        print(f"{name:36} {cpu:9.3f} ms {growth:8.1f} MiB  {said}")
    return results


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_within_10_ms_and_16_mib(
    name: str, measured: dict[str, tuple[str, float, float]]
) -> None:
    said, cpu, growth = measured[name]
    assert said.startswith("[read_image] bytes: "), "not refused"
    assert growth < 16, said
    assert cpu < 10, said


@pytest.mark.parametrize("name", HEAVY)
def test_metadata_does_not_fill_memory(
    name: str, measured: dict[str, tuple[str, float, float]]
) -> None:
    _, _, growth = measured[name]
    assert growth < 32


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"GIF87a", "a GIF image"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP image"),
        (b"\0\0\0\x1cftypavif", "an AVIF image"),
        (b"\0\0\0\x18ftypheic", "a HEIF image"),
        (b"\0\0\0\x18ftypmif1", "a HEIF image"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "a JPEG 2000 image"),
        (b"\xff\x4f\xff\x51", "a JPEG 2000 image"),
        (b"\xff\x0a", "a JPEG XL image"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL image"),
        (b"II\x2b\0\x08\0\0\0", "a BigTIFF image"),
        (b"MM\0\x2b\0\x08\0\0", "a BigTIFF image"),
        (b"8BPS\0\1", "a Photoshop document"),
        (b"\x76\x2f\x31\x01", "an OpenEXR image"),
        (bytes(128) + b"DICM", "a DICOM image"),
        (b"%PDF-1.7", "a PDF document"),
        (b"ZISRAWFILE", "a Zeiss CZI file"),
        (b"\xda\xce\xbe\x0a", "a Nikon ND2 file"),
        (b"\x89HDF\r\n", "an HDF5 file"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
        (b"", "the file is empty"),
        (b"\x89PNG\n\x1a\n\0", "not an image this program reads"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image this program reads"),
    ],
)
def test_other_files_are_named_with_the_path(data: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "größe x.png"
    path.write_bytes(data)
    with pytest.raises(georgia.BadInput, match=words) as caught:
        georgia.read_image(path)
    assert str(caught.value).startswith(f"[read_image] {path}: ")


def gray() -> tuple[Pixels, bytes]:
    pixels = np.random.default_rng(2).integers(0, 256, (9, 12))
    return pixels, png(pixels, 0, 8)


@pytest.mark.parametrize(
    "crop", [(0, 0, 0, 0), (1, 2, 3, 4), (8, 0, 0, 0), (0, 0, 0, 11), (4, 5, 4, 6), (0, 11, 8, 0)]
)
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_a_crop_is_a_slice(crop: tuple[int, int, int, int], mode: str) -> None:
    buffer = BytesIO()
    picture: NDArray[np.uint8] = np.asarray(Image.open(BytesIO(gray()[1])).convert(mode))
    Image.fromarray(picture).save(buffer, "PNG")
    top, right, bottom, left = crop
    got = georgia.read_image(buffer.getvalue(), crop=crop)
    np.testing.assert_array_equal(got, picture[top : 9 - bottom, left : 12 - right])


@pytest.mark.parametrize("turned", [1, 6])
def test_a_crop_is_of_the_upright_image(turned: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turned
    pixels, _ = gray()
    data = png(pixels, 0, 8, before=[chunk(b"eXIf", exif.tobytes()[6:])])
    upright = np.rot90(pixels, -1) if turned == 6 else pixels
    np.testing.assert_array_equal(georgia.read_image(data, crop=(2, 0, 0, 1)), upright[2:, 1:])


@pytest.mark.parametrize(
    "crop", [(9, 0, 0, 0), (0, 12, 0, 0), (5, 0, 4, 0), (0, 6, 0, 6), (30000, 30000, 30000, 30000)]
)
def test_a_crop_that_leaves_nothing_is_refused_with_the_path(
    crop: tuple[int, int, int, int], tmp_path: Path
) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(gray()[1])
    with pytest.raises(georgia.BadInput, match="nothing would be left") as caught:
        georgia.read_image(path, crop=crop)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("crop", [(-1, 0, 0, 0), (0, 0, 0, -1), (1 << 31, 0, 0, 0), (1 << 40,) * 4,
                                  (2**31 - 1, 0, 2**31 - 1, 0), (2**32, 0, 0, 0)])  # fmt: skip
def test_a_crop_of_no_meaning_is_refused(crop: tuple[int, int, int, int]) -> None:
    with pytest.raises((georgia.InvalidOption, georgia.BadInput)):
        georgia.read_image(gray()[1], crop=crop)


@pytest.mark.parametrize("depth", [(0, 0), (5, 4), (-1, 10), (0, 65536), (0, 1 << 40)])
def test_a_depth_of_no_meaning_is_refused(depth: tuple[int, int]) -> None:
    with pytest.raises(georgia.InvalidOption):
        georgia.read_image(gray()[1], depth=depth)


def test_every_limit_holds_exactly() -> None:
    pixels, data = gray()
    for name, value in {"max_bytes": len(data), "max_pixels": 108, "max_side": 12}.items():
        allowed = georgia.DecodeLimits(**{name: value})
        np.testing.assert_array_equal(georgia.read_image(data, limits=allowed), pixels)
        with pytest.raises(georgia.BadInput, match="too large"):
            georgia.read_image(data, limits=georgia.DecodeLimits(**{name: value - 1}))


def test_sides_up_to_the_limit_are_read() -> None:
    for shape in [(1, 32766), (32766, 1)]:
        pixels = np.random.default_rng(1).integers(0, 256, shape)
        np.testing.assert_array_equal(georgia.read_image(png(pixels, 0, 8)), pixels)
    longer = whole(ihdr(32767, 1, 8, 0), chunk(b"IDAT", zlib.compress(packed(pixels.T, 8))))
    with pytest.raises(georgia.BadInput, match="too large"):
        georgia.read_image(longer)
