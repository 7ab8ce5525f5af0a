"""A recorder without a thread, under clocks that the test sets."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from opsboard.adapter import Change, Complete, Condition, Health, Principal, Report, Upsert
from opsboard.board.events import BoardEvent, SourceInfo
from opsboard.collect.history_recorder import HistoryRecorder
from opsboard.collect.redact import Redactor
from opsboard.history.model import Gap, Transition
from opsboard.history.reader import LedgerReader
from opsboard.records import Record
from tests.history.samples import NOON

ADDRESS = "https://cluster.example"


class SetClocks:
    """Clocks that stand still until they are moved. All agree, as long as nobody sleeps."""

    def __init__(self) -> None:
        self.time, self.ran, self.passed = NOON, 1_000.0, 1_000.0

    def now(self) -> datetime:
        return self.time

    def running(self) -> float:
        return self.ran

    def elapsed(self) -> float:
        return self.passed

    def go_on(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.ran += seconds
        self.passed += seconds

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.passed += seconds

    def set_by(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Recording:
    """A recorder of the source ``prod``, in *folder*."""

    def __init__(
        self,
        folder: Path,
        clocks: SetClocks,
        *,
        principal: Principal | None = Principal(name="alice"),  # noqa: B008 - it is frozen
        login: str = "login-hash",
        redactor: Redactor | None = None,
    ) -> None:
        self.clocks = clocks
        self.recorder = HistoryRecorder(folder, redactor or Redactor(), clocks=clocks)
        self.recorder.set_sources({"prod": SourceInfo("Kubernetes", login)})
        self.recorder.identify("prod", "Kubernetes", ADDRESS, principal)
        self.readers: list[LedgerReader] = []

    def yields(self, *changes: Change, seconds: float = 1.0) -> None:
        """Let the source yield *changes*, each some seconds after the one before; write them."""
        for change in changes:
            self.waits(seconds)
            self.recorder.record(BoardEvent("prod", change, self.clocks.now()))
        self.recorder.step()

    def lists(self, *records: Record, scope: str = "all", seconds: float = 1.0) -> None:
        """Let the source list *scope* to its end."""
        refs = frozenset(record.ref for record in records)
        self.waits(seconds)
        for change in (Upsert(scope, records), Complete(scope, refs)):
            self.recorder.record(BoardEvent("prod", change, self.clocks.now()))
        self.recorder.step()

    def waits(self, seconds: float) -> None:
        """Let time pass, and the recorder do what it does every few seconds."""
        while seconds > 5.0:
            self.clocks.go_on(5.0)
            self.recorder.step()
            seconds -= 5.0
        self.clocks.go_on(seconds)

    def ends(self) -> None:
        self.recorder.step(last=True)
        self.recorder.ledger.close()

    def is_killed(self) -> None:
        """End without a word: what was not written is lost."""
        self.recorder.ledger.close()

    @property
    def reader(self) -> LedgerReader:
        reader = self.recorder.reader()
        self.readers.append(reader)
        return reader

    def transitions(self, *, baselines: bool = False) -> list[Transition]:
        day = timedelta(days=1)
        return self.reader.transitions(NOON - day, NOON + day, baselines=baselines)

    def gaps(self, scope: str = "all") -> list[Gap]:
        """Return the stretches that have a beginning and an end."""
        return [gap for gap in self.reader.gaps() if gap.scope == scope and gap.since and gap.until]

    def close(self) -> None:
        for reader in self.readers:
            reader.close()
        self.recorder.ledger.close()


@contextmanager
def recording(folder: Path, clocks: SetClocks, principal: str = "alice") -> Iterator[Recording]:
    made = Recording(folder, clocks, principal=Principal(name=principal) if principal else None)
    try:
        yield made
    finally:
        made.close()


def failing(condition: Condition, scope: str | None = None, message: str = "no") -> Report:
    return Report(Health(condition=condition, message=message), scope)


def values(transitions: Iterable[Transition]) -> list[tuple[str | None, str | None]]:
    """Return the revision before and after each of *transitions* of deployments."""
    return [
        (getattr(one.before, "revision", None), getattr(one.after, "revision", None))
        for one in transitions
    ]
