"""Leases: until when the streams of a program that died were watched."""

from datetime import timedelta
from pathlib import Path

from opsboard.history.leases import BEAT_EVERY, DEAD_AFTER, Lease, Leases
from opsboard.history.ledger import Ledger
from opsboard.history.model import GapReason
from tests.history.samples import ALICE, NOON, at


def _taken_over(folder: Path, *, streaming: bool) -> Lease | None:
    """Return what a second program finds, after the first was looking at noon, and died at 12:04.

    It counted until then. Only a stream is a look as long as its program lives.
    """
    clock = 0.0
    ledger = Ledger(folder)
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    died, takes_over = Leases(ledger, lambda: clock), Leases(ledger, lambda: clock)
    assert died.beat(NOON)
    assert died.acquire(source, "all", NOON) == Lease(None, GapReason.NO_BOARD, "")
    ledger.set_watch(source, "all", NOON, streaming=streaming)
    assert died.beat(at(4))
    takes_over.bury()
    assert takes_over.acquire(source, "all", at(4)) is None
    clock += DEAD_AFTER
    takes_over.bury()
    found = takes_over.acquire(source, "all", at(4) + timedelta(seconds=DEAD_AFTER + BEAT_EVERY))
    assert not died.beat(at(5))
    return found


def test_a_stream_was_watched_as_long_as_its_program_counted(tmp_path: Path) -> None:
    assert _taken_over(tmp_path, streaming=True) == Lease(at(4), GapReason.WRITER_LOST, "")


def test_a_list_was_true_when_it_was_read(tmp_path: Path) -> None:
    lease = _taken_over(tmp_path, streaming=False)
    assert lease is not None
    assert lease.confirmed == NOON
