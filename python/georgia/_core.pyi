"""
The native core of georgia. The package's own modules are its public face.
"""

from __future__ import annotations
import collections.abc
import numpy
import numpy.typing
import os
import typing

__all__: list[str] = [
    "AugmentOptions",
    "AugmentProbability",
    "BadInput",
    "Cancelled",
    "ConformalOptions",
    "DecodeLimits",
    "Diverged",
    "Error",
    "FileFacts",
    "FolderLock",
    "HeadOptions",
    "ImbalanceOptions",
    "InternalError",
    "InvalidOption",
    "IoError",
    "Layer",
    "Loader",
    "MixOptions",
    "ModelFile",
    "Pace",
    "Pca",
    "Phase",
    "PlanStep",
    "Predictor",
    "Preprocess",
    "RateOptions",
    "Reliability",
    "StopOptions",
    "TrainOptions",
    "TrainingCost",
    "agreement",
    "bootstrap",
    "calibrate",
    "change_point",
    "check_network",
    "compare",
    "cross_validated_neighbours",
    "crystal_classes",
    "curves",
    "draw_crystals",
    "encode_png",
    "explain",
    "feature_maps",
    "find_rate",
    "fit_conformal",
    "fit_reliability",
    "fit_temperature",
    "gray_of",
    "head_preset",
    "inspect_files",
    "kmeans",
    "label_errors",
    "load_inputs",
    "machine",
    "measure_pace",
    "native_size",
    "near_pairs",
    "nearest_neighbours",
    "neighbour_graph",
    "network_layers",
    "network_names",
    "network_variants",
    "normalise",
    "of_length_one",
    "overlay",
    "peak_resident_bytes",
    "perceptual_distance",
    "phase_cost",
    "portraits",
    "prediction_sets",
    "preprocess",
    "rank",
    "read_image",
    "read_tensors",
    "reason_for_precision",
    "recognise",
    "rename_file",
    "resident_bytes",
    "resolve_compute",
    "risk_coverage",
    "run_state",
    "score",
    "score_probabilities",
    "sha256",
    "shuffled",
    "silhouettes",
    "similar_groups",
    "tempered",
    "threshold_for_missed_rate",
    "top_class",
    "torch_minor",
    "train",
    "trained_hash",
    "weights_hash",
    "wilson_interval",
    "with_normalisation",
    "write_bytes",
    "write_text",
]

class Error(Exception):
    """
    Base of georgia's errors.
    """

class InvalidOption(Error, ValueError):
    """
    An argument is not acceptable.
    """

class BadInput(Error, ValueError):
    """
    A file's contents are not acceptable.
    """

class IoError(Error, OSError):
    """
    The system refused.
    """

class Diverged(Error):
    """
    A loss or weight is not a finite number.
    """

class Cancelled(Error):
    """
    Stopped on request.
    """

class InternalError(Error):
    """
    A bug of georgia's own; please report it.
    """

class FolderLock:
    """
    Keeps other processes out of a folder until the end of a with block.
    """
    def __enter__(self) -> typing.Any: ...
    def __exit__(self, arg0: typing.Any, arg1: typing.Any, arg2: typing.Any) -> None: ...
    def __init__(self, folder: os.PathLike | str | bytes) -> None: ...

class AugmentProbability:
    """
    How often each quantity of AugmentOptions is drawn at all.

    rotation : how many are turned (share of the images)
    shift : how many are shifted (share of the images)
    zoom : how many are magnified or reduced (share of the images)
    shear : how many are sheared (share of the images)
    flip_horizontal : how many are mirrored (share of the images)
    flip_vertical : how many are turned over (share of the images)
    dihedral : how many draw one of the eight symmetries (share of the images)
    crop_scale : how many are cut to a part (share of the images)
    perspective : how many are tilted (share of the images)
    brightness : how many change in brightness (share of the images)
    contrast : how many change in contrast (share of the images)
    gamma : how many change in gamma (share of the images)
    noise : how many get noise (share of the images)
    blur : how many are blurred (share of the images)
    erase : how many lose a rectangle (share of the images)
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> AugmentProbability:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self,
        *,
        rotation: float = 1.0,
        shift: float = 1.0,
        zoom: float = 1.0,
        shear: float = 1.0,
        flip_horizontal: float = 0.5,
        flip_vertical: float = 0.5,
        dihedral: float = 1.0,
        crop_scale: float = 1.0,
        perspective: float = 0.5,
        brightness: float = 1.0,
        contrast: float = 1.0,
        gamma: float = 1.0,
        noise: float = 0.5,
        blur: float = 0.5,
        erase: float = 0.5,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def blur(self) -> float:
        """
        how many are blurred
        """
    @property
    def brightness(self) -> float:
        """
        how many change in brightness
        """
    @property
    def contrast(self) -> float:
        """
        how many change in contrast
        """
    @property
    def crop_scale(self) -> float:
        """
        how many are cut to a part
        """
    @property
    def dihedral(self) -> float:
        """
        how many draw one of the eight symmetries
        """
    @property
    def erase(self) -> float:
        """
        how many lose a rectangle
        """
    @property
    def flip_horizontal(self) -> float:
        """
        how many are mirrored
        """
    @property
    def flip_vertical(self) -> float:
        """
        how many are turned over
        """
    @property
    def gamma(self) -> float:
        """
        how many change in gamma
        """
    @property
    def noise(self) -> float:
        """
        how many get noise
        """
    @property
    def perspective(self) -> float:
        """
        how many are tilted
        """
    @property
    def rotation(self) -> float:
        """
        how many are turned
        """
    @property
    def shear(self) -> float:
        """
        how many are sheared
        """
    @property
    def shift(self) -> float:
        """
        how many are shifted
        """
    @property
    def zoom(self) -> float:
        """
        how many are magnified or reduced
        """

class AugmentOptions:
    """
    Random changes of the training images, by the widest that is drawn.

    rotation : drawn from both sides of 0 (degrees)
    shift : along each axis (share of a side)
    zoom : magnification 1 - zoom to 1 + zoom (share)
    zoom_per_axis : each axis draws its own zoom
    shear : drawn from both sides of 0 (degrees)
    flip_horizontal : mirror some of the images
    flip_vertical : turn some of the images over
    dihedral : one of the eight symmetries of the square, instead of the two flips
    crop_scale : smallest part that fills the frame, at a random place; 1 is the whole (share of the area)
    perspective : largest shift of each corner along each axis (share of a side)
    brightness : added, drawn from both sides of 0 (share of full scale)
    contrast : factor 1 - contrast to 1 + contrast about the mean of the image's gray (share)
    gamma : exponent exp(-gamma) to exp(gamma)
    noise : standard deviation of normal noise in each pixel and channel (share of full scale)
    blur : largest sigma of a Gaussian (pixels of the input)
    erase : largest rectangle that is filled with the image's mean colour (share of the area)
    probability : how often each of these is drawn
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> AugmentOptions:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self,
        *,
        rotation: float = 10.0,
        shift: float = 0.05,
        zoom: float = 0.1,
        zoom_per_axis: bool = False,
        shear: float = 0.0,
        flip_horizontal: bool = True,
        flip_vertical: bool = True,
        dihedral: bool = False,
        crop_scale: float = 1.0,
        perspective: float = 0.0,
        brightness: float = 0.0,
        contrast: float = 0.0,
        gamma: float = 0.0,
        noise: float = 0.0,
        blur: float = 0.0,
        erase: float = 0.0,
        probability: AugmentProbability = ...,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def blur(self) -> float:
        """
        largest sigma of a Gaussian
        """
    @property
    def brightness(self) -> float:
        """
        added, drawn from both sides of 0
        """
    @property
    def contrast(self) -> float:
        """
        factor 1 - contrast to 1 + contrast about the mean of the image's gray
        """
    @property
    def crop_scale(self) -> float:
        """
        smallest part that fills the frame, at a random place; 1 is the whole
        """
    @property
    def dihedral(self) -> bool:
        """
        one of the eight symmetries of the square, instead of the two flips
        """
    @property
    def erase(self) -> float:
        """
        largest rectangle that is filled with the image's mean colour
        """
    @property
    def flip_horizontal(self) -> bool:
        """
        mirror some of the images
        """
    @property
    def flip_vertical(self) -> bool:
        """
        turn some of the images over
        """
    @property
    def gamma(self) -> float:
        """
        exponent exp(-gamma) to exp(gamma)
        """
    @property
    def noise(self) -> float:
        """
        standard deviation of normal noise in each pixel and channel
        """
    @property
    def perspective(self) -> float:
        """
        largest shift of each corner along each axis
        """
    @property
    def probability(self) -> AugmentProbability:
        """
        how often each of these is drawn
        """
    @property
    def rotation(self) -> float:
        """
        drawn from both sides of 0
        """
    @property
    def shear(self) -> float:
        """
        drawn from both sides of 0
        """
    @property
    def shift(self) -> float:
        """
        along each axis
        """
    @property
    def zoom(self) -> float:
        """
        magnification 1 - zoom to 1 + zoom
        """
    @property
    def zoom_per_axis(self) -> bool:
        """
        each axis draws its own zoom
        """

