"""The board as it was: filled from the ledger, read-only, with the same alerts by the same rules.

What was acknowledged is no part of the ledger: every alert of an earlier board reads as open.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from opsboard.adapter import Complete, Condition, Fresh, Health, Report, Upsert
from opsboard.board.delta import DeltaBuilder
from opsboard.board.events import BoardEvent
from opsboard.board.failures import FailureHistory
from opsboard.board.state import Board
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.model import EntityState, Gap, GapReason, HistoricalState, Transition
from opsboard.history.timeline import reason_text
from opsboard.records import Kind, Record, Ref
from opsboard.system.local_zone import LOCAL_ZONE


class HistoryReader(Protocol):
    """What is asked of :class:`opsboard.history.reader.LedgerReader` here."""

    def at(
        self, time: datetime, *, as_seen: bool = False, kinds: Collection[Kind] | None = None
    ) -> HistoricalState: ...

    def gaps(self, since: datetime | None = None, until: datetime | None = None) -> list[Gap]: ...

    def transitions(
        self,
        since: datetime,
        until: datetime,
        *,
        refs: Collection[Ref] | None = None,
        kinds: Collection[Kind] | None = None,
        baselines: bool = False,
        newest_first: bool = False,
        limit: int = 10_000,
    ) -> list[Transition]: ...


@frozen_unchecked
class UncertainRecord(Frozen):
    """*ref* was *before* at the look before the time, and *after* at the next one.

    ``None``: it was not there. When it changed between *earliest* and *latest*, nobody knows.
    """

    ref: Ref
    before: Record | None
    after: Record | None
    earliest: datetime
    latest: datetime


@frozen_unchecked
class HistoricalBoard(Frozen):
    """The *board* at *time*; *as_seen*: as a board showed it then, rather than as things were.

    It shows the last known state of what nobody watched; *gaps* are those stretches. Of an
    *uncertain* record it shows the state before. Where it is of some *kinds* only, alerts of others
    are missing.
    """

    board: Board
    time: datetime
    as_seen: bool
    gaps: tuple[Gap, ...]
    uncertain: tuple[UncertainRecord, ...]
    kinds: frozenset[Kind] | None = None


def load_board(
    reader: HistoryReader,
    time: datetime,
    sources: Mapping[str, str],
    *,
    as_seen: bool = False,
    kinds: Collection[Kind] | None = None,
) -> HistoricalBoard:
    """Return the board at *time*. *sources* are the names of the present ones, with their titles.

    Reading thousands of pods, and joining everything, takes longer than a key may: so a screen
    first asks for the *kinds* of the pane in focus, and then for all. The board of some kinds has
    neither joins nor services, and its sources are still starting.
    """
    state = reader.at(time, as_seen=as_seen, kinds=kinds)
    scopes = {(gap.source, gap.scope) for gap in reader.gaps(until=time)}
    found = historical_board(state, sources, scopes, partial=kinds is not None)
    return found if kinds is None else replace(found, kinds=frozenset(kinds))


def historical_board(
    state: HistoricalState,
    sources: Mapping[str, str],
    scopes: Collection[tuple[str, str]],
    *,
    partial: bool = False,
) -> HistoricalBoard:
    """Return the board of *state*; *scopes* are the sources and scopes that were known by then.

    Nothing is joined on a *partial* one: it is on show until the other one is made.
    """
    board = Board(sources, failures=_NoFailures(), joined=not partial)
    board.apply(_events(state, sources, scopes))
    if partial:
        reading = Report(Health(condition=Condition.STARTING, message="the rest is being read"))
        board.apply(BoardEvent(source, reading, state.time) for source in sources)
    board.tick(state.time)
    return HistoricalBoard(
        board, state.time, state.as_seen, state.gaps, tuple(_uncertain(state.entities))
    )


class _NoFailures(FailureHistory):
    """Remembers nothing: nothing is planned on a board of the past."""

    def update(
        self, builder: DeltaBuilder, tables: Mapping[Kind, Mapping[Ref, Record]], at: datetime
    ) -> None:
        """Do nothing."""


def _events(
    state: HistoricalState, sources: Mapping[str, str], scopes: Collection[tuple[str, str]]
) -> Iterator[BoardEvent]:
    records: dict[tuple[str, str], list[Record]] = {place: [] for place in sorted(scopes)}
    for entity in state.entities:
        place = (entity.ref.source, entity.scope)
        kept = records.setdefault(place, [])
        if (record := entity.record) is not None:
            kept.append(record)
    gaps = {(gap.source, gap.scope): gap for gap in state.gaps}
    for (source, scope), found in records.items():
        gap = gaps.get((source, scope))
        yield from _scope_events(source, scope, found, gap, state.time)
    told = {source for source, _ in records}
    for source in sources:
        if source not in told:
            yield BoardEvent(source, Report(_NO_HISTORY), state.time)


_NO_HISTORY: Final = Health(
    condition=Condition.STALE,
    message="nothing is recorded of it for this login by then",
    hint="`opsboard watch --record` records without a screen",
)


def _scope_events(
    source: str, scope: str, records: Sequence[Record], gap: Gap | None, time: datetime
) -> Iterator[BoardEvent]:
    last_look = time if gap is None or gap.since is None else gap.since
    yield BoardEvent(source, Report(Health(condition=Condition.LIVE)), time)
    if gap is None or gap.since is not None:
        yield BoardEvent(source, Upsert(scope, records), last_look)
        refs = frozenset(record.ref for record in records)
        yield BoardEvent(source, Complete(scope, refs), last_look)
    if gap is None:
        yield BoardEvent(source, Fresh(scope, streaming=True), time)
    else:
        yield BoardEvent(source, Report(_gap_health(gap), scope), time)


_CONDITIONS: Final[Mapping[GapReason, Condition]] = {
    GapReason.SOURCE_DOWN: Condition.UNREACHABLE,
    GapReason.RIGHT_LOST: Condition.FORBIDDEN,
}


def _gap_health(gap: Gap) -> Health:
    since, until = (at and f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}" for at in _ends(gap))
    stretch = f"from {since} to {until}" if since and until else f"before {until}"
    if until is None:
        stretch = f"from {since} on" if since else "at all"
    shown = "shown as last known" if gap.since else "what was before is not known"
    return Health(
        condition=_CONDITIONS.get(gap.reason, Condition.STALE),
        message=f"not watched {stretch} ({reason_text(gap.reason, gap.note)}): {shown}",
    )


def _ends(gap: Gap) -> tuple[datetime | None, datetime | None]:
    return gap.since, gap.until


def _uncertain(entities: Iterable[EntityState]) -> Iterator[UncertainRecord]:
    for entity in entities:
        if entity.change is not None:
            yield UncertainRecord(entity.ref, entity.record, entity.next_record, *entity.change)


# --- stepping ------------------------------------------------------------------------------------

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT: Final = timedelta(microseconds=1)


def change_before(
    reader: HistoryReader,
    time: datetime,
    *,
    kinds: Collection[Kind] | None = None,
    refs: Collection[Ref] | None = None,
) -> datetime | None:
    """Return when what is shown changed last before *time*; ``None`` where it never did."""
    found = reader.transitions(
        _BEGINNING, time - _MOMENT, kinds=kinds, refs=refs, newest_first=True, limit=1
    )
    return found[0].at if found else None


def change_after(
    reader: HistoryReader,
    time: datetime,
    now: datetime,
    *,
    kinds: Collection[Kind] | None = None,
    refs: Collection[Ref] | None = None,
) -> datetime | None:
    """Return when what is shown changed first after *time*; ``None`` where it has not by *now*."""
    found = reader.transitions(time, now, kinds=kinds, refs=refs, limit=1)
    return found[0].at if found else None
