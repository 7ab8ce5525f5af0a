"""A watch promises its signs of life, so that one that has gone silent is not called live."""

from datetime import datetime, timedelta

from opsboard.adapter import Condition, Due, Fresh
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.testing.fakes import EPOCH
from opsboard_adapters.kubernetes.client import WATCH_READ_TIMEOUT
from opsboard_adapters.kubernetes.settings import KubernetesSettings
from tests.adapters.kubernetes.scripted_cluster import (
    PODS,
    SCOPES,
    ScriptedCluster,
    event,
    page,
    pod,
    stream,
)
from tests.adapters.kubernetes.test_bad_input import Following, following

BOOKMARK = event("BOOKMARK", {"metadata": {"resourceVersion": "30"}})


async def test_a_watch_promises_a_sign_of_life_once(
    cluster: ScriptedCluster, settings: KubernetesSettings
) -> None:
    cluster.script[f"list {PODS}"] = [page(pod("a"))]
    cluster.script[f"watch {PODS}"] = [stream(BOOKMARK, BOOKMARK, ends=False)]
    async with following(settings) as source:
        await source.until(lambda: _promised(source) == SCOPES and _signs(source) >= 3)
        due = [change for change in source.recorder.changes if isinstance(change, Due)]
    assert sorted(due, key=lambda it: it.scope) == [
        Due(name, WATCH_READ_TIMEOUT) for name in sorted(SCOPES)
    ]


async def test_a_cluster_whose_source_hangs_is_not_live_for_ever(
    settings: KubernetesSettings,
) -> None:
    async with following(settings) as source:
        await source.until(lambda: _promised(source) == SCOPES)
        changes = list(source.recorder.changes)
    board = Board()
    board.apply(BoardEvent("example", change, EPOCH) for change in changes)
    assert _conditions(board, EPOCH + timedelta(seconds=2 * WATCH_READ_TIMEOUT)) == {Condition.LIVE}
    assert _conditions(board, EPOCH + timedelta(seconds=4 * WATCH_READ_TIMEOUT)) == {
        Condition.STALE
    }


def _promised(source: Following) -> set[str]:
    """Return the scopes whose signs of life are promised: a moment after they begin to stream."""
    return {change.scope for change in source.recorder.changes if isinstance(change, Due)}


def _signs(source: Following) -> int:
    """Count the signs of life of the pods."""
    changes = source.recorder.changes
    return sum(isinstance(one, Fresh) and one.scope == "test/pods" for one in changes)


def _conditions(board: Board, at: datetime) -> set[Condition]:
    board.tick(at)
    state = board.source("example")
    assert state is not None
    return {scope.health.condition for name, scope in state.scopes.items() if name in SCOPES}
