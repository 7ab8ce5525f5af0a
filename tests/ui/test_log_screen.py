"""A log, driven by keys and by lines that arrive."""

from pathlib import Path

import pytest

from opsboard.adapter import LogLine, Unreachable
from opsboard.ui.widgets.log_view import LogView
from opsboard.ui.widgets.prompt import Prompt
from tests.ui.app_harness import AppHarness, until
from tests.ui.sample_board import log_lines
from tests.ui.start_screens import log


async def test_a_log_follows_until_one_goes_up() -> None:
    stage = AppHarness(log)
    async with stage.showing("line 199 ") as pilot:
        stage.feed.more.put_nowait(LogLine(text="brand new"))
        await stage.sees(pilot, "brand new")
        await stage.does(pilot, "k", then="not following")
        stage.feed.more.put_nowait(LogLine(text="after that"))
        await stage.sees(pilot, "202 lines")
        assert "after that" not in stage.text
        await stage.does(pilot, "f", then="after that")


async def test_a_log_is_filtered_as_one_types_and_escape_takes_that_back() -> None:
    stage = AppHarness(log)
    async with stage.showing("200 lines") as pilot:
        await stage.does(pilot, "slash", *"error", then="20 of 200 lines")
        await pilot.press("escape")
        await until(pilot, lambda: "of 200 lines" not in stage.text)


async def test_a_bad_pattern_is_told_beside_it_and_the_last_good_one_stays() -> None:
    stage = AppHarness(log)
    async with stage.showing("200 lines") as pilot:
        await stage.does(pilot, "slash", *"/[a/", then="not a regular expression")
        await pilot.press("enter")
        assert stage.app.screen.query_one(Prompt).is_open


async def test_a_pattern_that_takes_too_long_is_told_and_all_lines_stay() -> None:
    stage = AppHarness(log)
    stage.feed.lines = [*log_lines(50), LogLine(text="a" * 200 + "!")]
    async with stage.showing("51 lines") as pilot:
        await stage.does(pilot, "slash", *"/(a|aa)+$/", then="takes too long")
        await pilot.press("escape")
        await stage.sees(pilot, "51 lines")


async def test_a_paused_log_keeps_what_comes() -> None:
    stage = AppHarness(log)
    async with stage.showing("200 lines") as pilot:
        await pilot.press("space")
        stage.feed.more.put_nowait(LogLine(text="meanwhile"))
        await stage.sees(pilot, "paused, 1 new")
        await stage.does(pilot, "space", then="meanwhile")


async def test_wrapping_shows_all_of_a_long_line() -> None:
    stage = AppHarness(log)
    stage.feed.lines = [*log_lines(50), LogLine(text="x" * 200 + " the end of it")]
    async with stage.showing("51 lines") as pilot:
        assert "the end of it" not in stage.text
        await stage.does(pilot, "w", then="the end of it")
        view = stage.app.screen.query_one(LogView)
        assert view.line_count() > 51
        await stage.does(pilot, "t", then="03:00:49")


async def test_a_log_that_breaks_off_says_why_and_keeps_its_lines() -> None:
    stage = AppHarness(log)
    async with stage.showing("200 lines") as pilot:
        stage.feed.more.put_nowait(Unreachable("the stream broke", "press r"))
        await stage.sees(pilot, "the stream broke; press r")
        assert "line 199 " in stage.text


async def test_fifty_thousand_lines_are_kept_and_no_more() -> None:
    stage = AppHarness(log)
    stage.feed.lines = []
    async with stage.run(size=(80, 24)) as pilot:
        view = stage.app.screen.query_one(LogView)
        view.append_lines(log_lines(60_000))
        await pilot.pause()
        assert len(view.buffer) == 50_000
        await stage.does(pilot, "g", then="line 10000 ")
        await stage.does(pilot, "G", then="line 59999 ")


async def test_a_log_is_saved_where_one_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a short name is typed sooner
    stage = AppHarness(log)
    async with stage.showing("200 lines") as pilot:
        file = tmp_path / "out.log"
        await pilot.press("colon", *"save out.log", "enter")
        await until(pilot, file.exists)
        assert len(file.read_text().splitlines()) == 200
        await stage.does(pilot, "colon", *"save out.log", "enter", then="File exists")
