"""What pods say of their workload: why its roll-out is stuck, and which images it runs.

Only pods that are alive and made of the template that is rolled out count. Pods that have ended
stay in the cluster for days (evicted ones, for instance), and pods of an older template are what
the roll-out replaces: neither says how the new ones do, nor what the workload is made of now.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from sys import intern
from typing import Final, NamedTuple, TypeAlias

import msgspec

from opsboard.records import Deployment, Pod, Status
from opsboard_adapters.kubernetes.cluster_context import ClusterContext, Diagnosis
from opsboard_adapters.kubernetes.parse.images import PodImages, pod_images
from opsboard_adapters.kubernetes.parse.pod_columns import is_final
from opsboard_adapters.kubernetes.parse.pods import diagnose, worst
from opsboard_adapters.kubernetes.parse.workloads import (
    TEMPLATE_GENERATION_ANNOTATION,
    Declared,
    PodsOfWorkload,
    parse_declarations,
    parse_workload,
    partition_of,
    replaces_pods,
)
from opsboard_adapters.kubernetes.structs import (
    V1Pod,
    V1Workload,
    controller_of,
    find_condition,
)

WORKLOAD_KINDS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""The kinds whose records depend on their pods."""

_GENERATION_LABEL: Final = "pod-template-generation"
_HASH_LABEL: Final = "controller-revision-hash"
_REPLICA_SET: Final = re.compile(r'replica ?set "([^"]+)"', re.IGNORECASE)

WorkloadKey = tuple[str, str]
"""Namespace and ``Kind/name`` of a workload."""


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

    @property
    def has_problem(self) -> bool:
        return self.diagnosis is not None and self.diagnosis.is_problem


def summarize_pod(item: V1Pod, *, healthy: bool = False) -> PodSummary:
    """Return the summary of a pod. One that is known to be *healthy* is not diagnosed again."""
    diagnosis = None if healthy else diagnose(item)
    created = item.metadata.creation_timestamp or ""
    alive = not is_final(item.status) and not item.metadata.deletion_timestamp
    return PodSummary(intern(_template(item)), created, alive, diagnosis, pod_images(item))


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


# --- what a workload runs ------------------------------------------------------------------------


PodGroup: TypeAlias = tuple[str, PodImages]
"""The template and the images of pods that are alike."""
PodGroups: TypeAlias = Mapping[PodGroup, int]
"""How many pods are alive in each group."""


def what_pods_say(kind: str, item: V1Workload, pods: Mapping[str, PodSummary]) -> PodsOfWorkload:
    """Return what *pods*, mapped by name, say of a workload."""
    groups = Counter((pod.template, pod.images) for pod in pods.values() if pod.alive)
    return _with_images(kind, item, worst_problem(kind, item, pods), groups)


def _with_images(
    kind: str, item: V1Workload, problem: Diagnosis | None, groups: PodGroups
) -> PodsOfWorkload:
    current = current_template(kind, item, groups)
    images = frozenset(images for template, images in groups if template == current and current)
    return PodsOfWorkload(problem, images, current)


def current_template(kind: str, item: V1Workload, groups: PodGroups) -> str:
    """Return what the pods of the present revision are made of, or ``""`` where it is not sure.

    It is never a guess, unlike where problems are looked for: a pod of an old ReplicaSet runs what
    the workload does not run any more.
    """
    if item.metadata.generation > item.status.observed_generation:
        return ""
    if kind == "DaemonSet":
        return item.metadata.annotations.get(TEMPLATE_GENERATION_ANNOTATION, "")
    if kind == "StatefulSet":
        return item.status.update_revision
    return _current_replica_set(item, groups)


def _current_replica_set(item: V1Workload, groups: PodGroups) -> str:
    """Return the ReplicaSet of the present revision, by the condition that names it.

    The condition may be that of the revision before: in the first moments of a rollback, where no
    pod counts as updated yet, and with the strategy Recreate even after it (the controller sees a
    complete roll-out all the time, ``syncRolloutStatus``); no pod of the one it names is left then.
    Nor is there one yet where the watch of the pods is behind. So where none is, the number of pods
    has to fit, and what they run has to be what the template says.
    """
    updated = item.status.updated_replicas
    if not updated:
        return ""
    counts = Counter[str]()
    for (template, _), count in groups.items():
        counts[template] += count
    named = _REPLICA_SET.search(find_condition(item.status.conditions, "Progressing").message)
    if named and counts[named[1]]:
        return named[1]
    wanted = {(one.name, one.image) for one in item.spec.template.spec.containers}
    other = {
        template
        for template, images in groups
        if not wanted <= {(one.name, one.reference) for one in images}
    }
    fitting = [one for one, count in counts.items() if count == updated and one not in other]
    return fitting[0] if len(fitting) == 1 else ""


# --- all workloads of a cluster ------------------------------------------------------------------


