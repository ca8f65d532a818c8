"""Model: network, classes and preprocessing in one file; create, load, save, predict, embed."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from georgia import _core
from georgia.classifier import Classifier, Rows, Work
from georgia.display import printable
from georgia.embeddings import Embeddings
from georgia.images import ImageInput
from georgia.inference_plan import Plan, plan_of
from georgia.summary import Summary, summarise

if TYPE_CHECKING:
    from georgia.exporting import Exported


class Model(Classifier):
    """A classifier: network, classes and preprocessing.

    Made by `create`, by `load` or by a training; safe to use from scripts that never import torch.

    Attributes
    ----------
    architecture, variant : str
    head : HeadOptions
    classes : tuple of str
    preprocess : Preprocess
    provenance : dict
        How it was trained, on what, with which versions.
    notes : tuple of str
        What was adapted or left out when weights were read.
    """

    def __init__(self, file: _core.ModelFile, notes: Sequence[str] = ()) -> None:
        self._file = file
        self._predictors: dict[tuple[str, str], _core.Predictor] = {}
        self.architecture = file.architecture
        self.variant = file.variant
        self.head = file.head
        self.classes = tuple(file.classes)
        self.preprocess = file.preprocess
        self.provenance: dict[str, Any] = json.loads(file.provenance)
        self.notes = tuple(notes)

    @classmethod
    def create(
        cls,
        network: str,
        *,
        classes: int | Sequence[str],
        channels: int = 3,
        variant: str = "torchvision",
        head: str | _core.HeadOptions = "linear",
        weights: str | os.PathLike[str] | None = None,
        size: int | None = None,
        normalisation: "str | tuple[Sequence[float], Sequence[float]] | None" = None,
        seed: int = 42,
        strict: bool = True,
    ) -> "Model":
        """Make a model with fresh weights, or with those of a file.

        Parameters
        ----------
        network : str
            One of `georgia.networks`.
        classes : int or sequence of str
            How many, or their names.
        channels : int
            1 gray, 3 RGB, 4 RGBA. Weights for 3 are summed for 1, and get zeros for a fourth.
        variant : str
            ``torchvision``; ``keras`` for ResNets as Keras has them.
        head : str or HeadOptions
            ``linear`` (the network's own classifier), ``dense``, ``concat``, ``one_logit``.
        weights : str or path, optional
            A safetensors, PyTorch, Keras or ONNX file; ``imagenet`` for the file that
            ``georgia fetch weights/NAME`` brings; None for fresh weights.
        size : int, optional
            Height and width of the input in pixels; by default what the file says, else the
            network's native size.
        normalisation : str or (mean, deviation), optional
            ``imagenet``, ``caffe``, ``unit``, ``centred``, or numbers of R, G, B in [0, 1], which
            keep a file's order of channels, else rgb; by default what belongs to the weights.
        seed : int
            Of everything the file does not give.
        strict : bool
            False leaves out what does not fit; Keras and ONNX files fit whole or not at all.

        Returns
        -------
        Model

        Raises
        ------
        InvalidOption
            A name is not known, or the network does not take this size.
        BadInput
            The file's tensors do not fit, each named; or the file is damaged.
        IoError
            The file is missing.

        Examples
        --------
        >>> import georgia
        >>> model = georgia.Model.create("small_cnn", classes=["a", "b"], size=32)
        >>> model.logits([[[[0.0] * 32] * 32] * 3]).shape
        (1, 2)
        """
        from georgia import importing

        asked = importing.Asked(
            network=network,
            classes=classes,
            channels=channels,
            variant=variant,
            head=head,
            size=size,
            normalisation=normalisation,
            seed=seed,
            strict=strict,
        )
        return cls(*importing.build(asked, weights, is_told=True))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to one safetensors file, whole or not at all."""
        self._file.write(Path(path))

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        input: Literal["uint8", "float32"] = "uint8",
        sigmoid: bool = False,
    ) -> "Exported":
        """Write the network for other programs, and check the file against this model.

        Parameters
        ----------
        path : str or path
            The ending decides: ``.safetensors`` and ``.pth`` hold the network's tensors by
            torchvision's names, ``.onnx`` the whole computation, ``.h5`` the weights of a ResNet
            of the ``keras`` variant. All but ``.pth`` say all that `import_model` asks.
        input : str
            Of ONNX: ``uint8`` pixels (N, H, W, C), or ``float32`` (N, C, H, W) in 0 to 1; RGB.
        sigmoid : bool
            Of ``.h5`` with two classes: write the one unit z1 - z0 that older scripts have.

        Returns
        -------
        Exported
            The path, how it was checked, and the largest difference of the logits.

        Raises
        ------
        InvalidOption
            The ending is not known, or the format cannot hold this network.
        """
        from georgia import exporting

        return exporting.export(self._file, Path(path), input=input, sigmoid=sigmoid)

    def summary(self, trainable: Sequence[str] = ("all",)) -> Summary:
        """Describe the layers: output shape, parameters, multiply-adds.

        Parameters
        ----------
        trainable : sequence of str
            Stages that would be trained, ``all``, or ``last:F`` for a share from the end.
        """
        return summarise(self._file, trainable)

    def plan(self, *, timed: bool = False, device: str = "auto", precision: str = "auto") -> Plan:
        """Tell in which kernels `predict` computes.

        Batch normalisation is folded into the layer before it; a convolution is one kernel with
        the addition and the activation behind it.

        Parameters
        ----------
        timed : bool
            Measure each kernel, on 8 images of the model's size, the least of five rounds.
        device, precision
            As in `predict`.

        Raises
        ------
        InvalidOption
            An option is not acceptable.

        Examples
        --------
        >>> import georgia
        >>> model = georgia.Model.create("small_cnn", classes=["a", "b"], size=32)
        >>> len(model.plan().kernels) < len(model.summary().layers)
        True
        """
        used = self._resolved(device, precision)
        size = f"{self.preprocess.height} x {self.preprocess.width}"
        title = f"{self.architecture} ({self.variant}), {size} pixels"
        return plan_of(self._predictor(*used), title, timed=timed)

    def logits(self, x: ArrayLike) -> NDArray[np.float32]:
        """Compute logits of input that is already normalised, in float32.

        Parameters
        ----------
        x : array_like, shape (N, C, H, W), float32
            Normalised by `preprocess`, channels in the order it says; any H and W that the network
            takes.

        Returns
        -------
        ndarray, shape (N, K), float32

        Raises
        ------
        InvalidOption
            The shape is not acceptable.
        """
        values = np.asarray(x, np.float32)
        channels = self.preprocess.channels
        if values.ndim != 4 or values.shape[0] < 1 or values.shape[1] != channels:
            message = (
                f"[logits] x: wrong shape; expected (N, {channels}, H, W) with N >= 1, "
                f"got {values.shape}"
            )
            raise _core.InvalidOption(message)
        return self._predictor("cpu", "float32").logits(values)

    def embed(
        self,
        inputs: ImageInput,
        *,
        stage: str = "features",
        batch: int = 32,
        threads: int = 0,
        device: str = "auto",
        precision: str = "auto",
        limits: _core.DecodeLimits | None = None,
        progress: bool = False,
    ) -> Embeddings:
        """Compute features of images.

        Parameters
        ----------
        inputs, batch, threads, device, precision, limits, progress
            As in `predict`.
        stage : str
            ``features`` is what the last layer sees; otherwise the name of a stage (its last
            layer) or of any layer of `summary`. Planes are averaged to one number a channel.

        Returns
        -------
        Embeddings

        Raises
        ------
        InvalidOption
            There is no such stage or layer, or an option is not acceptable.
        """

        def features(sources: list[Any], work: Work) -> Rows:
            return self._predictor(work.device, work.precision).embed(
                sources, stage, work.batch, work.threads, work.limits, work.advance
            )

        used = self._resolved(device, precision)
        empty, _ = features([], Work(1, 0, *used, _core.DecodeLimits(), None))
        paths, rows, errors = self._stream(
            "embed", features, inputs, (batch, threads), used, limits, progress
        )
        return Embeddings(paths, np.concatenate([empty, *rows]), errors, stage, *used)

    def _probabilities(self, sources: list[Any], work: Work) -> Rows:
        return self._predictor(work.device, work.precision).predict(
            sources, work.batch, work.threads, work.limits, work.advance
        )

    def _predictor(self, device: str, precision: str) -> _core.Predictor:
        key = (device, precision)
        if key not in self._predictors:
            self._predictors[key] = _core.Predictor(self._file, device, precision)
        return self._predictors[key]

    def __repr__(self) -> str:
        names = ", ".join(printable(name) for name in self.classes[:20])
        more = f" and {len(self.classes) - 20} more" if len(self.classes) > 20 else ""
        size = f"{self.preprocess.height} x {self.preprocess.width}"
        return f"<Model {self.architecture}, {size} pixels, classes: {names}{more}>"
