"""What people come for is done by a few keys: on the demo, in a terminal."""

from pathlib import Path
from typing import Final

import pytest

from tests.terminal.errands import ERRANDS, errand_board

pytestmark = pytest.mark.terminal

MOST: Final = {
    "stuck": 13,
    "crash": 1,
    "rollback": 22,
    "step": 2,
    "compare": 2,
    "since": 2,
    "retrain": 35,
    "shell": 36,
}
"""Keystrokes, of which names and reasons that are typed are most."""


def test_errands(tmp_path: Path) -> None:
    with errand_board(tmp_path) as board:
        for errand in ERRANDS:
            board.run(errand)
    assert {one.name: one.keystrokes for one in ERRANDS} == MOST
