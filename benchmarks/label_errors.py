"""Flipped labels found again: georgia's confident learning beside cleanlab's, on the same numbers.

    python -m benchmarks.label_errors [--seeds 1 2 3] [--epochs 6]

Of the 3,000 training images of the small CIFAR-10 one in twenty gets another class at random. Five
folds of SqueezeNet 1.1 with ImageNet's weights give probabilities by models that missed the image;
both read the same ones. Of the first n that each names, n being the number of flips, how many are
flips: precision, which here is recall too. cleanlab is what is installed; without it its column is
empty.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import georgia
from benchmarks import machine, strategies
from georgia.cross_validation import CrossValidation

_SHARE = 0.05


def flipped(folder: Path, seed: int) -> tuple[Path, set[str]]:
    """A tree of links in which one image in twenty lies under another class, and their names."""
    random = np.random.default_rng(seed)
    source = strategies.SHARED / "data" / "cifar10_mini_train"
    paths = sorted(source.glob("*/*.png")) + sorted(source.glob("*/*.jpg"))
    classes = sorted({path.parent.name for path in paths})
    chosen = set(random.choice(len(paths), round(_SHARE * len(paths)), replace=False).tolist())
    flips = set()
    for number, path in enumerate(paths):
        label = path.parent.name
        if number in chosen:
            label = str(random.choice([name for name in classes if name != label]))
            flips.add(f"{path.parent.name}_{path.name}")
        target = folder / "photos" / label / f"{path.parent.name}_{path.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(path)
    return folder / "photos", flips


def precision(named: list[str], flips: set[str]) -> float:
    first = named[: len(flips)]
    return sum(name in flips for name in first) / len(flips)


def by_georgia(found: CrossValidation) -> list[str]:
    return [Path(suspect.path).name for suspect in georgia.label_errors(found).suspects]


def by_cleanlab(found: CrossValidation) -> list[str] | None:
    try:
        from cleanlab.filter import find_label_issues
    except ImportError:
        return None
    order = find_label_issues(
        found.label_numbers,
        found.probabilities.astype(np.float64),
        return_indices_ranked_by="normalized_margin",
    )
    return [Path(found.paths[i]).name for i in order]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--epochs", type=int, default=6)
    arguments = parser.parse_args()
    print(machine.described())
    head = ["seed", "flips", "out-of-fold accuracy", "georgia named", "precision"]
    print(f"| {' | '.join([*head, 'cleanlab named', 'precision'])} |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as name:
            photos, flips = flipped(Path(name), seed)
            found = georgia.cross_validate(
                photos,
                out=Path(name) / "out",
                seed=seed,
                groups="none",
                network="squeezenet1_1",
                weights=strategies.WEIGHTS,
                epochs=arguments.epochs,
                progress=False,
            )
            ours, theirs = by_georgia(found), by_cleanlab(found)
            right = float(found.is_right.mean())
            peer = "absent | "
            if theirs is not None:
                peer = f"{len(theirs)} | {precision(theirs, flips):.4f}"
            print(
                f"| {seed} | {len(flips)} | {right:.4f} | {len(ours)} | "
                f"{precision(ours, flips):.4f} | {peer} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
