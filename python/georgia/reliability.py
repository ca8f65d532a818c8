"""calibrate(): how far a model can be believed, found on held-out images and kept in its file."""

import json
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from georgia import _core
from georgia.dataset import Dataset
from georgia.display import count_of, printable
from georgia.model import Model
from georgia.prediction_sets import fit_rules
from georgia.progress import ProgressBar
from georgia.run import Run
from georgia.sample import Sample

ALPHA = 0.1
_CAUTION = " (approximate: these images chose the epoch)"
_MOST_TRAINED = 4000  # images that outlier statistics are taken from


def calibrate(
    run: "str | os.PathLike[str] | Run",
    *,
    alpha: float = ALPHA,
    batch: int = 32,
    threads: int = 0,
    device: str = "auto",
    precision: str = "auto",
    progress: bool = False,
) -> Model:
    """Find out how far a run's best model can be believed, and keep it in the model's file.

    Three things are fitted; none changes which class is the most probable:

    - a temperature that logits are divided by, on the validation split;
    - statistics of up to 4000 training images, seen plain, from which six outlier scores follow,
      and for each the threshold that 95 % of the validation images stay within;
    - prediction sets of three kinds, on the calibration split; where there is none, on the
      validation split, and then the promise is approximate: those images chose the epoch.

    `evaluate` calls it for a model that was not calibrated yet.

    Parameters
    ----------
    run : path or Run
    alpha : float
        How often a set may lack the true class, 0 to 1. What is less than 1 / (groups + 1) cannot
        be promised by so few groups; such sets are left out, and the model says why.
    batch, threads, device, precision, progress
        As in `Model.predict`.

    Returns
    -------
    Model
        Its `predict` gives calibrated probabilities, outlier scores and sets.

    Raises
    ------
    BadInput
        No image of the validation split can be read, or the model file is damaged.

    References
    ----------
    Temperature: C. Guo et al., ICML 2017. Outliers: see ``georgia.outliers``. Sets: V. Vovk et al.,
    "Algorithmic learning in a random world", 2005; groups: Y. Lee et al., 2023.
    """
    if not 0 < alpha < 1:
        message = f"[calibrate] alpha: expected above 0 and below 1, got {alpha}"
        raise _core.InvalidOption(message)
    run = run if isinstance(run, Run) else Run(run)
    dataset, limits = run.dataset, run.options.limits
    path = run.folder / "model.safetensors"
    file = _core.ModelFile.read(path)
    trained, held_out = _few(dataset), dataset.part("validation")
    if not held_out:
        message = f"[calibrate] {printable(run.folder)}: the validation split has no images"
        raise _core.BadInput(message)
    original = file.reliability.trained if file.reliability else run.model_hash()
    with ProgressBar(progress) as bar:
        known = _core.fit_reliability(
            file,
            (device, precision),
            (dataset.paths(trained), dataset.labels(trained)),
            (dataset.paths(held_out), dataset.labels(held_out)),
            batch,
            threads,
            limits,
            bar.advance,
        )
    known.trained = original
    file.reliability = known
    split = "calibration" if dataset.part("calibration") else "validation"
    samples = dataset.part(split)
    predictions = Model(file).predict(
        dataset.paths(samples),
        batch=batch,
        threads=threads,
        device=device,
        precision=precision,
        limits=limits,
        progress=progress,
    )
    used = predictions.is_readable
    groups = np.array(group_numbers(samples))[used]
    rules, refused = fit_rules(
        predictions.probabilities[used], np.array(dataset.labels(samples))[used], groups, alpha
    )
    known.sets = [(rule.options, list(rule.thresholds)) for rule in rules]
    facts: dict[str, Any] = {
        "temperature": {"split": "validation", "images": len(held_out)},
        "outliers": {"images": len(trained), "of": len(dataset.part("train"))},
        "sets": {
            "split": split,
            "images": int(used.sum()),
            "groups": len(set(groups.tolist())),
            "alpha": alpha,
            "refused": refused,
        },
    }
    known.facts = json.dumps(facts)
    file.reliability = known
    file.write(path)
    return Model(file)


def calibrated(run: Run, alpha: float, **computing: Any) -> Model:
    """The run's model, calibrated now unless it is already for that alpha."""
    model = Model(_core.ModelFile.read(run.folder / "model.safetensors"))
    known = model.reliability
    if known is not None and facts_of(model)["sets"]["alpha"] == alpha:
        return model
    return calibrate(run, alpha=alpha, **computing)


def facts_of(model: Model) -> dict[str, Any]:
    """Which images the model's temperature, outlier statistics and sets come from."""
    return dict(json.loads(model.reliability.facts)) if model.reliability else {}


def caution_of(facts: dict[str, Any]) -> str:
    """What to say beside sets and thresholds, by the images they come from."""
    sets = facts["sets"]
    return (
        f"from {count_of(sets['groups'], 'group')} of the {sets['split']} split"
        f"{_CAUTION if sets['split'] == 'validation' else ''}"
    )


def group_numbers(samples: Sequence[Sample]) -> list[int]:
    """A number for each sample, equal within a group; what has no group is one by its content."""
    numbers: dict[str, int] = {}
    return [
        numbers.setdefault(sample.group or sample.sha256 or sample.path, len(numbers))
        for sample in samples
    ]


def _few(dataset: Dataset) -> list[Sample]:
    """All training images, or so many that are drawn from each class by its share."""
    trained = dataset.part("train")
    if len(trained) <= _MOST_TRAINED:
        return trained
    return dataset.sample(fraction=_MOST_TRAINED / len(trained)).part("train")
