"""What a study hands over: scores, curves, confusion matrix, weights for other programs."""

import datetime
from pathlib import Path

from georgia import _core, plots, rehearsal
from georgia.display import printable
from georgia.evaluating import confusion_title, evaluate
from georgia.loading import load
from georgia.run import Run


def deliver(run: Run, folder: Path, prefix: str) -> list[Path]:
    """Evaluate a run and write what `Run.deliverables` says; the files that were written."""
    if run.is_rehearsal:
        prefix = f"{rehearsal.MARK}_{prefix}"
    text = folder / f"{prefix}FinalTestResults.txt"
    curves = folder / f"{prefix}metrics_plot.png"
    confusion = folder / f"{prefix}final_confusion_matrix.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        result = evaluate(run, **run.computing)
        _core.write_text(text, f"{printable(run.folder)}\n{result}\n")
        plots.history(run.history, title=run.title).savefig(curves)
        title = confusion_title(result)
        plots.confusion_matrix(result.confusion, result.classes, title=title).savefig(confusion)
    except OSError as error:
        if isinstance(error, _core.Error):
            raise
        message = f"[deliverables] {printable(folder)}: {error.strerror}"
        raise _core.IoError(message) from None

    model = load(run)
    weights = f"{prefix}weights_{datetime.datetime.now():%Y-%m-%d_%H-%M-%S}"
    written = [text, curves, confusion]
    if model.variant == "keras":
        written.append(folder / f"{weights}.h5")
        is_to_be_one = len(model.classes) == 2 and not run.options.head.one_logit
        model.export(written[-1], sigmoid=is_to_be_one)
    written.append(folder / f"{weights}.onnx")
    model.export(written[-1])
    return written
