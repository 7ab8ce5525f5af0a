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
from tests.history.recording_process import SPEED
from tests.history.samples import ALICE, NOON

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
LONG_STOP = (STALL + 6) / SPEED
"""Seconds after which a program that goes on knows that it stood still."""


class Programs:
    """Programs that record into *home*, of the world whose revision is in a file."""

    def __init__(self, home: Path) -> None:
        self.home = home
        place = home / "world"
        place.mkdir()
        self._world = place / "revision"
        self._began = time.time()
        self.running: list[subprocess.Popen[bytes]] = []
        self.reader: LedgerReader = Ledger(home / "state").reader({"prod": ALICE})

    def becomes(self, revision: str) -> None:
        written = self._world.with_suffix(".new")
        written.write_text(revision)
        written.replace(self._world)

    def start(self, *scopes: str) -> "subprocess.Popen[bytes]":
        words = [str(self.home / "state"), str(self._world), str(self._began), *scopes]
        program = subprocess.Popen(
            [sys.executable, "-m", "tests.history.recording_process", *words],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
        )
        self.running.append(program)
        return program

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
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, [self.revisions("both"), self.reader.gaps()]
            assert any(program.poll() is None for program in self.running)
            time.sleep(0.05)

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

    first.send_signal(signal.SIGSTOP)
    programs.becomes("3")
    programs.eventually(partial(programs.are, "both", ["1", "2", "3"]))
    (gap,) = programs.gaps("both")
    assert gap.reason is GapReason.WRITER_LOST
    first.send_signal(signal.SIGCONT)
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
    only.send_signal(signal.SIGSTOP)
    programs.becomes("2")
    stopped = time.monotonic()
    programs.eventually(lambda: time.monotonic() - stopped > LONG_STOP)
    only.send_signal(signal.SIGCONT)
    programs.eventually(lambda: programs.gaps("both"))
    (gap,) = programs.gaps("both")
    assert gap.reason is GapReason.SUSPENDED
    programs.eventually(partial(programs.are, "both", ["1", "2"]))
    changed = programs.seen("both")[-1]
    assert changed.earliest is not None, "when it changed, nobody saw"
