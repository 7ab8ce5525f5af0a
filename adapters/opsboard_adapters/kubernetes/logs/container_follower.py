"""Follows one container until nothing more is written, over all breaks of its connection.

A connection that ends says little: the container may have ended, the node may be lost, the login
may have expired. What is known of the pod tells which it was; what goes on is resumed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TypeAlias

from opsboard.adapter import Forbidden, LogLine, NotFound, SourceError, Unauthenticated
from opsboard.system.async_cleanup import first_of
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.logs.container_log import ContainerLog
from opsboard_adapters.kubernetes.logs.containers import LogContainer
from opsboard_adapters.kubernetes.logs.live_lines import LiveLines
from opsboard_adapters.kubernetes.parse.pods import FATAL_WAITING_REASONS
from opsboard_adapters.kubernetes.reflector import MAX_BACKOFF, MIN_BACKOFF
from opsboard_adapters.kubernetes.structs import V1ContainerState

Connect: TypeAlias = Callable[[], Awaitable[tuple[ClusterClient, ClusterContext]]]
Pause: TypeAlias = Callable[[float], Awaitable[None]]
Past: TypeAlias = asyncio.Task[list[LogLine]]


class Connection:
    """The client of a cluster, opened again where its login is not accepted any more."""

    def __init__(self, connect: Connect, client: ClusterClient, cluster: ClusterContext) -> None:
        self._connect = connect
        self._renewing = asyncio.Lock()
        self.client, self.cluster = client, cluster

    async def renew(self, refused: ClusterClient) -> None:
        """Use the login that the kubeconfig has by now, instead of that of the *refused* client.

        Raises :exc:`SourceError`.
        """
        async with self._renewing:
            if refused is self.client:  # else another has done so meanwhile
                self.client, self.cluster = await self._connect()


class ContainerFollower:
    """Follows *log* into *live*. *pause* waits, or until somebody asks for news."""

    def __init__(
        self, log: ContainerLog, connection: Connection, live: LiveLines, pause: Pause
    ) -> None:
        self.log = log
        self._connection = connection
        self._live = live
        self._pause = pause
        self._changed = asyncio.Event()
        self._told = ""
        self.is_watched = True
        """Whether :meth:`update` tells when the container starts."""

    def update(self, target: LogContainer) -> None:
        """Take note of how the container is doing by now."""
        if target != self.log.target:
            self.log.target = target
            self._changed.set()

    def wake(self) -> None:
        """Look again now: the pod is gone, or it is watched no more."""
        self._changed.set()

    async def run(self, past: Past | None) -> None:
        """Put what was written before, where that is still being read, and what is added."""
        if past is not None:
            await self._put_past(past)
        wait = 0.0  # what breaks off is taken up again at once, and in silence
        while True:
            trouble = self._obstacle()
            found, error = (0, None) if trouble else await self._read_once()
            for line in self.log.ends(self._connection.cluster):
                self._live.add(self.log.target.key, line)
            if self.log.is_over:
                return
            if found:
                self._told = ""
            gone = isinstance(error, NotFound)
            hopeless = isinstance(error, Forbidden) or (gone and not self.is_watched)
            if hopeless or (wait and not found and not gone):  # who watches tells what is gone
                self._tell(trouble or ("" if error is None else str(error)))
            if hopeless:
                return
            wait = await self._wait(0.0 if found else wait)

    async def _put_past(self, past: Past) -> None:
        try:
            lines = await past
        except SourceError as error:
            self._tell(str(error))
            return
        for line in lines:
            await self._live.put(self.log.target.key, line)

    async def _read_once(self) -> tuple[int, SourceError | None]:
        """Read until the connection ends; return how many lines were new, and what broke it."""
        found, key, client = 0, self.log.target.key, self._connection.client
        try:
            async with aclosing(self.log.follow(client, self._connection.cluster)) as lines:
                async for line in lines:
                    found += 1
                    await self._live.put(key, line)
        except Unauthenticated as error:
            try:
                await self._connection.renew(client)
            except SourceError as worse:
                return found, worse
            return (1, None) if self._connection.client is not client else (found, error)
        except SourceError as error:
            return found, error
        return found, None

    def _obstacle(self) -> str:
        """Return why nothing can be read yet, or ``""``: the container has not started once."""
        state, target = self.log.target.status.state, self.log.target
        if not self.is_watched or target.pod_ended or target.has_previous:
            return ""
        if state == V1ContainerState():
            return "it waits to start: no node runs it yet"
        if (waiting := state.waiting) is None:
            return ""
        reason = waiting.reason or "not started"
        return f"it waits to start: {reason}"

    def _tell(self, trouble: str) -> None:
        """Say what keeps the log from being read, once; a usual start is no trouble."""
        if not trouble or trouble == self._told:
            return
        self._told = trouble
        waiting = self.log.target.status.state.waiting
        fatal = waiting is not None and waiting.reason in FATAL_WAITING_REASONS
        if waiting is not None and not fatal and not self.log.target.has_previous:
            return
        note = self.log.note(f"({trouble})", error=fatal, failed=fatal)
        self._live.add(self.log.target.key, note)

    async def _wait(self, seconds: float) -> float:
        """Wait until the container has changed, but no longer than *seconds*; return how long to
        wait the next time.
        """
        if not seconds:
            return MIN_BACKOFF
        await first_of(self._changed.wait(), self._pause(seconds))
        self._changed.clear()
        return min(seconds * 2, MAX_BACKOFF)
