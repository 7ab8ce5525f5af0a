"""What is sent to the terminal: less than Textual would send, and the same to look at."""

import re
from collections.abc import Callable, Iterator, Sequence

import pyte
import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual._compositor import CompositorUpdate, InlineUpdate, LayoutUpdate
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.strip import Strip

from opsboard.adapter import listing
from opsboard.board.events import BoardEvent
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.terminal.diff_renderer import DiffRenderer, DiffUpdate
from tests.ui.app_harness import NOW, AppHarness, screen_text, until
from tests.ui.sample_records import everything

CONSOLE = Console(force_terminal=True, color_system="truecolor", width=120)
RED = Style(color="red")
KEYS = ["j", "j", "space", "2", "2", "escape", "question_mark", "escape", "slash", *"pay", "enter"]


class Terminals:
    """Two terminals: one gets what Textual sends, the other what the wire leaves of it."""

    def __init__(self, width: int, height: int) -> None:
        self.size = Size(width, height)
        self.wire = DiffRenderer()
        self.whole, self.thin = pyte.Screen(width, height), pyte.Screen(width, height)
        self.bytes_whole = self.bytes_thin = 0

    def show(self, update: CompositorUpdate) -> None:
        """Send *update* to both; they must show the same."""
        sequence = update.render_segments(CONSOLE)
        pyte.Stream(self.whole).feed(sequence.replace("\n", ""))
        self.bytes_whole += len(sequence)
        left = self.wire.diff(update, self.size)
        if left is not None:
            thinned = left.render_segments(CONSOLE)
            pyte.Stream(self.thin).feed(thinned)
            self.bytes_thin += len(thinned)
        assert self.thin.display == self.whole.display
        assert _cells(self.thin) == _cells(self.whole)


