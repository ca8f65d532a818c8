"""The synthetic set is what its manifest says, and deterministic."""

import inspect
import json
from pathlib import Path

import numpy as np
import pytest

import georgia

MANIFEST = Path(__file__).parent.parent / "data_manifest" / "synthetic_crystals.json"


def test_the_manifest_describes_what_is_drawn() -> None:
    manifest = json.loads(MANIFEST.read_text())
    defaults = inspect.signature(georgia.synthetic.write).parameters
    assert list(manifest["classes"]) == georgia.synthetic.classes()
    assert set(manifest["classes"].values()) == {defaults["per_class"].default}
    image = georgia.synthetic.draw("plates", size=defaults["size"].default)
    assert image.shape == (manifest["height"], manifest["width"], manifest["channels"])


def test_images_are_deterministic_and_not_trivial(tmp_path: Path) -> None:
    for habit in georgia.synthetic.classes():
        image = georgia.synthetic.draw(habit, size=96, item=5)
        np.testing.assert_array_equal(image, georgia.synthetic.draw(habit, size=96, item=5))
        assert image.std() > 4
    folder = georgia.synthetic.write(tmp_path, per_class=1, size=32)
    assert len(list(folder.glob("*/*.png"))) == 4
    with pytest.raises(georgia.InvalidOption, match="needles, plates, rhombs, spherulites"):
        georgia.synthetic.draw("cubes")


def test_mean_brightness_does_not_tell_the_class() -> None:
    means = {
        habit: np.mean([georgia.synthetic.draw(habit, size=64, item=i).mean() for i in range(30)])
        for habit in georgia.synthetic.classes()
    }
    assert max(means.values()) - min(means.values()) < 25  # of levels that range over 70
