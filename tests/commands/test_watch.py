"""``opsboard watch``: without a screen, a line for what is new; a signal ends it well."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.adapter import Condition, Health, Report, listing
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.cli import main
from opsboard.commands.watch import Changes
from opsboard.history.ledger_file import FILE_NAME
from tests.board import builds
from tests.patience import PATIENCE

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


PATIENT = f"""
import sys
from opsboard.cli import main
from opsboard.collect import engine
engine.RECORDED_WITHIN = {PATIENCE}
sys.exit(main(sys.argv[1:]))
"""
"""Runs the program, which waits at its end for all to be written, however busy the machine is."""


@contextmanager
def _watching(config: Path, home: Path, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """Run it with *home* for its state."""
    folders = {f"XDG_{name}_HOME": str(home) for name in ("CONFIG", "STATE", "CACHE")}
    program = subprocess.Popen(
        [sys.executable, "-c", PATIENT, "--config", str(config), "watch", *words],
        env={**os.environ, **folders},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield program
    finally:
        program.kill()
        program.communicate()


def _rows(home: Path, table: str) -> int:
    file = home / "opsboard" / FILE_NAME
    if not file.exists():
        return 0
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        try:
            count: int = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
        except sqlite3.OperationalError:
            return 0
    return count


def _eventually(program: "subprocess.Popen[str]", happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        assert program.poll() is None, program.stderr and program.stderr.read()
        time.sleep(0.05)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_it_records_until_a_signal_ends_it(
    demo_config: Path, tmp_path: Path, ending: signal.Signals
) -> None:
    with _watching(demo_config, tmp_path, "--record") as program:
        _eventually(program, lambda: _rows(tmp_path, "transition") > 50)
        assert _rows(tmp_path, "writer") == 1
        program.send_signal(ending)
        printed, said = program.communicate(timeout=PATIENCE)
        assert program.returncode == 0
    assert ": live, " in printed
    assert "Traceback" not in printed + said
    assert _rows(tmp_path, "writer") == 0, "others may record at once"
    assert _rows(tmp_path, "entity") > 50


def test_without_record_nothing_is_kept(demo_config: Path, tmp_path: Path) -> None:
    with _watching(demo_config, tmp_path) as program:
        assert program.stdout is not None
        assert program.stdout.readline()
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=PATIENCE)
        assert program.returncode == 0
    assert not (tmp_path / "opsboard" / FILE_NAME).exists()


def test_record_and_a_config_that_forbids_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        "[history]\nenabled = false\n"
        '[sources.ml]\nadapter = "mlflow"\ntracking_uri = "http://127.0.0.1:9"\n'
    )
    assert main(["--config", str(config), "watch", "--record"]) == 64
    assert "enabled = false" in capsys.readouterr().err


def test_only_what_is_new_is_printed() -> None:
    board, said = Board({"ci": "CI"}), Changes()
    live = Report(Health(condition=Condition.LIVE))
    board.apply(BoardEvent("ci", one, NOW) for one in (live, *listing("web", builds(2))))
    (first,) = said.lines(board, (), NOW)
    assert first == "2026-03-14T12:00:00Z ci: live, 2 records"
    assert list(said.lines(board, (), NOW)) == []
    down = Health(condition=Condition.UNREACHABLE, message="no \x1b[31mroute")
    board.apply([BoardEvent("ci", Report(down), NOW)])
    (worse,) = said.lines(board, (), NOW)
    assert "ci: unreachable, 2 records: no" in worse
    assert "\x1b" not in worse
    assert len(list(said.lines(board, ("the disk is full",), NOW))) == 1
    assert list(said.lines(board, ("the disk is full",), NOW)) == []
