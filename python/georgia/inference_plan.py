"""Plan: in which kernels a network computes its answers."""

from dataclasses import dataclass

from georgia import _core


@dataclass(frozen=True)
class Kernel:
    """One step of a plan.

    Attributes
    ----------
    layers : tuple of str
        Names of the layers that it computes at once.
    operation : str
        Of the layer that leads it.
    shape : tuple of int
        Of the output, without the batch: (C, H, W) or (D).
    multiply_adds : int
        For one image.
    seconds : float
        For one image; 0 where it was not timed.
    """

    layers: tuple[str, ...]
    operation: str
    shape: tuple[int, ...]
    multiply_adds: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """Kernels of a network in the order of computing. Printing it shows the table.

    Attributes
    ----------
    kernels : tuple of Kernel
    device, precision : str
        What it is computed on and in.
    """

    title: str
    kernels: tuple[Kernel, ...]
    device: str
    precision: str

    @property
    def seconds(self) -> float:
        """For one image; 0 where it was not timed."""
        return sum(kernel.seconds for kernel in self.kernels)

    def __str__(self) -> str:
        names = [" + ".join(kernel.layers) for kernel in self.kernels]
        width = max(map(len, names))
        head = f"{'layers':<{width}}  {'operation':<21} {'output':<15} {'multiply-adds':>14}"
        is_timed = self.seconds > 0
        rule = "-" * (len(head) + 20 * is_timed)
        lines = [self.title, head + is_timed * f"{'ms':>10} {'Gop/s':>9}", rule]
        for name, kernel in zip(names, self.kernels, strict=True):
            shape = " x ".join(str(side) for side in kernel.shape)
            line = (
                f"{name:<{width}}  {kernel.operation:<21} {shape:<15} "
                f"{kernel.multiply_adds or '':>14}"
            )
            lines.append((line + is_timed * _timing(kernel)).rstrip())
        total = sum(kernel.multiply_adds for kernel in self.kernels)
        end = f"{len(names)} kernels, {total / 1e9:.3f} G multiply-adds an image, "
        end += f"{self.precision} on {self.device}"
        if is_timed:
            end += f"; {1e3 * self.seconds:.3g} ms, {2e-9 * total / self.seconds:.0f} Gop/s"
        return "\n".join([*lines, rule, end])


def _timing(kernel: Kernel) -> str:
    rate = 2e-9 * kernel.multiply_adds / kernel.seconds if kernel.seconds > 0 else 0
    return f"{1e3 * kernel.seconds:>10.4f} {f'{rate:.0f}' if kernel.multiply_adds else '':>9}"


def plan_of(predictor: _core.Predictor, title: str, *, timed: bool) -> Plan:
    """Ask a predictor for its plan."""
    kernels = tuple(
        Kernel(tuple(step.nodes), step.operation, step.shape, step.multiply_adds, step.seconds)
        for step in predictor.plan(timed)
    )
    return Plan(title, kernels, predictor.device, predictor.precision)
