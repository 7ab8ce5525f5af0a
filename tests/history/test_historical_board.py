"""The board as it was: what the ledger tells, and what it does not know, with alerts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Condition
from opsboard.board.rollup import exit_code
from opsboard.history.before_red import Relation
from opsboard.history.historical_board import (
    HistoricalBoard,
    Stage,
    load_board,
)
from opsboard.history.ledger import Ledger
from opsboard.history.model import Gap, GapReason
from opsboard.history.read_timeline import TimelineQuery, refs_named, timeline_rows
from opsboard.history.reader import LedgerReader
from opsboard.history.relations import index_before, relations_of
from opsboard.history.rows import micros, moment
from opsboard.history.timeline import TimelineEvent, TimelineGap, timeline_filter
from opsboard.records import Alert, AlertState, Deployment, Kind, Pod, Status
from opsboard.records.claims import stated
from opsboard.records.identity import image
from tests.history.samples import ALICE, NOON, at, deployment, new

SOURCES = {"prod": "Kubernetes"}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A day: v1 at the first look, v2 after 60 min, red after 70, v1 again at 90; one gap."""
    ledger = Ledger(tmp_path)
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    ledger.append(
        [
            new(source, 0, deployment("1"), baseline=True),
            new(source, 60, deployment("2"), actor="dana"),
            new(source, 70, deployment("2", Status.FAILED)),
            new(source, 90, deployment("1"), earliest=80, seen=95),
        ]
    )
    ledger.set_watch(source, "all", at(0))
    ledger.set_watch(source, "all", at(200))
    gap = Gap("prod", "all", at(20), at(40), GapReason.NO_BOARD)
    ledger.add_gap(source, "all", gap)
    yield ledger
    ledger.close()


@pytest.fixture
def reader(ledger: Ledger) -> Iterator[LedgerReader]:
    reader = ledger.reader({"prod": ALICE})
    yield reader
    assert not reader.problem
    reader.close()


def _shown(reader: LedgerReader, minutes: float, *, as_seen: bool = False) -> HistoricalBoard:
    return load_board(reader, at(minutes), SOURCES, as_seen=as_seen)


def _revisions(shown: HistoricalBoard) -> list[str]:
    found = shown.board.records(Kind.DEPLOYMENT).values()
    return [one.revision for one in found if isinstance(one, Deployment)]


@pytest.mark.parametrize(
    ("minutes", "revision", "code"), [(10, "1", 0), (65, "2", 0), (75, "2", 1), (91, "1", 0)]
)
def test_the_board_is_as_it_was(
    reader: LedgerReader, minutes: float, revision: str, code: int
) -> None:
    shown = _shown(reader, minutes)
    assert _revisions(shown) == [revision]
    assert exit_code(shown.board) == code
    (source,) = shown.board.sources()
    assert (source.health.condition, source.title) == (Condition.LIVE, "Kubernetes")
    assert source.fresh_at == at(minutes)


def test_alerts_follow_by_the_same_rules(reader: LedgerReader) -> None:
    (alert,) = _shown(reader, 75).board.records(Kind.ALERT).values()
    assert isinstance(alert, Alert)
    assert (alert.name, alert.state) == ("shop", AlertState.UNKNOWN)
    assert not _shown(reader, 65).board.records(Kind.ALERT)


def test_what_nobody_watched_is_shown_as_last_known_and_says_so(reader: LedgerReader) -> None:
    shown = _shown(reader, 30)
    assert _revisions(shown) == ["1"]
    (source,) = shown.board.sources()
    assert source.health.condition is Condition.STALE
    assert "not watched from" in source.health.message
    assert "(no board ran): shown as last known" in source.health.message
    assert source.fresh_at == at(20)
    assert [gap.reason for gap in shown.gaps] == [GapReason.NO_BOARD]


def test_before_the_first_look_nothing_is_known(reader: LedgerReader) -> None:
    shown = _shown(reader, -10)
    assert _revisions(shown) == []
    (source,) = shown.board.sources()
    assert "what was before is not known" in source.health.message
    assert not source.has_reported


def test_after_the_last_look_nothing_is_known(reader: LedgerReader) -> None:
    assert [gap.until for gap in _shown(reader, 300).gaps] == [None]


def test_a_source_without_history_says_so(reader: LedgerReader) -> None:
    shown = load_board(reader, at(10), {**SOURCES, "ml": "MLflow"})
    unknown = shown.board.source("ml")
    assert unknown is not None
    assert unknown.health.condition is Condition.STALE
    assert not unknown.is_complete


def test_between_two_looks_it_gives_both_states_and_the_interval(reader: LedgerReader) -> None:
    (one,) = _shown(reader, 85).uncertain
    assert isinstance(one.before, Deployment)
    assert isinstance(one.after, Deployment)
    assert (one.before.revision, one.after.revision) == ("2", "1")
    assert (one.earliest, one.latest) == (at(80), at(90))
    assert not _shown(reader, 75).uncertain


def test_as_seen_is_what_the_board_knew_then(reader: LedgerReader) -> None:
    assert _revisions(_shown(reader, 92)) == ["1"]
    assert _revisions(_shown(reader, 92, as_seen=True)) == ["2"]
    assert _revisions(_shown(reader, 96, as_seen=True)) == ["1"]


# --- the time line -------------------------------------------------------------------------------


