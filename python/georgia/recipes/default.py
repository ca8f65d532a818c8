"""The recipe of ``georgia train FOLDER``: our own, chosen by the images."""

import math
from typing import Any

from georgia.recipes.recipe import Choice, ImageFacts, Recipe

_LEARNED_AT = 224  # pixels of ImageNet's networks
_SMALL_LEARNED_AT = 128  # what small images are magnified to for them
_LARGEST_FRESH = 128  # pixels, for a network that begins from nothing
_IMAGES_SEEN = 40_000  # by which the validation scores have settled
_FEWEST, _MOST = 10, 40  # epochs


def default() -> Recipe:
    """Head first, then every layer, AdamW and one-cycle; size, batch and epochs by the images.

    Our own. A new head on learned weights is trained alone at first, so that its first gradients
    spoil nothing; then all stages are, each at .85 of the rate of the stage above it (layer decay,
    after J. Howard and S. Ruder, ACL 2018). Images are mirrored and turned in all eight ways, for
    crystals and cells have no up; learned weights are asked first whether the classes survive it,
    and what they do not survive is left out. The weights that are validated and kept are a moving
    average; the epoch is chosen by macro F1, in which a small class counts as much as a large one.
    With --time the epochs are those that fit, on smaller images where there would be fewer than
    sixteen.
    """
    strategy = {
        "augment": {
            "rotation": 10,
            "shift": 0.05,
            "zoom": 0.1,
            "dihedral": True,
        },
        "layer_decay": 0.85,
        "label_smoothing": 0.1,
        "ema": 0.98,
        "best": "validation_macro_f1",
    }
    return Recipe(strategy, choose=_choose)


def _choose(facts: ImageFacts) -> Choice:
    size, why_size = _size_for(facts)
    batch = 16 if facts.images < 500 else 32
    epochs = min(max(round(_IMAGES_SEEN / facts.images), _FEWEST), _MOST)
    shared = {"size": size, "batch": batch}
    phases: list[dict[str, Any]] = [{**shared, "epochs": epochs, "learning_rate": 1e-3}]
    of_images = f"{facts.images:,} images to train on"
    why_epochs = f"{epochs} epochs: {of_images}"
    if facts.has_weights:
        alone = max(1, epochs // 10)
        phases[0]["epochs"] = epochs - alone
        phases.insert(0, {**shared, "epochs": alone, "learning_rate": 1e-2, "trainable": ["head"]})
        why_epochs += f"; the first {alone} for the head alone, which is new"
    reasons = {
        "size": f"size {size}: {why_size}",
        "batch": f"batches of {batch}: {of_images}",
        "epochs": why_epochs,
    }
    return Choice({"phases": phases}, reasons, asks_symmetry=True)


def _size_for(facts: ImageFacts) -> tuple[int, str]:
    """Height and width in pixels, and why."""
    shorter = f"the images' shorter sides have {facts.side} pixels (median)"
    if not facts.has_weights:
        size = min(max(math.ceil(facts.side / 32) * 32, 64), _LARGEST_FRESH)
        return size, shorter
    size = _LEARNED_AT if facts.side >= 160 else _SMALL_LEARNED_AT
    return size, f"{shorter}, and the weights were learned at {_LEARNED_AT}"
