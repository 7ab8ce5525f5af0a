"""Comparisons of more than fits: many versions, thousands of parameters, long texts."""

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from opsboard.adapter import Comparand, ComparedGroup
from opsboard.config.settings import UiSettings
from opsboard.ui.messages import ClockTicked
from opsboard.ui.render.comparison_rows import ComparisonTables, comparison_tables
from opsboard.ui.render.comparison_sides import ShownSides
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import AnyRow, DeferredRow
from opsboard.ui.screens import comparison as comparison_screen
from opsboard.ui.screens.comparison import ComparisonScreen
from opsboard.ui.screens.report import ReportScreen
from opsboard.ui.theme.styles import default_styles
from opsboard.views.comparison import compare
from tests.ui.app_harness import NOW, AppHarness, until
from tests.ui.comparison_samples import many, stage_of
from tests.ui.test_comparison_screen import WIDE
from tests.ui.test_snapshots import Scene, SnapCompare, before

_AT_FIRST = {
    80: "sides 1-3 of 10, Right for more",
    120: "sides 1-5 of 10, Right for more",
    200: "sides 1-9 of 10, Right for more",
}


def tables(sides: Sequence[Comparand], width: int, start: int = 1) -> ComparisonTables:
    """Return the tables of *sides* on a page of *width* columns."""
    return comparison_tables(compare(sides), start, PageFormat(default_styles(), NOW, width))


def texts(rows: Sequence[AnyRow]) -> list[str]:
    """Return *rows* as lines of text."""
    return [row.text.plain.rstrip() for row in rows]


def with_text(*values: str) -> list[Comparand]:
    """Return versions with one parameter, of these *values*."""
    sides = many(len(values))
    groups = [ComparedGroup(title="Parameters", pairs=(("prompt", value),)) for value in values]
    pairs = zip(sides, groups, strict=True)
    return [replace(side, metrics=None, groups=(group,)) for side, group in pairs]


# --- sides without a column ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "room", "total", "numbers", "text"),
    [
        (1, 3, 3, [0, 1, 2], "sides 1-3 of 3"),
        (1, 4, 10, [0, 1, 2, 3], "sides 1-4 of 10"),
        (3, 4, 10, [0, 3, 4, 5], "sides 1, 4-6 of 10"),
        (99, 4, 10, [0, 7, 8, 9], "sides 1, 8-10 of 10"),
        (4, 2, 10, [0, 4], "sides 1, 5 of 10"),
        (1, 0, 10, [0, 1], "sides 1-2 of 10"),
        (1, 9, 1, [0], "sides 1-1 of 1"),
    ],
)
def test_the_first_side_stands_beside_those_that_are_shown(
    start: int, room: int, total: int, numbers: list[int], text: str
) -> None:
    shown = ShownSides.of(start, room, total)
    assert shown.numbers == numbers
    assert shown.text() == text
    assert shown.is_all == (not shown.has_before and not shown.has_after)


@pytest.mark.parametrize("width", [78, 118, 198])
@pytest.mark.parametrize("start", [1, 4, 9])
def test_no_line_is_wider_than_its_page(width: int, start: int) -> None:
    found = tables(many(10, 20), width, start)
    assert max(row.text.cell_len for row in found.rows) <= width


def test_differences_are_from_the_first_side_wherever_one_is() -> None:
    found = tables(many(10), 118, 9)
    line = next(line for line in texts(found.rows) if "latency_p99_ms" in line)
    assert found.shown.text() == "sides 1, 7-10 of 10"
    told = "43.5 ✓ 58.5 +15 61 +17.5 63.5 +20 66 +22.5"
    assert line.split()[2:] == told.split()


@pytest.mark.parametrize("width", [80, 120, 200])
async def test_left_and_right_go_through_the_sides_that_the_caption_counts(width: int) -> None:
    harness = stage_of(many(10))
    async with harness.run((width, 60)) as pilot:
        await harness.sees(pilot, _AT_FIRST[width])
        room = int(_AT_FIRST[width].split("-")[1].split()[0])
        for last in range(room + 1, 11):
            first = last - room + 2
            shown = f"sides 1, {first}-{last} of 10"
            ways = "Left or Right" if last < 10 else "Left"
            await pilot.press("right")
            await harness.sees(pilot, f"{shown}, {ways} for more")
            text = await harness.at_rest(pilot)
            assert f"{last} v{last} " in text.partition("Metrics")[2]
            assert "param_3" in text
            assert "latency_p99_ms" in text
        await pilot.press("right")
        assert f"sides 1, {12 - room}-10 of 10" in await harness.at_rest(pilot)
        for _ in range(10):
            await pilot.press("left")
        await harness.sees(pilot, _AT_FIRST[width])


async def test_the_caption_names_the_keys_that_the_user_has_chosen() -> None:
    harness = stage_of(many(10), UiSettings(keys={"move.right": ["f9"]}))
    async with harness.run((120, 36)) as pilot:
        await harness.sees(pilot, "sides 1-5 of 10, f9 for more")
        await harness.does(pilot, "f9", then="sides 1, 3-6 of 10")


async def test_where_all_sides_have_a_column_nothing_is_said_of_more() -> None:
    harness = stage_of(many(3))
    async with harness.showing("3 side by side", (120, 36)) as pilot:
        await harness.sees(pilot, "Metrics")
        assert "for more" not in await harness.at_rest(pilot)


# --- thousands of rows ---------------------------------------------------------------------------


