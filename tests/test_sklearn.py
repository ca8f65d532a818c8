"""georgia.sklearn.ImageClassifier: scikit-learn's own checks, and what they do not ask."""

import copy
import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

import georgia
from georgia import in_memory
from georgia.sklearn import ImageClassifier

STILL = {
    "augment.dihedral": False,
    "augment.rotation": 0,
    "augment.shift": 0,
    "augment.zoom": 0,
    "augment.flip_horizontal": False,
    "augment.flip_vertical": False,
}
QUICK: dict[str, Any] = {
    "network": "logistic",
    "epochs": 3,
    "size": 32,
    "batch": 16,
    "learning_rate": 0.01,
    "settings": STILL,
}

# By the names of scikit-learn's checks, why each cannot pass; one that passes here fails.
EXPECTED_FAILURES: dict[str, str] = {}

HABITS = ["needles", "plates"] * 8


@parametrize_with_checks(
    [ImageClassifier(**QUICK)], expected_failed_checks=lambda _: EXPECTED_FAILURES
)
def test_scikit_learn_finds_nothing_wrong(estimator: Any, check: Any) -> None:
    check(estimator)


def crystals(size: int = 32) -> list[NDArray[np.uint8]]:
    return [georgia.synthetic.draw(habit, size=size, item=i) for i, habit in enumerate(HABITS)]


@pytest.fixture(scope="module")
def fitted() -> ImageClassifier:
    return ImageClassifier(**QUICK).fit(crystals(), HABITS)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{i}.png" for i in range(len(HABITS))]
    for path, image in zip(paths, crystals(), strict=True):
        path.write_bytes(georgia.synthetic.encode(image))
    return paths


def test_it_reads_digits() -> None:
    rows, digits = load_digits(return_X_y=True)
    x, held_x, y, held_y = train_test_split(rows, digits, random_state=0, stratify=digits)
    classifier = ImageClassifier(**QUICK | {"epochs": 10}, image_shape=(8, 8)).fit(x, y)
    assert classifier.score(held_x, held_y) > 0.93
    assert classifier.n_features_in_ == 64
    assert tuple(classifier.pixel_range_) == (0, 16)


def test_every_form_of_the_same_images_gives_the_same_model(
    fitted: ImageClassifier, files: list[Path]
) -> None:
    expected = fitted.predict_proba(crystals())
    stack = np.stack(crystals())
    paths = [str(path) for path in files]
    for images in (files, np.array(paths), stack, stack.reshape(len(stack), -1)):
        again = ImageClassifier(**QUICK, image_shape=(32, 32, 3)).fit(images, HABITS)
        for others in (crystals(), paths, stack, stack.reshape(len(stack), -1)):
            np.testing.assert_array_equal(again.predict_proba(others), expected)
    np.testing.assert_array_equal(fitted.model_.predict(files).probabilities, expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint16, np.int64])
def test_wide_pixels_are_stretched_from_least_to_largest(dtype: Any) -> None:
    images = np.stack(crystals())
    images[0, 0, 0], images[1, 0, 0] = 0, 255
    expected = ImageClassifier(**QUICK).fit(images, HABITS).predict_proba(images)
    wide = images.astype(dtype) * dtype(16) + dtype(3)
    classifier = ImageClassifier(**QUICK).fit(wide, HABITS)
    assert classifier.pixel_range_ == (3, 255 * 16 + 3)
    np.testing.assert_array_equal(classifier.predict_proba(wide), expected)


def test_pixels_outside_the_range_are_clipped_and_constant_ones_are_zero() -> None:
    pixel_range = in_memory.PixelRange.of([np.array([[2.0, 4.0]]), np.array([[3, 12]])])
    assert pixel_range == (2, 12)
    pixels = pixel_range.pixels(np.array([[-1.0, 2.0, 7.0, 7.1, 13.0]]))
    np.testing.assert_array_equal(pixels, np.array([[0, 0, 128, 130, 255]], np.uint8))
    constant = in_memory.PixelRange.of([np.full((2, 2), 5.0)])
    np.testing.assert_array_equal(constant.pixels(np.full((2, 2), 5.0)), np.zeros((2, 2)))


