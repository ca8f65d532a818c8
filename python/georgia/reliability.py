"""calibrate(): how far a model can be believed, found on held-out images and kept in its file."""

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from georgia import _core
from georgia.dataset import Dataset
from georgia.display import count_of, printable
from georgia.duplicates import Forest
from georgia.model import Model
from georgia.prediction_sets import fit_rules
from georgia.progress import ProgressBar
from georgia.run import Run
from georgia.sample import Sample

if TYPE_CHECKING:
    from georgia.audit import Audit

ALPHA = 0.1
FITTED = ("temperature", "outliers", "sets")
"""What is fitted on held-out images, each on a split of its own."""

CAUTION = " (approximate: these images chose the epoch)"
_MOST_TRAINED = 4000  # images that outlier statistics are taken from


def calibrate(
    run: "str | os.PathLike[str] | Run",
    *,
    alpha: float | None = None,
    batch: int = 32,
    threads: int = 0,
    device: str = "auto",
    precision: str = "auto",
    progress: bool = False,
) -> Model:
    """Find out how far a run's best model can be believed, and keep it in the model's file.

    Three things are fitted; none changes which class is the most probable:

    - a temperature that logits are divided by, on the validation split, 1/4 at least; it stays 1
      where all of those images are right, which tells nothing;
    - statistics of up to 4000 training images, seen plain, from which six outlier scores follow,
      and for each the threshold that 95 % of the calibration images stay within; none where a
      class has no image, or the last layer sees more than 8192 numbers;
    - prediction sets of three kinds, on the calibration split.

    Where there is no calibration split the validation split stands in for it, and thresholds and
    sets are approximate: those images chose the epoch.

    `evaluate` calls it for a model that was not calibrated yet. While a training works in the
    folder nothing is written, and the answer alone knows what was found.

    Parameters
    ----------
    run : path or Run
    alpha : float, optional
        How often a set may lack the true class, 0 to 1; by default what the model has, else 0.1.
        What is less than 1 / (groups + 1) cannot be promised by so few groups; such sets are left
        out, and the model says why.
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
    if alpha is not None and not 0 < alpha < 1:
        message = f"[calibrate] alpha: expected above 0 and below 1, got {alpha}"
        raise _core.InvalidOption(message)
    run = run if isinstance(run, Run) else Run(run)
    computing = {"batch": batch, "threads": threads, "device": device, "precision": precision}
    path = run.folder / "model.safetensors"
    try:
        # Nobody may put another model in its place between reading and writing.
        with _core.FolderLock(run.folder):
            file = _known(run, alpha, computing, progress=progress)
            file.write(path)
            return Model(file)
    except _core.IoError as error:
        if "another process is working" not in str(error):
            raise
    return Model(_known(run, alpha, computing, progress=progress))


def _known(
    run: Run, alpha: float | None, computing: dict[str, Any], *, progress: bool
) -> _core.ModelFile:
    """The run's model with what is found out about it."""
    dataset, limits = run.dataset, run.options.limits
    path = run.folder / "model.safetensors"
    file = _core.ModelFile.read(path)
    if alpha is None:
        alpha = facts_of(Model(file))["sets"]["alpha"] if file.reliability else ALPHA
    trained, held_out = _few(dataset), dataset.part("validation")
    calibration = dataset.part("calibration")
    if not held_out:
        message = f"[calibrate] {printable(run.folder)}: the validation split has no images"
        raise _core.BadInput(message)
    original = _core.trained_hash(path) or run.model_hash()
    with ProgressBar(progress) as bar:
        known = _core.fit_reliability(
            file,
            (computing["device"], computing["precision"]),
            (dataset.paths(trained), dataset.labels(trained)),
            (dataset.paths(held_out), dataset.labels(held_out)),
            (dataset.paths(calibration), dataset.labels(calibration)),
            computing["batch"],
            computing["threads"],
            limits,
            bar.advance,
        )
    known.trained = original
    file.reliability = known
    split = "calibration" if calibration else "validation"
    samples = calibration or held_out
    predictions = Model(file).predict(
        dataset.paths(samples), limits=limits, progress=progress, **computing
    )
    used = predictions.is_readable
    groups = np.array(group_numbers(samples))[used]
    rules, refused = fit_rules(
        predictions.probabilities[used], np.array(dataset.labels(samples))[used], groups, alpha
    )
    known.sets = [(rule.options, list(rule.thresholds)) for rule in rules]
    facts: dict[str, Any] = {
        "temperature": {"split": "validation", "images": len(held_out)},
        "outliers": {
            "images": len(trained),
            "of": len(dataset.part("train")),
            "split": split,  # of the thresholds
        },
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
    return file


def calibrated(run: Run, alpha: float | None, **computing: Any) -> Model:
    """The run's model, calibrated now unless it is already, for that alpha if one is asked for."""
    model = Model(_core.ModelFile.read(run.folder / "model.safetensors"))
    if model.reliability and alpha in {None, facts_of(model)["sets"]["alpha"]}:
        return model
    return calibrate(run, alpha=alpha, **computing)


def facts_of(model: Model) -> dict[str, Any]:
    """Which images the model's temperature, outlier statistics and sets come from.

    Raises
    ------
    BadInput
        The file says something else than `calibrate` wrote.
    """
    facts: dict[str, Any] = json.loads(model.reliability.facts) if model.reliability else {}
    try:
        sets = facts["sets"]
        is_so = (
            isinstance(sets["refused"], dict)
            and isinstance(sets["groups"], int)
            and {facts[name]["split"] for name in FITTED} <= {"validation", "calibration"}
            and 0 < float(sets["alpha"]) < 1
        )
    except (KeyError, TypeError, ValueError):
        is_so = False
    if not is_so:
        message = "[calibrate] model: damaged metadata: facts of the calibration"
        raise _core.BadInput(message)
    return facts


def caution_of(facts: dict[str, Any]) -> str:
    """What to say beside sets and thresholds, by the images they come from."""
    sets = facts["sets"]
    return (
        f"from {count_of(sets['groups'], 'group')} of the {sets['split']} split"
        f"{CAUTION if sets['split'] == 'validation' else ''}"
    )


def group_numbers(samples: Sequence[Sample], audit: "Audit | None" = None) -> list[int]:
    """A number for each sample, equal within a group; what has no group is one by its content.

    Copies that an audit found are one group too.
    """
    forest = Forest(len(samples))
    firsts: dict[str, int] = {}
    for index, sample in enumerate(samples):
        names = [sample.group, sample.sha256]
        if audit is not None:
            names.append(audit.copy_of(sample.path))
        for kind, name in enumerate(names):
            if name:
                forest.join(firsts.setdefault(f"{kind} {name}", index), index)
    return [forest.root(index) for index in range(len(samples))]


def _few(dataset: Dataset) -> list[Sample]:
    """All training images, or so many that are drawn from each class by its share."""
    trained = dataset.part("train")
    if len(trained) <= _MOST_TRAINED:
        return trained
    return dataset.sample(fraction=_MOST_TRAINED / len(trained)).part("train")
