"""Reads the containers of a log together: what they have written, then what they add."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final

from opsboard.adapter import Context, Forbidden, LogLine, LogQuery, NotFound, SourceError
from opsboard.records import Ref
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.logs.container_follower import Connect, Connection, Past
from opsboard_adapters.kubernetes.logs.container_log import BACKLOG_BYTES, ContainerLog
from opsboard_adapters.kubernetes.logs.containers import (
    MAX_CONTAINERS,
    MAX_PODS,
    LogContainer,
    LogScope,
    containers_of,
    list_pods,
    log_scope,
    newest_pods,
    wanted,
)
from opsboard_adapters.kubernetes.logs.follower import LogFollower
from opsboard_adapters.kubernetes.logs.merge import merge_backlogs
from opsboard_adapters.kubernetes.structs import V1Pod

AT_ONCE: Final = 24
"""Logs of the past that are read at the same time."""
PATIENCE: Final = 5.0
"""Seconds for which a container whose past does not come holds up the others, where these are
followed."""
MOST_LINES: Final = 20_000
"""Lines of the past that are read: each of many containers has a share of them..."""
MIN_TAIL: Final = 50
"""... which is no less than this."""


class LogReader:
    """Reads the log of *ref*. *connect* returns the client that the login of the moment needs."""

    def __init__(self, connect: Connect, context: Context, ref: Ref, query: LogQuery) -> None:
        self._connect = connect
        self._context = context
        self._ref = ref
        self._query = query
        self._since = query.since if query.tail else context.now()

    async def lines(self) -> AsyncGenerator[LogLine, None]:
        """Yield the lines in the order of their times.

        A container that cannot be read is a line of the log, unless it is the only one. Raises
        :exc:`SourceError`.
        """
        client, cluster = await self._connect()
        scope = await log_scope(client, self._ref)
        pods = newest_pods(await list_pods(client, scope))
        chosen = self._chosen(scope, pods)
        if len(pods) > MAX_PODS:
            yield LogLine(f"({MAX_PODS} of {len(pods):,} pods are read, failing ones first)")
        elif not chosen:
            yield LogLine("(there are no pods)")
        logs = [ContainerLog(one, self._since) for one in chosen]
        past = self._read_past(client, cluster, logs)
        try:
            for line in await self._merged(logs, past):
                yield line
            if self._query.follow and not self._query.previous:
                connection = Connection(self._connect, client, cluster)
                follower = LogFollower(connection, self._context, scope, self._query)
                follower.leave_out(pods[MAX_PODS:])
                for log, task in zip(logs, past, strict=True):
                    follower.start(log, None if task.done() else task)
                async with aclosing(follower.lines()) as added:
                    async for line in added:
                        yield line
        finally:
            for task in past:
                task.cancel()
            await asyncio.gather(*past, return_exceptions=True)

    def _chosen(self, scope: LogScope, pods: Sequence[V1Pod]) -> list[LogContainer]:
        """Return the containers to read. Raises :exc:`NotFound` where none is as asked for."""
        there = [one for pod in pods[:MAX_PODS] for one in containers_of(pod)]
        chosen = wanted(there, self._query)[:MAX_CONTAINERS]
        if chosen or not there:
            return chosen
        if self._query.parts and not any(
            self._query.wants_part(one.pod, one.name) for one in there
        ):
            names = ", ".join(dict.fromkeys(one.name for one in there))
            raise NotFound(
                f"no container or pod is called {' or '.join(self._query.parts)}",
                f"the containers are {names}",
            )
        if self._query.previous:
            raise NotFound(
                "no container has been restarted: there is no log of an earlier instance",
                "the log of the present ones is there",
            )
        return chosen

    # --- what was written ------------------------------------------------------------------------

    def _read_past(
        self, client: ClusterClient, cluster: ClusterContext, logs: Sequence[ContainerLog]
    ) -> list[Past]:
        """Begin to read what the containers have written."""
        slots = asyncio.Semaphore(AT_ONCE)
        share = BACKLOG_BYTES // max(len(logs), 1)
        failing = sum(log.target.is_failing for log in logs)

        async def read(log: ContainerLog) -> list[LogLine]:
            among = failing if log.target.is_failing else len(logs)
            tail = min(self._query.tail, max(MIN_TAIL, MOST_LINES // among))
            async with slots:
                return await log.backlog(
                    client, cluster, tail=tail, share=share, previous=self._query.previous
                )

        return [asyncio.create_task(read(log)) for log in logs]

    async def _merged(self, logs: Sequence[ContainerLog], past: Sequence[Past]) -> list[LogLine]:
        """Return the last lines of all that has been read; when followed, of what came in time."""
        if not past:
            return []
        await asyncio.wait(past, timeout=PATIENCE if self._query.follow else None)
        alone = len(past) == 1
        lines = [self._result(*one, alone=alone) for one in zip(logs, past, strict=True)]
        merged = list(merge_backlogs(lines, self._context.now()))
        first = len(merged) - self._query.tail
        return [line for at, line in enumerate(merged) if at >= first or line.failed]

    def _result(self, log: ContainerLog, past: Past, *, alone: bool) -> list[LogLine]:
        """Return what has been read of *log*. What is followed is tried again, and told then."""
        if not past.done():
            return []
        try:
            return past.result()
        except SourceError as error:
            if alone and (not self._query.follow or isinstance(error, Forbidden | NotFound)):
                raise
            return [] if self._query.follow else [log.note(f"({error})")]
