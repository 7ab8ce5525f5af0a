"""Which containers a log is of, and how each is doing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from opsboard.adapter import LogPart, LogQuery, NotFound, Unsupported
from opsboard.records import Kind, Ref, Status
from opsboard_adapters.kubernetes.batch_structs import V1Job
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.objects import ApiObject, selector_query
from opsboard_adapters.kubernetes.pager import pages
from opsboard_adapters.kubernetes.parse.inference_services import (
    SERVICE_LABEL,
    V1beta1InferenceService,
)
from opsboard_adapters.kubernetes.parse.pods import FATAL_WAITING_REASONS, container_rows
from opsboard_adapters.kubernetes.protocol import ListRequest
from opsboard_adapters.kubernetes.resources import PODS, ApiResource, WatchedObject, locate
from opsboard_adapters.kubernetes.structs import (
    V1Container,
    V1ContainerStateDetails,
    V1ContainerStatus,
    V1Pod,
    V1Workload,
)
from opsboard_adapters.listing.completeness import SkippedRecords

MAX_PODS: Final = 200
"""Pods of a workload or Job whose logs are read together."""
MAX_CONTAINERS: Final = 400
"""Their containers: each that is followed holds a connection."""


@dataclass(frozen=True, slots=True)
class LogContainer:
    """A container whose log is read. One pod's *uid* is another's than that of its successor, even
    where both have one name."""

    namespace: str
    pod: str
    uid: str
    name: str
    status: V1ContainerStatus
    init: bool = False
    pod_ended: bool = False
    """Whether the pod runs no more, and starts nothing again."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.uid, self.name

    @property
    def path(self) -> str:
        """Where its log is."""
        return f"{PODS.path(self.namespace, self.pod)}/log"

    @property
    def has_previous(self) -> bool:
        """Whether there was an instance before this one."""
        return self.status.restart_count > 0 or self.status.last_state.terminated is not None

    @property
    def last_end(self) -> V1ContainerStateDetails | None:
        """How the instance ended whose log the kubelet returns, if it did: the present one, or the
        previous one while the next waits to start."""
        state, last = self.status.state, self.status.last_state
        return last.terminated if state.waiting is not None else state.terminated

    @property
    def previous_end(self) -> V1ContainerStateDetails | None:
        """How the previous instance ended, where another has started since.

        While a container waits to start, the kubelet returns the log of the previous instance.
        """
        waits = self.status.state.waiting is not None
        return None if waits else self.status.last_state.terminated

    @property
    def is_failing(self) -> bool:
        """Whether it has failed, or cannot start."""
        waiting = self.status.state.waiting
        cannot = waiting is not None and waiting.reason in FATAL_WAITING_REASONS
        return cannot or is_failure(self.last_end)


def is_failure(end: V1ContainerStateDetails | None) -> bool:
    """Tell whether a container has ended, and not well."""
    return end is not None and end.exit_code != 0


def end_text(end: V1ContainerStateDetails) -> str:
    """Return how a container ended, in words."""
    if not end.exit_code:
        return end.reason or "Completed"
    return f"{end.reason or 'Error'}, exit code {end.exit_code}"


@dataclass(frozen=True, slots=True)
class LogScope:
    """The pods that a log is of: those that *resource*, with its selector, lists in *namespace*.

    A *single* pod is joined by no others, and is read with the right to get it alone.
    """

    namespace: str
    resource: ApiResource
    single: str = ""

    @property
    def path(self) -> str:
        """Where the pods are listed and watched."""
        return PODS.path(self.namespace)


async def log_scope(client: ClusterClient, ref: Ref) -> LogScope:
    """Return the pods whose logs belong to *ref*. Raises :exc:`SourceError`."""
    if ref.kind not in (Kind.POD, Kind.DEPLOYMENT, Kind.JOB):
        raise Unsupported(f"a {ref.kind} has no log")
    resource, namespace, name = locate(ref)
    if ref.kind is Kind.POD:
        only = {"fieldSelector": f"metadata.name={name}"}
        return LogScope(namespace, replace(PODS, parameters=only), name)
    item = await client.get_struct(resource.path(namespace, name), resource.struct)
    selector = selector_query(_pod_selector(item))
    if not selector:  # an empty one would select every pod of the namespace
        raise NotFound(f"{resource.kind} {name} selects no pods, and so has no log")
    return LogScope(namespace, replace(PODS, parameters={"labelSelector": selector}))


