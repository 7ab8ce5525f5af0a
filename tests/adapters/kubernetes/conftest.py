"""What the tests of acts are given."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.kubernetes import scenes
from tests.adapters.kubernetes.test_contract import REAL


@pytest.fixture(params=["demo", pytest.param("real", marks=pytest.mark.cluster)])
async def scene(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[scenes.Scene]:
    """Yield the scene of the demo, and that of a real cluster where one is named."""
    if request.param == "real" and not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    made = scenes.real_scene() if request.param == "real" else scenes.demo_scene(tmp_path)
    async with made as scene:
        yield scene
