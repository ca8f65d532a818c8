"""What a study hands over: weights for other programs, curves, scores, confusion matrix."""

import datetime
from pathlib import Path

from georgia import _core, plots
from georgia.display import printable, share
from georgia.evaluation import evaluate
from georgia.model import load
from georgia.run import Run


def deliver(run: Run, folder: Path, prefix: str) -> list[Path]:
    """Evaluate a run and write what `Run.deliverables` says; the files that were written."""
    model = load(run)
    result = evaluate(run)
    folder.mkdir(parents=True, exist_ok=True)
    stamp = f"{datetime.datetime.now():%Y-%m-%d_%H-%M-%S}"
    weights = folder / f"{prefix}weights_{stamp}"
    written = []
    if model.variant == "keras":
        written.append(weights.with_name(f"{weights.name}.h5"))
        is_to_be_one = len(model.classes) == 2 and not run.options.head.one_logit
        model.export(written[-1], sigmoid=is_to_be_one)

    text = folder / f"{prefix}FinalTestResults.txt"
    _core.write_text(text, f"{printable(run.folder)}\n{result}\n")
    curves = folder / f"{prefix}metrics_plot.png"
    plots.history(run.history).savefig(curves)
    confusion = folder / f"{prefix}final_confusion_matrix.png"
    title = f"{result.split}: accuracy {share(result.correct, result.count)}"
    plots.confusion_matrix(result.confusion, result.classes, title=title).savefig(confusion)
    written += [text, curves, confusion]

    written.append(weights.with_name(f"{weights.name}.onnx"))
    model.export(written[-1])  # last: it needs a package that not everybody has
    return written
