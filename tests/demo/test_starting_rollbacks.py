"""Seeded rollbacks on the demo's servers: bad ones are caught, and good ones are let through.

A short form: ``BAD`` and ``GOOD`` may be set higher by the environment, for a figure.
"""

import os
import random
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from opsboard.adapter import StartState
from opsboard.demo.kubernetes.objects.pod_template import template
from opsboard.demo.world.clusters import DemoRevision, DemoWorkload
from opsboard.records import Kind, Ref
from tests.demo.starting_rollbacks import Company, company

pytestmark = pytest.mark.asyncio

BAD = int(os.environ.get("OPSBOARD_TEST_BAD_ROLLBACKS", "9"))
GOOD = int(os.environ.get("OPSBOARD_TEST_GOOD_ROLLBACKS", "6"))
MAX_FALSE = 0.02
Fault = Callable[[Company, DemoWorkload, DemoRevision], str]


def _containers(workload: DemoWorkload, revision: DemoRevision) -> list[Any]:
    return list(deepcopy(template(workload, revision)["spec"]["containers"]))


def _reading(kind: str, name: str, key: str, *, optional: bool = False) -> dict[str, Any]:
    reference = {"name": name, "key": key, "optional": optional}
    return {"name": "X", "valueFrom": {kind: reference}}


def _with_variable(
    at: Company, workload: DemoWorkload, revision: DemoRevision, variable: dict[str, Any]
) -> None:
    containers = _containers(workload, revision)
    containers[0]["env"] = [*containers[0].get("env", ()), variable]
    at.change(workload, revision, containers=containers)


def _image_gone(at: Company, workload: DemoWorkload, revision: DemoRevision) -> str:
    containers = _containers(workload, revision)
    containers[0]["image"] = f"{containers[0]['image'].rpartition(':')[0]}:0000000"
    at.change(workload, revision, containers=containers)
    return "is gone from images"


def _digest_gone(at: Company, workload: DemoWorkload, revision: DemoRevision) -> str:
    containers = _containers(workload, revision)
    name = containers[0]["image"].rpartition(":")[0]
    containers[0]["image"] = f"{name}@sha256:{'0' * 64}"
    at.change(workload, revision, containers=containers)
    return "is gone from images"


def _config_gone(at: Company, workload: DemoWorkload, revision: DemoRevision) -> str:
    containers = _containers(workload, revision)
    containers[0]["envFrom"] = [{"configMapRef": {"name": "of-last-year"}}]
    at.change(workload, revision, containers=containers)
    return "ConfigMap of-last-year is needed by it, and not there"


def _config_key_gone(at: Company, workload: DemoWorkload, revision: DemoRevision) -> str:
    name = f"{workload.name}-config"
    _with_variable(at, workload, revision, _reading("configMapKeyRef", name, "OLD_SWITCH"))
    return f"ConfigMap {name} has no key OLD_SWITCH"


def _secret_key_gone(at: Company, workload: DemoWorkload, revision: DemoRevision) -> str:
    name = f"{workload.name}-credentials"
    _with_variable(at, workload, revision, _reading("secretKeyRef", name, "OLD_TOKEN"))
    return f"Secret {name} has no key OLD_TOKEN"


def _spec(said: str, **spec: Any) -> Fault:
    def change(at: Company, workload: DemoWorkload, revision: DemoRevision) -> str:
        at.change(workload, revision, **spec)
        return said

    return change


def _too_large(at: Company, workload: DemoWorkload, revision: DemoRevision) -> str:
    containers = _containers(workload, revision)
    containers[0]["resources"] = {"requests": {"memory": "4Ti"}}
    at.change(workload, revision, containers=containers)
    return "no node can take its pods"


_CLAIM = [{"name": "d", "persistentVolumeClaim": {"claimName": "gone"}}]
FAULTS: tuple[Fault, ...] = (
    _image_gone,
    _digest_gone,
    _config_gone,
    _config_key_gone,
    _secret_key_gone,
    _too_large,
    _spec("ServiceAccount left is needed by it, and not there", serviceAccountName="left"),
    _spec("PriorityClass urgent is needed by it, and not there", priorityClassName="urgent"),
    _spec("PersistentVolumeClaim gone is needed by it, and not there", volumes=_CLAIM),
    _spec("without disk=nvme", nodeSelector={"disk": "nvme"}),
)


def _chosen(at: Company, rng: random.Random) -> tuple[DemoWorkload, DemoRevision]:
    workload = rng.choice([one for one in at.workloads if not one.paused])
    others = [one for one in workload.revisions if one is not workload.wanted_revision]
    return workload, rng.choice(others)


def _harmless(at: Company, workload: DemoWorkload, revision: DemoRevision,
              rng: random.Random) -> None:  # fmt: skip
    """Let *revision* read what is there, or need not be."""
    config, secret = f"{workload.name}-config", f"{workload.name}-credentials"
    variable = rng.choice((
        _reading("configMapKeyRef", config, "LOG_LEVEL"),
        _reading("configMapKeyRef", config, "OLD_SWITCH", optional=True),
        _reading("secretKeyRef", secret, "PASSWORD"),
        _reading("secretKeyRef", "nowhere", "X", optional=True),
    ))  # fmt: skip
    _with_variable(at, workload, revision, variable)


async def test_bad_rollbacks_are_caught(tmp_path: Path) -> None:
    async with company(tmp_path) as at:
        missed = []
        for seed in range(BAD):
            rng = random.Random(seed)
            workload, revision = _chosen(at, rng)
            before = revision.template
            expected = FAULTS[seed % len(FAULTS)](at, workload, revision)
            plan = await at.checked(at.ref(workload), to=str(revision.number))
            assert plan.start_state is StartState.CHECKED
            if not any(expected in one for one in plan.start_blockers):
                missed.append((seed, expected, [one.text for one in plan.start_findings]))
            revision.template = before
            at.world.mark_changed(workload)
        assert not missed


async def test_good_rollbacks_are_not_blocked(tmp_path: Path) -> None:
    async with company(tmp_path) as at:
        blocked = []
        for seed in range(GOOD):
            rng = random.Random(1_000 + seed)
            workload, revision = _chosen(at, rng)
            before = revision.template
            if seed % 2:
                _harmless(at, workload, revision, rng)
            plan = await at.checked(at.ref(workload), to=str(revision.number))
            blocked += [(seed, one) for one in plan.start_blockers]
            revision.template = before
            at.world.mark_changed(workload)
        assert len(blocked) <= MAX_FALSE * GOOD, blocked


async def test_a_model_is_checked_by_its_artifact_and_its_signature(tmp_path: Path) -> None:
    async with company(tmp_path) as at:
        plan = await at.checked(Ref("ml", Kind.MODEL, "fraud-detector"))
        texts = [one.text for one in plan.start_findings]
        assert "version 4 has its model file" in texts
        assert "version 4 takes what version 5 takes" in texts
        assert {one.source for one in plan.start_findings} == {"ml"}
