"""The pages of delivery figures."""

from functools import partial

from opsboard.adapter import SourceError
from opsboard.delivery.lane import LaneKey, LaneKind
from opsboard.delivery.read_delivery import DeliveryHistory
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.delivery import DeliveryScreen
from opsboard.ui.widgets.page_view import PageView
from tests.ui.app_harness import AppHarness, screen_text, until
from tests.ui.delivery_samples import delivered, nothing_delivered
from tests.ui.sample_board import stage_board
from tests.ui.sample_history import CHAIN, FakeHistory
from tests.ui.start_screens import filled
from tests.ui.test_snapshots import SIZES


def _stage(history: DeliveryHistory | None = None) -> tuple[AppHarness, FakeHistory]:
    told = FakeHistory()
    told.delivered = history or delivered()
    board = filled(stage_board(), CHAIN)
    return AppHarness(BoardScreen, board=board, history=told), told


@SIZES
async def test_a_lane_opens_and_leads_back(size: tuple[int, int]) -> None:
    app, history = _stage()
    async with app.showing("4 Alerts", size) as pilot:
        await app.does(pilot, "colon", *"delivery", "enter", then="@champion")
        assert history.asked[-1] == ("delivery",)
        await app.does(pilot, "down", "enter", then="p50 ")
        assert isinstance(app.app.screen, DeliveryScreen)
        await app.does(pilot, "escape", then="@champion")
        assert history.asked.count(("delivery",)) == 1


async def test_a_key_says_that_the_history_is_still_being_read() -> None:
    app, history = _stage()
    history.is_read.clear()
    async with app.showing("4 Alerts") as pilot:
        await app.does(pilot, "colon", *"delivery", "enter", then="reading the history")
        await app.does(pilot, "enter", then="the history is being read")
        history.is_read.set()
        await app.sees(pilot, "@champion")


@SIZES
async def test_the_window_is_chosen_without_reading_again(size: tuple[int, int]) -> None:
    app, history = _stage()
    async with app.showing("4 Alerts", size) as pilot:
        await app.does(pilot, "colon", *"delivery", "enter", then="last 30 days")
        await app.does(pilot, "plus", then="last 7 days")
        await app.does(pilot, "plus", then="7 days is the shortest window")
        await app.does(pilot, "minus", then="last 30 days")
        await app.does(pilot, "minus", then="last 90 days")
        assert history.asked.count(("delivery",)) == 1


@SIZES
async def test_a_name_chooses(size: tuple[int, int]) -> None:
    app, _ = _stage()
    async with app.showing("4 Alerts", size) as pilot:
        await app.does(pilot, "colon", *"delivery cart", "enter", then="recorded since")
        assert "@champion" not in screen_text(app.app)
        assert "cart" in screen_text(app.app)


@SIZES
async def test_an_empty_history_says_since_when_and_what_is_missing(size: tuple[int, int]) -> None:
    app, _ = _stage(nothing_delivered())
    async with app.showing("4 Alerts", size) as pilot:
        await app.does(pilot, "colon", *"delivery", "enter", then="no workload, deployment")
        assert "recorded since 2026-01-01" in screen_text(app.app)


@SIZES
async def test_a_ledger_that_cannot_be_read_says_why(size: tuple[int, int]) -> None:
    app, history = _stage()
    history.error = SourceError("the history cannot be read in x.db", "`opsboard doctor`")
    async with app.showing("4 Alerts", size) as pilot:
        await app.does(pilot, "colon", *"delivery", "enter", then="cannot be read in x.db")
        assert "not available" in screen_text(app.app)


async def test_production_is_drawn_as_such_in_every_lane_also_where_it_fails() -> None:
    app, _ = _stage()
    async with app.showing("4 Alerts") as pilot:
        await app.does(pilot, "colon", *"delivery", "enter", then="@champion")
        texts = [row.text for row in app.app.screen.query_one(PageView).rows]
        production = app.app.context.styles.production
        drawn = {
            text.plain.split(" production")[0].strip()
            for text in texts
            for span in text.spans
            if span.style == production and text.plain[span.start :].startswith("production")
        }
        assert {name.split()[-1] for name in drawn} == {"cart", "checkout"}
        assert len([text for text in texts if "✗ cart" in text.plain]) == 1


async def test_the_top_line_is_of_the_lane_under_the_cursor_and_not_of_what_led_here() -> None:
    app, _ = _stage()
    async with app.showing("2 Deployments", (120, 36)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: _environments(app) == ("production",))
        await app.does(pilot, "colon", *"delivery", "enter", then="@champion")
        lanes = [row.key for row in _page(app).rows if isinstance(row.key, LaneKey)]
        wanted = [() if key.kind is LaneKind.MODEL else (key.environment,) for key in lanes]
        assert {(), ("production",)} <= set(wanted)
        for key, environments in zip(lanes, wanted, strict=True):
            await until(pilot, partial(lambda key: _page(app).row.key == key, key))
            await until(pilot, partial(lambda told: _environments(app) == told, environments))
            await pilot.press("down")


async def test_a_page_of_everything_is_in_no_environment() -> None:
    app, _ = _stage()
    async with app.showing("2 Deployments", (120, 36)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: _environments(app) == ("production",))
        await app.does(pilot, "colon", *"handover", "enter", then="c copies it")
        assert _environments(app) == ()


def _environments(app: AppHarness) -> tuple[str, ...]:
    screen = app.app.screen
    assert isinstance(screen, BaseScreen)
    return screen.environments


def _page(app: AppHarness) -> PageView:
    return app.app.screen.query_one(PageView)
