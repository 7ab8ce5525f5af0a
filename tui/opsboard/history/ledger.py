"""The ledger: one file in the state folder, to which transitions and gaps are added.

It is written by the thread of :mod:`opsboard.collect.history_recorder` and by no other part of the
program, and read through :class:`~opsboard.history.reader.LedgerReader`. Several programs may have
it open at the same time.

Why it is so: docs/adr/0013-ledger.md.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from opsboard.board.alert_acks import AckChange
from opsboard.history.edges import note_claims
from opsboard.history.ledger_file import LedgerFile
from opsboard.history.model import SECOND, Gap, GapReason, NewTransition, SourceId
from opsboard.history.packing import Layout, layout_of, load_layouts, pack, unpack
from opsboard.history.reader import LedgerReader
from opsboard.history.rows import BACKFILLED, BASELINE, micros, moment, take_numbers, who_text
from opsboard.records import Kind, Record, Ref
from opsboard.records.codec import record_class


class LastState(NamedTuple):
    """The last *record* that the ledger has, since *at*; its writer knew of its *fields* only."""

    record: Record
    at: datetime
    fields: frozenset[str]


class Ledger(LedgerFile):
    """The ledger in *folder*. All methods raise :exc:`LedgerError` where it cannot be used."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._layouts: dict[Kind, tuple[int, Layout]] = {}
        self._scopes: dict[tuple[int, str], int] = {}

    def forget_numbers(self) -> None:
        """Look up again what each scope and layout is called in the file."""
        self._layouts.clear()
        self._scopes.clear()

    def reader(self, sources: Mapping[str, SourceId]) -> LedgerReader:
        """Return what reads the history of *sources*, by the names that they have now.

        To be closed. It has a connection of its own, and may be used in any thread, one at a time.
        """
        return LedgerReader(self.file, sources)

    # --- sources ---------------------------------------------------------------------------------

    def source(self, source: SourceId, name: str, title: str, at: datetime, login: str = "") -> int:
        """Return the number of *source*, which is made where it is missing.

        *name* and *title* are what it is called now. *login* is the key of the present login, by
        which its history is found while the server cannot be asked.
        """
        with self.writing() as database:
            database.execute(
                "INSERT INTO source (address, principal, login, name, title, since)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (address, principal, login)"
                " DO UPDATE SET name = excluded.name, title = excluded.title",
                (*source, name, title, micros(at)),
            )
            number: int = database.execute(
                "SELECT id FROM source WHERE address = ? AND principal = ? AND login = ?", source
            ).fetchone()[0]
            if login:
                database.execute(
                    "INSERT OR REPLACE INTO login VALUES (?, ?, ?)", (login, number, micros(at))
                )
        return number

    # --- writing ---------------------------------------------------------------------------------

    def append(self, transitions: Sequence[NewTransition]) -> None:
        """Add *transitions*, in their order.

        What a source has told later (*backfilled*) never replaces what was seen: a row that is
        there for the time is kept.
        """
        if not transitions:
            return
        with self.writing() as database:
            seq = take_numbers(database, len(transitions))
            for number, transition in enumerate(transitions, seq):
                self._add(database, number, transition)

    def add_gap(self, source: int, scope: str, gap: Gap) -> None:
        """Add a stretch in which nobody looked at *scope*; one without both ends is not kept."""
        if gap.since is None or gap.until is None or gap.since >= gap.until:
            return
        with self.writing() as database:
            row = (self.scope(database, source, scope), micros(gap.since), micros(gap.until))
            database.execute(
                "INSERT INTO gap VALUES (?, ?, ?, ?, ?) ON CONFLICT (scope, since)"
                " DO UPDATE SET until = max(until, excluded.until)",
                (*row, gap.reason.value, gap.note),
            )

    def add_ack(self, source: int, change: AckChange) -> None:
        """Add that somebody has acknowledged or snoozed an alert of *source*, or opened it."""
        with self.writing() as database:
            layout, state = self._packed(database, change.alert)
            until = None if change.until is None else micros(change.until)
            database.execute(
                "INSERT OR REPLACE INTO alert_ack VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (source, str(change.ref.kind), change.ref.id, micros(change.at),
                 change.state.value, until, who_text(change.actor, change.reason, ""),
                 layout, state),
            )  # fmt: skip

    def set_watch(
        self,
        source: int,
        scope: str,
        looked: datetime | None,
        *,
        streaming: bool = False,
        reason: GapReason | None = None,
        note: str = "",
    ) -> None:
        """Note until when *scope* was looked at, and, with a *reason*, why not since.

        *looked* is ``None`` where this program has not listed it to its end: what another one has
        noted before stays.
        """
        with self.writing() as database:
            number = self.scope(database, source, scope)
            time = 0 if looked is None else micros(looked)
            database.execute(
                "UPDATE scope SET since = iif(since, since, :time),"
                " confirmed = iif(:time, :time, confirmed), streaming = :streaming,"
                " reason = :reason, note = :note WHERE id = :id",
                {
                    "time": time,
                    "streaming": streaming,
                    "id": number,
                    "reason": reason.value if reason else "",
                    "note": note,
                },
            )

    def drop_unlisted(self, source: int, scope: str) -> None:
        """Forget that there is a *scope* that was never listed and has no records."""
        with self.writing() as database:
            database.execute(
                "DELETE FROM scope WHERE source = ? AND name = ? AND NOT since"
                " AND NOT EXISTS (SELECT 1 FROM entity WHERE entity.scope = scope.id)",
                (source, scope),
            )
        self._scopes.pop((source, scope), None)

    def move(self, source: int, scope: str, ref: Ref) -> None:
        """Note that the record *ref* of *source* is in *scope* from now on."""
        with self.writing() as database:
            take_numbers(database)
            database.execute(
                "UPDATE entity SET scope = ? WHERE source = ? AND kind = ? AND record = ?",
                (self.scope(database, source, scope), source, str(ref.kind), ref.id),
            )

    def last_states(self, source: int, scope: str, name: str) -> Iterator[LastState]:
        """Yield what the ledger last knew in *scope* of *source*, which is called *name* now."""
        with self.reading() as database:
            number = self.scope(database, source, scope)
            layouts = load_layouts(database)
            rows = database.execute(
                "SELECT e.kind, e.record, t.at, t.layout, t.state FROM entity e"
                " JOIN transition t ON t.entity = e.id AND (t.at, t.seq) = ("
                "  SELECT at, seq FROM transition WHERE entity = e.id ORDER BY at DESC, seq DESC"
                "  LIMIT 1) WHERE e.source = ? AND e.scope = ?",
                (source, number),
            ).fetchall()
        for kind, id_, at, layout, state in rows:
            if state is not None:
                ref, known = Ref(name, Kind(kind), id_), layouts[layout]
                with suppress(ValueError, TypeError):  # of a kind that is not known any more
                    yield LastState(unpack(state, known, ref), moment(at), frozenset(known.fields))

    def _add(self, database: sqlite3.Connection, seq: int, new: NewTransition) -> None:
        at = micros(new.at)
        entity = self._entity(database, new)
        if new.backfilled and _is_known(database, entity, at):
            return
        if not new.backfilled:
            note_claims(database, entity, at, new.after)
        layout, state = self._packed(database, new.after)
        earliest = at - micros(new.earliest) if new.earliest is not None else 0
        flags = BASELINE * new.baseline | BACKFILLED * new.backfilled
        database.execute(
            "INSERT INTO transition VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (entity, at, seq, earliest, micros(new.seen_at) - at, flags,
             who_text(new.actor, new.act, new.rule), layout, state),
        )  # fmt: skip

    def _packed(
        self, database: sqlite3.Connection, record: Record | None
    ) -> tuple[int, bytes | None]:
        if record is None:
            return 0, None
        number, layout = self._layout(database, type(record), record.kind)
        return number, pack(record, layout)

    def _layout(
        self, database: sqlite3.Connection, record: type[Record], kind: Kind
    ) -> tuple[int, Layout]:
        known = self._layouts.get(kind)
        if known is None:
            layout = layout_of(record_class(kind) or record, kind)
            row = (layout.kind, json.dumps(layout.fields), layout.words)
            database.execute(
                "INSERT OR IGNORE INTO layout (kind, fields, words) VALUES (?, ?, ?)", row
            )
            number: int = database.execute(
                "SELECT id FROM layout WHERE kind = ? AND fields = ? AND words = ?", row
            ).fetchone()[0]
            known = self._layouts[kind] = (number, layout)
        return known

    def _entity(self, database: sqlite3.Connection, new: NewTransition) -> int:
        scope = self.scope(database, new.source, new.scope)
        row = (new.source, str(new.ref.kind), new.ref.id, scope)
        found: int = database.execute(
            "INSERT INTO entity (source, kind, record, scope) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (source, kind, record) DO UPDATE SET scope = excluded.scope RETURNING id",
            row,
        ).fetchone()[0]
        return found

    def scope(self, database: sqlite3.Connection, source: int, name: str) -> int:
        """Return the number of the scope *name*, which is made where it is missing."""
        known = self._scopes.get((source, name))
        if known is None:
            found = (
                database.execute(
                    "SELECT id FROM scope WHERE source = ? AND name = ?", (source, name)
                ).fetchone()
                or database.execute(
                    "INSERT INTO scope (source, name, since, confirmed, streaming, holder, reason,"
                    " note) VALUES (?, ?, 0, 0, 0, '', '', '') RETURNING id",
                    (source, name),
                ).fetchone()
            )
            known = self._scopes[source, name] = found[0]
        return known


def _is_known(database: sqlite3.Connection, entity: int, at: int) -> bool:
    """Tell whether the ledger has what *entity* was at *at*: a row of then, or somebody watched.

    A row is of then where it is known to the second, and of that second.
    """
    row = database.execute(
        "SELECT EXISTS (SELECT 1 FROM transition WHERE entity = e.id AND at >= :at"
        "  AND at <= :at + :second AND at - earliest <= :at) OR ("
        " s.since AND s.since <= :at AND (s.streaming OR :at <= s.confirmed) AND NOT EXISTS ("
        "  SELECT 1 FROM gap WHERE scope = s.id AND since < :at AND :at < until))"
        " FROM entity e JOIN scope s ON s.id = e.scope WHERE e.id = :entity",
        {"entity": entity, "at": at, "second": SECOND // timedelta(microseconds=1)},
    ).fetchone()
    return bool(row[0])
