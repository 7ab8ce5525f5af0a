"""The detail of a record, driven by keys."""

from datetime import timedelta

from opsboard.adapter import Detail, Facts, Grid, GridRow, LogLine, Unreachable
from opsboard.records import BuildJob
from opsboard.ui.widgets.log_view import LogView
from opsboard.ui.widgets.page_view import PageView
from tests.ui.app_harness import AppHarness, until
from tests.ui.sample_board import BUILD, JOB, log_lines
from tests.ui.start_screens import detail


async def test_a_detail_shows_all_its_sections() -> None:
    stage = AppHarness(detail)
    async with stage.showing("tests/test_basket.py:41", (120, 60)) as pilot:
        text = await stage.at_rest(pilot)
        for word in ("✗ failed", "exit code 1", "4m ago", "unit-tests", "none", "threshold 0.25"):
            assert word in text
        assert "[b]basket[/b]" in text


async def test_a_row_with_something_behind_it_is_entered() -> None:
    stage = AppHarness(detail)
    job = BuildJob(
        source="github", id="11", name="unit-tests", build="1", repository="r", state="x"
    )
    stage.feed.detail_of[JOB] = Detail(record=job, sections=(Facts(title="Steps here", facts=()),))
    async with stage.showing("Jobs") as pilot:
        await stage.does(pilot, "tab", "down", "enter", then="Steps here")
        assert "PRODUCTION" in stage.text
        await stage.does(pilot, "escape", then="Jobs")


async def test_a_row_without_says_so() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs") as pilot:
        await stage.does(pilot, "enter", then="this row has no details")


async def test_a_row_that_is_cut_is_read_whole() -> None:
    stage = AppHarness(detail)
    tags = Grid(
        title="Tags",
        columns=("tag", "value"),
        rows=(
            GridRow(cells=("note", f"it begins {'and goes on ' * 20}and ends here")),
            GridRow(cells=("team", "shop")),
        ),
    )
    stage.feed.detail_of[BUILD.ref] = Detail(record=BUILD, sections=(tags,))
    async with stage.showing("2  Enter shows a row whole") as pilot:
        assert "and ends here" not in stage.text
        await stage.does(pilot, "tab", "enter", then="and ends here")
        await stage.does(pilot, "escape", then="Tags")
        await stage.does(pilot, "down", "enter", then="this row has no details")


async def test_a_detail_that_cannot_be_had_says_why_and_comes_back() -> None:
    stage = AppHarness(detail)
    stage.feed.error = Unreachable("no answer from example.org", "check the network")
    async with stage.showing("check the network") as pilot:
        assert "not available" in stage.text
        stage.feed.error = None
        await stage.does(pilot, "r", then="as of now")
        assert stage.feed.refreshed == [None]


async def test_a_refresh_that_fails_keeps_what_was_known_with_its_age() -> None:
    stage = AppHarness(detail)
    async with stage.showing("as of now") as pilot:
        stage.feed.error = Unreachable("no answer", "wait")
        stage.clock.time += timedelta(minutes=5)
        await stage.does(pilot, "r", then="cannot be refreshed, as of 5m ago")
        assert "shop/api" in stage.text


async def test_a_refresh_keeps_the_cursor() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs") as pilot:
        await pilot.press("tab", "down")
        page = stage.app.screen.query_one(PageView)
        before = page.row.key
        assert page.row.ref == JOB
        facts, *others = stage.feed.detail_of[BUILD.ref].sections
        assert isinstance(facts, Facts)
        longer = facts.model_copy(update={"facts": (*facts.facts, facts.facts[0])})
        stage.feed.detail_of[BUILD.ref] = Detail(record=BUILD, sections=(longer, *others))
        await pilot.press("r")
        await until(pilot, lambda: len(stage.feed.asked) == 2 and page.row.key == before)


async def test_an_error_of_the_programs_own_is_a_notice_not_a_crash() -> None:
    stage = AppHarness(detail)
    stage.feed.error = ZeroDivisionError("secret 123")
    async with stage.showing("ZeroDivisionError"):
        assert "secret" not in stage.text
        assert stage.app.is_running


async def test_a_log_is_opened_at_the_step_whose_row_one_is_on() -> None:
    stage = AppHarness(detail)
    rows = (
        GridRow(cells=("build", "success")),
        GridRow(cells=("unit-tests", "failure"), ref=JOB, part="Run pytest"),
    )
    page = Detail(record=BUILD, sections=(Grid(title="Steps", columns=("a", "b"), rows=rows),))
    stage.feed.detail_of[BUILD.ref] = page
    stage.feed.lines = [
        *log_lines(60),
        LogLine(text="it begins", part="Run pytest"),
        LogLine(text="it breaks", part="Run pytest", error=True),
        *log_lines(60),
    ]
    async with stage.showing("unit-tests", (120, 36)) as pilot:
        await pilot.press("tab", "down")
        await stage.does(pilot, "L", then="it breaks")
        view = stage.app.screen.query_one(LogView)
        await until(pilot, lambda: view.number_at(view.cursor) == 61)
