"""A Kubernetes source: all its clusters, followed side by side."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Final, TypeAlias

from opsboard.adapter import (
    RETRAIN,
    Change,
    Check,
    Condition,
    Context,
    Detail,
    Form,
    Health,
    LogLine,
    Misconfigured,
    NotFound,
    Permit,
    Plan,
    Progress,
    Receipt,
    ReconcileResult,
    Report,
    Request,
    Source,
    SourceError,
    Unauthenticated,
    Unsupported,
)
from opsboard.records import JSON, Kind, Ref
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
from opsboard_adapters.kubernetes.actions.execute import execute_plan
from opsboard_adapters.kubernetes.actions.planning import plan_of
from opsboard_adapters.kubernetes.actions.registry import find_action
from opsboard_adapters.kubernetes.actions.retrain import retrain_of
from opsboard_adapters.kubernetes.actions.target import ClusterConnection, TargetObject, find
from opsboard_adapters.kubernetes.client import ClusterClient, open_cluster_client
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.detail import detail
from opsboard_adapters.kubernetes.informer import ResourceInformer
from opsboard_adapters.kubernetes.objects import readable
from opsboard_adapters.kubernetes.permissions import doctor_checks
from opsboard_adapters.kubernetes.pod_problems import PodProblems
from opsboard_adapters.kubernetes.reflector import (
    MAX_BACKOFF,
    MIN_BACKOFF,
    ListWatchFailed,
    ReflectorEvent,
    list_and_watch,
)
from opsboard_adapters.kubernetes.resources import CRON_JOBS, JOBS, WATCHED, locate
from opsboard_adapters.kubernetes.settings import KubernetesSettings

Backlog: TypeAlias = "asyncio.Queue[Change]"

_STARTING: Final = Health(condition=Condition.STARTING)
_BUG: Final = "this is a fault of the adapter; the program's log has more"
_SHORT: Final = 200
_log = logging.getLogger(__name__)

BACKLOG: Final = 64
"""Changes that wait to be taken, before the watches are held up."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """An API that was opened, the way in, and the client's certificate as it was then."""

    client: ClusterClient
    access: ClusterAccess
    stamp: tls.Stamp

    def serves(self, access: ClusterAccess) -> bool:
        """Return whether it will do for *access*: all but a login that was renewed.

        One that leads elsewhere by now is no other cluster: what is on the board was seen where it
        led.
        """
        if replace(self.access, user=access.user) != access:
            return True
        return self.access.user == access.user and self.stamp == tls.certificate_stamp(access.user)


def _is_refused(news: ReflectorEvent) -> bool:
    return isinstance(news, ListWatchFailed) and isinstance(news.error, Unauthenticated)


