"""Pods and Jobs are shown with the words and figures that ``kubectl get`` prints."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsboard.kinds.cluster import JOBS as JOB_COLUMNS
from opsboard.records import Job, Pod
from opsboard_adapters.kubernetes import batch_structs, structs
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.parse.batch import parse_job
from opsboard_adapters.kubernetes.parse.pod_columns import readiness_gates
from opsboard_adapters.kubernetes.parse.pods import parse_pod
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.structs import to_struct
from tests.adapters.kubernetes.pod_states import PodCase, container, is_, pod
from tests.adapters.kubernetes.printed_jobs import JOBS, JobCase
from tests.adapters.kubernetes.printed_pods import PODS
from tests.adapters.kubernetes.test_contract import REAL
from tests.adapters.kubernetes.workload_setup import Ground, grounds

AT = datetime(2026, 11, 24, tzinfo=UTC)
PLACE = ClusterContext("k", "test", "test", timedelta(0), lambda *_: "unknown")
TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}

Row = tuple[dict[str, Any], list[Any]]
"""An object, and what the server prints of it."""


def _pod(item: dict[str, Any]) -> Pod:
    return parse_pod(PLACE, to_struct(item, structs.V1Pod))


def _job(item: dict[str, Any]) -> Job:
    return parse_job(PLACE, to_struct(item, batch_structs.V1Job))


def _completions(record: Job) -> str:
    done = next(column for column in JOB_COLUMNS if column.id == "done")
    return done.show(record, AT).text


@pytest.mark.parametrize(("name", "case"), PODS.items(), ids=PODS)
def test_a_pod_is_shown_as_kubectl_prints_it(name: str, case: PodCase) -> None:
    record = _pod(case.seen(name))
    told = (f"{record.ready}/{record.containers}", record.reason, record.restarts)
    assert told == case.printed
    assert record.status is case.verdict


@pytest.mark.parametrize(("name", "case"), JOBS.items(), ids=JOBS)
def test_a_job_is_shown_as_kubectl_prints_it(name: str, case: JobCase) -> None:
    record = _job(case.seen(name))
    assert (record.state, _completions(record)) == case.printed
    assert (record.status, record.reason) == (case.verdict, case.reason)


def test_who_stays_behind_is_told_with_what_is_wrong() -> None:
    """Where kubectl's word hides the trouble, the message tells it."""
    crashing = _pod(PODS["sidecar crashing beside the app"].seen("p"))
    assert crashing.message.startswith("container side: Error, exit code 1")
    assert _pod(PODS["nowhere to run"].seen("p")).message == "0/3"
    hidden = _pod(PODS["the first that waits is told"].seen("p"))
    assert hidden.message == "ErrImagePull"


def test_the_last_restart_is_that_of_the_container_that_ended_last() -> None:
    record = _pod(PODS["both restarted"].seen("p"))
    assert record.restarted_at is not None
    assert record.restarted_at.isoformat() == "2026-10-05T08:00:00+00:00"
    assert _pod(PODS["up"].seen("p")).restarted_at is None


@pytest.mark.parametrize(("is_open", "told"), [("True", "1/2"), ("False", "0/2")])
def test_readiness_gates_are_counted(is_open: str, told: str) -> None:
    gates = [{"conditionType": "a"}, {"conditionType": "b"}]
    item = {"metadata": {"name": "p"}, "spec": {"readinessGates": gates}}
    item["status"] = pod("Running", on=[is_("a", is_open)])
    assert readiness_gates(to_struct(item, structs.V1Pod)) == told


# --- a true API server prints just that ---------------------------------------------------------


@asynccontextmanager
async def _ground() -> AsyncIterator[Ground]:
    async with grounds(KubernetesSettings(kubeconfig=Path(REAL)), "") as (ground,):
        try:
            yield ground
        finally:
            for kind in ("Pod", "Job"):
                await _release(ground, kind)


async def _release(ground: Ground, kind: str) -> None:
    for item in await ground.list(kind):
        name = item["metadata"]["name"]
        await ground.client.patch(
            ground.path(kind, name),
            json={"metadata": {"finalizers": None}},
            headers={"Content-Type": "application/merge-patch+json"},
        )
        await ground.client.delete(ground.path(kind, name))


async def _arranged(ground: Ground, kind: str, cases: Mapping[str, PodCase | JobCase]) -> None:
    for name, case in cases.items():
        await ground.create(kind, case.object(_named(name)))
        await _put(ground, kind, _named(name), case.status)
        if case.deleted:
            options = {"gracePeriodSeconds": 1, "propagationPolicy": "Background"}
            body = {"kind": "DeleteOptions", "apiVersion": "v1", **options}
            answer = await ground.client.request(
                "DELETE", ground.path(kind, _named(name)), json=body
            )
            assert answer.status_code < 300, answer.text
    for name, case in cases.items():
        if case.deleted:  # every 20 s, the controller manager writes Failed into those without node
            await _put(ground, kind, _named(name), case.status)


