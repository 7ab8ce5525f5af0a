"""Raw form, help and sources: pages to read."""

from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.help import HelpScreen
from opsboard.ui.screens.sources import SourcesScreen
from opsboard.ui.widgets.page_view import PageView
from tests.ui.app_harness import AppHarness, until
from tests.ui.start_screens import detail, raw


async def test_raw_is_yaml_then_json_and_can_be_searched() -> None:
    stage = AppHarness(raw)
    async with stage.showing("name: shop/api") as pilot:
        assert "message: |" in stage.text
        await stage.does(pilot, "slash", *"name", "enter", then="3 lines with 'name'")
        page = stage.app.screen.query_one(PageView)
        first = page.cursor
        await pilot.press("n")
        await until(pilot, lambda: page.cursor > first)
        await pilot.press("f")
        await until(pilot, lambda: '"name": "shop/api"' in stage.text)


async def test_help_tells_of_where_one_is_and_of_what_is_not_possible() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs", (100, 60)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(stage.app.screen, HelpScreen))
        text = stage.text
        assert ":snooze DURATION" in text
        assert "not now: that is for alerts" in text
        assert "Pause" not in text


async def test_sources_tell_cause_mend_and_budget() -> None:
    stage = AppHarness(detail)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("colon", *"sources", "enter")
        await until(pilot, lambda: isinstance(stage.app.screen, SourcesScreen))
        await stage.sees(pilot, "connection refused")
        text = stage.text
        assert "check that the server runs" in text
        assert "4,812 of 5,000 core requests left, renewed in 40m" in text


async def test_enter_on_the_alert_of_a_source_opens_that_source() -> None:
    stage = AppHarness(BoardScreen)
    async with stage.showing("MLflow", (120, 36)) as pilot:
        await pilot.press("4")
        await stage.does(pilot, "slash", *"unreachable", "enter", then="connection refused")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.app.screen, SourcesScreen))
        page = stage.app.screen.query_one(PageView)
        await until(pilot, lambda: page.row.key == "mlflow")
