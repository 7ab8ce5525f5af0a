"""The hand-over: a page to paste, complete, in a fixed order, 80 columns wide, without secrets."""

import random
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from opsboard.history.handover import Handover, handover, handover_events
from opsboard.history.handover_text import handover_text
from opsboard.history.history_json import handover_json
from opsboard.history.model import Gap, GapReason
from opsboard.history.timeline import event_of, merged_gaps
from opsboard.records import Activity, ActivityState, Alert, AlertState, Kind, Ref, Status
from tests.history.sample_changes import MINUTE, NOW, act, changed, deployment

BERLIN = ZoneInfo("Europe/Berlin")
SINCE = NOW - timedelta(hours=8)
BAD = deployment(status=Status.FAILED, reason="CrashLoopBackOff")


def _alert(name: str, state: AlertState = AlertState.OPEN, **fields: Any) -> Alert:
    values: dict[str, Any] = {
        "source": "k8s", "id": name, "name": name, "status": Status.FAILED, "since": NOW - MINUTE,
        "reason": "CrashLoopBackOff", "environment": "production", "state": state,
    }  # fmt: skip
    return Alert(**{**values, **fields})


ALERTS = [
    _alert("checkout", message="back-off 5m0s restarting failed container"),
    _alert("drifting", status=Status.WARNING),
    _alert("cart", AlertState.ACKNOWLEDGED),
    _alert("nightly", AlertState.SNOOZED, until=NOW + 90 * MINUTE),
]
ACTS = [
    act("rollback", BAD, -20, before="v56", after="v55", cause="it crashes"),
    act("restart", deployment("cart"), -600, cause="yesterday's"),
    act("scale", deployment("search"), -5, state=ActivityState.UNKNOWN, id="0199-full-plan-id"),
]
TRANSITIONS = [
    changed(deployment(), deployment(tag="v56"), -30, actor="dana"),
    changed(BAD, deployment(), -20),
    changed(
        deployment("x", environment="staging"), deployment("x", "v1", environment="staging"), -9
    ),
    changed(deployment("y", environment=""), deployment("y", "v2", environment=""), -8),
]
GAPS = merged_gaps([Gap("k8s", "all", NOW - 50 * MINUTE, NOW - 40 * MINUTE, GapReason.NO_BOARD)], 1)


def _page(**options: Any) -> Handover:
    events = [*handover_events(TRANSITIONS)]
    values = {"alerts": ALERTS, "activities": ACTS, "events": events, "gaps": GAPS}
    return handover(SINCE, NOW, **{**values, **options})


EXPECTED = """\
# Hand-over 2026-11-27 07:00 to 15:00 (+01:00)

## Open alerts: 2
- failed checkout: CrashLoopBackOff, production, since 14:59, 1m
  back-off 5m0s restarting failed container
- warning drifting: CrashLoopBackOff, production, since 14:59, 1m

## Acknowledged here (by others: not known): 1
- failed cart: CrashLoopBackOff, production, since 14:59, 1m

## Snoozed: 1
- until 16:30: nightly: CrashLoopBackOff, production

## Resolved: 1
- 14:40 alert checkout CrashLoopBackOff resolved

## Done from here: 2
- 14:40 rollback checkout v56 → v55, production: succeeded
  dana: it crashes
- 14:55 scale search, production: unknown
  dana: no reason given

## Not finished: 1
- 14:55 scale search: unknown
  `opsboard audit settle 0199-full-plan-id` finds out what became of it

## Changed: 3
### production: 1
- 14:30 deploy shop/checkout v55 → v56, dana
### staging: 1
- 14:51 deploy shop/x v55 → v1
### of no environment: 1
- 14:52 deploy shop/y v55 → v2

## Not watched: 1
- 14:10–14:20 (no board ran)
"""  # noqa: RUF001


def test_the_page_has_everything_in_its_place() -> None:
    assert handover_text(_page(), BERLIN) == EXPECTED


def test_an_empty_page_says_that_there_is_nothing() -> None:
    page = handover(SINCE, NOW, alerts=[], activities=[], events=[], history="nothing recorded yet")
    text = handover_text(page, BERLIN)
    assert text.count(": none") == 8
    assert "- nothing recorded yet" in text


def test_the_order_is_that_of_the_page_and_not_of_what_comes_in() -> None:
    shuffled = random.Random(7)
    events = [*handover_events(TRANSITIONS)]
    for _ in range(5):
        alerts, acts = (shuffled.sample(one, len(one)) for one in (ALERTS, ACTS))
        mixed = shuffled.sample(events, len(events))
        page = _page(alerts=alerts, activities=acts, events=mixed)
        assert handover_text(page, BERLIN) == EXPECTED


def test_what_looks_like_a_secret_in_a_reason_is_masked() -> None:
    hidden = act("restart", BAD, -3, cause="password=hunter2hunter2 was wrong")
    page = _page(activities=[hidden])
    assert "hunter2" not in handover_text(page, BERLIN)
    assert "hunter2" not in str(handover_json(page))


def test_of_many_changes_the_latest_are_listed() -> None:
    many = [changed(deployment(), deployment(tag=f"v{n}"), -200 + n) for n in range(100, 130)]
    text = handover_text(_page(events=map(event_of, many)), BERLIN)
    assert text.count("- ") == text.count("\n- ")
    assert "v55 → v129" in text
    assert "v55 → v109" not in text
    assert "and 10 before these" in text


def test_acts_before_the_stretch_are_left_out_unless_they_are_open() -> None:
    old = act("scale", BAD, -5000, state=ActivityState.UNKNOWN)
    page = _page(activities=[old])
    assert page.acts == ()
    assert page.unresolved == (old,)


def test_the_json_has_the_same() -> None:
    data = handover_json(_page())
    assert [alert["name"] for alert in data["alerts"]["open"]] == ["checkout", "drifting"]
    assert list(data["changes"]) == ["production", "staging", ""]
    assert data["acts"][0]["cause"] == "it crashes"
    assert data["gaps"][0]["everything"]


@given(st.text(max_size=300), st.text(max_size=120), st.text(max_size=300))
def test_no_line_is_wider_than_a_page(name: str, reason: str, cause: str) -> None:
    acted = Activity(
        source="opsboard", id="p", name=name, action="restart", about=BAD.ref, target=name,
        state=ActivityState.UNKNOWN, cause=cause, created_at=NOW - MINUTE,
    )  # fmt: skip
    page = _page(
        alerts=[_alert(name, reason=reason, message=cause)],
        activities=[acted],
        sources=[f"{name}: {cause}"],
    )
    lines = handover_text(page, BERLIN).splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert all(line.startswith(("#", "- ", "  ")) or not line for line in lines)


def test_drift_is_told_as_the_board_shows_it_and_stands_below_what_has_failed() -> None:
    drift = _alert("a-ranker psi", about=Ref("mlflow", Kind.DRIFT, "ranker/6/psi"))
    text = handover_text(_page(alerts=[drift, _alert("checkout")]), BERLIN)
    assert "- warning a-ranker psi: " in text
    assert text.index("- failed checkout") < text.index("- warning a-ranker psi")


def test_an_alert_of_a_source_is_one_too() -> None:
    down = Alert(
        source="mlflow", id="source:unreachable", name="MLflow", status=Status.FAILED,
        reason="unreachable", since=NOW - 3 * MINUTE, kind=Kind.ALERT,
    )  # fmt: skip
    assert "- failed MLflow: unreachable, since 14:57, 3m" in handover_text(
        _page(alerts=[down]), BERLIN
    )