async def _put(ground: Ground, kind: str, name: str, status: Mapping[str, Any]) -> None:
    """Make *status* that of an object, whatever it was before."""
    path = f"{ground.path(kind, name)}/status"
    body = [{"op": "add", "path": "/status", "value": status}]
    headers = {"Content-Type": "application/json-patch+json"}
    answer = await ground.client.patch(path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text


def _named(name: str) -> str:
    return name.replace(" ", "-").replace(",", "").lower()


async def _printed(ground: Ground, kind: str) -> dict[str, Row]:
    """Return objects and cells of all there is of *kind*, by name."""
    answer = await ground.client.get(
        ground.path(kind), params={"includeObject": "Object"}, headers=TABLE
    )
    rows = answer.json()["rows"]
    return {row["object"]["metadata"]["name"]: (row["object"], row["cells"]) for row in rows}


def _agrees(row: Row) -> None:
    """Assert that the record of a pod has what the server prints."""
    item, (_, ready, status, restarts, *_) = row
    record = _pod(item)
    count, _, ago = str(restarts).partition(" ")
    assert f"{record.ready}/{record.containers}" == ready
    assert (record.reason, record.restarts) == (status, int(count)), item
    if record.restarts:
        assert bool(ago) is (record.restarted_at is not None)


@pytest.fixture
def real() -> None:
    if not REAL:
        pytest.skip("OPSBOARD_TEST_KUBECONFIG names no cluster")


@pytest.mark.cluster
async def test_a_true_server_prints_these_columns_of_pods(real: None) -> None:
    async with _ground() as ground:
        await _arranged(ground, "Pod", PODS)
        rows = await _printed(ground, "Pod")
    for name, case in PODS.items():
        _, (_, ready, status, restarts, *_) = rows[_named(name)]
        assert (ready, status, int(str(restarts).split()[0])) == case.printed, name
        _agrees(rows[_named(name)])


@pytest.mark.cluster
async def test_a_true_server_prints_these_columns_of_jobs(real: None) -> None:
    async with _ground() as ground:
        await _arranged(ground, "Job", JOBS)
        rows = await _printed(ground, "Job")
    for name, case in JOBS.items():
        item, (_, status, completions, *_) = rows[_named(name)]
        assert (status, completions) == case.printed, name
        record = _job(item)
        assert (record.state, _completions(record)) == case.printed, name
        assert (record.status, record.reason) == (case.verdict, case.reason), name


WORDS = st.sampled_from(
    ["", "Error", "Completed", "OOMKilled", "PodInitializing", "CrashLoopBackOff"]
)
TIMES = st.sampled_from(["2026-09-01T00:00:00Z", "2026-09-03T00:00:00Z", "2026-10-03T00:00:00Z"])


@st.composite
def _ends(draw: st.DrawFn) -> dict[str, Any]:
    told: dict[str, Any] = {"exitCode": draw(st.sampled_from([0, 0, 1, 137]))}
    told |= {"signal": draw(st.sampled_from([0, 9]))}
    return told | {"reason": draw(WORDS), "startedAt": draw(TIMES), "finishedAt": draw(TIMES)}


@st.composite
def _containers(draw: st.DrawFn, name: str) -> dict[str, Any]:
    state: Any = draw(st.sampled_from(["waiting", "running", "terminated", ""]))
    told = {
        "": {},
        "waiting": {"waiting": {"reason": draw(WORDS)}},
        "running": {"running": {"startedAt": draw(TIMES)}},
        "terminated": {"terminated": draw(_ends())},
    }[state]
    last = {"lastState": {"terminated": draw(_ends())}} if draw(st.booleans()) else {}
    return {
        "name": name,
        "image": "x",
        "imageID": "",
        "ready": draw(st.booleans()),
        "started": draw(st.sampled_from([True, False, None])),
        "restartCount": draw(st.integers(0, 3)),
        "state": told,
        **last,
    }


NAMES = {"init": ("a", "side", "side2"), "app": ("app", "log")}


@st.composite
def _statuses(draw: st.DrawFn) -> dict[str, Any]:
    """Return the status of a pod, likely or not."""
    kinds = ("Initialized", "Ready", "PodScheduled")
    conditions = [is_(kind, draw(st.sampled_from(["True", "False"]))) for kind in kinds]
    if draw(st.integers(0, 9)) == 0:
        conditions[2]["reason"] = "SchedulingGated"
    phase = draw(
        st.sampled_from(["Pending", "Running", "Running", "Succeeded", "Failed", "Unknown"])
    )
    return pod(
        phase,
        *[draw(_containers(name)) for name in NAMES["app"][: draw(st.integers(0, 2))]],
        init=tuple(draw(_containers(name)) for name in NAMES["init"][: draw(st.integers(0, 3))]),
        on=conditions[: draw(st.integers(0, 3))],
        reason=draw(st.sampled_from(["", "", "Evicted", "NodeLost"])),
    )


def _any_pod(name: str) -> dict[str, Any]:
    init = [
        container(one) | ({"restartPolicy": "Always"} if one.startswith("side") else {})
        for one in NAMES["init"]
    ]
    spec = {"containers": [container(one) for one in NAMES["app"]], "initContainers": init}
    return {"metadata": {"name": name, "finalizers": ["opsboard.dev/test"]}, "spec": spec}


async def _all_agree(batch: Sequence[dict[str, Any]]) -> None:
    async with _ground() as ground:
        for index, status in enumerate(batch):
            await ground.create("Pod", _any_pod(f"p{index}"))
            if index % 4 == 3:
                await ground.client.delete(ground.path("Pod", f"p{index}"))
            await _put(ground, "Pod", f"p{index}", status)
        rows = await _printed(ground, "Pod")
    assert len(rows) == len(batch)
    for row in rows.values():
        _agrees(row)


@pytest.mark.cluster
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(batch=st.lists(_statuses(), min_size=20, max_size=20))
def test_a_true_server_prints_the_same_of_any_pod(
    real: None, batch: Sequence[dict[str, Any]]
) -> None:
    asyncio.run(_all_agree(batch))


def test_a_condition_that_does_not_hold_ends_no_job() -> None:
    told = {**is_("Failed", "False"), "lastTransitionTime": "2026-10-01T08:00:00Z"}
    item = {"metadata": {"name": "j", "namespace": "shop"}, "status": {"conditions": [told]}}
    assert parse_job(PLACE, to_struct(item, batch_structs.V1Job)).finished_at is None
