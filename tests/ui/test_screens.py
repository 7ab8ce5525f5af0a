"""The frame and the screens, driven by keys."""

from datetime import timedelta
from pathlib import Path

import pytest
from textual.screen import Screen

from opsboard.adapter import Condition, Detail, Facts, Health, LogLine, Report, Unreachable
from opsboard.board.arrival import Arrival
from opsboard.config.settings import UiSettings
from opsboard.records import Alert, AlertState, BuildJob
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.screens.help import HelpScreen
from opsboard.ui.screens.log import LogScreen
from opsboard.ui.screens.raw import RawScreen
from opsboard.ui.screens.sources import SourcesScreen
from opsboard.ui.widgets.log_view import LogView
from opsboard.ui.widgets.page import PageView
from opsboard.ui.widgets.prompt import Prompt
from tests.ui.stage import ALERTS, BUILD, JOB, NOW, Stage, log_lines, screen_text, until

SIZE = (80, 24)


def _detail() -> Screen[None]:
    return DetailScreen(BUILD.ref)


def _log() -> Screen[None]:
    return LogScreen(JOB, "unit-tests")


def _raw() -> Screen[None]:
    return RawScreen(BUILD.ref, BUILD.name)


async def test_the_feed_starts_after_the_first_frame() -> None:
    stage = Stage(_detail)
    assert stage.feed.started == 0
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: stage.feed.started == 1)


async def test_the_top_line_tells_of_every_source_and_of_production() -> None:
    stage = Stage(_detail)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "PRODUCTION" in screen_text(stage.app))
        line = screen_text(stage.app).splitlines()[0]
        assert "✓ github 40s" in line
        assert "✓ kube-prod live" in line
        assert "✗ mlflow unreachable" in line


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 120, 300])
async def test_the_top_line_fits_whatever_the_width(width: int) -> None:
    stage = Stage(_detail)
    async with stage.run(size=(width, 5)) as pilot:
        await until(pilot, lambda: "PRODUCTION" in screen_text(stage.app))
        line = screen_text(stage.app).splitlines()[0]
        assert len(line) <= width
        assert ("4,812/5,000" in line) == (width >= 120)


@pytest.mark.parametrize(("width", "word"), [(20, "RO PRODUCTION"), (80, "read-only  PRODUCTION")])
async def test_the_top_line_says_that_one_may_only_read(width: int, word: str) -> None:
    stage = Stage(_detail)
    stage.app.read_only = True
    async with stage.run(size=(width, 5)) as pilot:
        await until(pilot, lambda: "PRODUCTION" in screen_text(stage.app))
        assert " ".join(word.split()) in " ".join(screen_text(stage.app).splitlines()[0].split())


async def test_what_arrives_reaches_the_top_line() -> None:
    stage = Stage(_detail)
    async with stage.run(size=(120, 36)) as pilot:
        await until(pilot, lambda: stage.feed.started == 1)
        down = Health(condition=Condition.FORBIDDEN, message="no")
        stage.feed.pending = [Arrival("github", Report(down), NOW)]
        stage.feed.wake()
        await until(pilot, lambda: "✗ github" in screen_text(stage.app).splitlines()[0])


async def test_a_detail_shows_all_its_sections() -> None:
    stage = Stage(_detail)
    async with stage.run(size=(120, 60)) as pilot:
        await until(pilot, lambda: "tests/test_basket.py:41" in screen_text(stage.app))
        text = screen_text(stage.app)
        for word in ("✗ failed", "exit code 1", "4m ago", "unit-tests", "none", "threshold 0.25"):
            assert word in text
        assert "[b]basket[/b]" in text


async def test_a_row_with_something_behind_it_is_entered() -> None:
    stage = Stage(_detail)
    job = BuildJob(
        source="github", id="11", name="unit-tests", build="1", repository="r", state="x"
    )
    stage.feed.detail_of[JOB] = Detail(record=job, sections=(Facts(title="Steps here", facts=()),))
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "unit-tests" in screen_text(stage.app))
        await pilot.press("tab", "tab", "down", "enter")
        await until(pilot, lambda: "Steps here" in screen_text(stage.app))
        assert "PRODUCTION" in screen_text(stage.app)
        await pilot.press("escape")
        await until(pilot, lambda: "Jobs" in screen_text(stage.app))


async def test_a_row_without_says_so() -> None:
    stage = Stage(_detail)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "Jobs" in screen_text(stage.app))
        await pilot.press("enter")
        await until(pilot, lambda: "nothing behind this row" in screen_text(stage.app))


