"""A Job that is not there may have been made, run to its end, and deleted by the cluster."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest

from opsboard.adapter import Plan, ReconcileOutcome, Source
from opsboard_adapters.kubernetes.source import KubernetesSource
from tests.adapters.kubernetes.request_faults import client_of
from tests.adapters.kubernetes.scenes import Scene
from tests.adapters.kubernetes.test_every_action import _some


class Later(httpx.AsyncBaseTransport):
    """What the cluster says of a CronJob and of Jobs, some time after."""

    def __init__(self, inner: httpx.AsyncBaseTransport, skew: timedelta) -> None:
        self._inner = inner
        self._skew = skew  # its clock is not ours
        self.spec: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.jobs: list[dict[str, Any]] = []
        self.gone = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        *_, above, last = request.url.path.split("/")
        if above == "cronjobs" and self.gone:
            return httpx.Response(404, json={"message": "not found"})
        if last == "jobs" and request.method == "GET":
            return httpx.Response(200, json={"kind": "JobList", "items": self.jobs})
        answer = await self._inner.handle_async_request(request)
        if above != "cronjobs" or request.method != "GET":
            return answer
        found = msgspec.json.decode(await answer.aread())
        changed = {
            **found,
            "spec": {**found["spec"], **self.spec},
            "metadata": {**found["metadata"], **self.metadata},
        }
        return httpx.Response(200, json=changed)

    def ended(self, planned: Plan, condition: str, *, owner: str = "", at: datetime) -> None:
        self.jobs.append(
            {
                "metadata": {
                    "name": f"job-{len(self.jobs)}",
                    "namespace": planned.payload["namespace"],
                    "creationTimestamp": f"{at + self._skew:%Y-%m-%dT%H:%M:%SZ}",
                    "ownerReferences": [
                        {
                            "kind": "CronJob",
                            "name": planned.payload["name"],
                            "uid": owner or planned.payload["uid"],
                            "controller": True,
                        }
                    ],
                },
                "status": {"conditions": [{"type": condition, "status": "True"}]},
            }
        )


async def _later(source: Source, scene: Scene) -> Later:
    assert isinstance(source, KubernetesSource)
    api, _ = await source._clusters.connect(scene.ground.cluster)
    client = await client_of(source, scene)
    later = Later(client._transport, api.clock_skew)
    client._transport = later
    return later


@pytest.mark.parametrize(
    ("limits", "completed", "failed", "fate"),
    [
        ({}, 0, 0, ReconcileOutcome.NOT_DONE),
        ({}, 2, 0, ReconcileOutcome.NOT_DONE),
        ({}, 3, 0, ReconcileOutcome.UNKNOWN),
        ({}, 0, 1, ReconcileOutcome.UNKNOWN),
        ({"failedJobsHistoryLimit": 2}, 2, 1, ReconcileOutcome.NOT_DONE),
        ({"failedJobsHistoryLimit": 2}, 0, 2, ReconcileOutcome.UNKNOWN),
        ({"successfulJobsHistoryLimit": 0}, 0, 0, ReconcileOutcome.UNKNOWN),
        ({"failedJobsHistoryLimit": 0}, 0, 0, ReconcileOutcome.UNKNOWN),
        (
            {"successfulJobsHistoryLimit": None, "failedJobsHistoryLimit": None},
            3,
            0,
            ReconcileOutcome.UNKNOWN,
        ),
    ],
)
async def test_finished_jobs_that_a_cron_job_does_not_keep(
    scene: Scene, limits: dict[str, int | None], completed: int, failed: int, fate: ReconcileOutcome
) -> None:
    request = await _some(scene, "run")
    async with scene.source() as source:
        planned = await source.plan(request)
        later = await _later(source, scene)
        later.spec = limits
        for condition, count in (("Complete", completed), ("Failed", failed)):
            for _ in range(count):
                later.ended(planned, condition, at=planned.made_at)
        assert (await source.reconcile(planned)).outcome is fate


async def test_jobs_of_before_or_of_others_say_nothing(scene: Scene) -> None:
    request = await _some(scene, "run")
    async with scene.source() as source:
        planned = await source.plan(request)
        later = await _later(source, scene)
        for _ in range(5):
            later.ended(planned, "Failed", at=planned.made_at - timedelta(hours=1))
            later.ended(planned, "Failed", at=planned.made_at, owner="another")
        assert (await source.reconcile(planned)).outcome is ReconcileOutcome.NOT_DONE


async def test_a_job_goes_with_its_cron_job(scene: Scene) -> None:
    request = await _some(scene, "run")
    async with scene.source() as source:
        planned = await source.plan(request)
        later = await _later(source, scene)
        later.metadata = {"uid": "another"}
        assert (await source.reconcile(planned)).outcome is ReconcileOutcome.UNKNOWN
        later.gone = True
        settled = await source.reconcile(planned)
        assert settled.outcome is ReconcileOutcome.UNKNOWN
        assert "along with its CronJob" in settled.message
