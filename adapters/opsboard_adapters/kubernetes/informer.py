"""From the events of one resource to changes on the board, as an informer's handler does it."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Due,
    Forbidden,
    Fresh,
    Health,
    Remove,
    Report,
    SourceError,
    Upsert,
)
from opsboard.records import AnyRecord, Deployment, Job, Pod, Ref
from opsboard_adapters.kubernetes.batch_structs import V1CronJob
from opsboard_adapters.kubernetes.client import WATCH_READ_TIMEOUT
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.permissions import health_with_hint
from opsboard_adapters.kubernetes.pod_metrics import Usage
from opsboard_adapters.kubernetes.protocol import PAGE_SIZE
from opsboard_adapters.kubernetes.reflector import (
    ListCompleted,
    ListStarted,
    ListWatchFailed,
    ObjectChanged,
    ObjectDeleted,
    ObjectsListed,
    ObjectUnreadable,
    ReflectorEvent,
    WatchAlive,
)
from opsboard_adapters.kubernetes.resources import ApiResource, WatchedObject
from opsboard_adapters.kubernetes.revision_times import RevisionKey
from opsboard_adapters.kubernetes.structs import V1Pod, V1Workload
from opsboard_adapters.kubernetes.workload_pods import WorkloadPods
from opsboard_adapters.listing.completeness import SkippedRecords

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class ResourceInformer:
    """One resource of one cluster, in one namespace or in all (``""``).

    It is one scope of the source: :attr:`name` is that scope's, for instance ``prod/shop/pods``.
    Records of workloads depend on their pods: *problems* is shared by all informers of a cluster.
    """

    def __init__(
        self,
        resource: ApiResource,
        namespace: str,
        cluster: ClusterContext,
        problems: WorkloadPods,
    ):
        parts = filter(None, (cluster.name, namespace, resource.plural))
        self.name = "/".join(parts)
        self.cluster = cluster
        self.resource = resource
        self.path = resource.path(namespace)
        self.namespace = namespace
        self._bounded = BoundedRecords(resource.max_records) if resource.max_records else None
        self._problems = problems
        self._listed: set[Ref] = set()
        self._names: set[tuple[str, str]] = set()
        """Namespaces and names of the objects of the list that is under way."""
        self._total = 0
        self._failing = False
        self._promised = False
        self.listed = asyncio.Event()
        """Set once a list was complete."""
        self.skips = SkippedRecords(self.name)
        """Objects that cannot be decoded."""

    @property
    def is_whole(self) -> bool:
        """Whether all objects are known, as far as the watch can tell."""
        return self.listed.is_set() and not self._failing and not self.skips.count

    def set_cluster(self, cluster: ClusterContext) -> None:
        """Use the clock skew of *cluster* from now on, for workloads too, so that times on the
        board and in details agree."""
        self.cluster = self._problems.cluster = cluster

    def changes(self, event: ReflectorEvent) -> Iterator[Change]:
        """Yield what *event* changes on the board."""
        if isinstance(event, ListStarted):
            self._listed, self._names = set(), set()
            self.skips.reset()
            if self._bounded is not None:
                self._bounded = BoundedRecords(self.resource.max_records)
            return
        if isinstance(event, ListWatchFailed):
            yield from self._on_failure(event.error)
            return
        if (kept := self._without_skipped(event)) is not None:
            yield from self._on_data(kept)

    def _without_skipped(self, event: ReflectorEvent) -> ReflectorEvent | None:
        """Return *event* without the objects that the resource leaves out."""
        if (skip := self.resource.skip) is None:
            return event
        if isinstance(event, ObjectsListed):
            return ObjectsListed([one for one in event.objects if not skip(one)])
        return None if isinstance(event, ObjectChanged) and skip(event.object) else event

    def _on_failure(self, error: SourceError) -> Iterator[Change]:
        """Report *error*. What the board can do without, and never was permitted, is said once."""
        optional = self.resource.optional and not self.listed.is_set()
        health = health_with_hint(error, self.resource.full_name, self.namespace)
        if optional and isinstance(error, Forbidden):
            if not self._failing:
                said = f"no {self.resource.plural} are shown: {health.message}"
                yield Report(
                    Health(condition=Condition.LIVE, message=said, hint=health.hint), self.name
                )
        else:
            yield Report(health, self.name)
        self._failing = True

    def _on_data(self, event: ReflectorEvent) -> Iterator[Change]:
        if isinstance(event, ObjectsListed):
            yield from self._on_page(event)
        elif isinstance(event, ListCompleted):
            yield from self._on_complete()
        elif isinstance(event, ObjectChanged | ObjectDeleted):
            if isinstance(event, ObjectChanged):
                yield from self._upsert([event.object])
            else:
                yield from self._remove(event.object)
            yield from self._forgive(event.object)
        elif isinstance(event, ObjectUnreadable):
            yield from self._on_unreadable(event)
        elif isinstance(event, WatchAlive):
            yield from self._on_alive()

    # --- events ----------------------------------------------------------------------------------

    def _on_page(self, page: ObjectsListed) -> Iterator[Change]:
        self._names.update((one.metadata.namespace, one.metadata.name) for one in page.objects)
        yield from self._upsert(page.objects, listing=True)

    def _on_complete(self) -> Iterator[Change]:
        existing = frozenset(self._listed) if self._bounded is None else self._bounded.refs
        yield Complete(self.name, existing)
        yield from self._retain_listed()
        self._total = len(self._listed) + self.skips.count
        self._listed, self._names = set(), set()
        self.listed.set()
        yield from self._report_skips()

    def _on_unreadable(self, event: ObjectUnreadable) -> Iterator[Change]:
        if event.object is not None:  # the record on the board is out of date
            yield from self._remove(event.object)
        self.skips.add(event.name, event.fault)
        yield from self._report_skips()

    def _on_alive(self) -> Iterator[Change]:
        if self._failing:
            self._failing = False
            yield Report(Health(condition=Condition.LIVE), self.name)
        yield Fresh(self.name, streaming=True)
        if not self._promised:
            self._promised = True
            yield Due(self.name, WATCH_READ_TIMEOUT)

    def _retain_listed(self) -> Iterator[Change]:
        """Drop pods and workloads that a complete list no longer has; yield affected workloads."""
        if self.resource.kind == "Pod":
            self._problems.usage.retain(self.namespace, self._names)
            for workload in self._problems.retain_pods(self.namespace, self._names):
                yield self._workload_change(workload)
        if self.resource.kind in {"Pod", "Job", "CronJob"}:
            self._problems.cron_jobs.retain(self.resource.kind, self.namespace, self._names)
            yield from self._changed_cron_jobs()
        elif self.resource.parse is None:
            self._problems.retain_workloads(self.resource.kind, self.namespace, self._names)

    def _forgive(self, item: WatchedObject) -> Iterator[Change]:
        """Take back that *item* could not be decoded."""
        if self.skips.count:
            self.skips.discard(f"{self.resource.kind} {item.full_name}")
            yield from self._report_skips()

    def _report_skips(self) -> Iterator[Change]:
        if (report := self.skips.report(self._total)) is not None:
            yield report

    # --- records ---------------------------------------------------------------------------------

    def _upsert(self, items: Sequence[WatchedObject], *, listing: bool = False) -> Iterator[Change]:
        records = [self._record(item) for item in items]
        if listing:
            self._listed.update(record.ref for record in records)
        admitted, displaced = records, list[Ref]()
        if self._bounded is not None:
            admitted, displaced = self._bounded.admit(records)
        if admitted or self._bounded is None:
            yield Upsert(self.name, admitted)
        if displaced:
            yield Remove(self.name, displaced)
        yield from self._affected_workloads(items, records)

    def _remove(self, item: WatchedObject) -> Iterator[Change]:
        record = self._record(item)
        yield Remove(self.name, [record.ref])
        yield from self._affected_workloads([item], [record], gone=True)
        if self._bounded is not None:
            self._bounded.forget(record.ref)
        if isinstance(item, V1CronJob):
            self._problems.cron_jobs.forget(item)
        if self.resource.parse is None:
            meta = item.metadata
            self._problems.forget_workload(self.resource.kind, meta.namespace, meta.name)

    def _record(self, item: WatchedObject) -> AnyRecord:
        if isinstance(item, V1Workload):
            return self._problems.workload(self.resource.kind, item)
        if isinstance(item, V1CronJob):
            return self._problems.cron_jobs.record(self.cluster, item)
        assert self.resource.parse is not None  # noqa: S101 - workloads alone have none
        record = self.resource.parse(self.cluster, item)
        return self._problems.usage.applied(record) if isinstance(record, Pod) else record

    def _affected_workloads(
        self, items: Sequence[WatchedObject], records: Sequence[AnyRecord], *, gone: bool = False
    ) -> Iterator[Change]:
        """Yield the workloads whose records change because of their pods among *items*."""
        for item, record in zip(items, records, strict=True):
            if isinstance(item, V1Pod) and isinstance(record, Pod):
                self._problems.note_pod(item, record, gone=gone)
                if gone:
                    self._problems.usage.forget(record)
            elif isinstance(record, Job):
                self._problems.cron_jobs.note_job(record, gone=gone)
        for workload in self._problems.changed():
            yield self._workload_change(workload)
        yield from self._changed_cron_jobs()

    def _changed_cron_jobs(self) -> Iterator[Upsert]:
        for record in self._problems.cron_jobs.changed(self.cluster):
            yield Upsert(self._scope_of("cronjobs"), [record])

    def pods_measured(self, measured: Mapping[tuple[str, str], Usage]) -> Iterator[Change]:
        """Yield the pods that change by what all of them were found to use."""
        changed = self._problems.usage.take(self.namespace, measured)
        for start in range(0, len(changed), PAGE_SIZE):
            yield Upsert(self.name, changed[start : start + PAGE_SIZE])

    def revisions_read(self, wanted: Iterable[RevisionKey]) -> Iterator[Change]:
        """Yield what changes once the revisions *wanted* were asked for."""
        for workload in self._problems.revisions_read(wanted):
            yield self._workload_change(workload)

    def _workload_change(self, workload: Deployment) -> Upsert:
        """Return the change of a *workload*, in the scope of its own resource."""
        return Upsert(self._scope_of(f"{workload.workload.lower()}s"), [workload])

    def _scope_of(self, plural: str) -> str:
        """Return the scope of another resource of the same cluster and namespace."""
        return f"{self.name.removesuffix(self.resource.plural)}{plural}"


class BoundedRecords:
    """Keeps the *limit* newest records, by the time of their last change."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._times: dict[Ref, datetime] = {}

    @property
    def refs(self) -> frozenset[Ref]:
        """The records that are kept."""
        return frozenset(self._times)

    def admit(self, records: Iterable[AnyRecord]) -> tuple[list[AnyRecord], list[Ref]]:
        """Return those of *records* that are kept, and the earlier ones that they displace."""
        offered = {record.ref: record for record in records}
        earlier = set(self._times) - set(offered)
        for ref, record in offered.items():
            self._times[ref] = record.updated_at or record.created_at or _LONG_AGO
        excess = max(0, len(self._times) - self._limit)
        oldest = sorted(self._times, key=self._times.__getitem__)[:excess] if excess else []
        for ref in oldest:
            del self._times[ref]
            offered.pop(ref, None)
        return list(offered.values()), [ref for ref in oldest if ref in earlier]

    def forget(self, ref: Ref) -> None:
        """Keep *ref* no longer."""
        self._times.pop(ref, None)
