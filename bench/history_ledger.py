"""What writing the history costs: ``python -m bench.history_ledger [--rows 1000000]``.

Prints the size of the file, the CPU time of a usual rate (a share of a core) and the memory that it
takes beside a program that does not record.
"""

import argparse
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from opsboard.adapter import Fresh, Principal, Upsert, listing
from opsboard.board.events import BoardEvent
from opsboard.collect.history_recorder import HistoryRecorder
from opsboard.collect.redact import Redactor
from opsboard.history.forgetting import compact
from opsboard.history.ledger import Ledger
from opsboard.history.model import NewTransition, SourceId
from opsboard.records import Pod, Record, Status
from opsboard.records.claims import Claim, Strength

ENTITIES: Final = 10_000
RATE: Final = 2
"""Changes in meaning a second: of 10,000 pods, each changes every hour and a half."""

HEARTBEATS: Final = 10
"""Records a second that differ by a counter only."""

SECONDS: Final = 600
_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)


def pod(number: int, turn: int, restarts: int = 0) -> Record:
    """Return pod *number* as it is in its *turn*, with the digest of its image."""
    digest = f"sha256:{(number % 200) * 7919 + turn % 3:064x}"
    return Pod(
        source="prod", id=f"shop-{number % 40}/web-{number:05}-x7k2q",
        name=f"web-{number:05}-x7k2q",
        cluster="prod-eu", namespace=f"shop-{number % 40}", owner=f"ReplicaSet/web-{number:05}",
        node=f"node-{number % 90}", phase="Running" if turn % 2 else "Pending", containers=1,
        status=Status.OK if turn % 2 else Status.FAILED, environment="production",
        reason="" if turn % 2 else "ImagePullBackOff", ready=turn % 2, restarts=restarts,
        created_at=_BEGIN, inputs=(Claim("image", "", digest, "pod imageID", Strength.DIGEST),),
    )  # fmt: skip


def size(rows: int) -> None:
    """Print the size of a file of *rows* transitions, and what writing them took."""
    with TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder))
        source = ledger.source(SourceId("https://cluster", "alice"), "prod", "x", _BEGIN)
        begun = time.process_time()
        for first in range(0, rows, 2_000):
            numbers = range(first, min(first + 2_000, rows))
            records = [pod(number % ENTITIES, number // ENTITIES) for number in numbers]
            times = [_BEGIN + timedelta(seconds=number * 7) for number in numbers]
            ledger.append(
                [
                    NewTransition(source, "all", one.ref, at, at, one)
                    for one, at in zip(records, times, strict=True)
                ]
            )
        took = time.process_time() - begun
        compact(ledger)
        mb = ledger.file.stat().st_size / 1e6
        ledger.close()
    print(f"{rows:,} transitions: {mb:,.0f} MB, {mb * 1e6 / rows:,.0f} B each, {took:,.1f} s CPU")


class _Paced:
    """Clocks by which a second passes whenever the benchmark says so."""

    passed = 0.0

    def now(self) -> datetime:
        return _BEGIN + timedelta(seconds=self.passed)

    def running(self) -> float:
        return self.passed

    def elapsed(self) -> float:
        return self.passed


def rate(recording: bool) -> tuple[float, float]:
    """Return the CPU seconds of ten minutes at a usual rate, and the peak RSS in MiB."""
    clocks = _Paced()
    events = [
        BoardEvent("prod", change, clocks.now())
        for change in (*listing("all", [pod(n, 1) for n in range(ENTITIES)]), Fresh("all", True))
    ]
    with TemporaryDirectory() as folder:
        recorder = HistoryRecorder(Path(folder), Redactor(), clocks=clocks) if recording else None
        if recorder is not None:
            recorder.identify("prod", "x", "https://cluster", Principal(name="alice"))
            for event in events:
                recorder.record(event)
            recorder.step()
        begun = time.process_time()
        for second in range(SECONDS):
            clocks.passed += 1
            changed = [pod((second * RATE + n) % ENTITIES, second % 7) for n in range(RATE)]
            beats = [pod((second * 31 + n) % ENTITIES, 1, second) for n in range(HEARTBEATS)]
            event = BoardEvent("prod", Upsert("all", [*changed, *beats]), clocks.now())
            if recorder is not None:
                recorder.record(event)
                if second % 2:
                    recorder.step()
        took = time.process_time() - begun
        if recorder is not None:
            recorder.step(last=True)
            assert not recorder.problem
            recorder.ledger.close()
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--rate", choices=("on", "off"), help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.rate:
        print(*rate(chosen.rate == "on"))
        return
    found = {}
    for word in ("off", "on"):
        words = [sys.executable, "-m", "bench.history_ledger", "--rate", word]
        printed = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
        found[word] = tuple(map(float, printed))
    share = (found["on"][0] - found["off"][0]) / SECONDS
    memory = found["on"][1] - found["off"][1]
    print(f"{RATE} changes and {HEARTBEATS} heartbeats a second, {ENTITIES:,} records:")
    print(f"{share:.2%} of a core (at most 0.3 %), {memory:.1f} MiB (at most 20)")
    size(chosen.rows)


if __name__ == "__main__":
    main()
