"""A Kubernetes source: all its clusters, watched side by side."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Final, TypeAlias

from opsboard.adapter import (
    Change,
    Check,
    Condition,
    Context,
    Detail,
    Forbidden,
    Health,
    LogLine,
    Misconfigured,
    NotFound,
    Principal,
    Report,
    Source,
    SourceError,
    Unauthenticated,
)
from opsboard.adapter.actions import ActionRunner
from opsboard.records import JSON, Ref
from opsboard_adapters.http import response_limits
from opsboard_adapters.kubernetes import logs
from opsboard_adapters.kubernetes.access import tls
from opsboard_adapters.kubernetes.access.clusters import (
    ClusterAccess,
    UnusableContext,
    cluster_access,
    configured_clusters,
)
from opsboard_adapters.kubernetes.actions.base import KubernetesAction
from opsboard_adapters.kubernetes.actions.delete_pod import DeletePod
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
from opsboard_adapters.kubernetes.client import ClusterClient, open_cluster_client
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.detail import detail
from opsboard_adapters.kubernetes.informer import ResourceInformer
from opsboard_adapters.kubernetes.objects import readable
from opsboard_adapters.kubernetes.past_revisions import past_revisions
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
    RetrainWithJob(),
)

BACKLOG_SIZE: Final = 64
"""Changes that wait for the collector; the watches pause while there are so many."""

_STARTING: Final = Health(condition=Condition.STARTING)
_BUG_HINT: Final = "this is a fault of the adapter; the program's log has more"
_MESSAGE_LIMIT: Final = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _OpenCluster:
    """The client of a cluster, with the access and client certificate that it was opened with."""

    client: ClusterClient
    access: ClusterAccess
    certificate: tls.Stamp

    def serves(self, access: ClusterAccess) -> bool:
        """Return whether the client will do for *access*: not if its login was renewed.

        A context that leads to another server by now is no other cluster: what is on the board was
        read from the server that it led to.
        """
        if replace(self.access, user=access.user) != access:
            return True
        unchanged = self.certificate == tls.certificate_stamp(access.user)
        return self.access.user == access.user and unchanged


def _is_unauthenticated(event: ReflectorEvent) -> bool:
    return isinstance(event, ListWatchFailed) and isinstance(event.error, Unauthenticated)


class KubernetesSource(Source):
    """Opens each cluster once, for its watches and for what is read on demand."""

    def __init__(
        self, settings: KubernetesSettings, context: Context, stack: AsyncExitStack
    ) -> None:
        self._settings = settings
        self._context = context
        self._stack = stack
        self._opening: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._open: dict[str, _OpenCluster] = {}
        self._environment_of = lru_cache(maxsize=4_096)(context.environment_of)
        clusters = ActionClusters(self._connect, self._only_cluster, context.now)
        with suppress(SourceError):  # it is told when the clusters are opened
            self.address = " ".join(sorted({one.server for one in self._usable_clusters()}))
        self.action_runner = ActionRunner(ACTIONS, context, clusters, view=ActionClusters.with_memo)

    async def changes(self) -> AsyncIterator[Change]:
        found = configured_clusters(self._settings, self._context.host_environ)
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
        for access in self._usable_clusters():
            client = await self._client(access)
            try:
                principal = await who_asks(client)
            except Forbidden:  # who may not ask that is not told
                principal = None
            if principal is None:
                return None
            known[access.server] = principal
        return combined(known)

    def _usable_clusters(self) -> list[ClusterAccess]:
        """Return the clusters of this source. Raises :exc:`SourceError` where one is unusable."""
        environ = self._context.host_environ
        found = configured_clusters(self._settings, environ)
        return [cluster_access(self._settings, environ, one.name) for one in found]

    async def detail(self, ref: Ref) -> Detail:
        client, cluster = await self._cluster_of(ref)
        return await detail(client, cluster, ref)

    async def logs(
        self, ref: Ref, *, follow: bool = False, tail: int = 1_000
    ) -> AsyncIterator[LogLine]:
        client, cluster = await self._cluster_of(ref)
        async for line in logs.read_logs(client, cluster, ref, follow=follow, tail=tail):
            yield line

    async def raw(self, ref: Ref) -> JSON:
        client, _ = await self._cluster_of(ref)
        resource, namespace, name = locate(ref)
        return readable(
            await client.get(resource.path(namespace, name), metadata_only=resource.metadata_only)
        )

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
        access = cluster_access(self._settings, self._context.host_environ, configured.name)
        client = await self._client(access)
        problems = WorkloadPods(self._cluster_context(access, client))
        informers = self._informers(watched_resources(self._settings), problems)
        for informer in informers:
            await backlog.put(Report(_STARTING, informer.name))
        live = access.anonymous_health or Health(condition=Condition.LIVE)
        await backlog.put(Report(live, access.name))
        async with asyncio.TaskGroup() as group:
            for informer in informers:
                work = partial(self._watch_resource, access, informer)
                group.create_task(self._retry(informer.name, work, backlog))
            group.create_task(self._tell_past(access, informers, backlog))
            group.create_task(self._watch_custom(access, problems, backlog))

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
                served = await custom_resources(self._open[access.name].client)
                break
            await self._context.pause(MAX_BACKOFF)
        async with asyncio.TaskGroup() as group:
            for informer in self._informers(served, problems):
                work = partial(self._watch_resource, access, informer)
                group.create_task(self._retry(informer.name, work, backlog))

    async def _tell_past(
        self, access: ClusterAccess, informers: Sequence[ResourceInformer], backlog: "Backlog"
    ) -> None:
        """Tell what the cluster remembers of earlier roll-outs, once the board has what is now.

        It is a help for the history alone: where it may not be read, nothing is said of it.
        """
        for informer in informers:
            await informer.listed.wait()
        client = self._open[access.name].client
        cluster = self._cluster_context(access, client)
        try:
            for namespace in dict.fromkeys(self._settings.namespaces) or ("",):
                with suppress(SourceError):
                    async for past in past_revisions(client, cluster, namespace):
                        await backlog.put(past)
        except Exception:  # a bug in parsing, say: the board goes on without
            _log.exception("the past of %s of %s: unexpected", access.name, self._context.name)

    async def _watch_resource(
        self, access: ClusterAccess, informer: ResourceInformer, backlog: "Backlog"
    ) -> None:
        while True:
            client = self._open[access.name].client
            events = list_and_watch(
                client, informer.resource, informer.path, self._context.pause, informer.skips
            )
            async with aclosing(events):
                async for event in events:
                    informer.set_cluster(self._cluster_context(access, client))
                    for change in informer.changes(event):
                        await backlog.put(change)
                    if _is_unauthenticated(event) and await self._renewed(access) is not client:
                        break

    # --- the clusters ----------------------------------------------------------------------------

    async def _renewed(self, access: ClusterAccess) -> ClusterClient:
        """Return a client with the login that the kubeconfig has by now, if it can be used."""
        environ = self._context.host_environ
        with suppress(SourceError):
            await self._client(cluster_access(self._settings, environ, access.name))
        return self._open[access.name].client

    async def _client(self, access: ClusterAccess) -> ClusterClient:
        """Return the client of a cluster, opened once for each login."""
        async with self._opening[access.name]:
            opened = self._open.get(access.name)
            if opened is None or not opened.serves(access):
                certificate = tls.certificate_stamp(access.user)
                limits = response_limits(self._settings)
                client = await self._stack.enter_async_context(
                    open_cluster_client(access, self._context, self._settings.timeout, limits)
                )
                opened = self._open[access.name] = _OpenCluster(client, access, certificate)
            return opened.client

    async def _cluster_of(self, ref: Ref) -> tuple[ClusterClient, ClusterContext]:
        """Return the cluster that the record *ref* is of. Raises :exc:`SourceError`."""
        depth = 3 if ref.kind in KINDS_IN_IDS else 2
        return await self._connect(ref.id.rsplit("/", depth)[0])

    async def _connect(self, name: str) -> tuple[ClusterClient, ClusterContext]:
        """Return the cluster called *name*. Raises :exc:`SourceError`."""
        environ = self._context.host_environ
        if name not in {one.name for one in configured_clusters(self._settings, environ)}:
            raise NotFound(
                f"there is no cluster {name!r} in this source", "was the config changed?"
            )
        access = cluster_access(self._settings, environ, name)
        client = await self._client(access)
        return client, self._cluster_context(access, client)

    def _only_cluster(self) -> str:
        """Return the name of the only cluster. Raises :exc:`Misconfigured` where there are more."""
        found = configured_clusters(self._settings, self._context.host_environ)
        names = [one.name for one in found]
        if len(names) == 1:
            return names[0]
        raise Misconfigured(f"which of {', '.join(names)}?", "name the cluster in the recipe")

    def _cluster_context(self, access: ClusterAccess, client: ClusterClient) -> ClusterContext:
        return ClusterContext(
            source=self._context.name,
            name=access.name,
            cluster_name=access.cluster_name,
            clock_skew=client.clock_skew,
            environment_of=self._environment_of,
            environments_of=self._context.environments_of,
            server=access.server,
            model_env=self._settings.model_env,
        )
