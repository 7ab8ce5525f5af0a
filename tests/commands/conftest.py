"""The demo world, stopped at a fixed time, for commands to look at."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from tests.demo_sources import with_sources


@pytest.fixture(scope="session")
def whole_demo_config() -> Iterator[Path]:
    """Return a config file that shows the demo world, with all of its sources."""
    with running_demo(DemoOptions(7, 0, datetime(2026, 1, 15, 9, 30, tzinfo=UTC))) as config:
        yield config


@pytest.fixture(scope="session")
def demo_config(whole_demo_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a config file that shows the demo world but for its registry."""
    config = tmp_path_factory.mktemp("demo") / "opsboard.toml"
    shutil.copy(whole_demo_config, config)
    return with_sources(config, "github", "clusters", "mlflow")
