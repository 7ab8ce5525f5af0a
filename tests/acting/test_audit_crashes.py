"""``kill -9`` at every point of an append: no alarm, nothing lost, and the chain goes on.

A kill is simulated: what the program asks of the kernel is counted, and at one step it gets no
further; of a write, any number of bytes may have been taken. ``OPSBOARD_TEST_KILLS`` is how many.
"""

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.entry import AuditEvent
from opsboard.acting.audit.log import HEAD_NAME, AuditLog
from opsboard.acting.audit.verify import verify
from tests.acting import first_version
from tests.acting.lever import StillClock

KILLS = int(os.environ.get("OPSBOARD_TEST_KILLS", "2000"))
STEPS = ("open", "fsync", "replace", "unlink", "ftruncate", "mkdir")
FOR_EVER = 10**9


class Killed(BaseException):
    """The program was killed."""


class Reaper:
    """Kills at a step, counted from when it is armed, once so many bytes of it are written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = FOR_EVER
        self.written = 0
        self.steps = 0
        for name in STEPS:
            monkeypatch.setattr(os, name, self._counted(getattr(os, name)))
        self._fsync = os.fsync
        monkeypatch.setattr(os, "fsync", self._counted(lambda _: None))
        self._write: Callable[[int, bytes], int] = os.write
        monkeypatch.setattr(os, "write", self._counted_write)

    def arm(self, left: int, written: int = 0) -> None:
        self.left, self.written, self.steps = left, written, 0

    def disarm(self) -> None:
        self.left = FOR_EVER

    def _is_now(self) -> bool:
        self.steps += 1
        self.left -= 1
        return self.left < 0

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **more: Any) -> Any:
            if self._is_now():
                raise Killed
            return call(*args, **more)

        return counted

    def _counted_write(self, descriptor: int, content: bytes) -> int:
        if self._is_now():
            self._write(descriptor, content[: self.written])
            raise Killed
        return self._write(descriptor, content)


@pytest.fixture
def reaper(monkeypatch: pytest.MonkeyPatch) -> Reaper:
    return Reaper(monkeypatch)


class Killable:
    """A trail that programs are killed on, and what they were told is on the disk."""

    def __init__(self, folder: Path, reaper: Reaper, rotate_at: int = 1_000_000) -> None:
        self.folder = folder
        self.rotate_at = rotate_at
        self.kept: list[str] = []
        self.begun: set[str] = set()
        self._reaper = reaper

    def append(self, left: int = FOR_EVER, written: int = 0) -> bool:
        """Append by a program of its own, killed at a step; return whether it was killed."""
        trail = AuditLog(self.folder, ACTOR, StillClock(), rotate_at=self.rotate_at)
        name = f"p{len(self.begun)}"
        self.begun.add(name)
        entry = trail.entry(AuditEvent.INTENT).model_copy(update={"plan_id": name})
        self._reaper.arm(left, written)
        try:
            trail.append(entry)
        except Killed:
            return True
        finally:
            self._reaper.disarm()
            assert trail.problems == []
        self.kept.append(name)
        return False

    def check(self) -> None:
        """Assert that it is whole, and that all of what was kept is there, once and in order."""
        assert verify(self.folder).faults == ()
        entries = AuditLog(self.folder, ACTOR, StillClock()).entries()
        found = [entry.plan_id for entry in entries if entry.event is AuditEvent.INTENT]
        assert [name for name in found if name in set(self.kept)] == self.kept
        assert len(found) == len(set(found))
        assert all(entry.event in {AuditEvent.INTENT, AuditEvent.TORN} for entry in entries)


ACTOR = current_actor({})


def test_every_step_and_every_byte(tmp_path: Path, reaper: Reaper) -> None:
    probe = Killable(tmp_path / "probe", reaper)
    probe.append()
    probe.append()
    steps = reaper.steps
    length = len((tmp_path / "probe" / "audit.jsonl").read_bytes().splitlines()[0]) + 1
    for before in (0, 1, 3):
        for step in range(steps + 6):
            every_byte = range(length + 1) if before == 1 else (0, 1, length // 2, length - 1)
            for written in every_byte if step in _writes(reaper, tmp_path, before) else (0,):
                trail = Killable(tmp_path / f"{before}-{step}-{written}", reaper)
                for _ in range(before):
                    trail.append()
                trail.append(step, written)
                trail.check()
                trail.append()
                trail.check()


def _writes(reaper: Reaper, folder: Path, before: int) -> set[int]:
    """Return at which steps of an append something is written."""
    trail = Killable(folder / f"writes-{before}", reaper)
    found: set[int] = set()
    trail.folder.mkdir(exist_ok=True)
    for name in trail.folder.iterdir():
        name.unlink()
    for _ in range(before):
        trail.append()
    write = reaper._write

    def noted(descriptor: int, content: bytes) -> int:
        found.add(reaper.steps - 1)
        return write(descriptor, content)

    reaper._write = noted
    trail.append()
    reaper._write = write
    return found


def test_thousands_of_kills_one_after_the_other(tmp_path: Path, reaper: Reaper) -> None:
    chance = random.Random(8)
    kills = trails = 0
    while kills < KILLS:
        trails += 1
        rotate_at = chance.choice((700, 2_000, 1_000_000))
        trail = Killable(tmp_path / str(trails), reaper, rotate_at)
        for _ in range(chance.randrange(1, 25)):
            if chance.random() < 0.2:
                assert not trail.append()
            else:
                kills += trail.append(chance.randrange(16), chance.randrange(1_400))
            if chance.random() < 0.1:
                trail.check()
        trail.check()
        assert not trail.append()
        trail.check()
        for file in trail.folder.iterdir():
            file.unlink()


def test_kills_of_the_first_version_between_line_and_head(tmp_path: Path, reaper: Reaper) -> None:
    """It noted no head before its first entry, and its head may be behind by several."""
    for kills in range(1, 6):
        folder = tmp_path / str(kills)
        trail = first_version.Trail(folder, FIRST_ACTOR, StillClock())
        trail.append(trail.entry(first_version.Event.INTENT))
        head = (folder / HEAD_NAME).read_bytes()
        for _ in range(kills):
            trail.append(trail.entry(first_version.Event.INTENT))
        (folder / HEAD_NAME).write_bytes(head)
        later = Killable(folder, reaper)
        later.append()
        assert verify(folder).faults == ()
        assert verify(folder).entries == kills + 2


def test_the_first_version_was_killed_at_its_first_entry(tmp_path: Path, reaper: Reaper) -> None:
    trail = first_version.Trail(tmp_path, FIRST_ACTOR, StillClock())
    trail.append(trail.entry(first_version.Event.INTENT))
    (tmp_path / HEAD_NAME).unlink()
    assert verify(tmp_path).faults == ()
    Killable(tmp_path, reaper).append()
    assert verify(tmp_path).faults == ()


FIRST_ACTOR = first_version.Actor(user="kim", host="bastion-1")
