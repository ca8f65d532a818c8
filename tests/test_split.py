"""What a split promises: groups together, nothing lost, shares kept, little moved."""

import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import georgia
from georgia.grouping import Group
from georgia.sample import Sample
from georgia.similar import similar_names
from georgia.splitting import assign, draw

SHARES = st.sampled_from(
    [
        {"train": 0.7, "validation": 0.15, "test": 0.15},
        {"train": 0.7, "validation": 0.25, "test": 0.05},
        {"train": 0.6, "validation": 0.15, "test": 0.15, "calibration": 0.1},
        {"train": 0.8, "validation": 0.2},
        {str(k): 0.2 for k in range(5)},
    ]
)
SIZES = st.dictionaries(st.integers(0, 10**9), st.integers(1, 8), min_size=30, max_size=90)
SEEDS = st.integers(0, 2**32)


def pure(sizes: dict[int, int], classes: int = 2) -> tuple[list[Sample], list[Group]]:
    """Groups of one class each, named by a number; the class follows from the number."""
    samples: list[Sample] = []
    groups = []
    for number, size in sizes.items():
        first = len(samples)
        samples += [Sample(f"{number}/{i}.png", f"c{number % classes}") for i in range(size)]
        groups.append(Group(f"{number}", tuple(range(first, first + size))))
    return samples, groups


def place(
    sizes: dict[int, int], shares: dict[str, float], seed: int, classes: int = 2
) -> dict[str, str]:
    """Split of each group; a group in two splits fails here."""
    samples, groups = pure(sizes, classes)
    chosen = assign(samples, groups, shares, seed=seed, root=Path("x"))
    assert len(chosen) == len(samples)
    assert set(chosen) <= set(shares)
    result = {}
    for group in groups:
        splits = {chosen[i] for i in group.members}
        assert len(splits) == 1
        result[group.content] = splits.pop()
    return result


@settings(max_examples=200, deadline=None)
@given(SIZES, SHARES, SEEDS)
def test_every_split_has_its_share_of_groups_to_within_one(
    sizes: dict[int, int], shares: dict[str, float], seed: int
) -> None:
    placed = place(sizes, shares, seed, classes=1)
    counts = Counter(placed.values())
    for name, share in shares.items():
        assert abs(counts[name] - share * len(sizes)) < 1 + 1e-6
        assert counts[name] >= 1


@settings(max_examples=200, deadline=None)
@given(SIZES, SHARES, SEEDS, st.integers(10**9 + 1, 2 * 10**9), st.integers(1, 9))
def test_a_new_group_moves_at_most_one_other_across_each_cut(
    sizes: dict[int, int], shares: dict[str, float], seed: int, number: int, size: int
) -> None:
    before = place(sizes, shares, seed, classes=1)
    after = place(sizes | {number: size}, shares, seed, classes=1)
    order = list(shares)
    across: Counter[int] = Counter()
    for name, split in before.items():
        old, new = order.index(split), order.index(after[name])
        across.update(range(min(old, new), max(old, new)))
    assert all(count <= 1 for count in across.values())


@settings(max_examples=100, deadline=None)
@given(SIZES, SHARES, SEEDS, st.data())
def test_a_file_that_joins_a_group_follows_it_and_moves_nothing(
    sizes: dict[int, int], shares: dict[str, float], seed: int, data: st.DataObject
) -> None:
    joined = data.draw(st.sampled_from(sorted(sizes)))
    before = place(sizes, shares, seed, classes=1)
    assert place(sizes | {joined: sizes[joined] + 1}, shares, seed, classes=1) == before


@settings(max_examples=100, deadline=None)
@given(SIZES, SHARES, SEEDS, st.randoms(use_true_random=False))
def test_the_order_of_listing_does_not_matter(
    sizes: dict[int, int], shares: dict[str, float], seed: int, shuffler: random.Random
) -> None:
    listed = list(sizes.items())
    shuffler.shuffle(listed)
    assert place(dict(listed), shares, seed, classes=1) == place(sizes, shares, seed, classes=1)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=6), min_size=60, max_size=120),
    SEEDS,
)
def test_groups_of_several_classes_stay_together_and_nothing_is_lost(
    labels: list[list[str]], seed: int
) -> None:
    samples: list[Sample] = []
    groups = []
    for number, inside in enumerate([*labels, *([label] for label in "abc" * 12)]):
        first = len(samples)
        samples += [Sample(f"{number}/{i}.png", label) for i, label in enumerate(inside)]
        groups.append(Group(f"{number}", tuple(range(first, len(samples)))))
    shares = {"train": 0.7, "validation": 0.15, "test": 0.15}
    chosen = assign(samples, groups, shares, seed=seed, root=Path("x"))
    assert all(len({chosen[i] for i in group.members}) == 1 for group in groups)
    counts = Counter(chosen)
    assert sum(counts.values()) == len(samples)
    for name, share in shares.items():  # a mixed group of 6 on top, and one group of each class
        assert abs(counts[name] - share * len(samples)) <= 6 + 3 * 6
    for label in "abc":
        assert {c for s, c in zip(samples, chosen, strict=True) if s.label == label} == set(shares)


