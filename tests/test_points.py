"""Components, clusters and neighbours: the numbers of scikit-learn and numpy, and repeatable."""

import importlib.util

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import georgia

SEEDS = st.integers(0, 2**31)


def features(count: int, dimensions: int, seed: int) -> np.ndarray:
    """Rows about five middles, more spread along the first directions, far from 0."""
    random = np.random.default_rng(seed)
    middles = random.normal(size=(5, dimensions)) * 3 + 10
    spread = np.linspace(2, 0.1, dimensions)
    rows = middles[random.integers(0, 5, count)] + random.normal(size=(count, dimensions)) * spread
    return rows.astype(np.float32)


@pytest.mark.parametrize("shape", [(300, 20), (30, 200)])
def test_components_equal_scikit_learns_up_to_sign(shape: tuple[int, int]) -> None:
    from sklearn.decomposition import PCA

    rows = features(*shape, seed=1)
    expected = PCA(4, svd_solver="full").fit(rows.astype(float))
    found = georgia.pca(rows, 4)
    products = (found.components * expected.components_).sum(axis=1)
    np.testing.assert_allclose(np.abs(products), 1, atol=1e-5)  # features are float32
    np.testing.assert_allclose(found.variances, expected.explained_variance_, rtol=1e-4)
    np.testing.assert_allclose(found.ratios, expected.explained_variance_ratio_, rtol=1e-4)
    signs = np.sign(products)
    scale = np.abs(found.points).max()
    np.testing.assert_allclose(
        found.points * signs, expected.transform(rows.astype(float)), atol=1e-4 * scale
    )
    np.testing.assert_allclose(found.transform(rows), found.points, atol=1e-4 * scale)
    largest = np.abs(found.components).argmax(axis=1)
    assert (found.components[np.arange(4), largest] > 0).all()


def test_randomised_components_are_near_and_repeatable() -> None:
    rows = features(500, 300, seed=2)
    exact = georgia.pca(rows, 3)
    found = georgia.pca(rows, 3, method="randomised", seed=7)
    assert np.array_equal(found.points, georgia.pca(rows, 3, method="randomised", seed=7).points)
    np.testing.assert_allclose(found.variances, exact.variances, rtol=1e-4)
    np.testing.assert_allclose((found.components * exact.components).sum(axis=1), 1, atol=1e-3)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, clusters=st.integers(1, 12))
def test_kmeans_equals_scikit_learns_from_the_same_centres(seed: int, clusters: int) -> None:
    from sklearn.cluster import KMeans

    rows = features(200, 6, seed)
    centres = rows[:clusters]
    expected = KMeans(clusters, init=centres, n_init=1, tol=0, algorithm="lloyd").fit(
        rows.astype(float)
    )
    found = georgia.kmeans(rows, clusters, centres=centres)
    assert found.is_settled
    # a point as far from two centres may fall to either; the sums then still agree
    assert (found.labels == expected.labels_).mean() > 0.98
    assert found.inertia == pytest.approx(expected.inertia_, rel=1e-3)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, clusters=st.integers(1, 20))
def test_inertia_never_rises_and_equal_seeds_give_equal_clusters(seed: int, clusters: int) -> None:
    rows = features(150, 4, seed)
    found = georgia.kmeans(rows, clusters, starts=2, seed=seed)
    course = np.array(found.course)
    assert (np.diff(course) <= 1e-6 * course[:-1]).all()  # sums are of float32
    assert (np.diff(found.sizes) <= 0).all()
    assert found.sizes.sum() == 150
    again = georgia.kmeans(rows, clusters, starts=2, seed=seed)
    assert np.array_equal(found.labels, again.labels)
    assert np.array_equal(found.centres, again.centres)


