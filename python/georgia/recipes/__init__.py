"""Recipes: trainings that were published, each under a short name.

A recipe is a strategy: phases, rates, augmentation, stopping, head, shares of the split. Network
and weights stand beside it, so that all of them run with the weights that are at hand.

>>> import georgia
>>> georgia.recipes.get("sem-progressive").network
'resnet50'
"""

import inspect
from collections.abc import Callable
from functools import partial

from georgia import _core
from georgia.display import printable
from georgia.recipes import crystals, glomeruli, sem
from georgia.recipes.drops import DROPS
from georgia.recipes.recipe import Recipe as Recipe

_RECIPES: dict[str, Callable[[], Recipe]] = {
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
    **DROPS,
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
    made = _made(name)
    return inspect.getdoc(made.func if isinstance(made, partial) else made) or ""


def _made(name: str) -> Callable[[], Recipe]:
    if name not in _RECIPES:
        message = (
            f"[recipe] unknown name; expected one of {', '.join(_RECIPES)}, got {printable(name)}"
        )
        raise _core.InvalidOption(message)
    return _RECIPES[name]
