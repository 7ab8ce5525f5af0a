"""The memory at its full size: 1,000,000 transitions of 10,000 records.

    python -m bench history

How long it takes from the question until the rows are ready to be painted: of the board at a time
the largest pane, which comes first where it has the focus; a step from it to the change after, of
all panes; the time line of a day and of one record; the chain of a thing at that time. Until the
first board has the records of all kinds, and then joins and services, takes longer: that has no
limit, since a thread makes it behind what is shown. Beside them the size of the file. The ledger is
filled as a recorder fills it, 5,000 at a time.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Final

from bench.harness import BenchOptions
from bench.report import Figure
from opsboard.arguments.dispatch import AT_START
from opsboard.board.state import Board
from opsboard.history.historical_board import Stage, load_board
from opsboard.history.ledger import Ledger
from opsboard.history.model import NewTransition, SourceId
from opsboard.history.read_timeline import TimelineQuery, timeline_rows
from opsboard.history.reader import LedgerReader
from opsboard.history.timeline import TimelineEvent, gap_text
from opsboard.lineage.chain import chain
from opsboard.records import Build, Deployment, Kind, Pod, Record, Ref, Status
from opsboard.records.claims import stated
from opsboard.records.identity import ci_run, commit, image, workload
from opsboard.views.panes import numbered_panes
from opsboard.views.rows import RowModel

TRANSITIONS: Final = 1_000_000
RECORDS: Final = 10_000
LIMIT: Final = 100.0
"""Milliseconds from the question to the rows."""
LARGEST: Final = 500.0
"""MiB of the file."""
BATCH: Final = 5_000
ROWS: Final = 36
"""Rows of a screen, of which the texts are made too."""

_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS: Final = 30
_SERVER: Final = "https://prod.example:6443"
_SOURCE: Final = SourceId(_SERVER, "bench")
_TITLES: Final = {"prod": "Kubernetes"}
_SERVICES: Final = RECORDS // 10


def measure(options: BenchOptions) -> list[Figure]:
    """Return the figures of a ledger of full size."""
    gc.set_threshold(AT_START, 20, 20)  # as the program does
    with tempfile.TemporaryDirectory(prefix="opsboard-bench-") as folder:
        ledger = Ledger(Path(folder))
        seconds = fill(ledger, TRANSITIONS, RECORDS)
        size = sum(file.stat().st_size for file in Path(folder).iterdir()) / 2**20
        reader = ledger.reader({"prod": _SOURCE})
        figures = [
            Figure(what, _best(ask, options.runs), "ms", limit=LIMIT)
            for what, ask in questions(reader, TRANSITIONS)
        ]
        stages = [
            Figure(f"{what}, in a thread", _best(ask, 3), "ms") for what, ask in _stages(reader)
        ]
        reader.close()
        ledger.close()
    what = f"history of {TRANSITIONS:,} transitions of {RECORDS:,} records"
    note = f"written in {seconds:.0f} s of processor time"
    return [
        *figures,
        *stages,
        Figure(f"{what}: size", size, "MiB", limit=LARGEST, note=note),
    ]


def _best(ask: Callable[[], object], runs: int) -> float:
    """Return the median milliseconds of *ask*, after a first one that does not count."""
    ask()
    taken: list[float] = []
    for _ in range(runs):
        begun = time.process_time()
        ask()
        taken.append(time.process_time() - begun)
    return median(taken) * 1_000


# --- the questions -------------------------------------------------------------------------------


def questions(reader: LedgerReader, total: int) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is asked of a ledger of *total* transitions, each with its words."""
    middle = _BEGIN + timedelta(days=_DAYS / 2)
    end = _BEGIN + timedelta(days=_DAYS)
    service = _deployment(7, 1).ref
    what = f"history of {total:,} transitions"
    yield f"{what}: the pane in focus at a time, of builds", lambda: _first(reader, middle)
    day = timedelta(days=1)
    yield (
        f"{what}: the time line of all, two screens of it",
        lambda: _lines(reader, TimelineQuery(middle - day, middle, limit=2 * ROWS)),
    )
    yield (
        f"{what}: the time line of a record",
        lambda: _lines(reader, TimelineQuery(_BEGIN, end, refs={service})),
    )
    step = _Stepping(reader, middle)
    yield f"{what}: a step to the change after, of all panes", step
    yield (
        f"{what}: when the change before and after was",
        lambda: reader.neighbours(middle),
    )
    board = load_board(reader, middle, _TITLES).board
    yield f"{what}: the chain of a thing, on the board of a time", lambda: _chain(board, service)


