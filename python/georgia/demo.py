"""The demonstration: synthetic crystals from nothing to predictions and pictures."""

import time
from collections.abc import Callable
from pathlib import Path

from georgia import _core, synthetic
from georgia.dataset import Dataset
from georgia.display import share
from georgia.evaluating import evaluate
from georgia.evaluation import Evaluation
from georgia.images import read_image
from georgia.loading import load
from georgia.training import train

EPOCHS = 24
# Crystals have no up or down, and averaged weights are steadier than the last ones.
_OPTIONS = _core.TrainOptions(
    phases=[_core.Phase(size=96, batch=32)],
    augment=_core.AugmentOptions(dihedral=True),
    ema=0.97,
)


def run_demo(out: Path, *, epochs: int = EPOCHS, say: Callable[[str], None]) -> Evaluation:
    """Work in a folder from images to predictions and say what happens."""
    from georgia import plots  # matplotlib, which no other command should wait for

    say(f"drawing synthetic crystals into {out / 'photos'}")
    photos = synthetic.write(out / "photos")
    dataset = Dataset.scan(photos).split()
    say(str(dataset))

    started = time.monotonic()
    run = train(dataset, out=_fresh(out / "run"), options=_OPTIONS, epochs=epochs)
    say(f"trained in {time.monotonic() - started:.0f} s")
    result = evaluate(run)
    say(f"\n{result}\n")

    shown = dataset.part("test")[::5]
    paths = dataset.paths(shown)
    predictions = load(run).predict(paths)
    _core.write_text(run.folder / "demo_predictions.csv", predictions.to_csv())
    images = [read_image(path) for path in paths]
    titles = [f"{p.label} {p.confidence:.0%}" for p in predictions]
    wrong = [p.label != sample.label for p, sample in zip(predictions, shown, strict=True)]
    plots.samples(images, titles, highlights=wrong).savefig(run.folder / "samples.png")
    for name in ("metrics.png", "confusion.png", "samples.png"):
        say(f"picture: {run.folder / name}")
    say(f"test accuracy {share(result.correct, result.count)}")
    return result


def _fresh(folder: Path) -> Path:
    """Give the folder, or the first of folder-2, folder-3, ... that does not exist."""
    candidate = folder
    number = 1
    while candidate.exists():
        number += 1
        candidate = folder.with_name(f"{folder.name}-{number}")
    return candidate
