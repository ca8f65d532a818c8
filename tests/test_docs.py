"""The pages of docs/ can be copied into a terminal, and no public name is missing from them.

Blocks of the languages `sh` and `python` are run in order in one temporary folder, those of Python
in one session; what cannot run here (docker, a download) has another language.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
import typer

import georgia
from georgia import cli

DOCS = Path(__file__).parent.parent / "docs"
PAGES = [DOCS / "quick-start.md", *sorted((DOCS / "howto").glob("[!i]*.md"))]
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ENVIRONMENT = os.environ | {
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "MPLBACKEND": "Agg",
}


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders that the first block of a page made; most pages begin alike."""
    folder = tmp_path_factory.mktemp("begun")
    firsts = {first: str(i) for i, (_, first) in enumerate(blocks_of(page)[0] for page in PAGES)}
    return {first: folder / name for first, name in firsts.items()}


def blocks_of(page: Path) -> list[tuple[str, str]]:
    """Language and text of the blocks that are run."""
    return BLOCK.findall(page.read_text("utf-8"))


def run_in_shell(text: str, folder: Path) -> None:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.mark.skipif("GEORGIA_PROOF" not in os.environ, reason="takes minutes; make proof runs it")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_runs_as_it_is_copied(
    page: Path, tmp_path: Path, begun: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("matplotlib", "sklearn", "onnxruntime", "pandas", "PIL"):
        if f"import {name}" in page.read_text("utf-8"):
            pytest.importorskip(name)
    mpl.use("Agg")
    blocks = blocks_of(page)
    (language, first), *rest = blocks
    assert language == "sh", "a page begins by making what it needs, in a shell"
    if not begun[first].exists():
        begun[first].mkdir()
        run_in_shell(first, begun[first])
    shutil.copytree(begun[first], tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    session: dict[str, Any] = {"__name__": "__main__"}
    for language, text in rest:
        if language == "sh":
            run_in_shell(text, tmp_path)
        else:
            exec(compile(text, f"{page.name}: {text[:60]!r}", "exec"), session)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


def public_names() -> list[str]:
    """Names of the package, and those that its public modules define."""
    import georgia.sklearn as sklearn

    names = [f"georgia.{name}" for name in georgia.__all__]
    modules = (georgia.plots, georgia.store, sklearn, georgia.recipes, georgia.synthetic)
    for module in (*modules, georgia.download):
        names.remove(module.__name__) if module.__name__ in names else None
        names += [
            f"{module.__name__}.{name}"
            for name, value in vars(module).items()
            if not name.startswith("_")
            and getattr(value, "__module__", "").startswith(module.__name__)
        ]
    return sorted(names)


def test_every_public_name_is_in_the_reference() -> None:
    pages = "\n".join(page.read_text("utf-8") for page in (DOCS / "api").glob("*.md"))
    documented = set(re.findall(r"^\.\. auto\w+:: (\S+)", pages, re.MULTILINE))
    documented |= set(re.findall(r"`(georgia\.__version__)`", pages))
    missing = [name for name in public_names() if name not in documented]
    assert not missing, f"not in docs/api: {', '.join(missing)}"


def test_no_page_names_a_command_that_is_not_there() -> None:
    commands = set(typer.main.get_command(cli.app).commands)
    for page in DOCS.rglob("*.md"):
        text = page.read_text("utf-8")
        listings = "\n".join(re.findall(r"^```(?:sh|text)\n(.*?)^```$", text, re.M | re.S))
        named = re.findall(r"`georgia ([a-z-]+)", text)
        named += re.findall(r"^georgia ([a-z-]+)", listings, re.M)
        assert set(named) <= commands, f"{page.name}: {set(named) - commands}"


def test_the_citation_names_this_version() -> None:
    text = (DOCS.parent / "CITATION.cff").read_text("utf-8")
    assert f"version: {georgia.__version__}\n" in text
