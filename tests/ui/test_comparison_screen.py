"""Versions compared on the screen."""

from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import cast

import pytest
from textual.pilot import Pilot

from opsboard.adapter import Comparand, ComparedGroup, Unreachable
from opsboard.board.state import Board
from opsboard.config.settings import UiSettings
from opsboard.records import ListedObject
from opsboard.ui.actions.action_handler import UiActionHandler
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.record_comparison import RecordComparison
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.comparison import ComparisonScreen
from opsboard.ui.screens.detail import DetailScreen
from tests.ui.app_harness import AppHarness, until
from tests.ui.comparison_samples import comparand, stage, version
from tests.ui.test_snapshots import Scene, SnapCompare, before

_ALL = "4 Alerts"
TWO = ("colon", *"versions product-ranker !version:8", "enter", "M", "v")
THREE = ("colon", *"versions product-ranker", "enter", "M", "v")
SCENES = {
    "two": Scene(lambda: stage(BoardScreen), _ALL, TWO, "by step"),
    "three": Scene(lambda: stage(BoardScreen), _ALL, THREE, "by step"),
}
WIDE = pytest.mark.parametrize(
    "size", [(80, 24), (120, 36), (200, 60)], ids=lambda s: f"{s[0]}x{s[1]}"
)


async def compared(harness: AppHarness, pilot: Pilot[int], *keys: str) -> None:
    await harness.sees(pilot, _ALL)
    await pilot.press(*keys)
    await until(pilot, lambda: isinstance(harness.app.screen, ComparisonScreen))


async def test_marked_versions_stand_side_by_side_what_serves_first() -> None:
    harness = stage(BoardScreen)
    async with harness.run((120, 60)) as pilot:
        await compared(harness, pilot, *THREE)
        await harness.sees(pilot, "1 v6 champion")
        text = await harness.at_rest(pilot)
        assert text.index("1 v6") < text.index("2 v7") < text.index("3 v8")
        assert "18 the same" in text
        assert "coverage; `higher_is_better`" in text
        assert "not known of 3 v8: no MLmodel file" in text
        assert "secret: api_key" in text
        assert "***" not in text
        assert "v Compare" not in text, "they are side by side here already"
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(harness.app.screen, DetailScreen))
        assert harness.feed.asked[-1] == version("6").ref


@pytest.mark.parametrize(
    ("keys", "titles"),
    [
        (("colon", *"versions version:7", "enter", "v"), ["v6", "v7"]),
        (("colon", *"versions version:6", "enter", "v"), ["v6", "v8"]),
        (("colon", *"models product-ranker", "enter", "v"), ["v6", "v8"]),
        (("colon", *"versions version:7", "enter", "colon", *"compare", "enter"), ["v6", "v7"]),
    ],
)
async def test_one_alone_is_compared_with_what_serves(
    keys: tuple[str, ...], titles: list[str]
) -> None:
    harness = stage(BoardScreen)
    async with harness.run((120, 36)) as pilot:
        await compared(harness, pilot, *keys)
        await until(pilot, lambda: len(harness.feed.compared) == len(titles))
        assert {ref.id.rpartition("/")[2] for ref in harness.feed.compared} == {
            title.removeprefix("v") for title in titles
        }
        await harness.sees(pilot, "as of now")


async def test_what_cannot_be_compared_says_why() -> None:
    harness = stage(BoardScreen)
    async with harness.run((120, 36)) as pilot:
        await harness.sees(pilot, _ALL)
        await pilot.press("1", "colon", *"compare", "enter")
        await harness.sees(pilot, "for versions of models, and for runs")


async def test_a_side_that_cannot_be_read_hides_nothing_of_the_others() -> None:
    harness = stage(BoardScreen)
    harness.feed.sides[version("7").ref] = Unreachable("no answer", "check the network")
    async with harness.run((120, 36)) as pilot:
        await compared(harness, pilot, *THREE)
        await harness.sees(pilot, "check the network")
        assert "2 v8" in harness.text


async def test_an_error_that_several_sides_share_is_told_once() -> None:
    harness = stage(BoardScreen)
    for number in ("6", "7"):
        harness.feed.sides[version(number).ref] = Unreachable("no answer", "check the network")
    async with harness.run((120, 36)) as pilot:
        await compared(harness, pilot, *TWO)
        await harness.sees(pilot, "check the network")
        assert harness.text.count("check the network") == 1


