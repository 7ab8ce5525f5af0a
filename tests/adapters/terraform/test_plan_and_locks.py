"""What is told of a plan and of a lock."""

import json
from datetime import UTC, datetime

import pytest

from opsboard.adapter import Malformed
from opsboard_adapters.terraform.locks import UNKNOWN_HOLDER, Lock, read_lock
from opsboard_adapters.terraform.plan import read_plan
from opsboard_adapters.terraform.records import PlannedAction
from tests.adapters.terraform.states import FIXTURES, LOCK, canary, change, plan


def test_a_plan_of_terraform_is_read() -> None:
    found = read_plan((FIXTURES / "plan-changes.json").read_bytes())
    assert {one.address: one.action.value for one in found.changes.values()} == {
        "terraform_data.database": "replace",
        'terraform_data.queue["mail"]': "create",
        'terraform_data.queue["orders"]': "replace",
        'terraform_data.queue["returns"]': "delete",
        "module.network[0].terraform_data.subnet": "update",
        "module.network[1].terraform_data.subnet": "update",
    }
    assert found.made_at is not None
    assert not found.errored
    assert not found.drift


def test_a_plan_that_ended_with_an_error_says_so() -> None:
    assert read_plan((FIXTURES / "plan-errored.json").read_bytes()).errored


def test_no_value_is_in_what_was_read() -> None:
    made = plan("2026-11-26T08:00:00Z", [change("a.b", "update")], [change("a.c", "delete")])
    bodies = [json.dumps(made).encode(), *(it.read_bytes() for it in FIXTURES.glob("plan-*"))]
    for body in bodies:
        assert b"canary" in body
        assert "canary" not in repr(read_plan(body))


def test_drift_and_actions() -> None:
    changes = [
        change("a.a", "no-op"), change("a.b", "read"), change("a.c", "create", "delete"),
        change("a.d", "forget"), change("a.e", "something-new"), {"address": 7},
        {**change("a.f", "delete"), "deposed": "12ab"},
    ]  # fmt: skip
    found = read_plan(json.dumps(plan("odd", changes, [change("a.g", "delete")])).encode())
    assert {one.address: one.action for one in found.changes.values()} == {
        "a.c": PlannedAction.REPLACE,
        "a.d": PlannedAction.FORGET,
    }
    assert [*found.drift] == ["a.g"]
    assert (found.skipped, found.made_at) == (1, None)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"PK\x03\x04" + canary("zip").encode(), "saved plan"),
        (b"", "no whole JSON"),
        (json.dumps(plan("", [], [])).encode()[:-3], "no whole JSON"),
        (b'{"version": 4}', "no plan"),
        (json.dumps({"format_version": [canary("x")]}).encode(), "no plan"),
    ],
    ids=["saved", "empty", "cut off", "a state", "odd"],
)
def test_what_is_no_plan_is_an_error_that_quotes_nothing(body: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said) as caught:
        read_plan(body)
    assert "terraform show -json" in caught.value.hint
    assert "canary" not in caught.value.message


def test_a_lock_says_who_for_what_and_since_when() -> None:
    lock = read_lock(json.dumps(LOCK).encode())
    assert lock == Lock(
        "ana@bastion-7",
        "apply",
        datetime(2026, 11, 26, 8, 15, 30, 123456, tzinfo=UTC),
        "7d6bb64b-3a0c-4d33-8d4c-1f0a2b3c4d5e",
    )


@pytest.mark.parametrize("name", ["Who", "Operation", "Created", "ID"])
def test_what_is_odd_in_a_lock_is_left_out(name: str) -> None:
    for odd in (f"{canary('x')} with blanks\n", "x" * 500, None):
        assert "canary" not in repr(read_lock(json.dumps({**LOCK, name: odd}).encode()))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"Who": 7}', b"\xff\xfe"], ids=repr)
def test_a_lock_that_cannot_be_read_is_held_all_the_same(body: bytes) -> None:
    assert read_lock(body).who == UNKNOWN_HOLDER
