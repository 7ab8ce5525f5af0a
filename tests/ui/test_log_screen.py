"""A log, driven by keys and by lines that arrive."""

from datetime import timedelta
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Region
from textual.widget import Widget

from opsboard.adapter import LogLine, LogPart, Unreachable
from opsboard.config.settings import UiSettings
from opsboard.records import Status
from opsboard.ui.widgets import log_text
from opsboard.ui.widgets.log_view import LogView
from opsboard.ui.widgets.prompt import Prompt
from tests.ui import sample_logs
from tests.ui.app_harness import AppHarness, until
from tests.ui.sample_board import NOW, log_lines
from tests.ui.start_screens import log, pods_log


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


async def test_a_log_without_lines_yet_says_that_it_is_read_and_promises_none() -> None:
    stage = AppHarness(log)
    stage.feed.lines = []
    async with stage.showing("0 lines, still reading") as pilot:
        stage.feed.more.put_nowait(LogLine(text="the first"))
        await stage.sees(pilot, "1 line, following")


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


async def test_all_of_a_line_is_wrapped_whose_beginning_is_narrower_than_its_end() -> None:
    """How many rows a very long line takes is first told by its beginning."""
    stage = AppHarness(log)
    line = "é" * 4_096 + "字" * 4_096 + " the end of it"
    stage.feed.lines = [*log_lines(50), LogLine(text=line), LogLine(text="below it")]
    async with stage.showing("52 lines") as pilot:
        await stage.does(pilot, "w", then="the end of it")
        await stage.does(pilot, "G", then="below it")
        assert "the end of it" in await stage.at_rest(pilot)
        rows = stage.app.screen.query_one(LogView).line_count()
        assert rows >= 51 + 3 * 4_096 // 80