async def test_a_detail_that_cannot_be_had_says_why_and_comes_back() -> None:
    stage = Stage(_detail)
    stage.feed.error = Unreachable("no answer from example.org", "check the network")
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "check the network" in screen_text(stage.app))
        assert "not to be had" in screen_text(stage.app)
        stage.feed.error = None
        await pilot.press("r")
        await until(pilot, lambda: "as of now" in screen_text(stage.app))
        assert stage.feed.refreshed == [None]


async def test_a_refresh_that_fails_keeps_what_was_known_with_its_age() -> None:
    stage = Stage(_detail)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "as of now" in screen_text(stage.app))
        stage.feed.error = Unreachable("no answer", "wait")
        stage.clock.time += timedelta(minutes=5)
        await pilot.press("r")
        await until(pilot, lambda: "cannot be refreshed, as of 5m ago" in screen_text(stage.app))
        assert "shop/api" in screen_text(stage.app)


async def test_a_refresh_keeps_the_cursor() -> None:
    stage = Stage(_detail)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "Jobs" in screen_text(stage.app))
        await pilot.press("tab", "tab", "down")
        page = stage.app.screen.query_one(PageView)
        before = page.row.key
        assert before == JOB
        facts, *others = stage.feed.detail_of[BUILD.ref].sections
        assert isinstance(facts, Facts)
        longer = facts.model_copy(update={"facts": (*facts.facts, facts.facts[0])})
        stage.feed.detail_of[BUILD.ref] = Detail(record=BUILD, sections=(longer, *others))
        await pilot.press("r")
        await until(pilot, lambda: len(stage.feed.asked) == 2 and page.row.key == before)


async def test_an_error_of_the_programs_own_is_a_notice_not_a_crash() -> None:
    stage = Stage(_detail)
    stage.feed.error = ZeroDivisionError("secret 123")
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "ZeroDivisionError" in screen_text(stage.app))
        assert "secret" not in screen_text(stage.app)
        assert stage.app.is_running


# --- logs ----------------------------------------------------------------------------------------


async def test_a_log_follows_until_one_goes_up() -> None:
    stage = Stage(_log)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "line 199 " in screen_text(stage.app))
        stage.feed.more.put_nowait(LogLine(text="brand new"))
        await until(pilot, lambda: "brand new" in screen_text(stage.app))
        await pilot.press("k")
        await until(pilot, lambda: "not following" in screen_text(stage.app))
        stage.feed.more.put_nowait(LogLine(text="after that"))
        await until(pilot, lambda: "202 lines" in screen_text(stage.app))
        assert "after that" not in screen_text(stage.app)
        await pilot.press("f")
        await until(pilot, lambda: "after that" in screen_text(stage.app))


async def test_a_log_is_filtered_as_one_types_and_escape_takes_that_back() -> None:
    stage = Stage(_log)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "200 lines" in screen_text(stage.app))
        await pilot.press("slash", *"error")
        await until(pilot, lambda: "20 of 200 lines" in screen_text(stage.app))
        await pilot.press("escape")
        await until(pilot, lambda: "of 200 lines" not in screen_text(stage.app))


async def test_a_bad_pattern_is_told_beside_it_and_the_last_good_one_stays() -> None:
    stage = Stage(_log)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "200 lines" in screen_text(stage.app))
        await pilot.press("slash", *"/[a/")
        await until(pilot, lambda: "not a regular expression" in screen_text(stage.app))
        await pilot.press("enter")
        assert stage.app.screen.query_one(Prompt).is_open


async def test_a_paused_log_keeps_what_comes() -> None:
    stage = Stage(_log)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "200 lines" in screen_text(stage.app))
        await pilot.press("space")
        stage.feed.more.put_nowait(LogLine(text="meanwhile"))
        await until(pilot, lambda: "paused, 1 new" in screen_text(stage.app))
        await pilot.press("space")
        await until(pilot, lambda: "meanwhile" in screen_text(stage.app))


async def test_wrapping_shows_all_of_a_long_line() -> None:
    stage = Stage(_log)
    stage.feed.lines = [*log_lines(50), LogLine(text="x" * 200 + " the end of it")]
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "51 lines" in screen_text(stage.app))
        assert "the end of it" not in screen_text(stage.app)
        await pilot.press("w")
        await until(pilot, lambda: "the end of it" in screen_text(stage.app))
        view = stage.app.screen.query_one(LogView)
        assert view.count() > 51
        await pilot.press("t")
        await until(pilot, lambda: "03:00:49" in screen_text(stage.app))


