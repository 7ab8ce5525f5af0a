"""Records from near."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, Section, SourceError
from opsboard.records import Kind, Ref, Status
from opsboard_adapters.kubernetes.api import ClusterApi, Parameters
from opsboard_adapters.kubernetes.look import locate, read
from opsboard_adapters.kubernetes.parse.batch import parse_event, parse_job
from opsboard_adapters.kubernetes.parse.common import Object, Place
from opsboard_adapters.kubernetes.parse.pods import Verdict, container_rows, judge, parse_pod, worst
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.resources import BY_KIND, JOBS, PODS
from opsboard_adapters.kubernetes.revisions import revisions
from opsboard_adapters.kubernetes.sections import (
    conditions,
    facts_of,
    flat,
    labels,
    time_cell,
)
from opsboard_adapters.kubernetes.selector import selector_text

MOST_ROWS: Final = 200


async def detail(api: ClusterApi, place: Place, ref: Ref) -> Detail:
    """Return *ref* with the sections of its kind."""
    item = await read(api, ref)
    if ref.kind is Kind.DEPLOYMENT:
        return await _workload(api, place, ref, item)
    parse = BY_KIND[ref.kind].parse
    if parse is None:
        raise AssertionError(ref.kind)
    sections = await _SECTIONS[ref.kind](api, place, item)
    return Detail(record=parse(place, item), sections=(*sections, labels(item)))


async def _workload(api: ClusterApi, place: Place, ref: Ref, item: Object) -> Detail:
    resource, namespace, name = locate(ref)
    pods, history, events = await asyncio.gather(
        _pods_of(api, namespace, item),
        _or_said("Revisions", revisions(api, place, resource, item)),
        _events(api, place, namespace, resource.name, name),
    )
    found, pod_grid = _seen(place, pods)
    trouble = worst([judge(pod) for pod in found])
    record = parse_workload(place, resource.name, item, trouble)
    sections: list[Section] = [
        Facts(title="Roll-out", facts=_rollout_facts(item, record.message, trouble)),
        conditions(place, item),
        history,
        pod_grid,
        events,
        labels(item),
    ]
    return Detail(record=record, sections=tuple(sections))


def _rollout_facts(item: Object, message: str, trouble: Verdict | None) -> tuple[Fact, ...]:
    spec = item.get("spec") or {}
    strategy = spec.get("strategy") or spec.get("updateStrategy") or {}
    containers = ((spec.get("template") or {}).get("spec") or {}).get("containers") or ()
    facts = [Fact(label="status", value=message, status=trouble[0] if trouble else None)]
    facts += [Fact(label=f"image {c.get('name')}", value=str(c.get("image"))) for c in containers]
    facts += [
        Fact(label="strategy", value=flat(strategy)),
        Fact(label="selector", value=selector_text(spec.get("selector") or {})),
    ]
    return tuple(facts)


async def _pods_of(api: ClusterApi, namespace: str, item: Object) -> list[Object] | SourceError:
    """Return the pods, or why they cannot be had: that must not hide the rest."""
    selector = selector_text((item.get("spec") or {}).get("selector") or {})
    if not selector:
        return []
    query: Parameters = {"labelSelector": selector, "limit": MOST_ROWS}
    try:
        answer = await api.get(PODS.path(namespace), query)
    except SourceError as error:
        return error
    return list(answer.get("items") or ())


def _seen(place: Place, pods: list[Object] | SourceError) -> tuple[list[Object], Grid]:
    if isinstance(pods, SourceError):
        return [], Grid(title="Pods", columns=(), empty=pods.message)
    return pods, _pod_grid(place, pods)


async def _or_said(title: str, coming: Awaitable[Section]) -> Section:
    """Return the section that is coming, or one that says why it is not."""
    try:
        return await coming
    except SourceError as error:
        return Grid(title=title, columns=(), empty=error.message)


def _pod_grid(place: Place, pods: list[Object]) -> Grid:
    rows = []
    for pod in sorted(pods, key=lambda found: -judge(found)[0].severity):
        record = parse_pod(place, pod)
        cells = (
            record.name,
            record.reason,
            f"{record.ready}/{record.containers}",
            str(record.restarts),
            record.node,
            time_cell(record.created_at),
        )
        rows.append(GridRow(cells=cells, status=record.status, ref=record.ref))
    columns = ("pod", "status", "ready", "restarts", "node", "created")
    return Grid(title="Pods", columns=columns, rows=tuple(rows), empty="no pods")


async def _pod(api: ClusterApi, place: Place, item: Object) -> tuple[Section, ...]:
    meta, spec, status = item["metadata"], item.get("spec") or {}, item.get("status") or {}
    facts = {
        "node": spec.get("nodeName"),
        "pod IP": status.get("podIP"),
        "QoS class": status.get("qosClass"),
        "service account": spec.get("serviceAccountName"),
    }
    events = await _events(api, place, meta["namespace"], "Pod", meta["name"])
    return (facts_of("Pod", facts), _containers(place, item), conditions(place, item), events)


def _containers(place: Place, item: Object) -> Grid:
    rows = [_container_row(place, row["spec"], row["status"]) for row in container_rows(item)]
    columns = ("container", "state", "ready", "restarts", "since", "last end", "image")
    return Grid(title="Containers", columns=columns, rows=tuple(rows))


def _container_row(place: Place, spec: Object, status: Object) -> GridRow:
    state = status.get("state") or {}
    word = next(iter(state), "unknown")
    found = state.get(word) or {}
    ended = (status.get("lastState") or {}).get("terminated") or {}
    last = f"{ended.get('reason')} ({ended.get('exitCode')})" if ended else ""
    ready = bool(status.get("ready"))
    ended_well = word == "terminated" and not found.get("exitCode")
    return GridRow(
        cells=(
            str(spec.get("name")),
            str(found.get("reason") or word),
            "yes" if ready else "no",
            str(status.get("restartCount", 0)),
            time_cell(place.time(found.get("startedAt") or found.get("finishedAt"))),
            last,
            str(spec.get("image") or ""),
        ),
        status=Status.OK if ready or ended_well else Status.WARNING,
    )


async def _job(api: ClusterApi, place: Place, item: Object) -> tuple[Section, ...]:
    namespace = item["metadata"]["namespace"]
    _, pods = _seen(place, await _pods_of(api, namespace, item))
    events = await _events(api, place, namespace, "Job", item["metadata"]["name"])
    return (conditions(place, item), pods, events)


async def _cron_job(api: ClusterApi, place: Place, item: Object) -> tuple[Section, ...]:
    meta, spec = item["metadata"], item.get("spec") or {}
    facts = {
        "schedule": spec.get("schedule"),
        "time zone": spec.get("timeZone"),
        "concurrency": spec.get("concurrencyPolicy"),
        "suspended": "yes" if spec.get("suspend") else "no",
    }
    jobs = await _or_said("Jobs", _jobs_of(api, place, item))
    events = await _events(api, place, meta["namespace"], "CronJob", meta["name"])
    return (facts_of("Schedule", facts), jobs, events)


async def _jobs_of(api: ClusterApi, place: Place, item: Object) -> Grid:
    meta = item["metadata"]
    answer = await api.get(JOBS.path(meta["namespace"]), {"limit": MOST_ROWS})
    owned = [job for job in answer.get("items") or () if _owned_by(job, meta.get("uid"))]
    owned.sort(key=lambda job: str(job["metadata"].get("creationTimestamp")), reverse=True)
    rows = []
    for job in owned:
        record = parse_job(place, job)
        cells = (record.name, record.reason, time_cell(record.created_at))
        rows.append(GridRow(cells=cells, status=record.status, ref=record.ref))
    columns = ("job", "status", "created")
    return Grid(title="Jobs", columns=columns, rows=tuple(rows), empty="no jobs")


async def _event(_api: ClusterApi, _place: Place, item: Object) -> tuple[Section, ...]:
    about = item.get("involvedObject") or {}
    facts = {
        "about": f"{about.get('kind')}/{about.get('name')}",
        "reason": item.get("reason"),
        "message": item.get("message"),
        "from": (item.get("source") or {}).get("component") or item.get("reportingComponent"),
    }
    return (facts_of("Event", facts),)


async def _events(api: ClusterApi, place: Place, namespace: str, kind: str, name: str) -> Section:
    selector = f"involvedObject.kind={kind},involvedObject.name={name}"
    path = f"/api/v1/namespaces/{namespace}/events"
    try:
        answer = await api.get(path, {"fieldSelector": selector, "limit": MOST_ROWS})
    except SourceError as error:
        return Grid(title="Events", columns=(), empty=error.message)
    events = [parse_event(place, item) for item in answer.get("items") or ()]
    events.sort(key=lambda event: time_cell(event.updated_at), reverse=True)
    rows = [
        GridRow(
            cells=(time_cell(event.updated_at), event.reason, event.message), status=event.status
        )
        for event in events
    ]
    return Grid(title="Events", columns=("seen", "reason", "message"), rows=tuple(rows))


def _owned_by(item: Object, uid: object) -> bool:
    owners = (item.get("metadata") or {}).get("ownerReferences") or ()
    return any(owner.get("uid") == uid for owner in owners)


_Sections = Callable[[ClusterApi, Place, Object], Awaitable[tuple[Section, ...]]]
_SECTIONS: Final[Mapping[Kind, _Sections]] = {
    Kind.POD: _pod,
    Kind.JOB: _job,
    Kind.CRON_JOB: _cron_job,
    Kind.EVENT: _event,
}
