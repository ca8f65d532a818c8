"""Progress of long calls, drawn with tqdm in a terminal or a notebook."""

import importlib.util
from collections.abc import Callable
from functools import partial
from typing import Any

from tqdm import tqdm as text_bar

_WORDS = {
    "train": "train",
    "validate": "check",
    "predict": "predict",
    "inspect": "read",
    "place": "copy to the GPU",
    "draw": "draw",
    "bootstrap": "draw again",
    "cluster": "group",
    "measure": "measure",
    "download": "download (MB)",
}


def _bar_class() -> Any:
    """The notebook's widget where there is one, text elsewhere."""
    try:
        shell = get_ipython().__class__.__name__  # type: ignore[name-defined]
    except NameError:
        return partial(text_bar, disable=None)  # silent where the output is no terminal
    if shell == "ZMQInteractiveShell" and importlib.util.find_spec("ipywidgets"):
        from tqdm.notebook import tqdm

        return tqdm
    return text_bar


class ProgressBar:
    """A bar per stage; use it as a context and pass `advance` to the core."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._stage = ""
        self._bar: Any = None

    @property
    def advance(self) -> Callable[[str, int, int, float], None] | None:
        """The callback for the core; None when disabled."""
        return self._advance if self._enabled else None

    def _advance(self, stage: str, done: int, total: int, loss: float) -> None:
        if self._bar is None or stage != self._stage or done < self._bar.n:
            self.close()
            self._stage = stage
            self._bar = _bar_class()(total=total, desc=_WORDS[stage], leave=False)
        if stage == "train":
            self._bar.set_postfix_str(f"loss {loss:.4f}", refresh=False)
        self._bar.update(done - self._bar.n)
        if done == total:
            self.close()

    def line(self, text: str) -> None:
        """A line that stays."""
        if self._enabled:
            self.close()
            text_bar.write(text)

    def close(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
