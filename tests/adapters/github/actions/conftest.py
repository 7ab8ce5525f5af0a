"""A stage for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.github.actions.stage import AppHarness, staged


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[AppHarness]:
    async with staged(tmp_path) as made:
        yield made
