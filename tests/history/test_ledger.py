"""What is written into the ledger is read again: by whom it belongs to, and by nobody else."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsboard.history.ledger import Ledger
from opsboard.history.ledger_file import FILE_NAME
from opsboard.history.model import Gap, GapReason
from opsboard.history.reader import LedgerReader
from opsboard.history.state import EntityState
from opsboard.records import Alert, Kind, Ref, Status
from tests.history.samples import ALICE, BOB, NOON, at, deployment, new


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path)
    yield ledger
    ledger.close()


@pytest.fixture
def source(ledger: Ledger) -> int:
    return ledger.source(ALICE, "prod", "Kubernetes", NOON)


@pytest.fixture
def reader(ledger: Ledger) -> Iterator[LedgerReader]:
    reader = ledger.reader({"prod": ALICE})
    yield reader
    assert not reader.problem
    reader.close()


def only(reader: LedgerReader, minutes: float) -> EntityState | None:
    found = reader.at(at(minutes)).entities
    assert len(found) <= 1
    return found[0] if found else None


class TestTheStateAtATime:
    def test_is_the_last_transition_until_then(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append(
            [
                new(source, 1, deployment("1"), baseline=True),
                new(source, 5, deployment("2")),
                new(source, 9, None),
            ]
        )
        assert only(reader, 0) is None
        for minutes, revision in ((1, "1"), (4.9, "1"), (5, "2"), (8.9, "2")):
            found = only(reader, minutes)
            assert found is not None
            assert found.record == deployment(revision)
            assert not found.uncertain
        assert only(reader, 9) is None

    def test_between_two_looks_both_are_told_with_the_interval(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append(
            [new(source, 1, deployment("1")), new(source, 5, deployment("2"), earliest=3)]
        )
        found = only(reader, 4)
        assert found is not None
        assert (found.record, found.next_record) == (deployment("1"), deployment("2"))
        assert found.change == (at(3), at(5))
        before = only(reader, 2.9)
        assert before is not None
        assert not before.uncertain
        assert (before.since, before.until) == (at(1), at(5))

    def test_what_came_or_went_between_two_looks_may_have_been_there(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append(
            [new(source, 5, deployment("1"), earliest=3), new(source, 9, None, earliest=7)]
        )
        came, went = only(reader, 4), only(reader, 8)
        assert came is not None
        assert went is not None
        assert (came.record, came.next_record) == (None, deployment("1"))
        assert (went.record, went.next_record) == (deployment("1"), None)
        assert only(reader, 2) is None

    def test_as_seen_is_what_was_known_then(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append(
            [
                new(source, 1, deployment("1")),
                new(source, 5, deployment("2"), seen=8),
                new(source, 6, deployment("3"), seen=20, backfilled=True),
            ]
        )
        state = reader.at(at(7), as_seen=True)
        assert [one.record for one in state.entities] == [deployment("1")]
        assert [one.record for one in reader.at(at(7)).entities] == [deployment("3")]
        assert [one.record for one in reader.at(at(9), as_seen=True).entities] == [deployment("2")]

    def test_what_is_backfilled_never_replaces_what_was_seen(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append([new(source, 5, deployment("2"))])
        ledger.append([new(source, 5, deployment("9"), backfilled=True)])
        ledger.append([new(source, 3, deployment("1"), backfilled=True)] * 2)
        found = only(reader, 5)
        assert found is not None
        assert found.record == deployment("2")
        earlier = reader.transitions(at(0), at(9))
        assert [(one.at, one.backfilled) for one in earlier] == [(at(3), True), (at(5), False)]

    def test_of_a_time_of_whole_seconds_it_does_not_tell_the_same_again(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        second = 1 / 60
        ledger.append([new(source, 5 + second, deployment("2"), earliest=5)])
        ledger.append([new(source, 5, deployment("2"), backfilled=True)])
        assert [one.shown_at for one in reader.transitions(at(0), at(9))] == [at(5)]
        ledger.append([new(source, 8, deployment("3"), earliest=6)])
        ledger.append([new(source, 7, deployment("3"), backfilled=True)])
        assert len(reader.transitions(at(6), at(9))) == 2, "it was between two looks: that is more"

    def test_may_be_asked_for_one_kind(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        alert = Alert(source="prod", id="1", name="x", since=NOON, about=deployment().ref)
        ledger.append([new(source, 1, deployment("1")), new(source, 1, alert)])
        assert reader.at(at(2), kinds=[Kind.ALERT]).records(Kind.ALERT) == [alert]
        assert reader.at(at(2), kinds=[Kind.ALERT]).records(Kind.DEPLOYMENT) == []
        assert len(reader.at(at(2)).entities) == 2


class TestTransitions:
    def test_have_before_and_after_and_who(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append(
            [
                new(source, 1, deployment("1"), baseline=True),
                new(source, 5, deployment("2"), actor="carol", act="plan-7", earliest=4),
                new(source, 9, None),
            ]
        )
        changed, gone = reader.transitions(at(0), at(20))
        assert (changed.before, changed.after) == (deployment("1"), deployment("2"))
        assert (changed.actor, changed.act) == ("carol", "plan-7")
        assert (changed.earliest, changed.at) == (at(4), at(5))
        assert not changed.is_exact
        assert (gone.before, gone.after, gone.ref) == (deployment("2"), None, deployment().ref)
        assert len(reader.transitions(at(0), at(20), baselines=True)) == 3

    def test_the_first_look_says_nothing_of_what_was_before(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append(
            [
                new(source, 1, deployment("1"), backfilled=True, seen=5),
                new(source, 5, deployment("2"), baseline=True),
            ]
        )
        *_, first = reader.transitions(at(0), at(20), baselines=True)
        assert first.baseline
        assert first.before is None

    def test_may_be_asked_for_records_and_for_the_newest(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append([new(source, n, deployment(str(n), name=f"app{n % 2}")) for n in range(6)])
        odd = deployment(name="app1").ref
        found = reader.transitions(at(-1), at(9), refs=[odd])
        assert [one.at for one in found] == [at(1), at(3), at(5)]
        newest = reader.transitions(at(-1), at(9), newest_first=True, limit=2)
        assert [one.at for one in newest] == [at(5), at(4)]
        assert reader.transitions(at(-1), at(9), refs=[Ref("prod", Kind.POD, "none")]) == []

    def test_neighbours_are_the_changes_next_to_a_time(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append([new(source, n, deployment(str(n))) for n in (1, 5, 9)])
        assert reader.neighbours(at(5)) == (at(1), at(9))
        assert reader.neighbours(at(1)) == (None, at(5))
        assert reader.neighbours(at(10)) == (at(9), None)

    def test_the_first_look_is_no_change_to_step_to(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append([new(source, 1, deployment("1"), baseline=True)])
        assert reader.neighbours(at(0)) == (None, None)
        assert reader.neighbours(at(2)) == (None, None)


class TestWhoseItIs:
    def test_another_principal_sees_nothing_of_it(self, ledger: Ledger, source: int) -> None:
        ledger.append([new(source, 1, deployment("1"))])
        for other in (BOB, ALICE._replace(principal="", login="hash"), ALICE._replace(address="x")):
            reader = ledger.reader({"prod": other})
            assert reader.at(at(2)).entities == ()
            assert reader.transitions(at(0), at(9)) == []
            assert reader.neighbours(at(0)) == (None, None)
            assert reader.gaps() == []
            reader.close()

    def test_the_source_may_be_called_something_else_later(
        self, ledger: Ledger, source: int
    ) -> None:
        about = deployment().ref
        alert = Alert(source="prod", id="1", name="x", since=NOON, about=about)
        ledger.append([new(source, 1, deployment("1")), new(source, 1, alert)])
        reader = ledger.reader({"cluster": ALICE})
        state = reader.at(at(2))
        assert state.records(Kind.DEPLOYMENT) == [deployment("1", source="cluster")]
        (found,) = state.records(Kind.ALERT)
        assert isinstance(found, Alert)
        assert found.about == about._replace(source="cluster")
        reader.close()

    def test_a_source_has_one_number_whatever_its_token(self, ledger: Ledger, source: int) -> None:
        assert ledger.source(ALICE, "renamed", "Kubernetes", at(5), login="key") == source
        assert ledger.source(BOB, "prod", "Kubernetes", at(5)) != source


class TestGaps:
    def test_before_the_first_look_and_after_the_last_nobody_looked(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.set_watch(source, "all", at(1))
        ledger.set_watch(source, "all", at(7))
        assert reader.gaps() == [
            Gap("prod", "all", None, at(1), GapReason.NO_BOARD),
            Gap("prod", "all", at(7), None, GapReason.NO_BOARD),
        ]

    def test_what_is_within_a_gap_is_not_known(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.append([new(source, 1, deployment("1"))])
        gap = Gap("prod", "all", at(3), at(6), GapReason.RIGHT_LOST, "403")
        ledger.add_gap(source, "all", gap)
        ledger.set_watch(source, "all", at(0))
        ledger.set_watch(source, "all", at(9))
        inside, outside = only(reader, 4), only(reader, 7)
        assert inside is not None
        assert outside is not None
        assert (inside.gap, inside.watched) == (gap, False)
        assert (outside.gap, outside.watched) == (None, True)
        assert reader.at(at(4)).gaps == (gap,)

    def test_an_open_gap_tells_its_reason(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        ledger.set_watch(source, "all", at(1))
        ledger.set_watch(source, "all", at(1), reason=GapReason.SOURCE_DOWN, note="no answer")
        *_, last = reader.gaps()
        assert last == Gap("prod", "all", at(1), None, GapReason.SOURCE_DOWN, "no answer")


class TestTheFile:
    def test_is_for_this_user_alone(self, ledger: Ledger, source: int, tmp_path: Path) -> None:
        ledger.append([new(source, 1, deployment(status=Status.FAILED))])
        files = [file for file in tmp_path.iterdir() if file.name.startswith(FILE_NAME)]
        assert files
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}

    def test_that_is_missing_has_no_history(self, tmp_path: Path) -> None:
        reader = Ledger(tmp_path / "none").reader({"prod": ALICE})
        assert reader.at(NOON).entities == ()
        assert reader.gaps() == []
        assert not reader.problem
        assert not (tmp_path / "none").exists()

    def test_a_batch_is_written_whole_or_not_at_all(
        self, ledger: Ledger, source: int, reader: LedgerReader
    ) -> None:
        batch = ledger.batch()
        batch.__enter__()
        ledger.append([new(source, 1, deployment("1"))])
        assert not batch.__exit__(RuntimeError, RuntimeError("broken off"), None)
        assert only(reader, 2) is None
        ledger.append([new(source, 1, deployment("1"))])
        assert only(reader, 2) is not None