@pytest.mark.parametrize(
    "labels",
    [
        [str(i) for i in range(1, 13)],
        list(range(1, 13)),
        [float(i) for i in range(-6, 6)],
        [i > 5 for i in range(12)],
        ["", "a b", "é", "=1+1", "'", '"', "/", "..", "\n", "A", "a", "b"],
    ],
)
def test_labels_of_any_kind_come_back(labels: list[Any]) -> None:
    images = np.zeros((24, 12, 12), np.uint8)
    for i in range(24):
        images[i, i % 12] = 255  # one bright line
    y = labels * 2
    many = QUICK | {"epochs": 30, "validation_fraction": 0.5}  # one image of each chooses
    classifier = ImageClassifier(**many).fit(images, y)
    np.testing.assert_array_equal(classifier.classes_, np.unique(y))
    got = classifier.predict(images)
    np.testing.assert_array_equal(got, y)
    assert got.dtype == np.asarray(y).dtype
    np.testing.assert_array_equal(
        got, classifier.classes_[classifier.predict_proba(images).argmax(axis=1)]
    )


def test_a_random_state_decides_the_model(fitted: ImageClassifier) -> None:
    def answers(random_state: Any) -> NDArray[np.float32]:
        classifier = ImageClassifier(**QUICK, random_state=random_state)
        return classifier.fit(crystals(), HABITS).predict_proba(crystals())

    expected = fitted.predict_proba(crystals())
    np.testing.assert_array_equal(answers(42), expected)
    np.testing.assert_array_equal(answers(np.int64(42)), expected)
    assert (answers(43) != expected).any()
    drawn = answers(np.random.RandomState(1))
    np.testing.assert_array_equal(answers(np.random.RandomState(1)), drawn)
    assert (answers(None) != drawn).any()


def test_pickles_and_copies_answer_the_same(fitted: ImageClassifier) -> None:
    expected = fitted.predict_proba(crystals())
    for again in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        np.testing.assert_array_equal(again.predict_proba(crystals()), expected)
        assert again.model_.provenance == fitted.model_.provenance
    assert not hasattr(pickle.loads(pickle.dumps(ImageClassifier(**QUICK))), "model_")


def test_it_works_in_pipelines_and_searches() -> None:
    images = np.stack(crystals(48))
    half = FunctionTransformer(lambda x: x[:, ::2, ::2])
    classifier = make_pipeline(half, ImageClassifier(**QUICK))
    assert cross_val_score(classifier, images, HABITS, cv=2).shape == (2,)
    assert cross_val_score(ImageClassifier(**QUICK), crystals(), HABITS, cv=2).shape == (2,)

    numbers = {"epochs": np.array([1, 2]), "batch": np.array([8]), "learning_rate": [0.01]}
    search = GridSearchCV(ImageClassifier(**QUICK), numbers, cv=2, error_score="raise")
    search.fit(images, HABITS)
    assert search.best_estimator_.predict(images).shape == (16,)


def test_a_clone_is_not_fitted_and_has_the_same_parameters(fitted: ImageClassifier) -> None:
    again = clone(fitted)
    assert again.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        again.predict(crystals())


