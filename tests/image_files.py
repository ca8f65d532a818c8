"""Writers of PNG, TIFF and BMP files of any kind, right or wrong, for the tests of reading."""

import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import georgia

Pixels = NDArray[np.integer]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
         (0, 1, 1, 2)]  # fmt: skip
Tag = int | Sequence[int]
TYPES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q"}
NONE, LZW, DEFLATE, OLD_DEFLATE, PACKBITS = 1, 5, 8, 32946, 32773


def equal_or_refused(data: bytes, original: NDArray[np.uint8]) -> bool:
    """True when refused; anything but refusal and equality fails."""
    try:
        got = georgia.read_image(data)
    except georgia.BadInput:
        return True
    np.testing.assert_array_equal(got, original)
    return False


def eight(values: Pixels, bits: int, low: int = 0, high: int = 65535) -> NDArray[np.uint8]:
    """Pixels of any depth as stored form has them."""
    if bits == 16:
        clipped = np.clip(values.astype(np.int64), low, high) - low
        return ((clipped * 255 + (high - low) // 2) // (high - low)).astype(np.uint8)
    return (values * (255 // ((1 << bits) - 1))).astype(np.uint8)


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def ihdr(width: int, height: int, bits: int, colour: int, *rest: int) -> bytes:
    return chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, *(rest or (0, 0, 0)))
    )


def packed(samples: Pixels, bits: int) -> bytes:
    """Rows with filter 0."""
    rows = samples.reshape(samples.shape[0], -1)
    if bits >= 8:
        rows = rows.astype(">u2" if bits == 16 else "u1")
        return b"".join(b"\0" + row.tobytes() for row in rows)
    each = (rows[:, :, None] >> np.arange(bits - 1, -1, -1)) & 1
    lines = np.packbits(each.reshape(rows.shape[0], -1).astype(np.uint8), axis=1)
    return b"".join(b"\0" + line.tobytes() for line in lines)


def png(samples: Pixels, colour: int, bits: int, *, interlaced: bool = False,
        before: Iterable[bytes] = (), after: Iterable[bytes] = ()) -> bytes:  # fmt: skip
    height, width = samples.shape[:2]
    if interlaced:
        parts = [samples[y::down, x::right] for x, y, right, down in ADAM7]
        raw = b"".join(packed(part, bits) for part in parts if part.size)
    else:
        raw = packed(samples, bits)
    body = ihdr(width, height, bits, colour, 0, 0, int(interlaced)) + b"".join(before)
    return SIGNATURE + body + chunk(b"IDAT", zlib.compress(raw)) + b"".join(after) + chunk(b"IEND")


def whole(header: bytes, *chunks: bytes) -> bytes:
    return SIGNATURE + header + b"".join(chunks) + chunk(b"IEND")


def tiff(pieces: Sequence[bytes], tags: Mapping[int, Tag], *, order: str = "<", last: bool = False,
         tiled: bool = False, counts: Sequence[int] | None = None, chained: int = 0,
         typed: Mapping[int, int] | None = None) -> bytes:  # fmt: skip
    """A file of one directory, which stands in front of the pieces or last."""
    places = (324, 325) if tiled else (273, 279)
    entries: dict[int, list[int]] = {t: [v] if isinstance(v, int) else list(v)
                                     for t, v in tags.items()}  # fmt: skip
    entries[places[0]] = [0] * len(pieces)
    entries[places[1]] = list(counts or map(len, pieces))
    kinds = {t: 4 if t in {*places, 256, 257, 278} else 3 for t in entries} | dict(typed or {})
    sizes = {t: len(v) * struct.calcsize(order + TYPES[kinds[t]]) for t, v in entries.items()}
    directory = 2 + 12 * len(entries) + 4
    values = sum(s + s % 2 for s in sizes.values() if s > 4)
    blob = b"".join(p + b"\0" * (len(p) % 2) for p in pieces)
    at = 8 if last else 8 + directory + values
    for index, piece in enumerate(pieces):
        entries[places[0]][index] = at
        at += len(piece) + len(piece) % 2
    start = 8 + len(blob) if last else 8
    out, extra = struct.pack(order + "H", len(entries)), b""
    for tag, numbers in sorted(entries.items()):
        data = struct.pack(f"{order}{len(numbers)}{TYPES[kinds[tag]]}", *numbers)
        if len(data) > 4:
            where = start + directory + len(extra)
            extra += data + b"\0" * (len(data) % 2)
            data = struct.pack(order + "I", where)
        out += struct.pack(order + "HHI", tag, kinds[tag], len(numbers)) + data.ljust(4, b"\0")
    out += struct.pack(order + "I", chained) + extra
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, start)
    return head + (blob + out if last else out + blob)


def lzw(data: bytes) -> bytes:
    """Literal codes of nine bits with a clear code before the table grows."""
    codes = [256]
    for at, byte in enumerate(data):
        codes += [256, byte] if at and at % 200 == 0 else [byte]
    bits = (np.array([*codes, 257])[:, None] >> np.arange(8, -1, -1)) & 1
    return np.packbits(bits.astype(np.uint8).ravel()).tobytes()


def compressed(data: bytes, code: int) -> bytes:
    if code == LZW:
        return lzw(data)
    if code in {DEFLATE, OLD_DEFLATE}:
        return zlib.compress(data)
    if code == PACKBITS:
        parts = [data[i : i + 100] for i in range(0, len(data), 100)]
        return b"".join(bytes([len(part) - 1]) + part for part in parts)
    return data


def raw(pixels: Pixels, bits: int, order: str) -> bytes:
    rows = pixels.reshape(pixels.shape[0], -1)
    if bits >= 8:
        return rows.astype({8: "u1", 16: order + "u2", 32: order + "u4"}[bits]).tobytes()
    each = (rows[:, :, None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(each.reshape(rows.shape[0], -1).astype(np.uint8), axis=1).tobytes()


def tiff_image(
    pixels: Pixels,
    bits: int,
    photometric: int,
    *,
    code: int = NONE,
    order: str = "<",
    layout: str = "strips",
    tile: int = 32,
    tags: Mapping[int, Tag] | None = None,
    **more: Any,
) -> bytes:
    """Strips of eight rows, tiles, or a plane for each channel; `more` is for `tiff`."""
    height, width = pixels.shape[:2]
    samples = 1 if pixels.ndim == 2 else pixels.shape[2]
    fields: dict[int, Tag] = {256: width, 257: height, 258: [bits] * samples, 259: code}
    fields |= {262: photometric, 277: samples, 284: 1, **(tags or {})}
    if layout == "tiles":
        around = (-height % tile, -width % tile)
        padded = np.zeros((height + around[0], width + around[1], *pixels.shape[2:]), int)
        padded[:height, :width] = pixels
        parts = [padded[y : y + tile, x : x + tile] for y in range(0, height, tile)
                 for x in range(0, width, tile)]  # fmt: skip
        fields |= {322: tile, 323: tile}
    else:
        planes = [pixels[..., c] for c in range(samples)] if layout == "planes" else [pixels]
        parts = [plane[y : y + 8] for plane in planes for y in range(0, height, 8)]
        fields |= {278: 8, 284: 2 if layout == "planes" else 1}
    pieces = [compressed(raw(part, bits, order), code) for part in parts]
    return tiff(pieces, fields, order=order, tiled=layout == "tiles", **more)


def bmp(
    rows: bytes,
    width: int,
    height: int,
    bits: int,
    *,
    kind: int = 40,
    compression: int = 0,
    palette: bytes = b"",
    masks: Sequence[int] = (),
    used: int = 0,
    size: int | None = None,
) -> bytes:
    """A file whose information header has `kind` bytes; masks inside it where there is room."""
    if kind == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack(
            "<IiiHHIIiiII", kind, width, height, 1, bits, compression, len(rows), 0, 0, used, 0
        )
        info += struct.pack(f"<{len(masks)}I", *masks)
        info += bytes(max(0, kind - len(info)))
    at = 14 + len(info) + len(palette)
    total = at + len(rows) if size is None else size
    return b"BM" + struct.pack("<IHHI", total, 0, 0, at) + info + palette + rows


def bmp_rows(pixels: Pixels, bits: int) -> bytes:
    """Rows from the bottom up, each to a multiple of four bytes; colours as blue, green, red."""
    lines = []
    for row in pixels[::-1]:
        if bits >= 16:
            line = row.astype({16: "<u2", 24: "u1", 32: "<u4"}[bits]).tobytes()
        else:
            line = np.packbits(((row[:, None] >> np.arange(bits - 1, -1, -1)) & 1).astype("u1"))
            line = line.tobytes()
        lines.append(line + bytes(-len(line) % 4))
    return b"".join(lines)
