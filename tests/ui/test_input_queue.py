"""Keys of one packet act as if they were typed slowly."""

import unicodedata
from asyncio import Event
from collections.abc import Sequence

import pytest
from textual.events import Key, Paste
from textual.keys import _character_to_key
from textual.pilot import Pilot
from textual.screen import Screen

from opsboard.records import Ref
from opsboard.ui.context import AppContext
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.choice import ChoiceScreen
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.screens.help import HelpScreen
from opsboard.ui.screens.log import LogScreen
from opsboard.ui.screens.raw import RawScreen
from opsboard.ui.screens.sources import SourcesScreen
from opsboard.ui.widgets.prompt import Prompt, PromptInput
from tests.ui.app_harness import JOB, AppHarness, screen_text, stage_board, until
from tests.ui.sample_records import everything
from tests.ui.start_screens import filled
from tests.ui.test_board_screen import _board, _stage, _table

SIZE = (80, 24)


def _key(key: str) -> Key:
    if len(key) > 1:
        return Key(key, {"enter": "\r", "ctrl+j": "\n"}.get(key))
    name = key if key.isalnum() else _character_to_key(key)
    assert unicodedata.name(key)
    return Key(name, key)


def _type(stage: AppHarness, *packet: str) -> None:
    """Hand over a packet as the terminal's reader does: all at once. Words are keys or text."""
    for word in packet:
        keys: Sequence[str] = (
            (word,) if word in {"enter", "escape", "pagedown", "ctrl+p", "ctrl+j"} else word
        )
        for key in keys:
            stage.app.post_message(_key(key))


async def _done(pilot: Pilot[int], stage: AppHarness) -> None:
    """Wait until every key that was handed over has been dealt with."""
    app, taken = stage.app, Event()
    app.call_later(taken.set)
    await until(pilot, lambda: taken.is_set() and app._delivery is None)
    assert not app._held


def _value(stage: AppHarness) -> str:
    return stage.app.screen.query_one(PromptInput).value


async def test_a_filter_is_typed_into_the_prompt_that_its_first_key_opens() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        _type(stage, "/repo:pay")
        await _done(pilot, stage)
        assert _table(stage).line_count() == 3
        assert _value(stage) == "repo:pay"
        assert _board(stage).query_one(Prompt).is_open


async def test_after_a_filter_in_the_same_packet_enter_opens_what_is_left() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        table = _table(stage)
        _type(stage, "/repo:pay", "enter", "j", "enter")
        await until(pilot, lambda: isinstance(stage.app.screen, DetailScreen))
        assert isinstance(stage.app.screen, DetailScreen)
        assert (table.line_count(), table.cursor) == (3, 1)
        assert stage.app.screen.ref == table.current_ref


async def test_a_command_opens_its_pane_before_the_next_key_acts_in_it() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        builds = _table(stage)
        _type(stage, ":pods", "enter", " ")
        await _done(pilot, stage)
        assert _board(stage).pane.spec.id == "pods"
        assert len(_table(stage).marks) == 1
        assert not builds.marks


async def test_pages_are_as_long_as_the_pane_that_was_zoomed_by_the_key_before() -> None:
    lines = []
    for packets in ([("1",), ("pagedown",)], [("1", "pagedown")]):
        stage = _stage(everything())
        async with stage.app.run_test(size=SIZE) as pilot:
            for packet in packets:
                _type(stage, *packet)
                await _done(pilot, stage)
            lines.append(_table(stage).cursor)
    slow, quick = lines
    assert quick == slow > 5


async def test_keys_that_are_there_before_the_first_frame_are_kept() -> None:
    def home(context: AppContext) -> BoardScreen:
        _type(stage, ":alerts", "enter", "jj")  # no screen is there yet
        return BoardScreen(context)

    stage = AppHarness(home, board=filled(stage_board(), everything()))
    async with stage.app.run_test(size=SIZE) as pilot:
        await _done(pilot, stage)
        assert _board(stage).pane.spec.id == "alerts"
        assert _table(stage).cursor == 2


async def test_a_line_feed_typed_before_the_terminal_was_raw_is_enter() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        _type(stage, ":pods", "ctrl+j")
        await until(pilot, lambda: _board(stage).pane.spec.id == "pods")


