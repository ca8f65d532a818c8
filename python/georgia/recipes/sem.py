"""Recipes for scanning electron micrographs."""

from typing import Any

from georgia.recipes.recipe import STILL, Recipe

# Size, rate of the first ten epochs, rate of the five that follow.
_STAGES = ((64, 5e-3, 1e-3), (128, 1e-3, 1e-3), (224, 5e-4, 1e-3))


def sem_progressive(*, unfreezes: bool = False) -> Recipe:
    """ResNet-50 on images that grow, 64 to 128 to 224 pixels, one-cycle; the trunk stays frozen.

    Source: I. Keaney, "The Augmented Scientist Part 1: Practical Application Machine Learning in
    Classification of SEM Images", a blog post (skellig-ai.github.io, 2020) with the notebook
    SEM_Classification_ResNet50; on the images of R. Aversa et al., Scientific Data 5, 180172
    (2018). The notebook means to unfreeze for the second part of each size, but never calls what
    it names, so that frozen is what was measured. fastai resizes and crops first and warps then;
    here one warp does both. fastai's zoom draws 1 to 1.1, ours .9 to 1.1; our one-cycle rises for a
    quarter of a phase and leaves the momentum as it is. The head is ours: 512 units, dropout.
    """
    phases: list[dict[str, Any]] = []
    for size, first, second in _STAGES:
        phase = {"size": size, "batch": 64, "train_norm": True, "schedule": "one_cycle"}
        last = ["all"] if unfreezes else ["head"]
        phases.append({**phase, "epochs": 10, "learning_rate": first, "trainable": ["head"]})
        phases.append({**phase, "epochs": 5, "learning_rate": second, "trainable": last})
    often = dict.fromkeys(("rotation", "zoom", "brightness", "contrast"), 0.75)
    strategy = {
        "head": {
            "pool": "average+max",
            "hidden": [512],
            "dropout": [0.25, 0.5],
            "batch_norm": [0, 1],
        },
        "optimizer": "adamw",
        "weight_decay": 0.01,
        "phases": phases,
        "augment": STILL
        | {"rotation": 10, "zoom": 0.1, "brightness": 0.2, "contrast": 0.2, "dihedral": True}
        | {"probability": often},
        "preprocess": {"border": "reflect"},
    }
    return Recipe(strategy, "resnet50", weights="imagenet", shares=(0.8, 0.2, 0.0))


def sem_progressive_unfrozen() -> Recipe:
    """As sem-progressive, with every stage trained in the second part of each size."""
    return sem_progressive(unfreezes=True)


def sem_modarres_inception() -> Recipe:
    """Inception-v3 as it is: the head alone learns, without augmentation.

    Source: M. H. Modarres, R. Aversa, S. Cozzini, R. Ciancio, A. Leto, G. P. Brandino, "Neural
    Network for Nanoscience Scanning Electron Microscope Image Recognition", Scientific Reports 7,
    13282 (2017). Known of it are network, frozen trunk and the absence of augmentation; size, rate,
    batch and epochs are our choice.
    """
    phase = {"size": 299, "batch": 64, "learning_rate": 1e-3, "trainable": ["head"]}
    strategy = {"phases": [{**phase, "epochs": 10}], "augment": STILL}
    return Recipe(strategy, "inception_v3", weights="imagenet")
