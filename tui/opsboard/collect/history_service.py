"""The history as the screens ask for it: never read in the thread that paints.

SQLite and all that reads the ledger is imported when it is first asked for, which is after the
first frame. Each question opens the file for itself, and closes it: what a thread has open, no
other one uses.
"""

from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

from opsboard.adapter import Clock, NotFound, Unsupported
from opsboard.board.state import Board
from opsboard.history.port import TimelineData
from opsboard.records import Activity, Alert, Kind, Record, Ref, Status
from opsboard.system.local_zone import LOCAL_ZONE

if TYPE_CHECKING:
    from opsboard.collect.ledger_questions import Question, RecordedLogins
    from opsboard.delivery.read_delivery import DeliveryHistory
    from opsboard.history.before_red import BeforeRed
    from opsboard.history.historical_board import HistoricalBoard, Stage
    from opsboard.history.reader import LedgerReader
    from opsboard.history.roll_outs import RollOut
    from opsboard.history.served import ServedStretch
    from opsboard.views.restart_lines import CountReading

T = TypeVar("T")

ROLL_OUTS_WITHIN: Final = timedelta(days=365)
"""How far back roll-outs of a workload are looked for."""

MOST_EVENTS: Final = 2_000
"""Events that are read at once: more than a screen shows, since a filter comes after."""
_RED: Final = frozenset({Status.FAILED, Status.WARNING})


