"""Any bytes are an entry or none; any entry has a place for the first version, and comes back."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.entry import AuditEntry, AuditEvent, entry_of
from opsboard.acting.audit.line import BEGINNING, canonical, folded, hash_of, parse, unfolded
from tests.acting import first_version
from tests.acting.lever import StillClock

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)
LIKE_OUR_OWN = ("items", "items'", "items''", "more", "format", "changes", "findings")
NEW_KEYS = st.sampled_from(LIKE_OUR_OWN) | st.text(min_size=1).filter(
    lambda key: key not in AuditEntry.model_fields
)
ENTRY = AuditEntry(
    number=7, at=StillClock().now(), event=AuditEvent.OUTCOME, actor=current_actor({}), message="m"
)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300))
def test_any_bytes_are_an_entry_or_none(raw: bytes) -> None:
    line = parse(raw)
    assert line is None or line.number > 0
    assert line is None or line.is_sound in {True, False}


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.text(), ANYTHING))
def test_any_object_is_an_entry_or_none_and_is_read_or_left_out(told: dict[str, Any]) -> None:
    whole = {**ENTRY.as_json(), **told}
    raw = canonical({**whole, "hash": hash_of(whole)})
    line = parse(raw)
    if line is not None:
        assert line.is_sound
        entry_of(line.data)


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(NEW_KEYS, ANYTHING), st.text(), st.text() | st.none())
def test_what_is_new_has_a_place_for_the_first_version_and_comes_back(
    more: dict[str, Any], event: str, result: str | None
) -> None:
    told = {**ENTRY.as_json(), **more, "event": event, "result": result}
    line = folded(told)
    assert unfolded(line) == told
    first_version.Entry.model_validate_json(json.dumps(line))
    entry = entry_of(unfolded(line))
    assert entry is not None
    assert entry.number == 7


@pytest.mark.parametrize("key", LIKE_OUR_OWN)
@pytest.mark.parametrize("value", [None, 3, {"facts": {"0": {"unit": "ms"}}}, {"own": 1}])
def test_a_new_key_and_new_fields_of_items_both_come_back(key: str, value: object) -> None:
    fact = {"label": "replicas", "status": "ok", "value": "3"}
    plan = {"title": "Scale", "facts": [fact, {**fact, "unit": "pods"}]}
    told = {**ENTRY.as_json(), "plan": plan, key: value}
    line = folded(told)
    assert unfolded(line) == told
    assert line["plan"]["facts"] == [fact, fact]
    assert line["actor"]["more"]["items"] == {"facts": {"1": {"unit": "pods"}}}


def test_an_entry_begins_as_a_torn_one_is_known_by() -> None:
    assert ENTRY.line().startswith(BEGINNING)
