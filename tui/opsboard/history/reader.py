"""Reading the ledger: what was when, what changed, and when nobody looked.

A reader is for the present sources of a board or command, each with the principal that its server
names now: what another principal has seen is not there for it. Every question is one short
transaction, so that the writer is never kept waiting.
"""

import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from opsboard.history.connection import open_for_reading, open_for_writing
from opsboard.history.edges import DEPTH, RecordedEdge, walk_claims
from opsboard.history.model import (
    EntityState,
    Gap,
    GapReason,
    HistoricalState,
    SourceId,
    Transition,
)
from opsboard.history.packing import Layout, load_layouts, unpack
from opsboard.history.rows import BACKFILLED, BASELINE, micros, moment, who_parts
from opsboard.history.schema import SCHEMA, NewerSchemaError, version_of
from opsboard.records import Kind, Record, Ref
from opsboard.records.claims import Identity, Strength

LIMIT: Final = 10_000
"""Transitions that one question returns at most."""

ALIVE_FOR: Final = 30 * 1_000_000
"""Microseconds for which a program runs after its last count, as far as anybody knows."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
T = TypeVar("T")


class LedgerReader:
    """Reads the history of *sources*: the name that each has now, and whose it is.

    A question about a file that is missing has an empty answer; where it cannot be read,
    :attr:`problem` says why, and so is the answer. It may be used from any thread, one at a time.
    """

    def __init__(self, file: Path, sources: Mapping[str, SourceId]) -> None:
        self.problem = ""
        self._file = file
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
        self, time: datetime, *, as_seen: bool = False, kinds: Collection[Kind] | None = None
    ) -> HistoricalState:
        """Return what was at *time*; *as_seen*: what was known then. Of *kinds* only, if given."""
        rows = self._ask(lambda database: self._state_rows(database, micros(time), as_seen, kinds))
        gaps = tuple(gap for gap in self.gaps(until=time) if gap.covers(time))
        by_scope = {(gap.source, gap.scope): gap for gap in gaps}
        found = (self._entity_state(row, micros(time), by_scope, as_seen) for row in rows)
        return HistoricalState(time, as_seen, tuple(filter(None, found)), gaps)

    def _state_rows(
        self,
        database: sqlite3.Connection,
        time: int,
        as_seen: bool,
        kinds: Collection[Kind] | None,
    ) -> list[sqlite3.Row]:
        chosen, values = self._chosen(kinds)
        seen = " AND NOT flags & 2 AND at + seen <= :time" if as_seen else ""
        later = "" if as_seen else " AND NOT flags & 1"
        return database.execute(
            f"""
            SELECT e.source, e.kind, e.record, s.name AS scope,
                   t.at, t.earliest, t.seen, t.flags, t.who, t.layout, t.state,
                   n.at AS next_at, n.earliest AS next_earliest, n.flags AS next_flags,
                   n.layout AS next_layout, n.state AS next_state
            FROM entity e JOIN scope s ON s.id = e.scope
            LEFT JOIN transition t ON t.entity = e.id AND (t.at, t.seq) = (
                SELECT at, seq FROM transition WHERE entity = e.id AND at <= :time{seen}
                ORDER BY at DESC, seq DESC LIMIT 1)
            LEFT JOIN transition n ON n.entity = e.id AND (n.at, n.seq) = (
                SELECT at, seq FROM transition WHERE entity = e.id AND at > :time{later}
                ORDER BY at, seq LIMIT 1)
            WHERE {chosen}
            """,  # noqa: S608 - no value is put into it
            {"time": time, **values},
        ).fetchall()

    def _entity_state(
        self, row: sqlite3.Row, time: int, gaps: Mapping[tuple[str, str], Gap], as_seen: bool
    ) -> EntityState | None:
        ref = Ref(self._names[row["source"]], Kind(row["kind"]), row["record"])
        changes = (
            not as_seen
            and row["next_at"] is not None
            and row["next_at"] - row["next_earliest"] < time
            and not row["next_flags"] & BASELINE
        )
        if row["state"] is None and not (changes and row["next_state"] is not None):
            return None
        flags = row["flags"] or 0
        at = row["at"]
        return EntityState(
            ref,
            row["scope"],
            None if at is None else moment(at),
            None if row["next_at"] is None else moment(row["next_at"]),
            self._decoder(row["layout"], row["state"], ref),
            earliest=moment(at - row["earliest"]) if at is not None and row["earliest"] else None,
            seen_at=None if at is None else moment(at + row["seen"]),
            change=(moment(row["next_at"] - row["next_earliest"]), moment(row["next_at"]))
            if changes
            else None,
            read_next=self._decoder(row["next_layout"], row["next_state"], ref),
            baseline=bool(flags & BASELINE),
            backfilled=bool(flags & BACKFILLED),
            rule=who_parts(row["who"] or "")[2],
            gap=gaps.get((ref.source, row["scope"])),
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

        return [self._transition(row) for row in self._ask(ask)]

    def _transition(self, row: sqlite3.Row) -> Transition:
        ref = Ref(self._names[row["source"]], Kind(row["kind"]), row["record"])
        actor, act, rule = who_parts(row["who"])
        at = row["at"]
        return Transition(
            row["seq"],
            ref,
            row["scope"],
            moment(at),
            moment(at + row["seen"]),
            self._decoder(row["before_layout"], row["before_state"], ref)(),
            self._decoder(row["layout"], row["state"], ref)(),
            moment(at - row["earliest"]) if row["earliest"] else None,
            actor,
            act,
            rule,
            bool(row["flags"] & BASELINE),
            bool(row["flags"] & BACKFILLED),
        )

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
            rows = walk_claims(
                database, int(start), micros(time), min(depth, DEPTH), downstream=downstream
            )
            return [edge for row in rows if (edge := self._edge(database, row)) is not None]

        return self._ask(ask)

    def _edge(self, database: sqlite3.Connection, row: Sequence[Any]) -> RecordedEdge | None:
        upstream, downstream = (self._ref_of(database, number) for number in row[:2])
        if upstream is None or downstream is None:
            return None
        (rule, strength), (other_rule, other) = tuple(row[3:5]), tuple(row[5:7])
        identity = Identity(
            *database.execute(
                "SELECT type, scope, value FROM identity WHERE id = ?", (row[2],)
            ).fetchone()
        )
        weaker = rule if strength <= other else other_rule
        ranks = {one.rank: one for one in Strength}
        return RecordedEdge(upstream, downstream, identity, weaker, ranks[min(strength, other)])

    def _ref_of(self, database: sqlite3.Connection, entity: int) -> Ref | None:
        """Return what *entity* is called now; ``None`` where it is of nobody who asks."""
        source, kind, record = database.execute(
            "SELECT source, kind, record FROM entity WHERE id = ?", (entity,)
        ).fetchone()
        name = self._names.get(source)
        return Ref(name, Kind(kind), record) if name is not None else None

    def neighbours(self, time: datetime) -> tuple[datetime | None, datetime | None]:
        """Return when the last change before *time* was, and the first one after it."""

        def ask(database: sqlite3.Connection) -> list[tuple[int] | None]:
            chosen, _ = self._chosen(None)
            question = f"""
                SELECT t.at FROM transition t CROSS JOIN entity e ON e.id = t.entity
                WHERE t.at {{}} ? AND NOT t.flags & {BASELINE} AND {chosen}
                ORDER BY t.at {{}} LIMIT 1
                """  # noqa: S608 - no value is put into it
            return [
                database.execute(question.format(sign, order), (micros(time),)).fetchone()
                for sign, order in (("<", "DESC"), (">", "ASC"))
            ]

        before, after = self._ask(ask) or (None, None)
        return (moment(before[0]) if before else None, moment(after[0]) if after else None)

    # --- when nobody looked ----------------------------------------------------------------------

    def gaps(self, since: datetime | None = None, until: datetime | None = None) -> list[Gap]:
        """Return the stretches in which nobody looked that touch the time from *since* to *until*.

        The first look at a scope ends one that has no beginning, and what came after its last
        confirmation is one without an end. At *until*, a program may still have been recording.
        """
        every = self._ask(lambda database: self._all_gaps(database, until))
        found = [gap for gap in every if _touches(gap, since, until)]
        return sorted(found, key=lambda gap: gap.since or _NEVER)

    def _all_gaps(self, database: sqlite3.Connection, until: datetime | None) -> list[Gap]:
        chosen, values = self._chosen(None)
        scopes = database.execute(
            f"""
            SELECT e.id, e.source, e.name, e.since, e.reason, e.note, coalesce(w.at, 0) AS beat,
                   max(e.confirmed, CASE WHEN e.streaming THEN coalesce(w.at, 0) ELSE 0 END) AS last
            FROM scope e LEFT JOIN writer w ON w.id = e.holder WHERE {chosen}
            """,  # noqa: S608 - no value is put into it
            values,
        ).fetchall()
        found: list[Gap] = []
        for row in scopes:
            place = (self._names[row["source"]], row["name"])
            if not row["since"]:
                found.append(Gap(*place, None, None, GapReason.NO_BOARD))
                continue
            found.append(Gap(*place, None, moment(row["since"]), GapReason.NO_BOARD))
            ran = until is not None and micros(until) <= row["beat"] + ALIVE_FOR
            unsaid = GapReason.NOT_AGAIN if ran else GapReason.NO_BOARD
            reason = GapReason(row["reason"] or unsaid)
            found.append(Gap(*place, moment(row["last"]), None, reason, row["note"]))
            found += (
                Gap(*place, moment(since), moment(until), GapReason(why), note)
                for since, until, why, note in database.execute(
                    "SELECT since, until, reason, note FROM gap WHERE scope = ?", (row["id"],)
                )
            )
        return found

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

    def _decoder(
        self, layout: int | None, state: bytes | None, ref: Ref
    ) -> Callable[[], Record | None]:
        """Return what reads a row; a kind that nothing declares any more has no records."""
        if state is None or layout is None:
            return _nothing
        known = self._layouts.get(layout)

        def read() -> Record | None:
            if known is None:
                return None
            try:
                return unpack(state, known, ref)
            except Exception as error:  # a third party's class may raise anything
                self.problem = f"a row of {ref.kind} {ref.id} cannot be read: {error}"
                return None

        return read

    def _ask(self, question: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        """Return the answer to *question*, from one state of the file; nothing where it fails."""
        try:
            database = self._open()
            if database is None:
                return []
            database.execute("BEGIN")
            try:
                self._read_names(database)
                return question(database)
            finally:
                database.execute("ROLLBACK")
        except (sqlite3.Error, OSError, ValueError, NewerSchemaError) as error:
            self.close()
            self.problem = f"the history cannot be read in {self._file}: {error}"
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


def _nothing() -> None:
    return None


def _touches(gap: Gap, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or gap.until is None or gap.until > since) and (
        until is None or gap.since is None or gap.since < until
    )
