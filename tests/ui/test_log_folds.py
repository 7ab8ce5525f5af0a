"""Steps and groups of a build's log fold; what has failed is open."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import LogLine
from opsboard.records import Status
from opsboard.ui.widgets.log_buffer import LogBuffer
from opsboard.ui.widgets.log_selection import LogSelection
from opsboard.ui.widgets.log_view import LogView
from opsboard.views.log_filter import parse_log_filter
from tests.ui.app_harness import AppHarness, until
from tests.ui.sample_logs import build_log
from tests.ui.start_screens import log

OUTLINES = st.lists(
    st.tuples(st.booleans(), st.integers(0, 3), st.booleans(), st.booleans()).map(
        lambda one: LogLine("x", head=one[0], depth=one[1], failed=one[2], error=one[3])
    ),
    max_size=24,
)


def _hidden_by(lines: Sequence[LogLine], number: int) -> list[int]:
    """Return the heads that line *number* is of, as one reads an outline: from it upwards."""
    found, depth = list[int](), lines[number].depth
    for at in range(number - 1, -1, -1):
        if lines[at].depth < depth:
            depth = lines[at].depth
            if lines[at].head:
                found.append(at)
    return found


@given(OUTLINES, st.lists(st.integers(0, 23), max_size=4), st.integers(1, 7))
def test_what_is_shown_is_what_is_below_no_folded_head(
    lines: list[LogLine], keys: list[int], piece: int
) -> None:
    """However the lines arrive, and whatever somebody opens and folds."""
    buffer = LogBuffer()
    selection = LogSelection(buffer)
    for start in range(0, len(lines), piece):
        buffer.append(lines[start : start + piece])
        selection.take_new(start)
    folds = selection.folds
    for key in keys:
        if key < len(lines) and not folds.unfold(key):
            folds.fold(key)
    selection.refold()
    shown = [
        number
        for number in range(len(lines))
        if not any(folds.is_folded(head) for head in _hidden_by(lines, number))
    ]
    assert selection.shown == shown
    for number in range(len(lines)):
        heads = [number, *_hidden_by(lines, number)] if lines[number].head else None
        assert list(folds.heads_of(number)) == (heads or _hidden_by(lines, number))
        folds.reveal(number)
        selection.refold()
        assert number in selection.shown


@given(OUTLINES, st.integers(0, 24))
def test_lines_that_are_dropped_leave_the_rest_in_order(lines: list[LogLine], kept: int) -> None:
    buffer = LogBuffer(limit=max(kept, 1))
    selection = LogSelection(buffer)
    for start, line in enumerate(lines):
        dropped = buffer.append([line])
        selection.take_new(max(start, buffer.first))
        if dropped:
            selection.trim()
    assert selection.shown == selection.folds.visible(buffer.first, buffer.end)
    assert all(number >= buffer.first for number in selection.shown)


def test_a_group_with_an_error_is_open_and_others_are_folded() -> None:
    buffer = LogBuffer()
    selection = LogSelection(buffer)
    buffer.append(build_log())
    selection.take_new(0)
    texts = [buffer.line(number).text for number in selection.shown]
    assert [text for text in texts if "  " in text] == [
        "Set up job  4s", "Check out  2s", "Unit tests  failure  1m04s", "Post Check out  1s",
    ]  # fmt: skip
    assert "Run make test" in texts
    assert "make test" not in texts
    assert "error: test_basket: expected 3, got 4" in texts
    selection.select(parse_log_filter("git"))
    selection.look(1)
    assert [buffer.line(number).text for number in selection.shown] == ["git version 2.47"]


def _stage(lines: list[LogLine] | None = None) -> AppHarness:
    stage = AppHarness(log)
    stage.feed.lines, stage.feed.ends = build_log() if lines is None else lines, True
    return stage


def _under_cursor(stage: AppHarness) -> str:
    view = stage.app.screen.query_one(LogView)
    number = view.number_at(view.cursor)
    return "" if number is None else view.buffer.line(number).text


async def test_it_opens_at_the_error_and_folds_by_key() -> None:
    stage = _stage()
    async with stage.showing("[-] ✗ Unit tests  failure  1m04s") as pilot:
        await until(pilot, lambda: _under_cursor(stage).startswith("error: test_basket"))
        assert "tests/test_basket.py:41" in stage.text
        assert "Runner 2.331" not in stage.text
        await stage.does(pilot, "enter", then="[+] ✗ Unit tests")
        assert _under_cursor(stage).startswith("Unit tests")
        await stage.does(pilot, "right", then="[-] ✗ Unit tests")
        await stage.does(pilot, "left", then="[+] ✗ Unit tests")
        await stage.does(pilot, "z", "g", then="Runner 2.331")
        assert "[+]" not in stage.text
        await stage.does(pilot, "z", then="[+] ✓ Set up job")
        await until(pilot, lambda: "Runner 2.331" not in stage.text)


async def test_what_is_folded_away_is_opened_for_whoever_goes_there() -> None:
    stage = _stage()
    async with stage.showing("[-] ✗ Unit tests") as pilot:
        await until(pilot, lambda: _under_cursor(stage).startswith("error: test_basket"))
        await stage.does(pilot, "enter", then="[+] ✗ Unit tests")
        await stage.does(pilot, "e", then="[-] ✗ Unit tests")
        assert _under_cursor(stage).startswith("error: test_basket")
        await pilot.press("slash", *"24.04", "enter", "F")
        await stage.sees(pilot, "hits: 1 in")
        await stage.does(pilot, "N", then="Ubuntu")
        assert _under_cursor(stage) == "24.04"


async def test_the_annotations_are_listed_and_gone_to() -> None:
    stage = _stage()
    async with stage.showing("[-] ✗ Unit tests") as pilot:
        await stage.does(pilot, "a", then="3 annotations")
        await pilot.press("down", "enter")
        await until(
            pilot, lambda: _under_cursor(stage) == "error: Process completed with exit code 1."
        )


async def test_steps_are_picked_by_their_word_and_with_how_they_went() -> None:
    stage = _stage()
    async with stage.showing("[-] ✗ Unit tests", (120, 36)) as pilot:
        hints = (await stage.at_rest(pilot)).splitlines()[-1]
        assert "c Step " in hints
        assert " p " not in hints  # it is the log of one job
        await stage.does(pilot, "p", then="the log of one job; `A` reads those of all")
        await stage.does(pilot, "c", then="Which steps?")
        await stage.sees(pilot, "✗ Unit tests   ")
        assert "✓ Set up job  " in stage.text
        assert "? " not in stage.text.partition("Which steps?")[2].partition("╰")[0]


async def test_all_jobs_of_a_run_are_read_by_one_key() -> None:
    job = [
        LogLine(
            "test  failure  2m",
            group="test",
            failed=True,
            title=True,
            head=True,
            status=Status.FAILED,
        ),
        *build_log("test", 1),
        LogLine("deploy  skipped", group="deploy", title=True, head=True, status=Status.OK),
    ]
    stage = _stage()
    async with stage.showing("[-] ✗ Unit tests", (120, 36)) as pilot:
        stage.feed.lines = [LogLine("all of 2 jobs", title=True), *job]
        await stage.does(pilot, "A", then="all of 2 jobs")
        await stage.sees(pilot, "[-] ✗ test  failure  2m")
        await until(pilot, lambda: _under_cursor(stage).startswith("error: test_basket"))
        assert "2 jobs" in stage.text
        assert "p Job " in (await stage.at_rest(pilot)).splitlines()[-1]
        stage.feed.lines = build_log()
        await pilot.press("A")
        await until(pilot, lambda: "all of 2 jobs" not in stage.text)
    asked = [(query.whole, query.tail) for query in stage.feed.queries]
    assert asked == [(False, 10_000), (True, 100_000), (False, 10_000)]


async def test_what_is_folded_away_is_saved_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stage = _stage()
    async with stage.showing("[-] ✗ Unit tests") as pilot:
        await stage.does(pilot, "colon", *"save build.log", "enter", then="Saved 30 lines to")
    lines = (tmp_path / "build.log").read_text().splitlines()
    assert lines[0].endswith("Z Set up job  4s")
    assert lines[1].endswith("Z Set up job Runner 2.331")


async def test_folds_and_long_lines_go_together() -> None:
    long = LogLine(f"begin {'x' * 330}", part="Unit tests", failed=True, depth=1)
    lines = build_log()
    at = next(at for at, line in enumerate(lines) if line.text == "collected 214 items")
    stage = _stage([*lines[:at], long, *lines[at:]])
    async with stage.showing("[-] ✗ Unit tests") as pilot:
        view = stage.app.screen.query_one(LogView)
        rows = view.line_count()
        await pilot.press("w")
        await until(pilot, lambda: view.line_count() == rows + 4)
        pieces = [row for row in stage.text.splitlines() if "xxxx" in row]
        assert len(pieces) == 5
        assert all(row.startswith("     ") and row[5] != " " for row in pieces)
        assert _under_cursor(stage).startswith("error: test_basket")
        await stage.does(pilot, "enter", then="[+] ✗ Unit tests")
        await until(pilot, lambda: view.line_count() == 4)
        assert "xxxx" not in stage.text


async def test_where_nothing_folds_keys_say_so() -> None:
    stage = _stage([LogLine("alone")])
    async with stage.showing("alone") as pilot:
        await stage.does(pilot, "enter", then="nothing folds here")
        await stage.does(pilot, "a", then="there are no annotations")
