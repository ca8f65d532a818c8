"""explore(): images by what a network sees, and one page of linked views that loads nothing."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from browser import CHROMIUM, Browser

import georgia

HOSTILE = "</script><img src=x onerror=alert(1)>"
HOSTILE_FILE = "<img src=x onerror=alert(2)>&quot;.png"


# A number for each view that draws itself, which changes with what is drawn.
INK = (
    "[...document.querySelectorAll("
    "'#scatter .over, #entropy .over, #graph canvas, #parallel canvas')]"
    ".map((one) => one.toDataURL().split('').reduce((sum, sign) =>"
    " (sum * 31 + sign.charCodeAt(0)) % 1000003, 7))"
)


@pytest.fixture(scope="module")
def trained(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> georgia.Run:
    """A calibrated run with a class and a file whose names want to be run."""
    folder = tmp_path_factory.mktemp("explored")
    shutil.copytree(photos, folder / "photos")
    first = folder / "photos" / "plates" / "plates_0001.png"
    first.rename(first.with_name(HOSTILE_FILE))
    dataset = georgia.Dataset.scan(folder / "photos", classes={"needles": HOSTILE})
    run = georgia.train(
        dataset, out=folder / "run", network="small_cnn", epochs=3, size=32, progress=False
    )
    georgia.calibrate(run)
    return run


@pytest.fixture(scope="module")
def found(trained: georgia.Run) -> georgia.Exploration:
    return georgia.explore(trained, maps=6, clusters=3)


def test_rows_are_what_the_model_says_of_each_image(
    found: georgia.Exploration, trained: georgia.Run
) -> None:
    model = georgia.load(trained)
    samples = trained.dataset.samples
    assert found.paths == trained.dataset.paths(samples)
    assert found.labels == [sample.label for sample in samples]
    assert found.splits == [sample.split for sample in samples]
    assert np.array_equal(found.features, model.embed(found.paths).features)
    assert found.predictions is not None
    assert np.array_equal(found.predictions.probabilities, model.predict(found.paths).probabilities)
    unit = found.features / np.linalg.norm(found.features, axis=1, keepdims=True)
    cosines = unit.astype(float) @ unit.T.astype(float)
    np.fill_diagonal(cosines, -2)
    near = np.take_along_axis(cosines, found.graph.indices, axis=1)
    np.testing.assert_allclose(near[:, 0], cosines.max(axis=1), atol=1e-5)  # float32 lengths
    np.testing.assert_allclose(1 - found.graph.distances, near, atol=1e-5)
    assert found.clusters.sizes.sum() == len(found) == 40
    assert 3 <= len(found.maps) <= 6


def test_turned_copies_have_equal_entropy(tmp_path: Path) -> None:
    pixels = georgia.synthetic.draw("needles", size=64)
    for number, image in enumerate((pixels, np.rot90(pixels), pixels[:, ::-1])):
        png = georgia._core.encode_png(np.ascontiguousarray(image))
        (tmp_path / f"{number}.png").write_bytes(png)
    found = georgia.explore(tmp_path, network="small_cnn", weights="none", clusters=1)
    gray = pixels @ [0.299, 0.587, 0.114]
    shares = np.bincount(np.clip(np.round(gray), 0, 255).astype(int).ravel(), minlength=256)
    shares = shares[shares > 0] / shares.sum()
    assert found.entropies[0] == found.entropies[1] == found.entropies[2]
    assert found.entropies[0] == pytest.approx(-(shares * np.log2(shares)).sum(), abs=0.02)
    assert found.intensities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert found.predictions is None
    assert np.isnan(found.silhouette)


def test_a_folder_without_classes_and_with_a_damaged_file(photos: Path, tmp_path: Path) -> None:
    for number, file in enumerate(sorted(photos.rglob("*.png"))[:9]):
        shutil.copy(file, tmp_path / f"{number}.png")
    (tmp_path / "4.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    found = georgia.explore(tmp_path, network="small_cnn", weights="none", every=2, clusters=9)
    assert [Path(path).name for path in found.paths] == ["0.png", "2.png", "6.png", "8.png"]
    assert [Path(path).name for path in found.unreadable] == ["4.png"]
    assert found.labels == [""] * 4
    assert len(found.clusters.centres) == 4  # no more than images
    header, *rows = found.to_csv().splitlines()
    assert header.startswith("path,class,split,cluster,label,confidence")
    assert len(rows) == 4


def test_neighbours_can_come_from_a_store_of_the_same_model(
    found: georgia.Exploration, trained: georgia.Run, tmp_path: Path
) -> None:
    place = tmp_path / "vectors.sqlite"
    model = georgia.load(trained)
    with georgia.store.open(place, model=model) as kept:
        kept.add_images([Path(path).read_bytes() for path in found.paths])  # by other names
    again = georgia.explore(trained, maps=0, store=place)
    assert again.stored is not None
    own = [[index for index, *_ in row] for row in again.stored]
    assert [row[0] for row in own] == found.graph.indices[:, 0].tolist()
    assert json.loads(known_of(again.write(tmp_path / "a.html")))["neighbours"]["outside"] == []
    other = georgia.Model.create("small_cnn", classes=["a", "b"], size=32, seed=9)
    with pytest.raises(georgia.BadInput, match="another model"):
        georgia.explore(trained, model=other, maps=0, store=place)


def known_of(page: Path) -> str:
    text = page.read_text("utf-8")
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    assert match is not None
    return match[1]


def test_the_page_holds_everything_and_no_name_as_markup(
    found: georgia.Exploration, tmp_path: Path
) -> None:
    page = found.write(tmp_path / "a.html")
    text = page.read_text("utf-8")
    known = json.loads(known_of(page))
    assert known["classes"][0] == HOSTILE
    assert HOSTILE not in text
    assert HOSTILE_FILE not in text
    assert len(known["thumbnails"]) == 40
    assert "default-src 'none'" in text
    assert text.count("How to read this") == 8  # every view but the last, which explains itself


def test_large_thumbnails_stand_beside_the_page(found: georgia.Exploration, tmp_path: Path) -> None:
    page = found.write(tmp_path / "a b.html", inside_mib=0)
    assert json.loads(known_of(page))["thumbnails"] == "a%20b_thumbnails"
    assert len(list((tmp_path / "a b_thumbnails").glob("*.jpg"))) == 40


def test_a_model_of_other_classes_makes_no_mistakes(
    found: georgia.Exploration, trained: georgia.Run, tmp_path: Path
) -> None:
    for label in ("cat", "dog"):
        (tmp_path / label).mkdir()
        for path in found.paths[:3]:
            shutil.copy(path, tmp_path / label)
    again = georgia.explore(tmp_path, model=trained, maps=2)
    assert set(json.loads(known_of(again.write(tmp_path / "a.html")))["isRight"]) == {-1}


def test_bad_requests_are_told_before_any_work(trained: georgia.Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(georgia.BadInput, match="no images in it"):
        georgia.explore(tmp_path / "empty")
    with pytest.raises(georgia.IoError, match="no such folder"):
        georgia.explore(tmp_path / "missing")
    with pytest.raises(georgia.InvalidOption, match="got both"):
        georgia.explore(trained, model=trained, network="small_cnn")
    with pytest.raises(georgia.InvalidOption, match="projection"):
        georgia.explore(trained, projection="tsne")
    with pytest.raises(georgia.InvalidOption, match="seed >= 0 and clusters >= 1"):
        georgia.explore(trained, seed=-1)
    with pytest.raises(georgia.InvalidOption, match="neighbours from 1 to 10"):
        georgia.explore(trained, neighbours=11)
    with pytest.raises(georgia.IoError, match="store"):
        georgia.explore(trained, maps=0, store=tmp_path / "none.sqlite")


def test_the_command_writes_page_and_table(photos: Path, tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("georgia")), "explore", str(photos)]
    options = ["--network", "small_cnn", "--weights", "none", "--out", "a.html", "--csv", "a.csv"]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, cwd=tmp_path, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "page: a.html" in done.stdout
    assert len((tmp_path / "a.csv").read_text().splitlines()) == 41
    done = subprocess.run(
        [*command, "--out", "none/a.html"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stderr == "georgia: [explore] none: no such folder\n"


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_real_browser_draws_and_links_every_view(
    found: georgia.Exploration, tmp_path: Path
) -> None:
    page = found.write(tmp_path / "a.html")
    with Browser(tmp_path / "profile", 1280, 4000) as browser:
        browser.open(page)
        browser.run("drawSoon()")
        drawn = browser.run("views.map((one) => one.isNear && one.changes.size === 0)")
        assert drawn == [True] * 9
        assert browser.run("document.querySelectorAll('#gallery .tile img').length") == 40
        assert browser.run("Object.keys(document.querySelector('#scatter .view').data).length") > 2
        # a selection in one view is seen in all others
        browser.run("select([1, 5, 7])")
        counts = browser.run(
            "[document.querySelectorAll('#gallery .tile[aria-pressed=true]').length,"
            " document.querySelector('#selection textarea').value.split('\\n').length]"
        )
        assert counts == [3, 3]
        before = browser.run(INK)
        browser.run("select([1])")
        after = browser.run(INK)
        assert all(one != other for one, other in zip(before, after, strict=True))
        browser.run("select([1, 5, 7])")
        assert browser.run("selectionCsv()").count("\n") == 4
        # filters and keys
        browser.run(
            "(() => { const box = document.querySelector('[data-filter=cluster] select');"
            " box.value = '0'; box.dispatchEvent(new Event('change')); return drawSoon(); })()"
        )
        kept = int(found.clusters.sizes[0])
        assert browser.run("document.querySelectorAll('#gallery .tile').length") == kept
        browser.run("document.querySelector('#gallery .tile').focus()")
        browser.press("ArrowRight")
        browser.press("Enter")
        second = int(np.flatnonzero(found.clusters.labels == 0)[1])
        assert browser.run("state.current") == second
        browser.press("Escape")
        assert browser.run("state.selected.size") == 0
        # names are text, wherever they stand
        hostile = next(i for i, path in enumerate(found.paths) if HOSTILE_FILE in path)
        browser.run(f"look({hostile})")
        shown = browser.run("document.querySelector('#detail dd').textContent")
        assert shown.endswith(HOSTILE_FILE)
        browser.run("(state.colour = 'label', changed('colour'))")
        assert browser.run("document.querySelectorAll('img[src=x]').length") == 0
        for name in ("gallery", "scatter", "graph", "detail", "entropy", "histograms", "parallel"):
            assert saved(browser, name) == ["data:image/png", "data:image/svg"], name
        assert browser.console == []
        assert browser.requests == []


def saved(browser: Browser, name: str) -> list[str]:
    """What the two buttons of a view would save."""
    return browser.run(
        "(async () => { const kept = []; window.saveAs = (_, url) => kept.push(url.slice(0, 14));"
        f" for (const one of document.querySelectorAll('#{name} [data-save]')) one.click();"
        " while (kept.length < 2) await new Promise((done) => setTimeout(done, 20));"
        " return kept.sort(); })()"
    )


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_a_range_drawn_on_an_upright_selects(found: georgia.Exploration, tmp_path: Path) -> None:
    page = found.write(tmp_path / "a.html")
    with Browser(tmp_path / "profile", 1280, 4000) as browser:
        browser.open(page)
        browser.run("drawSoon()")
        x, top, bottom = browser.run(
            "(() => { const box = sheet.getBoundingClientRect(), one = uprights[0];"
            " return [box.left + uprightX(0), box.top + uprightY(one, 1.5),"
            " box.top + uprightY(one, 0.5)]; })()"
        )
        browser.mouse("mousePressed", x, top)
        browser.mouse("mouseMoved", x, bottom, buttons=1)
        browser.mouse("mouseReleased", x, bottom)
        chosen = browser.run("[...state.selected]")
        assert chosen == np.flatnonzero(found.clusters.labels == 1).tolist()
        browser.mouse("mousePressed", x, top)
        browser.mouse("mouseReleased", x, top)
        assert browser.run("state.selected.size") == 0


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_nodes_of_the_graph_are_dragged_and_pull_at_their_neighbours(
    found: georgia.Exploration, tmp_path: Path
) -> None:
    page = found.write(tmp_path / "a.html")
    with Browser(tmp_path / "profile", 1280, 2000) as browser:
        browser.open(page)
        browser.run("drawSoon().then(() => { graph.heat = 0; })")
        browser.run("new Promise((done) => setTimeout(done, 500))")  # it lies still now
        pull = (
            "(() => { const box = graph.canvas.getBoundingClientRect(), [x, y] = graph.screen(0);"
            " return [x + box.left, y + box.top, graph.x[0],"
            " graph.x[data.neighbours.number[0][0]]];"
            " })()"
        )
        x, y, own, near = browser.run(pull)
        browser.mouse("mouseMoved", x, y)
        assert browser.run("tip.hidden") is False
        assert browser.run("tip.querySelector('img').alt") != ""
        browser.mouse("mousePressed", x, y)
        browser.mouse("mouseMoved", x + 60, y, buttons=1)
        assert browser.run("new Promise((done) => setTimeout(() => done(graph.heat > 0), 400))")
        browser.mouse("mouseReleased", x + 60, y)
        _, _, own_after, near_after = browser.run(pull)
        assert abs(own_after - own) > 5
        assert near_after != near


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_browser_would_tell_of_errors_and_requests(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<script src='http://example.test/a.js'></script><script>nothing()</script>")
    with Browser(tmp_path / "profile") as browser:
        browser.open(page)
        browser.run("new Promise((done) => setTimeout(done, 300))")
        assert any("nothing is not defined" in line for line in browser.console)
        assert browser.requests == ["http://example.test/a.js"]
