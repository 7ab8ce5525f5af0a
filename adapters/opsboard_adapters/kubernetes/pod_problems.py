"""Which workloads have pods in trouble.

A roll-out's own status says that it is stuck, its pods say why. Pods and workloads come from
different watches in any order, so both are kept here, small: of a pod that lives what it is made
of and its verdict, of a workload what is used of it, packed.
"""

from collections import defaultdict
from collections.abc import Iterator, Set
from typing import Final

import msgspec

from opsboard.records import Deployment, Status
from opsboard.records import Pod as PodRecord
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.parse.pods import PodDiagnosis
from opsboard_adapters.kubernetes.parse.rollout_pods import PodSummary, summarize_pod, worst_counted
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.structs import V1Pod, V1Workload

Key = tuple[str, str]
"""Namespace and ``Kind/name`` of a workload."""


WORKLOAD_KINDS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""The kinds of owner whose records tell of their pods."""


class PodProblems:
    """The pods of one cluster that live, by workload, and how they do."""

    def __init__(self, cluster: ClusterContext) -> None:
        self.cluster = cluster
        self._alive: defaultdict[Key, dict[str, PodSummary]] = defaultdict(dict)
        self._troubled: defaultdict[Key, dict[str, PodSummary]] = defaultdict(dict)
        self._workloads: dict[Key, bytes] = {}
        self._told: dict[Key, PodDiagnosis] = {}
        """What the records of the workloads were last made with."""

    def workload(self, kind: str, item: V1Workload) -> Deployment:
        """Take note of a workload and return its record."""
        key = _key(kind, item)
        self._workloads[key] = msgspec.json.encode(item.without_last_applied)
        return parse_workload(self.cluster, kind, item, self._look(key, item))

    def forget_workload(self, kind: str, namespace: str, name: str) -> None:
        self._forget((namespace, f"{kind}/{name}"))

    def _forget(self, key: Key) -> None:
        self._workloads.pop(key, None)
        self._told.pop(key, None)

    def pod(self, item: V1Pod, record: PodRecord, *, gone: bool = False) -> Iterator[Deployment]:
        """Take note of a pod, and yield its workload's record if that has changed by it."""
        key = (record.namespace, record.owner)
        if _kind(key) not in WORKLOAD_KINDS:
            return
        state = summarize_pod(item, healthy=record.status.severity < Status.WARNING.severity)
        self._drop(key, record.name)
        if state.alive and not gone:
            self._alive[key][record.name] = state
            if state.has_problem:
                self._troubled[key][record.name] = state
        yield from self._changed(key)

    def _changed(self, key: Key) -> Iterator[Deployment]:
        """Yield the record of a workload, where it is there and its trouble is another now."""
        before = self._told.get(key)
        if key not in self._workloads or (before is None and key not in self._troubled):
            return
        workload = msgspec.json.decode(self._workloads[key], type=V1Workload)
        after = self._look(key, workload)
        if after != before:
            yield parse_workload(self.cluster, _kind(key), workload, after)

    def _look(self, key: Key, workload: V1Workload) -> PodDiagnosis | None:
        """Return the gravest trouble of a workload, and keep that in mind."""
        troubled = self._troubled.get(key)
        found = (
            worst_counted(_kind(key), workload, troubled, self._alive[key]) if troubled else None
        )
        if found is None:
            self._told.pop(key, None)
        else:
            self._told[key] = found
        return found

    def retain_pods(self, namespace: str, there: Set[tuple[str, str]]) -> Iterator[Deployment]:
        """Forget the pods of *namespace*, or of all, but those *there* (namespaces and names).

        Yield the records of workloads that change by it. Who vanishes while a watch is down is
        never told to be gone: only the next list says so.
        """
        for key in [one for one in self._alive if namespace in {"", one[0]}]:
            for name in [name for name in self._alive[key] if (key[0], name) not in there]:
                self._drop(key, name)
            yield from self._changed(key)

    def retain_workloads(self, kind: str, namespace: str, there: Set[tuple[str, str]]) -> None:
        """Forget the workloads of a *kind*, likewise."""
        for where, what in tuple(self._workloads):
            of_kind, _, name = what.partition("/")
            if of_kind == kind and namespace in {"", where} and (where, name) not in there:
                self._forget((where, what))

    def _drop(self, key: Key, name: str) -> None:
        for pods in (self._alive, self._troubled):
            if key in pods:
                pods[key].pop(name, None)
                if not pods[key]:
                    del pods[key]


def _kind(key: Key) -> str:
    return key[1].partition("/")[0]


def _key(kind: str, item: V1Workload) -> Key:
    return item.metadata.namespace, f"{kind}/{item.metadata.name}"
