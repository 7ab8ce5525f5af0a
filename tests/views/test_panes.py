"""What the panes and their columns hold to, over every record of the sample."""

import pytest

from opsboard.adapter import Upsert
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.records import ConfigObject, Kind, Record
from opsboard.views.layout import GAP, fit_columns, fixed_columns, place_columns
from opsboard.views.panes import PaneSpec, numbered_panes, pane_named, panes
from tests.ui.app_harness import NOW
from tests.ui.sample_records import everything


def _sample() -> list[Record]:
    """Return records of every kind that has a table, those that the board makes among them."""
    config = ConfigObject(
        source="kube-prod", id="cm", name="checkout-limits", cluster="prod-eu", namespace="shop",
        object="ConfigMap", keys=("limit",), changed_at=NOW, manager="ci",
    )  # fmt: skip
    sources = [*everything(), config]
    board = Board()
    board.apply([BoardEvent(one.source, Upsert(one.id, [one]), NOW) for one in sources])
    return [*sources, *board.records(Kind.SERVICE).values()]


def _records(pane: PaneSpec) -> list[Record]:
    return [record for record in _sample() if record.kind is pane.kind]


@pytest.mark.parametrize("pane", panes(), ids=lambda pane: pane.id)
def test_every_column_shows_and_sorts_every_record(pane: PaneSpec) -> None:
    records = _records(pane)
    assert records
    for column in pane.columns:
        assert all(isinstance(column.show(record, NOW).text, str) for record in records)
        sorted(column.key(record) for record in records)


@pytest.mark.parametrize("pane", panes(), ids=lambda pane: pane.id)
def test_what_words_are_looked_for_in_is_text(pane: PaneSpec) -> None:
    for record in _records(pane):
        assert all(isinstance(getattr(record, field), str) for field in pane.search)


@pytest.mark.parametrize("pane", panes(), ids=lambda pane: pane.id)
def test_column_ids_are_unique_and_the_order_is_by_one_of_them(pane: PaneSpec) -> None:
    ids = [column.id for column in pane.columns]
    assert len(ids) == len(set(ids))
    assert pane.order in ids


def test_the_overview_has_five_panes_in_order() -> None:
    assert [pane.number for pane in numbered_panes()] == [5, 1, 2, 3, 4]


@pytest.mark.parametrize("pane", panes(), ids=lambda pane: pane.id)
@pytest.mark.parametrize("room", [38, 58, 78, 118, 298])
def test_columns_never_take_more_than_there_is(pane: PaneSpec, room: int) -> None:
    placed = fit_columns(pane.columns, [30] * len(pane.columns), room)
    taken = sum(width for _, width in placed) + GAP * (len(placed) - 1)
    assert taken <= room
    assert placed[0].column.id == "status"


def test_a_column_without_any_text_is_left_out() -> None:
    pane = panes()[0]
    placed = fit_columns(pane.columns, [0] * len(pane.columns), 300)
    assert all(column.priority == 0 for column, _ in placed)


@pytest.mark.parametrize("pane", panes(), ids=lambda pane: pane.id)
@pytest.mark.parametrize("room", [78, 118, 198])
def test_the_title_that_rows_are_sorted_by_is_read_in_full_with_its_sign(
    pane: PaneSpec, room: int
) -> None:
    """Whatever the others would take: the order is what the rows are read by."""
    for by in pane.columns:
        columns = fixed_columns(pane.columns, room, by.id)
        placed = place_columns(columns, [60] * len(columns), room, by.id)
        width = next(width for column, width in placed if column.id == by.id)
        assert not by.title or width >= len(by.title) + 1, by.id
        taken = sum(width for _, width in placed) + GAP * (len(placed) - 1)
        assert taken <= room


def test_one_very_long_name_leaves_room_for_the_other_columns() -> None:
    pane = pane_named("models")
    columns = fixed_columns(pane.columns, 118)
    needed = [{"name": 250, "metrics": 50}.get(column.id, 0) for column in columns]
    widths = {column.id: width for column, width in place_columns(columns, needed, 118)}
    least = {column.id: column.width for column in columns}
    assert widths["metrics"] > least["metrics"]
    assert widths["name"] >= 26


def test_what_no_other_column_needs_goes_to_the_long_name() -> None:
    pane = pane_named("models")
    columns = fixed_columns(pane.columns, 118)
    needed = [{"name": 250}.get(column.id, 0) for column in columns]
    widths = {column.id: width for column, width in place_columns(columns, needed, 118)}
    assert widths["name"] > 29


def test_a_sentence_takes_no_more_than_it_needs_before_names_are_read_whole() -> None:
    pane = pane_named("pods")
    columns = fixed_columns(pane.columns, 218)
    names = {"name": 30, "node": 17, "owner": 20}
    needed = [{**names, "message": 250}.get(column.id, 0) for column in columns]
    widths = {column.id: width for column, width in place_columns(columns, needed, 218)}
    assert {id_: widths[id_] for id_ in names} == names
    assert widths["message"] > 30
    assert sum(widths.values()) + GAP * (len(columns) - 1) == 218
