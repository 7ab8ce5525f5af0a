"""The status that a table tells in a word, and that no word is guessed."""

import pytest

from opsboard.adapter import ListingColumn
from opsboard.records import Status
from opsboard_adapters.kubernetes.printed_status import printed_status, status_columns


@pytest.mark.parametrize(
    ("column", "cell", "status"),
    [
        ("Status", "Ready", Status.OK),
        ("Status", "Ready,SchedulingDisabled", Status.WARNING),
        ("Status", "NotReady", Status.FAILED),
        ("Status", "Running", Status.OK),
        ("Status", "CrashLoopBackOff", Status.FAILED),
        ("Status", "Terminating", Status.RUNNING),
        ("Phase", "Bound", Status.OK),
        ("PHASE", "Lost", Status.FAILED),
        ("Ready", "False", Status.WARNING),
        ("Ready", "True", Status.OK),
        ("Ready", "2/3", Status.WARNING),
        ("Ready", "3/3", Status.OK),
        ("Ready", "0/0", None),
        ("Status", "a-word-of-their-own", None),
        ("Status", "", None),
        ("Reason", "Failed", None),
        ("Ready", "½/3", None),
    ],
)
def test_a_word_that_is_known_is_a_status(column: str, cell: str, status: Status | None) -> None:
    places = status_columns([ListingColumn(name="Kind"), ListingColumn(name=column)])
    assert printed_status(["x", cell], places) is status


def test_the_worst_counts_and_a_pod_that_has_completed_is_well() -> None:
    columns = [ListingColumn(name=name) for name in ("Ready", "Status")]
    places = status_columns(columns)
    assert printed_status(["False", "Running"], places) is Status.WARNING
    assert printed_status(["0/1", "Completed"], places) is Status.OK
