"""The report: one page that opens from disk, loads nothing, and shows names as text."""

import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import georgia

HOSTILE = "</script><img src=x onerror=alert(1)>"
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

# Put behind the page's own script: it clicks, and writes what a reader would then see.
CLICKS = """
<script>
const cells = [...document.querySelectorAll("table.confusion button:not(:disabled)")];
const seen = [];
for (const cell of cells) {
  cell.click();
  const pictures = [...document.querySelectorAll("#cell-images img")];
  seen.push(cell.dataset.count + ":" + pictures.length + ":" +
    pictures.every((one) => one.src.startsWith("data:image/jpeg")));
}
const answer = document.createElement("p");
answer.id = "answer";
answer.textContent = seen.join(" ") + " injected:" + document.querySelectorAll("img[src=x]").length;
document.body.append(answer);
</script>
"""


@pytest.fixture(scope="module")
def evaluated(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> georgia.Run:
    """A run one of whose classes has a name that wants to be run."""
    folder = tmp_path_factory.mktemp("report")
    names = {"needles": HOSTILE, "plates": "a $b$ & <i>", "rhombs": "=1+1"}
    dataset = georgia.Dataset.scan(photos, classes=names)
    run = georgia.train(
        dataset, out=folder / "run", network="small_cnn", epochs=2, size=32, progress=False
    )
    georgia.evaluate(run, split="train")
    return run


def test_the_page_is_whole_and_asks_for_nothing(evaluated: georgia.Run) -> None:
    text = (evaluated.folder / "report.html").read_text("utf-8")
    assert HOSTILE not in text
    assert "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;" in text
    assert not re.search(r'(src|href)="(?!data:)', text)
    assert "default-src 'none'" in text
    for heading in (
        "What was trained on what", "Scores", "Confusion", "Curves", "What it should refuse",
        "How far a confidence can be believed", "Settings and versions",
    ):  # fmt: skip
        assert f"<h2>{heading}</h2>" in text
    assert "Not looked for: <code>georgia label-errors" in text
    assert text.index('class="finding') < text.index("<h2>Scores</h2>")  # warnings come first
    assert "these images were trained on" in text
    assert len(text) < 4_000_000


def test_the_model_card_says_what_it_is_not_for(evaluated: georgia.Run) -> None:
    card = (evaluated.folder / "model_card.md").read_text("utf-8")
    assert HOSTILE not in card
    assert "knows these classes alone" in card
    assert evaluated.model_hash() in card


def test_changed_images_are_said_not_to_be_audited(photos: Path, tmp_path: Path) -> None:
    moved = tmp_path / "photos"
    shutil.copytree(photos, moved)
    again = georgia.train(
        moved, out=tmp_path / "run", network="small_cnn", epochs=1, size=32, progress=False
    )
    (moved / "plates" / "plates_0001.png").unlink()
    result = georgia.evaluate(again, split="train")
    assert result.twins is None
    assert "could not be audited again" in (again.folder / "report.html").read_text("utf-8")


@contextmanager
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that only writes down who comes."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.settimeout(1)
                    heard.append(connection.recv(200))

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield server.getsockname()[1], heard
        finally:
            stop.set()
            thread.join()


def browsed(page: Path, profile: Path, port: int) -> tuple[str, str]:
    """The page as a real browser has it after its scripts ran, and what the console said."""
    assert BROWSER is not None
    done = subprocess.run(
        [
            BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
            f"--user-data-dir={profile}", f"--proxy-server=http://127.0.0.1:{port}",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--enable-logging=stderr", "--virtual-time-budget=4000", "--dump-dom",
            f"file://{page}",
        ],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    console = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    return done.stdout, console


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_a_real_browser_opens_cells_and_no_request_leaves(
    evaluated: georgia.Run, tmp_path: Path
) -> None:
    text = (evaluated.folder / "report.html").read_text("utf-8")
    page = tmp_path / "clicked.html"
    page.write_text(text.replace("</body>", f"{CLICKS}</body>"), "utf-8")
    with listener() as (port, heard):
        dom, console = browsed(page, tmp_path / "profile", port)
    assert console == ""
    asked = [line for line in heard if not re.search(rb"google|gstatic|chrome", line)]
    assert asked == []  # what Chromium asks for itself is not the page's
    found = re.search(r'<p id="answer">(.*?)</p>', dom)
    assert found is not None
    *cells, injected = found[1].split()
    assert injected == "injected:0"
    assert len(cells) >= 4
    for cell in cells:
        count, shown, is_inside = cell.split(":")
        assert is_inside == "true"
        assert int(shown) == min(int(count), 12) or int(shown) == int(count)


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_the_browser_would_tell_of_a_request_and_an_error(tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<script src='http://example.test/a.js'></script><script>nothing()</script>")
    with listener() as (port, heard):
        _, console = browsed(page, tmp_path / "profile", port)
    assert any(b"example.test" in line for line in heard)
    assert "nothing is not defined" in console
