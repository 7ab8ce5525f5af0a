"""Say what changed in one scope: all at first, then only what differs."""

from collections.abc import Mapping, Sequence
from typing import Final

from opsboard.adapter import Change, Condition, Fresh, Health, Remove, Report, Upsert, listing
from opsboard.records import AnyRecord, Ref
from opsboard_adapters.listing.completeness import ScopeCompleteness


class ScopeChanges:
    """A scope as the board was told of it, and what is *missing* in that."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.missing = ScopeCompleteness(name)
        self.is_new = True
        self._told: dict[Ref, AnyRecord] = {}
        self._listed = False
        self._last: Sequence[AnyRecord] | None = None

    def forget(self) -> None:
        """Tell everything again: the listener is a new one."""
        self._told, self._listed, self.is_new = {}, False, False
        self._last = None
        self.missing.report_again()

    def holds(self, records: Sequence[AnyRecord], *, whole: bool = True) -> list[Change]:
        """Return the changes that say: the scope holds *records*, and if they are the *whole* of
        it, nothing else. The very list that was told last is not looked through again."""
        if whole and self._listed and records is self._last:
            return [Fresh(self.name), *self._missing()]
        self._last = records if whole else None
        now = {record.ref: record for record in records}
        if not whole:
            return [*self._updated(now), *self._missing()]
        if not self._listed:
            self._told, self._listed = now, True
            return [*listing(self.name, records), *self._missing()]
        gone = [ref for ref in self._told if ref not in now]
        changes = self._updated(now)
        if gone:
            changes.append(Remove(self.name, gone))
        self._told = now
        return [*changes, Fresh(self.name), *self._missing()]

    def refined(self, records: Sequence[AnyRecord]) -> list[Change]:
        """Return what another part of the source has added to records told of before."""
        if not self._told or self.missing.condition not in _SHOWN:
            return []
        if records is self._last:
            return self._missing()
        self._last = None
        known = {one.ref: one for one in records if one.ref in self._told}
        return [*self._updated(known), *self._missing()]

    def missing_told(self) -> list[Change]:
        """Return what to tell of what is missing, where nothing else is to be told."""
        return self._missing() if self._told and self.missing.condition in _SHOWN else []

    def ails(self, health: Health) -> Report:
        """Return the change that says what is wrong with the scope."""
        self.missing.condition = health.condition
        return Report(health, self.name)

    def _updated(self, now: Mapping[Ref, AnyRecord]) -> list[Change]:
        changed = [record for ref, record in now.items() if self._told.get(ref) != record]
        self._told.update(now)
        return [Upsert(self.name, changed)] if changed else []

    def _missing(self) -> list[Change]:
        return self.missing.report(len(self._told))


_SHOWN: Final = frozenset({Condition.LIVE, Condition.PARTIAL, Condition.STARTING})
"""Conditions of a scope of which there is something to add to."""
