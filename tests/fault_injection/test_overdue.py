"""A source that hangs after it was well is shown as overdue, by the board's own clock."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsboard.adapter import Condition, HostEnviron
from opsboard.board.rollup import StatusExitCode, exit_code
from opsboard.board.state import Board
from opsboard.collect.engine import Engine
from opsboard.config.resolved_source import ResolvedSource
from opsboard.records import Kind
from opsboard_adapters.mlflow import MLflow
from tests.fault_injection.behaviours import hanging
from tests.fault_injection.stage import SECRETS, SOURCES, AppHarness
from tests.patience import PATIENCE


def _until(engine: Engine, board: Board, condition: Condition) -> None:
    deadline = time.monotonic() + PATIENCE
    news = threading.Event()
    engine.on_wake(news.set)
    while True:
        news.clear()
        board.apply(engine.drain())
        state = board.source("mlflow")
        parts = {scope.health.condition for scope in state.scopes.values()} if state else set()
        if parts == {condition}:
            return
        assert time.monotonic() < deadline, parts
        news.wait(PATIENCE)


def test_a_poll_that_hangs_is_overdue_and_keeps_its_records(
    stage: AppHarness, tmp_path: Path
) -> None:
    settings = MLflow.settings.model_validate(
        {
            "tracking_uri": f"{stage.url}{SOURCES['mlflow']}",
            "token": SECRETS["mlflow"],
            "poll_interval": 1.0,
        }
    )
    around = HostEnviron(env={}, home=tmp_path, cwd=tmp_path)
    engine = Engine([ResolvedSource("mlflow", MLflow, settings)], host_environ=around)
    board = Board()
    engine.start()
    try:
        _until(engine, board, Condition.LIVE)
        stage.fault_proxy.inject(SOURCES["mlflow"], hanging)
        shown = set(board.records(Kind.MODEL))
        assert shown
        board.tick(datetime.now(UTC) + timedelta(seconds=40))
        assert exit_code(board, [Kind.MODEL_VERSION]) is not StatusExitCode.UNREACHABLE
        board.tick(datetime.now(UTC) + timedelta(seconds=400))
        state = board.source("mlflow")
        assert state is not None
        assert {it.health.condition for it in state.scopes.values()} == {Condition.STALE}
        assert "overdue" in state.health.message
        assert set(board.records(Kind.MODEL)) == shown
    finally:
        engine.stop()
