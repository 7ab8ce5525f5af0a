"""A log of what has failed opens at its first error; keys go from error to error."""

import pytest

from opsboard.adapter import LogLine
from opsboard.ui.screens.log import LogScreen
from opsboard.ui.widgets.log_view import LogView
from opsboard.views.log_levels import LogLevel, level_of
from tests.ui.app_harness import AppHarness, until
from tests.ui.sample_board import JOB
from tests.ui.start_screens import log


def _step(name: str, *texts: str, failed: bool = False, error: str = "") -> list[LogLine]:
    return [
        LogLine(text=text, part=name, failed=failed, error=bool(error) and text.startswith(error))
        for text in texts
    ]


FILL = tuple(f"fetched part {number}" for number in range(40))
BUILD = [
    *_step("Set up job", "Runner 2.3", *FILL),
    *_step("Allowed to fail", "error: not this one", *FILL, error="error"),
    *_step("Test", *FILL, "first words", "error: the first", "error: the second", *FILL,
           failed=True, error="error"),
    *_step("Post checkout", *FILL),
]  # fmt: skip


def _stage(lines: list[LogLine], part: str = "") -> AppHarness:
    stage = (
        AppHarness(lambda context: LogScreen(context, JOB, "unit-tests", part))
        if part
        else AppHarness(log)
    )
    stage.feed.lines, stage.feed.ends = lines, True
    return stage


def _under_cursor(stage: AppHarness) -> str:
    view = stage.app.screen.query_one(LogView)
    number = view.number_at(view.cursor)
    return "" if number is None else view.buffer.line(number).text


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_it_opens_at_the_first_error_of_the_step_that_failed(size: tuple[int, int]) -> None:
    stage = _stage(BUILD)
    async with stage.showing("error: the first", size) as pilot:
        await until(pilot, lambda: _under_cursor(stage) == "error: the first")
        assert "first words" in stage.text
        await stage.does(pilot, "e", then="error: the second")
        assert _under_cursor(stage) == "error: the second"
        await stage.does(pilot, "e", then="no line below is an error; E looks the other way")
        await pilot.press("E", "E")
        await until(pilot, lambda: _under_cursor(stage) == "error: not this one")
        await stage.does(pilot, "E", then="no line above is an error; e looks the other way")


async def test_it_opens_at_the_step_that_one_came_from() -> None:
    stage = _stage(BUILD, part="Allowed to fail")
    async with stage.showing("not this one") as pilot:
        await until(pilot, lambda: _under_cursor(stage) == "error: not this one")


async def test_a_step_without_an_error_opens_at_its_beginning() -> None:
    stage = _stage(BUILD, part="Set up job")
    async with stage.showing("Runner 2.3") as pilot:
        await until(pilot, lambda: _under_cursor(stage) == "Runner 2.3")


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        (
            ("begun", "src/a.c:3: error: x undeclared", "make: done"),
            "src/a.c:3: error: x undeclared",
        ),
        (("begun", "it went on", "and broke off"), "and broke off"),
    ],
)
async def test_where_nothing_is_marked_words_tell_or_the_end_of_the_step(
    texts: tuple[str, ...], place: str
) -> None:
    lines = [*_step("Test", *FILL, *texts, failed=True), *_step("Post", *FILL)]
    stage = _stage(lines)
    async with stage.showing(place) as pilot:
        await until(pilot, lambda: _under_cursor(stage) == place)


async def test_a_log_without_a_failure_stays_at_its_end() -> None:
    stage = _stage([*_step("Allowed", "error: x", error="error"), *_step("Test", *FILL, "at last")])
    async with stage.showing("the end") as pilot:
        await until(pilot, lambda: _under_cursor(stage) == "at last")