def _pod_selector(item: WatchedObject) -> ApiObject:
    """Return the label selector of the pods that belong to *item*."""
    if isinstance(item, V1beta1InferenceService):
        return {"matchLabels": {SERVICE_LABEL: item.metadata.name}}
    return item.spec.selector if isinstance(item, V1Workload | V1Job) else {}


async def list_pods(client: ClusterClient, scope: LogScope) -> list[V1Pod]:
    """Return the pods of *scope*. Raises :exc:`SourceError`."""
    if scope.single:
        return [await client.get_struct(PODS.path(scope.namespace, scope.single), V1Pod)]
    parameters = dict(scope.resource.parameters)
    listing = ListRequest(scope.path, V1Pod, SkippedRecords(scope.path), PODS.kind, parameters)
    return [pod async for page in pages(client, listing) for pod in page.objects]


def containers_of(pod: V1Pod) -> list[LogContainer]:
    """Return the containers of *pod*, init containers first."""
    ended = pod.status.phase in {"Succeeded", "Failed"}
    init = {one.name for one in pod.spec.init_containers}
    meta = pod.metadata
    return [
        LogContainer(
            meta.namespace,
            meta.name,
            meta.uid or meta.name,
            row.spec.name,
            row.status,
            init=_is_init(row.spec, init),
            pod_ended=ended,
        )
        for row in container_rows(pod)
    ]


def _is_init(spec: V1Container, init: set[str]) -> bool:
    return spec.name in init and not spec.is_sidecar


def wanted(containers: Iterable[LogContainer], query: LogQuery) -> list[LogContainer]:
    """Return those of *containers* that *query* asks for, failing ones first.

    An init container that has done its work is read only where it is asked for.
    """
    found = [
        one
        for one in containers
        if query.wants_part(one.pod, one.name)
        and (query.init or one.name in query.parts or not _is_done(one))
        and (one.has_previous or not query.previous)
    ]
    return sorted(found, key=lambda one: not one.is_failing)


def _is_done(container: LogContainer) -> bool:
    end = container.status.state.terminated
    return container.init and end is not None and not end.exit_code


def newest_pods(pods: Iterable[V1Pod]) -> list[V1Pod]:
    """Return *pods* in the order in which they are read: failing ones, then the newest."""
    newest = sorted(pods, key=lambda pod: pod.metadata.creation_timestamp or "", reverse=True)
    return sorted(newest, key=lambda pod: not any(one.is_failing for one in containers_of(pod)))


# --- what can be picked --------------------------------------------------------------------------


async def log_parts(client: ClusterClient, ref: Ref) -> Sequence[LogPart]:
    """Return the containers that the log of *ref* can be narrowed to, failing ones first."""
    pods = newest_pods(await list_pods(client, await log_scope(client, ref)))[:MAX_PODS]
    found = [one for pod in pods for one in containers_of(pod)]
    return [_part(one) for one in sorted(found, key=lambda one: not one.is_failing)]


def _part(one: LogContainer) -> LogPart:
    status, note = _state(one)
    if one.status.restart_count:
        note = f"{note}, {one.status.restart_count} restarts"
    return LogPart(
        name=one.name,
        group=one.pod,
        status=status,
        note=f"init, {note}" if one.init else note,
        init=one.init,
        previous=one.has_previous,
    )


def _state(one: LogContainer) -> tuple[Status, str]:
    state = one.status.state
    if one.is_failing:
        waiting = state.waiting
        return Status.FAILED, (waiting.reason if waiting else end_text(one.last_end or _UNKNOWN))
    if state.terminated is not None:
        return Status.OK, end_text(state.terminated)
    if state.running is not None:
        ready = one.status.ready or one.init
        return (Status.OK, "running") if ready else (Status.RUNNING, "not ready")
    return Status.RUNNING, (state.waiting.reason if state.waiting else "not started")


_UNKNOWN: Final = V1ContainerStateDetails()
