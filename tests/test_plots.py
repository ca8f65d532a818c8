"""Charts are drawn from arrays, and hostile names stay text."""

import numpy as np
from matplotlib.figure import Figure

from georgia import plots


def test_charts_are_figures_that_show_themselves() -> None:
    epochs = np.arange(1.0, 4.0)
    columns = {
        name: np.array([0.9, 0.5, 0.4])
        for name in ("train_loss", "validation_loss", "train_accuracy", "validation_accuracy")
    }
    image = np.zeros((4, 4, 3), np.uint8)
    for figure in (
        plots.history({"epoch": epochs} | columns),
        plots.confusion_matrix(np.array([[3, 1], [0, 0]]), ["a", "b"], title="t"),
        plots.augmentations({"$a": [image] * 3, "b": [image[..., 0]] * 3}),
        plots.samples([image] * 3, ["x", "y", "z"], columns=2, highlights=[True]),
    ):
        assert isinstance(figure, Figure)
        assert figure._repr_png_().startswith(b"\x89PNG")


def test_a_dollar_in_a_class_name_is_no_formula() -> None:
    figure = plots.confusion_matrix(np.eye(2, dtype=int), [r"$\frac{", "<b>"], title="$x_{$")
    figure.savefig("/dev/null", format="png")
