"""Workloads and CronJobs have the figures that ``kubectl get`` prints.

The rows are those that a true API server (1.35) has printed; it is asked again where there is one.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from opsboard.records import CronJob, Deployment
from opsboard_adapters.kubernetes import batch_structs, structs
from opsboard_adapters.kubernetes.parse.batch import parse_cron_job
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.structs import to_struct
from tests.adapters.kubernetes.scenes import cron_job
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.test_printed import PLACE, TABLE
from tests.adapters.kubernetes.workload_setup import MERGE_PATCH, Ground, grounds, workload


@dataclass(frozen=True)
class Case:
    """An object by its specification and status, and its cells but for name and ages."""

    kind: str
    cells: tuple[str | int, ...]
    spec: dict[str, Any] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)


CASES = {
    "a Deployment under way": Case(
        "Deployment",
        ("2/3", 1, 2),
        {"replicas": 3},
        {"replicas": 4, "updatedReplicas": 1, "readyReplicas": 2, "availableReplicas": 2},
    ),
    "a Deployment that is new": Case(
        "Deployment", ("0/2", 0, 0), {"replicas": 2}, {"updatedReplicas": 0}
    ),
    "a Deployment of none": Case("Deployment", ("0/0", 0, 0), {"replicas": 0}),
    "a StatefulSet under way": Case(
        "StatefulSet", ("1/3",), {"replicas": 3}, {"replicas": 3, "readyReplicas": 1}
    ),
    "a DaemonSet under way": Case(
        "DaemonSet",
        (5, 3, 2, 1),
        {},
        {
            "desiredNumberScheduled": 5,
            "currentNumberScheduled": 4,
            "numberMisscheduled": 0,
            "numberReady": 3,
            "updatedNumberScheduled": 2,
            "numberAvailable": 1,
        },
    ),
    "a CronJob": Case("CronJob", ("0 0 1 1 *", "<none>", "False", 0)),
    "a CronJob of a place that is suspended": Case(
        "CronJob",
        ("0 0 1 1 *", "Asia/Tokyo", "True", 0),
        {"timeZone": "Asia/Tokyo", "suspend": True},
    ),
    "a CronJob at work": Case(
        "CronJob",
        ("0 0 1 1 *", "<none>", "False", 2),
        status={"active": [{"name": "a"}, {"name": "b"}]},
    ),
}


def _object(case: Case) -> dict[str, Any]:
    made = cron_job() if case.kind == "CronJob" else workload(case.kind)
    made["metadata"] |= {"name": "web", "namespace": "shop"}
    return {**made, "spec": {**made["spec"], **case.spec}, "status": case.status}


def _cells(kind: str, item: dict[str, Any]) -> tuple[str | int, ...]:
    """Return what the record of *item* has of the row that is printed."""
    if kind == "CronJob":
        return _of_cron_job(parse_cron_job(PLACE, to_struct(item, batch_structs.V1CronJob)))
    record = parse_workload(PLACE, kind, to_struct(item, structs.V1Workload))
    return _of_workload(kind, record)


def _of_cron_job(record: CronJob) -> tuple[str | int, ...]:
    zone = record.time_zone or "<none>"
    return record.schedule, zone, str(record.suspended), record.active


def _of_workload(kind: str, record: Deployment) -> tuple[str | int, ...]:
    ready = f"{record.ready}/{record.desired}"
    return {
        "Deployment": (ready, record.updated, record.available),
        "StatefulSet": (ready,),
        "DaemonSet": (record.desired, record.ready, record.updated, record.available),
    }[kind]


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_record_has_the_figures_that_kubectl_prints(case: Case) -> None:
    assert _cells(case.kind, _object(case)) == case.cells


_COLUMNS = {
    "Deployment": ("Ready", "Up-to-date", "Available"),
    "StatefulSet": ("Ready",),
    "DaemonSet": ("Desired", "Ready", "Up-to-date", "Available"),
    "CronJob": ("Schedule", "Timezone", "Suspend", "Active"),
}


async def _put(
    ground: Ground, kind: str, status: dict[str, Any]
) -> tuple[dict[str, Any], tuple[str | int, ...]]:
    """Put *status* into that of ``web``; return the object, and the cells that are printed of it.

    The answer itself is the table: a controller may put its own status there a moment later.
    """
    answer = await ground.client.patch(
        f"{ground.path(kind, 'web')}/status",
        params={"includeObject": "Object"},
        json={"status": status},
        headers={**TABLE, "Content-Type": MERGE_PATCH},
    )
    assert answer.status_code == 200, answer.text
    table = answer.json()
    names = [column["name"] for column in table["columnDefinitions"]]
    (row,) = table["rows"]
    cells = dict(zip(names, row["cells"], strict=True))
    return row["object"], tuple(cells[name] for name in _COLUMNS[kind])


@pytest.mark.cluster
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_a_true_server_prints_these_figures(case: Case) -> None:
    if not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")
    async with grounds(KubernetesSettings(kubeconfig=Path(REAL)), "") as (ground,):
        made = _object(case)
        del made["metadata"]["namespace"], made["status"]
        await ground.create(case.kind, made)
        item, printed = await _put(ground, case.kind, case.status)
    assert printed == case.cells
    assert _cells(case.kind, item) == printed
