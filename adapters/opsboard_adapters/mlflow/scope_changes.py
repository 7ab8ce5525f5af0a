"""The changes of one scope: everything at first, then only what differs from it."""

from collections.abc import Mapping, Sequence
from typing import Final

from opsboard.adapter import Change, Condition, Fresh, Health, Remove, Report, Upsert, listing
from opsboard.records import AnyRecord, Ref
from opsboard_adapters.listing.completeness import ScopeCompleteness


class ScopeChanges:
    """A scope as it was reported to the board, and its *completeness*."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.completeness = ScopeCompleteness(name)
        self.is_new = True
        self._reported: dict[Ref, AnyRecord] = {}
        self._listed = False
        self._last: Sequence[AnyRecord] | None = None

    def restart(self) -> None:
        """Report everything again, to a new consumer of the changes."""
        self._reported, self._listed, self.is_new = {}, False, False
        self._last = None
        self.completeness.report_again()

    def replace(self, records: Sequence[AnyRecord], *, whole: bool = True) -> list[Change]:
        """Return the changes after which the scope holds *records*.

        If they are the *whole* of it, it holds nothing else. The list that was reported last, the
        same object, is not compared again.
        """
        if whole and self._listed and records is self._last:
            return [Fresh(self.name), *self._missing()]
        self._last = records if whole else None
        now = {record.ref: record for record in records}
        if not whole:
            return [*self._updated(now), *self._missing()]
        if not self._listed:
            self._reported, self._listed = now, True
            return [*listing(self.name, records), *self._missing()]
        gone = [ref for ref in self._reported if ref not in now]
        changes = self._updated(now)
        if gone:
            changes.append(Remove(self.name, gone))
        self._reported = now
        return [*changes, Fresh(self.name), *self._missing()]

    def update_known(self, records: Sequence[AnyRecord]) -> list[Change]:
        """Return the changes of *records* that were reported before; others are passed over."""
        if not self._reported or self.completeness.condition not in _SHOWN:
            return []
        if records is self._last:
            return self._missing()
        self._last = None
        known = {one.ref: one for one in records if one.ref in self._reported}
        return [*self._updated(known), *self._missing()]

    def completeness_changes(self) -> list[Change]:
        """Return the changes that only say what is missing."""
        return self._missing() if self._reported and self.completeness.condition in _SHOWN else []

    def report(self, health: Health) -> Report:
        """Return the change that reports *health* as that of the scope."""
        self.completeness.condition = health.condition
        return Report(health, self.name)

    def _updated(self, now: Mapping[Ref, AnyRecord]) -> list[Change]:
        changed = [record for ref, record in now.items() if self._reported.get(ref) != record]
        self._reported.update(now)
        return [Upsert(self.name, changed)] if changed else []

    def _missing(self) -> list[Change]:
        return self.completeness.report(len(self._reported))


_SHOWN: Final = frozenset({Condition.LIVE, Condition.PARTIAL, Condition.STARTING})
"""Conditions of a scope of which there is something to add to."""
