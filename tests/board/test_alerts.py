"""What is wrong becomes an alert; what was said about it lasts as long as the failure does."""

import errno
import sqlite3
from pathlib import Path
from typing import Any, cast

import pytest

from opsboard.adapter import Condition, Health, Remove, Report, Upsert, listing
from opsboard.board.alert_acks import RETENTION, AlertAcks
from opsboard.board.database import cause_of
from opsboard.board.events import BoardEvent, SourceInfo, SourceList
from opsboard.board.rollup import StatusExitCode, counts, exit_code, worst
from opsboard.board.state import Board
from opsboard.records import Alert, AlertState, Job, Kind, Record, Status
from tests.board import MINUTE, NOW, build, deployment, drift, events

FAILED, OK, RUNNING = Status.FAILED, Status.OK, Status.RUNNING


def _alerts(board: Board) -> list[Alert]:
    return [cast("Alert", record) for record in board.records(Kind.ALERT).values()]


def _the_alert(board: Board) -> Alert:
    (alert,) = _alerts(board)
    return alert


def _upsert(board: Board, *records: Record, at_minute: int = 0) -> None:
    for record in records:
        change = Upsert("all", [record])
        board.apply([BoardEvent(record.source, change, NOW + at_minute * MINUTE)])


def _job(name: str, status: Status, **more: object) -> Job:
    values: dict[str, Any] = {"source": "k8s", "id": name, "cluster": "c", "namespace": "n"}
    return Job(**{**values, "name": name, "status": status, **more})


# --- builds --------------------------------------------------------------------------------------


def test_a_failed_build_of_a_branch_that_matters_alerts() -> None:
    board = Board()
    _upsert(board, build(7, FAILED, message="exit 1", url="https://ci/7"))
    alert = _the_alert(board)
    assert alert.about == build(7).ref
    assert alert.name == "acme/web ci.yml main"
    assert (alert.message, alert.url, alert.state) == ("exit 1", "https://ci/7", AlertState.OPEN)


@pytest.mark.parametrize(
    ("matters", "more"),
    [
        (True, {"branch": "main"}),
        (True, {"branch": "release/1.2"}),
        (True, {"branch": "v1.2.3"}),
        (True, {"branch": "checkout/v1.2"}),
        (True, {"branch": "@acme/checkout@v1.2.0"}),
        (True, {"branch": "nightly-x", "event": "schedule"}),
        (True, {"branch": "live-x", "environment": "production"}),
        (False, {"branch": "main", "event": "pull_request"}),
        (False, {"branch": "feature/login"}),
        (False, {"branch": "dana/fix-2.0"}),
        (False, {"branch": "releases-of-mine"}),
    ],
)
def test_which_builds_matter(matters: bool, more: dict[str, object]) -> None:
    board = Board()
    _upsert(board, build(1, FAILED, **more))
    assert bool(_alerts(board)) is matters


def test_only_the_latest_verdict_of_a_workflow_on_a_branch_counts() -> None:
    board = Board()
    _upsert(board, build(1, FAILED), build(2, FAILED))
    assert _the_alert(board).about == build(2).ref
    _upsert(board, build(3, RUNNING))
    assert _the_alert(board).about == build(2).ref, "a run under way is no verdict"
    _upsert(board, build(3, OK))
    assert not _alerts(board)
    _upsert(board, build(1, FAILED, message="told again"))
    assert not _alerts(board), "an old failure stays old news"


def test_workflows_and_branches_alert_each_for_itself() -> None:
    board = Board()
    _upsert(
        board,
        build(1, FAILED),
        build(2, FAILED, workflow="deploy.yml"),
        build(3, FAILED, branch="master"),
    )
    assert len(_alerts(board)) == 3


def test_an_alert_goes_with_its_record() -> None:
    board = Board()
    board.apply(events("ci", *listing("all", [build(1, FAILED)])))
    delta = board.apply(events("ci", Remove("all", [build(1).ref])))
    assert not _alerts(board)
    assert len(delta.removed[Kind.ALERT]) == 1


