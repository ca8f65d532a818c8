"""Recipes for crops of kidney glomeruli, two classes of unequal size."""

from typing import Any

from georgia.recipes.recipe import STILL, Recipe

_SHARES = (0.8, 0.2, 0.0)
_PADDED = {"border": "constant", "fill": 255}


def _phase(size: int, epochs: int, learning_rate: float, *trainable: str) -> dict[str, Any]:
    return {
        "size": size,
        "fit": "pad",
        "batch": 32,
        "epochs": epochs,
        "learning_rate": learning_rate,
        "schedule": "constant",
        "trainable": list(trainable) or ["all"],
    }


def _strategy(phase: dict[str, Any], rotation: float) -> dict[str, Any]:
    return {
        "phases": [phase],
        "augment": STILL | {"rotation": rotation, "flip_horizontal": True, "shear": 5},
        "imbalance": {"method": "balance"},
        "preprocess": _PADDED,
        "weight_decay": 0,
    }


def glomeruli_logistic() -> Recipe:
    """Logistic regression on the pixels of images padded to a white square.

    Source: github.com/pranman11/image_classfication_glomeruli (Adam 1e-4, 20 epochs, 256 pixels,
    mirrored and turned by up to 36 degrees). It reads RGB and holds out 20 % for validation and
    10 % for a test; here alpha is kept, 20 % are held out, and the smaller class is balanced by
    turned, mirrored and sheared copies. Keras pads, resizes and turns one after another; here one
    warp does.
    """
    strategy = _strategy(_phase(256, 20, 1e-4), rotation=36)
    strategy["preprocess"] = _PADDED | {"channels": 4, "mean": [0.5] * 4, "deviation": [0.25] * 4}
    return Recipe(strategy, "logistic", shares=_SHARES)


def glomeruli_cnn() -> Recipe:
    """A small network with batch normalisation on padded images of 128 pixels, RGB.

    Source: as of glomeruli-logistic, whose network has other widths, no batch normalisation, and
    256 pixels; rate, epochs, padding and shares are as there.
    """
    strategy = _strategy(_phase(128, 20, 1e-4), rotation=36)
    return Recipe(strategy, "small_cnn", shares=_SHARES)


def glomeruli_resnet50() -> Recipe:
    """ResNet-50 of ImageNet with all of it frozen but a dense head, 224 pixels, 20 epochs.

    Source: as of glomeruli-logistic, which has 25 epochs, a head of 4096 and 1072 units on the
    flattened planes of Keras's ResNet-50 (here 512 and 256 on the averages of torchvision's), and
    turns by up to 72 degrees.
    """
    strategy = _strategy(_phase(224, 20, 1e-3, "head"), rotation=72)
    strategy["head"] = {"pool": "average", "hidden": [512, 256], "dropout": [0, 0, 0.2]}
    return Recipe(strategy, "resnet50", weights="imagenet", shares=_SHARES)
