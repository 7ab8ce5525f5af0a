"""What the tests of Kubernetes are given: a cluster that does as a script says, and scenes."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from opsboard.demo.server import serve_in_thread
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes import scenes
from tests.adapters.kubernetes.scripted_cluster import ScriptedCluster, write_kubeconfig
from tests.adapters.kubernetes.test_contract import REAL


@pytest.fixture(params=["demo", pytest.param("real", marks=pytest.mark.cluster)])
async def scene(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[scenes.Scene]:
    """Yield the scene of the demo, and that of a real cluster where one is named."""
    if request.param == "real" and not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    made = scenes.real_scene() if request.param == "real" else scenes.demo_scene(tmp_path)
    async with made as scene:
        yield scene


@pytest.fixture
def cluster() -> ScriptedCluster:
    """Return a cluster that does as its script says."""
    return ScriptedCluster()


@pytest.fixture
def settings(cluster: ScriptedCluster, tmp_path: Path) -> Iterator[KubernetesSettings]:
    """Yield the settings that lead to it."""
    with serve_in_thread(cluster.app) as url:
        yield KubernetesSettings(kubeconfig=write_kubeconfig(tmp_path, url))
