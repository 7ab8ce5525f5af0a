"""A box to choose from: of more options than it can show, the one under the cursor is in sight."""

import pytest

from opsboard.ui.context import AppContext
from opsboard.ui.messages import ChoiceOption
from opsboard.ui.screens.choice import ChoiceScreen
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
