"""What a plan asks the cluster for: each thing once, however many steps of planning need it."""

from collections import Counter

import httpx
import pytest

from opsboard.adapter import Request, Source
from tests.adapters.kubernetes import request_faults
from tests.adapters.kubernetes.scenes import KINDS, Scene
from tests.adapters.kubernetes.test_every_action import ACTION_IDS, _some
from tests.adapters.kubernetes.workload_setup import execute


async def _sent_by(source: Source, scene: Scene) -> list[httpx.Request]:
    """Return the list of all requests that *source* sends from now on."""
    client = await request_faults.client_of(source, scene)
    sent: list[httpx.Request] = []

    async def note(request: httpx.Request) -> None:
        sent.append(request)

    client.event_hooks["request"].append(note)
    return sent


def _asked(sent: list[httpx.Request]) -> Counter[str]:
    """Return how often each URL was read, whatever page of it."""
    return Counter(
        str(one.url.copy_remove_param("limit").copy_remove_param("continue"))
        for one in sent
        if one.method == "GET"
    )


@pytest.mark.parametrize("action", sorted(ACTION_IDS))
async def test_a_plan_asks_for_each_thing_once(scene: Scene, action: str) -> None:
    request = await _some(scene, action)
    async with scene.source() as source:
        sent = await _sent_by(source, scene)
        await source.plan(request)
    asked = _asked(sent)
    assert asked
    assert set(asked.values()) == {1}, asked


@pytest.mark.parametrize("kind", KINDS)
async def test_a_rollback_asks_for_history_and_pods_once(scene: Scene, kind: str) -> None:
    ground, name = await scene.workload(kind)
    async with scene.source() as source:
        sent = await _sent_by(source, scene)
        planned = await source.plan(Request(action="rollback", ref=ground.ref(kind, name)))
        by_plural = Counter(url.partition("?")[0].rpartition("/")[2] for url in _asked(sent))
        kept = "replicasets" if kind == "Deployment" else "controllerrevisions"
        assert (by_plural[kept], by_plural["pods"], by_plural[name]) == (1, 1, 1)
        sent.clear()
        await execute(source, planned)
        asked = _asked(sent)
        assert asked, "what the precondition is compared with is read again"
        if not scene.real:  # whose status may move in between: then it is read once more
            assert set(asked.values()) == {1}, asked
