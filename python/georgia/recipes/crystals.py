"""Recipes for images of crystals in suspension, two classes."""

from dataclasses import replace

from georgia.recipes.recipe import STILL, Recipe


def crystals_resnet101(*, dropout: bool = True, trainable: str = "last:0.1") -> Recipe:
    """ResNet-101 of Keras, its last tenth trained with SGD until both classes reach F1 .997.

    Source: "The Georgia Project", github.com/KatherineMossDeveloper/The-Georgia-Project, read at
    commit 849422cb8ecb7f46444fb81c60359604c74a5dbe. Keras resizes with nearest neighbours and
    augments then, each step with an interpolation of its own; here one warp does both. Keras counts
    a tenth of its layers, here whole stages. Keras drops the last batch of an epoch, here none is.
    The original cuts sorted names at 70, 25 and 5 %; here a seed decides and copies stay together.
    The weights that are kept here are those of the lowest validation loss, not of the last epoch.
    """
    head = {
        "pool": "average",
        "hidden": [512, 256],
        "dropout": [0, 0.4, 0.3] if dropout else [],
        "batch_norm": [1],
        "one_logit": True,
    }
    phase = {"size": 224, "batch": 64, "learning_rate": 0.1, "schedule": "constant"}
    strategy = {
        "head": head,
        "optimizer": "sgd",
        "momentum": 0.9,
        "weight_decay": 0,
        "phases": [{**phase, "epochs": 100, "trainable": [trainable]}],
        "augment": STILL
        | {"rotation": 30, "shift": 0.2, "zoom": 0.3, "zoom_per_axis": True}
        | {"flip_horizontal": True, "flip_vertical": True},
        "preprocess": {"interpolation": "nearest", "border": "nearest"},
        "stop": {
            "f1_target": 0.997,
            "f1_patience": 0,
            "early": True,
            "metric": "validation_loss",
            "patience": 50,
            "min_delta": 0.001,
        },
        "best": "validation_loss",
        "seed": 42,
    }
    return Recipe(strategy, "resnet101", "keras", "imagenet", shares=(0.7, 0.25, 0.05))


def crystals_resnet101_b() -> Recipe:
    """As crystals-resnet101, without dropout."""
    return crystals_resnet101(dropout=False)


def crystals_resnet101_c() -> Recipe:
    """As crystals-resnet101, with the whole of ResNet-101 frozen: the head alone learns."""
    return crystals_resnet101(trainable="head")


def crystals_resnet101_d() -> Recipe:
    """As crystals-resnet101, frozen and without dropout."""
    return crystals_resnet101(dropout=False, trainable="head")


def crystals_salami_resnet18() -> Recipe:
    """ResNet-18, all of it trained with SGD at 1e-4, validated every 50 steps.

    Source: H. Salami, M. A. McDonald, A. S. Bommarius, R. W. Rousseau, M. A. Grover, "In situ
    imaging combined with deep learning for crystallization process monitoring: application to
    cephalexin production", Organic Process Research & Development 25 (2021) 1670-1679. Known of it,
    through the table in "The Georgia Project", are optimizer, rate, batches of 32 to 64, validation
    every 10 to 50 steps and the shares; size, momentum, decay, epochs, augmentation and what is
    frozen are our choice (224, .9, none, 10, none, nothing).
    """
    phase = {"size": 224, "batch": 64, "learning_rate": 1e-4, "schedule": "constant"}
    strategy = {
        "optimizer": "sgd",
        "momentum": 0.9,
        "weight_decay": 0,
        "phases": [{**phase, "epochs": 10}],
        "augment": STILL,
        "validate_every": 50,
    }
    return Recipe(strategy, "resnet18", weights="imagenet", shares=(0.7, 0.25, 0.05))


def crystals_salami_resnet50() -> Recipe:
    """As crystals-salami-resnet18, with ResNet-50."""
    return replace(crystals_salami_resnet18(), network="resnet50")