def _stages(reader: LedgerReader) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is made of the board at a time after the pane in focus, each with its words."""
    middle = _BEGIN + timedelta(days=_DAYS / 2)
    records = load_board(reader, middle, _TITLES, stage=Stage.RECORDS)
    what = "the board at a time"
    yield f"{what}: all records", lambda: load_board(reader, middle, _TITLES, stage=Stage.RECORDS)
    yield (
        f"{what}: then joins and services",
        lambda: load_board(reader, middle, _TITLES, like=records),
    )


class _Stepping:
    """Steps on from a board, as the screen does; a call is a step."""

    def __init__(self, reader: LedgerReader, begin: datetime) -> None:
        self._reader = reader
        self._shown = load_board(reader, begin, _TITLES)

    def __call__(self) -> None:
        shown = self._shown
        _, after = self._reader.neighbours(shown.time)
        assert after is not None
        found = load_board(self._reader, after, _TITLES, like=shown)
        assert not found.joined
        assert shown.board.follow(found.board)
        self._shown = replace(found, board=shown.board, joined=True)


def _first(reader: LedgerReader, at: datetime) -> int:
    """Fill the board with the builds of the time, and draw the first screen of their pane."""
    pane = next(pane for pane in numbered_panes() if pane.kind is Kind.BUILD)
    shown = load_board(reader, at, _TITLES, stage=Stage.KINDS, kinds=[pane.kind])
    model = RowModel(pane, shown.board.records(pane.kind))
    model.rebuild(at)
    cells = 0
    for row in range(min(ROWS, len(model))):
        record = model.record(row)
        cells += sum(bool(column.show(record, at).text) for column in pane.columns)
    assert cells
    return cells


def _lines(reader: LedgerReader, query: TimelineQuery) -> int:
    rows = timeline_rows(reader, query)
    texts = [
        f"{row.at:%H:%M} {row.kind} {row.what} {row.change} {row.who}"
        if isinstance(row, TimelineEvent)
        else gap_text(row, UTC)
        for row in rows[:ROWS]
    ]
    assert len(texts) > 1
    return len(texts)


def _chain(board: Board, ref: Ref) -> int:
    found = chain(board.lineage, ref)
    assert found.edges
    return len(found.nodes)


# --- the ledger ----------------------------------------------------------------------------------


def fill(ledger: Ledger, transitions: int, records: int) -> float:
    """Write *transitions* of *records*, over thirty days; return the seconds it took."""
    begun = time.process_time()
    source = ledger.source(_SOURCE, "prod", "Kubernetes", _BEGIN)
    step = timedelta(days=_DAYS) / transitions
    batch: list[NewTransition] = []
    for count in range(transitions):
        record = _record(count % records, count // records)
        at = _BEGIN + count * step
        scope = f"scope-{count % 10}"
        baseline = count < records
        batch.append(NewTransition(source, scope, record.ref, at, at, record, baseline=baseline))
        if len(batch) == BATCH:
            ledger.append(batch)
            batch.clear()
            print(f"\r{count + 1:,} of {transitions:,}", end="", file=sys.stderr)
    ledger.append(batch)
    for number in range(10):
        for at in (_BEGIN, _BEGIN + timedelta(days=_DAYS)):
            ledger.set_watch(source, f"scope-{number}", at)
    print(file=sys.stderr)
    return time.process_time() - begun


def _record(number: int, turn: int) -> Record:
    """Return record *number* as it is in its *turn*: of ten, one is a deployment, two builds."""
    service, place = number % _SERVICES, number // _SERVICES
    turn += service % 28  # not all of them at once
    if place == 0:
        return _deployment(service, turn)
    if place in {1, 2}:
        return _build(service, place, turn)
    return _pod(service, place, turn)


def _digest(service: int, turn: int) -> str:
    return f"sha256:{sha256(f'{service}/{turn // 4}'.encode()).hexdigest()}"


def _sha(service: int, turn: int) -> str:
    return _digest(service, turn)[7:47]


def _deployment(service: int, turn: int) -> Deployment:
    name, digest = f"service-{service}", _digest(service, turn)
    place = ("Deployment", name)
    return Deployment(
        source="prod", id=f"prod/shop/Deployment/{name}", name=name, workload="Deployment",
        cluster="prod", namespace="shop", environment="production", revision=str(turn // 4),
        images=(f"registry.example/shop/{name}:v{turn // 4}",), desired=4, ready=turn % 4 + 1,
        updated=4, status=Status.OK if turn % 4 == 3 else Status.RUNNING,
        inputs=stated(
            image(digest, "pod imageID"),
            commit(_repository(service), _sha(service, turn), "annotation"),
        ),
        outputs=stated(workload(_SERVER, "shop", *place, "Kubernetes")),
    )  # fmt: skip


def _repository(service: int) -> str:
    return f"github.com/acme/service-{service}"


def _build(service: int, place: int, turn: int) -> Build:
    repository = _repository(service)
    run = f"{service}-{place}"
    status = (Status.RUNNING, Status.RUNNING, Status.OK, Status.OK)[turn % 4]
    if turn % 32 == 3:
        status = Status.FAILED
    return Build(
        source="prod", id=f"run-{run}", name=f"ci #{turn}", repository=f"acme/service-{service}",
        workflow=f"ci-{place}", number=turn, state=_STATES[status], status=status, branch="main",
        commit=_sha(service, turn), title="Round split payments", actor="dana",
        inputs=stated(commit(repository, _sha(service, turn), "GitHub run: head_sha")),
        outputs=stated(ci_run(repository, run, "GitHub run")),
    )  # fmt: skip


_STATES: Final = {
    Status.RUNNING: "in_progress", Status.OK: "success", Status.FAILED: "failure",
}  # fmt: skip


def _pod(service: int, place: int, turn: int) -> Pod:
    name = f"service-{service}-{place}"
    bad = turn % 29 == 0
    return Pod(
        source="prod", id=f"prod/shop/{name}", name=name, cluster="prod", namespace="shop",
        owner=f"ReplicaSet/service-{service}", phase="Running", ready=int(not bad), containers=1,
        environment="production", restarts=turn // 29,
        reason="CrashLoopBackOff" if bad else "Running",
        status=Status.FAILED if bad else Status.OK,
        inputs=stated(image(_digest(service, turn), "pod imageID")),
        outputs=stated(workload(_SERVER, "shop", "Deployment", f"service-{service}", "Deployment")),
    )  # fmt: skip
