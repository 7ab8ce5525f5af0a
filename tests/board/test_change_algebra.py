"""Board, inbox and cache agree on what changes do, whatever comes and whenever they look.

The oracle here is written apart from :mod:`opsboard.board.change_algebra`, as plainly as can be.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.adapter import (
    Budget,
    BudgetUpdate,
    Change,
    Complete,
    Condition,
    Due,
    Fresh,
    Health,
    Past,
    PastRecord,
    Remove,
    Report,
    ScopeRemoved,
    Skipped,
    Upsert,
)
from opsboard.board.cache import BoardCache, CachedScope
from opsboard.board.change_algebra import CONFIRMING, ChangeBatch, SourceContent, apply
from opsboard.board.events import BoardEvent, RestoredScope, SourceInfo
from opsboard.board.state import Board
from opsboard.collect.cache_writer import CacheWriter
from opsboard.collect.inbox import Inbox
from opsboard.records import Build, Kind, Pod, Record, Ref, Status
from tests.board import NOW, build

INFO = SourceInfo("CI", "key")
SCOPES = ("a", "b")
SHOWN = (Kind.BUILD, Kind.POD)


class Oracle:
    """The rules of :mod:`opsboard.adapter.changes`, without a thought for speed."""

    def __init__(self) -> None:
        self.held: dict[Ref, tuple[str, Record]] = {}
        self.listed: set[str] = set()

    def take(self, change: Change) -> None:
        if isinstance(change, Upsert):
            self.held |= {record.ref: (change.scope, record) for record in change.records}
        elif isinstance(change, Remove):
            self._drop(change.scope, lambda ref: ref in change.refs)
        elif isinstance(change, Complete):
            self._drop(change.scope, lambda ref: ref not in change.refs)
            self.listed.add(change.scope)
        elif isinstance(change, ScopeRemoved):
            self._drop(change.scope, lambda ref: True)
            self.listed.discard(change.scope)

    def _drop(self, scope: str, goes: object) -> None:
        assert callable(goes)
        self.held = {
            ref: (home, record)
            for ref, (home, record) in self.held.items()
            if not (home == scope and goes(ref))
        }

    @property
    def records(self) -> dict[Ref, Record]:
        return {ref: record for ref, (_, record) in self.held.items()}

    @property
    def cacheable(self) -> dict[Ref, Record]:
        """What of it is to be in the cache: whole lists, and no short-lived kinds."""
        return {
            ref: record
            for ref, (scope, record) in self.held.items()
            if scope in self.listed and ref.kind is Kind.BUILD
        }


def _pod(number: int) -> Pod:
    return Pod(source="ci", id=str(number), name="web", cluster="c", namespace="n")


def _past(record: Record) -> PastRecord:
    return PastRecord(record.ref, NOW, record)


_builds = st.builds(build, st.integers(1, 3), st.sampled_from([Status.OK, Status.FAILED]))
_records = st.lists(_builds | st.builds(_pod, st.integers(1, 2)), max_size=4)
_scopes = st.sampled_from(SCOPES)
_health = st.sampled_from([Condition.LIVE, Condition.UNREACHABLE, Condition.STARTING]).map(
    lambda condition: Health(condition=condition)
)
_refs = _records.map(lambda records: tuple(record.ref for record in records))

_budgets = st.builds(Budget, name=_scopes, remaining=st.integers(0, 3), limit=st.just(9))

_changes: st.SearchStrategy[Change] = st.one_of(
    st.builds(Upsert, _scopes, _records),
    st.builds(Remove, _scopes, _refs),
    st.builds(Complete, _scopes, _refs.map(frozenset)),
    st.builds(ScopeRemoved, _scopes),
    st.builds(Fresh, _scopes, st.booleans()),
    st.builds(Due, _scopes, st.sampled_from([15.0, 60.0])),
    st.builds(Report, _health, _scopes | st.none()),
    st.builds(Skipped, scope=_scopes, count=st.integers(0, 1), total=st.just(3)),
    st.builds(BudgetUpdate, _budgets),
    st.builds(Past, _scopes, _records.map(lambda records: [_past(one) for one in records])),
)
_batches = st.lists(st.lists(_changes, min_size=2, max_size=10), min_size=2, max_size=5)
_restored = st.dictionaries(_scopes, _records, max_size=2)


def _timed(batches: Sequence[Sequence[Change]]) -> list[list[BoardEvent]]:
    """Return the changes as events, one a second."""
    seconds = iter(range(1_000))
    return [
        [BoardEvent("ci", change, NOW + timedelta(seconds=next(seconds))) for change in batch]
        for batch in batches
    ]


def _same(one: Board, other: Board) -> None:
    for kind in SHOWN:
        assert one.records(kind) == other.records(kind)
        for ref in one.records(kind):
            assert one.from_cache(ref) == other.from_cache(ref)
    first, second = one.source("ci"), other.source("ci")
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        assert first.scopes == second.scopes
        assert (first.own_health, first.budgets) == (second.own_health, second.budgets)


@settings(max_examples=300, deadline=None)
@given(_restored, _batches)
def test_merged_changes_do_what_they_do_one_by_one(
    restored: dict[str, list[Build | Pod]], batches: list[list[Change]]
) -> None:
    inbox, merged, plain, oracle = Inbox(), Board(), Board(), Oracle()
    cached = [
        BoardEvent("ci", RestoredScope(scope, records, INFO), NOW)
        for scope, records in restored.items()
    ]
    merged.apply(cached)
    plain.apply(cached)
    for scope, records in restored.items():
        oracle.take(Upsert(scope, records))
    inbox.note_restored(cached)
    for batch in _timed(batches):
        for event in batch:
            inbox.put(event)
            plain.apply([event])
            oracle.take(event.change)  # type: ignore[arg-type]
        merged.apply(inbox.drain())
        _same(merged, plain)
        shown = {ref: record for kind in SHOWN for ref, record in plain.records(kind).items()}
        assert shown == oracle.records


@settings(max_examples=150, deadline=None)
@given(_restored, _batches)
def test_the_cache_restores_what_was_listed(
    earlier: dict[str, list[Build | Pod]], batches: list[list[Change]]
) -> None:
    with TemporaryDirectory() as folder:
        cache, oracle = BoardCache(Path(folder)), Oracle()
        cache.save(
            CachedScope("key", scope, Kind.BUILD, NOW, [r for r in records if r.kind is Kind.BUILD])
            for scope, records in earlier.items()
        )
        writer = CacheWriter(lambda: cache, "here")
        writer.set_sources({"ci": INFO}, NOW)
        seen: set[str] = set()
        for batch in _timed(batches):
            for event in batch:
                writer.record(event)
                oracle.take(event.change)  # type: ignore[arg-type]
                if isinstance(event.change, Complete | ScopeRemoved):
                    seen.add(event.change.scope)
            writer._store(cache, confirm=True)
        found: dict[Ref, Record] = {}
        for event in cache.restore("here", {"key"}):
            assert isinstance(event.change, RestoredScope)
            if event.change.scope in seen:
                found |= {record.ref: record for record in event.change.records}
        cache.close()
    assert found == oracle.cacheable


@settings(max_examples=150, deadline=None)
@given(_restored, st.lists(_changes, max_size=12), st.lists(_changes, max_size=12))
def test_a_batch_of_batches_is_one_batch(
    known: dict[str, list[Build | Pod]], first: list[Change], second: list[Change]
) -> None:
    """Composition is associative: what was merged may be merged again."""

    def reader() -> SourceContent:
        content = SourceContent()
        for scope, records in known.items():
            apply(Upsert(scope, records), content)
        return content

    def merged(changes: Sequence[Change]) -> list[Change]:
        batch = ChangeBatch(reader())
        for change in changes:
            batch.add(change, NOW)
        return [change for change, _ in batch.changes()]

    def content(changes: Sequence[Change]) -> dict[str, tuple[frozenset[Ref], bool]]:
        held = reader()
        for change in changes:
            apply(change, held)
        return {
            name: (frozenset(scope.refs), scope.listed)
            for name, scope in held.scopes.items()
            if scope.refs or scope.listed
        }

    one_by_one = content([*first, *second])
    assert content(merged([*first, *second])) == one_by_one
    assert content(merged([*merged(first), *second])) == one_by_one


@given(st.lists(_changes, max_size=12))
def test_a_batch_is_no_longer_than_what_it_came_from(changes: list[Change]) -> None:
    batch = ChangeBatch(SourceContent())
    for change in changes:
        batch.add(change, NOW)
    merged = [change for change, _ in batch.changes()]
    assert len(merged) <= len(changes) + len(SCOPES)
    records = [
        record.ref for change in merged if isinstance(change, Upsert) for record in change.records
    ]
    assert len(records) == len(set(records)), "a record waits in its newest form only"


@pytest.mark.parametrize("scope", ["a", None])
def test_a_report_that_is_soon_taken_back_ends_a_stream_all_the_same(scope: str | None) -> None:
    inbox, board = Inbox(), Board()
    bad, good = (Health(condition=it) for it in (Condition.UNREACHABLE, Condition.LIVE))
    inbox.put(BoardEvent("ci", Fresh("a", streaming=True), NOW))
    board.apply(inbox.drain())
    for health in (bad, good):
        inbox.put(BoardEvent("ci", Report(health, scope), NOW))
    board.apply(inbox.drain())
    state = board.source("ci")
    assert state is not None
    assert not state.streaming


def test_every_change_that_names_records_confirms_its_scope() -> None:
    assert set(CONFIRMING) == {Upsert, Remove, Complete, Fresh}
