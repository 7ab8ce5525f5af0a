"""Records from near."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, Section, SourceError
from opsboard.records import Deployment, Kind, Ref, Status
from opsboard_adapters.http.skips import Skips
from opsboard_adapters.kubernetes import shapes
from opsboard_adapters.kubernetes.api import ClusterApi, Listing, Parameters
from opsboard_adapters.kubernetes.look import locate
from opsboard_adapters.kubernetes.parse.batch import job_status, parse_event, parse_job
from opsboard_adapters.kubernetes.parse.common import Place
from opsboard_adapters.kubernetes.parse.pod_columns import pod_columns, readiness_gates
from opsboard_adapters.kubernetes.parse.pods import (
    ContainerRow,
    container_rows,
    judge,
    parse_pod,
)
from opsboard_adapters.kubernetes.parse.rollout_pods import passed_over, state_of, trouble_of
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.resources import JOBS, PODS, WARNINGS, Resource
from opsboard_adapters.kubernetes.revisions import revisions
from opsboard_adapters.kubernetes.sections import conditions, facts_of, flat, labels
from opsboard_adapters.kubernetes.selector import selector_text
from opsboard_adapters.times import EARLIEST, time_cell

T = TypeVar("T")

MOST_ROWS: Final = 200


async def detail(api: ClusterApi, place: Place, ref: Ref) -> Detail:
    """Return *ref* with the sections of its kind."""
    resource, namespace, name = locate(ref)
    item = await api.read(resource.path(namespace, name), resource.shape)
    if isinstance(item, shapes.Workload):
        return await _workload(api, place, resource, item)
    if resource.parse is None:
        raise AssertionError(ref.kind)
    sections = await _SECTIONS[ref.kind](api, place, item)
    return Detail(record=resource.parse(place, item), sections=(*sections, labels(item)))


async def _workload(
    api: ClusterApi, place: Place, resource: Resource, item: shapes.Workload
) -> Detail:
    namespace, selector = item.metadata.namespace, item.spec.selector
    pods, history, events = await asyncio.gather(
        _pods_of(api, namespace, selector),
        _or_said("Revisions", revisions(api, place, resource, item)),
        _events(api, place, resource.name, item),
    )
    found, pod_grid = _seen(place, pods)
    states = {pod.metadata.name: state_of(pod) for pod in found}
    record = parse_workload(place, resource.name, item, trouble_of(resource.name, item, states))
    left_out = passed_over(resource.name, item, states)
    sections: list[Section] = [
        Facts(title="Roll-out", facts=_rollout_facts(item, record, left_out)),
        conditions(place, item.status.conditions),
        history,
        pod_grid,
        events,
        labels(item),
    ]
    return Detail(record=record, sections=tuple(sections))


def _rollout_facts(item: shapes.Workload, record: Deployment, left_out: str) -> tuple[Fact, ...]:
    spec = item.spec
    troubled = record.status.severity >= Status.WARNING.severity
    facts = [Fact(label="status", value=record.message, status=record.status if troubled else None)]
    if left_out:
        facts.append(Fact(label="pods not counted", value=left_out))
    facts += [Fact(label=f"image {c.name}", value=c.image) for c in spec.template.spec.containers]
    facts += [
        Fact(label="strategy", value=flat(spec.strategy or spec.update_strategy)),
        Fact(label="selector", value=selector_text(spec.selector)),
    ]
    return tuple(facts)


async def _some(
    api: ClusterApi, path: str, resource: Resource, shape: type[T], parameters: Parameters
) -> list[T]:
    """Return the first objects of a list. Those that cannot be read are told by the board."""
    listing = Listing(path, shape, Skips(path), resource.name, parameters)
    return (await api.page(listing, {"limit": MOST_ROWS})).objects


async def _pods_of(
    api: ClusterApi, namespace: str, selector: Mapping[str, Any]
) -> Sequence[shapes.Pod] | SourceError:
    """Return the pods, or why they cannot be had: that must not hide the rest."""
    text = selector_text(selector)
    if not text:
        return []
    try:
        return await _some(api, PODS.path(namespace), PODS, shapes.Pod, {"labelSelector": text})
    except SourceError as error:
        return error


def _seen(
    place: Place, pods: Sequence[shapes.Pod] | SourceError
) -> tuple[Sequence[shapes.Pod], Grid]:
    if isinstance(pods, SourceError):
        return [], Grid(title="Pods", columns=(), empty=pods.message)
    return pods, _pod_grid(place, pods)


async def _or_said(title: str, coming: Awaitable[Section]) -> Section:
    """Return the section that is coming, or one that says why it is not."""
    try:
        return await coming
    except SourceError as error:
        return Grid(title=title, columns=(), empty=error.message)


def _pod_grid(place: Place, pods: Sequence[shapes.Pod]) -> Grid:
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
        rows.append(GridRow(cells=cells, status=record.status, record=record))
    columns = ("pod", "status", "ready", "restarts", "node", "created")
    return Grid(title="Pods", columns=columns, rows=tuple(rows), empty="no pods")


async def _pod(api: ClusterApi, place: Place, item: shapes.Pod) -> tuple[Section, ...]:
    facts = {
        "node": item.spec.node_name,
        "pod IP": item.status.pod_ip,
        "QoS class": item.status.qos_class,
        "service account": item.spec.service_account_name,
        "readiness gates": readiness_gates(item),
        "last restart": time_cell(place.time(pod_columns(item).restarted)),
    }
    events = await _events(api, place, "Pod", item)
    seen = conditions(place, item.status.conditions)
    return (facts_of("Pod", facts), _containers(place, item), seen, events)


def _containers(place: Place, item: shapes.Pod) -> Grid:
    rows = tuple(_container_row(place, row) for row in container_rows(item))
    columns = ("container", "state", "ready", "restarts", "since", "last end", "image")
    return Grid(title="Containers", columns=columns, rows=rows)


def _container_row(place: Place, row: ContainerRow) -> GridRow:
    status, word, phase = row.status, row.status.state.word, row.status.state.phase
    ended = status.last_state.terminated
    last = f"{ended.reason} ({ended.exit_code})" if ended else ""
    ended_well = word == "terminated" and not phase.exit_code
    return GridRow(
        cells=(
            row.spec.name,
            phase.reason or word,
            "yes" if status.ready else "no",
            str(status.restart_count),
            time_cell(place.time(phase.started_at or phase.finished_at)),
            last,
            row.spec.image,
        ),
        status=Status.OK if status.ready or ended_well else Status.WARNING,
    )


async def _job(api: ClusterApi, place: Place, item: shapes.Job) -> tuple[Section, ...]:
    _, pods = _seen(place, await _pods_of(api, item.metadata.namespace, item.spec.selector))
    events = await _events(api, place, "Job", item)
    facts = {
        "status": job_status(item),
        "parallelism": item.spec.parallelism,
        "retries allowed": item.spec.backoff_limit,
    }
    seen = conditions(place, item.status.conditions)
    return (facts_of("Job", facts), seen, pods, events)


async def _cron_job(api: ClusterApi, place: Place, item: shapes.CronJob) -> tuple[Section, ...]:
    spec = item.spec
    facts = {
        "schedule": spec.schedule,
        "time zone": spec.time_zone,
        "concurrency": spec.concurrency_policy,
        "suspended": "yes" if spec.suspend else "no",
    }
    jobs = await _or_said("Jobs", _jobs_of(api, place, item))
    events = await _events(api, place, "CronJob", item)
    return (facts_of("Schedule", facts), jobs, events)


async def _jobs_of(api: ClusterApi, place: Place, item: shapes.CronJob) -> Grid:
    meta = item.metadata
    found = await _some(api, JOBS.path(meta.namespace), JOBS, shapes.Job, {})
    owned = [job for job in found if any(o.uid == meta.uid for o in job.metadata.owner_references)]
    owned.sort(key=lambda job: job.metadata.creation_timestamp or "", reverse=True)
    rows = []
    for job in owned:
        record = parse_job(place, job)
        cells = (record.name, record.reason, time_cell(record.created_at))
        rows.append(GridRow(cells=cells, status=record.status, record=record))
    columns = ("job", "status", "created")
    return Grid(title="Jobs", columns=columns, rows=tuple(rows), empty="no jobs")


async def _event(_api: ClusterApi, _place: Place, item: shapes.Event) -> tuple[Section, ...]:
    about = item.involved_object
    facts = {
        "about": f"{about.kind}/{about.name}",
        "reason": item.reason,
        "message": item.message,
        "from": item.source.component or item.reporting_component,
    }
    return (facts_of("Event", facts),)


async def _events(api: ClusterApi, place: Place, kind: str, about: shapes.Thing) -> Section:
    meta = about.metadata
    query = {"fieldSelector": f"involvedObject.kind={kind},involvedObject.name={meta.name}"}
    path = WARNINGS.path(meta.namespace)
    try:
        found = await _some(api, path, WARNINGS, shapes.Event, query)
    except SourceError as error:
        return Grid(title="Events", columns=(), empty=error.message)
    events = [parse_event(place, item) for item in found]
    events.sort(key=lambda event: event.updated_at or EARLIEST, reverse=True)
    rows = [
        GridRow(
            cells=(time_cell(event.updated_at), event.reason, event.message), status=event.status
        )
        for event in events
    ]
    return Grid(title="Events", columns=("seen", "reason", "message"), rows=tuple(rows))


_Sections = Callable[[ClusterApi, Place, Any], Awaitable[tuple[Section, ...]]]
_SECTIONS: Final[Mapping[Kind, _Sections]] = {
    Kind.POD: _pod,
    Kind.JOB: _job,
    Kind.CRON_JOB: _cron_job,
    Kind.EVENT: _event,
}
