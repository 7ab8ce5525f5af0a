"""Who acknowledged and snoozed what, when, until when and why: from the key to the screens."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from opsboard.adapter import Complete, Upsert
from opsboard.board.alert_acks import AckChange, AlertAcks
from opsboard.board.events import BoardEvent, SourceInfo
from opsboard.board.state import Board
from opsboard.collect.redact import Redactor
from opsboard.history.alert_states import ack_events
from opsboard.history.clock_repair import fold_back
from opsboard.history.forgetting import forget
from opsboard.history.handover import handover
from opsboard.history.handover_text import handover_text
from opsboard.history.historical_board import load_board
from opsboard.history.history_json import handover_json
from opsboard.history.ledger import Ledger
from opsboard.history.model import SourceId
from opsboard.history.read_timeline import TimelineQuery, timeline_rows
from opsboard.history.timeline import TimelineEvent
from opsboard.kinds.alerts import ALERT
from opsboard.records import Alert, AlertState, Deployment, Kind, Status
from opsboard.system.local_zone import LOCAL_ZONE
from tests.history.recording import Recording, SetClocks, recording
from tests.history.samples import ALICE, NOON, at, deployment, new

SHOP = deployment("2", Status.FAILED)
CART = deployment("1", Status.FAILED, name="cart")
MINUTE = timedelta(minutes=1)
INFO = SourceInfo("Kubernetes", "login-hash")


class Told:
    """A board on the screen, beside the recorder of its history."""

    def __init__(self, made: Recording) -> None:
        self.made = made
        self.acks = AlertAcks()
        self.acks.on_change = made.recorder.note_ack
        self.board = Board({"prod": "Kubernetes"}, acks=self.acks)

    def lists(self, *records: Deployment, minutes: float = 1.0) -> None:
        self.made.lists(*records, seconds=60 * minutes)
        refs = frozenset(record.ref for record in records)
        now = self.made.clocks.now()
        for change in (Upsert("all", records), Complete("all", refs)):
            self.board.apply([BoardEvent("prod", change, now)])
        self.made.recorder.step()

    def alert(self, name: str) -> Alert:
        found = self.board.records(Kind.ALERT).values()
        return next(one for one in found if isinstance(one, Alert) and one.name == name)

    def states(self, time: datetime) -> dict[str, AlertState]:
        shown = load_board(self.made.reader, time, {"prod": "Kubernetes"})
        found = shown.board.records(Kind.ALERT).values()
        return {one.name: one.state for one in found if isinstance(one, Alert) and one.about}

    @property
    def now(self) -> datetime:
        return self.made.clocks.now()


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    clocks = SetClocks()
    with recording(tmp_path, clocks) as made:
        yield Told(made)


def test_an_earlier_board_knows_what_was_acknowledged_since_that_is_recorded(told: Told) -> None:
    told.lists(SHOP, CART)
    before = told.now
    told.made.waits(60)
    told.board.acknowledge(told.alert("shop").ref, told.now, actor="dana", reason="known bug")
    acknowledged = told.now
    told.made.waits(60)
    told.board.snooze(
        told.alert("shop").ref, told.now + 10 * MINUTE, told.now, actor="kim", reason="lunch"
    )
    snoozed = told.now
    told.lists(SHOP, CART, minutes=20)
    second = 0.5 * timedelta(seconds=1)
    assert told.made.reader.neighbours(before + second)[1] == acknowledged, "one steps to it"
    ended = snoozed + 10 * MINUTE
    assert told.made.reader.neighbours(snoozed) == (acknowledged, ended)
    assert told.made.reader.neighbours(ended) == (snoozed, None)
    assert told.states(before) == {"shop": AlertState.UNKNOWN, "cart": AlertState.UNKNOWN}
    after = told.states(acknowledged + second)
    assert after == {"shop": AlertState.ACKNOWLEDGED, "cart": AlertState.UNKNOWN}
    assert told.states(snoozed + second)["shop"] is AlertState.SNOOZED
    assert told.states(snoozed + 11 * MINUTE)["shop"] is AlertState.OPEN, "the snooze has ended"
    shown = load_board(told.made.reader, before, {"prod": "Kubernetes"})
    alert = next(iter(shown.board.records(Kind.ALERT).values()))
    assert ALERT.pane is not None
    (column,) = [one for one in ALERT.pane.columns if one.id == "state"]
    assert column.show(alert, before).text == "?"


def test_a_snooze_that_was_taken_back_has_no_end_to_step_to(told: Told) -> None:
    told.lists(SHOP)
    ref = told.alert("shop").ref
    told.board.snooze(ref, told.now + 10 * MINUTE, told.now, actor="kim")
    told.made.waits(60)
    told.board.reopen(ref, told.now, actor="kim")
    reopened = told.now
    told.lists(SHOP, minutes=20)
    assert told.made.reader.neighbours(reopened)[1] is None


def test_what_was_raised_since_then_is_known_to_be_open(told: Told) -> None:
    told.lists(SHOP)
    told.board.acknowledge(told.alert("shop").ref, told.now, actor="dana")
    told.lists(SHOP, CART, minutes=5)
    assert told.states(told.now) == {"shop": AlertState.ACKNOWLEDGED, "cart": AlertState.OPEN}


def test_a_failure_after_a_recovery_is_news_whoever_has_seen_it(told: Told) -> None:
    """Another program may have recovered the alert: then no row says that it has ended."""
    told.lists(SHOP)
    told.board.acknowledge(told.alert("shop").ref, told.now, actor="dana")
    told.made.lists(deployment("2"), seconds=60)
    told.made.lists(SHOP, seconds=60)
    assert told.states(told.now) == {"shop": AlertState.OPEN}
    (ack,) = told.made.reader.acks(told.now)
    assert ack.actor == "dana"


def test_that_an_alert_has_ended_is_kept_and_is_no_row_of_its_own(told: Told) -> None:
    told.lists(SHOP)
    told.board.acknowledge(told.alert("shop").ref, told.now, actor="dana")
    told.lists(deployment("2"), minutes=5)
    said = told.made.reader.acks(told.now)
    assert [(one.actor, one.state) for one in said] == [
        ("dana", AlertState.ACKNOWLEDGED), ("", AlertState.OPEN),
    ]  # fmt: skip
    assert [event.change for event in ack_events(said)] == ["acknowledged"]


def test_the_time_line_and_the_hand_over_say_who_until_when_and_why(told: Told) -> None:
    told.lists(SHOP)
    ref = told.alert("shop").ref
    told.board.acknowledge(ref, told.now, actor="dana", reason="known bug")
    told.made.waits(60)
    until = told.now + 10 * MINUTE
    told.board.snooze(ref, until, told.now, actor="kim", reason="password=hunter2")
    told.made.waits(60)
    told.board.reopen(ref, told.now, actor="dana")
    told.lists(SHOP)
    reader = told.made.reader
    query = TimelineQuery(NOON, told.now, refs={SHOP.ref})
    rows = [one for one in timeline_rows(reader, query) if isinstance(one, TimelineEvent)]
    said = [(row.what, row.change, row.who, row.ref) for row in rows if row.who]
    local = f"{until.astimezone(LOCAL_ZONE):%H:%M}"
    assert said == [
        ("shop", "opened again", "dana", SHOP.ref),
        ("shop", f"snoozed until {local}", "kim", SHOP.ref),
        ("shop", "acknowledged", "dana", SHOP.ref),
    ]
    events = list(ack_events(reader.acks(told.now)))
    page = handover(NOON, told.now, alerts=(), activities=(), events=(), said=events)
    text = handover_text(page, LOCAL_ZONE)
    assert "## Said about alerts: 3\n" in text
    assert "shop: acknowledged, by dana\n  known bug\n" in text
    assert f"shop: snoozed until {local}, by kim" in text
    assert "hunter2" not in text
    assert [one["who"] for one in handover_json(page)["said"]] == ["dana", "kim", "dana"]


def test_what_is_registered_as_a_secret_is_not_kept(tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.register_secret("tok-1234567890")
    made = Recording(tmp_path, SetClocks(), redactor=redactor)
    told = Told(made)
    told.lists(SHOP)
    alert = told.alert("shop")
    told.board.acknowledge(alert.ref, told.now, actor="dana", reason="it is tok-1234567890")
    made.recorder.step()
    (said,) = made.reader.acks(told.now)
    assert "tok-1234567890" not in said.reason
    made.close()


def test_what_is_said_before_the_server_has_named_who_asks_is_kept_as_of_then(
    tmp_path: Path,
) -> None:
    made = Recording(tmp_path, SetClocks(), principal=None, login="")
    told = Told(made)
    told.lists(SHOP)
    told.board.acknowledge(told.alert("shop").ref, told.now, actor="dana")
    when = told.now
    made.recorder.step()
    made.recorder.identify("prod", "Kubernetes", "https://cluster.example", None)
    made.recorder.set_sources({"prod": INFO})
    made.waits(30)
    made.recorder.step()
    (said,) = made.reader.acks(told.now)
    assert said.at == when
    made.close()


def test_another_principal_sees_nothing_and_forgetting_takes_it_along(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    source = ledger.source(ALICE, "prod", "Kubernetes", NOON)
    ledger.append([new(source, 0, SHOP, baseline=True)])
    acks = [
        AckChange(SHOP.ref, at(minute), state, actor="dana")
        for minute, state in ((5, AlertState.ACKNOWLEDGED), (15, AlertState.OPEN))
    ]
    other = AckChange(CART.ref, at(6), AlertState.ACKNOWLEDGED, actor="dana")
    for change in (*acks, other):
        ledger.add_ack(source, change)
    reader = ledger.reader({"prod": ALICE})
    bob = ledger.reader({"prod": SourceId(ALICE.address, "bob")})
    assert [one.at for one in reader.acks(at(60))] == [at(5), at(6), at(15)]
    assert [one.at for one in reader.acks(at(60), at(6))] == [at(15)]
    assert not bob.acks(at(60))
    fold_back(ledger, source, at(10))
    assert [one.at for one in reader.acks(at(60))] == [at(5), at(6), at(10)]
    forget(ledger, [source], at(12))
    assert [one.ref for one in reader.acks(at(60))] == [CART.ref], "the last word on each stays"
    forget(ledger, [source])
    assert not reader.acks(at(60))
    for one in (reader, bob, ledger):
        one.close()
