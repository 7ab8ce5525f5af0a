"""What GitHub's pace leaves alone on purpose is not called overdue; what hangs is."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from opsboard.adapter import Condition, Due
from opsboard.board.events import BoardEvent
from opsboard.board.source_state import ScopeState
from opsboard.board.state import Board
from tests.adapters.github.support import Enough, FakeGitHub, connected, context, run, runs

ROUNDS = 150


async def test_a_quiet_repository_is_live_for_as_long_as_it_is_looked_at(tmp_path: Path) -> None:
    ctx, board = context(tmp_path), Board()
    repositories = ("o/quiet", "o/busy")
    github = FakeGitHub(
        {
            **{f"/repos/{name}/deployments": [] for name in repositories},
            "/repos/o/quiet/actions/runs": runs(run(7)),
            "/repos/o/busy/actions/runs": runs(run(8, status="in_progress", conclusion=None)),
        }
    )
    seen: set[Condition] = set()
    ctx.rounds = ROUNDS
    async with connected(github, ctx, repositories=repositories) as source:
        try:
            async for change in source.changes():
                board.tick(ctx.time)
                seen |= {scope.health.condition for scope in _scopes(board).values()}
                board.apply([BoardEvent("github", change, ctx.time)])
        except Enough:
            pass
    assert sum(ctx.pauses) > 900, "long enough for any of them to be overdue"
    assert seen <= {Condition.STARTING, Condition.LIVE}
    board.tick(ctx.time + timedelta(hours=1))
    assert {scope.health.condition for scope in _scopes(board).values()} == {Condition.STALE}


async def test_each_scope_is_promised(tmp_path: Path) -> None:
    ctx = context(tmp_path)
    github = FakeGitHub({"/repos/o/r/actions/runs": runs(run(7)), "/repos/o/r/deployments": []})
    due: dict[str, float] = {}
    async with connected(github, ctx) as source:
        try:
            async for change in source.changes():
                if isinstance(change, Due):
                    due[change.scope] = change.seconds
        except Enough:
            pass
    assert due.keys() == {"runs:o/r", "deployments:o/r"}
    assert all(seconds >= 1 for seconds in due.values())


def _scopes(board: Board) -> Mapping[str, ScopeState]:
    state = board.source("github")
    return state.scopes if state else {}
