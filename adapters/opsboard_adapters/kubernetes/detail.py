"""The detail page of a record: the sections of each kind of object."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeVar

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, Section, SourceError
from opsboard.kinds.usage import cpu_text, memory_text
from opsboard.records import Deployment, Kind, Ref, Status
from opsboard_adapters.kubernetes.batch_structs import V1CronJob, V1Event, V1Job
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.objects import masked, selector_query
from opsboard_adapters.kubernetes.parse.batch import job_status, parse_event, parse_job
from opsboard_adapters.kubernetes.parse.configs import V1ConfigMetadata
from opsboard_adapters.kubernetes.parse.inference_services import (
    SERVICE_LABEL,
    V1beta1InferenceService,
)
from opsboard_adapters.kubernetes.parse.pod_columns import pod_columns, readiness_gates
from opsboard_adapters.kubernetes.parse.pods import (
    ContainerRow,
    container_rows,
    diagnose,
    parse_pod,
)
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.pod_metrics import Usage
from opsboard_adapters.kubernetes.pod_problems import ignored_problems, summarize_pod
from opsboard_adapters.kubernetes.protocol import ListRequest, Parameters
from opsboard_adapters.kubernetes.resources import (
    INFERENCE_SERVICES,
    JOBS,
    PODS,
    WARNING_EVENTS,
    ApiResource,
    locate,
)
from opsboard_adapters.kubernetes.revisions import revisions_grid
from opsboard_adapters.kubernetes.structs import (
    V1Condition,
    V1Object,
    V1Pod,
    V1Workload,
)
from opsboard_adapters.kubernetes.usage_sections import (
    container_usage,
    usage_by_pod,
    workload_usage,
)
from opsboard_adapters.kubernetes.workload_pods import what_pods_say
from opsboard_adapters.listing.completeness import SkippedRecords
from opsboard_adapters.times import EARLIEST, format_time

T = TypeVar("T")

MAX_ROWS: Final = 200
"""Rows of a section: what is listed is cut there."""


async def detail(client: ClusterClient, cluster: ClusterContext, ref: Ref) -> Detail:
    """Return the record of *ref* with the sections of its kind. Raises :exc:`SourceError`."""
    resource, namespace, name = locate(ref)
    item = await client.get_struct(
        resource.path(namespace, name), resource.struct, metadata_only=resource.metadata_only
    )
    if isinstance(item, V1Workload):
        return await _workload(client, cluster, resource, item)
    if resource.parse is None:
        raise AssertionError(ref.kind)
    sections = await _SECTIONS[ref.kind](client, cluster, item)
    return Detail(record=resource.parse(cluster, item), sections=(*sections, labels(item)))


async def _workload(
    client: ClusterClient, cluster: ClusterContext, resource: ApiResource, item: V1Workload
) -> Detail:
    namespace, selector = item.metadata.namespace, item.spec.selector
    pods, used, history, events = await asyncio.gather(
        _pods_of(client, namespace, selector),
        usage_by_pod(client, namespace, selector_query(selector)),
        _or_error("Revisions", revisions_grid(client, cluster, resource, item)),
        events_of(client, cluster, resource.kind, item),
    )
    found, pod_grid = _pod_section(cluster, pods, {} if isinstance(used, SourceError) else used)
    parsed = [parse_pod(cluster, pod) for pod in found]
    states = {
        pod.metadata.name: summarize_pod(pod, record.inputs)
        for pod, record in zip(found, parsed, strict=True)
    }
    record = parse_workload(
        cluster, resource.kind, item, what_pods_say(resource.kind, item, states)
    )
    ignored = ignored_problems(resource.kind, item, states)
    sections: list[Section] = [
        Facts(title="Roll-out", facts=_rollout_facts(item, record, ignored)),
        conditions(cluster, item.status.conditions),
        history,
        pod_grid,
        workload_usage([one for one in parsed if one.phase == "Running"], used),
        events,
        labels(item),
    ]
    return Detail(record=record, sections=tuple(sections))


def _rollout_facts(item: V1Workload, record: Deployment, ignored: str) -> tuple[Fact, ...]:
    spec = item.spec
    troubled = record.status.severity >= Status.WARNING.severity
    facts = [Fact(label="status", value=record.message, status=record.status if troubled else None)]
    if ignored:
        facts.append(Fact(label="pods not counted", value=ignored))
    facts += [Fact(label=f"image {c.name}", value=c.image) for c in spec.template.spec.containers]
    facts += [
        Fact(label="strategy", value=flat(spec.strategy or spec.update_strategy)),
        Fact(label="selector", value=selector_query(spec.selector)),
    ]
    return tuple(facts)


async def _first_objects(
    client: ClusterClient, path: str, resource: ApiResource, struct: type[T], parameters: Parameters
) -> list[T]:
    """Return the first objects of a list; the board says which cannot be decoded."""
    listing = ListRequest(path, struct, SkippedRecords(path), resource.kind, parameters)
    return (await client.list_page(listing, {"limit": MAX_ROWS})).objects


async def _pods_of(
    client: ClusterClient, namespace: str, selector: Mapping[str, Any]
) -> Sequence[V1Pod] | SourceError:
    """Return the pods, or the error, which must not hide the other sections."""
    text = selector_query(selector)
    if not text:
        return []
    try:
        return await _first_objects(
            client, PODS.path(namespace), PODS, V1Pod, {"labelSelector": text}
        )
    except SourceError as error:
        return error


def _pod_section(
    cluster: ClusterContext,
    pods: Sequence[V1Pod] | SourceError,
    used: Mapping[str, Usage] = MappingProxyType({}),
) -> tuple[Sequence[V1Pod], Grid]:
    if isinstance(pods, SourceError):
        return [], Grid(title="Pods", columns=(), empty=pods.message)
    return pods, _pod_grid(cluster, pods, used)


async def _or_error(title: str, section: Awaitable[Section]) -> Section:
    """Return the awaited *section*, or one that shows its error."""
    try:
        return await section
    except SourceError as error:
        return Grid(title=title, columns=(), empty=error.message)


def _pod_grid(cluster: ClusterContext, pods: Sequence[V1Pod], used: Mapping[str, Usage]) -> Grid:
    rows = []
    for pod in sorted(pods, key=lambda found: -diagnose(found).status.severity):
        record = parse_pod(cluster, pod)
        cells = (
            record.name,
            record.reason,
            f"{record.ready}/{record.containers}",
            str(record.restarts),
            cpu_text(used.get(record.name, Usage()).cpu),
            memory_text(used.get(record.name, Usage()).memory),
            record.node,
            format_time(record.created_at),
        )
        rows.append(GridRow(cells=cells, status=record.status, record=record))
    columns = ("pod", "status", "ready", "restarts", "cpu", "memory", "node", "created")
    return Grid(title="Pods", columns=columns, rows=tuple(rows), empty="no pods")


async def _pod(client: ClusterClient, cluster: ClusterContext, item: V1Pod) -> tuple[Section, ...]:
    facts = {
        "node": item.spec.node_name,
        "pod IP": item.status.pod_ip,
        "QoS class": item.status.qos_class,
        "service account": item.spec.service_account_name,
        "readiness gates": readiness_gates(item),
        "last restart": format_time(cluster.time(pod_columns(item).restarted)),
    }
    usage, events = await asyncio.gather(
        container_usage(client, item), events_of(client, cluster, "Pod", item)
    )
    status = conditions(cluster, item.status.conditions)
    return (facts_of("Pod", facts), _containers(cluster, item), usage, status, events)


def _containers(cluster: ClusterContext, item: V1Pod) -> Grid:
    rows = tuple(_container_row(cluster, row) for row in container_rows(item))
    columns = ("container", "state", "ready", "restarts", "since", "last end", "image")
    return Grid(title="Containers", columns=columns, rows=rows)


def _container_row(cluster: ClusterContext, row: ContainerRow) -> GridRow:
    status, state, details = row.status, row.status.state.name, row.status.state.details
    ended = status.last_state.terminated
    last = f"{ended.reason} ({ended.exit_code})" if ended else ""
    succeeded = state == "terminated" and not details.exit_code
    return GridRow(
        cells=(
            row.spec.name,
            details.reason or state,
            "yes" if status.ready else "no",
            str(status.restart_count),
            format_time(cluster.time(details.started_at or details.finished_at)),
            last,
            row.spec.image,
        ),
        status=Status.OK if status.ready or succeeded else Status.WARNING,
    )


async def _job(client: ClusterClient, cluster: ClusterContext, item: V1Job) -> tuple[Section, ...]:
    _, pods = _pod_section(
        cluster, await _pods_of(client, item.metadata.namespace, item.spec.selector)
    )
    events = await events_of(client, cluster, "Job", item)
    facts = {
        "status": job_status(item),
        "parallelism": item.spec.parallelism,
        "retries allowed": item.spec.backoff_limit,
    }
    status = conditions(cluster, item.status.conditions)
    return (facts_of("Job", facts), status, pods, events)


async def _cron_job(
    client: ClusterClient, cluster: ClusterContext, item: V1CronJob
) -> tuple[Section, ...]:
    spec = item.spec
    facts = {
        "schedule": spec.schedule,
        "time zone": spec.time_zone,
        "concurrency": spec.concurrency_policy,
        "suspended": "yes" if spec.suspend else "no",
    }
    jobs = await _or_error("Jobs", _jobs_of(client, cluster, item))
    events = await events_of(client, cluster, "CronJob", item)
    return (facts_of("Schedule", facts), jobs, events)


async def _jobs_of(client: ClusterClient, cluster: ClusterContext, item: V1CronJob) -> Grid:
    meta = item.metadata
    found = await _first_objects(client, JOBS.path(meta.namespace), JOBS, V1Job, {})
    owned = [job for job in found if any(o.uid == meta.uid for o in job.metadata.owner_references)]
    owned.sort(key=lambda job: job.metadata.creation_timestamp or "", reverse=True)
    rows = []
    for job in owned:
        record = parse_job(cluster, job)
        cells = (record.name, record.reason, format_time(record.created_at))
        rows.append(GridRow(cells=cells, status=record.status, record=record))
    columns = ("job", "status", "created")
    return Grid(title="Jobs", columns=columns, rows=tuple(rows), empty="no jobs")


async def _event(
    _client: ClusterClient, _cluster: ClusterContext, item: V1Event
) -> tuple[Section, ...]:
    about = item.involved_object
    facts = {
        "about": f"{about.kind}/{about.name}",
        "reason": item.reason,
        "message": item.message,
        "from": item.source.component or item.reporting_component,
    }
    return (facts_of("Event", facts),)


async def _inference_service(
    client: ClusterClient, cluster: ClusterContext, item: V1beta1InferenceService
) -> tuple[Section, ...]:
    shares = {
        one.revision_name: f"{one.percent} % of the traffic"
        for one in item.status.components.predictor.traffic
    }
    uris = {
        f"{name} storage": masked(part["storageUri"])
        for name, part in item.spec.predictor.items()
        if isinstance(part, dict) and part.get("storageUri")
    }
    _, pods = _pod_section(
        cluster,
        await _pods_of(
            client, item.metadata.namespace, {"matchLabels": {SERVICE_LABEL: item.metadata.name}}
        ),
    )
    events = await events_of(client, cluster, INFERENCE_SERVICES.kind, item)
    facts = facts_of("Predictor", {**uris, **shares, "url": item.status.url})
    return (facts, conditions(cluster, item.status.conditions), pods, events)


async def _config(
    _client: ClusterClient, cluster: ClusterContext, item: V1ConfigMetadata
) -> tuple[Section, ...]:
    rows = [
        GridRow(cells=(one.manager, format_time(cluster.time(one.time)), ", ".join(sorted(keys))))
        for one in item.metadata.managed_fields
        if (keys := one.fields_v1.keys)
    ]
    columns = ("manager", "last change", "entries")
    return (Grid(title="Entries", columns=columns, rows=tuple(rows), empty="not told"),)


async def events_of(
    client: ClusterClient, cluster: ClusterContext, kind: str, about: V1Object
) -> Section:
    """Return the events about an object of *kind*, or the error that is shown in their place."""
    meta = about.metadata
    query = {"fieldSelector": f"involvedObject.kind={kind},involvedObject.name={meta.name}"}
    path = WARNING_EVENTS.path(meta.namespace)
    try:
        found = await _first_objects(client, path, WARNING_EVENTS, V1Event, query)
    except SourceError as error:
        return Grid(title="Events", columns=(), empty=error.message)
    events = [parse_event(cluster, item) for item in found]
    events.sort(key=lambda event: event.updated_at or EARLIEST, reverse=True)
    rows = [
        GridRow(
            cells=(format_time(event.updated_at), event.reason, event.message), status=event.status
        )
        for event in events
    ]
    return Grid(title="Events", columns=("seen", "reason", "message"), rows=tuple(rows))


_Sections = Callable[[ClusterClient, ClusterContext, Any], Awaitable[tuple[Section, ...]]]
_SECTIONS: Final[Mapping[Kind, _Sections]] = {
    Kind.POD: _pod,
    Kind.JOB: _job,
    Kind.CRON_JOB: _cron_job,
    Kind.EVENT: _event,
    Kind.CONFIG: _config,
    Kind.DEPLOYMENT: _inference_service,
}


def conditions(cluster: ClusterContext, found: Iterable[V1Condition]) -> Grid:
    """Return the conditions of a status."""
    rows = [
        GridRow(
            cells=(
                one.type,
                one.status,
                one.reason,
                format_time(cluster.time(one.last_transition_time)),
                one.message,
            )
        )
        for one in found
    ]
    columns = ("condition", "is", "reason", "since", "message")
    return Grid(title="Conditions", columns=columns, rows=tuple(rows))


def labels(item: V1Object) -> Facts:
    """Return the labels of *item*."""
    return facts_of("Labels", item.metadata.labels)


def facts_of(title: str, values: Mapping[str, Any]) -> Facts:
    """Return *values* as facts, without those that are empty."""
    facts = [Fact(label=key, value=str(value)) for key, value in values.items() if value]
    return Facts(title=title, facts=tuple(facts))


def flat(values: Mapping[str, Any]) -> str:
    """Return a small tree on one line: ``type RollingUpdate, rollingUpdate maxSurge 1``."""
    inner = [f"{k} {flat(v) if isinstance(v, dict) else v}" for k, v in values.items()]
    return ", ".join(inner)
