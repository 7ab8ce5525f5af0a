"""Follows all containers of a log, and lets the pods of a roll-out join."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from typing import Final, TypeAlias

from opsboard.adapter import Context, Forbidden, LogLine, LogQuery, SourceError, Unauthenticated
from opsboard_adapters.kubernetes.logs.container_follower import (
    Connection,
    ContainerFollower,
    Past,
)
from opsboard_adapters.kubernetes.logs.container_log import ContainerLog
from opsboard_adapters.kubernetes.logs.containers import (
    MAX_CONTAINERS,
    MAX_PODS,
    LogScope,
    containers_of,
    wanted,
)
from opsboard_adapters.kubernetes.logs.live_lines import LiveLines
from opsboard_adapters.kubernetes.reflector import (
    MAX_BACKOFF,
    ListCompleted,
    ListStarted,
    ListWatchFailed,
    ObjectChanged,
    ObjectDeleted,
    ObjectsListed,
    ReflectorEvent,
    list_and_watch,
)
from opsboard_adapters.kubernetes.structs import V1Pod
from opsboard_adapters.listing.completeness import SkippedRecords

Key: TypeAlias = tuple[str, str]

HANG_UP: Final = 10.0
"""Seconds after which the log of a pod that is gone is let go, if it does not end by itself."""
_log = logging.getLogger(__name__)


class LogFollower:
    """Follows the logs that it is given by :meth:`start`, and those of pods that join.

    Each container that is followed holds a connection, :data:`MAX_CONTAINERS` at most; the pods are
    watched by one more. Where that is forbidden, no pods join, which is said.
    """

    def __init__(
        self, connection: Connection, context: Context, scope: LogScope, query: LogQuery
    ) -> None:
        self._connection = connection
        self._context = context
        self._scope = scope
        self._query = query
        self._live = LiveLines(context.now)
        self._followers: dict[Key, ContainerFollower] = {}
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._seen: set[Key] = set()
        self._left_out: set[str] = set()
        self._listed: set[str] = set()
        self._watching = True

    def start(self, log: ContainerLog, past: Past | None = None) -> None:
        """Follow *log*; after its *past*, where that is still being read."""
        key = log.target.key
        follower = ContainerFollower(log, self._connection, self._live, self._context.pause)
        self._seen.add(key)
        self._followers[key] = follower
        self._tasks[key] = asyncio.create_task(self._run(follower, past))

    def leave_out(self, pods: Iterable[V1Pod]) -> None:
        """Take note of *pods* that are not read, which has been said."""
        self._left_out.update(pod.metadata.name for pod in pods)

    async def lines(self) -> AsyncGenerator[LogLine, None]:
        """Yield what is added. Ends with a single pod, and never with what makes new ones."""
        watch = asyncio.create_task(self._watch())
        self._close_if_over()
        try:
            async with aclosing(self._live.lines()) as lines:
                async for line in lines:
                    yield line
        finally:
            tasks = [watch, *self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _close_if_over(self) -> None:
        if not self._tasks and (self._scope.single or not self._watching):
            self._live.close()

    async def _run(self, follower: ContainerFollower, past: Past | None) -> None:
        key, target = follower.log.target.key, follower.log.target
        try:
            await follower.run(past)
        except asyncio.CancelledError:
            if not follower.log.gone:
                raise
        except Exception as error:  # a bug, say: it stops this container alone
            _log.exception("the log of %s/%s: unexpected", target.pod, target.name)
            said = follower.log.note(f"({type(error).__name__}: {error})", error=True)
            self._live.add(key, said)
        self._end(follower)

    def _end(self, follower: ContainerFollower) -> None:
        """Forget a container that is over; the last one of a pod that is gone says so."""
        key, pod = follower.log.target.key, follower.log.target.pod
        self._tasks.pop(key, None)
        self._followers.pop(key, None)
        if follower.log.gone and not any(uid == key[0] for uid, _ in self._tasks):
            self._live.add(key, LogLine("(the pod is gone)", group=pod))
        self._live.forget(key)
        self._close_if_over()

    # --- the pods --------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Watch the pods for as long as that is allowed."""
        while self._watching:
            client = self._connection.client
            skips = SkippedRecords(self._scope.path)
            events = list_and_watch(
                client, self._scope.resource, self._scope.path, self._context.pause, skips
            )
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, ListWatchFailed):
                        if await self._is_hopeless(event.error):
                            break
                    else:
                        self._apply(event)
        for follower in self._followers.values():
            follower.is_watched = False
            follower.wake()
        self._close_if_over()

    async def _is_hopeless(self, error: SourceError) -> bool:
        """Return whether to watch no more with this client, or not at all."""
        if isinstance(error, Forbidden):
            self._watching = False
            if not self._scope.single:
                self._live.add(("", ""), LogLine(f"(pods that are made now do not join: {error})"))
            return True
        if isinstance(error, Unauthenticated):
            before = self._connection.client
            try:
                await self._connection.renew(before)
            except SourceError:
                await self._context.pause(MAX_BACKOFF)
            return self._connection.client is not before
        return False

    def _apply(self, event: ReflectorEvent) -> None:
        if isinstance(event, ListStarted):
            self._listed = set()
        elif isinstance(event, ObjectsListed):
            for pod in event.objects:
                self._pod(pod)
        elif isinstance(event, ListCompleted):
            for uid in {uid for uid, _ in self._followers} - self._listed:
                self._pod_gone(uid)
        elif isinstance(event, ObjectChanged) and isinstance(event.object, V1Pod):
            self._pod(event.object)
        elif isinstance(event, ObjectDeleted) and isinstance(event.object, V1Pod):
            self._pod_gone(event.object.metadata.uid or event.object.metadata.name)

    def _pod(self, pod: V1Pod) -> None:
        containers = containers_of(pod)
        uid = pod.metadata.uid or pod.metadata.name
        self._listed.add(uid)
        for one in containers:
            if (known := self._followers.get(one.key)) is not None:
                known.update(one)
        new = [one for one in wanted(containers, self._query) if one.key not in self._seen]
        if not new:
            return
        if not self._has_room(uid, len(new)):
            self._leave_out(pod)
            return
        if not any(known == uid for known, _ in self._seen):
            note = LogLine("(the pod joins)", self._context.now(), group=pod.metadata.name)
            self._live.add(new[0].key, note)
        for one in new:
            self.start(ContainerLog(one, None))

    def _has_room(self, uid: str, containers: int) -> bool:
        pods = {known for known, _ in self._followers} | {uid}
        return len(pods) <= MAX_PODS and len(self._followers) + containers <= MAX_CONTAINERS

    def _leave_out(self, pod: V1Pod) -> None:
        if pod.metadata.name not in self._left_out:
            self._left_out.add(pod.metadata.name)
            said = f"(not read: {len(self._followers)} containers are followed already)"
            self._live.add(("", ""), LogLine(said, group=pod.metadata.name))

    def _pod_gone(self, uid: str) -> None:
        for key, follower in self._followers.items():
            if key[0] == uid and not follower.log.gone:
                follower.log.gone = True
                follower.wake()
                asyncio.get_running_loop().call_later(HANG_UP, self._hang_up, key)

    def _hang_up(self, key: Key) -> None:
        """Let go of a log that does not end, unless what it has is only not read yet."""
        task = self._tasks.get(key)
        if task is None:
            return
        if self._live.is_full:
            asyncio.get_running_loop().call_later(HANG_UP, self._hang_up, key)
        else:
            task.cancel()