def test_the_time_line_has_changes_alerts_and_gaps(reader: LedgerReader) -> None:
    rows = timeline_rows(reader, TimelineQuery(at(-30), at(200)))
    told = [
        (row.kind.value, row.change) if isinstance(row, TimelineEvent) else row.reason.value
        for row in rows
    ]
    assert told == [
        ("deploy", "revision 2 → revision 1"),
        ("alert", "failed resolved"),
        ("status", "ok → failed"),
        ("alert", "failed"),
        ("deploy", "revision 1 → revision 2"),
        "no board",
        "no board",
    ]
    assert all(row.everything for row in rows if isinstance(row, TimelineGap))


def test_what_is_watched_now_has_no_gap_at_its_end(reader: LedgerReader) -> None:
    for minutes, expected in ((201, 1), (205, 2)):
        rows = timeline_rows(reader, TimelineQuery(at(10), at(minutes)))
        assert sum(isinstance(row, TimelineGap) for row in rows) == expected


def test_the_time_line_is_read_until_there_are_enough(ledger: Ledger, reader: LedgerReader) -> None:
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    ledger.append(
        [new(source, 100 + n / 1_000, deployment(str(3 + n), name="busy")) for n in range(5_000)]
    )
    query = TimelineQuery(at(-30), at(200), chosen=timeline_filter("!busy kind:deploy"))
    events = [row for row in timeline_rows(reader, query) if isinstance(row, TimelineEvent)]
    assert [event.what for event in events] == ["shop/shop", "shop/shop"]
    few = timeline_rows(reader, TimelineQuery(at(-30), at(200), limit=10))
    assert sum(isinstance(row, TimelineEvent) for row in few) == 10


def test_records_are_found_by_their_names(reader: LedgerReader) -> None:
    whole = (at(0), at(200))
    for name in ("shop", "Shop", "shop/shop", "prod:shop/shop"):
        assert refs_named(reader, name, *whole) == {deployment().ref}
    assert not refs_named(reader, "sho", *whole)


def test_a_time_line_of_a_record_has_its_rows_only(ledger: Ledger, reader: LedgerReader) -> None:
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    ledger.append(
        [new(source, minutes, deployment(f"{minutes}", name="cart")) for minutes in (50, 65)]
    )
    query = TimelineQuery(at(45), at(69), refs={deployment().ref})
    assert [row.what for row in timeline_rows(reader, query) if isinstance(row, TimelineEvent)] == [
        "shop/shop"
    ]


# --- the joins -----------------------------------------------------------------------------------

DIGEST = "sha256:" + "a" * 64


def test_relations_go_by_the_joins_of_the_time() -> None:
    claims = stated(image(DIGEST, "pod imageID"))
    red = Deployment(
        source="prod", id="a", name="a", workload="Deployment", inputs=claims, namespace="shop"
    )
    same = Pod(source="prod", id="p", name="p", cluster="c", namespace="x", inputs=claims)
    other = Pod(source="prod", id="q", name="q", cluster="c", namespace="x")
    index = index_before([red, same, other], [])
    found = relations_of(index, red.ref)
    assert found[red.ref] == Relation(0)
    assert found[same.ref] == Relation(3, "pod imageID"), "made of the same: two steps down"
    assert other.ref not in found


def test_a_record_without_joins_is_related_to_itself_alone() -> None:
    assert relations_of(index_before([deployment()], []), deployment().ref) == {
        deployment().ref: Relation(0)
    }


def test_of_some_kinds_only_it_says_so(reader: LedgerReader) -> None:
    shown = load_board(reader, at(10), SOURCES, stage=Stage.KINDS, kinds=[Kind.POD])
    assert (shown.kinds, _revisions(shown)) == (frozenset({Kind.POD}), [])
    shown = load_board(reader, at(10), SOURCES, stage=Stage.KINDS, kinds=[Kind.DEPLOYMENT])
    assert _revisions(shown) == ["1"]


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_times_in_rows_are_exact(time: datetime) -> None:
    assert moment(micros(time)) == time


def test_the_board_of_some_kinds_becomes_that_of_all(reader: LedgerReader) -> None:
    first = load_board(reader, at(75), SOURCES, stage=Stage.KINDS, kinds=[Kind.POD]).board
    shown = first.records(Kind.DEPLOYMENT)
    (source,) = first.sources()
    assert (source.health.condition, source.health.message) == (
        Condition.STARTING, "the rest is being read",
    )  # fmt: skip
    whole = _shown(reader, 75).board

    delta = first.adopt(whole)

    assert shown == whole.records(Kind.DEPLOYMENT)
    assert delta.changed[Kind.DEPLOYMENT] == frozenset(shown)
    assert first.records(Kind.ALERT) == whole.records(Kind.ALERT)
    assert first.sources() == whole.sources()
    assert first.lineage is whole.lineage


def test_what_another_board_lacks_is_gone_from_the_one_that_adopts_it(reader: LedgerReader) -> None:
    board = _shown(reader, 75).board
    refs = frozenset(board.records(Kind.DEPLOYMENT))
    delta = board.adopt(
        load_board(reader, at(75), SOURCES, stage=Stage.KINDS, kinds=[Kind.POD]).board
    )
    assert delta.removed[Kind.DEPLOYMENT] == refs
    assert not board.records(Kind.DEPLOYMENT)