async def test_a_log_that_breaks_off_says_why_and_keeps_its_lines() -> None:
    stage = Stage(_log)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "200 lines" in screen_text(stage.app))
        stage.feed.more.put_nowait(Unreachable("the stream broke", "press r"))
        await until(pilot, lambda: "the stream broke; press r" in screen_text(stage.app))
        assert "line 199 " in screen_text(stage.app)


async def test_fifty_thousand_lines_are_kept_and_no_more() -> None:
    stage = Stage(_log)
    stage.feed.lines = []
    async with stage.run(size=SIZE) as pilot:
        view = stage.app.screen.query_one(LogView)
        view.take(log_lines(60_000))
        await pilot.pause()
        assert len(view.buffer) == 50_000
        await pilot.press("g")
        await until(pilot, lambda: "line 10000 " in screen_text(stage.app))
        await pilot.press("G")
        await until(pilot, lambda: "line 59999 " in screen_text(stage.app))


async def test_a_log_is_saved_where_one_says(tmp_path: Path) -> None:
    stage = Stage(_log)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "200 lines" in screen_text(stage.app))
        file = tmp_path / "out.log"
        await pilot.press("colon", *f"save {file}", "enter")
        await until(pilot, file.exists)
        assert len(file.read_text().splitlines()) == 200
        await pilot.press("colon", *f"save {file}", "enter")
        await until(pilot, lambda: "File exists" in screen_text(stage.app))


# --- raw, help, sources --------------------------------------------------------------------------


async def test_raw_is_yaml_then_json_and_can_be_searched() -> None:
    stage = Stage(_raw)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "name: shop/api" in screen_text(stage.app))
        assert "message: |" in screen_text(stage.app)
        await pilot.press("slash", *"name", "enter")
        await until(pilot, lambda: "3 lines with 'name'" in screen_text(stage.app))
        page = stage.app.screen.query_one(PageView)
        first = page.cursor
        await pilot.press("n")
        await until(pilot, lambda: page.cursor > first)
        await pilot.press("f")
        await until(pilot, lambda: '"name": "shop/api"' in screen_text(stage.app))


async def test_help_tells_of_where_one_is_and_of_what_is_not_possible() -> None:
    stage = Stage(_detail)
    async with stage.run(size=(100, 60)) as pilot:
        await until(pilot, lambda: "Jobs" in screen_text(stage.app))
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(stage.app.screen, HelpScreen))
        text = screen_text(stage.app)
        assert ":snooze DURATION" in text
        assert "not now: that is for alerts" in text
        assert "Pause" not in text


async def test_sources_tell_cause_mend_and_budget() -> None:
    stage = Stage(_detail)
    async with stage.run(size=SIZE) as pilot:
        await pilot.press("colon", *"sources", "enter")
        await until(pilot, lambda: isinstance(stage.app.screen, SourcesScreen))
        await until(pilot, lambda: "connection refused" in screen_text(stage.app))
        text = screen_text(stage.app)
        assert "check that the server runs" in text
        assert "4,812 of 5,000 core requests left, renewed in 40m" in text


# --- prompt, keys, looks -------------------------------------------------------------------------


async def test_commands_are_completed_and_errors_told_inline() -> None:
    stage = Stage(_detail)
    async with stage.run(size=SIZE) as pilot:
        await pilot.press("colon", *"theme l", "tab", "enter")
        await until(pilot, lambda: stage.app.theme == "light")
        await pilot.press("colon", *"thme", "enter")
        await until(pilot, lambda: "did you mean 'theme'?" in screen_text(stage.app))
        await pilot.press("escape", "colon", "up")
        await until(pilot, lambda: ":theme light" in screen_text(stage.app))


async def test_the_users_keys_are_used_and_shown() -> None:
    stage = Stage(_log, UiSettings(keys={"log.wrap": ("W",)}))
    async with stage.run(size=(120, 36)) as pilot:
        await until(pilot, lambda: "W Wrap" in screen_text(stage.app))
        view = stage.app.screen.query_one(LogView)
        await pilot.press("w")
        assert not view.wrap
        await pilot.press("W")
        await until(pilot, lambda: view.wrap)


async def test_the_palette_offers_what_can_be_done_here() -> None:
    stage = Stage(_detail)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "Jobs" in screen_text(stage.app))
        await pilot.press("ctrl+p", *"health scopes")
        await until(pilot, lambda: "every source" in screen_text(stage.app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.app.screen, SourcesScreen))