async def test_only_what_is_seen_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ComparisonTables] = []
    _watch(monkeypatch, made)
    harness = stage_of(many(10, 3_000))
    async with harness.run((120, 36)) as pilot:
        await harness.sees(pilot, "Metrics")
        written = _count_writes(monkeypatch, made[0].rows)
        await pilot.press("G")
        await harness.sees(pilot, "param_2999")
        assert len(made[0].rows) > 3_000
        assert 0 < len(written) < 300
        for _ in range(3):
            harness.app.screen.post_message(ClockTicked(NOW))
        await harness.at_rest(pilot)
        assert len(made) == 1, "as time goes by, no table changes"


async def test_keys_work_while_tables_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, made = threading.Event(), list[ComparisonTables]()
    _watch(monkeypatch, made, goes_on)
    harness = stage_of(many(10))
    try:
        async with harness.run((120, 36)) as pilot:
            await harness.sees(pilot, "10 v10")
            assert isinstance(harness.app.screen, ComparisonScreen)
            await pilot.press("down", "down")
            await until(pilot, lambda: _cursor(harness) == 2)
            await harness.does(pilot, "question_mark", then="Open its detail")
            await pilot.press("escape")
            assert not made
            goes_on.set()
            await harness.sees(pilot, "latency_p99_ms")
            assert _cursor(harness) == 2
    finally:
        goes_on.set()


async def test_what_changes_while_tables_are_written_is_shown_at_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes_on, made = threading.Event(), list[ComparisonTables]()
    _watch(monkeypatch, made, goes_on)
    harness = stage_of(many(10))
    try:
        async with harness.run((120, 36)) as pilot:
            await harness.sees(pilot, "10 v10")
            await pilot.resize_terminal(200, 36)
            goes_on.set()
            await harness.sees(pilot, _AT_FIRST[200])
            assert made[-1].shown.text() == "sides 1-9 of 10"
    finally:
        goes_on.set()


def _cursor(harness: AppHarness) -> int:
    screen = harness.app.screen
    return screen.page.cursor if isinstance(screen, ComparisonScreen) else -1


def _watch(
    monkeypatch: pytest.MonkeyPatch,
    made: list[ComparisonTables],
    goes_on: threading.Event | None = None,
) -> None:
    """Keep the tables that are *made*; none is before *goes_on* is set."""

    def watched(*args: object) -> ComparisonTables:
        if goes_on is not None:
            goes_on.wait()
        made.append(comparison_tables(*args))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(comparison_screen, "comparison_tables", watched)


def _count_writes(monkeypatch: pytest.MonkeyPatch, rows: Sequence[AnyRow]) -> set[object]:
    """Return a set that gets the key of each deferred row of *rows* that is written."""
    written: set[object] = set()
    for kind in {type(row) for row in rows if isinstance(row, DeferredRow)}:
        write = kind.write

        def counted(row: DeferredRow, write: object = write) -> object:
            written.add(row.key)
            return write(row)  # type: ignore[operator]

        monkeypatch.setattr(kind, "write", counted)
    return written


# --- long texts ----------------------------------------------------------------------------------


def test_long_texts_are_shown_from_where_they_differ() -> None:
    common = "be kind " * 200
    found = texts(tables(with_text(f"{common}A{'x' * 2000}", f"{common}B"), 78).rows)
    assert "  Enter shows a text whole" in found[1]
    first, second = (line for line in found if "be kind" in line)
    assert first.startswith("     1  …")
    assert second.startswith("     2  …")
    assert second.endswith("be kind B")
    assert sum("xx" in line for line in found) <= 4, "the rest is shown by Enter"


def test_texts_that_have_room_are_shown_whole() -> None:
    common = "be kind " * 20
    found = " ".join(
        " ".join(texts(tables(with_text(f"{common}A", f"{common}B"), 78).rows)).split()
    )
    assert found.count("be kind") == 40
    assert "Enter" not in found


async def test_enter_shows_a_text_whole() -> None:
    harness = stage_of(with_text("A " + "word " * 400 + "END", "B"))
    async with harness.showing("Enter shows a text whole", (80, 24)) as pilot:
        await harness.does(pilot, "down", "down", "down", then="▸    1  A")
        assert "END" not in await harness.at_rest(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(harness.app.screen, ReportScreen))
        await harness.does(pilot, "G", then="END")


# --- looks ---------------------------------------------------------------------------------------


@WIDE
def test_many(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    harness = stage_of(many(10, 12))
    scene = Scene(lambda: harness, _AT_FIRST[size[0]], ("right",), "sides 1, 3-")
    assert snap_compare(harness.app, terminal_size=size, run_before=before(harness, scene))


@pytest.mark.parametrize("theme", ["light", "monochrome"])
def test_many_in_theme(snap_compare: SnapCompare, theme: str) -> None:
    harness = stage_of(many(10, 12), UiSettings(theme=theme, ascii=theme == "monochrome"))
    scene = Scene(lambda: harness, _AT_FIRST[80], ("right",), "sides 1, 3-")
    assert snap_compare(harness.app, terminal_size=(80, 24), run_before=before(harness, scene))


def test_long_texts(snap_compare: SnapCompare) -> None:
    sides = many(10, 3, "a common beginning " * 20 + "{side} of {at} " + "word " * 200)
    harness = stage_of(sides)
    scene = Scene(lambda: harness, _AT_FIRST[120], ("tab", "tab"), "param_0")
    assert snap_compare(harness.app, terminal_size=(120, 36), run_before=before(harness, scene))
