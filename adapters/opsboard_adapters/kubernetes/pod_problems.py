"""Problems of pods that concern a workload: a roll-out says that it is stuck, its pods say why.

Only pods that are alive and made of the template that is rolled out count. Pods that have ended
stay in the cluster for days (evicted ones, for instance), and pods of an older template are what
the roll-out replaces: neither says how the new ones do.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from sys import intern
from typing import Final, NamedTuple

from opsboard.records import Claim
from opsboard_adapters.kubernetes.cluster_context import Diagnosis
from opsboard_adapters.kubernetes.parse.images import PodImages, pod_images
from opsboard_adapters.kubernetes.parse.pod_columns import is_final
from opsboard_adapters.kubernetes.parse.pods import diagnose, models_among, worst
from opsboard_adapters.kubernetes.parse.workloads import (
    TEMPLATE_GENERATION_ANNOTATION,
    partition_of,
    replaces_pods,
)
from opsboard_adapters.kubernetes.structs import (
    V1Pod,
    V1Workload,
    controller_of,
    find_condition,
)

_GENERATION_LABEL: Final = "pod-template-generation"
_HASH_LABEL: Final = "controller-revision-hash"
REPLICA_SET: Final = re.compile(r'replica ?set "([^"]+)"', re.IGNORECASE)


class PodSummary(NamedTuple):
    """What has to be known of a pod for the record of its workload.

    *template* names what the pod was made of, in the way of its controller: the name of a
    ReplicaSet, the revision hash of a StatefulSet, or the template generation of a DaemonSet.
    *created* is RFC 3339.
    """

    template: str
    created: str
    alive: bool = True
    diagnosis: Diagnosis | None = None
    images: PodImages = ()
    models: tuple[Claim, ...] = ()

    @property
    def has_problem(self) -> bool:
        return self.diagnosis is not None and self.diagnosis.is_problem


def summarize_pod(
    item: V1Pod, inputs: tuple[Claim, ...] = (), *, healthy: bool = False
) -> PodSummary:
    """Return the summary of a pod, of what its record states as its *inputs*.

    One that is known to be *healthy* is not diagnosed again.
    """
    diagnosis = None if healthy else diagnose(item)
    created = item.metadata.creation_timestamp or ""
    alive = not is_final(item.status) and not item.metadata.deletion_timestamp
    return PodSummary(
        intern(_template(item)),
        created,
        alive,
        diagnosis,
        pod_images(item),
        models_among(inputs),
    )


def _template(item: V1Pod) -> str:
    kind, name = controller_of(item)
    if kind == "ReplicaSet":
        return name
    return item.metadata.labels.get(_GENERATION_LABEL if kind == "DaemonSet" else _HASH_LABEL, "")


# --- the worst problem of a workload -------------------------------------------------------------


def worst_counted(
    kind: str,
    item: V1Workload,
    with_problem: Mapping[str, PodSummary],
    alive: Mapping[str, PodSummary],
) -> Diagnosis | None:
    """Return the worst problem of the pods that count, or ``None``.

    Pods are mapped by name; those *with_problem* are among those *alive*.
    """
    if not with_problem:
        return None
    templates = _counted_templates(kind, item, alive)
    counted = (
        pod.diagnosis
        for name, pod in with_problem.items()
        if templates is None or pod.template in templates or _is_below_partition(item, name)
    )
    return worst(filter(None, counted))


def worst_problem(kind: str, item: V1Workload, pods: Mapping[str, PodSummary]) -> Diagnosis | None:
    """Return the worst problem of those of *pods*, mapped by name, that count, or ``None``."""
    alive = {name: pod for name, pod in pods.items() if pod.alive}
    with_problem = {name: pod for name, pod in alive.items() if pod.has_problem}
    return worst_counted(kind, item, with_problem, alive)


def ignored_problems(kind: str, item: V1Workload, pods: Mapping[str, PodSummary]) -> str:
    """Return a sentence on the pods that have problems and do not count, or ``""``."""
    alive = {name: pod for name, pod in pods.items() if pod.alive}
    templates = _counted_templates(kind, item, alive)
    with_problem = {name: pod for name, pod in pods.items() if pod.has_problem}
    ended = [pod for pod in with_problem.values() if not pod.alive]
    older = [
        pod
        for name, pod in with_problem.items()
        if pod.alive
        and not (templates is None or pod.template in templates or _is_below_partition(item, name))
    ]
    groups = ((ended, "ended"), (older, "of an older template"))
    return ", ".join(f"{len(found)} {what} ({_reasons(found)})" for found, what in groups if found)


def _reasons(pods: Iterable[PodSummary]) -> str:
    return ", ".join(sorted({pod.diagnosis.reason for pod in pods if pod.diagnosis}))


def _counted_templates(
    kind: str, item: V1Workload, alive: Mapping[str, PodSummary]
) -> frozenset[str] | None:
    """Return the templates whose pods count, or ``None`` where all pods do.

    All do where no pod is being replaced, and where it is not known which template is the new one.
    """
    if kind == "Deployment":
        return None if item.spec.paused else _new_replica_set(item, alive)
    if not replaces_pods(item):
        return None
    if kind == "DaemonSet":
        newest = item.metadata.annotations.get(TEMPLATE_GENERATION_ANNOTATION, "")
    else:
        newest = item.status.update_revision
    return frozenset({newest, ""}) if newest else None


def _new_replica_set(item: V1Workload, alive: Mapping[str, PodSummary]) -> frozenset[str] | None:
    """Return the new ReplicaSet of a Deployment: its condition names it, or its pods tell it."""
    named = REPLICA_SET.search(find_condition(item.status.conditions, "Progressing").message)
    if named:
        return frozenset({named[1]})
    if item.metadata.generation > item.status.observed_generation:
        return None
    updated = item.status.updated_replicas
    counts = Counter(pod.template for pod in alive.values())
    fitting = {template for template, count in counts.items() if count == updated}
    if not updated or len(fitting) == 1:
        return frozenset(fitting)
    return _youngest(fitting, alive)


def _youngest(templates: Iterable[str], alive: Mapping[str, PodSummary]) -> frozenset[str] | None:
    """Return the template whose first pod is younger than the others', if there is one."""
    first = {
        template: min(pod.created for pod in alive.values() if pod.template == template)
        for template in templates
    }
    youngest = max(first.values(), default="")
    found = frozenset(template for template, created in first.items() if created == youngest)
    return found if len(found) == 1 else None


def _is_below_partition(item: V1Workload, name: str) -> bool:
    """Return whether a StatefulSet leaves this pod at its old revision on purpose."""
    partition = partition_of(item)
    ordinal = name.rpartition("-")[2]
    if not partition or not ordinal.isdecimal():
        return False
    start = item.spec.ordinals.get("start")
    return int(ordinal) - (start if isinstance(start, int) else 0) < partition
