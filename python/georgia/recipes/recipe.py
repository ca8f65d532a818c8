"""Recipe: a strategy of training with a name; network and weights stand beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

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


class ImageFacts(NamedTuple):
    """What a recipe may choose by.

    Attributes
    ----------
    images : int
        To train on.
    side : int
        Median of the images' shorter sides in pixels.
    has_weights : bool
        Whether the network has learned before.
    """

    images: int
    side: int
    has_weights: bool


class Choice(NamedTuple):
    """Options that follow from the images, and by their names a line on why.

    With asks_symmetry, learned weights are asked which mirrorings and turns leave a class as it is,
    and the others are left out of the augmentation.
    """

    strategy: Mapping[str, Any]
    reasons: Mapping[str, str]
    asks_symmetry: bool = False


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
    choose : callable, optional
        What it says beyond, once it knows the images.
    """

    strategy: Mapping[str, Any] = field(default_factory=dict)
    network: str = "resnet18"
    variant: str = "torchvision"
    weights: str = "none"
    shares: tuple[float, float, float] = (0.7, 0.15, 0.15)
    choose: Callable[[ImageFacts], Choice] | None = None

    def options(self, network: str | None = None) -> _core.TrainOptions:
        """Give its options, with its own network or another, which has no other variant.

        The weights to begin with are its own: those of ImageNet, or none.
        """
        values = dict(self.strategy)
        values["network"] = network or self.network
        values["variant"] = self.variant if network in {None, self.network} else "torchvision"
        values["weights"] = self.weights
        return _core.TrainOptions.from_dict(values)

    def fitted(self, options: _core.TrainOptions, classes: int) -> _core.TrainOptions:
        """Give the options with a unit for each class, where the recipe has one for two."""
        head = self.strategy.get("head", {})
        if classes == 2 or not head.get("one_logit") or not options.head.one_logit:
            return options
        values = options.to_dict()
        values["head"]["one_logit"] = False
        return _core.TrainOptions.from_dict(values)

    def split(self, dataset: "Dataset", seed: int) -> "Dataset":
        """Split the images in its shares, unless they are split."""
        if dataset.is_split:
            return dataset
        train, validation, test = self.shares
        return dataset.split(train=train, validation=validation, test=test, seed=seed)