async def test_who_has_gone_elsewhere_stays_there_when_the_failure_comes() -> None:
    stage = AppHarness(log)
    async with stage.showing("line 199 ") as pilot:
        await stage.does(pilot, "g", then="line 0 ")
        for line in _step("Test", "error: boom", failed=True, error="error"):
            stage.feed.more.put_nowait(line)
        await stage.sees(pilot, "201 lines")
        assert _under_cursor(stage).startswith("line 0 ")


async def test_a_failure_that_comes_while_following_is_gone_to() -> None:
    stage = AppHarness(log)
    async with stage.showing("line 199 ") as pilot:
        for line in _step("Test", "error: boom", *FILL, failed=True, error="error"):
            stage.feed.more.put_nowait(line)
        await until(pilot, lambda: _under_cursor(stage) == "error: boom")


async def test_a_failure_that_is_the_last_line_yet_stays_when_others_follow() -> None:
    stage = AppHarness(log)
    async with stage.showing("line 199 ") as pilot:
        for line in _step("Test", "error: boom", failed=True, error="error"):
            stage.feed.more.put_nowait(line)
        await until(pilot, lambda: _under_cursor(stage) == "error: boom")
        for line in _step("Post checkout", *FILL):
            stage.feed.more.put_nowait(line)
        await stage.sees(pilot, "241 lines")
        assert _under_cursor(stage) == "error: boom"


async def test_an_error_that_a_filter_hides_leads_to_the_next_line_that_is_shown() -> None:
    stage = _stage(BUILD)
    async with stage.showing("error: the first") as pilot:
        await stage.does(pilot, "slash", *"second", "enter", then="1 of")
        await pilot.press("e", "E")
        await stage.sees(pilot, "no line above is an error; e looks the other way")


async def test_errors_are_gone_to_in_wrapped_lines() -> None:
    stage = _stage([LogLine(text="x" * 300), *BUILD])
    async with stage.showing("error: the first") as pilot:
        await pilot.press("w", "e")
        await until(pilot, lambda: _under_cursor(stage) == "error: the second")


@pytest.mark.parametrize(
    "text",
    [
        "error: x", "ERROR something", "  Error: x", "fatal: not a repository", "panic: nil",
        "src/a.c:3:1: error: x", "level=error msg=x", '{"level":"error","msg":"x"}',
        "Traceback (most recent call last)", "E   assert 2 == 3", "2026-01-15 [ERROR] x",
        "FAILED tests/test_basket.py::test_one", "java.lang.Exception: x",
    ],
)  # fmt: skip
def test_words_that_are_an_error(text: str) -> None:
    assert level_of(text) >= LogLevel.ERROR


@pytest.mark.parametrize(
    "text",
    ["0 errors", "error-prone-2.0.jar fetched", "no error", "terror: x", "errors=0", "error=0 ok",
     "level=info msg=request", "compiling exceptions.c", ""],
)  # fmt: skip
def test_words_that_are_none(text: str) -> None:
    assert level_of(text) < LogLevel.ERROR


async def test_the_cursor_stays_with_its_line_when_a_filter_comes_and_goes() -> None:
    stage = _stage(BUILD)
    async with stage.showing("error: the first") as pilot:
        await stage.does(pilot, "slash", *"error", "enter", then="3 of")
        await until(pilot, lambda: _under_cursor(stage) == "error: the first")
        await stage.does(pilot, "slash", *["backspace"] * 5, "enter", then="first words")
        await until(pilot, lambda: _under_cursor(stage) == "error: the first")
        await pilot.press("w")
        await until(pilot, lambda: stage.app.screen.query_one(LogView).wrap)
        assert _under_cursor(stage) == "error: the first"


async def test_the_caption_says_which_job_of_a_build_is_meant() -> None:
    stage = _stage(
        [LogLine(text="image, the first of 2 that failed, of 4 jobs", title=True), *BUILD]
    )
    async with stage.showing("error: the first", (120, 36)) as pilot:
        await stage.sees(pilot, "unit-tests: image, the first of 2 that failed, of 4 jobs")
        assert "205 lines" in stage.text
