"""What a plan says of its two ends: as it is kept, and as it is shown."""

from datetime import UTC, datetime

import pytest

from opsboard.adapter import Difference, Plan
from opsboard.records import Kind, Ref


def plan(before: str, after: str) -> Plan:
    return Plan(
        made_at=datetime(2026, 3, 2, 14, 0, tzinfo=UTC),
        action="description",
        title="Describe",
        ref=Ref("ml", Kind.MODEL, "fraud"),
        target="Model fraud in ml",
        name="fraud",
        before=before,
        after=after,
    )


def test_values_of_several_lines_are_kept_and_escaped_once_where_they_are_shown() -> None:
    made = plan("Two lines:\nC:\\new", "  one\x1b[2J ")
    assert (made.before, made.after) == ("Two lines:\nC:\\new", "  one\x1b[2J ")
    assert made.versions == (r"Two lines:\nC:\\new", r"\x20\x20one\x1b[2J\x20")
    assert Plan.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("revision 3", "revision 2", "revision 3 -> revision 2"),
        ("", "a shell in app", "a shell in app"),
        ("revision 3", "", "revision 3"),
        ("", "", ""),
    ],
)
def test_an_arrow_stands_between_two_ends_alone(before: str, after: str, shown: str) -> None:
    assert plan(before, after).change("->") == shown


def test_an_input_of_escapes_is_not_escaped_again_where_a_change_tells_it() -> None:
    change = Difference(group="text", name="description", before=None, after="one\ntwo")
    gone = Difference(group="text", name="tag", before="x", after=None)
    values = {"text": r"one\ntwo", "key": "team", "path": r"C:\dir", "other": r"not\ntold"}
    made = plan("", "").model_copy(update={"changes": (change, gone), "values": values})
    assert made.inputs == {name: values[name] for name in ("key", "path", "other")}
