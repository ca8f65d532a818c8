"""A model card in Markdown (M. Mitchell et al., FAccT 2019): what a model is, and is not, for."""

from typing import TYPE_CHECKING

from georgia import _core
from georgia.display import count_of, printable, share
from georgia.evaluation import CAUTION, Evaluation
from georgia.model import Model
from georgia.run import Run

if TYPE_CHECKING:
    from georgia.audit import Audit

_SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|!"})


def render(run: Run, model: Model, result: Evaluation, audit: "Audit | None") -> str:
    """The card of a run's model."""
    how = model.preprocess
    low, high, drawn_how = result.headline_interval
    dataset = run.dataset
    lines = [
        f"# {_plain(run.title or run.folder.name)}",
        "",
        "## Model",
        "",
        f"- Network: {_plain(model.architecture)} ({_plain(model.variant)}), "
        f"{how.height} x {how.width} pixels, {count_of(how.channels, 'channel')}",
        f"- Classes: {', '.join(_plain(name) for name in model.classes)}",
        f"- Trained: {_plain(run.begun)}, georgia {_plain(_core.__version__)}",
        f"- Began with: {_plain(_weights(run))}",
        f"- SHA-256 of the model file: {run.model_hash()}",
        "",
        "## Data",
        "",
        f"- {count_of(len(dataset.samples), 'image')}: "
        + ", ".join(
            f"{len(dataset.part(name))} {name}"
            for name in ("train", "validation", "test", "calibration")
            if dataset.part(name)
        ),
        f"- Hash of images, classes and splits: {dataset.digest()}",
        "",
        "## Scores",
        "",
        f"- Accuracy {share(result.correct, result.count)}, 95 % interval {low:.4f} to "
        f"{high:.4f} ({drawn_how}), {result.split} split{CAUTION.get(result.split, '')}",
        f"- Balanced accuracy {result.balanced_accuracy:.4f}, macro F1 {result.macro['f1']:.4f}",
        "",
        "| class | precision | recall | F1 | images |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {_plain(name)} | {one['precision']:.4f} | {one['recall']:.4f} | {one['f1']:.4f} "
            f"| {one['support']:.0f} |"
            for name, one in zip(result.classes, result.per_class, strict=True)
        ),
        "",
        "## Limits",
        "",
        *_limits(result, audit),
        "",
    ]
    return "\n".join(lines)


def _limits(result: Evaluation, audit: "Audit | None") -> list[str]:
    lines = []
    if audit is None:
        lines.append("- The images could not be audited again: some changed or are gone.")
    else:
        lines += [
            f"- {one.severity}: {_plain(one.text)}"
            for one in audit.findings
            if one.severity != "note"
        ]
    lines += [
        f"- {_plain(true)} is taken for {_plain(taken)} in {number} of "
        f"{int(result.confusion[result.classes.index(true)].sum())} images"
        for true, taken, number in result.confused[:5]
    ]
    lines.append(
        "- It knows these classes alone. An image of anything else gets one of their names; "
        "`is_outlier` tells many of them, not all."
    )
    return lines


def _weights(run: Run) -> str:
    found = run.weights
    return "fresh weights" if found is None else str(found.get("name", found.get("sha256", "")))


def _plain(text: object) -> str:
    """Text that Markdown does not read as anything else."""
    return printable(text).translate(_SPECIAL)
