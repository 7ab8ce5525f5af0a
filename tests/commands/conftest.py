"""The demo world, stopped at a fixed time, for commands to look at."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.commands import doctor_records
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from tests.demo_sources import with_sources
from tests.patience import PATIENCE


@pytest.fixture(scope="session")
def whole_demo_config() -> Iterator[Path]:
    """Return a config file that shows the demo world, with all of its sources."""
    with running_demo(DemoOptions(7, 0, datetime(2026, 1, 15, 9, 30, tzinfo=UTC))) as config:
        yield config


@pytest.fixture(autouse=True)
def records_are_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``doctor`` read all records, however busy the machine is."""
    monkeypatch.setattr(doctor_records, "PATIENCE", PATIENCE)


Of = Callable[..., Path]


@pytest.fixture(scope="session")
def demo_of(whole_demo_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Of:
    """Return what writes a config file that shows the demo world by only some of its sources."""

    def of(*sources: str) -> Path:
        config = tmp_path_factory.mktemp("demo") / "opsboard.toml"
        shutil.copy(whole_demo_config, config)
        return with_sources(config, *sources)

    return of


@pytest.fixture(scope="session")
def demo_config(demo_of: Of) -> Path:
    """Return a config file that shows the demo world but for its registry."""
    return demo_of("github", "clusters", "mlflow")


@pytest.fixture(scope="session")
def clusters_config(demo_of: Of) -> Path:
    """Return a config file that shows the clusters alone: to ask all others is most of the work."""
    return demo_of("clusters")


@pytest.fixture(scope="session")
def models_config(demo_of: Of) -> Path:
    """Return a config file that shows MLflow alone, likewise."""
    return demo_of("mlflow")
