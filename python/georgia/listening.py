"""What a training shows while it works, and whom it tells."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

from georgia.display import printable
from georgia.progress import ProgressBar

Callback = Callable[[dict[str, Any]], None]
StopFlag = Event | Callable[[], bool]


@dataclass(frozen=True)
class Listening:
    """Bar, lines and callables of one training."""

    progress: bool = True
    per_class: bool = False
    on_epoch: Callback | None = None
    on_batch: Callback | None = None
    stop: StopFlag | None = None

    @property
    def should_stop(self) -> Callable[[], bool] | None:
        """What the core asks after each batch."""
        return self.stop.is_set if isinstance(self.stop, Event) else self.stop

    def finish(self) -> None:
        """Let a listener that has something left to do, as a live plot, do it."""
        close = getattr(self.on_epoch, "close", None)
        if close is not None:
            close()

    def finish_epoch(
        self, bar: ProgressBar, epochs: int, classes: Sequence[str], record: dict[str, Any]
    ) -> None:
        """Print a validation's record and hand it on."""
        bar.line(
            f"epoch {record['epoch']}/{epochs}  "
            f"train loss {record['train_loss']:.4f} accuracy {record['train_accuracy']:.4f}  "
            f"validation loss {record['validation_loss']:.4f} "
            f"accuracy {record['validation_accuracy']:.4f}  "
            f"{record['seconds']:.1f} s, {record['images_per_second']:.0f} images/s"
        )
        if self.per_class:
            bar.line(_class_table(classes, record))
        if self.on_epoch is not None:
            self.on_epoch(record)


def _class_table(classes: Sequence[str], record: dict[str, Any]) -> str:
    """One line per class: precision, recall, F1."""
    columns = (record["class_precision"], record["class_recall"], record["class_f1"])
    width = max(len(printable(name)) for name in classes)
    rows = [
        f"  {printable(name):<{width}}  precision {p:.4f}  recall {r:.4f}  F1 {f1:.4f}"
        for name, p, r, f1 in zip(classes, *columns, strict=True)
    ]
    return "\n".join(rows)
