"""Scores equal scikit-learn's, on random and on degenerate answers."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics

from georgia import _core

Labels = NDArray[np.int64]


def _random(count: int, classes: int, seed: int) -> tuple[Labels, NDArray[np.float32]]:
    """Labels, and probabilities with many ties that know something of them."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, count)
    logits = np.round(rng.normal(size=(count, classes)), 1)
    logits[np.arange(count), labels] += 1
    powers = np.exp(logits)
    return labels, (powers / powers.sum(1, keepdims=True)).astype(np.float32)


CASES = [_random(300, 2, 0), _random(300, 5, 1), _random(40, 11, 2), _random(3, 3, 3)]


@pytest.mark.parametrize(("labels", "rows"), CASES)
def test_agreement(labels: Labels, rows: NDArray[np.float32]) -> None:
    found = rows.argmax(1)
    matrix = _core.score(labels, found, rows.shape[1])["confusion"]
    scores = _core.agreement(matrix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that were predicted and do not occur
        assert scores["balanced_accuracy"] == pytest.approx(
            metrics.balanced_accuracy_score(labels, found)
        )
    assert scores["kappa"] == pytest.approx(metrics.cohen_kappa_score(labels, found))
    assert scores["matthews"] == pytest.approx(metrics.matthews_corrcoef(labels, found))


@pytest.mark.parametrize(("labels", "rows"), CASES)
def test_probabilities(labels: Labels, rows: NDArray[np.float32]) -> None:
    scores = _core.score_probabilities(rows, labels)
    classes = range(rows.shape[1])
    assert scores["log_loss"] == pytest.approx(
        metrics.log_loss(labels, rows / rows.sum(1, keepdims=True), labels=classes), rel=1e-5
    )
    truth = np.eye(rows.shape[1])[labels]
    squares = ((rows - truth) ** 2).sum(1).mean()
    assert scores["brier"] == pytest.approx(squares / 2 if rows.shape[1] == 2 else squares)


@pytest.mark.parametrize(("labels", "rows"), CASES[:3])
def test_curves(labels: Labels, rows: NDArray[np.float32]) -> None:
    for index in range(rows.shape[1]):
        is_of_class = labels == index
        if not is_of_class.any():
            continue
        found = _core.curves(rows[:, index], is_of_class)
        rates = metrics.roc_curve(is_of_class, rows[:, index], drop_intermediate=False)
        np.testing.assert_allclose(found["false_positive"], rates[0][1:])
        np.testing.assert_allclose(found["recall"], rates[1][1:])
        np.testing.assert_allclose(found["thresholds"], rates[2][1:])
        assert found["area"] == pytest.approx(metrics.roc_auc_score(is_of_class, rows[:, index]))
        assert found["average_precision"] == pytest.approx(
            metrics.average_precision_score(is_of_class, rows[:, index])
        )


def test_what_is_no_number_is_refused() -> None:
    rows = np.array([[0.5, np.nan]], np.float32)
    with pytest.raises(ValueError, match="finite"):
        _core.score_probabilities(rows, [0])
    with pytest.raises(ValueError, match="finite"):
        _core.curves(rows[0], [True, False])
    with pytest.raises(ValueError, match="class index"):
        _core.score_probabilities(rows[:, :1], [1])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40),
    st.permutations(range(4)),
    st.randoms(use_true_random=False),
)
def test_scores_know_neither_order_nor_names(
    pairs: list[tuple[int, int]], names: list[int], random: object
) -> None:
    def scores(some: list[tuple[int, int]]) -> list[float]:
        found = _core.score([a for a, _ in some], [b for _, b in some], 4)
        agreed = _core.agreement(found["confusion"])
        return [found["accuracy"], found["macro"]["f1"], found["weighted"]["f1"], *agreed.values()]

    expected = scores(pairs)
    shuffled = list(pairs)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert scores(shuffled) == pytest.approx(expected)
    assert scores([(names[a], names[b]) for a, b in pairs]) == pytest.approx(expected)


def test_mcnemar_is_the_exact_binomial() -> None:
    first = np.array([True] * 9 + [False] * 3 + [True] * 20)
    second = np.array([False] * 9 + [True] * 3 + [True] * 20)
    found = _core.compare(first, second)
    assert (found["both"], found["first"], found["second"], found["neither"]) == (20, 9, 3, 0)
    assert found["p_value"] == pytest.approx(0.1459960938)  # scipy.stats.binomtest(3, 12).pvalue
