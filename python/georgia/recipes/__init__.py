"""Recipes: trainings by a short name, most of them published, each with its source.

A recipe is a strategy: phases, rates, augmentation, stopping, head, shares of the split. Network
and weights stand beside it, so that all of them run with the weights that are at hand.

>>> import georgia
>>> georgia.recipes.get("sem-progressive").network
'resnet50'
"""

import inspect
from collections.abc import Callable

from georgia import _core
from georgia.display import printable
from georgia.recipes import crystals, default, drops, glomeruli, sem
from georgia.recipes.recipe import Choice as Choice
from georgia.recipes.recipe import ImageFacts as ImageFacts
from georgia.recipes.recipe import Recipe as Recipe

_RECIPES: dict[str, Callable[[], Recipe]] = {
    "default": default.default,
    "crystals-resnet101": crystals.crystals_resnet101,
    "crystals-resnet101-b": crystals.crystals_resnet101_b,
    "crystals-resnet101-c": crystals.crystals_resnet101_c,
    "crystals-resnet101-d": crystals.crystals_resnet101_d,
    "crystals-salami-resnet18": crystals.crystals_salami_resnet18,
    "crystals-salami-resnet50": crystals.crystals_salami_resnet50,
    "sem-progressive": sem.sem_progressive,
    "sem-progressive-unfrozen": sem.sem_progressive_unfrozen,
    "sem-modarres-inception": sem.sem_modarres_inception,
    "glomeruli-logistic": glomeruli.glomeruli_logistic,
    "glomeruli-cnn": glomeruli.glomeruli_cnn,
    "glomeruli-resnet50": glomeruli.glomeruli_resnet50,
    "drops-alexnet": drops.drops_alexnet,
    "drops-vgg16": drops.drops_vgg16,
    "drops-inception_v3": drops.drops_inception_v3,
    "drops-resnet50": drops.drops_resnet50,
    "drops-small": drops.drops_small,
    "drops-logistic": drops.drops_logistic,
}


def names() -> list[str]:
    """Names of all recipes."""
    return list(_RECIPES)


def get(name: str) -> Recipe:
    """Give a recipe.

    Raises
    ------
    InvalidOption
        There is none of that name.
    """
    return _made(name)()


def text(name: str) -> str:
    """What a recipe does, where it comes from, and how it differs from that."""
    return inspect.getdoc(_made(name)) or ""


def _made(name: str) -> Callable[[], Recipe]:
    if name not in _RECIPES:
        message = (
            f"[recipe] unknown name; expected one of {', '.join(_RECIPES)}, got {printable(name)}"
        )
        raise _core.InvalidOption(message)
    return _RECIPES[name]
