"""What is too old, too much, or to be forgotten is deleted; what is left is still true."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from opsboard.history.forgetting import TRIES, forget, journal_of
from opsboard.history.ledger import Ledger
from opsboard.history.model import Gap, GapReason
from opsboard.history.overview import recorded
from opsboard.history.retention import Housekeeping, Retention, size_of
from opsboard.records import Drift, Kind, Status
from tests.history.recording import Recording, SetClocks, values
from tests.history.samples import ALICE, BOB, NOON, at, deployment, new

DAY = 24 * 60


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path)
    yield ledger
    ledger.close()


@pytest.fixture
def source(ledger: Ledger) -> int:
    return ledger.source(ALICE, "prod", "Kubernetes", NOON)


def keep_house(ledger: Ledger, retention: Retention, minutes: float) -> None:
    house = Housekeeping(ledger)
    for _ in range(20):
        house.step(retention, at(minutes))


class TestAge:
    def test_what_was_so_when_memory_begins_stays(self, ledger: Ledger, source: int) -> None:
        ledger.append([new(source, day * DAY, deployment(str(day))) for day in range(10)])
        gone = deployment("1", name="gone")
        ledger.append([new(source, 1, gone), new(source, 2, None, ref=gone.ref)])
        ledger.set_watch(source, "all", at(0))
        ledger.add_gap(source, "all", Gap("prod", "all", at(5), at(6), GapReason.NO_BOARD))
        keep_house(ledger, Retention(keep=timedelta(days=3)), 9.5 * DAY)
        reader = ledger.reader({"prod": ALICE})
        first, *rest = reader.transitions(at(-DAY), at(20 * DAY), baselines=True)
        assert (first.at, first.baseline) == (at(6.5 * DAY), True)
        assert values([first, *rest]) == [(None, "6"), ("6", "7"), ("7", "8"), ("8", "9")]
        assert reader.at(at(3 * DAY)).entities == (), "nothing is known of what is deleted"
        assert all(gap.since is None or gap.since >= at(6.5 * DAY) for gap in reader.gaps()[:-1])
        reader.close()

    def test_the_file_keeps_within_its_size(self, ledger: Ledger, source: int) -> None:
        for day in range(40):
            names = (f"app{number}" for number in range(100))
            ledger.append([new(source, day * DAY, deployment(str(day), name=n)) for n in names])
        with ledger.reading() as database:
            before = size_of(database)
        keep_house(ledger, Retention(max_bytes=before - 1, keep=timedelta(days=400)), 41 * DAY)
        with ledger.reading() as database:
            assert size_of(database) < before
            pages, size = (
                database.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "page_size")
            )
        assert pages * size <= before, "what is deleted is given back"


class TestTheClock:
    @pytest.mark.parametrize("years", [10, -10, 50, 5000])
    def test_one_that_is_wrong_makes_nothing_old(
        self, ledger: Ledger, source: int, years: int
    ) -> None:
        ledger.append([new(source, day * DAY, deployment(str(day))) for day in range(10)])
        keep_house(ledger, Retention(keep=timedelta(days=30)), 10 * DAY)
        kept = recorded(ledger)[0].transitions
        for hour in range(12):  # of programs that are started anew, too
            keep_house(ledger, Retention(keep=timedelta(days=30)), years * 365 * DAY + hour * 60)
        assert recorded(ledger)[0].transitions == kept == 10
        keep_house(ledger, Retention(keep=timedelta(days=3)), 11 * DAY)
        assert recorded(ledger)[0].transitions < 4, "the time that was lived through goes on"

    def test_after_weeks_in_which_nothing_ran_what_is_old_goes_within_some_rounds(
        self, ledger: Ledger, source: int
    ) -> None:
        ledger.append([new(source, day * DAY, deployment(str(day))) for day in range(10)])
        for hour in range(50):
            keep_house(ledger, Retention(keep=timedelta(days=30)), 50 * DAY + hour * 60)
        assert recorded(ledger)[0].transitions == 1


class TestThinning:
    def test_of_old_series_one_value_an_hour_stays_and_each_crossing(
        self, ledger: Ledger, source: int
    ) -> None:
        def drift(minute: int) -> Drift:
            crossed = 30 <= minute < 40
            return Drift(
                source="prod", id="d", name="psi", model="fraud", metric="psi", value=float(minute),
                threshold=100.0, status=Status.FAILED if crossed else Status.OK,
            )  # fmt: skip

        ledger.append([new(source, minute, drift(minute)) for minute in range(120)])
        for day in (1, 2, 3):
            keep_house(ledger, Retention(thin_after=timedelta(days=1)), day * DAY)
        reader = ledger.reader({"prod": ALICE})
        left = reader.transitions(at(-1), at(DAY))
        kept = [one.after.value for one in left if isinstance(one.after, Drift)]
        assert kept == [0.0, 29.0, 30.0, 39.0, 40.0, 59.0, 119.0]
        reader.close()

    def test_what_is_no_series_stays(self, ledger: Ledger, source: int) -> None:
        ledger.append([new(source, minute, deployment(str(minute))) for minute in range(9)])
        keep_house(ledger, Retention(thin_after=timedelta(days=1)), 3 * DAY)
        reader = ledger.reader({"prod": ALICE})
        assert len(reader.transitions(at(-1), at(DAY))) == 9
        reader.close()


@contextmanager
def earlier_state(ledger: Ledger) -> Iterator[sqlite3.Connection]:
    """Let another connection read a state in which a word stands that is then forgotten."""
    with ledger.writing() as database:
        database.execute("UPDATE source SET title = 'tell-tale' WHERE name = 'prod'")
    reader = sqlite3.connect(ledger.file, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM source").fetchall()
    try:
        yield reader
    finally:
        reader.close()


def written(ledger: Ledger) -> bytes:
    """Return the bytes of all files of *ledger*."""
    return b"".join(one.read_bytes() for one in ledger.file.parent.glob(f"{ledger.file.name}*"))


class TestForgetting:
    @pytest.fixture
    def other(self, ledger: Ledger, source: int) -> int:
        number = ledger.source(BOB, "theirs", "Kubernetes", NOON)
        for one, word in ((source, "mine-all-mine"), (number, "theirs-alone")):
            ledger.append([new(one, n, deployment(f"{word}-{n}")) for n in range(9)])
            ledger.set_watch(one, "all", at(0))
        return number

    def test_one_source_is_gone_and_the_other_is_whole(
        self, ledger: Ledger, source: int, other: int
    ) -> None:
        forget(ledger, [source])
        assert [one.number for one in recorded(ledger)] == [other]
        assert recorded(ledger)[0].transitions == 9

    def test_nothing_of_it_is_left_in_the_files(
        self, ledger: Ledger, source: int, other: int, tmp_path: Path
    ) -> None:
        with ledger.writing() as database:
            database.execute("UPDATE source SET title = 'find-this-title' WHERE id = ?", (source,))
        forget(ledger, None)
        damaged = ledger.file.with_name(f"{ledger.file.name}.damaged")
        assert not damaged.exists()
        held = b"".join(file.read_bytes() for file in tmp_path.glob("history*"))
        for word in (b"find-this-title", b"shop/shop", b"cluster.example"):
            assert word not in held

    def test_a_reader_of_an_earlier_state_is_waited_for(
        self, ledger: Ledger, source: int, other: int
    ) -> None:
        with earlier_state(ledger) as reader:
            waited: list[float] = []

            def wait(seconds: float) -> None:
                waited.append(seconds)
                if len(waited) == 3:
                    reader.execute("ROLLBACK")

            assert forget(ledger, [source], wait=wait) == ()
            assert len(waited) == 3
            assert b"tell-tale" not in written(ledger)

    def test_what_a_reader_keeps_in_the_journal_is_told_and_the_next_time_it_goes(
        self, ledger: Ledger, source: int, other: int
    ) -> None:
        with earlier_state(ledger) as reader:
            waited: list[float] = []
            assert forget(ledger, [source], wait=waited.append) == (journal_of(ledger),)
            assert len(waited) == TRIES - 1
            assert b"tell-tale" in written(ledger)
            reader.execute("ROLLBACK")
            assert forget(ledger, [source], wait=waited.append) == ()
            assert b"tell-tale" not in written(ledger)

    def test_the_copy_of_a_damaged_file_is_told(
        self, ledger: Ledger, source: int, other: int
    ) -> None:
        damaged = ledger.file.with_name(f"{ledger.file.name}.damaged")
        damaged.write_bytes(b"tell-tale")
        assert forget(ledger, [source]) == (damaged,)
        assert forget(ledger, None) == ()
        assert not damaged.exists()

    def test_before_a_time(self, ledger: Ledger, source: int, other: int) -> None:
        forget(ledger, [source], at(4.5))
        reader = ledger.reader({"prod": ALICE})
        left = reader.transitions(at(-1), at(DAY), baselines=True)
        assert [one.at for one in left] == [at(4.5), at(5), at(6), at(7), at(8)]
        assert left[0].baseline
        reader.close()

    def test_who_records_goes_on_with_what_it_sees(self, tmp_path: Path) -> None:
        clocks = SetClocks()
        made = Recording(tmp_path, clocks)
        made.lists(deployment("1"))
        made.lists(deployment("2"))
        other = Ledger(tmp_path)
        forget(other, None)
        other.close()
        made.lists(deployment("2"), seconds=10)
        made.lists(deployment("3"), seconds=10)
        made.lists(deployment("4"), seconds=10)
        shown = values(made.transitions(baselines=True))
        assert shown[0][0] is None
        assert shown[-1] == ("3", "4")
        assert "1" not in {revision for pair in shown for revision in pair}
        made.close()


def test_the_overview_tells_whose_it_is_and_who_records(tmp_path: Path) -> None:
    made = Recording(tmp_path, SetClocks())
    made.lists(deployment("1"))
    (found,) = recorded(made.recorder.ledger)
    assert (found.address, found.principal) == ("https://cluster.example", "alice")
    assert (found.transitions, found.gaps) == (1, 0)
    assert len(found.writers) == 1
    assert made.reader.at(made.clocks.now()).records(Kind.DEPLOYMENT)
    made.close()


def test_the_room_of_the_first_states_does_not_stop_the_oldest_from_going(
    ledger: Ledger, source: int
) -> None:
    """Many records, each with a first state and a change: the oldest tenth are first states."""
    names = [f"app{number}" for number in range(300)]
    for day in range(2):
        ledger.append([new(source, day * DAY, deployment(str(day), name=n)) for n in names])
    ledger.append([new(source, 2 * DAY, deployment("2", name=n)) for n in names[:5]])
    with ledger.reading() as database:
        before = size_of(database)
    retention = Retention(max_bytes=before * 3 // 4, keep=timedelta(days=400))
    for minute in range(3):
        keep_house(ledger, retention, 3 * DAY + minute)
    with ledger.reading() as database:
        assert database.execute("SELECT count(*) FROM transition").fetchone()[0] < 400


def test_gaps_alone_do_not_grow_beyond_the_size(ledger: Ledger, source: int) -> None:
    ledger.set_watch(source, "all", at(0))
    note = "unreachable: " + "no answer " * 20
    with ledger.batch():
        for number in range(3_000):
            gap = Gap("prod", "all", at(number), at(number + 0.5), GapReason.SOURCE_DOWN, note)
            ledger.add_gap(source, "all", gap)
    with ledger.reading() as database:
        most = size_of(database) // 2
    for minute in range(3):
        keep_house(ledger, Retention(max_bytes=most, keep=timedelta(days=400)), 3_000 + minute)
    with ledger.reading() as database:
        assert size_of(database) <= most


def test_what_grows_too_fast_does_not_wait_for_the_next_hour(ledger: Ledger, source: int) -> None:
    house, retention = Housekeeping(ledger), Retention(max_bytes=150_000)
    for _ in range(3):
        house.step(retention, at(0))
    for number in range(3_000):
        ledger.append([new(source, number / 1_000, deployment(f"{number:x}" * 9))])
    with ledger.reading() as database:
        assert size_of(database) > retention.max_bytes
    for second in range(0, 600, 2):
        house.step(retention, at(5 + second / 60))
    with ledger.reading() as database:
        assert size_of(database) <= retention.max_bytes


def test_identities_that_nothing_states_any_more_go_with_what_is_too_old(
    ledger: Ledger, source: int
) -> None:
    ledger.append([new(source, 0, deployment("1"))])
    with ledger.writing() as database:
        database.execute("INSERT INTO identity (type, scope, value) VALUES ('image', '', 'old')")
    keep_house(ledger, Retention(), 1)
    with ledger.reading() as database:
        assert not database.execute("SELECT 1 FROM identity WHERE value = 'old'").fetchall()
