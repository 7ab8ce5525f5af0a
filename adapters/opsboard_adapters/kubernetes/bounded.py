"""Keep the newest of what has no end."""

from collections.abc import Iterable
from datetime import UTC, datetime

from opsboard.records import AnyRecord, Ref

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class BoundedRecords:
    """Remembers which *most* records are the newest, by the time of their last change."""

    def __init__(self, most: int) -> None:
        self._most = most
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
        excess = max(0, len(self._times) - self._most)
        oldest = sorted(self._times, key=self._times.__getitem__)[:excess] if excess else []
        for ref in oldest:
            del self._times[ref]
            offered.pop(ref, None)
        return list(offered.values()), [ref for ref in oldest if ref in earlier]

    def forget(self, ref: Ref) -> None:
        self._times.pop(ref, None)