def _cells(screen: pyte.Screen) -> list[list[object]]:
    return [
        [screen.buffer[y][x] for x in range(screen.columns) if screen.buffer[y][x].data]
        for y in range(screen.lines)
    ]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_terminal_shows_what_textual_meant(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage, terminals = AppHarness(BoardScreen), Terminals(*size)
    displays = stage.app._display

    def display(screen: Screen[object], renderable: RenderableType | None) -> None:
        if isinstance(renderable, CompositorUpdate):
            terminals.show(renderable)
        displays(screen, renderable)

    monkeypatch.setattr(stage.app, "_display", display)
    async with stage.run(size) as pilot:
        changes = listing("all", [record for record in everything() if record.source == "github"])
        stage.app.board_changed(
            stage.board.apply(BoardEvent("github", change, NOW) for change in changes)
        )
        await until(pilot, lambda: "結帳" in screen_text(stage.app))
        for key in KEYS:
            await pilot.press(key)
            await pilot.pause()
        await until(pilot, lambda: "/pay" in screen_text(stage.app))
    assert "/pay" in "".join(terminals.thin.display)
    assert 0 < terminals.bytes_thin < terminals.bytes_whole / 2


def _update(*lines: str, x: int = 0, y: int = 0, style: Style | None = None) -> LayoutUpdate:
    strips: list[Sequence[Strip]] = [[Strip([Segment(line, style)])] for line in lines]
    return LayoutUpdate(strips, Region(x, y, len(lines[0]), len(lines)))  # type: ignore[arg-type]


def _sent(wire: DiffRenderer, update: CompositorUpdate) -> list[tuple[int, int, str]]:
    thinned = wire.diff(update, Size(40, 3))
    if thinned is None:
        return []
    assert isinstance(thinned, DiffUpdate)
    return [(run.x, run.y, "".join(text for text, _ in run.cells)) for run in thinned.runs]


def test_what_is_shown_already_is_not_sent() -> None:
    wire = DiffRenderer()
    assert _sent(wire, _update("alpha", "beta")) == [(0, 0, "alpha"), (0, 1, "beta")]
    assert _sent(wire, _update("alpha", "beta")) == []
    assert _sent(wire, _update("alpha", "bets")) == [(3, 1, "s")]


def test_a_style_is_a_difference() -> None:
    wire = DiffRenderer()
    _sent(wire, _update("alpha"))
    assert _sent(wire, _update("alpha", style=RED)) == [(0, 0, "alpha")]


def test_near_differences_travel_together_and_far_ones_apart() -> None:
    wire = DiffRenderer()
    _sent(wire, _update("0123456789012345678901234567"))
    assert _sent(wire, _update("x12x4567890123456789012345x7")) == [(0, 0, "x12x"), (26, 0, "x")]


def test_a_wide_character_travels_whole() -> None:
    wire = DiffRenderer()
    _sent(wire, _update("a結帳結結"))
    assert _sent(wire, _update("結結結結a")) == [(0, 0, "結結結結a")]
    assert _sent(wire, _update("結結a結結")) == [(4, 0, "a結結")]
    assert _sent(wire, _update("結a結結結")) == [(2, 0, "a結")]


def test_after_forgetting_or_resizing_all_is_sent() -> None:
    wire = DiffRenderer()
    _sent(wire, _update("alpha"))
    wire.reset()
    assert _sent(wire, _update("alpha")) == [(0, 0, "alpha")]
    assert wire.diff(_update("alpha"), Size(50, 4)) is not None


def test_what_is_beyond_the_terminal_is_not_sent() -> None:
    assert _sent(DiffRenderer(), _update("alpha", x=38, y=2)) == [(38, 2, "al")]
    assert _sent(DiffRenderer(), _update("alpha", y=3)) == []
    assert _sent(DiffRenderer(), _update("alpha", x=40)) == []
    assert _sent(DiffRenderer(), _update("a longer line than fits", x=52)) == []


def test_an_update_of_no_screen_is_refused() -> None:
    with pytest.raises(TypeError, match="no screen is updated by InlineUpdate"):
        DiffRenderer().diff(InlineUpdate([Strip.blank(3)]), Size(40, 3))


ODD = {
    "joined": "\U0001f9d1\u200d\U0001f4bb",
    "a family": "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "a heart": "\u2764\ufe0f",
    "a skin": "\U0001f44d\U0001f3fd",
    "a flag": "\U0001f1e9\U0001f1ea",
    "a key": "1\ufe0f\u20e3",
    "tags": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "Persian": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
}


def _side_by_side(sequence: str) -> str:
    """Return *sequence* as a terminal takes it that joins nothing."""
    return re.sub("[\u200c\u200d\ufe0f\u20e3\U000e0020-\U000e007f]", "", sequence)


def _as_one(sequence: str) -> str:
    """Return *sequence* as a terminal takes it that draws the first part for all."""
    parts = "\u200d.|[\ufe0f\u20e3\u200c\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
    return re.sub("[\U0001f1e6-\U0001f1ff]{2}", "\u2690", re.sub(parts, "", sequence))


@pytest.mark.parametrize("taken", [_side_by_side, _as_one])
@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_terminals_draw_at_other_widths_shifts_nothing(
    odd: str, taken: Callable[[str], str]
) -> None:
    wire, screen = DiffRenderer(), pyte.Screen(30, 3)
    stream = pyte.Stream(screen)
    rest = 20 - cell_len(odd)
    for line in (
        "x" * 20 + "|y",
        f"{odd}{'x' * rest}|y",
        f"{'x' * rest}{odd}|y",
        f"{'x' * rest}{odd}|z",
        f"{'z' * rest}{odd}|z",
        f"x{odd}{odd}{'-' * (rest - cell_len(odd) - 1)}|z",
        "-" * 20 + "|z",
    ):
        strip = Strip([Segment(line + " " * 8)])
        update = LayoutUpdate([[strip]], Region(0, 0, 30, 1))
        left = wire.diff(update, Size(30, 3))
        assert left is not None
        stream.feed(taken(left.render_segments(CONSOLE)))
        shown = screen.buffer[0]
        assert [shown[20].data, shown[21].data] == list(line[-2:])
        at = cell_len(line.partition(odd)[0])
        plain = {column: char for column, char in _columns(line) if column < at or char in "-xz"}
        assert {column: shown[column].data for column in plain} == plain
    assert screen.display[0].rstrip() == line


def _columns(line: str) -> Iterator[tuple[int, str]]:
    """Yield the ASCII characters of *line* with the columns in which they stand."""
    for at, char in enumerate(line):
        if char.isascii():
            yield cell_len(line[:at]), char


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_at_the_edge_nothing_is_drawn_into_the_next_line(odd: str) -> None:
    wire, screen = DiffRenderer(), pyte.Screen(10, 2)
    line = "x" * (10 - cell_len(odd)) + odd
    update = LayoutUpdate(
        [[Strip([Segment(line)])], [Strip([Segment("y" * 10)])]],
        Region(0, 0, 10, 2),
    )
    left = wire.diff(update, Size(10, 2))
    assert left is not None
    pyte.Stream(screen).feed(_side_by_side(left.render_segments(CONSOLE)))
    assert screen.display[0].startswith("x" * (10 - cell_len(odd)))
    assert screen.display[1] == "y" * 10
