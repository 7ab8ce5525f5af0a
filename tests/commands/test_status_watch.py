"""``opsboard status --watch``: a line for each change, or the board drawn again."""

import json
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from opsboard.adapter import Complete, Condition, Fresh, Health, Report, Upsert
from opsboard.board.state import Board
from opsboard.commands.report_style import plain_report_style
from opsboard.commands.selection import select
from opsboard.commands.status_watch import LineWatch, ScreenWatch, WatchedStatus
from opsboard.records import Deployment, Status
from opsboard.system.exit_codes import ExitCode
from opsboard.views.panes import pane_named
from tests.board import NOW, deployment, events
from tests.patience import PATIENCE


def _board(board: Board, *records: Deployment) -> None:
    refs = frozenset(record.ref for record in records)
    live = Report(Health(condition=Condition.LIVE))
    board.apply(events("k8s", live, Upsert("all", records), Complete("all", refs), Fresh("all")))


def _now(board: Board, minutes: int = 0, words: str = "") -> WatchedStatus:
    at = NOW + timedelta(minutes=minutes)
    return WatchedStatus(select(board, [pane_named("deployments")], words, at), at, 0)


def _session(board: Board) -> Any:
    return SimpleNamespace(board=board, problems=lambda: ())


def test_a_change_is_a_line_and_what_only_ages_is_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    board = Board()
    show = LineWatch(_session(board), as_json=False)
    since = NOW - timedelta(hours=1)
    _board(board, deployment("a", updated_at=since), deployment("b", updated_at=since))
    show(_now(board))
    source, *first = capsys.readouterr().out.splitlines()
    assert source.endswith("k8s: live, 2 records")
    assert [line.split("  ")[0] for line in first] == [
        "2026-01-15T09:00:00Z deployments ok: a",
        "2026-01-15T09:00:00Z deployments ok: b",
    ]
    show(_now(board, 90))
    assert capsys.readouterr().out == ""
    _board(board, deployment("a", Status.FAILED, updated_at=since))
    show(_now(board, 91))
    failed, gone = capsys.readouterr().out.splitlines()
    assert failed.startswith("2026-01-15T10:31:00Z deployments failed (was ok): a")
    assert gone.startswith("2026-01-15T10:31:00Z deployments gone (was ok): b")


def test_a_line_of_json_is_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    board = Board()
    show = LineWatch(_session(board), as_json=True)
    _board(board, deployment("a"))
    show(_now(board, words="status:ok"))
    _board(board, deployment("a", Status.FAILED))
    show(_now(board, 1, words="status:ok"))
    shown, gone = map(json.loads, capsys.readouterr().out.splitlines())
    assert [shown["change"], gone["change"]] == ["shown", "gone"]
    assert shown["record"]["name"] == "a"
    assert shown["schema"] == "opsboard.change/2"


def test_a_terminal_is_drawn_over_and_never_scrolled(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "10")
    board = Board()
    _board(board, *(deployment(f"web-{number:02}") for number in range(40)))
    ScreenWatch(_session(board), lambda: plain_report_style(80))(_now(board))
    drawn = capsys.readouterr().out
    assert drawn.startswith("\x1b[H")
    assert drawn.endswith("\x1b[J")
    assert drawn.count("\n") == 9
    assert "--filter narrow" in drawn


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_the_exit_code_of_what_it_showed(
    tmp_path: Path, number: signal.Signals
) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[sources.ml]\nadapter = "mlflow"\ntracking_uri = "http://127.0.0.1:9"\n')
    words = ["status", "--config", str(config), "--watch", "--interval", "0.1"]
    with subprocess.Popen(
        [sys.executable, "-m", "opsboard", *words], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert "ml: unreachable" in running.stdout.readline()
        running.send_signal(number)
        assert running.wait(PATIENCE) == ExitCode.UNREACHABLE
