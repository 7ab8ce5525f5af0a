"""The board: panes over tables, driven by keys and by changes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from textual.geometry import Region, Size
from textual.widget import Widget

from opsboard.adapter import Condition, Health, Remove, Report, Upsert
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.records import Alert, AnyRecord, Build, Kind, Status
from opsboard.ui.screens.board import WIDE, BoardScreen
from opsboard.ui.terminal.textual_internals import is_batching
from opsboard.ui.widgets.pane import Pane
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.views.rows import is_wrong
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
        text = await stage.at_rest(pilot)
        titles = ("5 Services", "1 Builds", "2 Deployments", "3 Models", "4 Alerts")
        places = [text.index(title) for title in titles]
        assert places == sorted(places)
        assert "payments" in text
        assert "\x1b" not in text


async def test_rows_that_come_later_take_the_line_of_the_titles_where_room_is_scarce() -> None:
    stage = board_with(one for one in everything() if not isinstance(one, Build))
    async with stage.app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "1 Builds 1" in stage.text)
        assert "age" in _below(await stage.at_rest(pilot), "1 Builds")
        _tell(stage, Upsert("build", builds()))
        await until(pilot, lambda: "1 Builds 1 " not in stage.text)
        assert "age" not in _below(await stage.at_rest(pilot), "1 Builds")


def _below(text: str, title: str) -> str:
    """Return the line below the one with *title*."""
    return text.partition(title)[2].splitlines()[1]


async def test_why_nothing_is_known_is_said_once_and_by_the_pane_that_is_alone() -> None:
    board = Board({"github": "GitHub"})
    slow = Health(condition=Condition.THROTTLED, message="429 Too Many Requests", hint="wait")
    board.apply([BoardEvent("github", Report(slow), NOW)])
    stage = AppHarness(BoardScreen, board=board)
    async with stage.showing("No alerts are known yet.", (120, 36)) as pilot:
        assert (await stage.at_rest(pilot)).count("429 Too Many Requests (wait)") == 1
        await stage.does(pilot, "2", "z", then="429 Too Many Requests (wait)")
        await until(pilot, lambda: "No deployments are known yet.\n github: 429" in stage.text)
        assert "1 Builds" not in stage.text
        await stage.does(pilot, "0", then="1 Builds")
        await until(pilot, lambda: stage.text.count("429 Too Many Requests (wait)") == 1)


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


async def test_only_what_is_wrong_is_one_key_for_every_pane_and_escape_drops_it() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: _table(stage).line_count() == 25)
        await pilot.press("exclamation_mark")
        models = [pane.table.model for pane in _board(stage).query(Pane)]
        await until(pilot, lambda: all(model.only_wrong for model in models))
        for model in models:
            records = [model.record(row) for row in range(len(model))]
            assert all(record is not None and is_wrong(record) for record in records)
        assert "! only what is wrong" in screen_text(stage.app)
        assert f"{_table(stage).model.passing}/25" in screen_text(stage.app)
        await pilot.press("escape")
        await until(pilot, lambda: _table(stage).line_count() == 25)
        assert not any(model.only_wrong for model in models)


async def test_builds_that_alerts_are_about_come_first_and_known_alerts_last() -> None:
    stage = _stage([])
    late = replace(builds(1)[0], id="late", status=Status.OK, branch="main")
    bad = replace(
        builds(1)[0], id="bad", status=Status.FAILED, state="failure", branch="main",
        workflow="nightly", created_at=NOW - timedelta(hours=9),
        updated_at=NOW - timedelta(hours=9), finished_at=NOW - timedelta(hours=9),
    )  # fmt: skip
    async with stage.app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "1 Builds" in screen_text(stage.app))
        _tell(stage, Upsert("build", [late, bad]))
        table = _board(stage).query_one("#pane-builds", Pane).table
        await until(pilot, lambda: table.model.ref(0).id == "bad")
        alerts = _board(stage).query_one("#pane-alerts", Pane).table
        found = [alerts.model.record(row) for row in range(len(alerts.model))]
        alert = next(one for one in found if isinstance(one, Alert) and one.about == bad.ref)
        stage.app.board_changed(stage.board.acknowledge(alert.ref, NOW))
        await until(pilot, lambda: table.model.ref(0).id != "bad")
        row = alerts.model.find(alert.ref)
        assert row is not None
        later = [alerts.model.record(at) for at in range(row, len(alerts.model))]
        assert all(isinstance(one, Alert) and not is_wrong(one) for one in later)
        reading = alerts._reading(row)
        assert reading is not None
        assert reading.recedes


class _CountsLayouts(BoardScreen):
    """Counts how often it is laid out, and styled as a whole, before its first frame is drawn."""

    layouts = stylings = 0
    is_drawn = False

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        self.layouts += not self.is_drawn
        super()._refresh_layout(size, scroll)

    def update_node_styles(self, animate: bool = True) -> None:
        self.stylings += not self.is_drawn and bool(self.query(Pane))
        super().update_node_styles(animate)

    def _compositor_refresh(self) -> None:
        self.is_drawn = self.is_drawn or not is_batching(self.app)
        super()._compositor_refresh()


@pytest.mark.parametrize("size", SIZES)
async def test_the_board_is_laid_out_twice_and_no_more_for_its_first_frame(
    size: tuple[int, int],
) -> None:
    stage = AppHarness(_CountsLayouts, board=board_with(everything()).board)
    async with stage.app.run_test(size=size) as pilot:
        await until(pilot, lambda: stage.app.context.first_paint.is_done)
        board = stage.app.screen
        assert isinstance(board, _CountsLayouts)
        assert board.is_drawn
        assert 0 < board.layouts <= 2, "once to know the sizes, once with scroll bars and titles"
        assert board.stylings <= (size[0] >= WIDE), "each was styled as it was mounted"
        text = await stage.at_rest(pilot)
        board.refresh(layout=True)
        assert await stage.at_rest(pilot) == text
