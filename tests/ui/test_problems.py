"""What cannot be kept over restarts is told on the board, once, when it is known."""

from opsboard.ui.screens.board import BoardScreen
from tests.ui.app_harness import AppHarness, screen_text, until


async def test_a_problem_is_told_when_it_comes_up_and_only_once() -> None:
    stage, problems = AppHarness(BoardScreen), list[str]()
    stage.app._problems = lambda: problems
    async with stage.run(size=(120, 36)) as pilot:
        problems.append("the disk is full")
        stage.app._tick()
        await until(pilot, lambda: "the disk is full" in screen_text(stage.app))
        told = len(stage.app._notifications)
        stage.app._tick()
        assert len(stage.app._notifications) == told
