"""What a change does to the records of a source: the one definition that all readers share.

The board, the inbox that merges what waits for the screen, the writer of the cache and the tests
apply changes with :func:`apply`, and merge them with :class:`ChangeBatch`.

A *scope* is a part of a source that is listed as a whole. Each record is in exactly one scope:
the one that upserted it last.

==================  ==============================================================================
``Upsert``          The records are in the scope from now on; those of another scope move here.
``Remove``          The refs that are in the scope are gone; a ref that is elsewhere stays there.
``Complete``        What is in the scope, and is not among the refs, is gone. The scope is listed.
``ScopeRemoved``    What is in the scope is gone, and so is the scope with all that is known of it.
``Past``            Is for the history alone: nothing that shows the present takes it in.
all others          Say how a scope or the source is doing, and change no record.
==================  ==============================================================================

Until its first ``Complete``, a scope is a *partial list*: what is missing may come with the next
page. So it has no age, is not written to the cache, and nothing is concluded from what it lacks.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias

from opsboard.adapter import (
    BudgetUpdate,
    Change,
    Complete,
    Condition,
    Due,
    Fresh,
    Past,
    Remove,
    Report,
    ScopeRemoved,
    Skipped,
    Upsert,
)
from opsboard.records import Kind, Record, Ref

CONFIRMING: Final = (Upsert, Remove, Complete, Fresh)
"""Changes by which a source says that it has just looked at the scope."""

# --- applying one change -------------------------------------------------------------------------


class ScopeContent:
    """The refs in one scope, how many of each kind, and whether it was *listed* to its end."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.refs: set[Ref] = set()
        self.kinds: dict[Kind, int] = {}
        self.listed = False

    def add(self, ref: Ref) -> None:
        """Add *ref*, which is not in the scope."""
        self.refs.add(ref)
        self.kinds[ref.kind] = self.kinds.get(ref.kind, 0) + 1

    def discard(self, ref: Ref) -> None:
        """Take out *ref*, which is in the scope."""
        self.refs.remove(ref)
        self.kinds[ref.kind] -= 1
        if not self.kinds[ref.kind]:
            del self.kinds[ref.kind]


class SourceContent:
    """Which refs a source has, by scope. Changed by :func:`apply` alone."""

    def __init__(self) -> None:
        self.scopes: dict[str, ScopeContent] = {}
        self.scope_of: dict[Ref, ScopeContent] = {}

    def scope(self, name: str) -> ScopeContent:
        """Return the scope called *name*; a new, empty one if it is unknown."""
        scope = self.scopes.get(name)
        if scope is None:
            scope = self.scopes[name] = ScopeContent(name)
        return scope

    def discard(self, scope: ScopeContent, refs: Collection[Ref]) -> Collection[Ref]:
        """Take *refs*, which are in *scope*, out of it and of the source; return them."""
        for ref in refs:
            scope.discard(ref)
            del self.scope_of[ref]
        return refs


class ContentDelta(NamedTuple):
    """What a change did: records that were *put* into its scope, refs that are gone.

    *moved* are those of *put* that were in another scope, with the name of that scope.
    """

    put: Mapping[Ref, Record] = {}
    removed: Collection[Ref] = ()
    moved: Collection[tuple[Ref, str]] = ()


_NO_EFFECT: Final = ContentDelta()


def apply(change: Change, content: SourceContent) -> ContentDelta:
    """Change *content* as *change* says; return what is different."""
    step = _STEPS.get(type(change))
    return step(change, content) if step else _NO_EFFECT


def _upsert(change: Upsert, content: SourceContent) -> ContentDelta:
    scope, scope_of = content.scope(change.scope), content.scope_of
    put = {record.ref: record for record in change.records}
    moved: list[tuple[Ref, str]] = []
    for ref in put:
        before = scope_of.get(ref)
        if before is scope:
            continue
        if before is not None:
            before.discard(ref)
            moved.append((ref, before.name))
        scope.add(ref)
        scope_of[ref] = scope
    return ContentDelta(put, (), moved)


