"""Two programs record one ledger: the union, each scope by one of them, and one takes over."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from opsboard.collect.clock_watch import STALL
from opsboard.history.ledger import Ledger
from opsboard.history.model import Gap, GapReason, Transition
from opsboard.history.reader import LedgerReader
from tests.history.recording_process import DONE, REVISION, TIME, write_whole
from tests.history.samples import ALICE, NOON
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
TICK = 1.0
"""Seconds between two looks of the programs."""
LONG_STOP = STALL + 6
"""Seconds after which a program that goes on knows that it stood still."""
LONGEST = 300.0
"""Seconds, as the programs count them, in which what is awaited happens."""


class Programs:
    """Programs that record into *home*, of the world whose revision and time are in files."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._world = home / "world"
        self._world.mkdir()
        self._time = 0.0
        self._stopped: set[int] = set()
        self.running: list[subprocess.Popen[bytes]] = []
        self.reader: LedgerReader = Ledger(home / "state").reader({"prod": ALICE})
        write_whole(self._world / TIME, str(self._time))

    def becomes(self, revision: str) -> None:
        write_whole(self._world / REVISION, revision)

    def start(self, *scopes: str) -> "subprocess.Popen[bytes]":
        words = [str(self.home / "state"), str(self._world), *scopes]
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.history.recording_process", *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        )
        self.running.append(program)
        return program

    def stop(self, program: "subprocess.Popen[bytes]") -> None:
        """Stop *program* between two looks; return once it stands still."""
        self._stopped.add(program.pid)
        program.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, program.pid, os.WSTOPPED)

    def go_on(self, program: "subprocess.Popen[bytes]") -> None:
        """Let *program* go on after a stop."""
        self._stopped.discard(program.pid)
        program.send_signal(signal.SIGCONT)

    def let_pass(self, seconds: float) -> None:
        """Let *seconds* pass, after which all that run and are not stopped look once."""
        self._await_looks()
        self._time += seconds
        write_whole(self._world / TIME, str(self._time))
        self._await_looks()

    def _await_looks(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while late := [one for one in self.running if self._is_late(one)]:
            assert time.monotonic() < deadline, f"{len(late)} do not look"
            time.sleep(0.01)

    def _is_late(self, program: "subprocess.Popen[bytes]") -> bool:
        if program.pid in self._stopped or program.poll() is not None:
            return False
        told = self._world / f"{DONE}{program.pid}"
        return not told.exists() or float(told.read_text("utf-8")) < self._time

    def seen(self, scope: str) -> list[Transition]:
        day = timedelta(days=1)
        found = self.reader.transitions(NOON - day, NOON + day, baselines=True)
        return [one for one in found if one.scope == scope]

    def revisions(self, scope: str) -> list[str]:
        return [getattr(one.after, "revision", "") for one in self.seen(scope)]

    def are(self, scope: str, revisions: list[str]) -> bool:
        return self.revisions(scope) == revisions

    def gaps(self, scope: str) -> list[Gap]:
        return [gap for gap in self.reader.gaps() if gap.scope == scope and gap.since and gap.until]

    def eventually(self, happened: Callable[[], object]) -> None:
        """Let time pass until it *happened*."""
        end = self._time + LONGEST
        self._await_looks()
        while not happened():
            assert self._time < end, [self.revisions("both"), self.reader.gaps()]
            assert any(program.poll() is None for program in self.running)
            self.let_pass(TICK)

    def close(self) -> None:
        for program in self.running:
            program.kill()
            program.wait()
        self.reader.close()


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    made = Programs(tmp_path)
    yield made
    made.close()


def test_a_dead_writer_is_replaced_and_the_stretch_between_is_a_gap(programs: Programs) -> None:
    programs.becomes("1")
    first = programs.start("mine", "both")
    programs.eventually(lambda: programs.revisions("both") == ["1"])
    programs.start("both", "theirs")
    programs.eventually(lambda: programs.revisions("theirs") == ["1"])
    programs.becomes("2")
    for scope in ("mine", "both", "theirs"):  # the union, and nothing twice
        programs.eventually(partial(programs.are, scope, ["1", "2"]))
    assert programs.gaps("both") == []

    first.send_signal(signal.SIGKILL)
    first.wait()
    programs.becomes("3")
    programs.eventually(lambda: programs.revisions("both") == ["1", "2", "3"])
    (gap,) = programs.gaps("both")
    assert gap.reason is GapReason.WRITER_LOST
    assert gap.since is not None
    assert gap.until is not None
    changed = programs.seen("both")[-1]
    assert changed.earliest is not None
    assert gap.since <= changed.earliest < changed.at <= gap.until + timedelta(seconds=30)
    assert programs.revisions("mine") == ["1", "2"], "nobody looks at it any more"
    middle = gap.since + (gap.until - gap.since) / 2
    state = programs.reader.at(middle)
    assert [one.watched for one in state.entities if one.scope == "both"] == [False]
    assert not programs.reader.problem


def test_a_writer_that_is_stopped_and_goes_on_writes_nothing_over_the_one_that_took_over(
    programs: Programs,
) -> None:
    programs.becomes("1")
    first = programs.start("both")
    programs.eventually(lambda: programs.revisions("both") == ["1"])
    programs.start("both")
    programs.becomes("2")
    programs.eventually(partial(programs.are, "both", ["1", "2"]))

    programs.stop(first)
    programs.becomes("3")
    programs.eventually(partial(programs.are, "both", ["1", "2", "3"]))
    (gap,) = programs.gaps("both")
    assert gap.reason is GapReason.WRITER_LOST
    programs.go_on(first)
    for revision in ("4", "5"):
        programs.becomes(revision)
        told = [str(number) for number in range(1, int(revision) + 1)]
        programs.eventually(partial(programs.are, "both", told))
    assert programs.gaps("both") == [gap]
    assert not programs.reader.problem


def test_a_recorder_that_was_stopped_did_not_look(programs: Programs) -> None:
    programs.becomes("1")
    only = programs.start("both")
    programs.eventually(lambda: programs.revisions("both") == ["1"])
    programs.stop(only)
    programs.becomes("2")
    programs.let_pass(LONG_STOP)
    programs.go_on(only)
    programs.eventually(lambda: programs.gaps("both"))
    (gap,) = programs.gaps("both")
    assert gap.reason is GapReason.SUSPENDED
    programs.eventually(partial(programs.are, "both", ["1", "2"]))
    changed = programs.seen("both")[-1]
    assert changed.earliest is not None, "when it changed, nobody saw"
