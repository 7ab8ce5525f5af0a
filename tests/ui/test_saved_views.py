"""Saved views on the screen: opened by word, alias, key and choice, each a pane of its own."""

from pathlib import Path

import pytest
from textual.pilot import Pilot

from opsboard.adapter import Upsert
from opsboard.board.events import BoardEvent
from opsboard.commands.live_config import LiveConfig
from opsboard.commands.setup import LoadedConfig
from opsboard.config.load import load_config
from opsboard.ui.screens.board import BoardScreen
from opsboard.views.panes import SAVED_VIEWS
from tests.ui.app_harness import NOW, AppHarness, stage_board, until
from tests.ui.listing_samples import offer
from tests.ui.sample_records import builds
from tests.ui.test_listing_screen import typed
from tests.ui.test_snapshots import Scene, SnapCompare, before

CONFIG = """
[[views]]
name = "mine"
title = "My builds"
pane = "builds"
filter = "!status:ok"
columns = ["repository", { field = "title", title = "what", width = 30 }, "branch"]
sort = "-age"
alias = "my"
number = 6

[[views]]
name = "none"
pane = "builds"
filter = "nobody-has-this"

[[views]]
name = "bad"
pane = "builds"
columns = ["colour"]
"""


def _stage(tmp_path: Path, text: str = CONFIG) -> AppHarness:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    setup = LoadedConfig(load_config(file), file)
    board = stage_board()
    board.apply([BoardEvent("github", Upsert("builds", builds(12)), NOW)])
    return AppHarness(BoardScreen, board=board, config=LiveConfig(lambda: setup))


async def _back(stage: AppHarness, pilot: Pilot[int]) -> None:
    await stage.does(pilot, "0", then="4 Alerts")


async def test_a_view_is_opened_by_name_alias_key_command_and_choice(tmp_path: Path) -> None:
    stage = _stage(tmp_path)
    async with stage.run((120, 36)) as pilot:
        await until(pilot, lambda: SAVED_VIEWS.find("mine") is not None)
        await until(pilot, lambda: bool(stage.app._notifications))
        notice = next(iter(stage.app._notifications)).message
        assert "config.toml:20: views.2.columns: no column and no field 'colour'" in notice
        for keys in (
            ("colon", *"my", "enter"),
            ("6",),
            ("colon", *"view", "space", *"mine", "enter"),
        ):
            await stage.does(pilot, *keys, then="6 My builds")
            assert "what" in stage.text
            assert "4 Alerts" not in stage.text
            await _back(stage, pilot)
        await stage.does(pilot, "colon", *"view", "enter", then="Which view?")
        await stage.does(pilot, "enter", then="6 My builds")
        await typed(pilot, "view nine")
        await stage.sees(pilot, "there is no view 'nine'")
        await typed(pilot, "none")
        await stage.sees(pilot, "matches 'nobody-has-this', the filter of this view")
    assert not SAVED_VIEWS.panes


async def test_a_view_called_like_what_is_listed_is_told_with_the_way_to_both(
    tmp_path: Path,
) -> None:
    stage = _stage(tmp_path, '[[views]]\nname = "secrets"\npane = "builds"\n')
    offer(stage.feed)
    async with stage.run((120, 36)) as pilot:
        await until(pilot, lambda: SAVED_VIEWS.find("secrets") is not None)
        await typed(pilot, "no-such-word")

        def told() -> str:
            return "\n".join(str(one.message) for one in stage.app._notifications)

        await until(pilot, lambda: ":secrets opens a view of [[views]]" in told())
        assert "is behind :resources secrets" in told()


async def test_names_are_completed(tmp_path: Path) -> None:
    stage = _stage(tmp_path)
    async with stage.run((80, 24)) as pilot:
        await until(pilot, lambda: SAVED_VIEWS.find("mine") is not None)
        await pilot.press("colon", *"view", "space", "m", "tab")
        await stage.sees(pilot, ":view mine")
        await stage.does(pilot, "enter", then="6 My builds")


async def test_without_views_it_is_said_how_to_have_some() -> None:
    stage = AppHarness(BoardScreen)
    async with stage.run((80, 24)) as pilot:
        await typed(pilot, "view")
        await stage.sees(pilot, "there are no saved views")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_view(snap_compare: SnapCompare, tmp_path: Path, size: tuple[int, int]) -> None:
    stage = _stage(tmp_path, CONFIG.partition('\n[[views]]\nname = "none"')[0])
    run = before(stage, Scene(lambda: stage, "4 Alerts", ("6",), "6 My builds"))

    async def opened(pilot: Pilot[int]) -> None:
        await until(pilot, lambda: SAVED_VIEWS.find("mine") is not None)
        await run(pilot)

    assert snap_compare(stage.app, terminal_size=size, run_before=opened)


LISTING = """
[[views]]
name = "tired"
title = "Tired nodes"
listing = "no"
filter = "status:notready"
columns = ["name", { name = "VERSION", title = "kubelet" }, "speed", "cluster"]
sort = "-name"
alias = "tn"
number = 7

[[views]]
name = "gone"
listing = "nodez"

[[views]]
name = "asked"
listing = "nodes"
search = "ready"
"""


async def _known(stage: AppHarness, pilot: Pilot[int], name: str) -> None:
    await until(pilot, lambda: SAVED_VIEWS.find(name) is not None)


async def test_a_view_of_a_listing_is_opened_as_those_of_panes_are(tmp_path: Path) -> None:
    stage = _stage(tmp_path, LISTING)
    offer(stage.feed)
    async with stage.run((120, 36)) as pilot:
        await _known(stage, pilot, "tired")
        for keys in (
            ("7",),
            ("colon", *"tn", "enter"),
            ("colon", *"view", "space", *"tired", "enter"),
            ("colon", *"view", "enter", "enter"),
        ):
            await stage.does(pilot, *keys, then="node-8")
            assert "Tired nodes" in stage.text
            assert "kubelet" in stage.text
            assert "node-9" not in stage.text, "it is ready"
            assert stage.text.index("node-8") < stage.text.index("node-2")
            await stage.sees(pilot, "view tired: there is no column 'speed'")
            await stage.does(pilot, "escape", then="4 Alerts")


async def test_a_view_of_what_nobody_lists_or_filters_is_told(tmp_path: Path) -> None:
    stage = _stage(tmp_path, LISTING)
    offer(stage.feed)
    async with stage.run((160, 36)) as pilot:
        await _known(stage, pilot, "gone")
        await typed(pilot, "gone")
        await stage.sees(pilot, "view gone: nothing is listed by the word 'nodez'")
        await typed(pilot, "asked")
        await stage.sees(pilot, "no server filters nodes itself")


async def test_where_no_row_is_in_the_view_its_filter_is_told(tmp_path: Path) -> None:
    none = LISTING.replace("status:notready", "nobody-has-this")
    stage = _stage(tmp_path, none)
    offer(stage.feed)
    async with stage.run((120, 36)) as pilot:
        await _known(stage, pilot, "tired")
        await stage.does(pilot, "7", then="None of 9 matches 'nobody-has-this', the filter of this")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_view_of_a_listing(
    snap_compare: SnapCompare, tmp_path: Path, size: tuple[int, int]
) -> None:
    stage = _stage(tmp_path, LISTING)
    offer(stage.feed)
    run = before(stage, Scene(lambda: stage, "4 Alerts", ("7",), "live, not all"))

    async def opened(pilot: Pilot[int]) -> None:
        await _known(stage, pilot, "tired")
        await run(pilot)

    assert snap_compare(stage.app, terminal_size=size, run_before=opened)
