"""On a real API server: what is rolled back is as ``kubectl rollout undo`` would have left it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.workload_setup import (
    Ground,
    execute,
    grounds,
    kubectl,
    observed,
    plan,
    released,
    source_of,
)

pytestmark = pytest.mark.cluster

KINDS = ("Deployment", "StatefulSet", "DaemonSet")


@pytest.fixture
async def twins() -> AsyncIterator[list[Ground]]:
    if not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    async with grounds(KubernetesSettings(kubeconfig=Path(REAL)), "", "") as made:
        yield made


def _told(item: dict[str, Any]) -> dict[str, Any]:
    """Return what a rollback may change of a workload."""
    annotations = dict(item["metadata"].get("annotations") or {})
    annotations.pop(PLAN_ANNOTATION, None)
    return {"annotations": annotations, "spec": item["spec"]}


@pytest.mark.parametrize("kind", KINDS)
async def test_each_revision_comes_back_as_with_kubectl(twins: list[Ground], kind: str) -> None:
    ours, theirs = twins
    for ground in twins:
        await released(ground, kind, 4)
    numbers = [1, 2, 3, 4]
    async with source_of(ours) as source:
        for to in (2, 1, 3, 4):
            planned = await plan(source, "rollback", ours.ref(kind, "web"), to=str(to))
            assert not planned.blockers
            await execute(source, planned)
            undo = ("rollout", "undo", f"{kind}/web", f"--to-revision={to}")
            assert "rolled back" in await kubectl(theirs.settings, theirs.namespace, *undo)
            numbers = [*(number for number in numbers if number != to), numbers[-1] + 1]
            for ground in twins:
                await observed(ground, kind, numbers)
            our, their = [_told(await ground.get(kind, "web")) for ground in twins]
            assert our == their


@pytest.mark.parametrize("kind", KINDS)
async def test_where_kubectl_changes_nothing_it_is_refused(twins: list[Ground], kind: str) -> None:
    ground = twins[0]
    await released(ground, kind, 2)
    before = await ground.get(kind, "web")
    undo = ("rollout", "undo", f"{kind}/web", "--to-revision=2")
    await kubectl(ground.settings, ground.namespace, *undo)  # skips, or patches in vain
    after = await ground.get(kind, "web")
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    async with source_of(ground) as source:
        planned = await plan(source, "rollback", ground.ref(kind, "web"), to="2")
    assert planned.blockers == ("the template already matches revision 2: nothing would change",)
    assert not planned.changes
