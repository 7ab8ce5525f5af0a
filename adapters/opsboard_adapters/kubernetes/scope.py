"""From the news of one resource to changes on the board."""

from collections.abc import Iterator

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Fresh,
    Health,
    Remove,
    Report,
    Upsert,
)
from opsboard.records import AnyRecord, Ref
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
from opsboard_adapters.kubernetes.parse.common import Place
from opsboard_adapters.kubernetes.resources import PODS, Resource
from opsboard_adapters.kubernetes.trouble import Troubles


class Scope:
    """One resource in one namespace, or in all of them, of one cluster."""

    def __init__(self, resource: Resource, namespace: str, place: Place, troubles: Troubles):
        parts = filter(None, (place.cluster, namespace, resource.plural))
        self.name = "/".join(parts)
        self.place = place
        self.resource = resource
        self.path = resource.path(namespace)
        self._troubles = troubles
        self._seen: set[Ref] = set()
        self._ailing = False

    def changes(self, news: News) -> Iterator[Change]:
        """Yield what *news* means for the board."""
        if isinstance(news, Restarted):
            self._seen = set()
            return
        if isinstance(news, Failed):
            self._ailing = True
            yield Report(news.error.health, self.name)
            return
        yield from self._good(news)

    def _good(self, news: News) -> Iterator[Change]:
        if isinstance(news, Page):
            records = [self._record(item) for item in news.objects]
            self._seen.update(record.ref for record in records)
            yield Upsert(self.name, records)
            yield from self._affected(news.objects)
        elif isinstance(news, Listed):
            yield Complete(self.name, frozenset(self._seen))
            self._seen = set()
        elif isinstance(news, Changed):
            yield Upsert(self.name, [self._record(news.object)])
            yield from self._affected([news.object])
        elif isinstance(news, Deleted):
            yield Remove(self.name, [self._record(news.object).ref])
            yield from self._affected([news.object], gone=True)
        elif isinstance(news, Alive):
            yield from self._recovered()
            yield Fresh(self.name, streaming=True)

    def _recovered(self) -> Iterator[Change]:
        if self._ailing:
            self._ailing = False
            yield Report(Health(condition=Condition.LIVE), self.name)

    def _record(self, item: Object) -> AnyRecord:
        if self.resource.parse is None:
            return self._troubles.workload(self.resource.name, item)
        return self.resource.parse(self.place, item)

    def _affected(self, items: list[Object], *, gone: bool = False) -> Iterator[Change]:
        """Yield the workloads whose records change because their pods did, or forget them."""
        if self.resource is PODS:
            for item in items:
                for workload in self._troubles.pod(item, gone=gone):
                    scope = f"{self.name.removesuffix('pods')}{workload.workload.lower()}s"
                    yield Upsert(scope, [workload])
        elif gone and self.resource.parse is None:
            for item in items:
                self._troubles.forget_workload(self.resource.name, item)
