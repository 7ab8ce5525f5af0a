"""Forwarded ports: listed with those of other boards, which only these can end."""

from dataclasses import replace
from typing import Any, cast

import pytest

from opsboard.records import ActivityState
from opsboard.ui.forwards import closing_lines, still_followed
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


class _Programs:
    """What runs the programs of a board: those that *keys* name."""

    def __init__(self, *keys: str) -> None:
        self._keys = keys

    def runs(self, key: str) -> bool:
        return key in self._keys


@pytest.mark.parametrize(
    ("own", "lines"),
    [
        ((), []),
        (("p1",), ["opsboard: 1 forwarded port is closed."]),
        (("p1", "p2", "p3"), ["opsboard: 2 forwarded ports are closed."]),
    ],
)
def test_leaving_says_what_ends_with_the_board_and_follows_no_port(
    own: tuple[str, ...], lines: list[str]
) -> None:
    ports = [
        act(key, "forward checkout", state=ActivityState.FOLLOWING, action="forward")
        for key in ("p1", "p2")
    ]
    other = act("p3", "rollback checkout", state=ActivityState.FOLLOWING)
    board = filled(stage_board(), [workload(), *ports, other])
    assert [*closing_lines(board, cast("Any", _Programs(*own)))] == lines
    assert [*closing_lines(board, None)] == []
    assert still_followed(board) == [other]
