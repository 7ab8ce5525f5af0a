"""Reading the ledger: what was when, what changed, and when nobody looked.

A reader is for the present sources of a board or command, each with the principal that its server
names now: what another principal has seen is not there for it. Every question is one short
transaction, so that the writer is never kept waiting.
"""

import sqlite3
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from opsboard.board.alert_acks import AckChange
from opsboard.board.database import shortened
from opsboard.history.connection import open_for_reading, open_for_writing
from opsboard.history.edges import DEPTH, RecordedEdge, recorded_edges
from opsboard.history.explained_reads import ExplainedReads
from opsboard.history.gaps import recorded_gaps, touches
from opsboard.history.model import Gap, SourceId, Transition
from opsboard.history.packing import Layout, load_layouts, unpack
from opsboard.history.read_state import (
    altered_entities,
    carried_over,
    entity_states,
    last_number,
    state_rows,
)
from opsboard.history.rows import BACKFILLED, BASELINE, micros, moment, who_parts
from opsboard.history.schema import SCHEMA, version_of
from opsboard.history.state import EntityState, HistoricalState, KnownRows
from opsboard.records import Alert, AlertState, Kind, Record, Ref
from opsboard.text.sanitize import sanitize

LIMIT: Final = 10_000
"""Transitions that one question returns at most."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
T = TypeVar("T")
ToldT = TypeVar("ToldT")


_Known = dict[Ref, dict[tuple[int | None, bytes | None], Record | None]]
"""What the layouts and states of a row are, read."""


class _StateRows(NamedTuple):
    """What was read for a state: *rows* of the *altered* entities, or of all."""

    rows: list[sqlite3.Row]
    last: int
    altered: set[int] | None


class LedgerReader(ExplainedReads):
    """Reads the history of *sources*: the name that each has now, and whose it is.

    A question about a file that is missing has an empty answer; where it cannot be read,
    :attr:`problem` says why, and so is the answer. It may be used from any thread, one at a time.
    """

    def __init__(self, file: Path, sources: Mapping[str, SourceId]) -> None:
        super().__init__(file)
        self._ids = dict(sources)
        self._database: sqlite3.Connection | None = None
        self._names: dict[int, str] = {}
        self._layouts: dict[int, Layout] = {}

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    # --- the state at a time ---------------------------------------------------------------------

    def at(
        self,
        time: datetime,
        *,
        as_seen: bool = False,
        kinds: Collection[Kind] | None = None,
        like: HistoricalState | None = None,
    ) -> HistoricalState:
        """Return what was at *time*; *as_seen*: what was known then. Of *kinds* only, if given.

        *like* is the state of another time: what it has in common with this one is not read again.
        """
        gaps = tuple(gap for gap in self.gaps(until=time) if gap.covers(time))
        by_scope = {(gap.source, gap.scope): gap for gap in gaps}
        before = like if kinds is None and not as_seen else None
        asked = micros(time)

        def ask(database: sqlite3.Connection) -> list[_StateRows]:
            last, altered = last_number(database), None
            if before is not None and before.known and before.known.names == self._names:
                altered = altered_entities(database, before.known, micros(before.time), asked)
            rows = state_rows(
                database, asked, *self._chosen(kinds), as_seen=as_seen, numbers=altered
            )
            return [_StateRows(rows, last, altered)]

        found = next(iter(self._ask(ask)), _StateRows([], 0, None))
        entities: dict[int, EntityState] = {}
        if before is not None and before.known and found.altered is not None:
            entities = carried_over(before.known, found.altered, asked, by_scope)
        names = self._names
        with self.explaining():
            rows, told = found.rows, self._damaged
            entities |= entity_states(
                rows, names, asked, by_scope, self._read, damaged=told, as_seen=as_seen
            )
        return HistoricalState(
            time,
            as_seen,
            tuple(one for one in entities.values() if one.is_listed),
            gaps,
            KnownRows(entities, found.last, names) if kinds is None and not as_seen else None,
            None if found.altered is None else len(found.altered),
        )

    # --- what changed ----------------------------------------------------------------------------

    def transitions(
        self,
        since: datetime,
        until: datetime,
        *,
        refs: Collection[Ref] | None = None,
        kinds: Collection[Kind] | None = None,
        baselines: bool = False,
        newest_first: bool = False,
        limit: int = LIMIT,
    ) -> list[Transition]:
        """Return what changed after *since*, until *until*, in the order of time.

        What was so at the first look is no change: with *baselines*, it is returned too. Of more
        than *limit*, those are left out that come last.
        """
        order = "DESC" if newest_first else "ASC"
        asked = {"since": micros(since), "until": micros(until), "limit": limit}

        def ask(database: sqlite3.Connection) -> list[sqlite3.Row]:
            chosen, values = self._chosen(kinds)
            tables = "transition t CROSS JOIN entity e ON e.id = t.entity"
            if refs is not None:
                chosen += f" AND e.id IN ({self._entities(database, refs)})"
                tables = "entity e CROSS JOIN transition t ON t.entity = e.id"
            if not baselines:
                chosen += f" AND NOT t.flags & {BASELINE}"
            return database.execute(
                f"""
                SELECT e.source, e.kind, e.record, s.name AS scope, t.*,
                       b.layout AS before_layout, b.state AS before_state
                FROM {tables} JOIN scope s ON s.id = e.scope
                LEFT JOIN transition b ON b.entity = t.entity AND NOT t.flags & {BASELINE}
                    AND (b.at, b.seq) = (
                    SELECT at, seq FROM transition
                    WHERE entity = t.entity AND (at, seq) < (t.at, t.seq)
                    ORDER BY at DESC, seq DESC LIMIT 1)
                WHERE t.at > :since AND t.at <= :until AND {chosen}
                ORDER BY t.at {order}, t.seq {order} LIMIT :limit
                """,  # noqa: S608 - no value is put into it
                {**asked, **values},
            ).fetchall()

        known: _Known = {}
        return self._told(ask, lambda row: self._transition(row, known))

    def _transition(self, row: sqlite3.Row, known: _Known) -> Transition:
        """Return *row*; *known* is what the row read before it was, of each record.

        What a record was before is mostly what it had become in that row: it is read once.
        """
        ref = Ref(self._names[row["source"]], Kind(row["kind"]), row["record"])
        actor, act, rule = who_parts(row["who"])
        at = row["at"]
        asked = (row["before_layout"], row["before_state"]), (row["layout"], row["state"])
        read = known.get(ref, {})
        before, after = (read[one] if one in read else self._read(*one, ref) for one in asked)
        known[ref] = dict(zip(asked, (before, after), strict=True))
        return Transition(
            row["seq"], ref, row["scope"], moment(at), moment(at + row["seen"]), before, after,
            moment(at - row["earliest"]) if row["earliest"] else None, actor, act, rule,
            bool(row["flags"] & BASELINE), bool(row["flags"] & BACKFILLED),
        )  # fmt: skip

    def edges(
        self, ref: Ref, time: datetime, *, depth: int = DEPTH, downstream: bool = False
    ) -> list[RecordedEdge]:
        """Return what *ref* was made of at *time*, and that in turn; *downstream*: what of it.

        Of the present sources only: where another principal's record lies between, the walk ends.
        """

        def ask(database: sqlite3.Connection) -> list[RecordedEdge]:
            start = self._entities(database, [ref])
            if start == "NULL":
                return []
            names = self._names
            return recorded_edges(
                database, names, int(start), micros(time), min(depth, DEPTH), downstream=downstream
            )

        return self._ask(ask)

    def neighbours(self, time: datetime) -> tuple[datetime | None, datetime | None]:
        """Return when the last change before *time* was, and the first one after it.

        That somebody has acknowledged or snoozed an alert is one too, and that a snooze has ended.
        """

        def ask(database: sqlite3.Connection) -> list[tuple[int] | None]:
            chosen, _ = self._chosen(None)
            question = f"""
                SELECT at FROM (
                    SELECT t.at FROM transition t CROSS JOIN entity e ON e.id = t.entity
                    WHERE t.at {{sign}} :time AND NOT t.flags & {BASELINE} AND {chosen}
                    ORDER BY t.at {{order}} LIMIT 1)
                UNION ALL SELECT at FROM (
                    SELECT e.at FROM alert_ack e WHERE e.at {{sign}} :time AND {chosen}
                    ORDER BY e.at {{order}} LIMIT 1)
                UNION ALL SELECT until FROM (
                    SELECT e.until FROM alert_ack e WHERE e.until {{sign}} :time AND {chosen}
                        AND NOT EXISTS (
                            SELECT 1 FROM alert_ack l
                            WHERE (l.source, l.kind, l.record) = (e.source, e.kind, e.record)
                                AND l.at > e.at AND l.at <= e.until)
                    ORDER BY e.until {{order}} LIMIT 1)
                ORDER BY at {{order}} LIMIT 1
                """  # noqa: S608 - no value is put into it
            return [
                database.execute(
                    question.format(sign=sign, order=order), {"time": micros(time)}
                ).fetchone()
                for sign, order in (("<", "DESC"), (">", "ASC"))
            ]

        times = self._told(ask, lambda found: moment(found[0]) if found else None)
        before, after = times or (None, None)
        return before, after

    def acks(self, until: datetime, since: datetime | None = None) -> list[AckChange]:
        """Return what was acknowledged, snoozed and opened again until *until*, in that order.

        *since*: after that only. Nothing is known of what was done before the first one of all.
        """
        asked = (micros(until), -1 if since is None else micros(since))

        def ask(database: sqlite3.Connection) -> list[sqlite3.Row]:
            chosen, _ = self._chosen(None)
            return database.execute(
                f"SELECT * FROM alert_ack e WHERE at <= ? AND at > ? AND {chosen} ORDER BY at",  # noqa: S608
                asked,
            ).fetchall()

        return self._told(ask, self._ack)

    def _ack(self, row: sqlite3.Row) -> AckChange:
        ref = Ref(self._names[row["source"]], Kind(row["kind"]), row["record"])
        actor, reason, _ = who_parts(row["who"])
        alert = self._read(row["layout"], row["alert"], ref)
        return AckChange(
            ref,
            moment(row["at"]),
            AlertState(row["state"]),
            None if row["until"] is None else moment(row["until"]),
            actor,
            reason,
            alert if isinstance(alert, Alert) else None,
        )

    # --- when nobody looked ----------------------------------------------------------------------

    def gaps(self, since: datetime | None = None, until: datetime | None = None) -> list[Gap]:
        """Return the stretches in which nobody looked that touch the time from *since* to *until*.

        The first look at a scope ends one that has no beginning, and what came after its last
        confirmation is one without an end. At *until*, a program may still have been recording.
        """
        every = self._ask(lambda database: recorded_gaps(database, self._names, until))
        found = [gap for gap in every if touches(gap, since, until)]
        return sorted(found, key=lambda gap: gap.since or _NEVER)

    # --- parts -----------------------------------------------------------------------------------

    def _chosen(self, kinds: Collection[Kind] | None) -> tuple[str, dict[str, object]]:
        """Return the condition for entities (or scopes) of the present sources, with its values."""
        numbers = ",".join(map(str, self._names)) or "NULL"
        if kinds is None:
            return f"e.source IN ({numbers})", {}
        values: dict[str, object] = {f"kind{i}": str(kind) for i, kind in enumerate(kinds)}
        names = ",".join(f":{name}" for name in values) or "NULL"
        return f"e.source IN ({numbers}) AND e.kind IN ({names})", values

    def _entities(self, database: sqlite3.Connection, refs: Collection[Ref]) -> str:
        """Return the numbers of *refs*, as a list of SQL."""
        numbers = {name: number for number, name in self._names.items()}
        question = "SELECT id FROM entity WHERE source = ? AND kind = ? AND record = ?"
        found = (
            database.execute(question, (numbers.get(source), str(kind), id_)).fetchone()
            for source, kind, id_ in refs
        )
        return ",".join(str(row[0]) for row in found if row) or "NULL"

    def _read(self, layout: int | None, state: bytes | None, ref: Ref) -> Record | None:
        """Return the record of a row; a kind that nothing declares any more has none."""
        known = self._layouts.get(layout) if layout is not None else None
        if state is None or known is None:
            return None
        try:
            return unpack(state, known, ref)
        except Exception as error:  # a third party's class may raise anything
            self._damaged(ref, error)
            return None

    def _damaged(self, ref: Ref, error: Exception) -> None:
        """Say that a row of *ref* is damaged; the others are as they are."""
        row = sanitize(f"a row of {ref.kind} {ref.id}")
        self.problem = f"{row} cannot be read: {shortened(error)}"

    def _told(
        self, question: Callable[[sqlite3.Connection], list[T]], read: Callable[[T], ToldT]
    ) -> list[ToldT]:
        """Return what *read* makes of the answer to *question*; nothing where either fails."""
        with self.explaining():
            return [read(row) for row in self._ask(question)]
        return []

    def _ask(self, question: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        """Return the answer to *question*, from one state of the file; nothing where it fails."""
        with self.explaining():
            database = self._open()
            if database is None:
                return []
            database.execute("BEGIN")
            try:
                self._read_names(database)
                return question(database)
            finally:
                database.execute("ROLLBACK")
        return []

    def _open(self) -> sqlite3.Connection | None:
        if self._database is None and self._file.exists():
            self._database = open_for_reading(self._file)
            self._database.row_factory = sqlite3.Row
            if version_of(self._database) < SCHEMA:  # of an earlier program: migrated by opening it
                self._database.close()
                open_for_writing(self._file).close()
                self._database = open_for_reading(self._file)
                self._database.row_factory = sqlite3.Row
        return self._database

    def _read_names(self, database: sqlite3.Connection) -> None:
        """Find the numbers of the sources, and the layouts that are new."""
        names: dict[int, str] = {}
        for name, source in self._ids.items():
            row = database.execute(
                "SELECT id FROM source WHERE address = ? AND principal = ? AND login = ?", source
            ).fetchone()
            if row is not None:
                names[row[0]] = name
        self._names = names
        self._layouts.update(load_layouts(database, max(self._layouts, default=0)))