def test_a_file_that_cannot_be_read_is_named(fitted: ImageClassifier, files: list[Path]) -> None:
    files[3].write_text("text")
    with pytest.raises(georgia.BadInput, match=r"/3\.png"):
        fitted.predict(files)
    with pytest.raises(georgia.BadInput, match=r"/3\.png"):
        ImageClassifier(**QUICK).fit(files, HABITS)
    files[5].unlink()
    with pytest.raises(georgia.BadInput, match=r"/5\.png: no such file"):
        fitted.predict(files)
    for other, words in ((files[0].parent, "a folder"), (files[0].parent / "*", "no such file")):
        with pytest.raises(georgia.BadInput, match=words):
            fitted.predict([files[0], other])


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (np.zeros((2, 8, 8, 2), np.uint8), r"image 0: .*got \(8, 8, 2\)"),
        ([np.zeros((8, 8)), "a.png"], "image 1: .*got str"),
        ([np.zeros((8, 8)), np.zeros((0, 8))], r"image 1: .*got \(0, 8\)"),
        (np.full((2, 8, 8), np.nan), "NaN"),
        (np.zeros((2, 8, 8), complex), "Complex"),
        (np.zeros((2, 8)), "X: a table; expected images"),
        (np.zeros((2, 4, 4, 4, 4)), "image 0"),
        ("a.png", "Expected 2D array"),
        ([], "Expected 2D array"),
    ],
)
def test_what_is_no_image_is_refused(fitted: ImageClassifier, images: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fitted.predict(images)


def test_wrong_parameters_are_refused_when_fitted() -> None:
    rows, y = np.zeros((4, 12)), [0, 1, 0, 1]
    for words, parameters in {
        r"image_shape: expected .* of 12 features, got \(3, 5\)": {"image_shape": (3, 5)},
        r"got \(2, 3, 2\)": {"image_shape": (2, 3, 2)},
        r"got \(12,\)": {"image_shape": (12,)},
        "validation_fraction": {"validation_fraction": 0},
        "epochs": {"epochs": 0},
        "seed": {"random_state": -1},
    }.items():
        with pytest.raises(georgia.Error, match=words):
            ImageClassifier(**QUICK | parameters).fit(rows, y)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        ImageClassifier(**QUICK).fit(np.zeros((3, 8, 8)), y)


def test_each_class_gives_its_share_to_choose_the_epoch() -> None:
    classes = np.array([0] * 40 + [1] * 20 + [2])
    chosen = in_memory.held_out(classes, 0.15, seed=42)
    np.testing.assert_array_equal(np.bincount(classes[chosen], minlength=3), [6, 3, 0])
    np.testing.assert_array_equal(chosen, in_memory.held_out(classes, 0.15, seed=42))
    assert (chosen != in_memory.held_out(classes, 0.15, seed=43)).any()
    few = in_memory.held_out(np.array([0, 1, 1]), 0.01, seed=42)
    assert few.sum() == few[1:].sum() == 1
    assert in_memory.held_out(np.array([0, 0, 1, 1]), 0.99, seed=42).sum() == 2


def test_one_image_of_each_class_is_enough_and_told(caplog: pytest.LogCaptureFixture) -> None:
    classifier = ImageClassifier(**QUICK).fit(crystals()[:2], HABITS[:2])
    assert classifier.model_.provenance["images"] == {"train": 2, "validation": 2}
    assert "one image only" in caplog.text


def test_a_fit_that_fails_leaves_the_model_as_it_was(
    fitted: ImageClassifier, files: list[Path]
) -> None:
    files[3].write_text("text")
    classifier = copy.deepcopy(fitted)
    with pytest.raises(georgia.BadInput):
        classifier.fit(files, [1, 2, 3, 4] * 4)
    np.testing.assert_array_equal(classifier.predict(crystals()), fitted.predict(crystals()))


def test_images_after_a_table_forget_the_table() -> None:
    classifier = ImageClassifier(**QUICK).fit(np.stack(crystals())[:, 0, :, 0], HABITS)
    assert classifier.n_features_in_ == 32
    assert not hasattr(classifier.fit(crystals(), HABITS), "n_features_in_")


def test_names_of_columns_are_kept() -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(np.stack(crystals())[:, 0, :2, 0], columns=["a", "b"])
    classifier = ImageClassifier(**QUICK).fit(table, pandas.Series(HABITS))
    assert list(classifier.feature_names_in_) == ["a", "b"]
    with pytest.raises(ValueError, match="feature names"):
        classifier.predict(table[["b", "a"]])


def test_ctrl_c_passes_and_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    is_over = threading.Event()

    def interrupt() -> None:
        while not is_over.wait(0.01):
            if any(tmp_path.glob("*/run/checkpoint.safetensors")):
                os.kill(os.getpid(), signal.SIGINT)
                return

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            ImageClassifier(**QUICK | {"epochs": 100_000}).fit(crystals(), HABITS)
    finally:
        is_over.set()
        thread.join()
    assert list(tmp_path.iterdir()) == []


def test_scikit_learn_is_looked_for_by_its_own_module_alone() -> None:
    script = (
        "import sys; sys.modules['sklearn'] = None; import georgia\n"
        "try: import georgia.sklearn\n"
        "except ImportError as error: print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.rstrip().endswith("pip install georgia[sklearn]")
