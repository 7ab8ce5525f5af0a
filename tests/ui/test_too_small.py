"""A terminal that was too small for a while: all is as it was, and nothing was done blindly."""

import pytest

from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.theme.glyphs import ASCII, UNICODE
from opsboard.ui.widgets.lines_view import LinesView
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.widgets.pane import Pane
from tests.ui.app_harness import AppHarness, until
from tests.ui.fake_actions import FakeActs, workload
from tests.ui.sample_board import stage_board
from tests.ui.start_screens import filled
from tests.ui.test_form_screen import READY

MANY = tuple(workload(f"w{at:03}") for at in range(60))
TINY, ROOM = (20, 5), (80, 24)


def stage_of() -> AppHarness:
    return AppHarness(BoardScreen, board=filled(stage_board(), MANY), acts=FakeActs(*MANY))


_BARS = str.maketrans("", "", "▁▂▃▄▅▆▇█")


def _read(stage: AppHarness) -> list[str]:
    """Return what is read on the screen: all but the scroll bars."""
    return [line.translate(_BARS).rstrip() for line in stage.text.splitlines()]


WAYS = {
    "board": (("2", "pagedown", "down"), "▌2 Deployments"),
    "zoomed": (("2", "z", "pagedown"), "▌2 Deployments"),
    "filter": (("2", "slash", *"w0"), "/w0"),
    "command": (("2", "down", "colon", *"roll"), ":roll"),
    "menu": (("2", "down", "x", "down"), "Actions on shop/w001"),
    "palette": (("2", "ctrl+p", *"roll"), "roll"),
    "plan": (("2", "down", "B"), "as of now"),
    "confirm": (("2", "down", "B", "enter"), "yes, carry it out"),
    "form": (("2", "down", "colon", *"scale", "enter", "tab", "tab", "tab", *"why"), "why"),
}


@pytest.mark.parametrize("way", WAYS)
async def test_all_is_as_it_was(way: str) -> None:
    keys, word = WAYS[way]
    stage = stage_of()
    async with stage.showing("w000", ROOM) as pilot:
        if way == "form":
            await stage.does(pilot, *keys[: keys.index("tab")], then=READY)
            keys = keys[keys.index("tab") :]
        await stage.does(pilot, *keys, then=word)
        await stage.at_rest(pilot)
        screens, focused, text = list(stage.app.screen_stack), stage.app.focused, _read(stage)
        await pilot.resize_terminal(*TINY)
        await stage.sees(pilot, "too small")
        assert "w00" not in stage.text
        assert stage.app.focused is focused
        await pilot.resize_terminal(*ROOM)
        await until(pilot, lambda: _read(stage) == text)
        assert list(stage.app.screen_stack) == screens
        assert stage.app.focused is focused


@pytest.mark.parametrize("keys", [("down",), ("pagedown", "down"), (*["down"] * 5, *["up"] * 2)])
async def test_rows_that_had_to_move_for_lack_of_room_move_back(keys: tuple[str, ...]) -> None:
    stage = stage_of()
    async with stage.showing("w000", ROOM) as pilot:
        await stage.does(pilot, "2", *keys, then="▌2 Deployments")
        table = stage.app.screen.query_one("#pane-deployments", Pane).table
        await until(pilot, lambda: table.scroll_offset.y <= table.cursor and table.size.height > 5)
        await stage.at_rest(pilot)
        top, height = table.scroll_offset.y, table.size.height
        await pilot.resize_terminal(80, 14)
        await until(pilot, lambda: table.size.height < height)
        await until(pilot, lambda: 0 <= table.cursor - table.scroll_offset.y < table.size.height)
        await pilot.resize_terminal(*ROOM)
        await until(pilot, lambda: table.size.height == height and table.scroll_offset.y == top)


async def test_a_page_whose_lines_break_otherwise_stays_at_its_row() -> None:
    stage = stage_of()
    async with stage.showing("w000", ROOM) as pilot:
        await stage.does(pilot, "question_mark", then="Record")
        await pilot.press(*["down"] * 12)
        page = stage.app.screen.query_one(PageView)
        await until(pilot, lambda: page.scroll_offset.y > 0)
        key = page.row.key
        await pilot.resize_terminal(*TINY)
        await stage.sees(pilot, "too small")
        await pilot.resize_terminal(*ROOM)
        await until(pilot, lambda: page.size.height > TINY[1])
        assert page.row.key == key
        await until(pilot, lambda: 0 <= page.cursor - page.scroll_offset.y < page.size.height)


@pytest.mark.parametrize("keys", [("y",), ("enter", "y"), ("x",), ("q",), ("escape",), ("down",)])
async def test_no_key_acts_on_what_is_not_seen(keys: tuple[str, ...]) -> None:
    stage = stage_of()
    async with stage.showing("w000", ROOM) as pilot:
        await stage.does(pilot, "2", "down", "B", then="as of now")
        await stage.does(pilot, "enter", then="yes, carry it out")
        text = await stage.at_rest(pilot)
        await pilot.resize_terminal(*TINY)
        await stage.sees(pilot, "too small")
        await pilot.press(*keys)
        await pilot.resize_terminal(*ROOM)
        await until(pilot, lambda: stage.text == text)
        assert isinstance(stage.app.context.acts, FakeActs)
        assert stage.app.context.acts.begun == []


@pytest.mark.parametrize("key", ["ctrl+c", "q"])
async def test_one_can_leave_all_the_same(key: str) -> None:
    stage = stage_of()
    async with stage.showing("w000", ROOM) as pilot:
        await pilot.resize_terminal(*TINY)
        await stage.sees(pilot, "^C quits")
        await pilot.press(key)
        await until(pilot, lambda: not stage.app.is_running)


# --- which pane, which row: without colour -------------------------------------------------------


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("size", [(80, 24), (120, 36), (150, 50)])
async def test_one_title_and_one_row_have_the_sign(glyphs: object, size: tuple[int, int]) -> None:
    stage = stage_of()
    async with stage.showing("w000", size) as pilot:
        if glyphs is ASCII:
            await pilot.press("colon", *"ascii", "enter")
        styles = ASCII if glyphs is ASCII else UNICODE
        for number, title in ((1, "Builds"), (2, "Deployments"), (4, "Alerts")):
            await pilot.press(str(number))
            await stage.sees(pilot, f"{styles.focus}{number} {title}")
            titles = [f"{styles.focus}{n} " in stage.text for n in (1, 2, 3, 4)]
            assert titles.count(True) == 1
        await pilot.press("2", "down")
        await stage.sees(pilot, f"{styles.cursor}{styles.status[MANY[1].status]} w001")
        await pilot.press("up", "space", "up")
        await stage.sees(pilot, f"{styles.cursor_mark}{styles.status[MANY[0].status]} w000")
        await pilot.press("colon")
        await until(pilot, lambda: not isinstance(stage.app.focused, LinesView))
        assert f"{styles.focus}2 Deployments" in stage.text
        assert f"{styles.cursor_mark}{styles.status[MANY[0].status]} w000" in stage.text