class PodProblems:
    """The workloads of one cluster with the pods that are alive and their problems.

    Pods and workloads come from different watches in any order, so both are kept, small: of a pod
    its :class:`PodSummary`, of a workload the fields used, encoded as JSON. A pod that is like one
    that its workload has already changes nothing, and costs no more than to look that up.
    """

    def __init__(self, cluster: ClusterContext) -> None:
        self.cluster = cluster
        self._alive: defaultdict[WorkloadKey, dict[str, PodSummary]] = defaultdict(dict)
        self._with_problem: defaultdict[WorkloadKey, dict[str, PodSummary]] = defaultdict(dict)
        self._groups: defaultdict[WorkloadKey, Counter[PodGroup]] = defaultdict(Counter)
        self._workloads: dict[WorkloadKey, _NotedWorkload] = {}
        self._shown: dict[WorkloadKey, PodsOfWorkload] = {}
        """What the pods said when the record of each workload was last made."""
        self._touched: dict[WorkloadKey, None] = {}
        """The workloads of which a pod has changed what they may say, in order."""

    def workload(self, kind: str, item: V1Workload) -> Deployment:
        """Note a workload and return its record."""
        key = item.metadata.namespace, f"{kind}/{item.metadata.name}"
        declared = parse_declarations(self.cluster, kind, item)
        self._workloads[key] = _NotedWorkload(msgspec.json.encode(item.slim), declared)
        pods = self._shown[key] = self._look(key, item)
        return parse_workload(self.cluster, kind, item, pods, declared)

    def forget_workload(self, kind: str, namespace: str, name: str) -> None:
        """Keep a workload no longer."""
        self._forget((namespace, f"{kind}/{name}"))

    def _forget(self, key: WorkloadKey) -> None:
        self._workloads.pop(key, None)
        self._shown.pop(key, None)

    def pod(self, item: V1Pod, record: Pod, *, gone: bool = False) -> Iterator[Deployment]:
        """Note a pod, and yield the record of its workload where the pod changes that."""
        self.note_pod(item, record, gone=gone)
        yield from self.changed()

    def note_pod(self, item: V1Pod, record: Pod, *, gone: bool = False) -> None:
        """Note a pod: :meth:`changed` tells what comes of it."""
        key = (record.namespace, record.owner)
        if _kind(key) not in WORKLOAD_KINDS:
            return
        summary = summarize_pod(item, healthy=record.status.severity < Status.WARNING.severity)
        before = self._alive[key].get(record.name) if key in self._alive else None
        if before == summary and not gone and not summary.has_problem:
            return
        self._drop(key, record.name)
        if summary.alive and not gone:
            self._add(key, record.name, summary)

    def _add(self, key: WorkloadKey, name: str, summary: PodSummary) -> None:
        self._alive[key][name] = summary
        groups, group = self._groups[key], (summary.template, summary.images)
        groups[group] += 1
        if groups[group] == 1 or self._is_unsure(key):
            self._touched[key] = None
        if summary.has_problem:
            self._with_problem[key][name] = summary
            self._touched[key] = None

    def _is_unsure(self, key: WorkloadKey) -> bool:
        """Return whether it is not known which pods of a workload are of its present revision.

        The number of pods may tell then.
        """
        return key in self._shown and not self._shown[key].template

    def changed(self) -> Iterator[Deployment]:
        """Yield the records of the workloads that the pods noted since have changed."""
        touched, self._touched = self._touched, {}
        for key in touched:
            if key not in self._workloads:
                continue
            noted = self._workloads[key]
            workload = msgspec.json.decode(noted.json, type=V1Workload)
            pods = self._look(key, workload)
            if pods != self._shown.get(key):
                self._shown[key] = pods
                yield parse_workload(self.cluster, _kind(key), workload, pods, noted.declared)

    def _look(self, key: WorkloadKey, workload: V1Workload) -> PodsOfWorkload:
        """Return what the pods of a workload say now."""
        pods = self._with_problem.get(key)
        problem = worst_counted(_kind(key), workload, pods, self._alive[key]) if pods else None
        return _with_images(_kind(key), workload, problem, self._groups.get(key, {}))

    def retain_pods(self, namespace: str, existing: Set[tuple[str, str]]) -> Iterator[Deployment]:
        """Forget the pods of *namespace*, or of all (``""``), that are not *existing*.

        *existing* are namespaces and names. Yield the records of workloads that change. Pods that
        vanish while a watch is down have no DELETED event: only the next list tells.
        """
        for key in [one for one in self._alive if namespace in {"", one[0]}]:
            for name in [name for name in self._alive[key] if (key[0], name) not in existing]:
                self._drop(key, name)
        yield from self.changed()

    def retain_workloads(self, kind: str, namespace: str, existing: Set[tuple[str, str]]) -> None:
        """Forget the workloads of a *kind* that are not *existing*, in the same way."""
        for where, what in tuple(self._workloads):
            of_kind, _, name = what.partition("/")
            if of_kind == kind and namespace in {"", where} and (where, name) not in existing:
                self._forget((where, what))

    def _drop(self, key: WorkloadKey, name: str) -> None:
        gone = self._alive[key].pop(name, None) if key in self._alive else None
        if gone is None:
            return
        groups, group = self._groups[key], (gone.template, gone.images)
        groups[group] -= 1
        if not groups[group]:
            del groups[group]
            self._touched[key] = None
        if self._is_unsure(key):
            self._touched[key] = None
        if gone.has_problem:
            self._with_problem[key].pop(name, None)
            self._touched[key] = None
        for pods in (self._alive, self._with_problem, self._groups):
            if key in pods and not pods[key]:
                del pods[key]


class _NotedWorkload(NamedTuple):
    """The fields used of a workload, encoded as JSON, and what it declares."""

    json: bytes
    declared: Declared


def _kind(key: WorkloadKey) -> str:
    return key[1].partition("/")[0]
