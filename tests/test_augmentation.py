"""What is shown before a training is what the training will see."""

import numpy as np
import pytest

import georgia
from georgia import _core, plots

OPTIONS = georgia.TrainOptions(
    seed=9,
    phases=[{"size": 24, "fit": "crop"}],
    augment={"dihedral": True, "crop_scale": 0.5, "noise": 0.1, "erase": 0.3},
)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> georgia.Dataset:
    folder = georgia.synthetic.write(tmp_path_factory.mktemp("photos"), per_class=4, size=32)
    return georgia.Dataset.scan(folder, crop=(0, 0, 4, 0)).split(seed=9)


def test_augmented_images_are_those_of_the_loader(dataset: georgia.Dataset) -> None:
    paths = dataset.paths(dataset.part("train"))
    seen = georgia.augmented(dataset, OPTIONS, images=len(paths), epochs=3)
    assert list(seen) == paths
    preprocess = _core.Preprocess(height=24, width=24, fit="crop", crop=dataset.crop)
    loader = _core.Loader(paths, preprocess, OPTIONS.augment, batch=5, epochs=3, seed=9)
    epochs = dict.fromkeys(range(len(paths)), 0)
    for pixels, samples in loader:
        for image, sample in zip(pixels, samples.tolist(), strict=True):
            epochs[sample] += 1
            np.testing.assert_array_equal(seen[paths[sample]][epochs[sample]], image)
    assert set(epochs.values()) == {3}


def test_augmented_images_differ_from_the_plain_ones_and_are_drawn(
    dataset: georgia.Dataset,
) -> None:
    seen = georgia.augmented(dataset, OPTIONS, images=2, epochs=2)
    assert [len(row) for row in seen.values()] == [3, 3]
    for plain, first, second in seen.values():
        assert plain.shape == first.shape == (24, 24, 3)
        assert (plain != first).any()
        assert (first != second).any()
    assert len(plots.augmentations(seen).axes) == 6
    assert len(plots.augmentations(dataset).axes) == 4 * 6


def test_without_augmentation_every_epoch_is_plain(dataset: georgia.Dataset) -> None:
    off = {"rotation": 0, "shift": 0, "zoom": 0, "flip_horizontal": False, "flip_vertical": False}
    options = georgia.TrainOptions.from_dict(OPTIONS.to_dict() | {"augment": off})
    drawn = georgia.augmented(dataset, OPTIONS, epochs=1)
    for path, (plain, first) in georgia.augmented(dataset, options, epochs=1).items():
        np.testing.assert_array_equal(plain, first)
        np.testing.assert_array_equal(plain, drawn[path][0])


def test_a_probability_is_part_of_the_options() -> None:
    options = georgia.AugmentOptions(blur=2, probability={"blur": 0.25})
    assert options.probability.blur == 0.25
    assert options.probability.noise == 0.5
    assert georgia.AugmentOptions.from_dict(options.to_dict()) == options
    with pytest.raises(georgia.InvalidOption, match=r"blur: .* 0 to 1"):
        georgia.AugmentProbability(blur=2)


def test_pixels_are_normalised_by_the_formula() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 5, 7, 3), np.uint8)
    how = georgia.Preprocess(mean=[0.485, 0.456, 0.406], deviation=[0.229, 0.224, 0.225])
    expected = (pixels / 255 - np.array(how.mean)) / np.array(how.deviation)
    np.testing.assert_array_equal(_core.normalise(pixels, how), expected.astype(np.float32))
    with pytest.raises(georgia.InvalidOption, match="last axis"):
        _core.normalise(pixels[..., :2], how)
