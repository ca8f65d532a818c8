"""How well each outlier score tells foreign images from a model's own.

    python -m benchmarks.outliers [--seeds 1 2 3] [--seconds 60] [--json FILE]

SqueezeNet 1.1 with ImageNet's weights is trained on one set by `default` for a minute, calibrated
as `evaluate` does, and asked about its test images and those of every other set. AUROC: foreign
above own; FPR95: foreign ones taken in where 95 % of the own ones are. The default score is the
one with the highest mean AUROC over all pairs of sets.
"""

import argparse
import json
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

import georgia
from benchmarks import machine, strategies
from georgia.outliers import told_apart

_OWN = ("sugar_crystals", "neu_surface", "cifar10_mini")
_FOREIGN = {
    "sugar_crystals": "sugar_crystals",
    "neu_surface": "neu_surface",
    "cifar10_mini": "cifar10_mini_test",
    "opencrystal": "opencrystal_sample",
}
_MOST = 300  # foreign images of a set


def measure(own: str, seed: int, seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        run, _ = strategies.train(Path(folder), own, seed, time=seconds)
        result = georgia.evaluate(run, report=False)
        model = georgia.load(run)
        mine = result.predictions.outliers
        assert mine is not None
        rows = {"accuracy": result.accuracy, "refused_own": result.outliers / result.count}
        rows["single"] = {
            path.name: single(model, path)
            for path in sorted(
                (strategies.SHARED / "data" / "opencrystal_sample_outliers").glob("*.png")
            )
        }
        rows["foreign"] = {
            name: told_apart(mine, scores_of(model, folder_name))
            for name, folder_name in _FOREIGN.items()
            if name != own
        }
        return rows


def single(model: georgia.Model, path: Path) -> dict[str, Any]:
    answer = model.predict(path)
    prediction, scores = answer[0], answer.outliers
    assert scores is not None
    return {
        "label": prediction.label,
        "confidence": prediction.confidence,
        "is_outlier": prediction.is_outlier,
        "over_threshold": float(
            scores.score[0] / scores.thresholds[scores.names.index(scores.default)]
        ),
    }


def scores_of(model: georgia.Model, folder: str) -> georgia.OutlierScores:
    paths = sorted((strategies.SHARED / "data" / folder).rglob("*.*g"))
    chosen = paths[:: max(1, len(paths) // _MOST)][:_MOST]
    answers = model.predict(chosen)
    assert answers.outliers is not None
    return answers.outliers.only(answers.is_readable)


def table(results: list[dict[str, Any]]) -> str:
    by_pair: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    false: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in results:
        for name, scores in one["foreign"].items():
            for score, values in scores.items():
                by_pair[one["own"], name][score].append(values["auroc"])
            false[one["own"], name].append(scores[_default()]["fpr95"])
    names = list(next(iter(by_pair.values())))
    lines = [
        "| trained on | foreign | " + " | ".join(names) + " | FPR95 of the default |",
        "| --- | --- |" + " ---: |" * (len(names) + 1),
    ]
    for (own, name), scores in by_pair.items():
        cells = [f"{np.mean(scores[score]):.4f}" for score in names]
        lines.append(f"| {own} | {name} | {' | '.join(cells)} | {np.mean(false[own, name]):.4f} |")
    means = [np.mean([np.mean(scores[score]) for scores in by_pair.values()]) for score in names]
    lines.append(f"| mean | | {' | '.join(f'{value:.4f}' for value in means)} | |")
    return "\n".join(lines)


def _default() -> str:
    return str(georgia._core.Reliability.default_score)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    print(machine.described())
    results = []
    for own in _OWN:
        for seed in arguments.seeds:
            found = {"own": own, "seed": seed} | measure(own, seed, arguments.seconds)
            results.append(found)
            print(own, seed, f"accuracy {found['accuracy']:.4f}", found["single"], flush=True)
    print(f"\n{table(results)}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
