"""The board as it was: filled from the ledger, read-only, with the same alerts by the same rules.

An alert is acknowledged or snoozed as the ledger has it; before its first row, that is not known.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Final, Protocol

from opsboard.adapter import Complete, Condition, Fresh, Health, Report, Upsert
from opsboard.board.alert_acks import AckChange
from opsboard.board.delta import DeltaBuilder
from opsboard.board.events import BoardEvent
from opsboard.board.failures import FailureHistory
from opsboard.board.state import Board
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.alert_states import RecordedAcks, open_raised_alerts
from opsboard.history.model import Gap, GapReason, Transition
from opsboard.history.state import EntityState, HistoricalState
from opsboard.history.timeline import reason_text
from opsboard.lineage.declared_services import NOTHING_DECLARED, Declarations
from opsboard.records import Kind, Record, Ref
from opsboard.system.local_zone import LOCAL_ZONE


class HistoryReader(Protocol):
    """What is asked of :class:`opsboard.history.reader.LedgerReader` here."""

    def at(
        self,
        time: datetime,
        *,
        as_seen: bool = False,
        kinds: Collection[Kind] | None = None,
        like: HistoricalState | None = None,
    ) -> HistoricalState: ...

    def acks(self, until: datetime, since: datetime | None = None) -> list[AckChange]: ...

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


class Stage(Enum):
    """How much of the board at a time is made."""

    KINDS = 1
    """The records of some kinds: the pane in focus."""
    RECORDS = 2
    """All records and alerts: all panes but Services."""
    JOINED = 3
    """All of it."""


_MISSING: Final = {Stage.KINDS: "the rest is being read", Stage.RECORDS: "it is being joined"}
"""What the sources say of a board that is not whole yet."""


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
    are missing; where it is not *joined*, it has no services.

    *state* is what it was made of, for another one of a time that is near.
    """

    board: Board
    time: datetime
    as_seen: bool
    gaps: tuple[Gap, ...]
    uncertain: tuple[UncertainRecord, ...]
    kinds: frozenset[Kind] | None = None
    joined: bool = True
    state: HistoricalState | None = None


MOST_FOLLOWED: Final = 200
"""Records that differ from those of a time before, up to which a screen joins them by itself."""


def load_board(
    reader: HistoryReader,
    time: datetime,
    sources: Mapping[str, str],
    *,
    as_seen: bool = False,
    stage: Stage = Stage.JOINED,
    kinds: Collection[Kind] = (),
    declared: Callable[[], Declarations] = lambda: NOTHING_DECLARED,
    like: HistoricalBoard | None = None,
) -> HistoricalBoard:
    """Return the board at *time*. *sources* are the names of the present ones, with their titles.

    Reading thousands of pods, and joining everything, takes longer than a key may: so a screen
    first asks for the *kinds* of the pane in focus, then for all records, and then for all with
    what joins them: see :class:`Stage`.

    With the board of another time, *like*, what it has in common with this one is not read again.
    Where that is joined, and little differs, this one is not joined: it is to be shown by
    :meth:`~opsboard.board.state.Board.follow`.
    """
    of_kinds = kinds if stage is Stage.KINDS else None
    before = like.state if like is not None else None
    state = reader.at(time, as_seen=as_seen, kinds=of_kinds, like=before)
    scopes = {(gap.source, gap.scope) for gap in reader.gaps(until=time)}
    acks = RecordedAcks(reader.acks(time))
    few = state.altered is not None and state.altered <= MOST_FOLLOWED
    joined = stage is Stage.JOINED and not (few and like is not None and like.joined)
    missing = _MISSING.get(stage, "")
    found = historical_board(
        state, sources, scopes, acks=acks, joined=joined, missing=missing, declared=declared
    )
    open_raised_alerts(found.board, acks, reader, time)
    return found if of_kinds is None else replace(found, kinds=frozenset(of_kinds))


def historical_board(
    state: HistoricalState,
    sources: Mapping[str, str],
    scopes: Collection[tuple[str, str]],
    *,
    acks: RecordedAcks | None = None,
    joined: bool = True,
    missing: str = "",
    declared: Callable[[], Declarations] = lambda: NOTHING_DECLARED,
) -> HistoricalBoard:
    """Return the board of *state*; *scopes* are the sources and scopes that were known by then.

    Where something is *missing*, all sources say so. Without *acks*, it is not known which alerts
    were acknowledged.
    """
    board = Board(
        sources,
        acks=acks or RecordedAcks(()),
        failures=_NoFailures(),
        declared=declared,
        joined=joined,
    )
    board.apply(_events(state, sources, scopes))
    if missing:
        reading = Report(Health(condition=Condition.STARTING, message=missing))
        board.apply(BoardEvent(source, reading, state.time) for source in sources)
    board.tick(state.time)
    return HistoricalBoard(
        board,
        state.time,
        state.as_seen,
        state.gaps,
        tuple(_uncertain(state.entities)),
        joined=joined,
        state=state,
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
    stretch = f"from {since} to {until}"
    if until is None:
        stretch = f"from {since} on" if since else "at all"
    if gap.since is None and until:
        message = f"recorded since {until}: what was before is not known"
    else:
        why = reason_text(gap.reason, gap.note)
        shown = "shown as last known" if gap.since else "what was before is not known"
        message = f"not watched {stretch} ({why}): {shown}"
    return Health(condition=_CONDITIONS.get(gap.reason, Condition.STALE), message=message)


def _ends(gap: Gap) -> tuple[datetime | None, datetime | None]:
    return gap.since, gap.until


def _uncertain(entities: Iterable[EntityState]) -> Iterator[UncertainRecord]:
    for entity in entities:
        if entity.change is not None:
            yield UncertainRecord(entity.ref, entity.record, entity.next_record, *entity.change)
