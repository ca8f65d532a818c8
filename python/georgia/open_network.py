"""What is inside a model: layers, kernels, weights, planes, logits."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from georgia import _core
from georgia.classifier import Classifier
from georgia.inference_plan import Plan, plan_of
from georgia.summary import Summary, summarise


class OpenNetwork(Classifier):
    """A classifier whose network can be looked into.

    Attributes
    ----------
    architecture, variant : str
    """

    architecture: str
    variant: str

    def __init__(self, file: _core.ModelFile) -> None:
        self._file = file
        self._predictors: dict[tuple[str, str], _core.Predictor] = {}

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

    def feature_maps(self, source: Any, stage: str) -> NDArray[np.float32]:
        """Planes (C, H, W) that a stage or layer gives for one image: path, bytes or RGB array.

        Raises
        ------
        InvalidOption
            There is no such stage, or it gives no planes.
        """
        return _core.feature_maps(self._file, source, stage, _core.DecodeLimits())

    @property
    def weights(self) -> dict[str, NDArray[Any]]:
        """The network's tensors by name; they share its memory."""
        return dict(self._file.tensors())

    @cached_property
    def weights_hash(self) -> str:
        """SHA-256 over network, preprocessing and weights: what features follow from.

        Neither names of classes nor a calibration change it.
        """
        return _core.weights_hash(self._file)

    @property
    def reliability(self) -> _core.Reliability | None:
        """Temperature, outlier thresholds and prediction sets; None before `georgia.calibrate`."""
        return self._file.reliability

    def _predictor(self, device: str, precision: str) -> _core.Predictor:
        key = (device, precision)
        if key not in self._predictors:
            self._predictors[key] = _core.Predictor(self._file, device, precision)
        return self._predictors[key]