@pytest.mark.parametrize(("letter", "columns"), [("x", 1), ("é", 1), ("字", 2)])
def test_of_a_very_long_line_only_the_beginning_is_measured(
    letter: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[int] = []

    def measure(text: str) -> int:
        measured.append(len(text))
        return cell_len(text)

    monkeypatch.setattr(log_text, "cell_len", measure)
    assert log_text.about_width(letter * 65_536) == 65_536 * columns
    assert sum(measured) <= 256


async def test_a_log_that_breaks_off_says_why_and_keeps_its_lines() -> None:
    stage = AppHarness(log)
    async with stage.showing("200 lines") as pilot:
        stage.feed.more.put_nowait(Unreachable("the stream broke", "press r"))
        await stage.sees(pilot, "the stream broke; press r")
        assert "line 199 " in stage.text


async def test_a_hundred_thousand_lines_are_kept_and_no_more() -> None:
    stage = AppHarness(log)
    stage.feed.lines = []
    async with stage.run(size=(80, 24)) as pilot:
        view = stage.app.screen.query_one(LogView)
        view.append_lines(log_lines(110_000))
        await pilot.pause()
        assert len(view.buffer) == 100_000
        await stage.does(pilot, "g", then="line 10000 ")
        await stage.does(pilot, "G", then="line 109999 ")


async def test_what_is_seen_already_is_not_drawn_again_as_lines_arrive() -> None:
    stage = AppHarness(log)
    async with stage.showing("line 199 ") as pilot:
        await stage.does(pilot, "k", "k", then="not following")
        view = stage.app.screen.query_one(LogView)
        drawn, draw = list[int](), view.text_at

        def text_at(line: int) -> Text:
            drawn.append(line)
            return draw(line)

        setattr(view, "text_at", text_at)  # noqa: B010 - a method is no attribute to type checkers
        view.refresh()
        await until(pilot, lambda: view.cursor in drawn)
        view.append_lines(log_lines(300))
        view.refresh()
        await until(pilot, lambda: drawn.count(view.cursor) > 1)
        assert set(drawn) == {view.cursor}  # the line of the cursor is drawn each time
        await pilot.press("t")  # what they look like is other now
        await until(pilot, lambda: len(set(drawn)) > 10)


@pytest.mark.parametrize("theme", ["dark", "light", "monochrome", "terminal"])
async def test_lines_are_drawn_as_textual_would_draw_them(theme: str) -> None:
    """The view goes past what Textual does for borders and the like, for the sake of speed."""
    stage = AppHarness(pods_log, settings=UiSettings(theme=theme))
    stage.feed.lines = sample_logs.pods_log()
    async with stage.showing("the container ended") as pilot:
        await stage.does(pilot, "slash", *"order", "enter", then=" of 87 lines")
        await pilot.press("k")
        view = stage.app.screen.query_one(LogView)
        for crop in (Region(0, 0, *view.size), Region(3, 1, 40, 5)):
            finished = view.render_lines(crop)
            assert finished == Widget.render_lines(view, crop)
            assert {strip.cell_length for strip in finished} == {crop.width}


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


async def test_why_a_log_cannot_be_saved_is_told_and_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = AppHarness(log)
    stage.feed.lines = log_lines(1)
    async with stage.showing("1 line,", size=(200, 24)) as pilot:
        nowhere = "not saved: no/out.log: No such file or directory"
        await stage.does(pilot, "colon", *"save no/out.log", "enter", then=nowhere)
        await stage.does(pilot, "colon", *"save .", "enter", then="it is a folder; name a file")
        await stage.does(pilot, "colon", *"save out.log", "enter", then="Saved 1 line to")
        await stage.does(pilot, "slash", *"zz", "enter", then="0 of 1 lines")
        await stage.does(pilot, "colon", *"save none.log", "enter", then="no line is shown")
    assert not (tmp_path / "none.log").exists()
    assert (tmp_path / "out.log").exists()


async def test_what_the_filter_shows_is_saved_with_its_context_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = AppHarness(log)
    stage.feed.lines = log_lines(100)
    async with stage.showing("100 lines") as pilot:
        await stage.does(pilot, "slash", *'"line 40 "', "enter", then="1 of 100 lines")
        await stage.does(pilot, "C", then="7 of 100 lines")
        saved = "Saved 7 lines of 100, by the filter"
        await stage.does(pilot, "colon", *"save some.log", "enter", then=saved)
        await stage.does(pilot, "F", then="hits: 1 in 100 lines")
        await stage.does(pilot, "colon", *"save all.log", "enter", then="Saved 100 lines to")
    some, everything = (tmp_path / name for name in ("some.log", "all.log"))
    numbers = [line.split("line ")[1].split(" ")[0] for line in some.read_text().splitlines()]
    assert numbers == [str(number) for number in range(37, 44)]
    assert len(everything.read_text().splitlines()) == 100
    assert some.stat().st_mode & 0o777 == 0o600


def _pods() -> list[LogLine]:
    structured = '{"ts":1,"level":"error","msg":"it is down","user":"dana"}'
    return [
        LogLine("starting", part="app", group="web-7f9-x7p"),
        LogLine(structured, part="app", group="web-7f9-9k2"),
        LogLine("level=warn msg=retrying n=3", part="app", group="web-7f9-x7p"),
        LogLine("GET / 200", part="proxy", group="web-7f9-9k2"),
    ]


async def test_pods_are_told_by_what_tells_them_apart_and_lines_by_what_they_say() -> None:
    stage = AppHarness(log)
    stage.feed.lines = _pods()
    async with stage.showing("4 lines") as pilot:
        assert "9k2" in stage.text
        assert "web-7f9" not in stage.text
        assert "ERROR it is down  user=dana" in stage.text
        assert "WARN  retrying  n=3" in stage.text
        await stage.does(pilot, "J", then='"msg":"it is down"')
        await pilot.press("o")
        await until(pilot, lambda: "9k2" not in stage.text)


async def test_a_filter_asks_for_levels_and_pods() -> None:
    stage = AppHarness(log)
    stage.feed.lines = _pods()
    async with stage.showing("4 lines") as pilot:
        await stage.does(pilot, "slash", *"level>=warn", "enter", then="2 of 4 lines")
        await stage.does(pilot, "colon", *"filter pod:9k2 !proxy", "enter", then="1 of 4 lines")
        await stage.does(pilot, "colon", *"filter level>=wran", "enter", then="no level 'wran'")


async def test_hits_are_gone_to_with_all_lines_around_them() -> None:
    stage = AppHarness(log)
    stage.feed.lines = log_lines(100)
    async with stage.showing("100 lines") as pilot:
        await stage.does(pilot, "slash", *'"line 40 "', "enter", then="1 of 100 lines")
        assert "line 39 " not in stage.text
        await stage.does(pilot, "C", then="line 37 ")
        assert "line 36 " not in stage.text
        await stage.does(pilot, "C", then="line 30 ")
        await stage.does(pilot, "F", then="hits: 1 in 100 lines")
        await stage.does(pilot, "G", then="line 99 ")
        await stage.does(pilot, "N", then="line 40 ")
        await stage.does(pilot, "N", then="there is no hit above")


async def test_another_part_and_another_time_are_asked_for_by_key() -> None:
    stage = AppHarness(pods_log)
    stage.feed.lines = _pods()
    stage.feed.parts = [
        LogPart(name="app", group="web-7f9-9k2", status=Status.FAILED, note="Error, exit code 2"),
        LogPart(name="proxy", group="web-7f9-9k2", status=Status.OK),
        LogPart(name="app", group="web-7f9-x7p", status=Status.OK),
    ]
    async with stage.showing("4 lines") as pilot:
        await stage.does(pilot, "c", then="Error, exit code 2")
        await pilot.press("down", "down", "enter")
        await stage.sees(pilot, "of proxy")
        await stage.sees(pilot, "1 line,")
        await stage.does(pilot, "p", then="Which pods?")
        await pilot.press("down", "space", "space", "enter")
        await stage.sees(pilot, "of web-7f9-9k2, web-7f9-x7p")
        await stage.does(pilot, "p", then="Which pods?")
        await pilot.press("home", "space", "enter")
        await stage.does(pilot, "P", then="previous instances")
        await stage.does(pilot, "P", "I", then="with init")
        await stage.does(pilot, "S", *"15m", "enter", then="since 15m")
        await stage.does(pilot, "S", *[*["backspace"] * 3, *"15 m"], "enter", then="15 m")
    last = stage.feed.queries[-1]
    assert last.since == NOW - timedelta(minutes=15)
    assert (last.parts, last.init, last.previous, last.follow) == ((), True, False, True)
    assert stage.feed.queries[1].parts == ("proxy",)


async def test_what_is_read_in_the_place_of_a_log_is_followed_as_that_was() -> None:
    """It has not ended because the reading of what was there before it was cut short."""
    stage = AppHarness(pods_log)
    stage.feed.lines = _pods()
    async with stage.showing("4 lines, following") as pilot:
        for key, told in (("P", "previous instances, following"), ("I", "with init, following")):
            await stage.does(pilot, key, then=told)
            stage.feed.more.put_nowait(LogLine(f"said after {key}"))
            await stage.sees(pilot, f"said after {key}")
            assert "the end" not in stage.text


async def test_a_paused_screen_makes_the_source_wait() -> None:
    stage = AppHarness(log)
    async with stage.showing("200 lines") as pilot:
        await pilot.press("space")
        for line in log_lines(20_000):
            stage.feed.more.put_nowait(line)
        await stage.sees(pilot, "5,000 new, more wait at the source")
        assert stage.feed.more.qsize() > 10_000
        await stage.does(pilot, "space", then="20,200 lines")


async def test_nothing_is_lost_where_a_line_is_wrapped_beside_the_scrollbar() -> None:
    stage = AppHarness(log)
    text = "".join(f"{number:04}-" for number in range(100))
    stage.feed.lines = [*log_lines(50), LogLine(text), *log_lines(3)]
    async with stage.showing("54 lines") as pilot:
        await pilot.press("w")
        await until(pilot, lambda: "0099-" in stage.text)
        whole = "".join(row.strip(" ▸▏▌┃█▁▂▃▄▅▆▇") for row in stage.text.splitlines())
        assert text in whole


async def test_lines_of_structure_are_wrapped_as_they_are_shown() -> None:
    stage = AppHarness(log)
    said = f'{{"level":"info","msg":"{"word " * 30}end","n":1}}'
    stage.feed.lines = [LogLine(said) for _ in range(40)]
    async with stage.showing("40 lines") as pilot:
        await pilot.press("w")
        await until(pilot, lambda: stage.text.count("n=1") > 5)
        view = stage.app.screen.query_one(LogView)
        rows = stage.text.splitlines()
        assert not any(not row.strip(" ▸") for row in rows[3:-2]), "no row is wasted"
        await pilot.press("g")
        await until(pilot, lambda: view.cursor == 0)


async def test_ten_megabytes_in_a_line_are_drawn_and_moved_over() -> None:
    stage = AppHarness(log)
    stage.feed.lines = [*log_lines(30), LogLine("x" * 10_000_000), LogLine("after it")]
    async with stage.showing("32 lines") as pilot:
        await stage.does(pilot, "w", then="more")
        assert "9.93 MB more" in stage.text
        await stage.does(pilot, "slash", *"after", "enter", then="1 of 32 lines")


async def test_the_cursor_stays_near_its_line_though_no_letter_so_far_was_found() -> None:
    stage = AppHarness(log)
    async with stage.showing("200 lines") as pilot:
        view = stage.app.screen.query_one(LogView)
        await pilot.press(*"kkkkkk")
        await stage.does(pilot, "slash", *"error level>=xx", then="no level")
        await pilot.press(*["backspace"] * 9, "enter")
        await stage.sees(pilot, "20 of 200 lines")
        await until(pilot, lambda: view.number_at(view.cursor) in {189, 190, 199})
