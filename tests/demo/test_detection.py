"""What is the demo's is told by its sources, wherever its config was copied to."""

from pathlib import Path

import pytest

from opsboard.config.load import load_config
from opsboard.demo.detection import FOLDER_PREFIX, is_demo
from opsboard.demo.folder import write_config
from opsboard.demo.options import DemoOptions
from opsboard.demo.serve import create_demo


@pytest.fixture
def config(tmp_path: Path) -> str:
    """Return the config that the demo writes."""
    folder = tmp_path / f"{FOLDER_PREFIX}x"
    folder.mkdir()
    world, _ = create_demo(DemoOptions())
    return write_config(folder, "http://127.0.0.1:8123", world).read_text()


def _is_demo(folder: Path, config: str) -> bool:
    file = folder / "mine.toml"
    file.write_text(config)
    return is_demo(load_config(file).sources)


def test_the_demos_own_config_is_the_demo_wherever_it_is(tmp_path: Path, config: str) -> None:
    assert _is_demo(tmp_path, config)
    assert _is_demo(tmp_path, f'{config}\n[environments]\nproduction = ["production-*"]\n')


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ('token = "demo-token"', 'token = "ghp_0123456789"'),
        ("http://127.0.0.1:8123/api/v3", "https://github.example.com/api/v3"),
        ("http://127.0.0.1:8123/mlflow", "http://127.0.0.1:5000"),
        ("http://127.0.0.1:8123/mlflow", "https://mlflow.example.com/mlflow"),
        ("http://127.0.0.1:8123/terraform", "http://127.0.0.1:8123/states"),
        (FOLDER_PREFIX, "kube-"),
    ],
)
def test_with_one_source_of_ones_own_it_is_none(
    tmp_path: Path, config: str, ours: str, theirs: str
) -> None:
    assert ours in config
    assert not _is_demo(tmp_path, config.replace(ours, theirs))


def test_a_further_source_makes_it_ones_own(tmp_path: Path, config: str) -> None:
    assert not _is_demo(tmp_path, f'{config}\n[sources.train]\nadapter = "command"\n')


def test_no_source_is_no_demo(tmp_path: Path) -> None:
    assert not _is_demo(tmp_path, "")