class DecodeLimits:
    """
    What an untrusted image file may ask for.

    max_bytes : size of a file (bytes)
    max_pixels : height times width (pixels)
    max_side : height and width (pixels)
    max_frames : pages or frames in a file, of which the first is read
    max_scans : passes of a progressive JPEG
    max_chunks : pieces beside the pixels: metadata
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> DecodeLimits:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self,
        *,
        max_bytes: int = 268435456,
        max_pixels: int = 50000000,
        max_side: int = 32766,
        max_frames: int = 1,
        max_scans: int = 100,
        max_chunks: int = 256,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def max_bytes(self) -> int:
        """
        size of a file
        """
    @property
    def max_chunks(self) -> int:
        """
        pieces beside the pixels: metadata
        """
    @property
    def max_frames(self) -> int:
        """
        pages or frames in a file, of which the first is read
        """
    @property
    def max_pixels(self) -> int:
        """
        height times width
        """
    @property
    def max_scans(self) -> int:
        """
        passes of a progressive JPEG
        """
    @property
    def max_side(self) -> int:
        """
        height and width
        """

class Preprocess:
    """
    From stored form to network input.

    height : rows of the input (pixels)
    width : columns of the input (pixels)
    channels : 1 gray, 3 RGB, 4 RGBA (alpha kept)
    depth : 16-bit values that become 0 and 255
    crop : cut away: top, right, bottom, left (pixels)
    fit : stretch, pad, crop or window
    interpolation : nearest, bilinear or bicubic
    border : nearest, reflect or constant
    fill : value of a constant border
    background : behind transparent pixels
    mean : subtracted, pixels in 0 to 1
    deviation : divided by, after the mean
    order : rgb, or bgr as Caffe had it
    jpeg_reduce : large JPEG files are reduced to 1/2, 1/4 or 1/8 while they are decoded: faster, and a little different
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> Preprocess:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self,
        *,
        height: int = 128,
        width: int = 128,
        channels: int = 3,
        depth: collections.abc.Sequence[int] = ...,
        crop: collections.abc.Sequence[int] = ...,
        fit: str = "stretch",
        interpolation: str = "bilinear",
        border: str = "nearest",
        fill: int = 0,
        background: str = "white",
        mean: collections.abc.Sequence[float] = ...,
        deviation: collections.abc.Sequence[float] = ...,
        order: str = "rgb",
        jpeg_reduce: bool = False,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def background(self) -> str:
        """
        behind transparent pixels
        """
    @property
    def border(self) -> str:
        """
        nearest, reflect or constant
        """
    @property
    def channels(self) -> int:
        """
        1 gray, 3 RGB, 4 RGBA (alpha kept)
        """
    @property
    def crop(self) -> collections.abc.Sequence[int]:
        """
        cut away: top, right, bottom, left
        """
    @property
    def depth(self) -> collections.abc.Sequence[int]:
        """
        16-bit values that become 0 and 255
        """
    @property
    def deviation(self) -> collections.abc.Sequence[float]:
        """
        divided by, after the mean
        """
    @property
    def fill(self) -> int:
        """
        value of a constant border
        """
    @property
    def fit(self) -> str:
        """
        stretch, pad, crop or window
        """
    @property
    def height(self) -> int:
        """
        rows of the input
        """
    @property
    def interpolation(self) -> str:
        """
        nearest, bilinear or bicubic
        """
    @property
    def jpeg_reduce(self) -> bool:
        """
        large JPEG files are reduced to 1/2, 1/4 or 1/8 while they are decoded: faster, and a little different
        """
    @property
    def mean(self) -> collections.abc.Sequence[float]:
        """
        subtracted, pixels in 0 to 1
        """
    @property
    def order(self) -> str:
        """
        rgb, or bgr as Caffe had it
        """
    @property
    def width(self) -> int:
        """
        columns of the input
        """

