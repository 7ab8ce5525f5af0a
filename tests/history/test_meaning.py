"""When something became so, by the times that sources stamp and by when somebody looked."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from opsboard.history.meaning import Dated, dated
from opsboard.history.timeline import event_of
from opsboard.records import BuildJob
from tests.history.sample_changes import changed, deployment
from tests.history.samples import NOON

MILLI = timedelta(milliseconds=1)
WITHIN = st.integers(0, 4_000).map(lambda number: NOON + number * MILLI)


def _job(state: str, finished: datetime | None) -> BuildJob:
    return BuildJob(
        source="prod", id="1", name="ci", build="1", repository="acme/shop", state=state,
        created_at=NOON - timedelta(hours=1), finished_at=finished,
    )  # fmt: skip


def _stamped(time: datetime) -> datetime:
    return time.replace(microsecond=0)


def _holds(found: Dated, true: datetime) -> bool:
    return found.at == true if found.earliest is None else found.earliest <= true <= found.at


@given(st.lists(WITHIN, min_size=3, max_size=3, unique=True))
def test_a_time_of_whole_seconds_is_any_within_that_second(times: list[datetime]) -> None:
    looked, true, seen = sorted(times)
    found = dated(_job("running", None), _job("success", _stamped(true)), seen, looked)
    assert _holds(found, true)
    assert looked <= (found.earliest or found.at), "it was not so yet at the look"
    assert found.at <= seen
    assert found.at - (found.earliest or found.at) <= timedelta(seconds=1)


@given(st.lists(WITHIN, min_size=2, max_size=6, unique=True))
def test_of_a_stream_they_stand_in_the_order_in_which_they_were_seen(times: list[datetime]) -> None:
    known, last = _job("running", None), NOON - timedelta(minutes=1)
    for number, true in enumerate(sorted(times)):
        now = _job(f"state-{number}", _stamped(true))
        found = dated(known, now, true + MILLI, None, last)
        assert last <= (found.earliest or found.at) <= found.at
        assert found.at <= true + MILLI
        known, last = now, found.at


@given(WITHIN.filter(lambda time: bool(time.microsecond)))
def test_a_finer_time_is_taken_as_it_is(true: datetime) -> None:
    seen = true + timedelta(seconds=9)
    found = dated(_job("running", None), _job("success", true), seen, NOON - timedelta(seconds=9))
    assert found == Dated(true)


def test_what_is_known_to_the_second_is_shown_as_the_source_has_it() -> None:
    change = changed(deployment(), deployment(tag="v56"), 0)
    stamp, second = _stamped(change.at), timedelta(seconds=1)
    vars(change).update(at=stamp + second, earliest=stamp)
    assert (event_of(change).at, event_of(change).earliest) == (stamp, None)
    vars(change).update(earliest=stamp - second)
    assert (event_of(change).at, event_of(change).earliest) == (stamp + second, stamp - second)
