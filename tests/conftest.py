"""What several tests share: synthetic photos, one finished run, and the shared data if present."""

from pathlib import Path

import pytest

import georgia

SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four classes of ten small images."""
    return georgia.synthetic.write(tmp_path_factory.mktemp("photos"), per_class=10, size=48)


@pytest.fixture(scope="session")
def run(photos: Path, tmp_path_factory: pytest.TempPathFactory) -> georgia.Run:
    """Two epochs on the photos."""
    return georgia.train(
        photos, out=tmp_path_factory.mktemp("run") / "a", epochs=2, size=32, progress=False
    )


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data for development; a user's machine has none."""
    if not SHARED.is_dir():
        pytest.skip(f"no real data beside the project ({SHARED})")
    return SHARED
