"""Recipes for drops of protein crystallisation, many classes of unequal size.

All settings are our own. The networks of four of them are after S. Ghafurian et al.,
"Classification of Protein Crystallization X-Ray Images Using Major Convolutional Neural Network
Architectures", arXiv:1805.04563 (2018), whose abstract names their families, ten classes, and
balancing by augmentation.
"""

from georgia.recipes.recipe import STILL, Recipe

_TARGET = 1000  # images of a class in an epoch


def _drops(network: str, size: int, weights: str = "imagenet") -> Recipe:
    phase = {"size": size, "batch": 32, "epochs": 20, "learning_rate": 3e-4}
    strategy = {
        "phases": [phase],
        "augment": STILL | {"rotation": 10, "dihedral": True},
        "imbalance": {"method": "balance", "balance_to": _TARGET},
        "best": "validation_macro_f1",
    }
    return Recipe(strategy, network, weights=weights)


def drops_alexnet() -> Recipe:
    """AlexNet, all of it trained, small classes balanced by turned and mirrored copies.

    Family and balancing after S. Ghafurian et al., arXiv:1805.04563 (2018), of which the abstract
    was read; all numbers are our own.
    """
    return _drops("alexnet", 224)


def drops_vgg16() -> Recipe:
    """VGG-16; else as drops-alexnet."""
    return _drops("vgg16", 224)


def drops_inception_v3() -> Recipe:
    """Inception-v3 at 299 pixels; else as drops-alexnet."""
    return _drops("inception_v3", 299)


def drops_resnet50() -> Recipe:
    """ResNet-50; else as drops-alexnet."""
    return _drops("resnet50", 224)


def drops_small() -> Recipe:
    """A small network from random weights, 128 pixels, balanced: our own, without a source."""
    return _drops("small_cnn", 128, "none")


def drops_logistic() -> Recipe:
    """Logistic regression on 64 by 64 pixels, balanced: our own, without a source."""
    return _drops("logistic", 64, "none")
