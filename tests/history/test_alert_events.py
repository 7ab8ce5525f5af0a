"""An alert is raised once and ends once, as on the board that was there, however it is read."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Remove, Upsert
from opsboard.board.alerts import AlertRules
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.history import read_timeline
from opsboard.history.alert_events import alert_events
from opsboard.history.model import Transition
from opsboard.history.read_timeline import TimelineQuery, timeline_rows
from opsboard.history.timeline import TimelineEvent, event_of_alert
from opsboard.records import Alert, Kind, Record, Ref, Status
from tests.history.recording import SetClocks, recording
from tests.history.sample_changes import MINUTE, build, changed, deployment, drift
from tests.history.samples import NOON

FAILED, OK, RUNNING, UNKNOWN = Status.FAILED, Status.OK, Status.RUNNING, Status.UNKNOWN


def _run(number: int, attempt: int, status: Status, word: str) -> Record:
    """Return a run that has begun: one that is tried again is not over."""
    return build(number, status, attempt=attempt, reason=word, title=word)


def _crashed(status: Status, word: str, name: str) -> Record:
    return deployment(name, status=status, reason=word, ready=len(word))


WORDS = st.sampled_from(["", "exit 1", "timed out"])
STEPS = st.one_of(
    st.builds(_run, st.integers(1, 3), st.integers(1, 3), st.sampled_from([FAILED, OK, RUNNING]),
              WORDS),
    st.builds(_crashed, st.sampled_from([FAILED, OK, RUNNING, UNKNOWN]), WORDS,
              st.sampled_from(["checkout", "cart"])),
    st.builds(drift, st.sampled_from([0.1, 0.3, 0.4])),
    st.sampled_from([deployment("checkout").ref, deployment("cart").ref]),
)  # fmt: skip


def _attempts_go_up(before: Record | None, after: Record) -> Record | None:
    """Return *after* as a server could tell it after *before*: no attempt is ever taken back."""
    if before is None or after.kind is not Kind.BUILD:
        return after
    tried, told = vars(before)["attempt"], vars(after)["attempt"]
    if told < tried or (told == tried and after.status is RUNNING is not before.status):
        return None
    return after


def _story(steps: Sequence[object]) -> list[Transition]:
    known: dict[object, Record] = {}
    told = []
    for number, step in enumerate(steps):
        ref = step.ref if isinstance(step, Record) else step
        before = known.pop(ref, None)
        after = _attempts_go_up(before, step) if isinstance(step, Record) else None
        if isinstance(step, Record) and after is None:
            after = before
        if after is not None:
            known[ref] = after
        if before != after:
            told.append(changed(before, after, number))
    return told


def _said(events: Iterable[TimelineEvent]) -> list[tuple[object, ...]]:
    return sorted((one.at, one.what, one.change, one.status.value) for one in events)


def _as_the_board_had_it(story: Sequence[Transition]) -> list[TimelineEvent]:
    """Return what a board that was there raised and cleared at each of *story*."""
    board, events = Board(), []
    shown: dict[Ref, Alert] = {}
    for one in story:
        change = Remove("all", [one.ref]) if one.after is None else Upsert("all", [one.after])
        board.apply([BoardEvent(one.ref.source, change, one.at)])
        now = {ref: a for ref, a in board.records(Kind.ALERT).items() if isinstance(a, Alert)}
        ended = [alert for ref, alert in shown.items() if ref not in now]
        events += [event_of_alert(alert, one.at, resolved=True) for alert in ended]
        events += [event_of_alert(alert, one.at) for ref, alert in now.items() if ref not in shown]
        shown = now
    return events


@given(st.lists(STEPS, max_size=25))
def test_alerts_are_raised_and_resolved_as_on_the_board_that_was_there(
    steps: Sequence[object],
) -> None:
    story = _story(steps)
    assert _said(alert_events(story, AlertRules()).events) == _said(_as_the_board_had_it(story))


@given(st.lists(STEPS, max_size=25), st.integers(0, 25))
def test_of_a_part_of_the_story_nothing_is_told_that_the_whole_does_not(
    steps: Sequence[object], cut: int
) -> None:
    story = _story(steps)
    whole = _said(alert_events(story, AlertRules()).events)
    assert not [
        one for one in _said(alert_events(story[cut:], AlertRules()).events) if one not in whole
    ]


def test_a_run_that_is_well_at_last_ends_its_alert_whatever_else_is_said_of_it() -> None:
    failed = build(1, FAILED)
    touched = build(1, FAILED, title="a new title")
    again = replace(touched, attempt=2, status=RUNNING, state="queued")
    green = replace(again, status=OK, state="success")
    story = [
        changed(failed, touched, -30), changed(touched, again, -20), changed(again, green, -10),
    ]  # fmt: skip
    assert [event.change for event in alert_events(story, AlertRules()).events] == [
        "failure resolved"
    ]


@pytest.mark.parametrize("page", [1, 2, 3, 7])
def test_however_much_of_the_ledger_is_read_at_once_each_event_stands_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    with recording(tmp_path, SetClocks()) as made:
        for step in range(12):
            status = FAILED if step % 3 else OK
            runs = [
                replace(one, source="prod", created_at=NOON + one.number * MINUTE)
                for one in (build(step, status), build(step + 1, RUNNING, state="queued"))
            ]
            made.lists(*runs, replace(deployment(status=status), source="prod"), seconds=60)
        query = TimelineQuery(NOON, made.clocks.now() + timedelta(minutes=1), everything=True)
        reader = made.reader
        whole = timeline_rows(reader, query)
        monkeypatch.setattr(read_timeline, "LARGEST_PAGE", page)
        assert timeline_rows(reader, query) == whole
        alerts = [one for one in whole if isinstance(one, TimelineEvent) and one.kind == "alert"]
        recorded = [one for one in made.transitions() if one.ref.kind is Kind.ALERT]
        ends = [one for one in recorded if (one.before is None) != (one.after is None)]
        assert len(alerts) == len(ends) > 8, "the board that recorded tells the same, seen later"
        assert len({(one.at, one.what, one.change, one.ref) for one in alerts}) == len(alerts)