async def test_no_color_means_monochrome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = Stage(_detail, env={"NO_COLOR": "1"})
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "Jobs" in screen_text(stage.app))
        assert stage.app.theme == "monochrome"
        strips = stage.app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        colors = {style.color.name for style in styles if style.color}
        assert colors <= {"default"}


async def test_an_unknown_theme_is_a_notice_and_the_default() -> None:
    stage = Stage(_detail, UiSettings(theme="drak"))
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "there is no theme 'drak'" in screen_text(stage.app))
        assert stage.app.theme == "dark"


async def test_ascii_mode_draws_no_other_character() -> None:
    stage = Stage(_detail, UiSettings(ascii=True))
    async with stage.run(size=(80, 24)) as pilot:
        await until(pilot, lambda: "Jobs" in screen_text(stage.app))
        await pilot.press("c")
        await until(pilot, lambda: "Copy to the clipboard" in screen_text(stage.app))
        assert {char for char in screen_text(stage.app) if not char.isascii()} == set()


async def test_all_themes_can_be_worn_in_turn() -> None:
    stage = Stage(_detail)
    async with stage.run(size=SIZE) as pilot:
        await until(pilot, lambda: "Jobs" in screen_text(stage.app))
        for theme in sorted(stage.app.themes):
            stage.app.wear(theme=theme)
            await pilot.pause()
            assert "PRODUCTION" in screen_text(stage.app)


# --- records and alerts --------------------------------------------------------------------------


class _Alerts(DetailScreen):
    """Stands where a pane would, with every alert marked."""

    def targets(self) -> list:  # type: ignore[type-arg]
        return [alert.ref for alert in ALERTS]


def _alerts() -> Screen[None]:
    return _Alerts(BUILD.ref)


def _states(stage: Stage) -> set[AlertState]:
    found = [stage.board.get(alert.ref) for alert in ALERTS]
    return {alert.state for alert in found if isinstance(alert, Alert)}


async def test_marked_alerts_are_acknowledged_and_opened_again() -> None:
    stage = Stage(_alerts)
    async with stage.run(size=SIZE) as pilot:
        await pilot.press("a")
        await until(pilot, lambda: _states(stage) == {AlertState.ACKNOWLEDGED})
        await until(pilot, lambda: "3 alerts acknowledged" in screen_text(stage.app))
        await pilot.press("a")
        await until(pilot, lambda: _states(stage) == {AlertState.OPEN})


async def test_a_snooze_is_chosen_and_ends() -> None:
    stage = Stage(_alerts)
    async with stage.run(size=SIZE) as pilot:
        await pilot.press("s")
        await until(pilot, lambda: "Silence 3 alerts for" in screen_text(stage.app))
        await pilot.press("2")
        await until(pilot, lambda: _states(stage) == {AlertState.SNOOZED})
        stage.clock.time += timedelta(minutes=61)
        await until(pilot, lambda: _states(stage) == {AlertState.OPEN})


async def test_copying_offers_cell_name_and_address() -> None:
    stage = Stage(_detail)
    async with stage.run(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Jobs" in screen_text(stage.app))
        await pilot.press("c")
        await until(pilot, lambda: "Copy to the clipboard" in screen_text(stage.app))
        await pilot.press("3")
        await until(pilot, lambda: "Copied address" in screen_text(stage.app))


async def test_without_a_browser_the_address_is_copied() -> None:
    stage = Stage(_detail)
    async with stage.run(size=(120, 36)) as pilot:
        await until(pilot, lambda: "Jobs" in screen_text(stage.app))
        await pilot.press("o")
        await until(pilot, lambda: "no browser here" in screen_text(stage.app))


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (300, 100)])
@pytest.mark.parametrize("home", [_detail, _log, _raw])
async def test_every_screen_lives_at_every_size(home: object, size: tuple[int, int]) -> None:
    stage = Stage(home)  # type: ignore[arg-type]
    async with stage.run(size=size) as pilot:
        await until(pilot, lambda: stage.feed.started == 1)
        await pilot.resize_terminal(60, 18)
        await pilot.press("j", "k", "G", "g", "question_mark", "escape")
        await pilot.pause()
        assert stage.app.is_running


async def test_quitting_ends_with_code_zero() -> None:
    stage = Stage(_log)
    async with stage.run(size=SIZE) as pilot:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not stage.app.is_running)
    assert stage.app.return_code == 0