def _remove(change: Remove, content: SourceContent) -> ContentDelta:
    scope = content.scopes.get(change.scope)
    if scope is None:
        return _NO_EFFECT
    return ContentDelta(removed=content.discard(scope, scope.refs.intersection(change.refs)))


def _complete(change: Complete, content: SourceContent) -> ContentDelta:
    scope = content.scope(change.scope)
    scope.listed = True
    return ContentDelta(removed=content.discard(scope, scope.refs - change.refs))


def _scope_removed(change: ScopeRemoved, content: SourceContent) -> ContentDelta:
    scope = content.scopes.pop(change.scope, None)
    return (
        _NO_EFFECT if scope is None else ContentDelta(removed=content.discard(scope, {*scope.refs}))
    )


_STEPS: Final[Mapping[type, Callable[[Any, SourceContent], ContentDelta]]] = {
    Upsert: _upsert,
    Remove: _remove,
    Complete: _complete,
    ScopeRemoved: _scope_removed,
}

# --- merging many --------------------------------------------------------------------------------

_Status: TypeAlias = Fresh | Due | Report | Skipped
Timed: TypeAlias = tuple[Change, datetime]
"""A change, and when it came."""


class _Statuses:
    """The last status of each kind, in the order in which they came.

    The last bad report is kept beside the last good one: it ends streams, which the good one
    does not begin again.
    """

    def __init__(self) -> None:
        self._last: dict[object, tuple[_Status, datetime]] = {}

    def add(self, status: _Status, at: datetime) -> None:
        key = (type(status), isinstance(status, Report) and _is_live(status))
        self._last.pop(key, None)
        self._last[key] = (status, at)

    def move_to(self, other: "_Statuses") -> None:
        for status, at in self._last.values():
            other.add(status, at)
        self._last.clear()

    def end_streams(self) -> None:
        for key, (status, at) in self._last.items():
            if isinstance(status, Fresh):
                self._last[key] = (Fresh(status.scope, streaming=False), at)

    def __iter__(self) -> Iterator[Timed]:
        return iter(self._last.values())