def test_copies_stay_together_by_default(tmp_path: Path) -> None:
    root = georgia.synthetic.write(
        tmp_path / "p", per_class=12, size=48, rotated_copies=6, cross_label=2
    )
    dataset = georgia.Dataset.scan(root)
    together = dataset.split()
    assert not any(leak.count for leak in together.audit().leaks)
    assert any(sample.group.startswith("copies-") for sample in together.samples)
    assert "kept together" in str(together)
    assert any(leak.count for leak in dataset.split(groups="none").audit().leaks)
    for fold in dataset.folds(3):
        assert not any(leak.count for leak in fold.audit().leaks)


def test_every_image_is_tested_in_one_fold(photos: Path) -> None:
    folds = georgia.Dataset.scan(photos).folds(5)
    tested = [sample.path for fold in folds for sample in fold.part("test")]
    assert len(tested) == len(set(tested)) == 40
    for fold in folds:
        assert Counter(sample.split for sample in fold.samples) == {
            "train": 24, "validation": 8, "test": 8,
        }  # fmt: skip
    with pytest.raises(georgia.InvalidOption, match="at least 3"):
        georgia.Dataset.scan(photos).folds(2)


def test_the_widely_used_rule_is_reproduced(photos: Path) -> None:
    dataset = georgia.Dataset.scan(photos)
    split = dataset.split(mode="contiguous", train=0.7, validation=0.25, test=0.05)
    by_class: dict[str, list[str]] = defaultdict(list)
    for sample in sorted(split.samples, key=lambda sample: sample.path):
        by_class[sample.label].append(sample.split)
    for splits in by_class.values():
        assert splits == ["train"] * 7 + ["validation"] * 2 + ["test"] * 1
    cut = dataset.split(mode="contiguous", train=0.78, validation=0.2, test=0.02)  # 7.8 becomes 7
    assert Counter(sample.split for sample in cut.samples)["train"] == 4 * 7


@pytest.mark.parametrize(
    "rule",
    [
        lambda _: r"_(\d\d\d)\d",
        lambda root: f"{root / 'groups.csv'}:day",
        lambda _: "groups.csv:day",
    ],
)
def test_groups_by_pattern_or_table(photos: Path, tmp_path: Path, rule: Callable[..., str]) -> None:
    root = Path(shutil.copytree(photos, tmp_path / "p"))
    for habit in georgia.synthetic.classes():
        for path in sorted((root / habit).glob("*.png")):
            day = int(path.stem[-4:]) // 2
            path.rename(path.with_stem(f"{habit}_{day:03}{int(path.stem[-4:]) % 2}"))
    files = sorted(root.rglob("*.png"))
    rows = [f"{path.relative_to(root)},{path.stem[-4:-1]}" for path in files]
    (root / "groups.csv").write_text("file,day\n" + "\n".join(rows) + "\n")
    split = georgia.Dataset.scan(root).split(train=0.4, validation=0.2, test=0.4, groups=rule(root))
    splits = defaultdict(set)
    for sample in split.samples:
        splits[sample.group].add(sample.split)
    assert sorted(splits) == ["000", "001", "002", "003", "004"]
    assert all(len(found) == 1 for found in splits.values())


def test_what_cannot_be_split_is_told(photos: Path, tmp_path: Path) -> None:
    dataset = georgia.Dataset.scan(photos)
    with pytest.raises(georgia.BadInput, match=r"class needles: too few groups.*at least 3.*got 1"):
        dataset.split(groups="^([a-z]+)/")
    with pytest.raises(georgia.InvalidOption, match="no path has a match"):
        dataset.split(groups="day-[0-9]+")
    with pytest.raises(georgia.InvalidOption, match="regular expression"):
        dataset.split(groups="(")
    with pytest.raises(georgia.InvalidOption, match="grouped or contiguous"):
        dataset.split(mode="random")
    (tmp_path / "g.csv").write_text("file,slide\nx.png,1\n")
    with pytest.raises(georgia.BadInput, match="has no row"):
        dataset.split(groups=f"{tmp_path / 'g.csv'}:slide")
    with pytest.raises(georgia.BadInput, match="no column day"):
        dataset.split(groups=f"{tmp_path / 'g.csv'}:day")


