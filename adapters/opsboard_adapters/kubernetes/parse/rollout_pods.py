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
from opsboard_adapters.kubernetes import structs
from opsboard_adapters.kubernetes.cluster_context import controller_of, find_condition
from opsboard_adapters.kubernetes.parse.pod_columns import is_final
from opsboard_adapters.kubernetes.parse.pods import PodDiagnosis, diagnose, worst
from opsboard_adapters.kubernetes.parse.rollout_status import partition_of, replaces_pods

TEMPLATE_GENERATION_ANNOTATION: Final = "deprecated.daemonset.template.generation"

_GENERATION_LABEL: Final = "pod-template-generation"
_HASH_LABEL: Final = "controller-revision-hash"
_REPLICA_SET: Final = re.compile(r'replica ?set "([^"]+)"', re.IGNORECASE)


class PodSummary(NamedTuple):
    """What is to be known of a pod for the sake of its workload.

    *template* names what it was made of, in the way of its controller: the name of a ReplicaSet,
    the hash of a StatefulSet's revision, or the generation of a DaemonSet's template.
    """

    template: str
    created: str
    alive: bool = True
    diagnosis: PodDiagnosis | None = None

    @property
    def has_problem(self) -> bool:
        return self.diagnosis is not None and self.diagnosis[0].severity >= Status.WARNING.severity


def summarize_pod(item: structs.V1Pod, *, healthy: bool = False) -> PodSummary:
    """Return the state of a pod. One that is known to be *healthy* is not judged again."""
    verdict = None if healthy else diagnose(item)
    created = item.metadata.creation_timestamp or ""
    alive = not is_final(item.status) and not item.metadata.deletion_timestamp
    return PodSummary(intern(_template(item)), created, alive, verdict)


def _template(item: structs.V1Pod) -> str:
    kind, name = controller_of(item)
    if kind == "ReplicaSet":
        return name
    return item.metadata.labels.get(_GENERATION_LABEL if kind == "DaemonSet" else _HASH_LABEL, "")


def worst_counted(
    kind: str,
    item: structs.V1Workload,
    troubled: Mapping[str, PodSummary],
    alive: Mapping[str, PodSummary],
) -> PodDiagnosis | None:
    """Return the gravest trouble of a workload's pods that count, or ``None``.

    The pods are known by their names; those in trouble are among those *alive*.
    """
    if not troubled:
        return None
    ours = _counting(kind, item, alive)
    counted = (
        pod.diagnosis
        for name, pod in troubled.items()
        if ours is None or pod.template in ours or _is_kept_back(item, name)
    )
    return worst(filter(None, counted))


def worst_problem(
    kind: str, item: structs.V1Workload, pods: Mapping[str, PodSummary]
) -> PodDiagnosis | None:
    """Return the same for all the pods that there are."""
    alive = {name: pod for name, pod in pods.items() if pod.alive}
    troubled = {name: pod for name, pod in alive.items() if pod.has_problem}
    return worst_counted(kind, item, troubled, alive)


def ignored_problems(kind: str, item: structs.V1Workload, pods: Mapping[str, PodSummary]) -> str:
    """Return a sentence on the troubled pods that do not count, or ``""``."""
    ours = _counting(kind, item, {name: pod for name, pod in pods.items() if pod.alive})
    troubled = {name: pod for name, pod in pods.items() if pod.has_problem}
    ended = [pod for pod in troubled.values() if not pod.alive]
    older = [
        pod
        for name, pod in troubled.items()
        if pod.alive and not (ours is None or pod.template in ours or _is_kept_back(item, name))
    ]
    told = ((ended, "ended"), (older, "of an older template"))
    return ", ".join(f"{len(found)} {what} ({_reasons(found)})" for found, what in told if found)


def _reasons(pods: Iterable[PodSummary]) -> str:
    return ", ".join(sorted({pod.diagnosis[1] for pod in pods if pod.diagnosis}))


def _counting(
    kind: str, item: structs.V1Workload, alive: Mapping[str, PodSummary]
) -> frozenset[str] | None:
    """Return the templates whose pods count, or ``None`` where those of all do.

    That is where nothing is replaced, and where the new template is not known.
    """
    if kind == "Deployment":
        return None if item.spec.paused else _of_deployment(item, alive)
    if not replaces_pods(item):
        return None
    if kind == "DaemonSet":
        newest = item.metadata.annotations.get(TEMPLATE_GENERATION_ANNOTATION, "")
    else:
        newest = item.status.update_revision
    return frozenset({newest, ""}) if newest else None


def _of_deployment(
    item: structs.V1Workload, alive: Mapping[str, PodSummary]
) -> frozenset[str] | None:
    """Find the new ReplicaSet: its controller names it, else its pods tell it."""
    named = _REPLICA_SET.search(find_condition(item.status.conditions, "Progressing").message)
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


def _latest(templates: Iterable[str], alive: Mapping[str, PodSummary]) -> frozenset[str] | None:
    """Return the one of *templates* whose first pod is younger than the others', if one is."""
    first = {
        template: min(pod.created for pod in alive.values() if pod.template == template)
        for template in templates
    }
    youngest = max(first.values(), default="")
    found = frozenset(template for template, created in first.items() if created == youngest)
    return found if len(found) == 1 else None


def _is_kept_back(item: structs.V1Workload, name: str) -> bool:
    """Tell whether a pod of a StatefulSet is left at its old revision on purpose."""
    partition = partition_of(item)
    ordinal = name.rpartition("-")[2]
    if not partition or not ordinal.isdecimal():
        return False
    start = item.spec.ordinals.get("start")
    return int(ordinal) - (start if isinstance(start, int) else 0) < partition
