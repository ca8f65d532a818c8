"""How long the explorer's page takes to open, and to show a selection, in headless Chromium.

    python -m benchmarks.explorer PAGE.html...

Without a graphics card. Ready is when every view that can be seen is drawn; a selection of a fifth
of the images is timed until the frame after it is drawn, with the graph at rest and in motion.
"""

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks import machine
from tests.browser import Browser

_SELECT = """(async () => {
  const taken = [];
  for (let k = 0; k < 9; ++k) {
    const some = EVERY.filter((i) => (i * 7 + k) % 5 === 0), began = performance.now();
    await select(some);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    taken.push(performance.now() - began);
  }
  return taken;
})()"""


def measure(page: Path, height: int) -> str:
    # the browser may still be writing to its profile when it is gone
    place = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with place as profile, Browser(Path(profile), 1280, height) as browser:
        browser.open(page)
        ready = browser.run("drawSoon().then(() => performance.now())") / 1000
        moving = median(browser.run(_SELECT))
        while browser.run("graph && graph.heat > 0.01"):
            time.sleep(0.5)
        still = median(browser.run(_SELECT))
        images = browser.run("COUNT")
        assert browser.console == []
    return f"| {images} | 1280 x {height} | {ready:.1f} s | {still:.0f} ms | {moving:.0f} ms |"


def main() -> None:
    print(machine.described())
    print("| images | window | ready | selection, graph at rest | graph in motion |")
    print("| ---: | --- | ---: | ---: | ---: |")
    for page in sys.argv[1:]:
        for height in (900, 2200):
            print(measure(Path(page).absolute(), height))


if __name__ == "__main__":
    main()
