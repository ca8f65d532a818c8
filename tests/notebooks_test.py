"""Every notebook runs from top to bottom, and is committed without outputs."""

import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_notebook_runs(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        assert not cell.get("outputs"), f"{path.name} is committed with outputs"
        assert cell.get("execution_count") is None, f"{path.name} is committed with counts"
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    told = [output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not any("Warning" in text or "Traceback" in text for text in told)
    last = notebook.cells[-1].outputs
    assert any("image/png" in output.get("data", {}) for output in last), "no picture at the end"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_stopped_cell_saves_and_the_next_goes_on(photos: Path, tmp_path: Path) -> None:
    manager, client = start_new_kernel(cwd=str(tmp_path))
    try:
        training = f"georgia.train({str(photos)!r}, out='run', epochs=500, size=32, batch=8)"
        # Else the kernel throws away what is asked of it soon after the error.
        client.execute(f"import georgia; {training}", stop_on_error=False)
        begin = time.monotonic()
        while not (tmp_path / "run" / "checkpoint.safetensors").exists():
            assert time.monotonic() - begin < 300
            time.sleep(0.05)
        manager.interrupt_kernel()
        content = client.get_shell_msg(timeout=120)["content"]
        assert content["ename"] == "KeyboardInterrupt"
        state = "state = georgia.Run('run').state; assert 0 < state['step'] < 2000, state"
        again = "assert len(georgia.train(%r, epochs=1, size=32, out='b').history['epoch']) == 1"
        for code in (state, again % str(photos)):
            answer = client.execute(code, reply=True, timeout=300)["content"]
            assert answer["status"] == "ok", answer
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
