"""A box to choose from: of more options than it can show, the one under the cursor is in sight."""

import pytest
from textual.containers import Vertical

from opsboard.ui.context import AppContext
from opsboard.ui.messages import ChoiceOption
from opsboard.ui.screens.choice import ChoiceScreen
from opsboard.ui.widgets.page_view import PageView
from tests.ui.app_harness import AppHarness
from tests.ui.start_screens import detail

OPTIONS = [ChoiceOption(f"option-{at}", f"option-{at}", "what it does") for at in range(1, 61)]


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (60, 12)])
async def test_the_last_of_many_is_in_sight_at_the_cursor(size: tuple[int, int]) -> None:
    stage = AppHarness(detail)
    async with stage.showing("412", size) as pilot:
        context: AppContext = stage.app.context
        stage.app.push_screen(ChoiceScreen(context, "Which option?", OPTIONS))
        await stage.sees(pilot, "option-3")
        await stage.does(pilot, "G", then="option-60")
        assert "Which option?" in stage.text
        await stage.does(pilot, "home", then="option-1 ")


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_box_is_as_high_as_what_it_shows(size: tuple[int, int]) -> None:
    stage = AppHarness(detail)
    async with stage.showing("412", size) as pilot:
        stage.app.push_screen(ChoiceScreen(stage.app.context, "Which option?", OPTIONS))
        await stage.sees(pilot, "option-3")
        await stage.at_rest(pilot)
        screen = stage.app.screen
        box, shown = screen.query_one(Vertical).region, screen.query_one(PageView).region
        assert box.bottom - shown.bottom == 1, "its border"
