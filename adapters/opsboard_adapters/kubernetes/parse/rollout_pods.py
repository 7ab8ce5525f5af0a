"""Which pods count for a roll-out: those that live, and are made of what is rolled out.

Pods that have ended stay in the cluster for days (evicted ones, for instance), and those of an
older template are what the roll-out replaces: neither says anything of how the new ones do.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from sys import intern
from typing import Final, NamedTuple

from opsboard.records import Status
from opsboard_adapters.kubernetes import shapes
from opsboard_adapters.kubernetes.parse.common import condition, controller
from opsboard_adapters.kubernetes.parse.pod_columns import is_final
from opsboard_adapters.kubernetes.parse.pods import Verdict, judge, worst
from opsboard_adapters.kubernetes.parse.rollout import partition_of, replaces_pods

GENERATION: Final = "deprecated.daemonset.template.generation"

_GENERATION_LABEL: Final = "pod-template-generation"
_HASH_LABEL: Final = "controller-revision-hash"
_REPLICA_SET: Final = re.compile(r'replica ?set "([^"]+)"', re.IGNORECASE)


class PodState(NamedTuple):
    """What is to be known of a pod for the sake of its workload.

    *template* names what it was made of, in the way of its controller: the name of a ReplicaSet,
    the hash of a StatefulSet's revision, or the generation of a DaemonSet's template.
    """

    template: str
    created: str
    alive: bool = True
    verdict: Verdict | None = None

    @property
    def troubled(self) -> bool:
        return self.verdict is not None and self.verdict[0].severity >= Status.WARNING.severity


def state_of(item: shapes.Pod, *, healthy: bool = False) -> PodState:
    """Return the state of a pod. One that is known to be *healthy* is not judged again."""
    verdict = None if healthy else judge(item)
    created = item.metadata.creation_timestamp or ""
    alive = not is_final(item.status) and not item.metadata.deletion_timestamp
    return PodState(intern(_template(item)), created, alive, verdict)


def _template(item: shapes.Pod) -> str:
    kind, name = controller(item)
    if kind == "ReplicaSet":
        return name
    return item.metadata.labels.get(_GENERATION_LABEL if kind == "DaemonSet" else _HASH_LABEL, "")


def gravest(
    kind: str,
    item: shapes.Workload,
    troubled: Mapping[str, PodState],
    alive: Mapping[str, PodState],
) -> Verdict | None:
    """Return the gravest trouble of a workload's pods that count, or ``None``.

    The pods are known by their names; those in trouble are among those *alive*.
    """
    if not troubled:
        return None
    ours = _counting(kind, item, alive)
    counted = (
        pod.verdict
        for name, pod in troubled.items()
        if ours is None or pod.template in ours or _is_kept_back(item, name)
    )
    return worst(filter(None, counted))


def trouble_of(kind: str, item: shapes.Workload, pods: Mapping[str, PodState]) -> Verdict | None:
    """Return the same for all the pods that there are."""
    alive = {name: pod for name, pod in pods.items() if pod.alive}
    troubled = {name: pod for name, pod in alive.items() if pod.troubled}
    return gravest(kind, item, troubled, alive)


def passed_over(kind: str, item: shapes.Workload, pods: Mapping[str, PodState]) -> str:
    """Return a sentence on the troubled pods that do not count, or ``""``."""
    ours = _counting(kind, item, {name: pod for name, pod in pods.items() if pod.alive})
    troubled = {name: pod for name, pod in pods.items() if pod.troubled}
    ended = [pod for pod in troubled.values() if not pod.alive]
    older = [
        pod
        for name, pod in troubled.items()
        if pod.alive and not (ours is None or pod.template in ours or _is_kept_back(item, name))
    ]
    told = ((ended, "ended"), (older, "of an older template"))
    return ", ".join(f"{len(found)} {what} ({_reasons(found)})" for found, what in told if found)


def _reasons(pods: Iterable[PodState]) -> str:
    return ", ".join(sorted({pod.verdict[1] for pod in pods if pod.verdict}))


def _counting(
    kind: str, item: shapes.Workload, alive: Mapping[str, PodState]
) -> frozenset[str] | None:
    """Return the templates whose pods count, or ``None`` where those of all do.

    That is where nothing is replaced, and where the new template is not known.
    """
    if kind == "Deployment":
        return None if item.spec.paused else _of_deployment(item, alive)
    if not replaces_pods(item):
        return None
    if kind == "DaemonSet":
        newest = item.metadata.annotations.get(GENERATION, "")
    else:
        newest = item.status.update_revision
    return frozenset({newest, ""}) if newest else None


def _of_deployment(item: shapes.Workload, alive: Mapping[str, PodState]) -> frozenset[str] | None:
    """Find the new ReplicaSet: its controller names it, else its pods tell it."""
    named = _REPLICA_SET.search(condition(item.status.conditions, "Progressing").message)
    if named:
        return frozenset({named[1]})
    if item.metadata.generation > item.status.observed_generation:
        return None
    updated = item.status.updated_replicas
    counts = Counter(pod.template for pod in alive.values())
    fitting = {template for template, count in counts.items() if count == updated}
    if not updated or len(fitting) == 1:
        return frozenset(fitting)
    return _latest(fitting, alive)


def _latest(templates: Iterable[str], alive: Mapping[str, PodState]) -> frozenset[str] | None:
    """Return the one of *templates* whose first pod is younger than the others', if one is."""
    first = {
        template: min(pod.created for pod in alive.values() if pod.template == template)
        for template in templates
    }
    youngest = max(first.values(), default="")
    found = frozenset(template for template, created in first.items() if created == youngest)
    return found if len(found) == 1 else None


def _is_kept_back(item: shapes.Workload, name: str) -> bool:
    """Tell whether a pod of a StatefulSet is left at its old revision on purpose."""
    partition = partition_of(item)
    ordinal = name.rpartition("-")[2]
    if not partition or not ordinal.isdecimal():
        return False
    start = item.spec.ordinals.get("start")
    return int(ordinal) - (start if isinstance(start, int) else 0) < partition
