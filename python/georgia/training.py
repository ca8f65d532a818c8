"""Start a training, or continue one."""

import json
import os
from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch

from georgia import _core, plan, preparing, run_folder, train_settings
from georgia.dataset import Dataset
from georgia.display import printable
from georgia.inspection import hashed
from georgia.listening import Callback, Listening, StopFlag
from georgia.progress import ProgressBar
from georgia.request import Request
from georgia.run import Run


def train(
    data: "str | os.PathLike[str] | Dataset",
    *,
    out: str | os.PathLike[str] | None = None,
    network: str | None = None,
    variant: str | None = None,
    head: "str | _core.HeadOptions | None" = None,
    weights: "str | os.PathLike[str] | None" = None,
    epochs: int | None = None,
    size: int | None = None,
    batch: int | None = None,
    learning_rate: float | None = None,
    seed: int | None = None,
    precision: str | None = None,
    device: str | None = None,
    threads: int | None = None,
    recipe: str | None = None,
    time: "str | float | None" = None,
    options: _core.TrainOptions | None = None,
    settings: Mapping[str, Any] | None = None,
    name: str = "",
    rehearse: bool = False,
    strict: bool = False,
    max_refused: float = 0.01,
    progress: bool = True,
    per_class: bool = False,
    on_epoch: Callback | None = None,
    on_batch: Callback | None = None,
    stop: StopFlag | None = None,
) -> Run:
    """Train a classifier on images.

    Parameters
    ----------
    data : path or Dataset
        A folder with one folder per class (split by `seed`, copies kept together, 70/15/15 where
        the recipe does not say otherwise), a
        tree with train, validation and test folders above the classes, a manifest or other CSV
        table, or a `Dataset`.
    out : path, optional
        The run's folder; ``runs/<date>_<time>`` when not given.
    network : str
        One of `georgia.networks`; the recipe's when not given, ``resnet18`` of `default`.
    variant : str
        ``torchvision``, or ``keras`` for ResNets as Keras has them; the recipe's when not given.
    head : str or HeadOptions
        ``linear`` (the network's own classifier), ``dense``, ``concat``, ``one_logit``; the
        recipe's when not given.
    weights : str or path
        To begin with: a safetensors, PyTorch, Keras or ONNX file, ``imagenet``, or ``none``;
        the recipe's when not given, none of `default`. Their normalisation is used unless the
        options say another.
    epochs, size, batch, learning_rate
        Passes over the training images, shared among the phases in proportion; height and width of
        the network's input in pixels; images in one step; rate at its highest. By default the
        recipe says, or chooses by the images.
    seed : int
        Decides split, weights, order and augmentation (default 42).
    precision : str
        ``auto`` (default), ``float32`` or ``bfloat16``.
    device : str
        ``auto`` (default), ``cpu``, ``cuda`` or ``cuda:N``.
    threads : int
        Threads that compute; 0 (default) for every usable core.
    recipe : str
        One of `georgia.recipes.names()`: its options, and its shares where the data is not split;
        ``default`` when neither it nor options are given.
    time : str or float, optional
        That it may take once the images are read, as ``90s``, ``10m``, ``1h30m`` or seconds. The
        speed is measured, as many epochs are planned as fit, never more than without it, and what
        still runs when the time is over is stopped.
    options : TrainOptions, optional
        All of them, instead of a recipe.
    settings : mapping, optional
        Single options by their dotted names, as ``{"imbalance.method": "focal"}``; the keywords
        above replace what they and the options say.
    name : str
        For titles of pictures and reports.
    rehearse : bool
        Take a tenth of each class for three epochs (one of each phase where there are more), write
        every deliverable, and mark all of it REHEARSAL.
    strict : bool
        Stop at the first image that cannot be read, instead of leaving it out.
    max_refused : float
        Stop when more than this share of the images cannot be read.
    progress : bool
        Show a bar and a line per epoch.
    per_class : bool
        Print precision, recall and F1 of every class after each validation.
    on_epoch : callable, optional
        Called after each validation with its record: a dict with what ``history.csv`` holds,
        ``class_precision``, ``class_recall`` and ``class_f1`` being lists.
    on_batch : callable, optional
        Called after each batch with a dict of epoch, step, loss, learning_rate, gradient_norm.
    stop : threading.Event or callable, optional
        Asked after each batch; when set (or True) the training ends with a last validation.

    Returns
    -------
    Run

    Raises
    ------
    InvalidOption, BadInput, IoError
        Before anything is written; later where an image or the disk fails during the run, which
        `resume` continues.
    Diverged
        The loss stopped being a finite number.
    KeyboardInterrupt
        On Ctrl-C, after a checkpoint was written; `resume` continues from it.

    Examples
    --------
    >>> import georgia, tempfile
    >>> folder = tempfile.mkdtemp()
    >>> photos = georgia.synthetic.write(folder + "/photos", per_class=4, size=32)
    >>> run = georgia.train(photos, out=folder + "/run", epochs=1, size=32, progress=False)
    >>> run.is_finished
    True
    """
    request = Request.of(
        recipe=recipe,
        options=options,
        settings=settings,
        epochs=epochs,
        time=time,
        rehearse=rehearse,
        network=network,
        variant=variant,
        head=head,
        weights=weights,
        size=size,
        batch=batch,
        learning_rate=learning_rate,
        seed=seed,
        precision=precision,
        device=device,
        threads=threads,
    )
    folder = run_folder.place(out)
    prepared = preparing.prepare(
        data, request, folder=folder, strict=strict, max_refused=max_refused, progress=progress
    )
    said = {
        "name": name,
        "recipe": None if options else recipe or "default",
        "rehearsal": rehearse,
    }
    listening = Listening(progress, per_class, on_epoch, on_batch, stop)
    run_folder.begin(folder, prepared, said)
    return _work(Run(folder), prepared.dataset, listening, prepared.start)


