"""Recipes for drops of protein crystallisation, many classes of unequal size."""

from functools import partial

from georgia.recipes.recipe import STILL, Recipe

_TARGET = 1000  # images of a class in an epoch


def _drops(network: str, size: int, weights: str = "imagenet") -> Recipe:
    """Train all of a network, with small classes balanced by turned and mirrored copies.

    After S. Ghafurian et al., "Classification of Protein Crystallization X-Ray Images Using Major
    Convolutional Neural Network Architectures", arXiv:1805.04563 (2018), whose abstract names these
    networks, ten classes and balancing by augmentation; all numbers are our choice.
    """
    phase = {"size": size, "batch": 32, "epochs": 20, "learning_rate": 3e-4}
    strategy = {
        "phases": [phase],
        "augment": STILL | {"rotation": 10, "dihedral": True},
        "imbalance": {"method": "balance", "balance_to": _TARGET},
        "best": "validation_macro_f1",
    }
    return Recipe(strategy, network, weights=weights, shares=(0.7, 0.15, 0.15))


DROPS = {
    "drops-alexnet": partial(_drops, "alexnet", 224),
    "drops-vgg16": partial(_drops, "vgg16", 224),
    "drops-inception_v3": partial(_drops, "inception_v3", 299),
    "drops-resnet50": partial(_drops, "resnet50", 224),
    "drops-small": partial(_drops, "small_cnn", 128, "none"),
    "drops-logistic": partial(_drops, "logistic", 64, "none"),
}