class KubernetesSource(Source):
    """Opens each cluster once, for its watches and for what is asked on demand."""

    def __init__(
        self, settings: KubernetesSettings, context: Context, stack: AsyncExitStack
    ) -> None:
        self._settings = settings
        self._context = context
        self._stack = stack
        self._opening: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._opened: dict[str, _Opened] = {}
        self._environment_of = lru_cache(maxsize=4_096)(context.environment_of)

    async def changes(self) -> AsyncIterator[Change]:
        found = configured_clusters(self._settings, self._context.host_environ)
        backlog: Backlog = asyncio.Queue(BACKLOG)
        tasks = [
            asyncio.create_task(self._kept_up(way.name, partial(self._cluster, way), backlog))
            for way in found
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

    async def detail(self, ref: Ref) -> Detail:
        client, cluster = await self._at(ref)
        return await detail(client, cluster, ref)

    async def logs(
        self, ref: Ref, *, follow: bool = False, tail: int = 1_000
    ) -> AsyncIterator[LogLine]:
        client, cluster = await self._at(ref)
        async for line in logs.read_logs(client, cluster, ref, follow=follow, tail=tail):
            yield line

    async def raw(self, ref: Ref) -> JSON:
        client, _ = await self._at(ref)
        resource, namespace, name = locate(ref)
        return readable(await client.get(resource.path(namespace, name)))

    # --- acting ----------------------------------------------------------------------------------

    async def form(self, request: Request) -> Form:
        site, act, target = await self._asked(request)
        return await act.form(site, target, request)

    async def plan(self, request: Request) -> Plan:
        site, act, target = await self._asked(request)
        return await plan_of(site, act, target, request)

    async def execute(self, plan: Plan, permit: Permit) -> Receipt:
        return await execute_plan(await self._site_of(plan), find_action(plan.action), plan, permit)

    async def observe(self, plan: Plan, receipt: Receipt) -> AsyncIterator[Progress]:
        site = await self._site_of(plan)
        async with aclosing(find_action(plan.action).observe(site, plan, receipt)) as steps:
            async for progress in steps:
                yield progress

    async def reconcile(self, plan: Plan) -> ReconcileResult:
        return await find_action(plan.action).reconcile(await self._site_of(plan), plan)

    async def _asked(
        self, request: Request
    ) -> tuple[ClusterConnection, KubernetesAction, TargetObject]:
        """Return what *request* is about. Raises :exc:`SourceError`."""
        if request.action == RETRAIN:
            return await self._training(request)
        act = find_action(request.action)
        if request.ref.kind not in act.offer.kinds:
            raise Unsupported(f"{request.action} is not offered for a {request.ref.kind}")
        site = self._site(*await self._at(request.ref))
        return site, act, await find(site, *locate(request.ref))

    async def _training(
        self, request: Request
    ) -> tuple[ClusterConnection, KubernetesAction, TargetObject]:
        act, recipe = retrain_of(request)
        cluster = recipe.cluster or self._only_cluster()
        site = self._site(*await self._cluster_named(cluster))
        resource = CRON_JOBS if recipe.cronjob else JOBS
        name = recipe.cronjob or recipe.job
        return site, act, await find(site, resource, recipe.namespace, name)

    def _only_cluster(self) -> str:
        names = [
            way.name for way in configured_clusters(self._settings, self._context.host_environ)
        ]
        if len(names) == 1:
            return names[0]
        raise Misconfigured(f"which of {', '.join(names)}?", "name the cluster in the recipe")

    async def _site_of(self, plan: Plan) -> ClusterConnection:
        return self._site(*await self._cluster_named(str(plan.payload.get("cluster"))))

    def _site(self, client: ClusterClient, cluster: ClusterContext) -> ClusterConnection:
        return ClusterConnection(client, cluster, self._context.now, self._context.pause)

    # --- the clusters ----------------------------------------------------------------------------

    async def _kept_up(
        self, scope: str, work: Callable[["Backlog"], Awaitable[None]], backlog: "Backlog"
    ) -> None:
        """Do *work* for ever. What goes wrong in it is told of its *scope*, and harms no other."""
        wait = MIN_BACKOFF
        while True:
            try:
                await work(backlog)
            except SourceError as error:
                health = error.health
            except Exception as error:  # whatever it is, it is the fault of this scope alone
                _log.exception("%s of %s: unexpected", scope, self._context.name)
                said = f"{scope}: {type(error).__name__}: {error}"[:_SHORT]
                health = SourceError(said, _BUG).health
            await backlog.put(Report(health, scope))
            await self._context.pause(wait)
            wait = min(wait * 2, MAX_BACKOFF)

    async def _cluster(self, way: ClusterAccess | UnusableContext, backlog: "Backlog") -> None:
        """Follow one cluster for ever. Raises :exc:`SourceError` where it cannot be opened."""
        await backlog.put(Report(_STARTING, way.name))
        access = cluster_access(self._settings, self._context.host_environ, way.name)
        client = await self._api(access)
        problems = PodProblems(self._place(access, client))
        scopes = [
            ResourceInformer(resource, namespace, problems.cluster, problems)
            for resource in WATCHED
            for namespace in dict.fromkeys(self._settings.namespaces) or ("",)
        ]
        for scope in scopes:
            await backlog.put(Report(_STARTING, scope.name))
        live = access.anonymous_health or Health(condition=Condition.LIVE)
        await backlog.put(Report(live, access.name))
        async with asyncio.TaskGroup() as group:
            for scope in scopes:
                work = partial(self._follow, access, scope)
                group.create_task(self._kept_up(scope.name, work, backlog))

    async def _follow(
        self, access: ClusterAccess, scope: ResourceInformer, backlog: "Backlog"
    ) -> None:
        while True:
            client = self._opened[access.name].client
            stream = list_and_watch(
                client, scope.resource, scope.path, self._context.pause, scope.skips
            )
            async with aclosing(stream):
                async for news in stream:
                    scope.set_cluster(self._place(access, client))
                    for change in scope.changes(news):
                        await backlog.put(change)
                    if _is_refused(news) and await self._renewed(access) is not client:
                        break

    async def _renewed(self, access: ClusterAccess) -> ClusterClient:
        """Return the API by the login that the kubeconfig has by now, if it can be used."""
        with suppress(SourceError):
            await self._api(cluster_access(self._settings, self._context.host_environ, access.name))
        return self._opened[access.name].client

    async def _api(self, access: ClusterAccess) -> ClusterClient:
        async with self._opening[access.name]:
            opened = self._opened.get(access.name)
            if opened is None or not opened.serves(access):
                stamp = tls.certificate_stamp(access.user)
                client = await self._stack.enter_async_context(
                    open_cluster_client(
                        access,
                        self._context,
                        self._settings.timeout,
                        response_limits(self._settings),
                    )
                )
                opened = self._opened[access.name] = _Opened(client, access, stamp)
            return opened.client

    async def _at(self, ref: Ref) -> tuple[ClusterClient, ClusterContext]:
        """Return the API of the cluster that *ref* lives in."""
        depth = 3 if ref.kind is Kind.DEPLOYMENT else 2
        return await self._cluster_named(ref.id.rsplit("/", depth)[0])

    async def _cluster_named(self, name: str) -> tuple[ClusterClient, ClusterContext]:
        if name not in {
            way.name for way in configured_clusters(self._settings, self._context.host_environ)
        }:
            raise NotFound(
                f"there is no cluster {name!r} in this source", "was the config changed?"
            )
        access = cluster_access(self._settings, self._context.host_environ, name)
        client = await self._api(access)
        return client, self._place(access, client)

    def _place(self, access: ClusterAccess, client: ClusterClient) -> ClusterContext:
        return ClusterContext(
            source=self._context.name,
            name=access.name,
            cluster_name=access.cluster_name,
            clock_skew=client.clock_skew,
            environment_of=self._environment_of,
            environments_of=self._context.environments_of,
        )
