"""Hues mean one thing each: that of production is over the whole top line, red is a failure."""

from functools import partial

import pytest
from rich.segment import Segment

from opsboard.config.settings import UiSettings
from opsboard.records import Status
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.theme.styles import Styles
from tests.ui.app_harness import AppHarness, until
from tests.ui.sample_history import CHAIN, CHECKOUT, STAGING
from tests.ui.start_screens import board_with
from tests.ui.test_act_snapshots import SCENES as ACTING
from tests.ui.test_board_snapshots import SCENES as BOARD
from tests.ui.test_snapshots import Scene

THEMES = ("dark", "light", "contrast", "colorblind", "monochrome", "terminal")
CALM = {"plan-denied", "plan-blocked", "form-wrong", "typed-wrong"}
WRONG = ("denied", "blocked", "whole number", "not the name", "no field", "PRODUCTION", "- ")


def _line(stage: AppHarness, at: int) -> list[Segment]:
    return list(stage.app.screen._compositor.render_strips()[at])


def _shows(board: BoardScreen, environment: str) -> bool:
    return board.environments == (environment,)


def _styles(stage: AppHarness) -> Styles:
    return stage.app.context.styles


@pytest.mark.parametrize("theme", THEMES)
async def test_the_whole_top_line_has_the_hue_of_production(theme: str) -> None:
    stage = board_with(CHAIN, UiSettings(theme=theme))
    async with stage.showing("2 Deployments", (80, 24)) as pilot:
        board = stage.app.screen
        assert isinstance(board, BoardScreen)
        await pilot.press("2")
        table = board.pane.table
        place = {record: table.model.find(record.ref) for record in (CHECKOUT, STAGING)}
        for record, row in place.items():
            assert row is not None
            table.move_to(row)
            await until(pilot, partial(_shows, board, record.environment))
            await pilot.pause()
            production = record.environment == "production"
            style = _styles(stage).production_line
            line = [one for one in _line(stage, 0) if one.style is not None]
            if style.reverse:
                drawn = [bool(one.style and one.style.reverse) for one in line]
            else:
                drawn = [bool(one.style and one.style.bgcolor == style.bgcolor) for one in line]
                drawn = [
                    seen or "PRODUCTION" in one.text for seen, one in zip(drawn, line, strict=True)
                ]
            assert all(drawn) is production
            word = "PRODUCTION" if production else "staging"
            assert word in "".join(one.text for one in line)


@pytest.mark.parametrize("theme", THEMES)
async def test_the_cell_of_an_environment_has_it_too(theme: str) -> None:
    stage = board_with(CHAIN, UiSettings(theme=theme))
    async with stage.showing("2 Deployments", (80, 24)) as pilot:
        await stage.does(pilot, "2", "z", "end", then="staging")
        lines = [_line(stage, at) for at in range(2, 23)]
        cells = [one for line in lines for one in line if one.text.strip() == "production"]
        hue = _styles(stage).production
        drawn = [one.style for one in cells if one.style is not None]
        drawn = [one for one in drawn if hue.color is None or one.color == hue.color]
        assert any(one.reverse == hue.reverse for one in drawn)


@pytest.mark.parametrize("name", [*sorted(CALM), "filter-wrong"])
async def test_red_is_what_failed_and_nothing_else(name: str) -> None:
    scene: Scene = {**BOARD, **ACTING}[name]
    stage = scene.home()
    async with stage.showing(scene.ready, (80, 24)) as pilot:
        await stage.does(pilot, *scene.keys, then=scene.shows)
        red = _styles(stage).statuses[Status.FAILED].color
        strips = stage.app.screen._compositor.render_strips()
        parts = [one for strip in strips for one in strip if one.style and one.style.color]
        reds = [one.text for one in parts if one.style and one.style.color == red]
        assert [text for text in reds for word in WRONG if word in text] == []