class _ScopeBatch:
    """What a batch says of one scope, played back in the order of the attributes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.moved_in: dict[Ref, Record] = {}
        """Records of other scopes that moved here before the scope was removed with them."""
        self.removed_at: datetime | None = None
        self.before = _Statuses()
        self.upserts: dict[Ref, Record] = {}
        self.removes: set[Ref] = set()
        self.listed: set[Ref] | None = None
        self.after = _Statuses()
        self.at: datetime | None = None
        """When the last change of a record came."""
        self._upserted = False

    def change_records(self, at: datetime, *, upserted: bool = False) -> None:
        """Note that records change at *at*, by which a listed scope is confirmed, too."""
        self.at = at
        self.after.move_to(self.before)
        self._upserted = self._upserted or upserted

    def forget(self, ref: Ref) -> None:
        """Forget *ref*: it is put into another scope, wherever it was."""
        for records in (self.moved_in, self.upserts):
            records.pop(ref, None)

    def changes(self) -> Iterator[Timed]:
        if self.removed_at is not None:
            if self.moved_in:
                yield Upsert(self.name, tuple(self.moved_in.values())), self.removed_at
            yield ScopeRemoved(self.name), self.removed_at
        yield from self.before
        if self.at is not None:
            if self._upserted:
                yield Upsert(self.name, tuple(self.upserts.values())), self.at
            if self.removes or not (self._upserted or self.listed is not None):
                yield Remove(self.name, tuple(self.removes)), self.at
            if self.listed is not None:
                yield Complete(self.name, frozenset(self.listed)), self.at
        yield from self.after


class ChangeBatch:
    """Changes of one source, merged as they come: equal in effect to all of them one by one.

    Of a record it holds only the newest form, of a status only the last. *known* is what the
    reader of the batch has: a record that came and went in between leaves no trace unless the
    reader has it from before.
    """

    def __init__(self, known: SourceContent) -> None:
        self._known = known
        self._scopes: dict[str, _ScopeBatch] = {}
        self._scope_of: dict[Ref, _ScopeBatch] = {}
        self._reports_before, self._reports_after = _Statuses(), _Statuses()
        self._budgets: dict[str, tuple[BudgetUpdate, datetime]] = {}

    def add(self, change: Change, at: datetime) -> None:
        """Take in *change*, which came at *at*, after all others."""
        if isinstance(change, BudgetUpdate):
            self._budgets[change.budget.name] = (change, at)
        elif isinstance(change, Report) and change.scope is None:
            self._report(change, at)
        elif isinstance(change, ScopeRemoved):
            self._remove_scope(change, at)
        elif not isinstance(change, Past):
            self._add_to(self._scope(change.scope or ""), change, at)

    def changes(self) -> Iterator[Timed]:
        """Yield the changes that the batch comes to, each with its time."""
        yield from self._reports_before
        for scope in self._scopes.values():
            yield from scope.changes()
        yield from self._reports_after
        yield from self._budgets.values()

    def _scope(self, name: str) -> _ScopeBatch:
        scope = self._scopes.get(name)
        if scope is None:
            scope = self._scopes[name] = _ScopeBatch(name)
        return scope

    def _add_to(self, scope: _ScopeBatch, change: Change, at: datetime) -> None:
        if isinstance(change, Upsert):
            self._upsert(change, scope, at)
        elif isinstance(change, Remove):
            scope.change_records(at)
            self._remove(change, scope)
        elif isinstance(change, Complete):
            scope.change_records(at)
            self._complete(change, scope)
        elif isinstance(change, Fresh | Due | Report | Skipped):
            scope.after.add(change, at)
        if isinstance(change, Complete | Fresh):  # by which the source is live again
            self._reports_after.move_to(self._reports_before)

    def _report(self, report: Report, at: datetime) -> None:
        self._reports_after.add(report, at)
        if not _is_live(report):
            for scope in self._scopes.values():
                scope.before.end_streams()
                scope.after.end_streams()

    def _upsert(self, change: Upsert, scope: _ScopeBatch, at: datetime) -> None:
        scope.change_records(at, upserted=True)
        for record in change.records:
            ref = record.ref
            before = self._scope_of.get(ref)
            if before is not None:
                before.forget(ref)
            self._scope_of[ref] = scope
            scope.upserts[ref] = record
            scope.removes.discard(ref)
            if scope.listed is not None:
                scope.listed.add(ref)

    def _remove(self, change: Remove, scope: _ScopeBatch) -> None:
        for ref in change.refs:
            if scope.listed is not None:
                scope.listed.discard(ref)
            if self._scope_of.get(ref) is scope:
                self._take_out(ref, scope)
            elif ref not in self._scope_of and self._is_known_in(ref, scope):
                scope.removes.add(ref)

    def _complete(self, change: Complete, scope: _ScopeBatch) -> None:
        scope.listed = set(change.refs) if scope.listed is None else scope.listed & change.refs
        for ref in scope.upserts.keys() - scope.listed:
            self._take_out(ref, scope)

    def _take_out(self, ref: Ref, scope: _ScopeBatch) -> None:
        """Let *ref*, which the batch puts into *scope*, be gone.

        Where the reader has it in another scope, it has to move here before it goes.
        """
        known = self._known.scope_of.get(ref)
        if known is not None:
            scope.removes.add(ref)
        if known is None or known.name == scope.name:
            scope.upserts.pop(ref, None)
            self._scope_of.pop(ref, None)

    def _remove_scope(self, change: ScopeRemoved, at: datetime) -> None:
        before = self._scopes.pop(change.scope, None)
        scope = self._scopes[change.scope] = _ScopeBatch(change.scope)  # at the end: it is new
        scope.removed_at = at
        for ref, record in ({**before.moved_in, **before.upserts} if before else {}).items():
            known = self._known.scope_of.get(ref)
            if known is None or known.name == change.scope:
                self._scope_of.pop(ref, None)
            else:
                scope.moved_in[ref] = record
                self._scope_of[ref] = scope

    def _is_known_in(self, ref: Ref, scope: _ScopeBatch) -> bool:
        known = self._known.scope_of.get(ref)
        return known is not None and known.name == scope.name and scope.removed_at is None


def _is_live(report: Report) -> bool:
    return report.health.condition is Condition.LIVE
