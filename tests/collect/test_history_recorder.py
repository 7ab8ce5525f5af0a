"""What is recorded of what sources yield: changes in meaning, and when nobody looked."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from opsboard.adapter import (
    Complete,
    Condition,
    Due,
    Fresh,
    Health,
    Past,
    PastRecord,
    Principal,
    Remove,
    Report,
    ScopeRemoved,
    Upsert,
)
from opsboard.board.events import ActivityUpdate, BoardEvent
from opsboard.collect.redact import Redactor
from opsboard.history.model import OWN_SCOPE, GapReason
from opsboard.history.read_timeline import gaps_within
from opsboard.records import (
    Activity,
    ActivityState,
    Alert,
    Build,
    BuildJob,
    CommitComparison,
    Kind,
    Status,
)
from tests.history.recording import ADDRESS, Recording, SetClocks, failing, recording, values
from tests.history.samples import NOON, at, deployment


@pytest.fixture
def clocks() -> SetClocks:
    return SetClocks()


@pytest.fixture
def board(tmp_path: Path, clocks: SetClocks) -> Iterator[Recording]:
    with recording(tmp_path, clocks) as made:
        yield made


def reasons(board: Recording, scope: str = "all") -> list[GapReason]:
    return [gap.reason for gap in board.gaps(scope)]


def test_the_ledger_is_not_touched_where_nothing_is_to_be_written(
    board: Recording,
) -> None:
    """Each of its transactions takes as long as to ask a server."""
    board.lists(deployment("1"))
    begun = list[str]()
    with board.recorder.ledger.writing() as database:
        database.set_trace_callback(begun.append)
    board.yields(Fresh("all", streaming=True), seconds=5)
    begun.clear()
    for _ in range(4):
        board.yields(Fresh("all", streaming=True))
    assert begun == []
    board.waits(10)
    assert begun, "the beat of the lease: this program is alive"
    board.yields(Upsert("all", [deployment("2")]))
    assert values(board.transitions()) == [("1", "2")]


class TestTransitions:
    def test_what_is_there_at_the_first_look_is_no_change(self, board: Recording) -> None:
        board.lists(deployment("1"))
        assert board.transitions() == []
        (first,) = board.transitions(baselines=True)
        assert first.baseline
        assert first.after == deployment("1")

    def test_a_change_lies_between_two_looks(self, board: Recording) -> None:
        board.lists(deployment("1"))
        board.lists(deployment("2"), seconds=30)
        (changed,) = board.transitions()
        assert values([changed]) == [("1", "2")]
        assert changed.earliest == NOON + timedelta(seconds=1)
        assert changed.at == changed.seen_at == NOON + timedelta(seconds=31)

    def test_a_look_is_as_of_its_beginning(self, board: Recording) -> None:
        """A change while it went on may not be in what was read before."""
        board.lists(deployment("1"))
        began = NOON + timedelta(seconds=15)
        board.yields(Fresh("all", read_from=began), seconds=20)
        board.lists(deployment("2"), seconds=30)
        (changed,) = board.transitions()
        assert (changed.earliest, changed.at) == (began, NOON + timedelta(seconds=51))

    def test_a_look_does_not_begin_after_its_end(self, board: Recording) -> None:
        board.lists(deployment("1"))
        board.yields(Fresh("all", read_from=NOON + timedelta(days=1)), seconds=20)
        board.lists(deployment("2"), seconds=30)
        (changed,) = board.transitions()
        assert changed.earliest == NOON + timedelta(seconds=21)

    def test_a_stream_tells_at_once(self, board: Recording) -> None:
        board.lists(deployment("1"))
        board.yields(Fresh("all", streaming=True))
        board.yields(Upsert("all", [deployment("2")]), seconds=40)
        (changed,) = board.transitions()
        assert changed.is_exact
        assert changed.at == NOON + timedelta(seconds=42)

    def test_heartbeats_and_counters_are_none(self, board: Recording) -> None:
        one = deployment("1")
        board.lists(one)
        for ready in (1, 2, 3):
            beat = {"updated_at": at(ready), "message": f"{ready} of 3 ready", "ready": ready}
            board.lists(type(one)(**{**vars(one), **beat}))
        assert board.transitions() == []

    def test_the_time_that_a_record_tells_is_believed_within_reason(self, board: Recording) -> None:
        def job(state: str, finished: float | None) -> BuildJob:
            return BuildJob(
                source="prod", id="1", name="ci", build="1", repository="acme/shop",
                state=state, created_at=NOON,
                finished_at=None if finished is None else NOON + timedelta(seconds=finished),
            )  # fmt: skip

        board.lists(job("in_progress", None))
        board.lists(job("success", 20), seconds=60)
        board.lists(job("failure", -7_200), seconds=60)
        told, odd = board.transitions()
        assert told.is_exact
        assert told.shown_at == NOON + timedelta(seconds=20)
        assert told.at == NOON + timedelta(seconds=21), "some time in that second"
        assert told.seen_at == NOON + timedelta(seconds=61)
        assert odd.at == NOON + timedelta(seconds=121), "two hours ago, it was seen to be otherwise"
        assert odd.earliest == NOON + timedelta(seconds=61)

    def test_a_time_that_moves_on_with_later_touches_is_the_latest_one(
        self, board: Recording
    ) -> None:
        """GitHub's ``updated_at`` of a run, which is all that there is of its end."""

        def run(state: str, touched: float, finished: float | None = None) -> Build:
            return Build(
                source="prod", id="1", name="ci", repository="acme/shop", workflow="ci", number=1,
                state=state, actor="carol", created_at=NOON, started_at=NOON,
                updated_at=NOON + timedelta(seconds=touched),
                finished_at=None if finished is None else NOON + timedelta(seconds=finished),
            )  # fmt: skip

        board.lists(run("queued", 0))
        board.lists(run("in_progress", 50), seconds=60)
        board.lists(run("success", 100, 100), seconds=60)
        board.lists(run("success", 150, 150), seconds=60)
        begun, ended, *touched = board.transitions()
        looks = [NOON + timedelta(seconds=1 + 60 * n) for n in range(3)]
        assert begun.at == NOON + timedelta(seconds=51)
        assert ended.at == NOON + timedelta(seconds=101)
        for one, look in zip((begun, ended), looks, strict=False):
            assert one.earliest is not None
            assert one.earliest <= look, "it may have become so right after the look"
            assert one.actor == "carol"
        assert touched == [], "that it was touched again is no change"
        state = board.reader.at(NOON + timedelta(seconds=75)).entities[0]
        assert state.uncertain

    def test_a_new_run_begins_when_it_was_made(self, board: Recording) -> None:
        def run(number: int, touched: float) -> Build:
            made = NOON + timedelta(seconds=30)
            return Build(
                source="prod", id=str(number), name="ci", repository="acme/shop", workflow="ci",
                number=number, state="queued", created_at=made,
                updated_at=made + timedelta(seconds=touched),
            )  # fmt: skip

        board.lists()
        board.lists(run(1, 0), run(2, 10), seconds=60)
        exact, touched = board.transitions()
        assert (exact.shown_at, exact.is_exact) == (NOON + timedelta(seconds=30), True)
        assert touched.at == NOON + timedelta(seconds=41)
        assert touched.earliest == NOON + timedelta(seconds=30)

    def test_what_was_there_before_it_was_first_seen_is_no_change(self, board: Recording) -> None:
        """A run that is on the list again, since it was run again; a fact that was asked for."""

        def run(number: int, minutes: float, branch: str = "") -> Build:
            return Build(
                source="prod", id=str(number), name="ci", repository="acme/shop", workflow="ci",
                number=number, state="success", created_at=at(minutes), default_branch=branch,
            )  # fmt: skip

        def compared(head: str) -> CommitComparison:
            return CommitComparison(
                source="prod", id=head, name=head, repository="acme/shop", base="a", head=head
            )

        board.lists(run(2, -10), scope="runs")
        board.lists(scope="facts")
        board.lists(run(2, -10, "main"), run(1, -600), scope="runs", seconds=60)
        board.lists(compared("b"), scope="facts")
        board.lists(scope="facts", seconds=60)
        board.lists(compared("b"), scope="facts", seconds=60)
        gone, *more = board.transitions()
        assert (gone.ref.kind, gone.after, more) == (Kind.COMMIT_COMPARISON, None, [])
        assert len(board.transitions(baselines=True)) == 5
        state = board.reader.at(board.clocks.now())
        assert {one.ref.id for one in state.entities} == {"1", "2", "b"}

    @pytest.mark.parametrize("seconds", [6.0, 20.0, 29.0])
    def test_while_the_program_stood_still_a_stream_told_nothing(
        self, board: Recording, seconds: float
    ) -> None:
        board.lists(deployment("1"))
        board.yields(Fresh("all", streaming=True))
        since = board.clocks.now()
        board.clocks.go_on(seconds)
        board.recorder.step()  # it goes on, and takes in what has come meanwhile
        board.yields(Upsert("all", [deployment("2")]), seconds=1)
        board.yields(Upsert("all", [deployment("3")]), seconds=60)
        within, after = board.transitions()
        assert (within.earliest, within.at) == (since, since + timedelta(seconds=seconds + 1))
        assert after.is_exact

    def test_what_a_list_lacks_is_gone_and_what_another_scope_lacks_is_not(
        self, board: Recording
    ) -> None:
        other = deployment("1", name="other")
        board.lists(deployment("1"))
        board.lists(other, scope="rest")
        board.lists(seconds=20)
        (gone,) = board.transitions()
        assert (gone.ref, gone.after) == (deployment().ref, None)
        assert gone.earliest is not None

    def test_an_alert_is_recorded_by_the_rules_of_the_board(self, board: Recording) -> None:
        board.lists(deployment("1"))
        board.lists(deployment("2", Status.FAILED), seconds=10)
        board.lists(deployment("3"), seconds=10)
        raised, cleared = (one for one in board.transitions() if one.ref.kind is Kind.ALERT)
        assert isinstance(raised.after, Alert)
        assert raised.after.about == deployment().ref
        assert (raised.before, cleared.after) == (None, None)

    def test_what_changes_in_an_act_is_its_doing(self, board: Recording) -> None:
        board.lists(deployment("2"))
        ref = deployment().ref
        act = Activity(
            source="prod", id="plan-7", name="rollback", action="rollback", about=ref,
            target="shop", state=ActivityState.RUNNING, actor="alice@bastion", cause="INC-1",
            created_at=at(0),
        )  # fmt: skip
        board.recorder.record(BoardEvent("", ActivityUpdate([act]), board.clocks.now()))
        board.lists(deployment("1"), seconds=10)
        done = {"state": ActivityState.SUCCEEDED, "finished_at": board.clocks.now()}
        board.recorder.record(
            BoardEvent("", ActivityUpdate([Activity(**{**vars(act), **done})]), board.clocks.now())
        )
        board.lists(deployment("9"), seconds=600)
        rolled_back, unknown = (one for one in board.transitions() if one.ref == ref)
        assert (rolled_back.actor, rolled_back.act) == ("alice@bastion", "plan-7")
        assert (unknown.actor, unknown.act) == ("", "")
        states = [
            one.after.state
            for one in board.transitions()
            if isinstance(one.after, Activity) and one.actor == "alice@bastion"
        ]
        assert states == [ActivityState.RUNNING, ActivityState.SUCCEEDED]