def test_a_draw_is_stratified_and_nested(photos: Path) -> None:
    dataset = georgia.Dataset.scan(photos).split()
    small = dataset.sample(fraction=0.2, seed=3)
    large = dataset.sample(fraction=0.6, seed=3)
    assert {s.path for s in small.samples} < {s.path for s in large.samples}
    assert {(s.label, s.split) for s in small.samples} == {
        (s.label, s.split) for s in dataset.samples
    }
    assert Counter(s.label for s in georgia.Dataset.scan(photos).sample(per_class=3).samples) == (
        dict.fromkeys(dataset.classes, 3)
    )
    with pytest.raises(georgia.InvalidOption, match="either fraction or per_class"):
        dataset.sample()
    with pytest.raises(georgia.InvalidOption, match=r"got 1\.5"):
        draw(dataset.samples, fraction=1.5, per_class=None, seed=1)


def test_a_split_can_be_repeated_after_saving(tmp_path: Path) -> None:
    root = georgia.synthetic.write(tmp_path / "p", per_class=12, size=48, rotated_copies=5)
    split = georgia.Dataset.scan(root).split(seed=5)
    again = split.split(seed=5)
    loaded = georgia.Dataset.load(split.save(root / "x.csv")).split(seed=5)
    for other in (again, loaded):
        assert [s.split for s in other.samples] == [s.split for s in split.samples]


def test_carried_groups_and_a_rule_both_hold(photos: Path, tmp_path: Path) -> None:
    files = sorted(photos.rglob("*.png"))
    rows = [
        f"{path},{path.parent.name},{path.parent.name}{int(path.stem[-1]) // 2}" for path in files
    ]
    (tmp_path / "t.csv").write_text("path,class,group\n" + "\n".join(rows) + "\n")
    dataset = georgia.Dataset.scan(tmp_path / "t.csv")
    # Pairs are carried: 0 1, 2 3, ...; the rule joins 1 and 2, and so 0 to 3.
    split = dataset.split(groups=r"([a-z]+)_000[12]", train=0.4, validation=0.3, test=0.3)
    for label in split.classes:
        for numbers in ((0, 1, 2, 3), (4, 5), (6, 7), (8, 9)):
            inside = (s for s in split.samples if s.label == label and int(s.path[-5]) in numbers)
            assert len({sample.split for sample in inside}) == 1
    with pytest.raises(georgia.InvalidOption, match="contiguous mode knows none"):
        dataset.split(mode="contiguous", groups="x")
    with pytest.raises(georgia.BadInput, match="truncated"):
        dataset.split(mode="contiguous", train=0.9, validation=0.05, test=0.05)


def test_images_that_look_alike_to_a_model_stay_together(tmp_path: Path) -> None:
    for label in ("needles", "plates"):
        (tmp_path / label).mkdir()
        for number in range(8):
            pixels = georgia.synthetic.draw(label, size=48, item=number)
            for copy, change in enumerate((0, 3)):  # a little brighter: no copy by its hash
                lighter = np.minimum(pixels.astype(int) + change * (number + 1), 255)
                png = georgia._core.encode_png(lighter.astype(np.uint8))
                (tmp_path / label / f"{number}_{copy}.png").write_bytes(png)
    model = georgia.Model.create("small_cnn", classes=2, size=48)
    dataset = georgia.Dataset.scan(tmp_path)
    features = model.embed(dataset).features
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    cosines = unit @ unit.T
    threshold = float(np.sort(cosines[np.triu_indices(len(unit), 1)])[-12])
    names = similar_names(dataset, model, threshold)
    alike = np.argwhere(np.triu(cosines >= threshold, 1))
    assert len(alike) >= 12
    assert all(names[a] == names[b] != "" for a, b in alike)
    assert len({name for name in names if name}) == len({names[a] for a, _ in alike})


def test_a_split_by_likeness_asks_for_a_model(photos: Path) -> None:
    dataset = georgia.Dataset.scan(photos)
    with pytest.raises(georgia.InvalidOption, match="similar asks for a model"):
        dataset.split(groups="similar")
    with pytest.raises(georgia.InvalidOption, match="a model for similar"):
        dataset.split(model="runs/a")
    model = georgia.Model.create("small_cnn", classes=2, size=32)
    # features of an untrained network all point the same way: one group, which no split can divide
    with pytest.raises(georgia.BadInput):
        dataset.split(groups="similar", model=model)
