"""The workloads of a cluster with their pods: which are of the present revision, what they run.

Only pods that are alive and of the present revision say what a workload is made of. Which ones they
are is never a guess, unlike where problems are looked for (:mod:`.pod_problems`): a pod of an old
ReplicaSet runs what the workload does not run any more.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Final, NamedTuple, TypeAlias

import msgspec

from opsboard.records import Claim, Deployment, Pod, Status
from opsboard_adapters.http.struct_types import decoder_of
from opsboard_adapters.kubernetes.cluster_context import ClusterContext, Diagnosis
from opsboard_adapters.kubernetes.cron_job_pods import CronJobPods
from opsboard_adapters.kubernetes.parse.images import PodImages, pod_images
from opsboard_adapters.kubernetes.parse.workloads import (
    TEMPLATE_GENERATION_ANNOTATION,
    Declared,
    PodsOfWorkload,
    has_reached_all,
    parse_declarations,
    parse_workload,
    revision,
)
from opsboard_adapters.kubernetes.pod_metrics import PodUsage
from opsboard_adapters.kubernetes.pod_problems import (
    REPLICA_SET,
    PodSummary,
    summarize_pod,
    worst_counted,
    worst_problem,
)
from opsboard_adapters.kubernetes.revision_times import (
    WITH_REVISIONS,
    RevisionKey,
    RevisionTimes,
)
from opsboard_adapters.kubernetes.structs import V1Pod, V1Workload, find_condition

WORKLOAD_KINDS: Final = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
"""The kinds whose records depend on their pods."""

WorkloadKey = tuple[str, str]
"""Namespace and ``Kind/name`` of a workload."""

# --- what a workload runs ------------------------------------------------------------------------


PodGroup: TypeAlias = tuple[str, PodImages, tuple[Claim, ...]]
"""The template, the images and the models of pods that are alike."""
PodGroups: TypeAlias = Mapping[PodGroup, int]
"""How many pods are alive in each group."""


def what_pods_say(kind: str, item: V1Workload, pods: Mapping[str, PodSummary]) -> PodsOfWorkload:
    """Return what *pods*, mapped by name, say of a workload."""
    groups = Counter(_group(pod) for pod in pods.values() if pod.alive)
    return _with_images(kind, item, worst_problem(kind, item, pods), groups)


def _with_images(
    kind: str, item: V1Workload, problem: Diagnosis | None, groups: PodGroups
) -> PodsOfWorkload:
    current = current_template(kind, item, groups)
    own = {group for group in groups if group[0] == current and current}
    images = frozenset(images for _, images, _ in own)
    older = frozenset(models for _, _, models in groups.keys() - own)
    return PodsOfWorkload(problem, images, current, older)


def _group(pod: PodSummary) -> PodGroup:
    return pod.template, pod.images, pod.models


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
    for (template, *_), count in groups.items():
        counts[template] += count
    named = REPLICA_SET.search(find_condition(item.status.conditions, "Progressing").message)
    if named and counts[named[1]]:
        return named[1]
    wanted = {(one.name, one.image) for one in item.spec.template.spec.containers}
    other = {
        template
        for template, images, _ in groups
        if not wanted <= {(one.name, one.reference) for one in images}
    }
    fitting = [one for one, count in counts.items() if count == updated and one not in other]
    return fitting[0] if len(fitting) == 1 else ""


# --- all workloads of a cluster ------------------------------------------------------------------


class WorkloadPods:
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
        self.cron_jobs = CronJobPods()
        self.revisions = RevisionTimes()
        self.usage = PodUsage()
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
        if record.owner.startswith("Job/"):
            images = None if gone else pod_images(item)
            self.cron_jobs.note_pod(record.namespace, record.owner[4:], record.name, images)
        if _kind(key) not in WORKLOAD_KINDS:
            return
        healthy = record.status.severity < Status.WARNING.severity
        summary = summarize_pod(item, record.inputs, healthy=healthy)
        before = self._alive[key].get(record.name) if key in self._alive else None
        if before == summary and not gone and not summary.has_problem:
            return
        self._drop(key, record.name)
        if summary.alive and not gone:
            self._add(key, record.name, summary)

    def _add(self, key: WorkloadKey, name: str, summary: PodSummary) -> None:
        self._alive[key][name] = summary
        groups, group = self._groups[key], _group(summary)
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
            workload = decoder_of(V1Workload).decode(noted.json)
            pods = self._look(key, workload)
            if pods != self._shown.get(key):
                self._shown[key] = pods
                yield parse_workload(self.cluster, _kind(key), workload, pods, noted.declared)

    def _look(self, key: WorkloadKey, workload: V1Workload) -> PodsOfWorkload:
        """Return what the pods of a workload say now."""
        pods = self._with_problem.get(key)
        problem = worst_counted(_kind(key), workload, pods, self._alive[key]) if pods else None
        said = _with_images(_kind(key), workload, problem, self._groups.get(key, {}))
        return said._replace(since=self._since(key, workload))

    def _since(self, key: WorkloadKey, workload: V1Workload) -> str:
        kind = _kind(key)
        if kind not in WITH_REVISIONS or not has_reached_all(kind, workload):
            return ""
        number, generation = revision(kind, workload), workload.metadata.generation
        return self.revisions.since(*key, number, generation)

    def revisions_read(self, wanted: Iterable[RevisionKey]) -> Iterator[Deployment]:
        """Yield the records of the workloads of which more is known, of those *wanted*."""
        self._touched.update(dict.fromkeys((namespace, name) for namespace, name, _ in wanted))
        yield from self.changed()

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
        groups, group = self._groups[key], _group(gone)
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
