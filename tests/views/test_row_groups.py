"""Rows folded under another: counted, found by a filter, and never out of sight while acted on."""

from dataclasses import replace

import pytest

from opsboard.lineage.outages import Outage
from opsboard.records import Alert, AlertState, Record, Ref, Status
from opsboard.views.filter import EVERYTHING, parse
from opsboard.views.panes import pane_named
from opsboard.views.rows import RowModel
from tests.ui.app_harness import NOW

PANE = pane_named("alerts")


def _alerts(*names: str) -> dict[Ref, Record]:
    found = [
        Alert(source="s", id=name, name=name, status=Status.FAILED, reason="failed", since=NOW)
        for name in names
    ]
    return {one.ref: one for one in found}


def _model() -> tuple[RowModel, dict[Ref, Record], Outage]:
    records = _alerts("checkout", "deploy", "audit", "zebra", "smoke")
    checkout, deploy, _, _, smoke = records
    model = RowModel(PANE, records)
    model.rebuild(NOW)
    outage = Outage(checkout, (deploy, smoke), "commit")
    assert model.set_groups([outage], NOW)
    assert not model.set_groups([outage], NOW)
    return model, records, outage


def _shown(model: RowModel) -> list[str]:
    rows = [model.record(row) for row in range(len(model))]
    return [model.cell(PANE.columns[1], row, NOW).text for row in rows if row is not None]


def _cell(model: RowModel, ref: Ref, column: str) -> str:
    record, of = model.record(model.find(ref) or 0), PANE.column(column)
    assert record is not None
    assert of is not None
    cell = model.cell(of, record, NOW)
    return "".join(part.text for part in cell.parts) or cell.text


def test_members_are_folded_away_and_counted() -> None:
    model, _, outage = _model()
    assert _shown(model) == ["audit", "checkout", "zebra"]
    assert (model.passing, model.total, model.statuses[Status.FAILED]) == (5, 5, 5)
    assert _cell(model, outage.head, "name") == "checkout +2"
    assert _cell(model, outage.head, "message") == "+2 of the same commit  "


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("column", ["name", "status", "since", "reason"])
def test_unfolded_members_stand_below_their_head_in_any_order(
    column: str, descending: bool
) -> None:
    model, _, outage = _model()
    by = PANE.column(column)
    assert by is not None
    assert model.unfold(outage.head, NOW)
    model.sort_by(by, descending=descending)
    shown = _shown(model)
    at = shown.index("checkout")
    assert shown[at : at + 3] == ["checkout", "deploy", "smoke"]
    alone = [name for name in shown if name in {"audit", "checkout", "zebra"}]
    names = ["audit", "checkout", "zebra"]
    assert alone == (names[::-1] if column == "name" and descending else names)
    assert _cell(model, outage.members[0], "name") == "└ deploy"
    assert model.fold(outage.members[1], NOW) == outage.head
    assert len(model) == 3
    assert model.fold(outage.head, NOW) is None


def test_a_filter_shows_each_that_matches() -> None:
    model, _, outage = _model()
    model.set_filter(parse("failed", PANE), NOW)
    assert len(model) == 5
    model.set_filter(parse("deploy", PANE), NOW)
    assert _shown(model) == ["deploy"]
    model.set_filter(EVERYTHING, NOW)
    assert len(model) == 3
    assert model.find(outage.members[0]) is None


def test_where_the_head_does_not_pass_its_members_are_shown() -> None:
    model, records, outage = _model()
    head = records[outage.head]
    assert isinstance(head, Alert)
    records[outage.head] = replace(head, state=AlertState.ACKNOWLEDGED)
    model.show_only_wrong(NOW, wanted=True)
    assert _shown(model) == ["audit", "deploy", "smoke", "zebra"]
    model.show_only_wrong(NOW, wanted=False)
    model.set_scope(lambda record: record.ref != outage.head, NOW)
    assert set(_shown(model)) == {"audit", "deploy", "smoke", "zebra"}


def test_what_is_under_the_cursor_or_marked_is_never_folded_away() -> None:
    model, _, outage = _model()
    assert model.keep_shown(frozenset(outage.members[:1]), NOW)
    assert len(model) == 5
    assert model.keep_shown(frozenset(), NOW)
    assert len(model) == 3
    for held, rows in ((outage.members[0], 5), (None, 3)):
        model.hold(held)
        model.rebuild(NOW)
        assert len(model) == rows


def test_what_changes_meanwhile_keeps_its_place_and_what_ends_leaves() -> None:
    model, records, outage = _model()
    records[outage.members[0]] = replace(records[outage.members[0]], status=Status.WARNING)
    assert model.update({outage.members[0]}, set(), NOW).moved
    assert (len(model), model.statuses[Status.WARNING]) == (3, 1)
    del records[outage.head]
    model.update(set(), {outage.head}, NOW)
    assert _shown(model) == ["audit", "smoke", "zebra", "deploy"]


def test_a_member_that_is_worse_than_its_head_stands_for_itself() -> None:
    model, records, outage = _model()
    for ref in (outage.head, outage.members[0]):
        records[ref] = replace(records[ref], status=Status.WARNING)
    model.update({outage.head, outage.members[0]}, set(), NOW)
    assert _shown(model) == ["audit", "smoke", "zebra", "checkout"]
    assert _cell(model, outage.head, "name") == "checkout +1"
    assert (model.passing, model.statuses[Status.FAILED]) == (5, 3)