def resume(
    run: "str | os.PathLike[str] | Run",
    *,
    progress: bool = True,
    per_class: bool = False,
    on_epoch: Callback | None = None,
    on_batch: Callback | None = None,
    stop: StopFlag | None = None,
) -> Run:
    """Continue a training where it stopped; the result equals never having stopped.

    A finished run is left as it is; a rehearsal gets the deliverables it lacks. The images must be
    where and what they were.

    Raises
    ------
    IoError
        The folder holds no run.
    BadInput
        The images changed since the run began, or the checkpoint is damaged.
    """
    run = run if isinstance(run, Run) else Run(run)
    listening = Listening(progress, per_class, on_epoch, on_batch, stop)
    dataset = hashed(run.dataset)
    start = None if run.state else _first_weights(run, dataset)
    return _work(run, dataset, listening, start)


def _first_weights(run: Run, dataset: Dataset) -> _core.ModelFile | None:
    """Read the weights again that a run was to begin with, when it stopped before a checkpoint."""
    start, _ = train_settings.with_weights(run.options, dataset)
    if start is None or run.weights is None:
        return start
    found = json.loads(start.provenance)["weights"]
    if found["sha256"] != run.weights["sha256"]:
        message = (
            f"[resume] {printable(run.options.weights)}: not the weights that the run was to begin "
            f"with; expected SHA-256 {run.weights['sha256']}, got {found['sha256']}"
        )
        raise _core.BadInput(message)
    return start


def _work(
    run: Run,
    dataset: Dataset,
    listening: Listening,
    start: _core.ModelFile | None = None,
) -> Run:
    training = dataset.part("train")
    validation = dataset.part("validation")
    provenance = {
        "data_hash": dataset.digest(),
        "images": {"train": len(training), "validation": len(validation)},
        "options": run.options.to_dict(),
        "weights": run.weights,
        "name": run.name,
        "rehearsal": run.is_rehearsal,
        "georgia": _core.__version__,
        "torch": str(torch.__version__),
    }
    with ProgressBar(listening.progress) as bar:
        labels = Counter(sample.label for sample in training)
        counts = {name: labels[name] for name in dataset.classes}
        for line in [*run.reasons, *plan.plan_lines(run.options, counts, run.compute)]:
            bar.line(line)

        _core.train(
            folder=run.folder,
            classes=list(dataset.classes),
            train_paths=dataset.paths(training),
            train_labels=dataset.labels(training),
            validation_paths=dataset.paths(validation),
            validation_labels=dataset.labels(validation),
            data_hash=dataset.digest(),
            provenance=json.dumps(provenance),
            start=start,
            options=run.options,
            on_progress=bar.advance,
            on_epoch=partial(
                listening.finish_epoch, bar, run.options.total_epochs, dataset.classes
            ),
            on_batch=listening.on_batch,
            on_notice=bar.line,
            should_stop=listening.should_stop,
        )
    listening.finish()
    run.draw()
    if run.is_rehearsal and not run.is_delivered:
        run.deliverables()
    return run
