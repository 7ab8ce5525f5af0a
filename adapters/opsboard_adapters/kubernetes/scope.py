"""From the news of one resource to changes on the board."""

from collections.abc import Iterator

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
from opsboard.records import AnyRecord, Pod, Ref
from opsboard_adapters.kubernetes.api import SILENCE
from opsboard_adapters.kubernetes.follow import (
    Alive,
    Changed,
    Deleted,
    Failed,
    Listed,
    News,
    Object,
    Page,
    Restarted,
)
from opsboard_adapters.kubernetes.newest import Newest
from opsboard_adapters.kubernetes.parse.common import Place
from opsboard_adapters.kubernetes.permission import explained
from opsboard_adapters.kubernetes.resources import Resource
from opsboard_adapters.kubernetes.trouble import Troubles


class Scope:
    """One resource in one namespace, or in all of them, of one cluster."""

    def __init__(self, resource: Resource, namespace: str, place: Place, troubles: Troubles):
        parts = filter(None, (place.cluster, namespace, resource.plural))
        self.name = "/".join(parts)
        self.place = place
        self.resource = resource
        self.path = resource.path(namespace)
        self._namespace = namespace
        self._newest = Newest(resource.most) if resource.most else None
        self._troubles = troubles
        self._seen: set[Ref] = set()
        self._ailing = False
        self._promised = False

    def changes(self, news: News) -> Iterator[Change]:
        """Yield what *news* means for the board."""
        if isinstance(news, Restarted):
            self._seen = set()
            if self._newest is not None:
                self._newest = Newest(self.resource.most)
            return
        if isinstance(news, Failed):
            self._ailing = True
            health = explained(news.error, self.resource.full_name, self._namespace)
            yield Report(health, self.name)
            return
        yield from self._good(news)

    def _good(self, news: News) -> Iterator[Change]:
        if isinstance(news, Page):
            records = [self._record(item) for item in news.objects]
            self._seen.update(record.ref for record in records)
            yield from self._shown(records)
        elif isinstance(news, Listed):
            yield Complete(self.name, self._kept())
            self._seen = set()
        elif isinstance(news, Changed):
            yield from self._shown([self._record(news.object)])
        elif isinstance(news, Deleted):
            yield from self._gone(news.object)
        elif isinstance(news, Alive):
            yield from self._recovered()
            yield Fresh(self.name, streaming=True)
            if not self._promised:
                self._promised = True
                yield Due(self.name, SILENCE)

    def _recovered(self) -> Iterator[Change]:
        if self._ailing:
            self._ailing = False
            yield Report(Health(condition=Condition.LIVE), self.name)

    def _shown(self, records: list[AnyRecord]) -> Iterator[Change]:
        dropped: list[Ref] = []
        if self._newest is not None:
            records, dropped = self._newest.admit(records)
        if records or self._newest is None:
            yield Upsert(self.name, records)
        if dropped:
            yield Remove(self.name, dropped)
        for record in records:
            yield from self._affected(record)

    def _kept(self) -> frozenset[Ref]:
        return frozenset(self._seen) if self._newest is None else self._newest.refs

    def _gone(self, item: Object) -> Iterator[Change]:
        record = self._record(item)
        yield Remove(self.name, [record.ref])
        yield from self._affected(record, gone=True)
        if self._newest is not None:
            self._newest.forget(record.ref)
        if self.resource.parse is None:
            self._troubles.forget_workload(self.resource.name, item)

    def _record(self, item: Object) -> AnyRecord:
        if self.resource.parse is None:
            return self._troubles.workload(self.resource.name, item)
        return self.resource.parse(self.place, item)

    def _affected(self, record: AnyRecord, *, gone: bool = False) -> Iterator[Change]:
        """Yield the workload whose record changes because its pod did."""
        if isinstance(record, Pod):
            for workload in self._troubles.pod(record, gone=gone):
                scope = f"{self.name.removesuffix('pods')}{workload.workload.lower()}s"
                yield Upsert(scope, [workload])
