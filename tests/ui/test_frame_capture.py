"""The overview as it is kept for the next start: true when it is painted, and nothing beyond."""

from datetime import timedelta

import pyte
import pytest
from rich.cells import cell_len

from opsboard.startup.frame_format import StoredFrame
from opsboard.ui.screens.frame_capture import capture_frame
from opsboard.ui.screens.frame_taker import FIRST_TICK, TICKS, UNCHANGED_TICKS, FrameTaker
from opsboard.ui.widgets.pane import Pane
from opsboard.views.scope import Scope
from tests.ui.app_harness import NOW, AppHarness, until
from tests.ui.test_services import stage

SIZES = [(40, 12), (80, 24), (120, 36), (200, 60)]


class Kept:
    """Holds what is to be kept."""

    def __init__(self) -> None:
        self.frames: list[StoredFrame] = []

    def take(self, frame: StoredFrame, _: float) -> None:
        self.frames.append(frame)

    def close(self) -> None:
        pass


def captured(app: AppHarness) -> StoredFrame:
    frame = capture_frame(app.app, app.app.screen)
    assert frame is not None
    return StoredFrame.unpacked(frame.packed())


def painted(frame: StoredFrame, later: timedelta = timedelta()) -> list[str]:
    screen = pyte.Screen(frame.width, frame.height)
    pyte.Stream(screen).feed(frame.painted((NOW + later).timestamp()))
    return list(screen.display)


@pytest.mark.parametrize("size", SIZES)
async def test_it_is_as_large_as_the_screen_and_all_from_disk(size: tuple[int, int]) -> None:
    app = stage()
    async with app.showing("Services", size):
        frame = captured(app)
    widths = {sum(cell_len(text) for _, text in row) for row in frame.rows}
    assert (widths, len(frame.rows)) == ({size[0]}, size[1])
    shown = painted(frame)
    assert " old, from disk " in shown[0]
    assert "last known board" in shown[-1]


async def test_where_there_is_no_room_to_say_that_it_is_from_disk_none_is_kept() -> None:
    app = stage()
    async with app.showing("Services", (40, 12)):
        assert capture_frame(app.app, app.app.screen) is not None
        app.app.context.scope_state.scope = Scope(namespaces=("payments-of-all",))
        assert capture_frame(app.app, app.app.screen) is None


async def test_rows_stand_where_they_do_on_the_board() -> None:
    app = stage()
    async with app.showing("5 Services", (120, 36)) as pilot:
        live = (await app.at_rest(pilot)).splitlines()
        shown = painted(captured(app))
        pane = app.app.screen.query(Pane).first().table.region
    before = [line[2 : pane.width - 1].rstrip() for line in live[pane.y : pane.bottom]]
    after = [line[2 : pane.width - 1].rstrip() for line in shown[pane.y : pane.bottom]]
    assert after == before
    assert any(before)


async def test_nothing_in_it_looks_live() -> None:
    app = stage()
    async with app.showing("5 Services", (120, 36)) as pilot:
        await pilot.press("down", "m")
        live = await app.at_rest(pilot)
        text = "\n".join(painted(captured(app)))
    assert "▸" in live
    for word in ("▸", "▌", "? Help", "live", "4,812", "marked", "as of"):
        assert word not in text
    assert text.count("old, from disk") >= 3


async def test_ages_are_those_of_the_moment_of_painting() -> None:
    app = stage()
    async with app.showing("5 Services", (120, 36)) as pilot:
        frame = captured(app)
        app.clock.time += timedelta(hours=30)
        for pane in app.app.screen.query(Pane):
            pane.tick()
        live = (await app.at_rest(pilot)).splitlines()
        region = app.app.screen.query(Pane).first().table.region
    shown = painted(frame, timedelta(hours=30))
    assert frame.slots
    for y in range(region.y, region.bottom):
        assert shown[y][2 : region.width - 1].rstrip() == live[y][2 : region.width - 1].rstrip()
    assert "1d6h old" in shown[0] or "1d old" in shown[0]


async def test_production_stands_out_in_the_top_line() -> None:
    app = stage()
    async with app.showing("5 Services", (120, 36)):
        frame = captured(app)
        badge = next(style for style, text in frame.rows[0] if "PRODUCTION" in text)
        plain = {style for style, text in frame.rows[1]}
    assert badge not in plain


@pytest.mark.parametrize(
    ("keys", "then"),
    [
        (["question_mark"], "Open its detail."),
        (["enter"], "checkout"),
        (["z"], "5 Services"),
        (["slash", "c", "enter"], "/c"),
        (["exclamation_mark"], "only what is wrong"),
        (["colon"], ":"),
    ],
    ids=["help", "page", "zoomed", "filtered", "narrowed", "prompt"],
)
async def test_only_the_whole_overview_is_kept(keys: list[str], then: str) -> None:
    app = stage()
    async with app.showing("5 Services", (120, 36)) as pilot:
        assert capture_frame(app.app, app.app.screen) is not None
        await pilot.press(*keys)
        await app.sees(pilot, then)
        await until(pilot, lambda: capture_frame(app.app, app.app.screen) is None)


def _ticks(taker: FrameTaker, count: int) -> None:
    for _ in range(count):
        taker.tick(busy=False)


async def test_it_is_kept_now_and_then_but_not_while_a_key_is_acted_on() -> None:
    app, kept = stage(), Kept()
    async with app.showing("5 Services", (80, 24)) as pilot:
        await until(pilot, lambda: app.app.context.first_paint.is_done)
        taker = FrameTaker(app.app, app.app.context, kept)  # type: ignore[arg-type]
        _ticks(taker, FIRST_TICK - 1)
        assert not kept.frames
        taker.tick(busy=True)
        assert not kept.frames
        taker.tick(busy=False)
        assert len(kept.frames) == 1
        taker.board_changed()
        _ticks(taker, TICKS)
        assert len(kept.frames) == 2


async def test_it_is_drawn_again_only_where_it_may_be_another() -> None:
    app, kept = stage(), Kept()
    async with app.showing("5 Services", (80, 24)) as pilot:
        await until(pilot, lambda: app.app.context.first_paint.is_done)
        taker = FrameTaker(app.app, app.app.context, kept)  # type: ignore[arg-type]
        _ticks(taker, 10 * TICKS)
        assert len(kept.frames) == 1, "only ages have changed"
        await pilot.press("o")
        _ticks(taker, 2 * TICKS)
        assert len(kept.frames) == 2, "a key may have sorted it"
        await pilot.resize_terminal(120, 36)
        _ticks(taker, 2 * TICKS)
        assert len(kept.frames) == 3, "it has another size"
        _ticks(taker, UNCHANGED_TICKS)
        assert len(kept.frames) == 4, "it was confirmed since, and is not to get too old"


async def test_a_terminal_of_few_colours_gets_few() -> None:
    app = stage()
    async with app.showing("5 Services", (80, 24)):
        app.app.console._color_system = None
        frame = captured(app)
    assert not any("38" in style or "48" in style for row in frame.rows for style, _ in row)
