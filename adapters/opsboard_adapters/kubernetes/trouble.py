"""Which workloads have pods in trouble.

A roll-out's own status says that it is stuck, its pods say why. Pods and workloads come from
different watches in any order, so both are kept here, small: of a pod only its verdict, of a
workload its JSON, packed.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json, to_json

from opsboard.records import Deployment, Pod, Status
from opsboard_adapters.kubernetes.parse.common import Object, Place
from opsboard_adapters.kubernetes.parse.pods import Verdict, worst
from opsboard_adapters.kubernetes.parse.workloads import parse_workload

Key = tuple[str, str]
"""Namespace and ``Kind/name`` of a workload."""


class Troubles:
    """The troubled pods of one cluster, by workload."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._pods: defaultdict[Key, dict[str, Verdict]] = defaultdict(dict)
        self._workloads: dict[Key, bytes] = {}

    def workload(self, kind: str, item: Object) -> Deployment:
        """Take note of a workload and return its record."""
        meta = item.get("metadata") or {}
        key = (str(meta.get("namespace")), f"{kind}/{meta.get('name')}")
        self._workloads[key] = to_json(_slim(item))
        return parse_workload(self.place, kind, item, self._worst(key))

    def forget_workload(self, kind: str, item: Object) -> None:
        meta = item.get("metadata") or {}
        self._workloads.pop((str(meta.get("namespace")), f"{kind}/{meta.get('name')}"), None)

    def pod(self, pod: Pod, *, gone: bool = False) -> Iterator[Deployment]:
        """Take note of a pod, and yield its workload's record if that has changed by it."""
        key = (pod.namespace, pod.owner)
        before = self._worst(key)
        if gone or pod.status.severity < Status.WARNING.severity:
            self._drop(key, pod.name)
        else:
            self._pods[key][pod.name] = (pod.status, pod.reason, pod.message)
        after = self._worst(key)
        if after != before and key in self._workloads:
            kind = key[1].partition("/")[0]
            yield parse_workload(self.place, kind, from_json(self._workloads[key]), after)

    def _drop(self, key: Key, name: str) -> None:
        if key in self._pods:
            self._pods[key].pop(name, None)
            if not self._pods[key]:
                del self._pods[key]

    def _worst(self, key: Key) -> Verdict | None:
        return worst(self._pods[key].values()) if key in self._pods else None


def _slim(item: Object) -> dict[str, Any]:
    meta = {key: value for key, value in item["metadata"].items() if key != "managedFields"}
    return {**item, "metadata": meta}
