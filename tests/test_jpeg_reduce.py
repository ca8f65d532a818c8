"""Preprocess(jpeg_reduce=True): large JPEG files are decoded smaller, and mean the same."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import georgia
from georgia import _core

_STILL = georgia.AugmentOptions(
    rotation=0, shift=0, zoom=0, flip_horizontal=False, flip_vertical=False
)


def _photo(height: int, width: int) -> NDArray[np.uint8]:
    """Smooth colours, so that ways of averaging agree."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    waves = [np.sin(9 * x + 4 * y), np.cos(7 * y), np.sin(5 * (x - y))]
    return np.uint8(127 + 100 * np.stack(waves, -1))


def _loaded(path: Path, *, reduce: bool, **preprocess: object) -> NDArray[np.int64]:
    options = georgia.Preprocess(jpeg_reduce=reduce, **preprocess)
    pixels, _ = next(_core.Loader([path], options, _STILL, batch=1))
    return pixels[0].astype(np.int64)


@pytest.mark.parametrize("size", [(640, 480), (333, 517), (128, 900), (2048, 1536), (100, 90)])
@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
def test_a_reduced_photo_shows_the_same(tmp_path: Path, size: tuple[int, int], fit: str) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(_photo(*size)).save(path, quality=95)
    frame = {"height": 64, "width": 64, "fit": fit}
    whole = _loaded(path, reduce=False, **frame)
    reduced = _loaded(path, reduce=True, **frame)
    # A pixel of the file that fills no block of the reduced one moves the picture a little.
    assert np.abs(whole - reduced).mean() < 2.5
    must_differ = min(size) >= 2 * 64
    assert np.array_equal(whole, reduced) != must_differ


def test_a_photo_on_its_side_is_reduced_by_its_upright_size(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # quarter turn
    Image.fromarray(_photo(300, 130)).save(path, quality=95, exif=exif)
    # Upright it has 130 rows and 300 columns: by its stored sides neither axis could be halved.
    frame = {"height": 64, "width": 150}
    whole = _loaded(path, reduce=False, **frame)
    reduced = _loaded(path, reduce=True, **frame)
    assert not np.array_equal(whole, reduced)
    assert np.abs(whole - reduced).mean() < 2.5


def test_other_files_crops_and_nearest_pixels_are_left_alone(tmp_path: Path) -> None:
    jpeg, png = tmp_path / "photo.jpg", tmp_path / "photo.png"
    Image.fromarray(_photo(400, 400)).save(jpeg, quality=95)
    Image.fromarray(_photo(400, 400)).save(png)
    frame = {"height": 50, "width": 50}
    for path, more in [
        (png, {}),
        (jpeg, {"interpolation": "nearest"}),
        (jpeg, {"fit": "window"}),
        (jpeg, {"crop": [1, 0, 0, 0]}),
    ]:
        whole = _loaded(path, reduce=False, **frame, **more)
        assert np.array_equal(whole, _loaded(path, reduce=True, **frame, **more))


def test_a_damaged_file_is_refused_reduced_too(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.fromarray(_photo(512, 512)).save(path, quality=95)
    path.write_bytes(path.read_bytes()[:-2000] + b"\xff\xd9")
    with pytest.raises(georgia.BadInput, match=r"photo\.jpg"):
        _loaded(path, reduce=True, height=64, width=64)


def test_a_model_from_before_reads_files_whole() -> None:
    saved = georgia.Preprocess().to_dict()
    del saved["jpeg_reduce"]
    assert georgia.Preprocess.from_dict(saved).jpeg_reduce is False
