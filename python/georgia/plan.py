"""What a training is going to do, in words, before it does it."""

import math
from collections.abc import Callable, Mapping

from georgia import _core
from georgia.display import count_of, printable

_SHOWN = 20  # classes


def plan_lines(
    options: _core.TrainOptions, counts: Mapping[str, int], compute: tuple[str, str] | None = None
) -> list[str]:
    """Say how a training computes, what each phase trains, and what is done about imbalance.

    Counts are the training images of each class; compute, device and precision where they are
    settled, as in a run that goes on.
    """
    device, precision = compute or _core.resolve_compute(options.device, options.precision)
    lines = [f"{options.network}, {precision} on {device}"]
    for number, phase in enumerate(options.phases):
        cost = _core.phase_cost(options, len(counts), number)
        total = cost.trained + cost.frozen
        share = f"{cost.trained / 1e6:.3g} of {total / 1e6:.3g} million parameters"
        lines.append(
            f"phase {number + 1}: {count_of(phase.epochs, 'epoch')} at {phase.size} pixels, "
            f"batches of {phase.batch}; trains {', '.join(cost.stages)}: {share}, "
            f"{cost.multiply_adds / 1e9:.3g} billion multiply-adds an image"
        )
    return [*lines, imbalance_line(options.imbalance, counts)]


def imbalance_line(imbalance: _core.ImbalanceOptions, counts: Mapping[str, int]) -> str:
    """Say what is done about classes of unequal size, and what it does to each."""
    total, largest = sum(counts.values()), max(counts.values())
    method = imbalance.method
    target = imbalance.balance_to or largest
    effects: dict[str, tuple[str, Callable[[int], float]]] = {
        "none": ("{} images", lambda n: n),
        "focal": ("{} images", lambda n: n),
        "class_weights": ("weight {:.3g}", lambda n: total / (len(counts) * max(n, 1))),
        "sampler": ("{:.3g} times an epoch", lambda n: total / (len(counts) * max(n, 1))),
        "logit_adjustment": (
            "{:+.3g}",
            lambda n: imbalance.adjustment * math.log(max(n, 1) / total),
        ),
        "balance": ("{} images", lambda n: max(n, target if n else 0)),
    }
    text, effect = effects[method]
    shown = list(counts.items())[:_SHOWN]
    each = ", ".join(f"{printable(name)} {text.format(effect(n))}" for name, n in shown)
    more = f" and {len(counts) - _SHOWN} more" if len(counts) > _SHOWN else ""
    note = f", gamma {imbalance.gamma:g}" if method == "focal" else ""
    return f"imbalance {method}{note}: {each}{more}"
