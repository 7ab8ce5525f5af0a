"""Say what changed in one scope: all at first, then only what differs."""

from collections.abc import Sequence

from opsboard.adapter import Change, Condition, Fresh, Health, Remove, Report, Upsert, listing
from opsboard.records import AnyRecord, Ref


class Scope:
    """A scope as the board was told of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._told: dict[Ref, AnyRecord] | None = None
        self._well = True
        self.is_new = True

    def forget(self) -> None:
        """Tell everything again: the listener is a new one."""
        self._told, self.is_new = None, False

    def holds(self, records: Sequence[AnyRecord]) -> list[Change]:
        """Return the changes that say: the scope holds exactly *records*, and is well."""
        now = {record.ref: record for record in records}
        before, self._told = self._told, now
        changes: list[Change] = [*self._recovered()]
        if before is None:
            return [*changes, *listing(self.name, records)]
        changed = [record for ref, record in now.items() if before.get(ref) != record]
        gone = [ref for ref in before if ref not in now]
        if changed:
            changes.append(Upsert(self.name, changed))
        if gone:
            changes.append(Remove(self.name, gone))
        return [*changes, Fresh(self.name)]

    def refined(self, records: Sequence[AnyRecord]) -> list[Change]:
        """Return what another part of the source has added to records told of before."""
        told = self._told
        if told is None or not self._well:
            return []
        changed = [one for one in records if one.ref in told and told[one.ref] != one]
        told.update({one.ref: one for one in changed})
        return [Upsert(self.name, changed)] if changed else []

    def ails(self, health: Health) -> Report:
        """Return the change that says what is wrong with the scope."""
        self._well = False
        return Report(health, self.name)

    def _recovered(self) -> list[Change]:
        if self._well:
            return []
        self._well = True
        return [Report(Health(condition=Condition.LIVE), self.name)]