# --- the others ----------------------------------------------------------------------------------


def test_a_failed_roll_out_alerts_until_it_moves_again() -> None:
    board = Board()
    _upsert(board, deployment(status=FAILED, reason="ImagePullBackOff"))
    alert = _the_alert(board)
    assert (alert.reason, alert.environment) == ("ImagePullBackOff", "production")
    _upsert(board, deployment(status=RUNNING))
    assert not _alerts(board)


def test_drift_alerts_when_it_crosses_its_threshold() -> None:
    board = Board()
    _upsert(board, drift(0.1))
    assert not _alerts(board)
    _upsert(board, drift(0.31))
    alert = _the_alert(board)
    assert alert.status is Status.WARNING
    assert "0.31" in alert.message
    _upsert(board, drift(0.1, direction="below"))
    assert _alerts(board)


def test_of_the_jobs_of_a_cron_job_the_latest_counts() -> None:
    board = Board()
    more = {"owner": "CronJob/backup"}
    _upsert(board, _job("backup-1", FAILED, created_at=NOW, **more))
    assert _alerts(board)
    _upsert(board, _job("backup-2", OK, created_at=NOW + MINUTE, **more))
    assert not _alerts(board)


def test_a_source_that_is_down_alerts_with_its_mend() -> None:
    board = Board({"ci": "GitHub"})
    down = Health(condition=Condition.UNREACHABLE, message="no route", hint="check the VPN")
    board.apply(events("ci", Report(down)))
    alert = _the_alert(board)
    assert (alert.name, alert.about) == ("GitHub", None)
    assert alert.message == "no route; check the VPN"
    board.apply(events("ci", Report(Health(condition=Condition.LIVE))))
    assert not _alerts(board)


def test_an_unchanged_alert_is_no_change_and_keeps_its_beginning() -> None:
    board = Board()
    _upsert(board, deployment(status=FAILED))
    begun = _the_alert(board).since
    change = Upsert("all", [deployment(status=FAILED, images=("web:2",))])
    delta = board.apply([BoardEvent("k8s", change, NOW + 5 * MINUTE)])
    assert Kind.DEPLOYMENT in delta.changed
    assert Kind.ALERT not in delta.changed
    assert _the_alert(board).since == begun


def test_an_alert_began_when_its_record_says_so_though_that_is_told_later() -> None:
    board = Board()
    _upsert(board, drift(0.31))
    assert _the_alert(board).since == NOW
    crossed = NOW - 49 * MINUTE
    _upsert(board, drift(0.31, crossed_at=crossed))
    assert _the_alert(board).since == crossed
    _upsert(board, drift(0.32))
    assert _the_alert(board).since == crossed


def test_alerts_of_sources_pass_through_and_can_be_acknowledged() -> None:
    board = Board()
    alert = Alert(source="prom", id="HighLatency", name="HighLatency", since=NOW, status=FAILED)
    _upsert(board, alert)
    board.acknowledge(alert.ref, NOW)
    _upsert(board, alert)
    assert _the_alert(board).state is AlertState.ACKNOWLEDGED


# --- what is said about them ---------------------------------------------------------------------


def _open(folder: Path) -> Board:
    return Board(acks=AlertAcks(folder, now=NOW))


def test_acknowledged_lasts_over_restarts_and_a_new_failure_is_new(tmp_path: Path) -> None:
    first = _open(tmp_path)
    _upsert(first, build(1, FAILED))
    delta = first.acknowledge(_the_alert(first).ref, NOW)
    assert Kind.ALERT in delta.changed
    second = _open(tmp_path)
    _upsert(second, build(1, FAILED))
    assert _the_alert(second).state is AlertState.ACKNOWLEDGED
    _upsert(second, build(2, FAILED))
    assert _the_alert(second).state is AlertState.OPEN


