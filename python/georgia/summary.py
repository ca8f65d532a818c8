"""Summary: a network's layers as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from georgia import _core


@dataclass(frozen=True)
class LayerSummary:
    """One layer that computes something.

    Attributes
    ----------
    name, operation, stage : str
    shape : tuple of int
        Of the output, without the batch: (C, H, W) or (D).
    parameters : int
        Values that can be trained.
    trainable : bool
    multiply_adds : int
        For one image.
    """

    name: str
    operation: str
    stage: str
    shape: tuple[int, ...]
    parameters: int
    trainable: bool
    multiply_adds: int


@dataclass(frozen=True)
class Summary:
    """Layers of a network in the order of computing. Printing it shows the table.

    Attributes
    ----------
    layers : tuple of LayerSummary
    parameters, trainable, multiply_adds : int
        Totals; multiply-adds of one image, without a second classifier that helps in training.
    step_multiply_adds : int
        Of one image in a training step, forward and backward; an estimate.
    """

    title: str
    layers: tuple[LayerSummary, ...]
    parameters: int
    trainable: int
    multiply_adds: int
    step_multiply_adds: int

    def __str__(self) -> str:
        name = max(len(layer.name) for layer in self.layers)
        rule = "-" * (name + 72)
        lines = [
            self.title,
            f"{'layer':<{name}}  {'operation':<21} {'stage':<7} {'output':<15} "
            f"{'parameters':>11}  trainable",
            rule,
        ]
        for layer in self.layers:
            shape = " x ".join(str(side) for side in layer.shape)
            answer = ("yes" if layer.trainable else "no") if layer.parameters else ""
            lines.append(
                f"{layer.name:<{name}}  {layer.operation:<21} {layer.stage:<7} {shape:<15} "
                f"{layer.parameters or '':>11}  {answer}".rstrip()
            )
        lines += [
            rule,
            f"parameters {self.parameters:,}, trainable {self.trainable:,}, "
            f"frozen {self.parameters - self.trainable:,}; "
            f"multiply-adds {self.multiply_adds / 1e9:.3f} G, "
            f"in a training step {self.step_multiply_adds / 1e9:.3f} G",
        ]
        return "\n".join(lines)


def summarise(file: _core.ModelFile, trainable: Sequence[str]) -> Summary:
    """Describe a model's layers; trainable names stages, all, or last:F."""
    layers = [layer for layer in file.layers() if 0 not in layer.shape]  # what fits the size
    cost = file.training_cost([trainable] if isinstance(trainable, str) else list(trainable))
    rows = tuple(
        LayerSummary(
            layer.name,
            layer.operation,
            layer.stage,
            tuple(layer.shape),
            layer.parameters,
            layer.stage in cost.stages,
            layer.multiply_adds,
        )
        for layer in layers
    )
    size = f"{file.preprocess.height} x {file.preprocess.width}"
    return Summary(
        f"{file.architecture} ({file.variant}), {size} pixels, {len(file.classes)} classes",
        rows,
        sum(row.parameters for row in rows),
        sum(row.parameters for row in rows if row.trainable),
        sum(layer.multiply_adds for layer in layers if not layer.is_auxiliary),
        cost.multiply_adds,
    )
