"""The clusters of a source, each opened once for each login, and held to where it was opened.

Names and servers are those of the first look at the kubeconfig: what is on the board was read from
them. A context that is pointed elsewhere later is no other cluster, and a current context that is
switched in another terminal changes nothing here. Only a login that was renewed is followed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import lru_cache

from opsboard.adapter import Context, Misconfigured, NotFound, PreconditionFailed, SourceError
from opsboard_adapters.http import response_limits
from opsboard_adapters.kubernetes.access import tls
from opsboard_adapters.kubernetes.access.clusters import (
    IN_CLUSTER,
    ClusterAccess,
    UnusableContext,
    cluster_access,
    configured_clusters,
)
from opsboard_adapters.kubernetes.access.pinned_kubeconfig import leads_elsewhere
from opsboard_adapters.kubernetes.client import ClusterClient, open_cluster_client
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.config_hashes import load_hash_key
from opsboard_adapters.kubernetes.settings import KubernetesSettings


@dataclass(frozen=True, slots=True)
class _OpenCluster:
    """The client of a cluster, with the access and client certificate that it was opened with."""

    client: ClusterClient
    access: ClusterAccess
    certificate: tls.Stamp

    def serves(self, access: ClusterAccess) -> bool:
        """Return whether the client will do for *access*: not if its login was renewed.

        A context that leads to another server by now is no other cluster.
        """
        if leads_elsewhere(self.access, access):
            return True
        unchanged = self.certificate == tls.certificate_stamp(access.user)
        return self.access.user == access.user and unchanged


class OpenClusters:
    """Opens the clusters of *settings* as they are asked for, and closes them with *stack*."""

    def __init__(
        self, settings: KubernetesSettings, context: Context, stack: AsyncExitStack
    ) -> None:
        self._settings, self._context, self._stack = settings, context, stack
        self._opening: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._open: dict[str, _OpenCluster] = {}
        hashes = settings.config_changes == "hash"
        self._hash_key = load_hash_key(context.host_environ) if hashes else None
        self._environment_of = lru_cache(maxsize=4_096)(context.environment_of)

    # --- which there are -------------------------------------------------------------------------

    def configured(self) -> Sequence[ClusterAccess | UnusableContext]:
        """Return the access to each cluster as the kubeconfig has it now, or why there is none.

        Raises :exc:`Misconfigured` where not one of them can be used.
        """
        found = configured_clusters(self._settings, self._context.host_environ)
        names = tuple(one.name for one in found)
        if not self._settings.contexts and names != (IN_CLUSTER,):
            self._settings = self._settings.model_copy(update={"contexts": names})
        return found

    def names(self) -> list[str]:
        """Return what the clusters are called. Raises :exc:`Misconfigured` where none is usable."""
        return [one.name for one in self.configured()]

    def usable(self) -> list[ClusterAccess]:
        """Return the access to all of them. Raises :exc:`SourceError` where one is unusable."""
        return [self.access(name) for name in self.names()]

    def only(self) -> str:
        """Return the name of the only cluster. Raises :exc:`Misconfigured` where there are more."""
        names = self.names()
        if len(names) == 1:
            return names[0]
        raise Misconfigured(f"which of {', '.join(names)}?", "name the cluster in the recipe")

    def access(self, name: str) -> ClusterAccess:
        """Return the access to the cluster *name* as the kubeconfig has it now.

        Raises :exc:`SourceError`.
        """
        if name not in self.names():
            raise NotFound(
                f"there is no cluster {name!r} in this source", "was the config changed?"
            )
        return cluster_access(self._settings, self._context.host_environ, name)

    # --- open ones -------------------------------------------------------------------------------

    async def connect(self, name: str) -> tuple[ClusterClient, ClusterContext]:
        """Return the cluster called *name*. Raises :exc:`SourceError`."""
        client = await self.client(self.access(name))
        return client, self.context(name)

    async def client(self, access: ClusterAccess) -> ClusterClient:
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

    async def renewed(self, name: str) -> ClusterClient:
        """Return a client with the login that the kubeconfig has by now, if it can be used."""
        with suppress(SourceError):
            await self.client(self.access(name))
        return self.opened(name)

    def opened(self, name: str) -> ClusterClient:
        """Return the client of a cluster that is open."""
        return self._open[name].client

    def context(self, name: str) -> ClusterContext:
        """Return what is known of a cluster that is open, by the access that it was opened with."""
        opened = self._open[name]
        return ClusterContext(
            source=self._context.name,
            name=name,
            cluster_name=opened.access.cluster_name,
            clock_skew=opened.client.clock_skew,
            environment_of=self._environment_of,
            environments_of=self._context.environments_of,
            server=opened.access.place,
            model_env=self._settings.model_env,
            hash_key=self._hash_key,
        )

    async def pinned(self, name: str) -> ClusterAccess:
        """Return the access that the cluster *name* is open with, for another program to use.

        Raises :exc:`SourceError`.
        """
        await self.client(self.access(name))
        return self._open[name].access

    async def held(self, name: str) -> ClusterAccess:
        """Return the same. Raises :exc:`PreconditionFailed` where the kubeconfig leads elsewhere by
        now: who goes by its name would be surprised by where they get.
        """
        now, opened = self.access(name), await self.pinned(name)
        if how := leads_elsewhere(opened, now):
            who = opened.user_name or "no user"
            raise PreconditionFailed(
                f"the context {name!r} of the kubeconfig {how}; the board is connected to "
                f"{opened.server} as {who}",
                "point the context back, or start opsboard again to follow it",
            )
        return opened
