"""ImageClassifier: training and prediction with scikit-learn's fit, predict and score.

It needs the extra ``sklearn``; ``import georgia`` alone does not look for scikit-learn.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core, in_memory
from georgia.dataset import Dataset
from georgia.display import printable
from georgia.loading import load
from georgia.model import Model
from georgia.training import train

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_array, check_consistent_length, check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    _MESSAGE = "[ImageClassifier] scikit-learn 1.6 or newer: expected pip install georgia[sklearn]"
    raise ImportError(_MESSAGE) from error

_PREDICTED_TOGETHER = 32  # images, where no batch is asked for
_NOT_OF_TRAINING = ("validation_fraction", "image_shape", "random_state")


class ImageClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # of no known type
    """An image classifier for scikit-learn's pipelines, searches and cross-validation.

    Every method takes the images X as a list, array or column of paths; as a list of **RGB** arrays
    (H, W), (H, W, 3) or (H, W, 4); as one array (N, H, W) or (N, H, W, C); or as a table (N, F)
    with a row of pixels for each image, which `image_shape` folds. Arrays of other libraries that
    hold BGR must be turned before: ``image[..., ::-1]``.

    Pixels of 8 bits are taken as they are. Any others are brought to 8 bits: the least and the
    largest value of the training images become 0 and 255, those between are rounded, and values
    outside are clipped.

    Parameters
    ----------
    network : str
        One of `georgia.networks`.
    recipe : str, optional
        One of `georgia.recipes.names()`; ``default`` when not given. It mirrors and turns images in
        training: where left and right or up and down matter, as in digits, `settings` say so.
    weights : str or path, optional
        To begin with: a file, ``imagenet`` or ``none``; the recipe's when not given.
    epochs, size, batch, learning_rate : optional
        As in `georgia.train`; by default the recipe says, or chooses by the images.
    precision, device : str
        ``auto``, ``float32`` or ``bfloat16``; ``auto``, ``cpu``, ``cuda`` or ``cuda:N``; of
        training and prediction.
    threads : int
        Threads that compute; 0 for every usable core.
    settings : mapping, optional
        Single options by their dotted names, as ``{"augment.dihedral": False,
        "augment.flip_horizontal": False}``; ``georgia options`` lists all.
    validation_fraction : float
        Share of the training images, above 0 and below 1, that is not trained on but chooses the
        epoch. It is drawn from each class alike, and leaves each class one image at least. Where
        every class has one image only, these images are trained on and choose the epoch, and the
        logger ``georgia`` tells so.
    image_shape : (int, int) or (int, int, int), optional
        What the rows of a table are folded to: (H, W), or (H, W, C) with C of 1, 3 or 4. By default
        each row is one line of gray pixels, 1 x F.
    random_state : int, RandomState or None
        Decides the split, weights, order and augmentation; equal whole numbers give equal models on
        the same machine.

    Attributes
    ----------
    classes_ : ndarray, shape (K,)
        The labels, sorted, as they were given.
    model_ : Model
        What was trained: to `save`, `explain`, `export`. Its classes are the labels as text, in
        natural order. Its `predict` gives images that cannot be read as results with an error,
        for which scikit-learn has no place.
    pixel_range_ : PixelRange
        The values that become 0 and 255.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Of the table it was fitted to, if it was one (with names).

    Notes
    -----
    One process trains one model at a time: searches with ``n_jobs`` need processes, as scikit-learn
    uses by default, not threads. Ctrl-C stops a fit; its files are removed, and a model of an
    earlier fit is kept. All checks of scikit-learn's ``check_estimator`` pass.

    Examples
    --------
    >>> import numpy as np
    >>> from georgia import synthetic
    >>> from georgia.sklearn import ImageClassifier
    >>> habits = ["needles", "plates"] * 8
    >>> images = [synthetic.draw(habit, size=32, item=i) for i, habit in enumerate(habits)]
    >>> classifier = ImageClassifier(network="small_cnn", epochs=2, size=32).fit(images, habits)
    >>> classifier.predict_proba(images[:3]).shape
    (3, 2)
    """

    def __init__(
        self,
        network: str = "resnet18",
        *,
        recipe: str | None = None,
        weights: str | None = None,
        epochs: int | None = None,
        size: int | None = None,
        batch: int | None = None,
        learning_rate: float | None = None,
        precision: str = "auto",
        device: str = "auto",
        threads: int = 0,
        settings: Mapping[str, Any] | None = None,
        validation_fraction: float = 0.15,
        image_shape: Sequence[int] | None = None,
        random_state: Any = 42,
    ) -> None:
        self.network = network
        self.recipe = recipe
        self.weights = weights
        self.epochs = epochs
        self.size = size
        self.batch = batch
        self.learning_rate = learning_rate
        self.precision = precision
        self.device = device
        self.threads = threads
        self.settings = settings
        self.validation_fraction = validation_fraction
        self.image_shape = image_shape
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> "ImageClassifier":
        """Train on images.

        Arrays are written to a temporary folder as PNG files, which lose nothing; paths are read
        where they are. The model is kept, the files are not.

        Parameters
        ----------
        X : images, N of them
            See above.
        y : array_like, shape (N,)
            Their labels: strings, whole numbers or booleans.

        Returns
        -------
        ImageClassifier
            Itself.

        Raises
        ------
        BadInput
            A file cannot be read, and is named; or all labels are equal.
        InvalidOption
            A parameter is not acceptable.
        Diverged
            The loss stopped being a finite number.
        ValueError
            What scikit-learn refuses of every classifier, as NaN or lengths that differ.
        """
        if not 0 < self.validation_fraction < 1:
            message = (
                "[ImageClassifier] validation_fraction: expected a number above 0 and below 1, got "
                f"{self.validation_fraction}"
            )
            raise _core.InvalidOption(message)
        images, labels = self._to_fit(X, y)
        check_classification_targets(labels)
        classes, numbers = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            message = (
                "[ImageClassifier] y: one class cannot be told from others; expected 2 classes or "
                f"more, got 1 class, {printable(classes[0])}"
            )
            raise _core.BadInput(message)
        seed = _seed_of(self.random_state)
        is_held_out = in_memory.held_out(numbers, self.validation_fraction, seed=seed)
        pixel_range = in_memory.PixelRange.of(images)
        names = [str(classes[number]) for number in numbers]
        with tempfile.TemporaryDirectory(prefix="georgia-") as place:
            paths = in_memory.files_of(images, pixel_range, Path(place))
            data = in_memory.dataset(paths, names, is_held_out)
            self.model_ = self._trained(data, Path(place, "run"), seed)
        self.classes_, self.pixel_range_ = classes, pixel_range
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Give the most probable label of each image, (N,); raises what `predict_proba` raises."""
        best = self.predict_proba(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels

    def predict_proba(self, X: Any) -> NDArray[np.float32]:
        """Give the probability of each class for each image.

        Returns
        -------
        ndarray, shape (N, K), float32
            Rows sum to 1; columns stand as in `classes_`.

        Raises
        ------
        BadInput
            A file cannot be read; the first is named.
        NotFittedError, ValueError
            As of every classifier of scikit-learn.
        """
        check_is_fitted(self)
        answers = self.model_.predict(
            self._to_predict(X),
            batch=self.batch or _PREDICTED_TOGETHER,
            threads=self.threads,
            device=self.device,
            precision=self.precision,
        )
        for error in filter(None, answers.errors):
            raise _core.BadInput(printable(error))
        # The model has its classes in natural order, where 9 comes before 10 as text.
        columns = [self.model_.classes.index(str(label)) for label in self.classes_]
        return answers.probabilities[:, columns]

    def _to_fit(self, X: Any, y: Any) -> tuple[list[Any], NDArray[Any]]:
        """Paths or arrays, and labels (N,); what scikit-learn asks of a table is kept."""
        images = self._paths_or_arrays(X)
        if images is None:
            rows, labels = validate_data(self, X, y)
            return in_memory.fold(rows, self.image_shape), labels
        labels = validate_data(self, y=y)
        check_consistent_length(images, labels)
        if hasattr(self, "n_features_in_"):  # of an earlier fit, to a table
            del self.n_features_in_
        return images, labels

    def _to_predict(self, X: Any) -> Iterable[Any]:
        """Paths or 8-bit arrays."""
        images = self._paths_or_arrays(X)
        if images is None:
            rows = validate_data(self, X, reset=False)
            if not hasattr(self, "n_features_in_") and self.image_shape is None:
                message = "[ImageClassifier] X: a table; expected images, as it was fitted to"
                raise _core.BadInput(message)
            images = in_memory.fold(rows, self.image_shape)
        return images if in_memory.are_paths(images) else map(self.pixel_range_.pixels, images)

    def _paths_or_arrays(self, X: Any) -> list[Any] | None:
        """Paths, or arrays of finite numbers; None for a table."""
        if (paths := in_memory.paths_of(X)) is not None:
            return paths
        if (images := in_memory.images_of(X)) is None:
            return None
        return [
            check_array(image, ensure_2d=False, allow_nd=True, estimator=self) for image in images
        ]

    def _trained(self, data: Dataset, folder: Path, seed: int) -> Model:
        asked = {name: _plain(value) for name, value in self.get_params(deep=False).items()}
        for name in _NOT_OF_TRAINING:
            del asked[name]
        return load(train(data, out=folder, seed=seed, strict=True, progress=False, **asked))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """Give what a pickle holds; of the model the bytes of its file."""
        state = dict(super().__getstate__())
        if "model_" in state:
            state["model_"] = in_memory.bytes_of(self.model_)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "model_" in state:
            state = state | {"model_": in_memory.model_of(state["model_"])}
        super().__setstate__(state)


def _plain(value: Any) -> Any:
    """Give NumPy's numbers, which searches take from arrays, as Python's."""
    return value.item() if isinstance(value, np.generic) else value


def _seed_of(random_state: Any) -> int:
    if isinstance(random_state, Integral):
        return int(random_state)
    return int(check_random_state(random_state).randint(2**31 - 1))
