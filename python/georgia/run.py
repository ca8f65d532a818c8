"""Run: the folder of one training."""

import base64
import csv
import hashlib
import io
import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from georgia import _core, manifest, rehearsal
from georgia.dataset import Dataset
from georgia.display import count_of, page, printable


class Run:
    """One training's folder, reopened at any time.

    Parameters
    ----------
    folder : str or os.PathLike
        What `train` returned or printed, as ``runs/2026-11-21_10-30-00``.

    Raises
    ------
    IoError
        The folder is missing or holds no run.

    Attributes
    ----------
    folder : Path
    options : TrainOptions
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        settings = self.folder / "options.json"
        if not settings.is_file():
            wrong = "holds no run" if self.folder.is_dir() else "no such folder"
            message = f"[run] {printable(self.folder)}: {wrong}; expected a folder that train made"
            raise _core.IoError(message)
        try:
            self._settings: dict[str, Any] = json.loads(settings.read_text("utf-8"))
            self.options = _core.TrainOptions.from_dict(self._settings["options"])
            self._root = Path(self._settings["data"])
        except (ValueError, KeyError, TypeError) as error:
            message = f"[run] {printable(settings)}: damaged: {error}"
            raise _core.BadInput(message) from None

    @property
    def dataset(self) -> Dataset:
        """The images it was trained on, with their splits."""
        rows = manifest.read(self.folder / "data.csv", exact_names=True)
        how = self.options.preprocess
        return replace(
            Dataset.from_rows(rows, self._root),
            depth=(how.depth[0], how.depth[1]),
            crop=(how.crop[0], how.crop[1], how.crop[2], how.crop[3]),
            limits=self.options.limits,
        )

    @property
    def weights(self) -> dict[str, Any] | None:
        """The file it began with: name, SHA-256, and what was adapted; None for fresh weights."""
        return self._settings.get("weights")

    @property
    def name(self) -> str:
        """What it was called, or empty."""
        return str(self._settings.get("name", ""))

    @property
    def is_rehearsal(self) -> bool:
        """Whether it is a rehearsal, whose scores mean nothing."""
        return bool(self._settings.get("rehearsal"))

    @property
    def is_delivered(self) -> bool:
        """Whether a rehearsal has its deliverables, of which the ONNX file is the last."""
        return any(self._delivered.glob("*.onnx"))

    @property
    def _delivered(self) -> Path:
        return self.folder / "deliverables"

    @property
    def computing(self) -> dict[str, Any]:
        """Keywords of `evaluate` and `Model.predict`: where and how it was to be trained."""
        options = self.options
        names = ("device", "precision", "threads")
        return {name: getattr(options, name) for name in names}

    @property
    def title(self) -> str:
        """For pictures and reports: its name, after the mark of a rehearsal; or empty."""
        mark = f"{rehearsal.MARK}: no result" if self.is_rehearsal else ""
        return " - ".join(printable(part) for part in (mark, self.name) if part)

    @property
    def reasons(self) -> list[str]:
        """Why its options are what they are, where the images or the time decided."""
        return [str(reason) for reason in self._settings.get("reasons", [])]

    @property
    def history(self) -> dict[str, NDArray[np.float64]]:
        """Columns of ``history.csv`` as arrays, one value per validation."""
        path = self.folder / "history.csv"
        if not path.is_file():
            return {}
        try:
            with path.open(newline="", encoding="utf-8") as stream:
                rows = list(csv.DictReader(stream))
            names = rows[0] if rows else ()
            return {name: np.array([float(row[name]) for row in rows]) for name in names}
        except (ValueError, TypeError) as error:
            message = f"[run] {printable(path)}: damaged: {error}"
            raise _core.BadInput(message) from None

    @property
    def state(self) -> dict[str, Any]:
        """Where it stands; empty before the first checkpoint.

        Holds epoch, step, seconds, ended (why, or empty), best_epoch, device and precision.
        """
        path = self.folder / "checkpoint.safetensors"
        return _core.run_state(path) if path.is_file() else {}

    @property
    def compute(self) -> tuple[str, str] | None:
        """Device and precision, settled when it began; None before the first checkpoint."""
        state = self.state
        return (state["device"], state["precision"]) if state else None

    @property
    def is_finished(self) -> bool:
        """True when every epoch is behind it, or something ended it before."""
        state = self.state
        return bool(state) and bool(state["ended"] or state["epoch"] == self.options.total_epochs)

    @property
    def best_row(self) -> int:
        """Which validation of the history has the weights that are kept; 0 before the first."""
        history, named = self.history, self.options.best
        if not history:
            return 0
        sign = 1 if named.endswith("loss") else -1
        return int(np.lexsort((history["validation_loss"], sign * history[named]))[0])

    @property
    def scores(self) -> dict[str, Any]:
        """What `evaluate` said of the model there is, by split; empty before it.

        Holds accuracy, correct and count of readable images, and how many were unreadable.
        """
        path = self.folder / "scores.json"
        if not path.is_file():
            return {}
        try:
            kept = json.loads(path.read_text("utf-8"))
            return dict(kept["splits"]) if kept["model"] == self._scored_model() else {}
        except (ValueError, KeyError, TypeError) as error:
            message = f"[run] {printable(path)}: damaged: {error}"
            raise _core.BadInput(message) from None

    def keep_scores(self, split: str, scores: Mapping[str, float]) -> None:
        """Add what a split came to; what was said of an earlier model goes."""
        splits = self.scores | {split: dict(scores)}
        text = json.dumps({"model": self._scored_model(), "splits": splits}, indent=1)
        _core.write_text(self.folder / "scores.json", text + "\n")

    def _scored_model(self) -> str:
        """What names the network that was scored; calibrating it anew changes nothing of it."""
        model = self.folder / "model.safetensors"
        return (_core.trained_hash(model) if model.is_file() else "") or self.model_hash()

    def model_hash(self) -> str:
        """SHA-256 of the best model's file; empty where there is none yet."""
        model = self.folder / "model.safetensors"
        if not model.is_file():
            return ""
        with model.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    @property
    def begun(self) -> str:
        """Local time at which it began, to the second."""
        return str(self._settings.get("begun", ""))

    def draw(self) -> None:
        """Write ``metrics.png``, the curves of the history."""
        if self.history:
            from georgia import plots

            plots.history(self.history, title=self.title).savefig(self.folder / "metrics.png")

    def deliverables(
        self, folder: str | os.PathLike[str] | None = None, prefix: str = "GA"
    ) -> list[Path]:
        """Evaluate, and write what a study hands over; the files that were written.

        Into ``deliverables`` in the run's folder if none is given:
        ``{prefix}FinalTestResults.txt`` (of the validation split where there is no test, and it
        says so), ``{prefix}metrics_plot.png``, ``{prefix}final_confusion_matrix.png``, then
        ``{prefix}weights_<time>.h5`` (of Keras's ResNets, with one unit where there are two
        classes) and ``.onnx``. Files of these names are replaced.

        Raises
        ------
        IoError
            The folder cannot be written to, or the package onnx is not installed.
        """
        from georgia.deliverables import deliver

        return deliver(self, self._delivered if folder is None else Path(folder), prefix)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r})"

    def __str__(self) -> str:
        history, state, best = self.history, self.state, self.best_row
        if not history:
            return f"{printable(self.folder)}: no epoch finished yet"
        named = self.options.best
        ended = f"; it ended because {state['ended']}" if state.get("ended") else ""
        return (
            f"{printable(self.folder)}: {count_of(int(history['epoch'][-1]), 'epoch')}, best is "
            f"epoch {history['epoch'][best]:.0f} with {named.replace('_', ' ')} "
            f"{history[named][best]:.4f}{ended}"
        )

    def _repr_html_(self) -> str:
        """Show curves, scores and confusion matrix in a notebook."""
        pictures = []
        if self.history:
            from georgia import plots

            buffer = io.BytesIO()
            plots.history(self.history, title=self.title).savefig(buffer)
            pictures.append(buffer.getvalue())
        confusion = self.folder / "confusion.png"
        if confusion.is_file():
            pictures.append(confusion.read_bytes())
        images = "".join(
            f'<img style="max-width:48%" src="data:image/png;base64,{text}">'
            for text in (base64.b64encode(picture).decode() for picture in pictures)
        )
        report = self.folder / "report.txt"
        scores = f"<pre>{page_lines(report.read_text('utf-8'))}</pre>" if report.is_file() else ""
        return f"<p>{page(self)}</p>{images}{scores}"


def page_lines(text: str) -> str:
    """Escape a text for HTML, its line breaks kept."""
    return "\n".join(page(line) for line in text.splitlines())
