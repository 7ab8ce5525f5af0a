"""What a scope held when it was last listed, and so what has changed since."""

from collections.abc import Sequence

from opsboard.adapter import Change, Complete, Fresh, Upsert
from opsboard.records import AnyRecord, Ref
from opsboard_adapters.listing.completeness import ScopeCompleteness


class ScopeDiff:
    """The records of one scope, and what is *missing* in them."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.completeness = ScopeCompleteness(scope)
        self._records: dict[Ref, AnyRecord] = {}
        self._listed = False
        self._told = False

    def report_again(self) -> None:
        """Have the next answer tell everything, since the last one may not have arrived."""
        self._told = False
        self.completeness.report_again()

    def unchanged(self) -> Sequence[Change]:
        """Return what to say when all is as it was."""
        if not self._told:
            return self.replace(tuple(self._records.values()), whole=self._listed)
        return [Fresh(self.scope), *self._missing()]

    def replace(self, records: Sequence[AnyRecord], *, whole: bool = True) -> Sequence[Change]:
        """Hold exactly *records* from now on, and if they are not the *whole*, those known before
        too; return the changes that this makes."""
        before, told = self._records, self._told
        now: dict[Ref, AnyRecord] = {record.ref: record for record in records}
        self._records, self._told = now if whole else {**before, **now}, True
        new = tuple(one for ref, one in self._records.items() if not told or before.get(ref) != one)
        changes: list[Change] = [Upsert(self.scope, new)] if new or not told else []
        if whole and (not told or not self._listed or before.keys() != now.keys()):
            self._listed = True
            changes.append(Complete(self.scope, frozenset(now)))
        elif whole and not changes:
            changes.append(Fresh(self.scope))
        return [*changes, *self._missing()]

    def _missing(self) -> list[Change]:
        return self.completeness.report(len(self._records))
