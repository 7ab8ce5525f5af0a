"""From the news of one resource to changes on the board."""

from collections.abc import Iterator, Sequence

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Due,
    Fresh,
    Health,
    Remove,
    Report,
    Upsert,
)
from opsboard.records import AnyRecord, Deployment, Pod, Ref
from opsboard_adapters.kubernetes import structs
from opsboard_adapters.kubernetes.bounded import BoundedRecords
from opsboard_adapters.kubernetes.client import WATCH_READ_TIMEOUT
from opsboard_adapters.kubernetes.cluster_context import ClusterContext
from opsboard_adapters.kubernetes.permission import health_with_hint
from opsboard_adapters.kubernetes.pod_problems import PodProblems
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
from opsboard_adapters.kubernetes.resources import ApiResource
from opsboard_adapters.kubernetes.structs import V1Workload, WatchedObject
from opsboard_adapters.listing.completeness import SkippedRecords


class ResourceInformer:
    """One resource in one namespace, or in all of them, of one cluster."""

    def __init__(
        self, resource: ApiResource, namespace: str, cluster: ClusterContext, problems: PodProblems
    ):
        parts = filter(None, (cluster.name, namespace, resource.plural))
        self.name = "/".join(parts)
        self.cluster = cluster
        self.resource = resource
        self.path = resource.path(namespace)
        self._namespace = namespace
        self._newest = BoundedRecords(resource.max_records) if resource.max_records else None
        self._troubles = problems
        self._seen: set[Ref] = set()
        self._names: set[tuple[str, str]] = set()
        """Namespaces and names of what the list that goes on has told of."""
        self._total = 0
        self._ailing = False
        self._promised = False
        self.skips = SkippedRecords(self.name)
        """Its objects that cannot be read."""

    def set_cluster(self, cluster: ClusterContext) -> None:
        """Let *place* be where it is from now on, by the server's clock too: of workloads as well,
        whose times would differ from those on their pages."""
        self.cluster = self._troubles.cluster = cluster

    def changes(self, news: ReflectorEvent) -> Iterator[Change]:
        """Yield what *news* means for the board."""
        if isinstance(news, ListStarted):
            self._seen, self._names = set(), set()
            self.skips.reset()
            if self._newest is not None:
                self._newest = BoundedRecords(self.resource.max_records)
            return
        if isinstance(news, ListWatchFailed):
            self._ailing = True
            health = health_with_hint(news.error, self.resource.full_name, self._namespace)
            yield Report(health, self.name)
            return
        yield from self._good(news)

    def _good(self, news: ReflectorEvent) -> Iterator[Change]:
        if isinstance(news, ObjectsListed):
            yield from self._listing(news)
        elif isinstance(news, ListCompleted):
            yield from self._listed()
        elif isinstance(news, ObjectChanged | ObjectDeleted):
            if isinstance(news, ObjectChanged):
                yield from self._shown([news.object])
            else:
                yield from self._gone(news.object)
            yield from self._readable(news.object)
        elif isinstance(news, ObjectUnreadable):
            yield from self._unreadable(news)
        elif isinstance(news, WatchAlive):
            yield from self._alive()

    def _unreadable(self, news: ObjectUnreadable) -> Iterator[Change]:
        if news.object is not None:  # what was shown of it is not true any more
            yield from self._gone(news.object)
        self.skips.add(news.name, news.fault)
        yield from self._left_out()

    def _alive(self) -> Iterator[Change]:
        yield from self._recovered()
        yield Fresh(self.name, streaming=True)
        if not self._promised:
            self._promised = True
            yield Due(self.name, WATCH_READ_TIMEOUT)

    def _listing(self, page: ObjectsListed) -> Iterator[Change]:
        self._names.update((one.metadata.namespace, one.metadata.name) for one in page.objects)
        yield from self._shown(page.objects, listing=True)

    def _listed(self) -> Iterator[Change]:
        yield Complete(self.name, self._kept())
        yield from self._vanished()
        self._total = len(self._seen) + self.skips.count
        self._seen, self._names = set(), set()
        yield from self._left_out()

    def _vanished(self) -> Iterator[Change]:
        """Forget what has vanished since the last list, and yield the workloads that change so."""
        if self.resource.kind == "Pod":
            for workload in self._troubles.retain_pods(self._namespace, self._names):
                yield self._of_workload(workload)
        elif self.resource.parse is None:
            self._troubles.retain_workloads(self.resource.kind, self._namespace, self._names)

    def _recovered(self) -> Iterator[Change]:
        if self._ailing:
            self._ailing = False
            yield Report(Health(condition=Condition.LIVE), self.name)

    def _readable(self, item: WatchedObject) -> Iterator[Change]:
        if self.skips.count:
            self.skips.discard(f"{self.resource.kind} {item.full_name}")
            yield from self._left_out()

    def _left_out(self) -> Iterator[Change]:
        if (told := self.skips.report(self._total)) is not None:
            yield told

    def _shown(self, items: Sequence[WatchedObject], *, listing: bool = False) -> Iterator[Change]:
        records = [self._record(item) for item in items]
        if listing:
            self._seen.update(record.ref for record in records)
        shown, dropped = records, list[Ref]()
        if self._newest is not None:
            shown, dropped = self._newest.admit(records)
        if shown or self._newest is None:
            yield Upsert(self.name, shown)
        if dropped:
            yield Remove(self.name, dropped)
        for item, record in zip(items, records, strict=True):
            yield from self._affected(item, record)

    def _kept(self) -> frozenset[Ref]:
        return frozenset(self._seen) if self._newest is None else self._newest.refs

    def _gone(self, item: WatchedObject) -> Iterator[Change]:
        record = self._record(item)
        yield Remove(self.name, [record.ref])
        yield from self._affected(item, record, gone=True)
        if self._newest is not None:
            self._newest.forget(record.ref)
        if self.resource.parse is None:
            meta = item.metadata
            self._troubles.forget_workload(self.resource.kind, meta.namespace, meta.name)

    def _record(self, item: WatchedObject) -> AnyRecord:
        if isinstance(item, V1Workload):
            return self._troubles.workload(self.resource.kind, item)
        assert self.resource.parse is not None  # noqa: S101 - workloads alone have none
        return self.resource.parse(self.cluster, item)

    def _affected(
        self, item: WatchedObject, record: AnyRecord, *, gone: bool = False
    ) -> Iterator[Change]:
        """Yield the workload whose record changes because its pod did."""
        if isinstance(item, structs.V1Pod) and isinstance(record, Pod):
            for workload in self._troubles.pod(item, record, gone=gone):
                yield self._of_workload(workload)

    def _of_workload(self, workload: Deployment) -> Upsert:
        """Return the change of a *workload* in its own scope, which is beside that of the pods."""
        scope = f"{self.name.removesuffix('pods')}{workload.workload.lower()}s"
        return Upsert(scope, [workload])
