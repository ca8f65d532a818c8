"""Recipe: a strategy of training with a name; network and weights stand beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from georgia import _core

if TYPE_CHECKING:
    from georgia.dataset import Dataset

# Every recipe says all of its augmentation, so that another default of ours changes none.
STILL: dict[str, Any] = {
    "rotation": 0,
    "shift": 0,
    "zoom": 0,
    "flip_horizontal": False,
    "flip_vertical": False,
}


@dataclass(frozen=True)
class Recipe:
    """A way to train, as options.

    Attributes
    ----------
    strategy : mapping
        What it says about `TrainOptions`, by their names.
    network, variant, weights : str
        What it was published with; any others can be asked for.
    shares : tuple of float
        Of train, validation and test, where the images are not split yet.
    """

    strategy: Mapping[str, Any] = field(default_factory=dict)
    network: str = "resnet18"
    variant: str = "torchvision"
    weights: str = "none"
    shares: tuple[float, float, float] = (0.7, 0.15, 0.15)

    def options(self, classes: int, network: str | None = None) -> _core.TrainOptions:
        """Give its options for so many classes, with its own network or another.

        Another network has the variant ``torchvision``; one unit for two classes becomes a unit
        for each where there are not two.
        """
        values = dict(self.strategy)
        if classes != 2 and "head" in values:
            values["head"] = {**values["head"], "one_logit": False}
        values["network"] = network or self.network
        values["variant"] = self.variant if network in {None, self.network} else "torchvision"
        values["weights"] = self.weights
        return _core.TrainOptions.from_dict(values)

    def split(self, dataset: "Dataset", seed: int) -> "Dataset":
        """Split the images in its shares, unless they are split."""
        if dataset.is_split:
            return dataset
        train, validation, test = self.shares
        return dataset.split(train=train, validation=validation, test=test, seed=seed)
