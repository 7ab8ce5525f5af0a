"""What a scope held when it was last listed, and so what has changed since."""

from collections.abc import Sequence

from opsboard.adapter import Change, Complete, Fresh, Upsert
from opsboard.records import AnyRecord, Ref


class Holding:
    """The records of one scope."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self._records: dict[Ref, AnyRecord] = {}
        self._told = False

    def retell(self) -> None:
        """Have the next answer tell everything, since the last one may not have arrived."""
        self._told = False

    def unchanged(self) -> Sequence[Change]:
        """Return what to say when all is as it was."""
        return (Fresh(self.scope),) if self._told else self.replace(tuple(self._records.values()))

    def replace(self, records: Sequence[AnyRecord]) -> Sequence[Change]:
        """Hold exactly *records* from now on; return the changes that this makes."""
        before, told = self._records, self._told
        self._records, self._told = {record.ref: record for record in records}, True
        if not told:
            return (Upsert(self.scope, tuple(records)), self._complete())
        new = tuple(one for ref, one in self._records.items() if before.get(ref) != one)
        changes: list[Change] = [Upsert(self.scope, new)] if new else []
        if before.keys() != self._records.keys():
            changes.append(self._complete())
        return changes or (Fresh(self.scope),)

    def _complete(self) -> Complete:
        return Complete(self.scope, frozenset(self._records))
