"""A program that records: ``python -m tests.history.recording_process FOLDER WORLD SCOPE ...``.

WORLD is a folder. ``revision`` in it is that of the one deployment that there is in each scope, and
``time`` the seconds that have passed: a program looks and writes once each time that this moves,
and tells in a file of its own for which time it has done so. However busy the machine is, all that
passes between two looks is what the test lets pass.
"""

import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from opsboard.adapter import Fresh, Principal, listing
from opsboard.board.events import BoardEvent
from opsboard.collect.history_recorder import HistoryRecorder
from opsboard.collect.redact import Redactor
from tests.history.samples import NOON, deployment

REVISION, TIME, DONE = "revision", "time", "done-"


class ToldClocks:
    """Clocks of which all programs of one test agree: they show what was read last."""

    def __init__(self, world: Path) -> None:
        self._file = world / TIME
        self.seconds = self.read()

    def read(self) -> float:
        """Return the seconds that have passed by now, and show them."""
        self.seconds = float(self._file.read_text("utf-8"))
        return self.seconds

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def running(self) -> float:
        return self.seconds

    def elapsed(self) -> float:
        return self.seconds


def write_whole(file: Path, text: str) -> None:
    """Write *text*, of which nobody reads a part."""
    new = file.with_name(f"{file.name}.new-{os.getpid()}")
    new.write_text(text, "utf-8")
    new.replace(file)


def main(folder: str, place: str, *scopes: str) -> None:
    world = Path(place)
    clocks = ToldClocks(world)
    recorder = HistoryRecorder(Path(folder), Redactor(), clocks=clocks)
    recorder.identify("prod", "Kubernetes", "https://cluster.example", Principal(name="alice"))
    done = -1.0
    while True:
        if clocks.read() == done:
            time.sleep(0.01)
            continue
        revision = (world / REVISION).read_text("utf-8")
        for scope in scopes:
            for change in (*listing(scope, [deployment(revision, name=scope)]), Fresh(scope)):
                recorder.record(BoardEvent("prod", change, clocks.now()))
        recorder.step()
        done = clocks.seconds
        write_whole(world / f"{DONE}{os.getpid()}", str(done))


if __name__ == "__main__":
    main(*sys.argv[1:])
