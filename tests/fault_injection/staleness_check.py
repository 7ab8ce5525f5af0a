"""Whether a target without faults is ever stale, whatever happens to the others.

Staleness is counted in the target's own polls and not in seconds, so that a busy machine changes
nothing; only what takes as long as :data:`HANG` counts as hanging.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from opsboard.adapter import Condition
from opsboard.records import Kind, Ref
from tests.fault_injection.server_control import ServerControl
from tests.fault_injection.walked_board import WalkedBoard, wait_until
from tests.patience import PATIENCE

HANG: Final = PATIENCE
"""Seconds of real time after which something counts as hanging."""
WATCH_PATIENCE: Final = 5.0
"""Seconds of real time in which a watch tells of a change, unless this machine is too busy."""
ROUNDS: Final = 2
"""Rounds of asking after which a source that is well must show a change."""
SOURCE_OF: Final = {"production-eu": "clusters", "staging-eu": "clusters"}
ASKED_FOR: Final = {
    "github": "/actions/runs",
    "mlflow": "registered-models/search",
    "registry": "/tags/list",
}
"""What a polled source asks for in each round in which it would see a mark."""


class StalenessCheck:
    """Makes marked changes in the world behind *control*, and looks for them on *board*.

    *let_pass* lets so many seconds pass for world and board.
    """

    def __init__(
        self, control: ServerControl, board: WalkedBoard, let_pass: Callable[[float], None]
    ) -> None:
        self._control = control
        self._board = board
        self._let_pass = let_pass
        self.well_since: dict[str, datetime] = {}
        """When the faults of each target ended."""

    def is_seen_well(self, target: str) -> bool:
        """Tell whether all of *target* has been confirmed since its faults ended."""
        since = self.well_since[target]
        source = self._board.source(SOURCE_OF.get(target, target))
        scopes = [
            scope
            for name, scope in source.scopes.items()
            if source.name != "clusters" or name.startswith(f"{target}/")
        ]
        return source.own_health.condition is Condition.LIVE and all(
            scope.health.condition is Condition.LIVE and scope.fresh_at and scope.fresh_at > since
            for scope in scopes
        )

    def breach(self, target: str) -> str:
        """Change something in *target*, which is well; return how the board was late, or ``""``."""
        mark = self._control.mark(target)
        began = time.monotonic()
        while not self._shows(target, mark):
            took = time.monotonic() - began
            self._wait_for(target, took)
            rounds = self._rounds(target, mark)
            if rounds > ROUNDS and not self._has_given_up(target):
                return f"{target} was asked {rounds} times, and {mark} is not shown"
            if took > HANG:
                return f"{target} is well, and late: {mark}; {self._board.troubles()}"
        return ""

    def _shows(self, target: str, mark: dict[str, Any]) -> bool:
        self._board.take_in()
        ref = Ref(SOURCE_OF.get(target, target), Kind(mark["kind"]), mark["id"])
        record = self._board.board.get(ref)
        if record is None:
            return False
        return "field" not in mark or getattr(record, mark["field"]) == mark["value"]

    def _wait_for(self, target: str, waited: float) -> None:
        """Let time pass. What is watched tells by itself, in real time."""
        if target in ASKED_FOR or waited > WATCH_PATIENCE:
            self._let_pass(2.0)
        else:
            self._board.advance(0)
            wait_until(lambda: False, 0.01)

    def _has_given_up(self, target: str) -> bool:
        """Tell whether the board did not wait for *target*, which is well: the machine is busy."""
        source = self._board.source(SOURCE_OF.get(target, target))
        healths = (source.own_health, *(scope.health for scope in source.scopes.values()))
        return any(one.condition is Condition.UNREACHABLE for one in healths)

    def _rounds(self, target: str, mark: dict[str, Any]) -> int:
        """Return how often *target* was asked, since, for what would show *mark*."""
        if target not in ASKED_FOR:
            return 0
        part = ASKED_FOR[target]
        if target == "github":
            part = f"{mark['id'].rpartition('/')[0]}{part}"
        if target == "registry":
            part = f"{mark['id'].partition('@')[0]}{part}"
        asked = self._control.answered(target).items()
        return max((times for path, times in asked if path.endswith(part)), default=0)
