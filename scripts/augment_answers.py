#!/usr/bin/env python3
"""Write what augmentation should give, computed by others, for cpp/tests/image.

The oracles are scipy.ndimage (rotation, shift, affine maps, blur, borders), Pillow (contrast),
scipy.stats (the normal distribution) and NumPy. Bicubic interpolation is computed here from its
formula in float64 with a = -0.75, which is OpenCV's constant; Pillow takes -0.5, and scipy's order
3 is a spline. A constant border is scipy's ``grid-constant``: interpolation mixes it into the last
pixel.

Run it anywhere with numpy, scipy and pillow: ``python scripts/augment_answers.py``.
"""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance
from scipy import ndimage, stats

Array = NDArray[np.float64]
Map = Callable[[Array, Array], tuple[Array, Array]]  # (y, x) about the centre, forth and back

BORDERS = {"nearest": "nearest", "reflect": "reflect", "constant": "grid-constant"}
FILL = 165
HEIGHT, WIDTH = 12, 10
CORNERS = (0.10, 0.05, -0.15, 0.02, 0.03, -0.12, -0.08, 0.06)  # x and y, from the upper left


def smooth() -> Array:
    """Give an image that rises by at most 11 levels a pixel, so that 1/64 pixel matters little."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    return np.rint(130 + 50 * np.sin(0.16 * x + 0.1 * y) + 25 * np.cos(0.2 * x - 0.25 * y))


def sharp() -> Array:
    """Give a colour image over the whole range, without order."""
    return np.random.default_rng(7).integers(0, 256, (HEIGHT, WIDTH, 3)).astype(float)


def mapped(image: Array, back: Map, order: int, mode: str, frame: tuple[int, int]) -> Array:
    """Look up where each pixel of the frame came from; centres of frame and image coincide."""
    y, x = np.mgrid[: frame[0], : frame[1]].astype(float)
    source = back(y - (frame[0] - 1) / 2, x - (frame[1] - 1) / 2)
    at = [c + (side - 1) / 2 for c, side in zip(source, image.shape, strict=True)]
    if order == 3:
        return bicubic(image, at[0], at[1], mode)
    result = ndimage.map_coordinates(image, at, order=order, mode=BORDERS[mode], cval=FILL)
    if order == 0:  # say nothing where two pixels are almost equally near
        tie = np.any([np.abs(c - np.floor(c) - 0.5) < 0.05 for c in at], axis=0)
        result = np.where(tie, -1, result)
    return result


def bicubic(image: Array, y: Array, x: Array, mode: str) -> Array:
    """Interpolate by the convolution of Keys, 1981, with a = -0.75."""
    numpy_mode = {"nearest": "edge", "reflect": "symmetric", "constant": "constant"}[mode]
    extra = {"constant_values": FILL} if mode == "constant" else {}
    margin = 40
    wide = np.pad(image, margin, numpy_mode, **extra)

    def weight(t: Array) -> Array:
        a, t = -0.75, np.abs(t)
        near = (a + 2) * t**3 - (a + 3) * t**2 + 1
        far = a * t**3 - 5 * a * t**2 + 8 * a * t - 4 * a
        return np.where(t <= 1, near, np.where(t < 2, far, 0))

    top, left = np.floor(y).astype(int), np.floor(x).astype(int)
    total = np.zeros(y.shape)
    for i in range(-1, 3):
        for j in range(-1, 3):
            pixel = wide[top + i + margin, left + j + margin]
            total += weight(y - (top + i)) * weight(x - (left + j)) * pixel
    return np.clip(total, 0, 255)


def perspective(height: int, width: int) -> Map:
    """Solve for the map that takes the frame's corners to where they are shifted."""
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], float) - 0.5
    here = corners * (width, height)
    there = here + np.reshape(CORNERS, (4, 2)) * (width, height)
    rows, right = [], []
    for (x, y), (u, v) in zip(here, there, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    a, b, c, d, e, f, g, h = np.linalg.solve(np.array(rows), np.array(right))

    def back(y: Array, x: Array) -> tuple[Array, Array]:
        w = g * x + h * y + 1
        return (d * x + e * y + f) / w, (a * x + b * y + c) / w

    return back


def part(share: float, px: float, py: float) -> Map:
    """Take the frame to a part of it: a share of each side, at a place between 0 and 1."""

    def back(y: Array, x: Array) -> tuple[Array, Array]:
        top, left = py * (1 - share) * HEIGHT, px * (1 - share) * WIDTH
        return (
            top + share * (y + HEIGHT / 2) - HEIGHT / 2,
            left + share * (x + WIDTH / 2) - WIDTH / 2,
        )

    return back


def small(y: Array, x: Array) -> tuple[Array, Array]:
    """Show the image at 0.4 of its size, so that three fifths of each side are border."""
    return y / 0.4, x / 0.4


def everything(y: Array, x: Array) -> tuple[Array, Array]:
    """Undo tilt, shift, rotation, shear, zoom, mirroring, transposition, part and fit, in turn."""
    height, width = 16, 14
    y, x = perspective(height, width)(y, x)
    y, x = y + 0.05 * height, x - 0.1 * width
    angle = np.deg2rad(11)
    y, x = np.sin(angle) * x + np.cos(angle) * y, np.cos(angle) * x - np.sin(angle) * y
    x = x - np.tan(np.deg2rad(5)) * y
    y, x = y / 0.9, -x / 1.1
    y, x = x * height / width, y * width / height
    y, x = 0.8 * y + (0.7 - 0.5) * 0.2 * height, 0.8 * x + (0.1 - 0.5) * 0.2 * width
    scale = min(height / HEIGHT, width / WIDTH)
    return y / scale, x / scale


def places() -> dict[str, Array]:
    """Give what geometry should do: case, interpolation, border."""
    image, colour, frame = smooth(), sharp(), (HEIGHT, WIDTH)
    answers = {"smooth": image, "colour": colour}
    for border, scipys in BORDERS.items():
        how = {"order": 1, "mode": scipys, "cval": FILL}
        answers[f"rotation bilinear {border}"] = ndimage.rotate(image, 17, reshape=False, **how)
        answers[f"shift bilinear {border}"] = ndimage.shift(
            image, (0.1 * HEIGHT, -0.15 * WIDTH), **how
        )
        answers[f"small bilinear {border}"] = mapped(image, small, 1, border, frame)
        answers[f"small bicubic {border}"] = mapped(image, small, 3, border, frame)
    maps: dict[str, Map] = {
        "zoom": lambda y, x: (y / 1.3, x / 1.3),
        "zoom per axis": lambda y, x: (y / 0.8, x / 1.3),
        "shear": lambda y, x: (y, x - np.tan(np.deg2rad(12)) * y),
        "transposed": lambda y, x: (x * HEIGHT / WIDTH, y * WIDTH / HEIGHT),
        "part": part(0.7, 0.2, 0.9),
        "perspective": perspective(HEIGHT, WIDTH),
    }
    for name, back in maps.items():
        answers[f"{name} bilinear reflect"] = mapped(image, back, 1, "reflect", frame)
    answers["perspective bicubic reflect"] = mapped(image, maps["perspective"], 3, "reflect", frame)
    for name in ("zoom per axis", "perspective"):
        channels = [mapped(colour[..., c], maps[name], 0, "constant", frame) for c in range(3)]
        answers[f"{name} nearest constant"] = np.stack(channels, axis=-1)
    for order, name in ((1, "bilinear"), (3, "bicubic")):
        answers[f"everything {name} reflect"] = mapped(
            image, everything, order, "reflect", (16, 14)
        )
    return answers


def values() -> dict[str, Array]:
    """Give what changes of values should do."""
    colour = sharp()
    pillow = Image.fromarray(colour.astype(np.uint8))
    scaled = colour / 255
    middle = np.dot(colour.mean(axis=(0, 1)), (0.299, 0.587, 0.114)) / 255
    line = np.clip(middle + 0.7 * (scaled - middle) - 0.1, 0, 1)
    answers = {
        "brightness": np.clip(colour + 0.2 * 255, 0, 255),
        "darkness": np.clip(colour - 0.2 * 255, 0, 255),
        "gamma": 255 * scaled**1.7,
        "table": 255 * line**0.6,
    }
    for factor in (0.6, 1.4):
        enhanced = ImageEnhance.Contrast(pillow).enhance(factor)
        answers[f"contrast {factor}"] = np.asarray(enhanced, float)
        gray = Image.fromarray(colour[..., 0].astype(np.uint8))
        answers[f"gray contrast {factor}"] = np.asarray(
            ImageEnhance.Contrast(gray).enhance(factor), float
        )
    for sigma in (0.6, 1.3, 2.5):
        answers[f"blur {sigma}"] = ndimage.gaussian_filter(
            colour, (sigma, sigma, 0), mode="reflect", truncate=3
        )
    return answers


def philox(seed: int, block: int, purpose: int) -> list[int]:
    """Give a block of Philox4x32-10: eight pairs of bytes."""
    mask = 0xFFFFFFFF
    c, key = [block, 0, 0, purpose], [seed & mask, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ key[0], b & mask, a >> 32 ^ c[3] ^ key[1], a & mask]
        key = [(key[0] + 0x9E3779B9) & mask, (key[1] + 0xBB67AE85) & mask]
    return [word >> shift & 0xFF for word in c for shift in (0, 8, 16, 24)]


def noise() -> dict[str, Array]:
    """Add noise of 12.5 levels to 128: sums of two slices of the normal distribution."""
    edges = stats.norm.ppf(np.linspace(0, 1, 257))
    slices = -np.diff(stats.norm.pdf(edges))
    slices /= np.sqrt(2 * np.mean(slices**2))
    table = np.rint(slices * 12.5 * 4096).astype(int)
    drawn = np.reshape([philox(3, block, 7) for block in range(45)], (HEIGHT, WIDTH, 3, 2))
    total = (128 << 12) + table[drawn].sum(axis=-1)
    return {"noise": np.clip((total + 2048) >> 12, 0, 255).astype(float)}


def main() -> None:
    """Write the answers, one decimal, as elements of a C++ map."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "pillow"))
    lines = [f"// Written by scripts/augment_answers.py with {versions}."]
    for name, answer in (places() | values() | noise()).items():
        height, width, channels = (*answer.shape, 1)[:3]
        row = ", ".join(f"{value:.1f}".removesuffix(".0") for value in np.ravel(answer))
        lines.append(f'{{"{name}", {{{height}, {width}, {channels}, {{{row}}}}}}},')
    out = Path(__file__).parent.parent / "cpp" / "tests" / "image" / "augment_answers.inc"
    out.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
