"""Model: network, classes and preprocessing in one file; create, load, save, predict, embed."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from georgia import _core, explanation
from georgia.classifier import Rows, Work, joined
from georgia.display import printable
from georgia.embeddings import Embeddings
from georgia.explanation import Explanations
from georgia.images import ImageInput
from georgia.open_network import OpenNetwork

if TYPE_CHECKING:
    from georgia.exporting import Exported


class Model(OpenNetwork):
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
        super().__init__(file)
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
        chunks = self._stream("embed", features, inputs, (batch, threads), used, limits, progress)
        paths, rows, errors = joined(chunks, empty.shape[1])
        return Embeddings(paths, rows, errors, stage, *used)

    def explain(
        self,
        inputs: ImageInput,
        *,
        label: str | Sequence[str] | None = None,
        stage: str = "",
        method: str = "layer-cam",
        checks: bool = True,
        batch: int = 8,
        threads: int = 0,
        device: str = "auto",
        limits: _core.DecodeLimits | None = None,
        progress: bool = False,
    ) -> Explanations:
        """Show where in images the model finds its reasons for a class.

        A class is explained by its log odds: its logit less the log of the summed exponentials of
        the others, so that the class whose logit is always 0 has an explanation too.

        Parameters
        ----------
        inputs, batch, threads, device, limits, progress
            As in `predict`; computed in float32.
        label : str or sequence of str, optional
            The class to explain, one for all images or one for each; by default the predicted one.
        stage : str
            The stage or layer of `summary` whose planes are looked at; by default the last ones.
        method : str
            ``layer-cam`` (Jiang et al., 2021), ``grad-cam`` (Selvaraju et al., 2017) or
            ``integrated gradients`` (Sundararajan et al., 2017; 32 steps from the mean colour,
            whatever the stage).
        checks : bool
            Measure too whether the maps can be believed: deletion and insertion curves (Petsiuk et
            al., 2018) and likeness to random weights (Adebayo et al., 2018); takes about 45 times
            as long as the answer.

        Returns
        -------
        Explanations

        Raises
        ------
        InvalidOption
            There is no such class, stage or method, or the stage gives no planes.
        """
        return explanation.explain(
            self,
            self._file,
            inputs,
            label=label,
            stage=stage,
            method=method,
            checks=checks,
            batch=batch,
            threads=threads,
            device=device,
            limits=limits,
            progress=progress,
        )

    def _answers(self, sources: list[Any], work: Work, *, tta: bool) -> Rows:
        return self._predictor(work.device, work.precision).predict(
            sources, work.batch, work.threads, work.limits, work.advance, tta
        )

    def __repr__(self) -> str:
        names = ", ".join(printable(name) for name in self.classes[:20])
        more = f" and {len(self.classes) - 20} more" if len(self.classes) > 20 else ""
        size = f"{self.preprocess.height} x {self.preprocess.width}"
        return f"<Model {self.architecture}, {size} pixels, classes: {names}{more}>"
