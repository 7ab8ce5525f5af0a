"""A clock that is wrong by years, for an hour: what was recorded stays, and nothing false is."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from opsboard.history.model import GapReason
from opsboard.records import Deployment
from tests.history.recording import Recording, SetClocks, values
from tests.history.samples import NOON, at, deployment

YEARS = 10 * 365 * 86_400.0
HOURS = timedelta(hours=3)


def told(revision: str, minutes: float = -60) -> Deployment:
    """Return a deployment whose server tells when it was made."""
    return replace(deployment(revision), created_at=at(minutes))


@pytest.fixture
def clocks() -> SetClocks:
    return SetClocks()


def _revision(made: Recording, minutes: float) -> tuple[str, bool]:
    """Return what was live at *minutes*, and whether that is known for certain."""
    state = made.reader.at(at(minutes))
    (one,) = state.entities
    return getattr(one.record, "revision", ""), one.watched and not one.uncertain


@pytest.mark.parametrize("restarts", [False, True])
def test_ahead_and_back(tmp_path: Path, clocks: SetClocks, restarts: bool) -> None:
    made = Recording(tmp_path, clocks)
    made.lists(told("1"), seconds=60)
    clocks.set_by(YEARS)
    made.lists(told("2"), seconds=60)
    made.lists(told("3"), seconds=60)
    if restarts:
        made.ends()
        made = Recording(tmp_path, clocks)
        made.lists(told("3"), seconds=60)
    clocks.set_by(-YEARS)
    for _ in range(3):
        made.lists(told("3"), seconds=60)
    set_right = (clocks.now() - NOON) / timedelta(minutes=1)
    made.lists(told("4"), seconds=600)
    made.lists(told("4"), seconds=60)
    assert values(made.transitions()) == [("1", "2"), ("2", "3"), ("3", "4")]
    assert all(one.at <= clocks.now() for one in made.transitions(baselines=True))
    assert _revision(made, set_right - 0.5) == ("3", True)
    assert _revision(made, set_right + 10.5) == ("4", True)
    assert _revision(made, 1.5)[1] is False, "under the false clock, nobody knows when it was"
    assert {gap.reason for gap in made.gaps()} >= {GapReason.CLOCK_JUMP}
    assert all(gap.until and gap.until <= clocks.now() for gap in made.gaps())
    assert not made.recorder.problem
    made.close()


@pytest.mark.parametrize("restarts", [False, True])
def test_behind_and_right_again(tmp_path: Path, clocks: SetClocks, restarts: bool) -> None:
    made = Recording(tmp_path, clocks)
    made.lists(told("1"), seconds=60)
    made.lists(told("2"), seconds=60)
    if restarts:
        made.ends()
    clocks.set_by(-YEARS)
    if restarts:
        made = Recording(tmp_path, clocks)
    for _ in range(3):
        made.lists(told("3"), seconds=60)
    assert "nothing of it is recorded until the clock is set" in made.recorder.problem
    clocks.set_by(YEARS)
    for _ in range(3):
        made.lists(told("3"), seconds=60)
    assert made.recorder.problem == ""
    assert values(made.transitions()) == [("1", "2"), ("2", "3")]
    assert _revision(made, 1.5) == ("1", False), "between two looks"
    assert _revision(made, 2.5)[1] is False
    assert _revision(made, (clocks.now() - NOON) / timedelta(minutes=1) - 1) == ("3", True)
    (gap,) = made.gaps()
    assert (gap.reason, gap.since) == (GapReason.CLOCK_JUMP, at(2))
    made.close()


def test_without_a_servers_word_nothing_is_taken_back(tmp_path: Path, clocks: SetClocks) -> None:
    made = Recording(tmp_path, clocks)
    made.lists(deployment("1"))
    made.ends()
    clocks.set_by(-YEARS)
    made = Recording(tmp_path, clocks)
    made.lists(deployment("2"), seconds=60)
    assert "the clock of this machine says 2016-" in made.recorder.problem
    assert [one.at for one in made.transitions(baselines=True)] == [at(1 / 60)]
    made.close()
