"""What a session has seen fail, by version."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import Complete, Remove, ScopeRemoved, Upsert
from opsboard.board import failures
from opsboard.board.events import BoardEvent, SourceInfo, SourceList
from opsboard.board.state import Board
from opsboard.records import CronJob, Deployment, Job, Model, ModelVersion, Record, Status
from tests.board import MINUTE, NOW, build, deployment, drift, events


def _seen(board: Board, record: Record) -> dict[str, bool]:
    """By version, whether what failed was seen to be well again."""
    return {one.version: one.well_at is not None for one in board.failures(record)}


def _apply(board: Board, *records: object, minutes: int = 0) -> None:
    at = NOW + minutes * MINUTE
    for record in records:
        source = record.source  # type: ignore[attr-defined]
        board.apply(events(source, Upsert("all", [record]), at=at))  # type: ignore[list-item]


def test_a_roll_out_by_its_revision() -> None:
    board = Board()
    failed = deployment(status=Status.FAILED, revision="56", reason="CrashLoopBackOff")
    _apply(board, failed, deployment(revision="57"), minutes=2)
    (one,) = board.failures(deployment(revision="58"))
    assert (one.version, one.reason, one.at) == ("56", "CrashLoopBackOff", NOW + 2 * MINUTE)
    assert not board.failures(deployment("other"))


def test_since_when_it_fails_and_why_in_the_end() -> None:
    """As its alert has it. What is wrong with its pods is often known a moment later."""
    board = Board()
    _apply(board, deployment(status=Status.FAILED, updated_at=NOW, reason="Deadline"), minutes=9)
    crash = deployment(status=Status.FAILED, updated_at=NOW + MINUTE, reason="CrashLoopBackOff")
    _apply(board, crash, minutes=10)
    (one,) = board.failures(deployment())
    assert (one.at, one.reason) == (NOW, "CrashLoopBackOff")


def test_a_roll_out_that_crashes_while_the_old_pods_still_serve() -> None:
    """Until its deadline it is but a warning; who goes back at once has seen it crash."""
    board = Board()
    _apply(board, _rolling("55", Status.OK), _rolling("56", Status.RUNNING, "Progressing"))
    assert not board.failures(_rolling("56", Status.RUNNING))
    _apply(board, _rolling("56", Status.WARNING, "CrashLoopBackOff"), minutes=2)
    _apply(board, _rolling("56", Status.RUNNING, "Progressing"), minutes=3)
    _apply(board, _rolling("56", Status.WARNING, "CrashLoopBackOff"), minutes=4)
    _apply(board, _rolling("57", Status.OK), minutes=5)
    (one,) = board.failures(_rolling("57", Status.OK))
    assert (one.version, one.reason, one.at) == ("56", "CrashLoopBackOff", NOW + 2 * MINUTE)
    _apply(board, _rolling("56", Status.OK), minutes=6)
    assert _seen(board, _rolling("57", Status.OK)) == {"56": True}


@pytest.mark.parametrize(("reason", "desired"), [("Paused", 3), ("", 3), ("waiting", 0)])
def test_what_waits_for_somebody_has_not_failed(reason: str, desired: int) -> None:
    board = Board()
    waits = deployment(status=Status.WARNING, reason=reason, desired=desired, revision="56")
    _apply(board, waits)
    assert not board.failures(waits)


def _rolling(revision: str, status: Status, reason: str = "") -> Deployment:
    return deployment(status=status, revision=revision, reason=reason, desired=4)


def test_a_model_by_the_version_that_drifts() -> None:
    board = Board()
    _apply(board, drift(0.4, "3", status=Status.FAILED), drift(0.1, "2", status=Status.OK))
    bad = ModelVersion(
        source="ml", id="fraud/4", name="fraud v4", model="fraud", version="4", status=Status.FAILED
    )
    _apply(board, bad)
    model = Model(source="ml", id="fraud", name="fraud", serving="3", status=Status.OK)
    _apply(board, model)
    assert _seen(board, model) == _seen(board, bad) == {"3": False, "4": False}
    assert "psi is 0.4" in {one.version: one for one in board.failures(model)}["3"].message
    _apply(board, drift(0.1, "3", status=Status.OK))
    assert _seen(board, model) == {"3": True, "4": False}


def test_a_workflow_by_its_commit() -> None:
    board = Board()
    _apply(board, build(1, Status.FAILED, commit="abc"), build(2, Status.FAILED, commit="def"))
    _apply(board, build(3, Status.OK, commit="def"))
    assert _seen(board, build(9)) == {"abc": False, "def": True}
    assert not board.failures(build(9, workflow="other.yml"))


def _job(number: int, status: Status, owner: str = "CronJob/export") -> Job:
    return Job(
        source="k8s", id=f"export-{number}", name=f"export-{number}", cluster="eu",
        namespace="shop", owner=owner, status=status, created_at=NOW + number * MINUTE,
        finished_at=NOW + (number + 1) * MINUTE, reason="BackoffLimitExceeded",
    )  # fmt: skip


def test_a_cron_job_by_its_last_run() -> None:
    board = Board()
    export = CronJob(
        source="k8s", id="export", name="export", cluster="eu", namespace="shop", schedule="@daily"
    )
    _apply(board, _job(1, Status.OK), _job(2, Status.FAILED), minutes=9)
    (one,) = board.failures(export)
    assert (one.version, one.reason) == ("CronJob/export", "BackoffLimitExceeded")
    assert (one.at, one.well_at) == (NOW + 3 * MINUTE, None)
    _apply(board, _job(1, Status.OK), _job(3, Status.OK), minutes=9)
    (one,) = board.failures(export)
    assert one.well_at == NOW + 4 * MINUTE
    _apply(board, _job(5, Status.FAILED, owner=""), minutes=9)
    assert len(board.failures(export)) == 1, "a Job of its own is nobody's run"


def test_what_comes_at_once_is_taken_in_the_order_in_which_it_began() -> None:
    for order in permutations(
        [build(1, Status.FAILED, commit="a"), build(2, Status.OK, commit="a"),
         build(3, Status.FAILED, commit="b"), build(4, Status.FAILED, commit="c")]
    ):  # fmt: skip
        board = Board()
        board.apply(events("ci", Upsert("all", list(order)), at=NOW + 9 * MINUTE))
        assert _seen(board, build(9)) == {"a": True, "b": False, "c": False}
        _apply(board, build(3, Status.OK, commit="c"), build(1, Status.FAILED, commit="a"))
        told = _seen(board, build(9))
        assert told == {"a": True, "b": False, "c": False}, "earlier runs say nothing of later ones"


def test_what_is_under_way_or_unknown_tells_nothing() -> None:
    board = Board()
    _apply(board, deployment(status=Status.FAILED))
    for status in (Status.RUNNING, Status.WARNING, Status.UNKNOWN):
        _apply(board, deployment(status=status))
    assert _seen(board, deployment()) == {"7": False}


def test_what_is_made_anew_has_no_past() -> None:
    board = Board()
    failed = deployment(status=Status.FAILED, revision="9", created_at=NOW)
    _apply(board, failed, deployment(revision="8", created_at=NOW))
    assert _seen(board, deployment()) == {"9": False}, "numbers may go back"
    _apply(board, deployment(revision="1", created_at=NOW + timedelta(days=1)))
    _apply(board, deployment(revision="1", status=Status.FAILED))
    assert _seen(board, deployment()) == {"1": False}


@pytest.mark.parametrize(
    "change", [Remove("all", [deployment().ref]), Complete("all", frozenset()), ScopeRemoved("all")]
)
def test_what_is_gone_is_forgotten(change: Remove | Complete | ScopeRemoved) -> None:
    board = Board()
    _apply(board, deployment(status=Status.FAILED))
    board.apply(events("k8s", change))
    assert not board.failures(deployment())


def test_a_run_that_falls_off_the_list_has_failed_all_the_same() -> None:
    board = Board()
    _apply(board, build(1, Status.FAILED, commit="abc"))
    board.apply(events("ci", Complete("all", frozenset())))
    assert _seen(board, build(2)) == {"abc": False}


def test_another_login_is_not_shown_what_was_seen_before() -> None:
    board = Board()
    board.apply([BoardEvent("", SourceList({"ci": SourceInfo("CI", "one")}), NOW)])
    _apply(board, build(1, Status.FAILED, commit="abc"))
    board.apply([BoardEvent("", SourceList({"ci": SourceInfo("CI", "one")}), NOW)])
    assert board.failures(build())
    board.apply([BoardEvent("", SourceList({"ci": SourceInfo("CI", "another")}), NOW)])
    assert not board.failures(build())


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Status)), st.integers(1, 9), st.sampled_from("abc")),
        max_size=60,
    )
)
def test_it_holds_the_last_that_was_seen_of_each_version(
    looks: Sequence[tuple[Status, int, str]],
) -> None:
    board, last = Board(), dict[tuple[str, str], bool]()
    for minute, (status, revision, name) in enumerate(looks):
        _apply(board, deployment(name, status, revision=str(revision)), minutes=minute)
        known = (name, str(revision)) in last
        if status is Status.FAILED or (status is Status.OK and known):
            last[name, str(revision)] = status is Status.OK
    for name in "abc":
        wanted = {version: well for (of, version), well in last.items() if of == name}
        assert _seen(board, deployment(name)) == wanted


def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "MAX_SUBJECTS", 3)
    monkeypatch.setattr(failures, "MAX_VERSIONS", 2)
    board = Board()
    for number in range(5):
        _apply(board, deployment(f"d{number}", Status.FAILED), minutes=number)
    assert [bool(board.failures(deployment(f"d{n}"))) for n in range(5)] == [False] * 2 + [True] * 3
    for number in range(5):
        _apply(board, deployment("d4", Status.FAILED, revision=str(number)), minutes=9 + number)
    assert _seen(board, deployment("d4")) == {"3": False, "4": False}
