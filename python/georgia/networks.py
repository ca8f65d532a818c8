"""The networks there are."""

from dataclasses import dataclass

from georgia import _core

_SIZE = 224


@dataclass(frozen=True)
class Network:
    """One network of the zoo.

    Attributes
    ----------
    name : str
        As torchvision's function is called.
    variants : tuple of str
        ``torchvision``, and ``keras`` where Keras has it otherwise.
    parameters : int
        With 3 channels and 1,000 classes.
    multiply_adds : int
        For one image of 224 x 224 pixels.
    native_size : int
        Pixels a side it was designed for.
    stages : tuple of str
        From the stem to the head.
    """

    name: str
    variants: tuple[str, ...]
    parameters: int
    multiply_adds: int
    native_size: int
    stages: tuple[str, ...]


class Networks(dict[str, Network]):
    """Networks by name; printing it shows a table."""

    def __str__(self) -> str:
        lines = [
            f"{'network':<14} {'parameters':>11} {'multiply-adds':>14} {'pixels':>6}  stages",
        ]
        for one in self.values():
            variants = "" if len(one.variants) == 1 else f"  ({', '.join(one.variants)})"
            lines.append(
                f"{one.name:<14} {one.parameters:>11,} {one.multiply_adds / 1e9:>12.3f} G "
                f"{one.native_size:>6}  {' '.join(one.stages)}{variants}"
            )
        lines.append(
            f"parameters with 3 channels and 1,000 classes, multiply-adds at {_SIZE} x {_SIZE}"
        )
        return "\n".join(lines)


def networks() -> Networks:
    """List the networks there are.

    Returns
    -------
    Networks
        A dict of `Network` by name.

    Examples
    --------
    >>> import georgia
    >>> georgia.networks()["resnet50"].parameters
    25557032
    """
    return Networks({name: _network(name) for name in _core.network_names()})


def _network(name: str) -> Network:
    layers = _core.network_layers(name, "torchvision", _SIZE)
    counted = [layer for layer in layers if not layer.is_auxiliary]
    return Network(
        name,
        tuple(_core.network_variants(name)),
        sum(layer.parameters for layer in layers),
        sum(layer.multiply_adds for layer in counted),
        _core.native_size(name),
        tuple(dict.fromkeys(layer.stage for layer in counted if layer.stage)),
    )
