"""From the board of one time to that of another: what differs is read, and joined, and no more."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from opsboard.board.alert_acks import AckChange
from opsboard.board.state import Board
from opsboard.history.forgetting import forget
from opsboard.history.historical_board import HistoricalBoard, Stage, load_board
from opsboard.history.ledger import Ledger
from opsboard.history.model import Gap, GapReason
from opsboard.history.reader import LedgerReader
from opsboard.kinds.registry import KINDS
from opsboard.records import AlertState, Build, Deployment, Kind, Pod, Record, Ref, Status
from opsboard.records.claims import stated
from opsboard.records.identity import ci_run, commit, image, workload
from tests.history.samples import ALICE, NOON, at, new

SOURCES = {"prod": "Kubernetes"}
SHAS = ["a" * 40, "b" * 40, "c" * 40]
SERVER = "https://prod.example:6443"


def _record(number: int, turn: int) -> Record:
    """Return one of four things of three services, joined by commits and digests."""
    service, what = f"app{number % 3}", number // 3
    sha, digest = SHAS[turn % 3], f"sha256:{turn % 3:064}"
    repository, status = f"github.com/acme/{service}", (Status.OK, Status.FAILED)[turn % 2]
    if what == 0:
        return Deployment(
            source="prod", id=service, name=service, workload="Deployment", cluster="prod",
            namespace="shop", environment="production", revision=str(turn), status=status,
            inputs=stated(image(digest, "pod imageID"), commit(repository, sha, "annotation")),
            outputs=stated(workload(SERVER, "shop", "Deployment", service, "Kubernetes")),
        )  # fmt: skip
    if what == 1:
        return Pod(
            source="prod", id=f"{service}-pod", name=f"{service}-pod", cluster="prod",
            namespace="shop", status=status, inputs=stated(image(digest, "pod imageID")),
        )  # fmt: skip
    return Build(
        source="prod", id=f"{service}-{what}", name="ci", repository=f"acme/{service}",
        workflow="ci", number=turn, branch="main", commit=sha, status=status, state="completed",
        inputs=stated(commit(repository, sha, "GitHub run: head_sha")),
        outputs=stated(ci_run(repository, f"{what}", "GitHub run")),
    )  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path)
    yield made
    made.close()


@pytest.fixture
def reader(ledger: Ledger) -> Iterator[LedgerReader]:
    made = ledger.reader({"prod": ALICE})
    yield made
    made.close()


def _write(ledger: Ledger, rng: random.Random, since: int, until: int) -> None:
    """Write what has happened from minute *since* to *until*."""
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    for minute in range(since, until):
        record = _record(number := rng.randrange(12), rng.randrange(1, 9))
        gone = rng.random() < 0.15
        scope = f"part{number % 2}"
        earliest = minute - rng.choice([1, 5]) if rng.random() < 0.4 else None
        ledger.append(
            [new(source, minute, None if gone else record, ref=record.ref, scope=scope,
                 earliest=earliest, baseline=earliest is None and rng.random() < 0.1)]
        )  # fmt: skip
        if rng.random() < 0.05:
            down = (at(minute), at(minute + 4), GapReason.SOURCE_DOWN, "no answer")
            ledger.add_gap(source, scope, Gap("prod", scope, *down))
        if rng.random() < 0.05:
            ref = Ref("prod", Kind.ALERT, record.id)
            ack = AckChange(ref, at(minute), AlertState.ACKNOWLEDGED, None, "dana", "seen", None)
            ledger.add_ack(source, ack)
    for part in range(2):
        for minute in (0, until):
            ledger.set_watch(source, f"part{part}", at(minute))


def _whole(reader: LedgerReader, minutes: float) -> HistoricalBoard:
    return load_board(reader, at(minutes), SOURCES)


def _shown(board: Board) -> dict[str, object]:
    """Return all that screens show of *board*."""
    shown: dict[str, object] = {kind.name: dict(board.records(kind.name)) for kind in KINDS}
    joined = {record.ref for record in board.lineage.records()}
    return {"sources": board.sources(), "joined": joined, **shown}


@pytest.mark.parametrize("seed", range(8))
def test_a_board_that_follows_is_that_of_the_time(
    ledger: Ledger, reader: LedgerReader, seed: int
) -> None:
    rng = random.Random(seed)
    _write(ledger, rng, 0, 120)
    like = _whole(reader, 60)
    board, followed = like.board, 0
    for _ in range(25):
        minutes = rng.choice([rng.uniform(0, 130), 60.0, float(rng.randrange(130))])
        found = load_board(reader, at(minutes), SOURCES, like=like)
        expected = _whole(reader, minutes)
        assert found.uncertain == expected.uncertain or set(found.uncertain) == set(
            expected.uncertain
        )
        before = _shown(board)
        delta = board.adopt(found.board) if found.joined else board.follow(found.board)
        followed += not found.joined
        assert _shown(board) == _shown(expected.board), f"at minute {minutes}"
        for kind in KINDS:
            shown, then = board.records(kind.name), before[kind.name]
            assert isinstance(then, dict)
            differing = {ref for ref, one in shown.items() if then.get(ref) != one}
            assert differing <= delta.changed.get(kind.name, frozenset())
            assert then.keys() - shown.keys() == delta.removed.get(kind.name, frozenset())
        like = HistoricalBoard(
            board, found.time, False, found.gaps, found.uncertain, joined=True, state=found.state
        )
    assert followed > 20


def test_what_is_written_meanwhile_is_read(ledger: Ledger, reader: LedgerReader) -> None:
    rng = random.Random(1)
    _write(ledger, rng, 0, 60)
    like = _whole(reader, 59)
    _write(ledger, rng, 60, 70)
    late = _record(0, 7)
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    ledger.append([new(source, 58.5, late, seen=70, scope="part0")])
    found = load_board(reader, at(64), SOURCES, like=like)
    assert found.state is not None
    assert found.state.altered is not None, "by its number, it is found among the latest"
    like.board.follow(found.board)
    assert _shown(like.board) == _shown(_whole(reader, 64).board)


@pytest.mark.parametrize("how", ["from long ago", "forgotten", "moved"])
def test_where_more_may_differ_all_is_read_again(
    ledger: Ledger, reader: LedgerReader, how: str
) -> None:
    _write(ledger, random.Random(2), 0, 60)
    like = _whole(reader, 50)
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    if how == "from long ago":
        ledger.append([new(source, 10, _record(0, 7), scope="part0", backfilled=False, seen=60)])
    elif how == "forgotten":
        forget(ledger, None, NOON + timedelta(minutes=30), wait=lambda _: None)
    else:
        ledger.move(source, "part1", _record(0, 1).ref)
    found = load_board(reader, at(51), SOURCES, like=like)
    assert found.state is not None
    assert found.state.altered is None
    assert found.joined
    assert _shown(found.board) == _shown(_whole(reader, 51).board)


def test_stages_say_what_is_missing_and_the_last_one_is_whole(
    ledger: Ledger, reader: LedgerReader
) -> None:
    _write(ledger, random.Random(3), 0, 60)
    first = load_board(reader, at(50), SOURCES, stage=Stage.KINDS, kinds=[Kind.BUILD])
    assert {source.health.message for source in first.board.sources()} == {"the rest is being read"}
    second = load_board(reader, at(50), SOURCES, stage=Stage.RECORDS, like=first)
    assert {source.health.message for source in second.board.sources()} == {"it is being joined"}
    assert not second.board.records(Kind.SERVICE)
    third = load_board(reader, at(50), SOURCES, like=second)
    board = first.board
    board.adopt(second.board)
    board.adopt(third.board)
    assert third.joined
    assert _shown(board) == _shown(_whole(reader, 50).board)
    found = load_board(reader, at(52), SOURCES, like=third)
    board.follow(found.board)
    assert _shown(board) == _shown(_whole(reader, 52).board), "and goes on from there"
