"""What a look at a cluster says of a request that may be on its way, and whether that stays so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from opsboard.adapter import OutcomeUnknown, Plan, ReconcileOutcome, Request
from opsboard_adapters.kubernetes.parse.declarations import PLAN_ANNOTATION
from tests.adapters.kubernetes import request_faults
from tests.adapters.kubernetes.scenes import KINDS, Scene
from tests.adapters.kubernetes.test_every_action import _some
from tests.adapters.kubernetes.workload_setup import Ground, execute, plan, revisions, until

VERSIONED = ("rollback", "restart", "scale", "pause", "resume", "suspend", "unsuspend", "delete")
REFUSED = {409, 422}


@dataclass
class Held:
    """The request that is held up, and the way on to the server."""

    request: httpx.Request | None = None
    forward: request_faults.Forward | None = None

    async def __call__(
        self, request: httpx.Request, forward: request_faults.Forward
    ) -> httpx.Response:
        self.request, self.forward = request, forward
        raise httpx.ReadTimeout("held up", request=request)

    async def land(self) -> int:
        assert self.request is not None
        assert self.forward is not None
        answer = await self.forward(self.request)
        await answer.aread()
        return answer.status_code


def _ground(scene: Scene, planned: Plan) -> Ground:
    ground = scene.ground
    return Ground(scene.settings, ground.client, ground.cluster, planned.payload["namespace"])


async def _patch(scene: Scene, planned: Plan, change: Mapping[str, Any]) -> None:
    ground = _ground(scene, planned)
    await ground.patch(planned.payload["resource"], planned.payload["name"], change)


@pytest.mark.parametrize("action", VERSIONED)
async def test_what_is_held_up_fails_once_another_version_is_seen(
    scene: Scene, action: str
) -> None:
    if action == "delete" and not scene.real:
        pytest.skip("nobody can patch a pod of the demo")
    request, held = await _some(scene, action), Held()
    async with scene.source() as source:
        planned = await source.plan(request)
        await request_faults.trouble(source, scene, held)
        with pytest.raises(OutcomeUnknown):
            await execute(source, planned)
        first = await source.reconcile(planned)
        assert (first.outcome, first.final) == (ReconcileOutcome.NOT_DONE, False)
        assert first.version
        await _patch(scene, planned, {"metadata": {"annotations": {"touched": "yes"}}})
        second = await source.reconcile(planned)
        assert second.outcome is ReconcileOutcome.NOT_DONE
        assert second.version != first.version
        assert await held.land() in REFUSED
        assert (await source.reconcile(planned)).outcome is ReconcileOutcome.NOT_DONE


@pytest.mark.parametrize("action", sorted({*VERSIONED, "run"}))
async def test_what_is_held_up_lands_where_nothing_has_moved(scene: Scene, action: str) -> None:
    request, held = await _some(scene, action), Held()
    async with scene.source() as source:
        planned = await source.plan(request)

        async def sent_for_this_version() -> bool:
            """Send it until no status has moved before it landed: a real cluster is never still."""
            await request_faults.trouble(source, scene, held)
            with pytest.raises(OutcomeUnknown):
                await execute(source, planned)
            before = await source.reconcile(planned)
            assert (before.outcome, before.final) == (ReconcileOutcome.NOT_DONE, False)
            return await held.land() < 300

        await until(sent_for_this_version, bool)
        assert (await source.reconcile(planned)).outcome is ReconcileOutcome.DONE


@pytest.mark.parametrize("kind", KINDS[1:])
async def test_a_rollback_of_each_kind_is_held_to_its_version(scene: Scene, kind: str) -> None:
    ground, name = await scene.workload(kind)
    to = next(iter(await revisions(ground, kind, name)))
    held = Held()
    async with scene.source() as source:
        planned = await plan(source, "rollback", ground.ref(kind, name), to=str(to))
        await request_faults.trouble(source, scene, held)
        with pytest.raises(OutcomeUnknown):
            await execute(source, planned)
        first = await source.reconcile(planned)
        await _patch(scene, planned, {"metadata": {"annotations": {"touched": "yes"}}})
        second = await source.reconcile(planned)
        assert (second.outcome, second.version != first.version) == (
            ReconcileOutcome.NOT_DONE,
            True,
        )
        assert await held.land() in REFUSED


async def test_what_would_make_a_job_names_no_version(scene: Scene) -> None:
    request = await _some(scene, "run")
    async with scene.source() as source:
        planned = await source.plan(request)
        settled = await source.reconcile(planned)
        assert (settled.outcome, settled.final, settled.version) == (
            ReconcileOutcome.NOT_DONE,
            False,
            "",
        )


@pytest.mark.parametrize("action", ["rollback", "restart", "pause"])
async def test_a_spec_that_was_changed_is_certain_at_once(scene: Scene, action: str) -> None:
    request = await _some(scene, action)
    async with scene.source() as source:
        planned = await source.plan(request)
        await _patch(scene, planned, {"spec": {"replicas": 9}})
        settled = await source.reconcile(planned)
        assert (settled.outcome, settled.final) == (ReconcileOutcome.NOT_DONE, True)


async def test_another_number_of_replicas_is_somebody_elses(scene: Scene) -> None:
    request = await _some(scene, "scale")
    async with scene.source() as source:
        planned = await source.plan(request)
        await _patch(scene, planned, {"spec": {"replicas": 9}})
        once = await source.reconcile(planned)
        assert (once.outcome, once.final) == (ReconcileOutcome.NOT_DONE, True)
        await _patch(scene, planned, {"spec": {"replicas": 8}})
        assert (await source.reconcile(planned)).outcome is ReconcileOutcome.UNKNOWN, (
            "one of both may be ours"
        )


async def test_a_switch_without_its_mark_is_not_denied(scene: Scene) -> None:
    """Marks can be deleted at any time: then nobody can tell who has set it."""
    request = await _some(scene, "pause")
    async with scene.source() as source:
        planned = await source.plan(request)
        await execute(source, planned)
        await _patch(scene, planned, {"metadata": {"annotations": {PLAN_ANNOTATION: None}}})
        settled = await source.reconcile(planned)
        assert settled.outcome is ReconcileOutcome.UNKNOWN
        assert "has no mark" in settled.message


async def test_a_request_is_what_it_was_planned_for(scene: Scene) -> None:
    """The precondition that makes it certain is the one that is checked before it is sent."""
    request = Request(action="pause", ref=(await _some(scene, "pause")).ref)
    async with scene.source() as source:
        planned = await source.plan(request)
        older = planned.model_copy(update={"precondition": {"uid": planned.payload["uid"]}})
        assert not (await source.reconcile(older)).final, "a plan of an older program has fewer"