async def test_each_escape_takes_one_step_back() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        _type(stage, "1/repo:pay", "enter", "enter", "escape", "escape")
        await _done(pilot, stage)
        assert isinstance(stage.app.screen, BoardScreen)
        assert _table(stage).line_count() == 25
        assert _board(stage).zoomed
        _type(stage, "escape", "escape")
        await until(pilot, lambda: not _board(stage).zoomed)


async def test_escape_with_a_letter_right_behind_it_is_both_and_not_alt() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        _type(stage, "/repo:pay")
        stage.app.post_message(Key("alt+shift+g", "G"))
        await _done(pilot, stage)
        assert not _board(stage).query_one(Prompt).is_open
        assert _table(stage).line_count() == 25
        assert _table(stage).cursor == 24


async def test_no_key_after_the_one_that_leaves_does_anything() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        _type(stage, "/web", "enter", "q", "rrr")
        await until(pilot, lambda: stage.app._exit)
    assert stage.app.return_code == 0
    assert stage.feed.refreshed == []


@pytest.mark.parametrize(
    ("packet", "screens"),
    [
        (("?", "escape", "y"), (BoardScreen, RawScreen)),
        (("?", "?", "escape", ":sources", "enter"), (BoardScreen, SourcesScreen)),
        (("y", "escape", "?"), (BoardScreen, HelpScreen)),
        (("enter", "y", "?", "escape", "escape"), (BoardScreen, DetailScreen)),
        (("c", "escape", "enter"), (BoardScreen, DetailScreen)),
        (("enter", ":pods", "enter", "c"), (BoardScreen, ChoiceScreen)),
    ],
)
async def test_each_key_meets_the_screen_that_the_one_before_left(
    packet: tuple[str, ...], screens: tuple[type, ...]
) -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        _type(stage, *packet)
        await _done(pilot, stage)
        assert tuple(map(type, stage.app.screen_stack)) == screens


async def test_the_palettes_enter_means_what_was_typed_last() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        _type(stage, "ctrl+p", "show the health", "enter")
        await until(pilot, lambda: isinstance(stage.app.screen, SourcesScreen))


async def test_a_search_in_a_log_does_not_reach_the_screen_below() -> None:
    stage = AppHarness(lambda context: LogScreen(context, Ref("github", JOB.kind, "11"), "job"))
    async with stage.run(SIZE) as pilot:
        _type(stage, "/line 1w", "enter", " ")
        await until(pilot, lambda: "paused" in screen_text(stage.app))
        assert "filter line 1w" in screen_text(stage.app)


async def test_a_paste_outside_of_the_prompt_is_no_keys() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        stage.app.post_message(Paste("q\r:pods\rjj"))
        _type(stage, "j")
        await until(pilot, lambda: _table(stage).cursor == 1)
        assert _board(stage).pane.spec.id == "builds"
        assert not stage.app._exit


async def test_a_paste_goes_into_the_prompt_that_the_key_before_it_opens() -> None:
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        _type(stage, "/")
        stage.app.post_message(Paste("\r\nrepo:\x1b[31mpay\nq\n"))
        await until(pilot, lambda: _table(stage).line_count() == 3)
        assert _value(stage) == "repo:pay"


async def test_a_key_is_handed_over_though_something_never_settles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("opsboard.ui.terminal.input_queue._SLICES", 3)
    monkeypatch.setattr(BoardScreen, "is_settling", True, raising=False)
    monkeypatch.setattr("opsboard.ui.terminal.input_queue._SLICE", 0.0)
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        _type(stage, "jj")
        await until(pilot, lambda: _table(stage).cursor == 2)


async def test_what_a_key_does_is_drawn_though_no_frame_is_due() -> None:
    """Or it would wait for up to the time of a frame, if one was drawn just before."""
    stage = _stage(everything())
    async with stage.app.run_test(size=SIZE) as pilot:
        screen = stage.app.screen
        await until(pilot, lambda: not _is_to_be_drawn(screen))
        screen._update_timer.stop()
        _type(stage, "j")
        await until(pilot, lambda: _table(stage).cursor == 1)
        await until(pilot, lambda: not _is_to_be_drawn(screen))


def _is_to_be_drawn(screen: Screen[object]) -> bool:
    return bool(
        screen._dirty_widgets
        or screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
    )