class TestRestarts:
    def test_what_differs_has_become_so_in_between(self, tmp_path: Path, clocks: SetClocks) -> None:
        with recording(tmp_path, clocks) as first:
            first.lists(deployment("1"), deployment("1", name="gone"), deployment("1", name="same"))
            first.ends()
        clocks.go_on(3_600)
        with recording(tmp_path, clocks) as second:
            second.lists(deployment("2"), deployment("1", name="same"), deployment("1", name="new"))
            found = {one.ref.id: one for one in second.transitions()}
            assert sorted(found) == ["shop/gone", "shop/new", "shop/shop"]
            left, back = NOON + timedelta(seconds=1), NOON + timedelta(seconds=3_602)
            assert {(one.earliest, one.at) for one in found.values()} == {(left, back)}
            assert values([found["shop/shop"], found["shop/gone"], found["shop/new"]]) == [
                ("1", "2"),
                ("1", None),
                (None, "1"),
            ]
            assert [(g.since, g.until, g.reason) for g in second.gaps()] == [
                (left, back, GapReason.NO_BOARD)
            ]

    def test_nothing_is_gone_before_the_list_is_complete(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        with recording(tmp_path, clocks) as first:
            first.lists(deployment("1"), deployment("1", name="b"))
            first.ends()
        with recording(tmp_path, clocks) as second:
            second.yields(Upsert("all", [deployment("1")]))
            assert second.transitions() == []
            second.yields(Upsert("all", [deployment("1", name="b")]))
            second.yields(Complete("all", frozenset({deployment().ref, deployment(name="b").ref})))
            assert second.transitions() == []

    def test_an_alert_that_goes_on_is_not_raised_again(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        for _ in range(2):
            with recording(tmp_path, clocks) as one:
                one.lists(deployment("1", Status.FAILED))
                one.ends()
                clocks.go_on(60)
        with recording(tmp_path, clocks) as last:
            last.lists(deployment("2"))
            alerts = [t for t in last.transitions(baselines=True) if t.ref.kind is Kind.ALERT]
            assert [alert.after is None for alert in alerts] == [False, True]

    def test_a_field_that_an_earlier_program_did_not_have_is_no_change(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        with recording(tmp_path, clocks) as first:
            first.lists(deployment("1"))
            first.ends()
        with closing(sqlite3.connect(first.recorder.ledger.file)) as database, database:
            (fields,) = database.execute("SELECT fields FROM layout").fetchone()
            older = json.dumps([name for name in json.loads(fields) if name != "commit"])
            database.execute("UPDATE layout SET fields = ?", (older,))
        with recording(tmp_path, clocks) as second:
            one = deployment("1")
            second.lists(type(one)(**{**vars(one), "commit": "f" * 40}))
            assert second.transitions() == []


class TestGaps:
    @pytest.mark.parametrize(
        ("condition", "reason"),
        [
            (Condition.FORBIDDEN, GapReason.RIGHT_LOST),
            (Condition.UNAUTHENTICATED, GapReason.RIGHT_LOST),
            (Condition.UNREACHABLE, GapReason.SOURCE_DOWN),
            (Condition.THROTTLED, GapReason.SOURCE_DOWN),
            (Condition.BROKEN, GapReason.SOURCE_DOWN),
        ],
    )
    @pytest.mark.parametrize("scope", ["all", None])
    def test_a_source_that_fails_is_one_and_nothing_is_removed(
        self, board: Recording, condition: Condition, reason: GapReason, scope: str | None
    ) -> None:
        board.lists(deployment("1"))
        board.yields(failing(condition, scope), seconds=10)
        (open_gap,) = [g for g in board.reader.gaps() if g.scope == "all" and g.until is None]
        assert (open_gap.since, open_gap.reason) == (NOON + timedelta(seconds=1), reason)
        board.lists(deployment("2"), seconds=100)
        assert reasons(board) == [reason]
        (changed,) = (one for one in board.transitions() if one.ref == deployment().ref)
        assert changed.earliest == NOON + timedelta(seconds=1)

    def test_not_modified_ends_one(self, board: Recording) -> None:
        board.lists(deployment("1"))
        board.yields(failing(Condition.UNREACHABLE), seconds=10)
        board.yields(Fresh("all"), seconds=10)
        assert reasons(board) == [GapReason.SOURCE_DOWN]
        state = board.reader.at(board.clocks.now() - timedelta(milliseconds=1))
        (one,) = state.of_kind(Kind.DEPLOYMENT)
        assert one.gap is not None

    def test_a_scope_that_is_listed_no_longer_loses_nothing(self, board: Recording) -> None:
        board.lists(deployment("1", Status.FAILED))
        board.yields(ScopeRemoved("all"), seconds=10)
        assert board.transitions() == []
        board.lists(deployment("1", Status.FAILED), seconds=600)
        assert board.transitions() == []
        assert reasons(board) == [GapReason.UNLISTED]
        board.yields(ScopeRemoved("all"), seconds=10)
        board.lists(seconds=600)
        assert {one.ref.kind for one in board.transitions()} == {Kind.DEPLOYMENT, Kind.ALERT}

    def test_a_scope_that_is_deleted_for_certain_is_gone(self, board: Recording) -> None:
        board.lists(deployment("1"))
        board.yields(ScopeRemoved("all", deleted=True), seconds=10)
        assert values(board.transitions()) == [("1", None)]

    def test_a_look_that_is_long_overdue_was_none(self, board: Recording) -> None:
        board.yields(Due("all", 15))
        board.lists(deployment("1"))
        board.lists(deployment("1"), seconds=60)
        assert reasons(board) == []
        board.lists(deployment("1"), seconds=300)
        assert reasons(board) == [GapReason.SOURCE_DOWN]

    def test_a_machine_that_slept_did_not_look(self, board: Recording) -> None:
        board.lists(deployment("1"))
        board.yields(Fresh("all", streaming=True))
        board.clocks.sleep(3_600)
        board.yields(Upsert("all", [deployment("2")]), Fresh("all", streaming=True))
        (gap,) = board.gaps()
        assert gap.reason is GapReason.SUSPENDED
        assert gap.until is not None
        assert gap.since is not None
        assert gap.until - gap.since > timedelta(minutes=59)
        assert board.gaps("opsboard")[0].reason is GapReason.SUSPENDED

    @pytest.mark.parametrize("seconds", [-3_600, 3_600])
    def test_a_clock_that_was_set_says_nothing_in_between(
        self, board: Recording, seconds: float
    ) -> None:
        board.lists(deployment("1"))
        board.clocks.set_by(seconds)
        board.recorder.step()
        board.lists(deployment("2"), seconds=1)
        (gap,) = board.gaps()
        assert gap.reason is GapReason.CLOCK_JUMP
        assert gap.since is not None
        assert gap.until is not None
        assert gap.until - gap.since == timedelta(hours=1)
        assert values(board.transitions()) == [("1", "2")]
        (state,) = board.reader.at(NOON + timedelta(hours=2)).entities
        assert state.record == deployment("2"), "the order is that in which it came"


class TestWhoseItIs:
    def test_a_rotated_token_keeps_it(self, tmp_path: Path, clocks: SetClocks) -> None:
        for login in ("first", "second"):
            made = Recording(tmp_path, clocks, login=login)
            made.lists(deployment(login))
            made.ends()
        assert values(made.transitions()) == [("first", "second")]
        made.close()

    def test_another_principal_sees_nothing_of_it(self, tmp_path: Path, clocks: SetClocks) -> None:
        for name in ("alice", "bob"):
            with recording(tmp_path, clocks, name) as made:
                made.lists(deployment(name))
                assert made.transitions() == []
                state = made.reader.at(clocks.now()).records(Kind.DEPLOYMENT)
                assert state == [deployment(name)]
                made.ends()

    def test_nobody_named_sees_what_the_same_login_has_seen(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        for login, seen in (("one", []), ("two", []), ("one", [("one", "one again")])):
            made = Recording(tmp_path, clocks, principal=None, login=login)
            made.lists(deployment(f"{login} again" if seen else login))
            assert values(made.transitions()) == seen
            made.ends()
            made.close()

    def test_without_principal_and_login_nothing_is_kept(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        made = Recording(tmp_path, clocks, principal=None, login="")
        made.lists(deployment("1"))
        assert made.recorder.source_ids() == {}
        made.close()

    def test_who_asks_may_become_somebody_else(self, board: Recording) -> None:
        board.lists(deployment("1"))
        board.recorder.identify(
            "prod", "Kubernetes", "https://cluster.example", Principal(name="b")
        )
        board.recorder.step()
        assert board.reader.at(board.clocks.now()).entities == ()
        board.lists(deployment("2"))
        assert values(board.transitions(baselines=True)) == [(None, "2")]


class TestWhatSourcesRemember:
    def test_is_marked_and_fills_what_nobody_saw(self, board: Recording) -> None:
        board.yields(failing(Condition.STARTING, "all"))
        past = Past("all", [PastRecord(deployment().ref, at(-60), deployment("0"), "ReplicaSet")])
        board.lists(deployment("1"))
        board.yields(past)
        board.yields(past)
        told, first = board.transitions(baselines=True)
        assert (told.backfilled, told.rule, told.at) == (True, "ReplicaSet", at(-60))
        assert first.baseline
        (state,) = board.reader.at(at(-30)).entities
        assert state.record == deployment("0")
        assert not state.watched

    def test_never_replaces_what_was_seen(self, board: Recording) -> None:
        board.lists(deployment("1"))
        board.lists(deployment("1"), seconds=60)
        told = PastRecord(deployment().ref, NOON + timedelta(seconds=30), deployment("9"))
        board.yields(Past("all", [told]))
        assert board.transitions() == []

    def test_fills_a_gap(self, board: Recording) -> None:
        board.lists(deployment("1"))
        board.yields(failing(Condition.UNREACHABLE))
        board.lists(deployment("3"), seconds=600)
        told = PastRecord(deployment().ref, NOON + timedelta(seconds=300), deployment("2"))
        board.yields(Past("all", [told]))
        found = [one for one in board.transitions() if one.ref == deployment().ref]
        assert values(found) == [("1", "2"), ("2", "3")]


def test_what_is_a_secret_is_not_kept(tmp_path: Path, clocks: SetClocks) -> None:
    redactor = Redactor()
    made = Recording(tmp_path, clocks, redactor=redactor)
    one = deployment("1")
    redactor.register_secret("hunter2-hunter2-hunter2")
    made.lists(type(one)(**{**vars(one), "message": "token hunter2-hunter2-hunter2 is refused"}))
    made.ends()
    (state,) = made.reader.at(clocks.now()).entities
    assert state.record is not None
    assert "hunter2" not in state.record.message
    made.close()


def test_no_text_that_enters_the_ledger_holds_a_secret(tmp_path: Path, clocks: SetClocks) -> None:
    redactor = Redactor()
    made = Recording(tmp_path, clocks, redactor=redactor)
    secret = "hunter2-hunter2-hunter2"
    redactor.register_secret(secret)
    made.lists(deployment("1"))
    made.yields(failing(Condition.UNREACHABLE, "all", f"no answer: {secret} is refused"))
    (gap,) = (gap for gap in made.reader.gaps() if gap.note)
    made.lists(deployment("1"), seconds=60)
    made.yields(Past("all", [PastRecord(deployment().ref, NOON, deployment("0"), secret, secret)]))
    (ended,) = made.gaps()
    for note in (gap.note, ended.note):
        assert note == "unreachable: no answer: *** is refused"
    told = [(one.actor, one.rule) for one in made.transitions(baselines=True)]
    assert ("***", "***") in told
    made.close()


def test_a_removal_in_a_stream_is_exact(board: Recording) -> None:
    board.lists(deployment("1"))
    board.yields(Fresh("all", streaming=True))
    board.yields(Remove("all", [deployment().ref]), seconds=40)
    (gone,) = board.transitions()
    assert gone.after is None
    assert gone.is_exact


class TestTwoPrograms:
    def test_one_records_and_the_other_takes_over_when_it_is_silent(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        first, second = Recording(tmp_path, clocks), Recording(tmp_path, clocks)
        for revision in ("1", "2"):
            for made in (first, second):
                made.lists(deployment(revision), seconds=5)
        assert values(second.transitions()) == [("1", "2")]
        died = clocks.now()
        first.is_killed()
        second.lists(deployment("3"), seconds=5)
        assert values(second.transitions()) == [("1", "2")], "it may still be alive"
        while len(second.transitions()) < 2:
            second.lists(deployment("3"), seconds=5)
        assert clocks.now() - died <= timedelta(seconds=30)
        assert reasons(second) == [GapReason.WRITER_LOST]
        second.close()

    def test_one_that_was_taken_for_dead_writes_no_more(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        first, second = Recording(tmp_path, clocks), Recording(tmp_path, clocks)
        first.lists(deployment("1"))
        second.lists(deployment("1"))
        second.waits(25)  # the first one hangs
        second.lists(deployment("2"))
        for made in (first, second):
            made.lists(deployment("3"), seconds=5)
        assert values(second.transitions()) == [("1", "2"), ("2", "3")]
        assert not first.recorder.problem
        first.close()
        second.close()

    def test_one_that_ends_leaves_its_scopes_to_the_other(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        first, second = Recording(tmp_path, clocks), Recording(tmp_path, clocks)
        first.lists(deployment("1"))
        second.lists(deployment("1"))
        first.ends()
        second.lists(deployment("2"), seconds=2)
        assert values(second.transitions()) == [("1", "2")]
        second.close()


class TestWhatIsStillToCome:
    def test_between_two_looks_a_board_that_runs_is_not_said_not_to_run(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        with recording(tmp_path, clocks) as board:
            board.yields(Due("all", 120.0))
            board.lists(deployment("1"))
            board.waits(40)
            now = clocks.now()
            (gap,) = (gap for gap in board.reader.at(now).gaps if gap.scope == "all")
            assert (gap.reason, gap.until) == (GapReason.NOT_AGAIN, None)
            assert not gaps_within(board.reader, now - timedelta(seconds=30), now)
            board.is_killed()
            later = now + timedelta(minutes=5)
            reasons = {gap.scope: gap.reason for gap in board.reader.at(later).gaps}
            assert reasons["all"] is GapReason.NO_BOARD

    def test_a_name_under_which_nothing_is_listed_is_no_part_that_nobody_watched(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        live, starting = Health(condition=Condition.LIVE), Health(condition=Condition.STARTING)
        with recording(tmp_path, clocks) as board:
            board.yields(Report(starting, "cluster"), seconds=6)
            assert "cluster" in {gap.scope for gap in board.reader.gaps()}, "it may list yet"
            board.yields(Report(live, "cluster"), seconds=6)
            board.lists(deployment("1"))
            assert {gap.scope for gap in board.reader.gaps()} == {"all", OWN_SCOPE}
            board.yields(failing(Condition.FORBIDDEN, "cluster"), seconds=6)
            assert "cluster" in {gap.scope for gap in board.reader.at(clocks.now()).gaps}
            board.yields(Report(live, "cluster"), seconds=6)
            assert "cluster" not in {gap.scope for gap in board.reader.gaps()}

    def test_a_board_that_ends_before_its_first_look_takes_nothing_back(
        self, tmp_path: Path, clocks: SetClocks
    ) -> None:
        with recording(tmp_path, clocks) as board:
            board.lists(deployment("1"))
            board.ends()
        with recording(tmp_path, clocks) as hasty:
            hasty.yields(Upsert("all", [deployment("1")]), seconds=60)
            hasty.ends()
        with recording(tmp_path, clocks) as board:
            board.lists(deployment("2"), seconds=60)
            (gap,) = board.gaps()
            assert gap.since == at(1 / 60)


class TestAConfigThatHasChanged:
    def test_nobody_looks_at_a_source_that_has_left_however_long_the_board_goes_on(
        self, board: Recording
    ) -> None:
        board.lists(deployment("1"))
        board.yields(Fresh("all", streaming=True))
        board.waits(60)
        left = board.clocks.now()
        board.recorder.forget_source("prod")
        board.waits(3_600)
        board.recorder.identify("prod", "Kubernetes", ADDRESS, Principal(name="alice"))
        board.lists(deployment("2"))
        board.waits(6)
        (gap,) = board.gaps()
        assert gap.since is not None
        assert gap.until is not None
        assert left - gap.since < timedelta(seconds=10)
        assert gap.until - left > timedelta(minutes=59)
        assert gap.note == "the config has changed"
        (changed,) = board.transitions()
        assert values([changed]) == [("1", "2")]
        assert changed.earliest is not None
        assert changed.earliest <= left + timedelta(seconds=10)

    def test_another_server_of_the_same_name_is_never_recorded_as_the_one_before(
        self, board: Recording
    ) -> None:
        board.lists(deployment("1"))
        before = dict(board.recorder.source_ids())
        board.recorder.record(BoardEvent("prod", Upsert("all", [deployment("7")]), NOON))
        board.recorder.forget_source("prod")  # what waits of it is dropped, not given to the next
        board.lists(deployment("8"))  # whose this is, is not known yet
        assert board.recorder.source_ids() == {}
        board.recorder.identify("prod", "Kubernetes", "https://other.example", None)
        board.waits(6)
        board.lists(deployment("9"))
        assert board.recorder.source_ids() != before
        assert [one.after and one.after.revision for one in board.transitions(baselines=True)] == [  # type: ignore[attr-defined]
            "8", "9",
        ]  # fmt: skip
        old = board.recorder.ledger.reader(before)
        board.readers.append(old)
        day = timedelta(days=1)
        kept = old.transitions(NOON - day, NOON + day, baselines=True)
        assert [one.after and one.after.revision for one in kept] == ["1"]  # type: ignore[attr-defined]
