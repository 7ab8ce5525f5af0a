"""Images, models, roll-outs and rollbacks as true controllers tell them; pods are patched."""

from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from opsboard.records import Deployment, Strength
from opsboard.testing.recorder import Recorder, recording
from tests.adapters.kubernetes.scenes import real_scene
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.test_live_models import models
from tests.adapters.kubernetes.test_pod_images import digests, tags
from tests.adapters.kubernetes.test_verdicts import READY
from tests.adapters.kubernetes.workload_setup import STRATEGIC_PATCH, Ground, source_of

pytestmark = pytest.mark.cluster
ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}}
RECREATE = {"type": "Recreate"}


@pytest.fixture
async def ground() -> AsyncIterator[Ground]:
    if not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    async with real_scene() as scene:
        yield scene.ground


def digest_of(version: int) -> str:
    return f"sha256:{version:064x}"


def template(version: int) -> dict[str, Any]:
    env = [{"name": "MODEL_URI", "value": f"models:/fraud/{version}"}]
    container = {"name": "web", "image": f"registry.example/shop/web:v{version}", "env": env}
    return {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}


def _version(template: dict[str, Any]) -> int:
    return int(template["spec"]["containers"][0]["image"].rpartition(":v")[2])


async def run_pods(ground: Ground) -> None:
    """Give each pod that has none the digest of its image, and let it be ready."""
    for pod in await ground.list("Pod"):
        version = _version(pod)
        image_id = f"registry.example/shop/web@{digest_of(version)}"
        state = {"running": {"startedAt": "2026-11-27T07:00:00Z"}}
        container = {"name": "web", "ready": True, "restartCount": 0, "image": "x", "state": state}
        status = {**READY, "containerStatuses": [{**container, "imageID": image_id}]}
        path = f"{ground.path('Pod', pod['metadata']['name'])}/status"
        headers = {"Content-Type": STRATEGIC_PATCH}
        await ground.client.patch(path, json={"status": status}, headers=headers)
        if pod["metadata"].get("deletionTimestamp"):  # no kubelet is there to end it
            options = {"gracePeriodSeconds": 0}
            await ground.client.request(
                "DELETE", ground.path("Pod", pod["metadata"]["name"]), json=options
            )


class Followed:
    """A Deployment called web, followed by a source; its pods become ready as they are made."""

    def __init__(self, ground: Ground, recorder: Recorder) -> None:
        self.ground = ground
        self.recorder = recorder
        self.seen: list[Deployment] = []

    @property
    def record(self) -> Deployment | None:
        found = self.recorder.records.get(self.ground.ref("Deployment", "web"))
        assert found is None or isinstance(found, Deployment)
        return found

    def _is_other(self, before: Deployment | None) -> bool:
        return self.record is not before

    async def rolled_out(self, version: int) -> Deployment:
        """Let pods run until the record says that *version* is rolled out."""
        for _ in range(200):
            await run_pods(self.ground)
            record = self.record
            if record is not None:
                self.seen.append(record)
                done = record.message == "rolled out" and record.images[0].endswith(f":v{version}")
                if done and digests(record):
                    return record
            with suppress(TimeoutError):
                await self.recorder.until(partial(self._is_other, record), 1)
        raise AssertionError(f"never rolled out: {self.record}")


@pytest.mark.parametrize("strategy", [ROLLING, RECREATE], ids=["rolling", "recreate"])
async def test_a_rollback_is_neither_the_old_image_nor_the_old_time(
    ground: Ground, strategy: dict[str, Any]
) -> None:
    labels = {"matchLabels": {"app": "web"}}
    spec = {"replicas": 2, "selector": labels, "template": template(1), "strategy": strategy}
    async with source_of(ground) as source, recording(source) as recorder:
        followed = Followed(ground, recorder)
        await ground.create("Deployment", {"metadata": {"name": "web"}, "spec": spec})
        first = await followed.rolled_out(1)
        assert digests(first) == [digest_of(1)]
        assert tags(first) == []
        await ground.template("Deployment", "web", template(2))
        second = await followed.rolled_out(2)
        assert digests(second) == [digest_of(2)]
        await ground.template("Deployment", "web", template(1))
        third = await followed.rolled_out(1)
        assert digests(third) == [digest_of(1)]
        assert [models(one) for one in (first, second, third)] == [
            {f"fraud/{version}": Strength.LABEL} for version in (1, 2, 1)
        ]
        if strategy is ROLLING:
            await ground.template("Deployment", "web", template(3))  # and nobody runs its pods
            stuck = {"fraud/1": Strength.LABEL, "fraud/3": Strength.CANDIDATE}
            await recorder.until(lambda: models(followed.record) == stuck)
    sets = await ground.list("ReplicaSet")
    (old,) = [one for one in sets if _version(one["spec"]["template"]) == 1]
    assert old["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"] == "1"
    assert first.deployed_at is not None
    assert second.deployed_at is not None
    assert second.deployed_at >= first.deployed_at
    # where the controller does not say when a rollback was done, nothing is claimed
    assert third.deployed_at is None or third.deployed_at >= second.deployed_at
    if strategy is ROLLING:
        assert third.deployed_at is not None
    for record in followed.seen:
        wanted = digest_of(int(record.images[0].rpartition(":v")[2]))
        assert set(digests(record)) <= {wanted}, record
    assert third.actor
