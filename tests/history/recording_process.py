"""A program that records: ``python -m tests.history.recording_process FOLDER WORLD BEGAN SCOPE``.

WORLD is a file with the revision of the one deployment that there is in each scope. Its clocks run
faster, so that nobody has to wait.
"""

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from opsboard.adapter import Fresh, Principal, listing
from opsboard.board.events import BoardEvent
from opsboard.collect.history_recorder import HistoryRecorder
from opsboard.collect.redact import Redactor
from tests.history.samples import NOON, deployment

SPEED = 6.0


class FastClocks:
    """Clocks of which all programs of one test agree, and that run :data:`SPEED` times as fast."""

    def __init__(self, began: float) -> None:
        self._began = began

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.running())

    def running(self) -> float:
        return (time.time() - self._began) * SPEED

    def elapsed(self) -> float:
        return self.running()


def main(folder: str, world: str, began: str, *scopes: str) -> None:
    clocks = FastClocks(float(began))
    recorder = HistoryRecorder(Path(folder), Redactor(), clocks=clocks, interval=0.05)
    recorder.identify("prod", "Kubernetes", "https://cluster.example", Principal(name="alice"))
    recorder.start()
    while True:
        revision = Path(world).read_text("utf-8")
        for scope in scopes:
            for change in (*listing(scope, [deployment(revision, name=scope)]), Fresh(scope)):
                recorder.record(BoardEvent("prod", change, clocks.now()))
        time.sleep(0.05)


if __name__ == "__main__":
    main(*sys.argv[1:])