def test_a_green_run_that_is_run_again_raises_no_alert_of_an_older_one() -> None:
    board = Board()
    _upsert(board, build(1, FAILED))
    _upsert(board, build(2, OK))
    _upsert(board, build(2, RUNNING, attempt=2))
    assert not _alerts(board)
    _upsert(board, build(2, FAILED, attempt=2))
    assert _the_alert(board).id == "build:2:2"


def test_a_second_attempt_that_fails_is_a_new_failure() -> None:
    board = Board()
    _upsert(board, build(1, FAILED))
    board.acknowledge(_the_alert(board).ref, NOW)
    _upsert(board, build(1, FAILED, attempt=2))
    assert _the_alert(board).state is AlertState.OPEN


def test_a_flapping_roll_out_stays_acknowledged_but_a_recovered_one_does_not() -> None:
    board = Board()
    _upsert(board, deployment(status=FAILED))
    board.acknowledge(_the_alert(board).ref, NOW)
    _upsert(board, deployment(status=RUNNING), deployment(status=FAILED))
    assert _the_alert(board).state is AlertState.ACKNOWLEDGED
    _upsert(board, deployment(status=OK), deployment(status=FAILED))
    assert _the_alert(board).state is AlertState.OPEN


def test_a_snooze_ends_by_itself(tmp_path: Path) -> None:
    board = _open(tmp_path)
    _upsert(board, deployment(status=FAILED))
    board.snooze(_the_alert(board).ref, NOW + 10 * MINUTE, NOW)
    assert _the_alert(board).state is AlertState.SNOOZED
    assert not board.tick(NOW + 9 * MINUTE)
    assert board.tick(NOW + 10 * MINUTE)
    assert _the_alert(board).state is AlertState.OPEN
    later = _open(tmp_path)
    _upsert(later, deployment(status=FAILED), at_minute=5)
    assert _the_alert(later).state is AlertState.SNOOZED


def test_reopening_takes_it_back(tmp_path: Path) -> None:
    board = _open(tmp_path)
    _upsert(board, deployment(status=FAILED))
    board.acknowledge(_the_alert(board).ref, NOW)
    board.reopen(_the_alert(board).ref, NOW)
    again = _open(tmp_path)
    _upsert(again, deployment(status=FAILED))
    assert _the_alert(board).state is _the_alert(again).state is AlertState.OPEN


def test_a_damaged_file_is_set_aside_with_a_word(tmp_path: Path) -> None:
    file = tmp_path / "notices-1.db"
    file.write_bytes(b"not a database at all, but long enough to look at" * 100)
    notices = AlertAcks(tmp_path, now=NOW)
    assert "damaged" in notices.problem
    assert file.with_name("notices-1.db.damaged").exists()
    notices.acknowledge(build(1).ref, NOW)
    assert AlertAcks(tmp_path, now=NOW).state_of(build(1).ref, NOW)[0] is AlertState.ACKNOWLEDGED


def test_what_was_said_long_ago_is_forgotten(tmp_path: Path) -> None:
    AlertAcks(tmp_path, now=NOW).acknowledge(build(1).ref, NOW)
    later = NOW + RETENTION + MINUTE
    assert AlertAcks(tmp_path, now=later).state_of(build(1).ref, later)[0] is AlertState.OPEN


