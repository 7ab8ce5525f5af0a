"""A Kubernetes source: all its clusters, watched side by side."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from functools import partial
from typing import Any, Final, TypeAlias

from opsboard.adapter import (
    Change,
    Check,
    Condition,
    Context,
    Description,
    Detail,
    Forbidden,
    Health,
    ListingCatalog,
    ListingQuery,
    ListingUpdate,
    LogLine,
    LogPart,
    LogQuery,
    ObjectTree,
    Principal,
    Report,
    Source,
    SourceError,
    Unauthenticated,
)
from opsboard.adapter.actions import ActionRunner
from opsboard.adapter.programs import programs_of
from opsboard.records import JSON, Kind, Ref
from opsboard_adapters.kubernetes.access.clusters import (
    ClusterAccess,
    UnusableContext,
)
from opsboard_adapters.kubernetes.actions.base import KubernetesAction
from opsboard_adapters.kubernetes.actions.debug_pod import DebugPod
from opsboard_adapters.kubernetes.actions.delete_pod import DeletePod
from opsboard_adapters.kubernetes.actions.edit_object import EditObject
from opsboard_adapters.kubernetes.actions.exec_in_container import ExecInContainer
from opsboard_adapters.kubernetes.actions.forward_port import ForwardPort
from opsboard_adapters.kubernetes.actions.program_action import ProgramAction
from opsboard_adapters.kubernetes.actions.restart import RestartWorkload
from opsboard_adapters.kubernetes.actions.retrain import RetrainWithJob
from opsboard_adapters.kubernetes.actions.rollback import RollbackWorkload
from opsboard_adapters.kubernetes.actions.run_job import RunCronJob
from opsboard_adapters.kubernetes.actions.scale import ScaleWorkload
from opsboard_adapters.kubernetes.actions.target import ActionClusters
from opsboard_adapters.kubernetes.actions.toggle import (
    PauseRollout,
    ResumeRollout,
    SuspendCronJob,
    UnsuspendCronJob,
)
from opsboard_adapters.kubernetes.background_reads import BackgroundReads
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.cluster_listings import ClusterListings
from opsboard_adapters.kubernetes.detail import detail
from opsboard_adapters.kubernetes.informer import ResourceInformer
from opsboard_adapters.kubernetes.kubectl import Kubectl
from opsboard_adapters.kubernetes.logs import LogReader, log_parts
from opsboard_adapters.kubernetes.node_metrics import KnownPods
from opsboard_adapters.kubernetes.objects import readable
from opsboard_adapters.kubernetes.open_clusters import OpenClusters
from opsboard_adapters.kubernetes.permissions import (
    combined,
    custom_resources,
    doctor_checks,
    who_asks,
)
from opsboard_adapters.kubernetes.reflector import (
    MAX_BACKOFF,
    MIN_BACKOFF,
    ListWatchFailed,
    ReflectorEvent,
    list_and_watch,
)
from opsboard_adapters.kubernetes.resources import (
    KINDS_IN_IDS,
    ApiResource,
    locate,
    watched_resources,
)
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from opsboard_adapters.kubernetes.workload_pods import WorkloadPods

Backlog: TypeAlias = "asyncio.Queue[Change]"

ACTIONS: Final[tuple[KubernetesAction[Any], ...]] = (
    RollbackWorkload(),
    RestartWorkload(),
    ScaleWorkload(),
    PauseRollout(),
    ResumeRollout(),
    RunCronJob(),
    SuspendCronJob(),
    UnsuspendCronJob(),
    DeletePod(),
    EditObject(),
    RetrainWithJob(),
)

PROGRAM_ACTIONS: Final[tuple[ProgramAction[Any], ...]] = (
    ExecInContainer(),
    ForwardPort(),
    DebugPod(),
)
"""Actions that change no object themselves, and run kubectl for a person."""

BACKLOG_SIZE: Final = 64
"""Changes that wait for the collector; the watches pause while there are so many."""

_STARTING: Final = Health(condition=Condition.STARTING)
_BUG_HINT: Final = "this is a fault of the adapter; the program's log has more"
_MESSAGE_LIMIT: Final = 200
_log = logging.getLogger(__name__)


def _is_unauthenticated(event: ReflectorEvent) -> bool:
    return isinstance(event, ListWatchFailed) and isinstance(event.error, Unauthenticated)


class KubernetesSource(Source):
    """Opens each cluster once, for its watches and for what is read on demand."""

    def __init__(
        self, settings: KubernetesSettings, context: Context, stack: AsyncExitStack
    ) -> None:
        self._settings = settings
        self._context = context
        self._clusters = OpenClusters(settings, context, stack)
        self._known_pods: dict[str, KnownPods] = {}
        """The pods of the clusters that are watched, by name."""
        kubectl = Kubectl(settings, context.host_environ, self._clusters.pinned)
        self._listings = ClusterListings(
            settings,
            kubectl,
            self._clusters.names,
            self._clusters.connect,
            pods_of=self._known_pods.get,
            pause=context.pause,
        )
        clusters = ActionClusters(
            self._clusters.connect,
            self._clusters.only,
            context.now,
            kubectl,
            self._clusters.held,
            programs_of(context),
            settings.debug_image,
        )
        with suppress(SourceError):  # it is told when the clusters are opened
            self.address = " ".join(sorted({one.server for one in self._clusters.usable()}))
        actions = (*ACTIONS, *PROGRAM_ACTIONS)
        self.action_runner = ActionRunner(actions, context, clusters, view=ActionClusters.with_memo)

    async def changes(self) -> AsyncIterator[Change]:
        found = self._clusters.configured()
        backlog: Backlog = asyncio.Queue(BACKLOG_SIZE)
        tasks = [
            asyncio.create_task(self._retry(one.name, partial(self._watch_cluster, one), backlog))
            for one in found
        ]
        try:
            while True:
                yield await backlog.get()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def checks(self) -> AsyncIterator[Check]:
        async for check in doctor_checks(self._settings, self._context):
            yield check

    async def principal(self) -> Principal | None:
        """Return as whom the servers know the logins; ``None`` where one of them does not say."""
        known = dict[str, Principal]()
        for access in self._clusters.usable():
            client = await self._clusters.client(access)
            try:
                principal = await who_asks(client)
            except Forbidden:  # who may not ask that is not told
                principal = None
            if principal is None:
                return None
            known[access.server] = principal
        return combined(known)

    async def detail(self, ref: Ref) -> Detail:
        if ref.kind is Kind.LISTED:
            return await self._listings.detail(ref)
        client, cluster = await self._cluster_of(ref)
        return await detail(client, cluster, ref)

    async def logs(self, ref: Ref, query: LogQuery) -> AsyncIterator[LogLine]:
        reader = LogReader(partial(self._cluster_of, ref), self._context, ref, query)
        async with aclosing(reader.lines()) as lines:
            async for line in lines:
                yield line

    async def log_parts(self, ref: Ref) -> Sequence[LogPart]:
        client, _ = await self._cluster_of(ref)
        return await log_parts(client, ref)

    async def raw(self, ref: Ref) -> JSON:
        if ref.kind is Kind.LISTED:
            return await self._listings.raw(ref)
        client, _ = await self._cluster_of(ref)
        resource, namespace, name = locate(ref)
        return readable(
            await client.get(resource.path(namespace, name), metadata_only=resource.metadata_only)
        )

    # --- listings --------------------------------------------------------------------------------

    async def describe(self, ref: Ref) -> Description:
        return await self._listings.describe(ref)

    async def tree(self, ref: Ref) -> ObjectTree:
        return await self._listings.tree(ref)

    async def listing_types(self) -> ListingCatalog:
        return await self._listings.types()

    def listing(self, name: str, query: ListingQuery) -> AsyncIterator[ListingUpdate]:
        return self._listings.listing(name, query)

    # --- watching --------------------------------------------------------------------------------

    async def _retry(
        self, scope: str, work: Callable[["Backlog"], Awaitable[None]], backlog: "Backlog"
    ) -> None:
        """Do *work* for ever. An error is reported for its *scope*, and harms no other."""
        wait = MIN_BACKOFF
        while True:
            try:
                await work(backlog)
            except SourceError as error:
                health = error.health
            except Exception as error:  # a bug in parsing, say: it stops this scope alone
                _log.exception("%s of %s: unexpected", scope, self._context.name)
                said = f"{scope}: {type(error).__name__}: {error}"[:_MESSAGE_LIMIT]
                health = SourceError(said, _BUG_HINT).health
            await backlog.put(Report(health, scope))
            await self._context.pause(wait)
            wait = min(wait * 2, MAX_BACKOFF)

    async def _watch_cluster(
        self, configured: ClusterAccess | UnusableContext, backlog: "Backlog"
    ) -> None:
        """Watch all resources of a cluster for ever.

        Raises :exc:`SourceError` where the cluster cannot be opened.
        """
        await backlog.put(Report(_STARTING, configured.name))
        access = self._clusters.access(configured.name)
        await self._clusters.client(access)
        problems = WorkloadPods(self._clusters.context(access.name))
        informers = self._informers(watched_resources(self._settings), problems)
        for informer in informers:
            await backlog.put(Report(_STARTING, informer.name))
        live = access.anonymous_health or Health(condition=Condition.LIVE)
        await backlog.put(Report(live, access.name))
        self._known_pods[access.name] = KnownPods(informers, problems.usage)
        try:
            async with asyncio.TaskGroup() as group:
                for informer in informers:
                    work = partial(self._watch_resource, access, informer)
                    group.create_task(self._retry(informer.name, work, backlog))
                group.create_task(self._watch_custom(access, problems, backlog))
                reads = self._background_reads(access, informers, problems, backlog)
                group.create_task(reads.tell_past())
                group.create_task(reads.read_revisions())
                group.create_task(reads.measure_pods())
        finally:
            self._known_pods.pop(access.name, None)

    def _informers(
        self, resources: Sequence[ApiResource], problems: WorkloadPods
    ) -> list[ResourceInformer]:
        return [
            ResourceInformer(resource, namespace, problems.cluster, problems)
            for resource in resources
            for namespace in dict.fromkeys(self._settings.namespaces) or ("",)
        ]

    async def _watch_custom(
        self, access: ClusterAccess, problems: WorkloadPods, backlog: "Backlog"
    ) -> None:
        """Watch the custom resources that the cluster has, once it can be asked which."""
        while True:
            with suppress(SourceError):  # the other resources report it
                served = await custom_resources(self._clusters.opened(access.name))
                break
            await self._context.pause(MAX_BACKOFF)
        async with asyncio.TaskGroup() as group:
            for informer in self._informers(served, problems):
                work = partial(self._watch_resource, access, informer)
                group.create_task(self._retry(informer.name, work, backlog))

    def _background_reads(
        self,
        access: ClusterAccess,
        informers: Sequence[ResourceInformer],
        problems: WorkloadPods,
        backlog: "Backlog",
    ) -> BackgroundReads:
        return BackgroundReads(
            access.name,
            lambda: self._clusters.opened(access.name),
            lambda: self._clusters.context(access.name),
            self._settings.namespaces,
            informers,
            problems,
            backlog.put,
            self._context.pause,
        )

    async def _watch_resource(
        self, access: ClusterAccess, informer: ResourceInformer, backlog: "Backlog"
    ) -> None:
        while True:
            client = self._clusters.opened(access.name)
            events = list_and_watch(
                client, informer.resource, informer.path, self._context.pause, informer.skips
            )
            async with aclosing(events):
                async for event in events:
                    informer.set_cluster(self._clusters.context(access.name))
                    for change in informer.changes(event):
                        await backlog.put(change)
                    if not _is_unauthenticated(event):
                        continue
                    if await self._clusters.renewed(access.name) is not client:
                        break

    async def _cluster_of(self, ref: Ref) -> tuple[ClusterClient, ClusterContext]:
        """Return the cluster that the record *ref* is of. Raises :exc:`SourceError`."""
        depth = 3 if ref.kind in KINDS_IN_IDS else 2
        return await self._clusters.connect(ref.id.rsplit("/", depth)[0])