class HistoryService:
    """Answers :class:`~opsboard.history.port.HistoryPort` from the ledger in the folder *state*.

    Only what was recorded under the present logins of the sources on *board* is read. What is asked
    of the board is read before a thread starts: the board belongs to the thread that paints.
    """

    def __init__(
        self,
        board: Board,
        state: Path,
        clock: Clock,
        keys: Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        self._board, self._state, self._clock = board, state, clock
        self._keys = keys or board.login_keys

    def of(self, board: Board, clock: Clock) -> "HistoryService":
        """Return the same history, asked from *board*, which is of the time that *clock* shows."""
        return HistoryService(board, self._state, clock, self._keys)

    # --- questions -------------------------------------------------------------------------------

    async def timeline(self, ref: Ref | None, since: datetime, until: datetime) -> TimelineData:
        """Return what happened to *ref* and what it is joined to, or to everything."""
        activities = self._activities()
        refs = None if ref is None else frozenset(self._joined(ref))

        def read(reader: "LedgerReader") -> TimelineData:
            from opsboard.history.read_timeline import (  # noqa: PLC0415 - see above
                TimelineQuery,
                timeline_rows,
            )
            from opsboard.history.timeline import TimelineEvent, TimelineGap  # noqa: PLC0415

            query = TimelineQuery(since, until, refs, everything=True, limit=MOST_EVENTS)
            rows = timeline_rows(reader, query, activities)
            events = tuple(row for row in rows if isinstance(row, TimelineEvent))
            gaps = tuple(row for row in rows if isinstance(row, TimelineGap))
            return TimelineData(events, gaps, len(events) >= MOST_EVENTS)

        return await self._read(read)

    async def before_red(self, ref: Ref) -> "BeforeRed":
        """Return what changed before *ref*, an alert or a record, went red."""
        subject, red_at = self._subject(ref)
        activities, now = self._activities(), self._clock.now()
        asked = self._board.get(ref)
        act = asked if isinstance(asked, Activity) else None

        def read(reader: "LedgerReader") -> "BeforeRed":
            from opsboard.history.read_before_red import read_before_red  # noqa: PLC0415

            at = red_at or _went_red_at(reader, subject, now)
            return read_before_red(reader, subject, at, activities, act)

        return await self._read(read)

    async def counts(
        self, refs: Collection[Ref], field: str, since: datetime
    ) -> "Mapping[Ref, Sequence[CountReading]]":
        """Return what *field*, a whole number, of each of *refs* was seen to be since a time."""
        now, asked = self._clock.now(), tuple(refs)

        def read(reader: "LedgerReader") -> "Mapping[Ref, Sequence[CountReading]]":
            from opsboard.history.read_counts import read_counts  # noqa: PLC0415 - see above

            return read_counts(reader, asked, field, since, now)

        return await self._read(read)

    async def at(
        self, time: datetime, kinds: Collection[Kind], like: "HistoricalBoard | None" = None
    ) -> "AsyncGenerator[HistoricalBoard, None]":
        """Yield the board as it was at *time*, first with records of *kinds*, at last with all.

        Where it is *like* that of another time, with all at once.
        """
        from opsboard.history.historical_board import Stage  # noqa: PLC0415 - see above

        stages = [Stage.JOINED] if like is not None and like.joined else list(Stage)
        for stage in stages:
            like = await self._read(self._reading(time, stage, kinds, like))
            yield like

    def _reading(
        self,
        time: datetime,
        stage: "Stage",
        kinds: Collection[Kind],
        like: "HistoricalBoard | None",
    ) -> "Callable[[LedgerReader], HistoricalBoard]":
        titles = {source.name: source.title for source in self._board.sources()}
        declared = self._board.declarations

        def read(reader: "LedgerReader") -> "HistoricalBoard":
            from opsboard.history.historical_board import load_board  # noqa: PLC0415 - see above

            return load_board(
                reader, time, titles, stage=stage, kinds=kinds, declared=lambda: declared, like=like
            )

        return read

    async def change_before(self, time: datetime) -> datetime | None:
        """Return when what is shown changed last before *time*; ``None`` where it never did."""
        return (await self._read(lambda reader: reader.neighbours(time)))[0]

    async def change_after(self, time: datetime) -> datetime | None:
        """Return when it changed first after *time*; ``None`` where it has not by now."""
        _, after = await self._read(lambda reader: reader.neighbours(time))
        return after if after is not None and after <= self._clock.now() else None

    async def served(self, ref: Ref) -> "tuple[ServedStretch, ...]":
        """Return which versions the aliases of the model *ref* pointed to, the newest first."""
        now = self._clock.now()

        def read(reader: "LedgerReader") -> "tuple[ServedStretch, ...]":
            from opsboard.history.served import read_served  # noqa: PLC0415 - see above

            return read_served(reader, ref, now)

        return await self._read(read)

    async def roll_outs(self, ref: Ref) -> "Sequence[RollOut]":
        """Return the roll-outs of the workload *ref*, the first one first, as the ledger has them.

        Nothing where no history is recorded; raises :exc:`SourceError` where it cannot be read.
        """
        now = self._clock.now()
        since = now - ROLL_OUTS_WITHIN

        def read(reader: "LedgerReader") -> "Sequence[RollOut]":
            from opsboard.history.roll_outs import roll_outs  # noqa: PLC0415 - see above

            changes = reader.transitions(
                since, now, refs={ref}, baselines=True, newest_first=True, limit=MOST_EVENTS
            )
            scopes = {one.scope for one in changes}
            gaps = [
                one
                for one in reader.gaps(since, now)
                if one.source == ref.source and one.scope in scopes
            ]
            return roll_outs(changes, gaps)

        try:
            return await self._read(read)
        except Unsupported:
            return ()

    async def delivery(self) -> "DeliveryHistory":
        """Return what was deployed of all services and models, what failed, and what was seen."""
        from opsboard.delivery.read_delivery import (  # noqa: PLC0415 - see above
            read_delivery,
            services_of,
        )

        services = services_of(self._board.records(Kind.SERVICE).values())
        question = partial(
            read_delivery,
            until=self._clock.now(),
            services=services,
            activities=self._activities(),
        )
        return await self._recorded.ask_apart(question)

    async def handover(self, since: datetime) -> str:
        """Return the page for who comes next, as text."""
        now, activities = self._clock.now(), self._activities()
        alerts = [cast("Alert", one) for one in self._board.records(Kind.ALERT).values()]
        troubles = [
            f"{source.name}: {source.health.message or source.health.condition}"
            for source in self._board.sources()
            if not source.is_complete
        ]

        def read(reader: "LedgerReader") -> str:
            from opsboard.history.alert_states import ack_events  # noqa: PLC0415 - see above
            from opsboard.history.handover import handover, handover_events  # noqa: PLC0415
            from opsboard.history.handover_text import handover_text  # noqa: PLC0415
            from opsboard.history.read_timeline import gaps_within  # noqa: PLC0415

            page = handover(
                since,
                now,
                alerts=alerts,
                activities=activities,
                events=handover_events(reader.transitions(since, now, limit=100_000)),
                said=ack_events(reader.acks(now, since)),
                gaps=gaps_within(reader, since, now),
                sources=troubles,
                history=reader.problem,
            )
            return handover_text(page, LOCAL_ZONE)

        return await self._read(read)

    # --- what the board knows --------------------------------------------------------------------

    def _activities(self) -> Sequence[Activity]:
        return [cast("Activity", one) for one in self._board.records(Kind.ACTIVITY).values()]

    def _subject(self, ref: Ref) -> tuple[Record, datetime | None]:
        """Return what went red, and when, where an alert or an act from here says so."""
        record = self._board.get(ref)
        if isinstance(record, Alert):
            about = self._board.get(record.about) if record.about else None
            return about or record, record.since
        if isinstance(record, Activity):
            return self._board.get(record.about) or record, record.finished_at or record.created_at
        if record is None:
            raise NotFound("it is gone from the board", "go back, and choose another row")
        return record, None

    def _joined(self, ref: Ref) -> set[Ref]:
        """Return *ref* with what it is joined to for sure: what happens to that concerns it."""
        from opsboard.lineage.chain import chain, chain_root  # noqa: PLC0415 - asked for by a key

        found = {ref}
        record = self._board.get(ref)
        parts = [target.ref for target in getattr(record, "targets", ())]
        if record is not None:
            parts.append(chain_root(self._board.lineage, record))
        for start in dict.fromkeys((ref, *parts)):
            joined = chain(self._board.lineage, start)
            found.update(node for node in joined.solid if isinstance(node, Ref))
        return found

    # --- reading ---------------------------------------------------------------------------------

    async def _read(self, question: "Question[T]") -> T:
        return await self._recorded.ask(question)

    @property
    def _recorded(self) -> "RecordedLogins":
        from opsboard.collect.ledger_questions import RecordedLogins  # noqa: PLC0415 - see above

        return RecordedLogins(self._state, dict(self._keys()))


def _went_red_at(reader: "LedgerReader", subject: Record, now: datetime) -> datetime:
    """Return when *subject* became as bad as it is: after its last change from well to wrong."""
    from opsboard.history.ranking_weights import window_of  # noqa: PLC0415 - see above

    since = now - 4 * window_of(subject.kind)
    changes = reader.transitions(since, now, refs={subject.ref}, newest_first=True, limit=500)
    for change in changes:
        before = change.before.status if change.before else Status.UNKNOWN
        after = change.after.status if change.after else Status.UNKNOWN
        if after in _RED and before not in _RED:
            return change.at
    return subject.updated_at or now
