"""Forwarded ports: listed with those of other boards, which only these can end."""

from dataclasses import replace

from opsboard.records import ActivityState
from opsboard.ui.screens.board import BoardScreen
from tests.ui.app_harness import AppHarness
from tests.ui.fake_actions import FakeActs, act, workload
from tests.ui.sample_board import stage_board
from tests.ui.start_screens import filled


async def test_what_another_board_forwards_is_listed_and_not_ended_here() -> None:
    there = act("p1", "forward checkout", state=ActivityState.FOLLOWING, action="forward")
    there = replace(there, message="127.0.0.1:40123 → port 8080 of checkout")
    board = filled(stage_board(), [workload(), there])
    stage = AppHarness(BoardScreen, board=board, acts=FakeActs(workload()))
    async with stage.showing("checkout") as pilot:
        await stage.sees(pilot, "1 forward")
        await stage.does(pilot, "colon", *"forwards", "enter", then="127.0.0.1:40123 → port 8080")
        await stage.does(pilot, "enter", then="Another opsboard forwards it")
