"""The screenshots in the repository show what the board looks like now."""

import asyncio
from pathlib import Path

import pytest
from screenshots.scenes import SCENES
from screenshots.studio import shoot_all

FOLDER = Path(__file__).parents[2] / "screenshots"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("screenshots")
    asyncio.run(shoot_all(folder))
    return folder


@pytest.mark.parametrize("name", [scene.name for scene in SCENES])
def test_screenshot_is_not_stale(made: Path, name: str) -> None:
    kept, now = ((folder / f"{name}.svg").read_text("utf-8") for folder in (FOLDER, made))
    assert kept == now, f"{name}.svg is stale: run `python -m screenshots`, and look at it"


def test_no_screenshot_is_left_over() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == {scene.name for scene in SCENES}