async def test_hostile_text_is_plain_and_texts_that_would_be_cut_stand_in_full() -> None:
    harness = stage(BoardScreen)
    side = comparand("7")
    group = ComparedGroup(title="Tags", pairs=(("[b]tag[/b]", "[red]x" + "y" * 90 + "7"),))
    harness.feed.sides[version("7").ref] = Comparand(ref=side.ref, title="v7", groups=(group,))
    async with harness.run((80, 90)) as pilot:
        await compared(harness, pilot, *TWO)
        await harness.sees(pilot, "[b]tag[/b]")
        assert "y7" in harness.text


async def test_texts_of_several_lines_are_compared_line_by_line() -> None:
    harness = stage(BoardScreen)
    texts = {"6": "Say it.\nBe kind.\n[b]End", "7": "Say it.\nBe short.\n[b]End", "8": "Say it."}
    for number, text in texts.items():
        group = ComparedGroup(title="Template", text=text)
        ref = version(number).ref
        harness.feed.sides[ref] = Comparand(
            ref=ref, title=f"v{number}", leads=number == "6", groups=(group,)
        )
    async with harness.run((80, 40)) as pilot:
        await compared(harness, pilot, *THREE)
        await harness.sees(pilot, "from 1 v6 to 2 v7")
        lines = [line.strip() for line in harness.text.splitlines()]
        at = lines.index("from 1 v6 to 2 v7")
        assert lines[at + 1 : at + 5] == ["Say it.", "-Be kind.", "+Be short.", "[b]End"]
        assert "from 1 v6 to 3 v8" in lines
        assert "-[b]End" in lines[at + 6 :]


async def test_what_is_never_measured_has_no_section_of_metrics() -> None:
    harness = stage(BoardScreen)
    for number in ("6", "7"):
        ref = version(number).ref
        group = ComparedGroup(title="Template", text=f"Say it.\nBe {number}.")
        side = Comparand(ref=ref, title=f"v{number}", metrics=None, groups=(group,))
        harness.feed.sides[ref] = side
    async with harness.run((80, 40)) as pilot:
        await compared(harness, pilot, *TWO)
        await harness.sees(pilot, "Template")
        assert "Metrics" not in harness.text
        assert "Charts" not in harness.text


async def test_a_reason_that_all_sides_share_is_told_once() -> None:
    harness = stage(BoardScreen)
    group = ComparedGroup(title="Signature", unknown="nobody logged one")
    for number in ("6", "7", "8"):
        ref = version(number).ref
        harness.feed.sides[ref] = Comparand(ref=ref, title=f"v{number}", groups=(group,))
    async with harness.run((80, 40)) as pilot:
        await compared(harness, pilot, *THREE)
        await harness.sees(pilot, "not known of any: nobody logged one")
        assert harness.text.count("nobody logged one") == 1


@WIDE
@pytest.mark.parametrize("name", SCENES)
def test_screen(snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    scene = SCENES[name]
    harness = scene.home()
    assert snap_compare(harness.app, terminal_size=size, run_before=_at_end(harness, scene, size))


def test_screen_in_ascii(snap_compare: SnapCompare) -> None:
    harness = stage(BoardScreen, UiSettings(ascii=True, theme="monochrome"))
    run = _at_end(harness, SCENES["three"], (120, 60))
    assert snap_compare(harness.app, terminal_size=(120, 60), run_before=run)


def _at_end(
    harness: AppHarness, scene: Scene, size: tuple[int, int]
) -> Callable[[Pilot[int]], Awaitable[None]]:
    """Return what waits for the charts where the screen has room for them."""
    return before(harness, scene._replace(shows=scene.shows if size[1] > 50 else "Metrics"))


class _Selected:
    """The only run that is selected, in a list whose rows can be marked or on its own page."""

    def __init__(self, *, can_mark: bool) -> None:
        self.can_mark = can_mark

    def count(self) -> int:
        return 1

    def records(self) -> list[ListedObject]:
        return [ListedObject(source="ml", id="runs/1", name="1", listing="runs", compared=True)]


@pytest.mark.parametrize(
    ("can_mark", "said"),
    [
        (True, "mark two or more (Space) to compare them"),
        (False, "go back, and mark two or more in the list to compare them"),
    ],
)
def test_where_no_row_can_be_marked_no_key_for_it_is_named(can_mark: bool, said: str) -> None:
    context = SimpleNamespace(as_of=None, board=Board())
    node = cast("UiActionHandler", SimpleNamespace(context=context))
    selection = cast("RecordSelection", _Selected(can_mark=can_mark))
    comparison = RecordComparison(node, selection)
    assert comparison.disabled_reason(ACTIONS["record.compare"]) == said
