"""Rolling back while others change the same, and with answers that get lost."""

from typing import Any

import httpx
import pytest

from opsboard.adapter import (
    OutcomeUnknown,
    PreconditionFailed,
    ReconcileOutcome,
    SourceError,
    Unreachable,
    Verdict,
)
from opsboard_adapters.kubernetes.actions.pod_template import template_digest
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from tests.adapters.kubernetes import request_faults
from tests.adapters.kubernetes.scenes import KINDS, Scene
from tests.adapters.kubernetes.workload_setup import (
    JSON_PATCH,
    execute,
    plan,
    revisions,
    until,
    verdict,
)

DOUBTS = {
    "cut before": (request_faults.cut_before, ReconcileOutcome.NOT_DONE),
    "503 before": (request_faults.in_trouble_before, ReconcileOutcome.NOT_DONE),
    "cut after": (request_faults.cut_after, ReconcileOutcome.DONE),
    "504 after": (request_faults.in_trouble_after, ReconcileOutcome.DONE),
    "silent after": (request_faults.silent_after, ReconcileOutcome.DONE),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_what_moved_since_the_plan_is_left_alone(scene: Scene, kind: str) -> None:
    ground, name = await scene.workload(kind)
    to = next(iter(await revisions(ground, kind, name)))
    change = {"op": "add", "path": "/spec/template/metadata/annotations", "value": {"by": "them"}}
    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref(kind, name), to=str(to))
        await ground.patch(kind, name, [change], JSON_PATCH)
        sent = await request_faults.writes_of(source, scene)
        with pytest.raises(PreconditionFailed):
            await execute(source, planned)
        assert not sent
    item = await ground.get(kind, name)
    assert item["spec"]["template"]["metadata"]["annotations"] == {"by": "them"}


async def test_somebody_who_is_quicker_by_a_hair_is_not_overwritten(scene: Scene) -> None:
    """The race between the last look and what is sent: the server holds the precondition."""
    ground, name = await scene.workload("Deployment")
    to = next(iter(await revisions(ground, "Deployment", name)))
    change = {"op": "add", "path": "/spec/template/metadata/annotations", "value": {"by": "them"}}

    async def quicker(request: httpx.Request, forward: request_faults.Forward) -> httpx.Response:
        await ground.patch("Deployment", name, [change], JSON_PATCH)
        return await forward(request)

    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref("Deployment", name), to=str(to))
        await request_faults.trouble(source, scene, quicker)
        with pytest.raises(PreconditionFailed):
            await execute(source, planned)
    item = await ground.get("Deployment", name)
    assert item["spec"]["template"]["metadata"]["annotations"] == {"by": "them"}


async def test_a_status_that_moved_is_no_hindrance(scene: Scene) -> None:
    """Pods of a bad roll-out crash all the time: each time, the resource version is another."""
    ground, name = await scene.workload("Deployment")
    to = next(iter(await revisions(ground, "Deployment", name)))

    async def meanwhile(request: httpx.Request, forward: request_faults.Forward) -> httpx.Response:
        before = await ground.get("Deployment", name)
        pods = [one["metadata"]["name"] for one in await ground.list("Pod")]
        pod = next(one for one in pods if one.startswith(f"{name}-"))
        await ground.client.delete(ground.path("Pod", pod))
        version = before["metadata"]["resourceVersion"]

        async def look() -> dict[str, Any]:
            await scene.pass_time(1)
            return await ground.get("Deployment", name)

        after = await until(look, lambda seen: seen["metadata"]["resourceVersion"] != version)
        assert after["metadata"]["generation"] == before["metadata"]["generation"]
        return await forward(request)

    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref("Deployment", name), to=str(to))
        await request_faults.trouble(source, scene, meanwhile)
        await execute(source, planned)
    item = await ground.get("Deployment", name)
    assert item["metadata"]["annotations"][PLAN_ANNOTATION] == planned.id


async def test_a_refusal_at_a_version_that_has_not_moved_is_final(scene: Scene) -> None:
    """A webhook refuses with 409 what was made for the object as it is: asking again is in vain."""
    ground, name = await scene.workload("Deployment")
    to = next(iter(await revisions(ground, "Deployment", name)))
    sent: list[httpx.Request] = []

    async def refuse(request: httpx.Request) -> httpx.Response:
        if request_faults.reads(request):
            return await inner.handle_async_request(request)
        sent.append(request)
        return httpx.Response(409, request=request, json={"message": "not on a Friday"})

    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref("Deployment", name), to=str(to))
        client = await request_faults.client_of(source, scene)
        inner = client._transport
        client._transport = httpx.MockTransport(refuse)
        with pytest.raises(SourceError, match="not on a Friday"):
            await execute(source, planned)
    assert len(sent) == 1


@pytest.mark.parametrize(
    ("kind", "doubt"),
    [
        *(("Deployment", doubt) for doubt in DOUBTS),
        *((kind, doubt) for kind in KINDS[1:] for doubt in ("cut before", "cut after")),
    ],
)
async def test_a_lost_answer_is_settled(scene: Scene, kind: str, doubt: str) -> None:
    what, fate = DOUBTS[doubt]
    ground, name = await scene.workload(kind)
    to = next(iter(before := await revisions(ground, kind, name)))
    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref(kind, name), to=str(to))
        assert (await source.reconcile(planned)).outcome is ReconcileOutcome.NOT_DONE
        await request_faults.trouble(source, scene, what)
        sent = await request_faults.writes_of(source, scene)
        with pytest.raises(OutcomeUnknown):
            await execute(source, planned)
        assert len(sent) == 1, "it is never sent again by itself"
        settled = await source.reconcile(planned)
        assert settled.outcome is fate, settled
        done = template_digest(
            (await ground.get(kind, name))["spec"]["template"]
        ) == template_digest(before[to])
        assert done is (fate is ReconcileOutcome.DONE), "and that is the truth"
        if settled.receipt is not None:
            ended = await verdict(source, planned, settled.receipt)
            assert ended.verdict is Verdict.SUCCEEDED


async def test_it_is_settled_after_another_has_undone_it(scene: Scene) -> None:
    """``kubectl rollout undo`` takes the mark off the Deployment; the ReplicaSet still bears it."""
    ground, name = await scene.workload("Deployment")
    to, *_, now = before = await revisions(ground, "Deployment", name)
    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref("Deployment", name), to=str(to))
        await execute(source, planned)
        await until(lambda: revisions(ground, "Deployment", name), lambda seen: now + 1 in seen)
        await until(
            lambda: source.reconcile(planned), lambda seen: seen.outcome is ReconcileOutcome.DONE
        )
        undone = [
            {"op": "replace", "path": "/spec/template", "value": before[now]},
            {"op": "remove", "path": "/metadata/annotations/opsboard.dev~1plan"},
        ]
        await ground.patch("Deployment", name, undone, JSON_PATCH)
        await until(lambda: revisions(ground, "Deployment", name), lambda seen: now + 2 in seen)
        assert (await source.reconcile(planned)).outcome is ReconcileOutcome.DONE


async def test_where_nobody_listens_nothing_was_done(scene: Scene) -> None:
    ground, name = await scene.workload("Deployment")
    to = next(iter(await revisions(ground, "Deployment", name)))
    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref("Deployment", name), to=str(to))
        await request_faults.trouble(source, scene, request_faults.refused_connection)
        with pytest.raises(Unreachable):
            await execute(source, planned)