class FileFacts:
    """
    What is known of an image file.
    """
    @property
    def bits(self) -> int:
        """
        Of one sample in the file.
        """
    @property
    def bytes(self) -> int: ...
    @property
    def channels(self) -> int:
        """
        1 gray, 3 RGB, 4 RGBA.
        """
    @property
    def edges(self) -> typing.Annotated[list[float], "FixedSize(8)"]:
        """
        Mean and deviation of top, bottom, left and right strip.
        """
    @property
    def entropy(self) -> float:
        """
        In bits, 0 to 8.
        """
    @property
    def error(self) -> str:
        """
        Why it was refused; empty where it was not.
        """
    @property
    def format(self) -> str: ...
    @property
    def height(self) -> int:
        """
        Upright, before cropping.
        """
    @property
    def is_cmyk(self) -> bool: ...
    @property
    def mean(self) -> float:
        """
        Of gray, 0 to 255.
        """
    @property
    def middles(self) -> typing.Annotated[list[float], "FixedSize(8)"]:
        """
        The same a third of a side further in.
        """
    @property
    def orientation(self) -> int:
        """
        EXIF, 1 to 8.
        """
    @property
    def perceptual(self) -> int:
        """
        64 bits.
        """
    @property
    def pixel_hash(self) -> str:
        """
        The same for all eight turnings.
        """
    @property
    def sha256(self) -> str: ...
    @property
    def taken(self) -> str:
        """
        EXIF time, 2026:11:22 10:30:00, or empty.
        """
    @property
    def turn(self) -> int:
        """
        To the canonical orientation, 0 to 7.
        """
    @property
    def width(self) -> int: ...

class Loader:
    """
    Batches of images, (N, H, W, C) uint8, in a fixed order.
    """
    def __init__(
        self,
        inputs: collections.abc.Sequence,
        preprocess: Preprocess,
        augment: AugmentOptions,
        *,
        batch: typing.SupportsInt | typing.SupportsIndex = 32,
        epochs: typing.SupportsInt | typing.SupportsIndex = 1,
        threads: typing.SupportsInt | typing.SupportsIndex = 1,
        shuffle: bool = False,
        seed: typing.SupportsInt | typing.SupportsIndex = 0,
    ) -> None: ...
    def __iter__(self) -> Loader: ...
    def __next__(self) -> tuple:
        """
        Pixels (N, H, W, C) uint8 and the samples' indices (N) int64.
        """
    def seek(
        self,
        epoch: typing.SupportsInt | typing.SupportsIndex,
        batch: typing.SupportsInt | typing.SupportsIndex,
    ) -> None:
        """
        Start again at a position.
        """

