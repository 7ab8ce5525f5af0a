"""The board: panes over tables, driven by keys and by changes."""

from collections.abc import Iterable
from dataclasses import replace

import pytest
from textual.geometry import Region
from textual.widget import Widget

from opsboard.adapter import Remove, Upsert
from opsboard.board.events import BoardEvent
from opsboard.records import AnyRecord, Kind, Status
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.widgets.record_table import RecordTable
from tests.ui.app_harness import NOW, AppHarness, screen_text, until
from tests.ui.sample_records import builds, everything
from tests.ui.start_screens import board_with

SIZES = [(80, 24), (120, 36), (300, 100)]


def _stage(records: Iterable[AnyRecord]) -> AppHarness:
    """Return the board without services: then one begins in the builds."""
    stage = board_with(records)
    stage.board._tables[Kind.SERVICE].clear()
    return stage


def _board(stage: AppHarness) -> BoardScreen:
    assert isinstance(stage.app.screen, BoardScreen)
    return stage.app.screen


def _table(stage: AppHarness) -> RecordTable:
    return _board(stage).pane.table


def _tell(stage: AppHarness, change: Upsert | Remove) -> None:
    stage.app.board_changed(stage.board.apply([BoardEvent("github", change, NOW)]))


@pytest.mark.parametrize("size", SIZES)
async def test_all_five_panes_are_seen_at_once(size: tuple[int, int]) -> None:
    stage = board_with(everything())
    async with stage.app.run_test(size=size) as pilot:
        await until(pilot, lambda: "4 Alerts" in screen_text(stage.app))
        text = screen_text(stage.app)
        titles = ("5 Services", "1 Builds", "2 Deployments", "3 Models", "4 Alerts")
        places = [text.index(title) for title in titles]
        assert places == sorted(places)
        assert "payments" in text
        assert "\x1b" not in text


async def test_a_pane_is_focused_by_its_number_and_zoomed_by_the_same_again() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "4 Alerts" in screen_text(stage.app))
        await pilot.press("2")
        await until(pilot, lambda: _board(stage).pane.spec.id == "deployments")
        await pilot.press("2")
        await until(pilot, lambda: "1 Builds" not in screen_text(stage.app))
        await pilot.press("escape")
        await until(pilot, lambda: "1 Builds" in screen_text(stage.app))


async def test_a_filter_follows_each_key_and_escape_drops_it() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: _table(stage).line_count() == 25)
        await pilot.press("slash", *"repo:pay")
        await until(pilot, lambda: _table(stage).line_count() == 3)
        await pilot.press("enter", "escape")
        await until(pilot, lambda: _table(stage).line_count() == 25)


async def test_a_filter_that_takes_too_long_is_told_and_the_one_before_stays() -> None:
    long = replace(builds(1)[0], id="long", title="a" * 200 + "!")
    stage = _stage([*builds(3), long])
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: _table(stage).line_count() == 5)
        await pilot.press("slash", *"title:/(a|aa)+")
        await until(pilot, lambda: _table(stage).model.filter.text == "title:/(a|aa)+")
        await pilot.press("$")
        await until(pilot, lambda: "takes too long" in screen_text(stage.app))
        assert _table(stage).model.filter.text == "title:/(a|aa)+"


async def test_the_cursor_and_marks_stay_with_their_records_when_rows_move() -> None:
    stage = _stage(builds(10))
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: _table(stage).line_count() == 11)
        await pilot.press("j", "space", "j")
        table = _table(stage)
        current, marks = table.current_ref, set(table.marks)
        newer = [replace(b, id=f"new-{b.id}", started_at=NOW) for b in builds(3)]
        _tell(stage, Upsert("build", newer))
        await until(pilot, lambda: table.line_count() == 14)
        assert table.current_ref == current
        assert table.marks == marks
        assert current is not None
        assert table.model.find(current) == table.cursor


async def test_only_the_line_that_reads_differently_is_painted_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stage = _stage(builds(10))
    async with stage.app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: _table(stage).line_count() == 11)
        table = _table(stage)
        await until(pilot, lambda: len(table._seen) > 5)
        painted: list[tuple[Region, ...]] = []
        monkeypatch.setattr(table, "refresh", lambda *regions, **_: painted.append(regions))
        record = table.model.record(3)
        assert record is not None
        other = replace(record, status=Status.UNKNOWN)
        _tell(stage, Upsert("build", [other]))
        await until(pilot, lambda: stage.board.get(record.ref) == other and bool(painted))
        assert painted == [(Region(0, 3, table.size.width, 1),)]


@pytest.mark.parametrize("size", [(20, 5), (39, 30)])
async def test_a_terminal_that_is_too_small_says_so(size: tuple[int, int]) -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=size) as pilot:
        await until(pilot, lambda: "too small" in screen_text(stage.app))
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: "1 Builds" in screen_text(stage.app))


async def test_panes_without_a_number_are_opened_by_name() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "1 Builds" in screen_text(stage.app))
        await pilot.press("colon", *"pods", "enter")
        await until(pilot, lambda: "payments-1" in screen_text(stage.app))
        assert isinstance(_board(stage).focused, Widget)