def test_silhouettes_equal_scikit_learns() -> None:
    from sklearn.metrics import silhouette_samples

    rows = features(180, 5, seed=3)
    labels = georgia.kmeans(rows, 4).labels
    labels[0] = 4  # alone
    expected = silhouette_samples(rows.astype(float), labels)
    np.testing.assert_allclose(georgia.silhouettes(rows, labels), expected, atol=1e-5)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_neighbours_equal_numpys(metric: str) -> None:
    rows = features(700, 33, seed=4)
    wide = rows.astype(float)
    if metric == "cosine":
        unit = wide / np.linalg.norm(wide, axis=1, keepdims=True)
        distances = 1 - unit @ unit.T
    else:
        distances = np.linalg.norm(wide[:, None] - wide[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    order = np.argsort(distances, axis=1, kind="stable")[:, :7]
    found = georgia.neighbour_graph(rows, 7, metric=metric)
    np.testing.assert_allclose(
        found.distances, np.take_along_axis(distances, order, axis=1), atol=2e-6 * distances[0, 1]
    )
    assert (found.indices == order).mean() > 0.999  # unit vectors are rounded to float32
    pairs, lengths = found.edges()
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert len(np.unique(pairs, axis=0)) == len(pairs) == len(lengths)


def test_neighbours_far_from_zero_are_exact() -> None:
    rows = (1000 + np.random.default_rng(1).normal(size=(400, 3)) * 0.1).astype(np.float32)
    wide = rows.astype(float)
    distances = np.linalg.norm(wide[:, None] - wide[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    found = georgia.neighbour_graph(rows, 5, metric="euclidean")
    np.testing.assert_allclose(found.distances, np.sort(distances, axis=1)[:, :5], atol=1e-4)


def test_points_that_cannot_be_worked_on_are_refused() -> None:
    rows = np.ones((4, 3), np.float32)
    for work in (georgia.pca, georgia.kmeans, georgia.neighbour_graph):
        with pytest.raises(georgia.InvalidOption, match="wrong shape"):
            work(np.ones(3))
        with pytest.raises(georgia.InvalidOption, match="not finite"):
            work(np.full((4, 3), np.nan))
        with pytest.raises(georgia.InvalidOption, match="beyond 1e"):
            work(np.full((4, 3), 1e20))
        with pytest.raises(georgia.InvalidOption, match="expected numbers"):
            work([["a", "b"], ["c", "d"]])
    with pytest.raises(georgia.InvalidOption, match="seed"):
        georgia.kmeans(rows, 2, seed=-1)
    with pytest.raises(georgia.InvalidOption, match="labels"):
        georgia.silhouettes(rows, np.zeros((4, 2), int))
    with pytest.raises(georgia.InvalidOption, match="components"):
        georgia.pca(rows, 9)
    with pytest.raises(georgia.InvalidOption, match="exact, randomised"):
        georgia.pca(rows, 1, method="quick")
    with pytest.raises(georgia.InvalidOption, match="clusters"):
        georgia.kmeans(rows, 5)
    with pytest.raises(georgia.InvalidOption, match="1 to 3"):
        georgia.neighbour_graph(rows, 4)
    with pytest.raises(georgia.InvalidOption, match="cosine or euclidean"):
        georgia.neighbour_graph(rows, 1, metric="l1")


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("umap") is None, reason="umap-learn is not installed")
def test_umap_keeps_groups_together_and_repeats() -> None:
    rows = features(120, 20, seed=5)
    labels = georgia.kmeans(rows, 5).labels
    found = georgia.umap(rows, seed=3)
    assert found.points.shape == (120, 2)
    assert georgia.silhouettes(found.points, labels).mean() > 0.5
    assert np.array_equal(found.points, georgia.umap(rows, seed=3).points)
    with pytest.raises(georgia.InvalidOption, match="knows no other points"):
        found.transform(rows)


def test_clusters_are_drawn_with_a_look_of_their_own() -> None:
    rows = features(400, 8, seed=6)
    found = georgia.kmeans(rows, 30)
    plain = georgia.plots.clusters(georgia.pca(rows), found.labels, every=3)
    axes = plain.axes[0]
    looks = {
        (tuple(line.get_color()), line.get_marker()) for line in axes.get_lines()
    }  # those of the legend
    assert len(looks) == 30
    assert axes.get_xlabel() == f"component 1 ({georgia.pca(rows).ratios[0]:.1%})"
    images = [np.full((9, 9), 80, np.uint8)] * 400
    names = np.array(["a$b", "c"])[found.labels % 2]
    drawn = georgia.plots.clusters(rows[:, :2], names, thumbnails=images, centroids=False)
    assert len(drawn.axes[0].artists) == 100
    assert georgia.plots.clusters(georgia.pca(rows, 3), found.labels).axes[0].get_zlabel()