def test_without_a_usable_folder_it_holds_for_the_session(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    notices = AlertAcks(tmp_path / "file")
    assert "will be lost" in notices.problem
    assert "Errno" not in notices.problem
    notices.acknowledge(build(1).ref, NOW)
    assert notices.state_of(build(1).ref, NOW)[0] is AlertState.ACKNOWLEDGED


def test_why_a_file_cannot_be_used_is_told_with_what_can_be_done() -> None:
    error = OSError(errno.EROFS, "Read-only file system", "/home/x/.local")
    assert cause_of(error).startswith("Read-only file system: /home/x/.local; XDG_STATE_HOME")
    assert cause_of(OSError(errno.ENOTDIR, "Not a directory")) == "Not a directory"
    assert cause_of(sqlite3.OperationalError("database is locked")) == "database is locked"


@pytest.mark.parametrize(
    ("state", "said"),
    [("PRAGMA max_page_count = 1", "full"), ("PRAGMA query_only = ON", "readonly")],
)
def test_a_full_disk_and_a_read_only_file_are_told(tmp_path: Path, state: str, said: str) -> None:
    notices = AlertAcks(tmp_path, now=NOW)
    assert notices._database is not None
    notices._database.execute(state)
    for number in range(200):
        notices.acknowledge(build(number, name="x" * 500).ref, NOW)
    assert said in notices.problem
    assert "will be lost" in notices.problem
    assert notices.state_of(build(199).ref, NOW)[0] is AlertState.ACKNOWLEDGED


def test_what_recovered_while_nobody_looked_is_news_when_it_fails_again(tmp_path: Path) -> None:
    first = _open(tmp_path)
    _upsert(first, deployment(status=FAILED), drift(0.3))
    for alert in _alerts(first):
        first.acknowledge(alert.ref, NOW)
    second = _open(tmp_path)
    _upsert(second, deployment(status=OK), drift(0.1))
    _upsert(second, deployment(status=FAILED), drift(0.3))
    assert {alert.state for alert in _alerts(second)} == {AlertState.OPEN}


def test_alert_ids_are_the_same_after_a_restart() -> None:
    records = (
        build(1, FAILED),
        deployment(status=FAILED),
        drift(0.3),
        _job("backup-1", FAILED, created_at=NOW),
    )
    down = Report(Health(condition=Condition.UNREACHABLE))
    told = []
    for _ in range(2):
        board = Board({"ci": "GitHub"})
        _upsert(board, *records)
        board.apply(events("ci", down))
        told.append({alert.ref for alert in _alerts(board)})
    assert told[0] == told[1]
    assert len(told[0]) == 5


def test_a_run_that_is_tried_again_stays_what_is_wrong_until_it_is_decided() -> None:
    board = Board()
    _upsert(board, build(1, FAILED), build(2, FAILED))
    board.acknowledge(_the_alert(board).ref, NOW)
    _upsert(board, build(2, RUNNING, attempt=2))
    assert _the_alert(board).about == build(2).ref, "not the older failure of #1"
    assert _the_alert(board).state is AlertState.ACKNOWLEDGED
    _upsert(board, build(2, OK, attempt=2))
    assert not _alerts(board)


def test_an_alert_of_a_source_ends_when_the_source_is_taken_away() -> None:
    board = Board({"ci": "GitHub"})
    board.apply(events("ci", Report(Health(condition=Condition.BROKEN))))
    _upsert(board, deployment(status=FAILED))
    assert len(_alerts(board)) == 2
    board.apply([BoardEvent("", SourceList({"k8s": SourceInfo("Kubernetes")}), NOW)])
    assert _the_alert(board).source == "k8s"


# --- in one word ---------------------------------------------------------------------------------


def test_exit_codes() -> None:
    board = Board({"ci": "GitHub"})
    assert exit_code(board) is StatusExitCode.UNREACHABLE, "it has told nothing"
    board.apply(events("ci", Report(Health(condition=Condition.LIVE)), *listing("web", [])))
    assert exit_code(board) is StatusExitCode.OK
    board.apply(events("ci", Upsert("web", [build(1, FAILED)])))
    assert exit_code(board) is StatusExitCode.FAILED
    assert exit_code(board, {Kind.BUILD}) is StatusExitCode.FAILED
    assert exit_code(board, {Kind.DEPLOYMENT}) is StatusExitCode.OK
    board.apply(events("ci", Report(Health(condition=Condition.UNREACHABLE))))
    assert exit_code(board) is StatusExitCode.UNREACHABLE


def test_worst_and_counts() -> None:
    assert worst([OK, FAILED, RUNNING]) is FAILED
    assert worst([]) is Status.UNKNOWN
    assert list(counts([build(1), build(2, FAILED), build(3)]).items()) == [(FAILED, 1), (OK, 2)]
