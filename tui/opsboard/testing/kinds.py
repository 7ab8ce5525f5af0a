"""The part of the suite that is about kinds of record."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from opsboard.kinds.columns import Cell
from opsboard.kinds.declaration import RecordKind
from opsboard.kinds.registry import KindRegistry
from opsboard.kinds.rules import AlertRules
from opsboard.records import Record
from opsboard.records.codec import as_json, json_schema, to_plain
from opsboard.testing.arrangement import Arrangement
from opsboard.testing.claims import claim_faults
from opsboard.views.field_detail import field_detail
from opsboard.views.filter import fields, parse


class KindConformance(Arrangement):
    """What an adapter that declares kinds of record of its own is held to."""

    async def test_kinds_are_declared_soundly_and_clash_with_no_other(self) -> None:
        declared = self.adapter.own_kinds()
        fresh = KindRegistry()
        fresh.add(declared, self.adapter.name)
        for name in self.adapter.kind_names():
            assert fresh.get(name) is not None, f"nothing declares the kind {name!r}"

    async def test_records_come_through_json_and_are_as_their_schema_says(self) -> None:
        for kind, records in await self._records_of_own_kinds():
            schema = json_schema(kind.record)
            for record in records:
                document = as_json(record)
                assert json.loads(json.dumps(document, allow_nan=False)) == document
                assert document.keys() == schema["properties"].keys(), record.ref
                again = kind.record(**json.loads(json.dumps(to_plain(record))))
                assert to_plain(again) == to_plain(record), f"{record.ref} is another from disk"

    async def test_identities_are_declared_and_in_one_form(self) -> None:
        """What the board joins by: see :mod:`opsboard.records.identity`."""
        kinds = KindRegistry()
        kinds.add(self.adapter.own_kinds(), self.adapter.name)
        async with self.listed() as (recorder, _, context, _):
            for record in recorder.records.values():
                kind = kinds.of(record)
                declared = kind.identities if kind is not None else frozenset()
                faults = list(claim_faults(record, declared, context.holds_secret))
                assert not faults, faults

    async def test_every_column_shows_and_sorts_every_record(self) -> None:
        now = datetime.now(UTC)
        for kind, records in await self._records_of_own_kinds():
            for column in kind.pane.columns if kind.pane else ():
                for record in records:
                    cell = column.show(record, now)
                    assert isinstance(cell, Cell), f"{column.id} of {record.ref}"
                    assert isinstance(cell.text, str), f"{column.id} of {record.ref}"
                    assert "\n" not in cell.text, f"{column.id} of {record.ref} is one line"
                sorted(map(column.key, records))  # which raises where values do not compare

    async def test_every_field_of_a_table_can_be_filtered_by(self) -> None:
        now = datetime.now(UTC)
        for kind, records in await self._records_of_own_kinds():
            if kind.pane is None:
                continue
            for name in fields(kind.pane):
                column = kind.pane.column(name)
                if column is not None and column.ticks:
                    continue
                chosen = parse(f"!{name}:/no-such-thing-0f9d2c7a/", kind.pane)
                assert all(chosen(record, now) for record in records), name

    async def test_rules_answer_for_every_record(self) -> None:
        at = datetime.now(UTC)
        for kind, records in await self._records_of_own_kinds():
            for record in records:
                assert kind.qualified_name(record), record.ref
                assert field_detail(record).record is record
                if kind.alert is not None:
                    series = kind.alert.series(record, AlertRules())
                    assert series is None or all(isinstance(part, str) for part in series)
                    assert kind.alert.failure_id(record)
                    alert = kind.alert.alert(record, at)
                    assert alert is None or alert.about == record.ref
                if kind.failures is not None:
                    assert kind.failures.subject(record)[0] == record.source
                    assert all(isinstance(one, str) for one in kind.failures.versions(record))

    async def _records_of_own_kinds(self) -> list[tuple[RecordKind, Sequence[Record]]]:
        own = self.adapter.own_kinds()
        if not own:
            return []
        async with self.listed() as (recorder, _, _, _):
            records = list(recorder.records.values())
        return [(kind, [one for one in records if one.kind == kind.name]) for kind in own]
