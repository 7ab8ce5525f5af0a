"""The demo world, stopped at a fixed time, for commands to look at."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo


@pytest.fixture(scope="session")
def demo_config() -> Iterator[Path]:
    """Return a config file that shows the demo world."""
    with running_demo(DemoOptions(7, 0, datetime(2026, 1, 15, 9, 30, tzinfo=UTC))) as config:
        yield config
