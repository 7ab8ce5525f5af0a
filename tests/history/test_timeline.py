"""The time line: events and gaps in one order, filtered, zoomed, with alerts by the same rules."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from opsboard.board.alerts import AlertRules
from opsboard.history.alert_events import alert_events
from opsboard.history.model import OWN_SCOPE, Gap, GapReason
from opsboard.history.timeline import (
    TimelineEvent,
    TimelineRow,
    event_of,
    event_of_activity,
    gap_text,
    merged_gaps,
    timeline,
    timeline_filter,
)
from opsboard.records import Status
from opsboard.views.filter import FilterError
from tests.history.sample_changes import (
    MINUTE,
    NOW,
    act,
    build,
    changed,
    deployment,
    drift,
    pod,
)

BERLIN = ZoneInfo("Europe/Berlin")


def _gap(since: float | None, until: float | None, **fields: Any) -> Gap:
    times = [None if at is None else NOW + at * MINUTE for at in (since, until)]
    values = {"source": "k8s", "scope": "prod-eu", "reason": GapReason.NO_BOARD, **fields}
    return Gap(since=times[0], until=times[1], **values)


def _whole() -> list[TimelineEvent]:
    transitions = [
        changed(deployment(), deployment(tag="v56"), -30, actor="dana"),
        changed(deployment(ready=1), deployment(ready=2), -29),
        changed(None, build(7, Status.FAILED, actor="emre"), -40),
    ]
    acted = event_of_activity(act("restart", deployment(), -20, cause="it hangs"))
    assert acted is not None
    return [*map(event_of, transitions), acted]


def _said(rows: list[TimelineRow]) -> list[str]:
    return [row.change if isinstance(row, TimelineEvent) else row.reason.value for row in rows]


def test_events_stand_newest_first_and_progress_is_left_out() -> None:
    rows = timeline(_whole(), now=NOW)
    assert _said(rows) == ["restart, succeeded", "v55 → v56", "failure"]
    assert len(timeline(_whole(), now=NOW, everything=True)) == 4


def test_an_event_says_who_and_where_and_why() -> None:
    rows = [row for row in timeline(_whole(), now=NOW) if isinstance(row, TimelineEvent)]
    assert [(row.who, row.cause) for row in rows] == [
        ("dana", "it hangs"), ("dana", ""), ("emre", ""),
    ]  # fmt: skip
    assert [row.environment for row in rows] == ["production", "production", ""]
    assert [row.what for row in rows][1] == "shop/checkout"


def test_a_gap_stands_where_it_ended() -> None:
    gaps = merged_gaps([_gap(-38, -25), _gap(-1, None), _gap(None, -90)])
    rows = timeline(_whole(), gaps, now=NOW)
    assert _said(rows) == [
        "no board", "restart, succeeded", "no board", "v55 → v56", "failure", "no board",
    ]  # fmt: skip


def test_the_same_gap_of_several_scopes_is_one_row() -> None:
    gaps = [_gap(-30, -10), _gap(-30, -10.02, scope="prod-us"), _gap(-30, -10, scope="dev")]
    (merged,) = merged_gaps(gaps, scopes=3)
    assert merged.everything
    assert gap_text(merged, BERLIN) == "not watched 14:30–14:50 (no board ran)"  # noqa: RUF001
    (merged,) = merged_gaps(gaps, scopes=4)
    assert gap_text(merged, BERLIN) == (
        "not watched 14:30–14:50 k8s: dev, k8s: prod-eu, 1 more (no board ran)"  # noqa: RUF001
    )
    (whole,) = merged_gaps([_gap(-30, -10, scope=OWN_SCOPE)], scopes=4)
    assert whole.scopes == ("k8s",)  # what the board itself finds is of the source as a whole


@pytest.mark.parametrize(
    ("gap", "text"),
    [
        (_gap(-60, None), "not watched since 14:00 k8s: prod-eu (no board ran)"),
        (_gap(None, -60), "not watched before 14:00 k8s: prod-eu (no board ran)"),
        (
            _gap(-24 * 60, -60, reason=GapReason.SOURCE_DOWN, note="timed out"),
            "not watched 11-26 15:00–11-27 14:00 k8s: prod-eu (source down: timed out)",  # noqa: RUF001
        ),
        (_gap(-60, -30, scope="", reason=GapReason.SUSPENDED),
         "not watched 14:00–14:30 k8s (the machine slept)"),  # noqa: RUF001
    ],
)  # fmt: skip
def test_a_gap_says_when_where_and_why(gap: Gap, text: str) -> None:
    (row,) = merged_gaps([gap])
    assert gap_text(row, BERLIN) == text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("kind:deploy", ["v55 → v56"]),
        ("who:dana", ["restart, succeeded", "v55 → v56"]),
        ("env:production !kind:act", ["v55 → v56"]),
        ("hangs", ["restart, succeeded"]),
        ("status:failed", ["failure"]),
        ("age:<25m", ["restart, succeeded"]),
        ("source:github", ["failure"]),
    ],
)
def test_the_filter_of_the_board_chooses_events(words: str, expected: list[str]) -> None:
    assert _said(timeline(_whole(), chosen=timeline_filter(words), now=NOW)) == expected


def test_a_filter_of_an_unknown_field_is_refused() -> None:
    with pytest.raises(FilterError, match="no field 'whom'"):
        timeline_filter("whom:dana")


def test_the_newest_are_shown_and_gaps_beyond_them_are_not() -> None:
    gaps = merged_gaps([_gap(-38, -35), _gap(-38, -25)])
    assert _said(timeline(_whole(), gaps, now=NOW, limit=2)) == [
        "restart, succeeded", "no board", "v55 → v56",
    ]  # fmt: skip


# --- alerts --------------------------------------------------------------------------------------

_BAD = deployment(status=Status.FAILED, reason="CrashLoopBackOff")


def test_an_alert_is_raised_and_resolved_by_the_rules_of_its_kind() -> None:
    alerts = alert_events(
        [
            changed(deployment(), _BAD, -30),
            changed(
                _BAD, deployment(status=Status.FAILED, reason="CrashLoopBackOff", ready=1), -29
            ),
            changed(_BAD, deployment(), -20),
            changed(drift(0.1), drift(0.3), -10),
            changed(pod("a"), pod("a", Status.OK, message="x"), -5),
        ],
        AlertRules(),
    )
    assert [(event.change, event.what) for event in alerts.events] == [
        ("CrashLoopBackOff", "checkout"),
        ("CrashLoopBackOff resolved", "checkout"),
        ("drift", "ranker psi"),
    ]


def test_of_the_runs_of_a_workflow_the_latest_counts() -> None:
    failed, later, green = build(1, Status.FAILED), build(2, Status.FAILED), build(3)
    alerts = alert_events(
        [
            changed(None, failed, -30),
            changed(None, build(9, Status.FAILED, branch="mine"), -29),
            changed(None, later, -20),
            changed(None, green, -10),
            changed(None, build(4, Status.RUNNING, state="queued"), -5),
        ],
        AlertRules(),
    )
    assert [(event.change, event.ref) for event in alerts.events] == [
        ("failure", failed.ref),
        ("failure resolved", failed.ref),
        ("failure", later.ref),
        ("failure resolved", later.ref),
    ]
