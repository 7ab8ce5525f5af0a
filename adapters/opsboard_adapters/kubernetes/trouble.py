"""Which workloads have pods in trouble.

A roll-out's own status says that it is stuck, its pods say why. Pods and workloads come from
different watches in any order, so both are kept here, small: of a pod only its verdict, of a
workload what is used of it, packed.
"""

from collections import defaultdict
from collections.abc import Iterator, Set

import msgspec

from opsboard.records import Deployment, Pod, Status
from opsboard_adapters.kubernetes.parse.common import Place
from opsboard_adapters.kubernetes.parse.pods import Verdict, worst
from opsboard_adapters.kubernetes.parse.workloads import parse_workload
from opsboard_adapters.kubernetes.shapes import Workload

Key = tuple[str, str]
"""Namespace and ``Kind/name`` of a workload."""


class Troubles:
    """The troubled pods of one cluster, by workload."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._pods: defaultdict[Key, dict[str, Verdict]] = defaultdict(dict)
        self._workloads: dict[Key, bytes] = {}

    def workload(self, kind: str, item: Workload) -> Deployment:
        """Take note of a workload and return its record."""
        key = _key(kind, item)
        self._workloads[key] = msgspec.json.encode(item.slim)
        return parse_workload(self.place, kind, item, self._worst(key))

    def forget_workload(self, kind: str, namespace: str, name: str) -> None:
        self._workloads.pop((namespace, f"{kind}/{name}"), None)

    def pod(self, pod: Pod, *, gone: bool = False) -> Iterator[Deployment]:
        """Take note of a pod, and yield its workload's record if that has changed by it."""
        key = (pod.namespace, pod.owner)
        before = self._worst(key)
        if gone or pod.status.severity < Status.WARNING.severity:
            self._drop(key, pod.name)
        else:
            self._pods[key][pod.name] = (pod.status, pod.reason, pod.message)
        yield from self._changed(key, before)

    def _changed(self, key: Key, before: Verdict | None) -> Iterator[Deployment]:
        after = self._worst(key)
        if after != before and key in self._workloads:
            kind = key[1].partition("/")[0]
            workload = msgspec.json.decode(self._workloads[key], type=Workload)
            yield parse_workload(self.place, kind, workload, after)

    def keep_pods(self, namespace: str, there: Set[tuple[str, str]]) -> Iterator[Deployment]:
        """Forget the pods of *namespace*, or of all, but those *there* (namespaces and names).

        Yield the records of workloads that change by it. Who vanishes while a watch is down is
        never told to be gone: only the next list says so.
        """
        for key in [one for one in self._pods if namespace in {"", one[0]}]:
            before = self._worst(key)
            gone = [name for name in self._pods[key] if (key[0], name) not in there]
            for name in gone:
                self._drop(key, name)
            yield from self._changed(key, before)

    def keep_workloads(self, kind: str, namespace: str, there: Set[tuple[str, str]]) -> None:
        """Forget the workloads of a *kind*, likewise."""
        for where, what in tuple(self._workloads):
            of_kind, _, name = what.partition("/")
            if of_kind == kind and namespace in {"", where} and (where, name) not in there:
                del self._workloads[where, what]

    def _drop(self, key: Key, name: str) -> None:
        if key in self._pods:
            self._pods[key].pop(name, None)
            if not self._pods[key]:
                del self._pods[key]

    def _worst(self, key: Key) -> Verdict | None:
        return worst(self._pods[key].values()) if key in self._pods else None


def _key(kind: str, item: Workload) -> Key:
    return item.metadata.namespace, f"{kind}/{item.metadata.name}"