class HeadOptions:
    """
    The classifier on top of a trunk; places count from 0, the pooling.

    pool : own (the network's own classifier), average, average+max
    hidden : of hidden layers, each with ReLU (units)
    dropout : after the pooling and each hidden layer
    batch_norm : 0: after the pooling, i: after layer i
    one_logit : two classes by one unit: logits (0, z)
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> HeadOptions:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self,
        *,
        pool: str = "own",
        hidden: collections.abc.Sequence[int] = ...,
        dropout: collections.abc.Sequence[float] = ...,
        batch_norm: collections.abc.Sequence[int] = ...,
        one_logit: bool = False,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def batch_norm(self) -> collections.abc.Sequence[int]:
        """
        0: after the pooling, i: after layer i
        """
    @property
    def dropout(self) -> collections.abc.Sequence[float]:
        """
        after the pooling and each hidden layer
        """
    @property
    def hidden(self) -> collections.abc.Sequence[int]:
        """
        of hidden layers, each with ReLU
        """
    @property
    def one_logit(self) -> bool:
        """
        two classes by one unit: logits (0, z)
        """
    @property
    def pool(self) -> str:
        """
        own (the network's own classifier), average, average+max
        """

class TrainingCost:
    """
    What training a part of a network takes.
    """
    @property
    def frozen(self) -> int: ...
    @property
    def multiply_adds(self) -> int: ...
    @property
    def stages(self) -> list[str]: ...
    @property
    def trained(self) -> int: ...

class Layer:
    """
    One node of a network at a given size of input.
    """
    @property
    def ceil_mode(self) -> bool: ...
    @property
    def epsilon(self) -> float: ...
    @property
    def groups(self) -> int: ...
    @property
    def inputs(self) -> list[str]: ...
    @property
    def is_auxiliary(self) -> bool: ...
    @property
    def kernel(self) -> tuple: ...
    @property
    def multiply_adds(self) -> int:
        """
        For one image.
        """
    @property
    def name(self) -> str: ...
    @property
    def operation(self) -> str: ...
    @property
    def padding(self) -> tuple: ...
    @property
    def parameters(self) -> int:
        """
        Values that can be trained.
        """
    @property
    def rate(self) -> float: ...
    @property
    def shape(self) -> tuple[int, ...]:
        """
        Of the output, without N: (C, H, W) or (D).
        """
    @property
    def stage(self) -> str: ...
    @property
    def stride(self) -> int: ...
    @property
    def tensors(self) -> list[str]: ...

class ConformalOptions:
    """
    What prediction sets promise, and how a class gets into one.

    kind : marginal, by class or adaptive
    alpha : how often a set may lack the true class
    penalty : adaptive: of each class behind the free ones
    free : adaptive: without a penalty (classes)
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> ConformalOptions:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self, *, kind: str = "marginal", alpha: float = 0.1, penalty: float = 0.01, free: int = 1
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def alpha(self) -> float:
        """
        how often a set may lack the true class
        """
    @property
    def free(self) -> int:
        """
        adaptive: without a penalty
        """
    @property
    def kind(self) -> str:
        """
        marginal, by class or adaptive
        """
    @property
    def penalty(self) -> float:
        """
        adaptive: of each class behind the free ones
        """

class Pca:
    """
    Directions in which points differ most.
    """
    @staticmethod
    def fit(
        points: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
        components: typing.SupportsInt | typing.SupportsIndex,
        method: str,
        seed: typing.SupportsInt | typing.SupportsIndex,
    ) -> Pca: ...
    def project(
        self, rows: typing.Annotated[numpy.typing.ArrayLike, numpy.float32]
    ) -> numpy.ndarray:
        """
        Coordinates (n, r) of rows (n, D).
        """
    @property
    def components(self) -> numpy.ndarray: ...
    @property
    def mean(self) -> numpy.ndarray: ...
    @property
    def total_variance(self) -> float: ...
    @property
    def variances(self) -> numpy.typing.NDArray[numpy.float64]: ...

class Reliability:
    """
    How far a model's answers can be believed.
    """

    default_score: typing.ClassVar[str] = "mahalanobis"
    @property
    def facts(self) -> str:
        """
        JSON: which images it comes from.
        """
    @facts.setter
    def facts(self, arg0: str) -> None: ...
    @property
    def sets(self) -> list[tuple[ConformalOptions, list[float]]]:
        """
        Options and thresholds of prediction sets.
        """
    @sets.setter
    def sets(
        self,
        arg1: collections.abc.Sequence[
            tuple[
                ConformalOptions,
                collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
            ]
        ],
    ) -> None: ...
    @property
    def temperature(self) -> dict: ...
    @property
    def thresholds(self) -> dict:
        """
        Of each outlier score; empty where a class had no image to learn from.
        """
    @property
    def trained(self) -> str:
        """
        SHA-256 of the file before it.
        """
    @trained.setter
    def trained(self, arg0: str) -> None: ...

class ModelFile:
    """
    A classifier as one file holds it.
    """

    provenance: str
    reliability: Reliability | None
    @staticmethod
    def create(
        *,
        network: str,
        variant: str,
        head: HeadOptions,
        classes: collections.abc.Sequence[str],
        preprocess: Preprocess,
        seed: typing.SupportsInt | typing.SupportsIndex | None,
    ) -> ModelFile:
        """
        A model with fresh weights; seed None: with zeros, for weights to be taken.
        """
    @staticmethod
    def read(path: os.PathLike | str | bytes) -> ModelFile: ...
    def layers(self) -> list[Layer]:
        """
        Every layer, the input first.
        """
    def take(
        self,
        tensors: dict,
        strict: bool,
        subject: str,
        seed: typing.SupportsInt | typing.SupportsIndex,
    ) -> list[str]:
        """
        Take weights from a file's tensors; notes on what was adapted or left out.
        """
    def tensors(self) -> dict:
        """
        The network's tensors by name; they share its memory.
        """
    def training_cost(self, trainable: collections.abc.Sequence[str]) -> TrainingCost:
        """
        What training those stages takes: names, all, or last:F.
        """
    def write(self, path: os.PathLike | str | bytes, *, reliability: bool = True) -> str:
        """
        Write the file whole or not at all, with what is known of the model or without; its SHA-256.
        """
    def write_network(self, path: os.PathLike | str | bytes) -> str:
        """
        Write the network's tensors alone as safetensors; the file's SHA-256.
        """
    @property
    def architecture(self) -> str: ...
    @property
    def classes(self) -> list[str]: ...
    @property
    def head(self) -> HeadOptions: ...
    @property
    def preprocess(self) -> Preprocess: ...
    @property
    def variant(self) -> str: ...

class PlanStep:
    """
    A kernel of an inference plan.
    """
    @property
    def multiply_adds(self) -> int:
        """
        For one image.
        """
    @property
    def nodes(self) -> list[str]:
        """
        Names of what it computes at once.
        """
    @property
    def operation(self) -> str: ...
    @property
    def seconds(self) -> float:
        """
        For one image; 0 where not timed.
        """
    @property
    def shape(self) -> tuple[int, ...]:
        """
        Of the output, without N: (C, H, W) or (D).
        """

class Predictor:
    """
    A model at work on images.
    """
    def __init__(self, model: ModelFile, device: str, precision: str) -> None: ...
    def embed(
        self,
        inputs: collections.abc.Sequence,
        stage: str,
        batch: typing.SupportsInt | typing.SupportsIndex,
        threads: typing.SupportsInt | typing.SupportsIndex,
        limits: DecodeLimits,
        on_progress: typing.Any,
    ) -> tuple[numpy.typing.NDArray[numpy.float32], list[str]]:
        """
        Features (N, D) float32 of a stage or layer, and one error text per input.
        """
    def logits(
        self, x: typing.Annotated[numpy.typing.ArrayLike, numpy.float32]
    ) -> numpy.typing.NDArray[numpy.float32]:
        """
        Logits (N, K) float32 of normalised input (N, C, H, W) float32.
        """
    def plan(self, timed: bool) -> list[PlanStep]:
        """
        How logits are computed, kernel by kernel.
        """
    def predict(
        self,
        inputs: collections.abc.Sequence,
        batch: typing.SupportsInt | typing.SupportsIndex,
        threads: typing.SupportsInt | typing.SupportsIndex,
        limits: DecodeLimits,
        on_progress: typing.Any,
        tta: bool = False,
    ) -> tuple[numpy.typing.NDArray[numpy.float32], list[str]]:
        """
        Rows (N, K) or (N, K + 6) float32: probabilities, and outlier scores where the model has what they need, with tta the instability behind them; and one error text per input, empty where it was good.
        """
    @property
    def device(self) -> str: ...
    @property
    def precision(self) -> str: ...

class RateOptions:
    """
    Details of the learning-rate schedules.

    warm_up : linear rise before cosine (share of a phase)
    step_epochs : step: between reductions (epochs)
    factor : step, plateau: of a reduction
    patience : plateau: without improvement that are borne (validations)
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> RateOptions:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self, *, warm_up: float = 0.0, step_epochs: int = 10, factor: float = 0.1, patience: int = 5
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def factor(self) -> float:
        """
        step, plateau: of a reduction
        """
    @property
    def patience(self) -> int:
        """
        plateau: without improvement that are borne
        """
    @property
    def step_epochs(self) -> int:
        """
        step: between reductions
        """
    @property
    def warm_up(self) -> float:
        """
        linear rise before cosine
        """

class MixOptions:
    """
    Mixing pairs of training images.

    mixup : shares drawn from Beta(mixup, mixup); 0: off
    cutmix : areas drawn from Beta(cutmix, cutmix); 0: off
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> MixOptions:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(self, *, mixup: float = 0.0, cutmix: float = 0.0) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def cutmix(self) -> float:
        """
        areas drawn from Beta(cutmix, cutmix); 0: off
        """
    @property
    def mixup(self) -> float:
        """
        shares drawn from Beta(mixup, mixup); 0: off
        """

class ImbalanceOptions:
    """
    What is done about classes of unequal size, in training alone.

    method : none, class_weights, sampler, focal, logit_adjustment or balance
    gamma : focal: exponent of 1 - p
    adjustment : logit_adjustment: of the log priors
    balance_to : balance: of a class in an epoch; 0: as many as the largest has (images)
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> ImbalanceOptions:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self,
        *,
        method: str = "none",
        gamma: float = 2.0,
        adjustment: float = 1.0,
        balance_to: int = 0,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def adjustment(self) -> float:
        """
        logit_adjustment: of the log priors
        """
    @property
    def balance_to(self) -> int:
        """
        balance: of a class in an epoch; 0: as many as the largest has
        """
    @property
    def gamma(self) -> float:
        """
        focal: exponent of 1 - p
        """
    @property
    def method(self) -> str:
        """
        none, class_weights, sampler, focal, logit_adjustment or balance
        """

class StopOptions:
    """
    When a training ends before its last epoch.

    early : stop when the metric no longer improves
    metric : that early stopping watches
    mode : auto: losses fall, others rise; min; max
    patience : without improvement, to stop (validations)
    min_delta : a smaller gain is none
    f1_target : every class's F1, to stop; 0: off
    f1_count : consecutive: at the target; no_improvement: of the lowest F1 since it
    f1_patience : more, after the first (validations)
    minutes : wall time, resumed parts too; 0: off (min)
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> StopOptions:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self,
        *,
        early: bool = False,
        metric: str = "validation_loss",
        mode: str = "auto",
        patience: int = 10,
        min_delta: float = 0.0,
        f1_target: float = 0.0,
        f1_count: str = "consecutive",
        f1_patience: int = 0,
        minutes: float = 0.0,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def early(self) -> bool:
        """
        stop when the metric no longer improves
        """
    @property
    def f1_count(self) -> str:
        """
        consecutive: at the target; no_improvement: of the lowest F1 since it
        """
    @property
    def f1_patience(self) -> int:
        """
        more, after the first
        """
    @property
    def f1_target(self) -> float:
        """
        every class's F1, to stop; 0: off
        """
    @property
    def metric(self) -> str:
        """
        that early stopping watches
        """
    @property
    def min_delta(self) -> float:
        """
        a smaller gain is none
        """
    @property
    def minutes(self) -> float:
        """
        wall time, resumed parts too; 0: off
        """
    @property
    def mode(self) -> str:
        """
        auto: losses fall, others rise; min; max
        """
    @property
    def patience(self) -> int:
        """
        without improvement, to stop
        """

class Phase:
    """
    A stretch of training with fixed settings.

    epochs : passes over the images (epochs)
    size : height and width (pixels)
    fit : stretch, pad, crop or window
    batch : at most, in one step (images)
    trainable : names of stages, all, or last:F, a share of the layers from the end
    train_norm : frozen batch normalisation follows the batch
    learning_rate : at its highest
    schedule : constant, step, cosine, one_cycle or plateau
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> Phase:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self,
        *,
        epochs: int = 10,
        size: int = 128,
        fit: str = "stretch",
        batch: int = 32,
        trainable: collections.abc.Sequence[str] = ...,
        train_norm: bool = False,
        learning_rate: float = 0.001,
        schedule: str = "one_cycle",
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def batch(self) -> int:
        """
        at most, in one step
        """
    @property
    def epochs(self) -> int:
        """
        passes over the images
        """
    @property
    def fit(self) -> str:
        """
        stretch, pad, crop or window
        """
    @property
    def learning_rate(self) -> float:
        """
        at its highest
        """
    @property
    def schedule(self) -> str:
        """
        constant, step, cosine, one_cycle or plateau
        """
    @property
    def size(self) -> int:
        """
        height and width
        """
    @property
    def train_norm(self) -> bool:
        """
        frozen batch normalisation follows the batch
        """
    @property
    def trainable(self) -> collections.abc.Sequence[str]:
        """
        names of stages, all, or last:F, a share of the layers from the end
        """

class TrainOptions:
    """
    Everything that decides a training, data aside.

    network : name of an architecture
    variant : torchvision or keras
    head : the classifier on top of the network
    weights : where the first weights came from: none, imagenet, file
    seed : of every random number
    precision : auto, float32 or bfloat16
    device : auto, cpu, cuda or cuda:N
    threads : that compute; 0: every usable core (threads)
    optimizer : adamw or sgd
    momentum : of sgd; beta 1 of adamw
    nesterov : sgd: Nesterov's momentum
    weight_decay : of convolution and linear weights
    layer_decay : of the learning rate, per stage away from the head
    clip : largest norm of the gradient; 0: any
    accumulate : that a batch is computed in, for want of memory (parts)
    rates : details of the schedules
    phases : run one after another
    augment : random changes in training
    mix : mixup and cutmix
    label_smoothing : share of each target that is spread over all classes
    imbalance : what is done about classes of unequal size
    ema : decay a step of the averaged weights that are validated and kept; 0: off
    stop : ending before the last epoch
    best : whose best weights are kept
    validate_every : between validations within an epoch; 0: at its end alone (steps)
    save_minutes : between checkpoints, at most (min)
    bank_views : of each image that epochs repeat, frozen stages computed once; 0: all anew (views)
    bank_mib : at most, for what frozen stages give of a split (MiB)
    bank_folder : where that is kept for later runs too, as files found by what they hold; empty: in memory alone
    cache_mib : of memory, at most, for decoded images between epochs; 0: decoded each time (MiB)
    device_mib : of a GPU, at most, for the training images, which it then augments itself; 0: they come from the CPU (MiB)
    preprocess : size and fit come from the phase
    limits : what an image file may ask for
    """

    __hash__: typing.ClassVar[None] = None
    @staticmethod
    def from_dict(values: dict[str, typing.Any]) -> TrainOptions:
        """
        The reverse of to_dict().
        """
    def __eq__(self, other: typing.Any) -> bool: ...
    def __init__(
        self,
        *,
        network: str = "resnet18",
        variant: str = "torchvision",
        head: HeadOptions = ...,
        weights: str = "none",
        seed: int = 42,
        precision: str = "auto",
        device: str = "auto",
        threads: int = 0,
        optimizer: str = "adamw",
        momentum: float = 0.9,
        nesterov: bool = False,
        weight_decay: float = 0.01,
        layer_decay: float = 1.0,
        clip: float = 0.0,
        accumulate: int = 1,
        rates: RateOptions = ...,
        phases: collections.abc.Sequence[Phase] = ...,
        augment: AugmentOptions = ...,
        mix: MixOptions = ...,
        label_smoothing: float = 0.0,
        imbalance: ImbalanceOptions = ...,
        ema: float = 0.0,
        stop: StopOptions = ...,
        best: str = "validation_accuracy",
        validate_every: int = 0,
        save_minutes: float = 10.0,
        bank_views: int = 0,
        bank_mib: int = 1024,
        bank_folder: str = "",
        cache_mib: int = 512,
        device_mib: int = 0,
        preprocess: Preprocess = ...,
        limits: DecodeLimits = ...,
    ) -> None: ...
    def __repr__(self) -> str: ...
    def to_dict(self) -> dict[str, typing.Any]:
        """
        The options as plain values.
        """
    @property
    def accumulate(self) -> int:
        """
        that a batch is computed in, for want of memory
        """
    @property
    def augment(self) -> AugmentOptions:
        """
        random changes in training
        """
    @property
    def bank_folder(self) -> str:
        """
        where that is kept for later runs too, as files found by what they hold; empty: in memory alone
        """
    @property
    def bank_mib(self) -> int:
        """
        at most, for what frozen stages give of a split
        """
    @property
    def bank_views(self) -> int:
        """
        of each image that epochs repeat, frozen stages computed once; 0: all anew
        """
    @property
    def best(self) -> str:
        """
        whose best weights are kept
        """
    @property
    def cache_mib(self) -> int:
        """
        of memory, at most, for decoded images between epochs; 0: decoded each time
        """
    @property
    def clip(self) -> float:
        """
        largest norm of the gradient; 0: any
        """
    @property
    def device(self) -> str:
        """
        auto, cpu, cuda or cuda:N
        """
    @property
    def device_mib(self) -> int:
        """
        of a GPU, at most, for the training images, which it then augments itself; 0: they come from the CPU
        """
    @property
    def ema(self) -> float:
        """
        decay a step of the averaged weights that are validated and kept; 0: off
        """
    @property
    def head(self) -> HeadOptions:
        """
        the classifier on top of the network
        """
    @property
    def imbalance(self) -> ImbalanceOptions:
        """
        what is done about classes of unequal size
        """
    @property
    def label_smoothing(self) -> float:
        """
        share of each target that is spread over all classes
        """
    @property
    def layer_decay(self) -> float:
        """
        of the learning rate, per stage away from the head
        """
    @property
    def limits(self) -> DecodeLimits:
        """
        what an image file may ask for
        """
    @property
    def mix(self) -> MixOptions:
        """
        mixup and cutmix
        """
    @property
    def momentum(self) -> float:
        """
        of sgd; beta 1 of adamw
        """
    @property
    def nesterov(self) -> bool:
        """
        sgd: Nesterov's momentum
        """
    @property
    def network(self) -> str:
        """
        name of an architecture
        """
    @property
    def optimizer(self) -> str:
        """
        adamw or sgd
        """
    @property
    def phases(self) -> collections.abc.Sequence[Phase]:
        """
        run one after another
        """
    @property
    def precision(self) -> str:
        """
        auto, float32 or bfloat16
        """
    @property
    def preprocess(self) -> Preprocess:
        """
        size and fit come from the phase
        """
    @property
    def rates(self) -> RateOptions:
        """
        details of the schedules
        """
    @property
    def save_minutes(self) -> float:
        """
        between checkpoints, at most
        """
    @property
    def seed(self) -> int:
        """
        of every random number
        """
    @property
    def stop(self) -> StopOptions:
        """
        ending before the last epoch
        """
    @property
    def threads(self) -> int:
        """
        that compute; 0: every usable core
        """
    @property
    def total_epochs(self) -> int:
        """
        Epochs of all phases together.
        """
    @property
    def validate_every(self) -> int:
        """
        between validations within an epoch; 0: at its end alone
        """
    @property
    def variant(self) -> str:
        """
        torchvision or keras
        """
    @property
    def weight_decay(self) -> float:
        """
        of convolution and linear weights
        """
    @property
    def weights(self) -> str:
        """
        where the first weights came from: none, imagenet, file
        """

class Pace:
    """
    How long the parts of a phase take.
    """
    def seconds(self, epochs: typing.SupportsInt | typing.SupportsIndex) -> float:
        """
        That so many epochs take, validations too.
        """

def agreement(confusion: typing.Annotated[numpy.typing.ArrayLike, numpy.int64]) -> dict:
    """
    Balanced accuracy, Cohen's kappa and Matthews' correlation of a matrix (K, K).
    """

def bootstrap(
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    predictions: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    classes: typing.SupportsInt | typing.SupportsIndex,
    groups: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    rounds: typing.SupportsInt | typing.SupportsIndex = 2000,
    seed: typing.SupportsInt | typing.SupportsIndex = 0,
    on_progress: typing.Any = None,
) -> dict:
    """
    95 % intervals of scores, by drawing whole groups again.
    """

def calibrate(
    confidences: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    is_right: typing.Annotated[numpy.typing.ArrayLike, numpy.bool],
    binning: str = "equal width",
    bins: typing.SupportsInt | typing.SupportsIndex = 15,
) -> dict:
    """
    How far confidences (N) are from being right, by bins.
    """

def change_point(sequence: typing.Annotated[numpy.typing.ArrayLike, numpy.bool]) -> dict:
    """
    Where the share of True changed once in a sequence, and how sure that is.
    """

def check_network(
    options: TrainOptions, classes: typing.SupportsInt | typing.SupportsIndex
) -> None:
    """
    Refuse a network that cannot be built, or that does not compute at a phase's size.
    """

def compare(
    first_is_right: typing.Annotated[numpy.typing.ArrayLike, numpy.bool],
    second_is_right: typing.Annotated[numpy.typing.ArrayLike, numpy.bool],
) -> dict:
    """
    How often two models are right alone, and McNemar's exact test of that.
    """

def cross_validated_neighbours(
    features: typing.Annotated[numpy.typing.ArrayLike, numpy.float64],
    labels: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    folds: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    classes: typing.SupportsInt | typing.SupportsIndex,
    k: typing.SupportsInt | typing.SupportsIndex,
) -> list[int]:
    """
    Labels predicted by the k nearest rows of features (N, F) in the other folds.
    """

def crystal_classes() -> list[str]:
    """
    Names of the synthetic habits.
    """

def curves(
    scores: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    is_of_class: typing.Annotated[numpy.typing.ArrayLike, numpy.bool],
) -> dict:
    """
    One class against the rest at every threshold, with the areas.
    """

def draw_crystals(
    label: typing.SupportsInt | typing.SupportsIndex,
    size: typing.SupportsInt | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    item: typing.SupportsInt | typing.SupportsIndex,
) -> numpy.ndarray:
    """
    One synthetic micrograph, (size, size, 3) uint8.
    """

def encode_png(pixels: numpy.ndarray) -> bytes:
    """
    PNG bytes of an image in stored form.
    """

def explain(
    model: ModelFile,
    inputs: collections.abc.Sequence,
    classes: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    stage: str,
    method: str,
    has_checks: bool,
    device: str,
    batch: typing.SupportsInt | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex,
    limits: DecodeLimits,
    on_progress: typing.Any,
) -> dict:
    """
    Maps (N, H, W), explained classes (N) and errors; with checks deletion and insertion (N, 21) and likeness (N).
    """

def feature_maps(
    model: ModelFile, input: typing.Any, stage: str, limits: DecodeLimits
) -> numpy.typing.NDArray[numpy.float32]:
    """
    Planes (C, H, W) float32 that a stage or layer gives for an image.
    """

def find_rate(
    *,
    classes: collections.abc.Sequence[str],
    train_paths: collections.abc.Sequence,
    train_labels: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    start: ModelFile | None,
    options: TrainOptions,
    steps: typing.SupportsInt | typing.SupportsIndex,
    low: typing.SupportsFloat | typing.SupportsIndex,
    high: typing.SupportsFloat | typing.SupportsIndex,
    on_progress: typing.Any,
) -> tuple[list[float], list[float], float]:
    """
    Learning-rate range test: rates, smoothed losses, and the rate that is suggested.
    """

def fit_conformal(
    probabilities: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    groups: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    options: ConformalOptions,
) -> list[float]:
    """
    Thresholds of strangeness, one or one for each class.
    """

def fit_reliability(
    model: ModelFile,
    compute: tuple[str, str],
    trained: tuple[list, collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex]],
    held_out: tuple[list, collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex]],
    calibration: tuple[list, collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex]],
    batch: typing.SupportsInt | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex,
    limits: DecodeLimits,
    on_progress: typing.Any,
) -> Reliability:
    """
    Temperature and outlier statistics from (paths, labels) trained on, held out, and of the calibration split, which may be empty; compute is (device, precision).
    """

def fit_temperature(
    logits: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
) -> dict:
    """
    What logits (N, K) are to be divided by.
    """

def gray_of(map: typing.Annotated[numpy.typing.ArrayLike, numpy.float32]) -> numpy.ndarray:
    """
    A map (H, W) as gray levels, (H, W) uint8, lowest to highest.
    """

def head_preset(name: str) -> HeadOptions:
    """
    The head of that name.
    """

def inspect_files(
    paths: collections.abc.Sequence[os.PathLike | str | bytes],
    preprocess: Preprocess,
    limits: DecodeLimits,
    pixels: bool,
    threads: typing.SupportsInt | typing.SupportsIndex,
    on_progress: typing.Any,
) -> list[FileFacts]:
    """
    Facts of each file in order; its error says why a file was refused.
    """

def kmeans(
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    clusters: typing.SupportsInt | typing.SupportsIndex,
    starts: typing.SupportsInt | typing.SupportsIndex,
    most_rounds: typing.SupportsInt | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    centres: typing.Annotated[numpy.typing.ArrayLike, numpy.float32] | None = None,
    on_progress: typing.Any = None,
) -> dict:
    """
    Clusters of points (N, D) by Lloyd's algorithm.
    """

def label_errors(
    probabilities: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
) -> list:
    """
    (image, given class, likely class, margin) of images whose label may be wrong.
    """

def load_inputs(
    inputs: collections.abc.Sequence,
    preprocess: Preprocess,
    batch: typing.SupportsInt | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex,
    limits: DecodeLimits,
    on_progress: typing.Any,
) -> tuple[numpy.typing.NDArray[numpy.float32], list[str]]:
    """
    Normalised input (N, C * H * W) float32 for other runtimes, and one error per image.
    """

def machine() -> dict:
    """
    What the processor is and can do.
    """

def measure_pace(
    *,
    classes: collections.abc.Sequence[str],
    train_paths: collections.abc.Sequence,
    train_labels: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    validation_paths: collections.abc.Sequence,
    validation_labels: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    options: TrainOptions,
    phase: typing.SupportsInt | typing.SupportsIndex,
    on_progress: typing.Any,
) -> Pace:
    """
    How long the parts of a phase take, from a short training.
    """

def native_size(network: str) -> int:
    """
    Pixels a side it was designed for.
    """

def near_pairs(
    hashes: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    max_distance: typing.SupportsInt | typing.SupportsIndex,
    only_joining: bool = False,
) -> list[tuple[int, int]]:
    """
    Pairs (i, j), i < j, of perceptual hashes at most that many bits apart.
    """

def nearest_neighbours(
    queries: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    k: typing.SupportsInt | typing.SupportsIndex,
) -> tuple:
    """
    Euclidean distances (n, k), rising, and indices (n, k) of the nearest points, exact.
    """

def neighbour_graph(
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    k: typing.SupportsInt | typing.SupportsIndex,
) -> tuple:
    """
    The same among points (N, D), each without itself.
    """

def network_layers(
    network: str, variant: str, size: typing.SupportsInt | typing.SupportsIndex
) -> list[Layer]:
    """
    The layers of a network with 3 channels and 1,000 classes.
    """

def network_names() -> list[str]:
    """
    Names of the networks there are.
    """

def network_variants(network: str) -> list[str]:
    """
    Variants of a network.
    """

def normalise(
    pixels: typing.Annotated[numpy.typing.ArrayLike, numpy.uint8], preprocess: Preprocess
) -> numpy.typing.NDArray[numpy.float32]:
    """
    Pixels (..., C) uint8 as network input, float32 of the same shape.
    """

def of_length_one(rows: typing.Annotated[numpy.typing.ArrayLike, numpy.float32]) -> numpy.ndarray:
    """
    Rows (N, D) of length 1; those that are nothing stay so.
    """

def overlay(
    pixels: numpy.ndarray, map: typing.Annotated[numpy.typing.ArrayLike, numpy.float32]
) -> numpy.ndarray:
    """
    An image under the highest values of a map (H, W), in bands of 70, 80 and 90 %.
    """

def peak_resident_bytes() -> int:
    """
    Its highest value.
    """

def perceptual_distance(
    left: typing.SupportsInt | typing.SupportsIndex,
    right: typing.SupportsInt | typing.SupportsIndex,
) -> int:
    """
    Bits in which two perceptual hashes differ, in the best of the eight orientations.
    """

def phase_cost(
    options: TrainOptions,
    classes: typing.SupportsInt | typing.SupportsIndex,
    phase: typing.SupportsInt | typing.SupportsIndex,
) -> TrainingCost:
    """
    What a phase trains, and what that costs.
    """

def portraits(
    inputs: collections.abc.Sequence,
    preprocess: Preprocess,
    limits: DecodeLimits,
    side: typing.SupportsInt | typing.SupportsIndex,
    threads: typing.SupportsInt | typing.SupportsIndex = 0,
    on_progress: typing.Any = None,
) -> dict:
    """
    JPEG files of images no larger than that, whole (empty where one cannot be read), the shares of their pixels by 64 intensities (N, 64), and the entropies of those (bits).
    """

def prediction_sets(
    probabilities: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    thresholds: collections.abc.Sequence[typing.SupportsFloat | typing.SupportsIndex],
    options: ConformalOptions,
) -> numpy.typing.NDArray[numpy.uint8]:
    """
    1 where a class lies in an image's set, (N, K) uint8.
    """

def preprocess(
    pixels: numpy.ndarray,
    preprocess: Preprocess,
    augment: AugmentOptions,
    seed: typing.SupportsInt | typing.SupportsIndex = 0,
    epoch: typing.SupportsInt | typing.SupportsIndex = 0,
    sample: typing.SupportsInt | typing.SupportsIndex = 0,
) -> numpy.ndarray:
    """
    What the network sees of an image, before normalisation.
    """

def rank(
    probabilities: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    targets: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
) -> dict:
    """
    Counts of images by what their 1 to 5 best classes hold.
    """

def read_image(source: typing.Any, limits: DecodeLimits, preprocess: Preprocess) -> numpy.ndarray:
    """
    The stored form of an image, by the depth and crop of a preprocessing.
    """

def read_tensors(
    path: os.PathLike | str | bytes,
) -> tuple[dict[str, numpy.ndarray], dict[str, str]]:
    """
    Tensors and metadata of a safetensors file.
    """

def reason_for_precision(device: str) -> str:
    """
    Why precision 'auto' comes to what it does there, in words.
    """

def recognise(tensors: dict) -> typing.Any:
    """
    Network, variant, channels and classes (0: no classifier) that tensors belong to, or None.
    """

def rename_file(from_path: os.PathLike | str | bytes, to_path: os.PathLike | str | bytes) -> None:
    """
    Give a file another name, durably; a file of that name is replaced.
    """

def resident_bytes() -> int:
    """
    Resident memory of this process.
    """

def resolve_compute(device: str, precision: str) -> tuple[str, str]:
    """
    The device and precision that a request comes to on this machine.
    """

def risk_coverage(
    confidences: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    is_right: typing.Annotated[numpy.typing.ArrayLike, numpy.bool],
) -> dict:
    """
    Share of wrong answers by the share that is answered, the surest first.
    """

def run_state(path: os.PathLike | str | bytes) -> dict:
    """
    Where the run stands whose checkpoint this is; ended is empty while it can go on.
    """

def score(
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    predictions: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    classes: typing.SupportsInt | typing.SupportsIndex,
) -> dict:
    """
    Confusion matrix and everything that follows from it.
    """

def score_probabilities(
    probabilities: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
) -> dict:
    """
    Log loss and Brier's score of probabilities (N, K).
    """

def sha256(bytes: bytes) -> str:
    """
    SHA-256 in hexadecimal digits.
    """

def shuffled(
    count: typing.SupportsInt | typing.SupportsIndex,
    seed: typing.SupportsInt | typing.SupportsIndex,
    item: typing.SupportsInt | typing.SupportsIndex,
) -> list[int]:
    """
    A permutation of 0..count-1 for splitting; item names the list that is shuffled.
    """

def silhouettes(
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    labels: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    clusters: typing.SupportsInt | typing.SupportsIndex,
    on_progress: typing.Any = None,
) -> numpy.ndarray:
    """
    How much nearer each point lies to its own cluster than to the next, -1 to 1.
    """

def similar_groups(
    points: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    cosine: typing.SupportsFloat | typing.SupportsIndex,
    on_progress: typing.Any = None,
) -> list[int]:
    """
    The group of each of points (N, D), by its first member: those that are alike, and those that others join.
    """

def tempered(
    probabilities: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    power: typing.SupportsFloat | typing.SupportsIndex,
) -> numpy.typing.NDArray[numpy.float32]:
    """
    Probabilities (N, K) to a power, summing to 1 again.
    """

def threshold_for_missed_rate(
    scores: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
    groups: typing.Annotated[numpy.typing.ArrayLike, numpy.int64],
    alpha: typing.SupportsFloat | typing.SupportsIndex,
) -> float:
    """
    The highest threshold that misses at most that share of what is sought.
    """

def top_class(
    probabilities: typing.Annotated[numpy.typing.ArrayLike, numpy.float32],
) -> numpy.typing.NDArray[numpy.int64]:
    """
    Index of each row's largest value; the lower index wins a tie.
    """

def train(
    *,
    folder: os.PathLike | str | bytes,
    classes: collections.abc.Sequence[str],
    train_paths: collections.abc.Sequence,
    train_labels: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    validation_paths: collections.abc.Sequence,
    validation_labels: collections.abc.Sequence[typing.SupportsInt | typing.SupportsIndex],
    data_hash: str,
    provenance: str,
    start: ModelFile | None,
    options: TrainOptions,
    on_progress: typing.Any,
    on_epoch: typing.Any,
    on_batch: typing.Any,
    on_notice: typing.Any,
    should_stop: typing.Any,
) -> None:
    """
    Start a run in a folder, or continue the one that lies there.
    """

def trained_hash(path: os.PathLike | str | bytes) -> str:
    """
    SHA-256 of a model file as training wrote it, where more was added since; else empty.
    """

def weights_hash(model: ModelFile) -> str:
    """
    SHA-256 over network, preprocessing and weights.
    """

def wilson_interval(
    hits: typing.SupportsInt | typing.SupportsIndex,
    count: typing.SupportsInt | typing.SupportsIndex,
) -> tuple[float, float]:
    """
    95 % interval of a share (Wilson).
    """

def with_normalisation(preprocess: Preprocess, name: str) -> Preprocess:
    """
    The preprocessing with the normalisation imagenet, caffe, unit or centred.
    """

def write_bytes(path: os.PathLike | str | bytes, bytes: bytes) -> None:
    """
    Write a file whole or not at all.
    """

def write_text(path: os.PathLike | str | bytes, text: str) -> None:
    """
    Write a file whole or not at all.
    """

__version__: str = "0.1.0"
torch_minor: str = "2.13"
