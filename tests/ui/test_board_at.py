"""The board as it was: read-only, said in the top line, with the live one going on behind it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from opsboard.adapter import Unsupported, Upsert
from opsboard.board.events import BoardEvent
from opsboard.history.historical_board import UncertainRecord
from opsboard.records import Kind, Status
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.board_at import EarlierBoardScreen
from opsboard.ui.screens.detail import DetailScreen
from tests.ui.app_harness import AppHarness, until
from tests.ui.sample_board import NOW, stage_board
from tests.ui.sample_history import CHAIN, CHECKOUT, FakeHistory
from tests.ui.start_screens import filled
from tests.ui.test_history_screens import ON_CHECKOUT, SIZES


def _stage(history: FakeHistory | None = None) -> AppHarness:
    board = filled(stage_board(), CHAIN)
    stage = AppHarness(BoardScreen, board=board, history=history or FakeHistory())
    object.__setattr__(stage.app.context, "zone", UTC)
    return stage


@SIZES
async def test_the_board_at_a_time_says_so_and_comes_back(size: tuple[int, int]) -> None:
    history = FakeHistory()
    app = _stage(history)
    async with app.showing("4 Alerts", size) as pilot:
        await app.does(pilot, "colon", *"at -2h", "enter", then="AS OF 01:00, READ-ONLY")
        asked = [one for one in history.asked if one[0] == "at"]
        assert asked == [("at", NOW - timedelta(hours=2))]
        assert "4/4" in app.text or "checkout" in app.text
        assert "CrashLoopBackOff" not in app.text  # it was well then
        screen = app.app.screen
        assert screen.query_one("TopLine").rich_style.reverse
        await app.does(pilot, "escape", then="mlflow")
        assert not isinstance(app.app.screen, EarlierBoardScreen)
        assert app.app.context.as_of is None


async def test_the_pane_in_focus_is_there_before_the_rest_is_read() -> None:
    history = FakeHistory()
    history.all_read.clear()
    app = _stage(history)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await pilot.press("1")
        await app.does(pilot, "colon", *"at -2h", "enter", then="AS OF 01:00, READ-ONLY")
        screen = app.app.screen
        assert isinstance(screen, EarlierBoardScreen)
        board = screen.context.board
        assert not board.records(Kind.DEPLOYMENT)
        history.all_read.set()
        await app.sees(pilot, "4/4")
        assert app.app.screen is screen
        assert board.get(CHECKOUT.ref) is not None


async def test_who_goes_back_before_the_rest_is_read_stays_there() -> None:
    history = FakeHistory()
    history.all_read.clear()
    app = _stage(history)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "colon", *"at -2h", "enter", then="AS OF 01:00, READ-ONLY")
        await app.does(pilot, "escape", then="mlflow")
        history.all_read.set()
        await pilot.pause()
        assert not isinstance(app.app.screen, EarlierBoardScreen)
        assert "CrashLoopBackOff" in app.text


async def test_a_time_that_is_none_is_refused_and_now_is_now() -> None:
    app = _stage()
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "colon", *"at 25:00", "enter", then="no clock shows that")
        await app.does(pilot, "colon", *"at 03:30", "enter", then="AS OF 2026-11-23 03:30")
        await app.does(pilot, "colon", *"at", "enter", then="mlflow")
        assert not isinstance(app.app.screen, EarlierBoardScreen)


async def test_every_action_is_refused_with_the_time() -> None:
    app = _stage()
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "colon", *"at -2h", "enter", then="AS OF 01:00")
        for key in ("B", "T", "X", "x"):
            await pilot.press("2", key)
            await app.sees(pilot, "as of 01:00: read-only")
            app.app.clear_notifications()
            await until(pilot, lambda: "as of 01:00: read-only" not in app.text)
        await pilot.press("4", "a")
        await app.sees(pilot, "as of 01:00: read-only")
        await pilot.press("2", "y")
        await app.sees(pilot, "was not recorded")


async def test_the_live_board_goes_on_behind_it() -> None:
    app = _stage()
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "colon", *"at -2h", "enter", then="AS OF 01:00")
        other = replace(CHECKOUT, reason="Recovered", status=Status.WARNING)
        change = BoardEvent("kube-prod", Upsert("deployment", [other]), NOW)
        app.app.board_changed(app.board.apply([change]))
        await pilot.pause()
        assert "Recovered" not in app.text
        await app.does(pilot, "escape", then="Recovered")


async def test_brackets_step_from_change_to_change_and_keep_the_place() -> None:
    app = _stage()
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await pilot.press("right_square_bracket")
        await app.sees(pilot, "this is now")
        await pilot.press("2", "z")
        await app.does(pilot, "left_square_bracket", then="AS OF 02:00")
        assert isinstance(app.app.screen, EarlierBoardScreen)
        await until(pilot, lambda: app.app.screen.place.zoomed)  # type: ignore[attr-defined]
        screen = app.app.screen
        await app.does(pilot, "left_square_bracket", then="AS OF 00:00")
        assert app.app.screen is screen, "it shows another time, and is not opened anew"
        await pilot.press("left_square_bracket")
        await app.sees(pilot, "nothing that is recorded changed before")
        await app.does(pilot, "right_square_bracket", then="AS OF 02:00")
        await app.does(pilot, "right_square_bracket", then="mlflow")
        assert not isinstance(app.app.screen, EarlierBoardScreen)


async def test_keys_that_come_while_a_step_is_read_are_counted() -> None:
    history = FakeHistory()
    history.changes = [NOW - timedelta(hours=hours) for hours in (5, 4, 3, 2, 1)]
    app = _stage(history)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "left_square_bracket", then="AS OF 02:00")
        history.at_once.clear()
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: ("at", NOW - timedelta(hours=2)) in history.asked)
        await pilot.press("left_square_bracket", "left_square_bracket")
        history.at_once.set()
        await app.sees(pilot, "AS OF 2026-11-23 23:00")
        shown = [one[1] for one in history.asked if one[0] == "at"]
        assert shown[-1] == NOW - timedelta(hours=4)
        assert NOW - timedelta(hours=3) not in shown, "what lies between is not read"
        history.at_once.clear()
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: ("at", NOW - timedelta(hours=5)) in history.asked)
        await pilot.press("escape")
        history.at_once.set()
        await app.sees(pilot, "mlflow")
        assert not isinstance(app.app.screen, EarlierBoardScreen), "who has left it has left it"


async def test_what_changed_between_two_looks_shows_both_states_and_the_interval() -> None:
    history = FakeHistory()
    before = replace(CHECKOUT, images=("registry.example/shop/checkout:v55",), revision="55")
    since, until_ = (NOW - timedelta(minutes=minutes) for minutes in (130, 110))
    history.uncertain = (UncertainRecord(CHECKOUT.ref, before, CHECKOUT, since, until_),)
    app = _stage(history)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "colon", *"at -2h", "enter", then="AS OF 01:00")
        await app.sees(pilot, "v55 → v56 between 00:50:00 and 01:10:00, shown as before")


async def test_what_is_not_known_for_sure_can_be_read_in_another_theme_too() -> None:
    history = FakeHistory()
    since, until_ = (NOW - timedelta(minutes=minutes) for minutes in (130, 110))
    history.uncertain = (UncertainRecord(CHECKOUT.ref, CHECKOUT, CHECKOUT, since, until_),)
    app = _stage(history)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "colon", *"at -2h", "enter", then="between 00:50:00 and")
        for theme in ("light", "contrast"):
            await pilot.press("colon", *f"theme {theme}", "enter")
            await until(pilot, partial(_is_told_in, app, theme))


def _is_told_in(app: AppHarness, theme: str) -> bool:
    told = app.app.context.styles.statuses[Status.UNKNOWN].color
    return app.app.theme == theme and told in _colors(app, "between 00:50:00")


def _colors(app: AppHarness, word: str) -> set[object]:
    lines = app.app.screen._compositor.render_strips()
    return {one.style.color for line in lines for one in line if one.style and word in one.text}


async def test_a_detail_of_then_has_what_was_recorded_and_nothing_else() -> None:
    app = _stage()
    async with app.showing("4 Alerts", (100, 36)) as pilot:  # without a preview, which asks
        await app.does(pilot, "colon", *"at -2h", "enter", then="AS OF 01:00")
        await pilot.press(*ON_CHECKOUT)
        await app.does(pilot, "enter", then="prod-eu")
        assert isinstance(app.app.screen, DetailScreen)
        assert "AS OF 01:00" in app.text
        assert "as of 01:00" in app.text
        assert "as of now" not in app.text
        assert app.feed.asked == []  # no source is asked about the past
        await app.does(pilot, "escape", then="2 Deployments")
        assert isinstance(app.app.screen, EarlierBoardScreen)


async def test_an_hour_that_the_clock_showed_twice_is_asked_about() -> None:
    history = FakeHistory()
    app = _stage(history)
    object.__setattr__(app.app.context, "zone", ZoneInfo("Europe/Berlin"))
    app.clock.time = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "colon", *"at 02:30", "enter", then="The clock showed 02:30 twice")
        await app.does(pilot, "2", then="AS OF 02:30")
        asked = [one for one in history.asked if one[0] == "at"]
        assert asked == [("at", datetime(2026, 10, 25, 1, 30, tzinfo=UTC))]


async def test_why_there_is_nothing_to_look_back_on_is_said() -> None:
    history = FakeHistory()
    history.error = Unsupported("no history is recorded yet", "`opsboard watch --record`")
    app = _stage(history)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "colon", *"at -2h", "enter", then="no history is recorded yet")


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (160, 45)])
async def test_the_time_is_never_cut(size: tuple[int, int]) -> None:
    app = _stage()
    async with app.run(size) as pilot:
        await app.does(pilot, "colon", *"at -2h", "enter", then="AS OF 01:00, READ-ONLY")
