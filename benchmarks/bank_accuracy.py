"""What K augmented views of each image cost in accuracy, against a fresh one in every epoch.

    python -m benchmarks.bank_accuracy [--epochs 12] [--sets sugar_crystals ...]

SqueezeNet 1.1 with ImageNet's weights, `last:0.25` trained; three seeds, each with its
own split. The epoch is chosen on the validation split, and the test split is opened once. K = 0 is
exact: every epoch has views of its own. The plain row is exact training through the network itself
instead of the fused plan of its frozen stages: `train_norm` keeps those out of the plan, and
changes nothing else in a network without normalisation.
"""

import argparse
import tempfile
from pathlib import Path

import georgia
from benchmarks import strategies

# By row: options of the training's only phase, views
_ROWS = {
    "exact, plain": ({"train_norm": True}, 0),
    "exact": ({}, 0),
    "1": ({}, 1),
    "2": ({}, 2),
    "4": ({}, 4),
}
_SETS = ("sugar_crystals", "neu_surface")


def train_once(
    name: str, seed: int, phase: dict[str, object], views: int
) -> tuple[int, int, float]:
    """Right answers, images, and seconds of training."""
    options = georgia.TrainOptions(
        phases=[{"size": 224, "trainable": ["last:0.25"], **phase}],
        augment={"rotation": 10, "shift": 0.05, "zoom": 0.1, "dihedral": name != "neu_surface"},
        bank_views=views,
        bank_mib=8192,
    )
    with tempfile.TemporaryDirectory() as folder:
        run, seconds = strategies.train(Path(folder), name, seed, options=options)
        result = georgia.evaluate(run)
    return result.correct, result.count, seconds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--sets", nargs="*", default=_SETS, choices=_SETS)
    arguments = parser.parse_args()
    sets = arguments.sets
    print("| views | " + " | ".join(sets) + " |\n" + "|---" * (1 + len(sets)) + "|")
    for title, (more, views) in _ROWS.items():
        phase = {"epochs": arguments.epochs, **more}
        cells = []
        for name in sets:
            rows = [train_once(name, seed, phase, views) for seed in strategies.SEEDS]
            right, count = sum(row[0] for row in rows), sum(row[1] for row in rows)
            each = ", ".join(f"{row[0] / row[1]:.3f}" for row in rows)
            seconds = sum(row[2] for row in rows) / len(rows)
            cells.append(f"{right / count:.4f} ({right}/{count}; {each}; {seconds:.0f} s)")
        print(f"| {title} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
