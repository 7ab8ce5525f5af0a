"""What is read of a cluster beside its watches: its memory, its revisions, what its pods use.

All of it is a help: the board comes first, and goes on where it may not be read.
"""

import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from opsboard.adapter import (
    Change,
    Condition,
    Forbidden,
    Health,
    Report,
    SourceError,
    Throttled,
    Unauthenticated,
)
from opsboard.system.async_cleanup import first_of
from opsboard_adapters import http
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.informer import ResourceInformer
from opsboard_adapters.kubernetes.past_revisions import past_revisions
from opsboard_adapters.kubernetes.pod_metrics import (
    MEASURE_INTERVAL,
    RESOURCE,
    Usage,
    missing,
    read_pod_metrics,
    usage_of,
)
from opsboard_adapters.kubernetes.resources import PODS
from opsboard_adapters.kubernetes.revision_times import RevisionKey, places_of, read_revisions
from opsboard_adapters.kubernetes.workload_pods import WorkloadPods

REVISIONS_AGAIN: Final = 60.0
LONGEST_PAUSE: Final = 3_600.0
"""Seconds after which revisions are asked for again that no answer had: at first, at most."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BackgroundReads:
    """The reads of the cluster called *name*, whose resources *informers* watch.

    *client* returns its present client, *cluster* its context. What is read goes to *put*;
    *pause* sleeps, until somebody asks for a refresh at the latest.
    """

    name: str
    client: Callable[[], ClusterClient]
    cluster: Callable[[], ClusterContext]
    namespaces: Sequence[str]
    informers: Sequence[ResourceInformer]
    problems: WorkloadPods
    put: Callable[[Change], Awaitable[None]]
    pause: Callable[[float], Coroutine[Any, Any, None]]

    @property
    def _pods(self) -> list[ResourceInformer]:
        """The informers of pods, each of which knows the workloads of its own namespace."""
        return [one for one in self.informers if one.resource is PODS]

    async def tell_past(self) -> None:
        """Tell what the cluster remembers of earlier roll-outs, once the board has what is now.

        It is a help for the history alone: where it may not be read, nothing is said of it.
        """
        for informer in self.informers:
            await informer.listed.wait()
        client = self.client()
        cluster = self.cluster()
        try:
            for namespace in dict.fromkeys(self.namespaces) or ("",):
                with suppress(SourceError):
                    async for past in past_revisions(client, cluster, namespace):
                        await self.put(past)
        except Exception:  # a bug in parsing, say: the board goes on without
            _log.exception("the past of %s: unexpected", self.name)

    async def read_revisions(self) -> None:
        """Ask since when revisions run; where that may not be read, it is unknown.

        What an answer lacks is asked for again, ever more seldom.
        """
        for informer in self.informers:
            await informer.listed.wait()
        revisions, again_after = self.problems.revisions, REVISIONS_AGAIN
        while True:
            wanted = await revisions.next_wanted()
            may_read = await self._read_revisions(wanted)
            for informer in self._pods:
                mine = [one for one in wanted if informer.namespace in {"", one[0]}]
                for change in informer.revisions_read(mine):
                    await self.put(change)
            if may_read and revisions.is_lacking(wanted):
                await first_of(self.pause(again_after), revisions.wait_wanted())
                again_after = min(2 * again_after, LONGEST_PAUSE)
                revisions.ask_again(wanted)
            else:
                again_after = REVISIONS_AGAIN

    async def _read_revisions(self, wanted: Sequence[RevisionKey]) -> bool:
        """Read what is *wanted*, as far as it can be; return whether that is allowed at all."""
        try:
            for namespace in places_of(wanted, self.namespaces):
                await read_revisions(self.client(), namespace, self.problems.revisions)
        except Forbidden:
            return False
        except SourceError:
            pass  # the watches say what is wrong
        return True

    async def measure_pods(self) -> None:
        """Ask now and then what the pods use, once they are all known.

        Where that cannot be asked, it is said once. A cluster that cannot be reached says so of all
        that is watched there.
        """
        said = ""
        for informer in self._pods:
            await informer.listed.wait()
        while True:
            for informer in self._pods:
                said = await self._measure(informer, said)
            await self.pause(MEASURE_INTERVAL)

    async def _measure(self, informer: ResourceInformer, said: str) -> str:
        """Measure the pods of *informer*; return what is *said* of it after that."""
        measured = dict[tuple[str, str], Usage]()
        health = Health(condition=Condition.LIVE, message=said)
        try:
            for item in await read_pod_metrics(self.client(), informer.namespace):
                measured[item.metadata.namespace, item.metadata.name] = usage_of(item)
            health = Health(condition=Condition.LIVE)
        except (Unauthenticated, http.NotConnected, Throttled):
            pass
        except SourceError as error:
            health = missing(error, informer.namespace)
        if health.message != said:
            await self.put(Report(health, f"{self.name}/{RESOURCE}"))
        for change in informer.pods_measured(measured):
            await self.put(change)
        return health.message
