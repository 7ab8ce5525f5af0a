"""An odd field is done without; what a record is, and what it is judged by, is never guessed."""

from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsboard.adapter import Malformed
from opsboard_adapters.http.decoding import decode
from opsboard_adapters.http.lenient import MAX_DROPPED, LenientStruct


class _Part(LenientStruct, frozen=True, gc=False):
    id: int
    word: str = ""


class _Thing(LenientStruct, frozen=True, gc=False):
    strict_fields: ClassVar[frozenset[str]] = frozenset({"state"})

    id: int
    name: str = "none"
    state: str | None = None
    count: int = 0
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    part: _Part | None = None
    parts: tuple[_Part, ...] = ()


def _read(**fields: Any) -> _Thing:
    return decode(msgspec.json.encode({"id": 1, **fields}), _Thing, "it")


@pytest.mark.parametrize(
    ("odd", "seen"),
    [
        ({"name": 5}, _Thing(1, name="5")),
        ({"name": ["x"]}, _Thing(1)),
        ({"name": None}, _Thing(1)),
        ({"count": "7"}, _Thing(1, count=7)),
        ({"count": "many"}, _Thing(1)),
        ({"count": 7.0}, _Thing(1, count=7)),
        ({"count": 7.5}, _Thing(1)),
        ({"labels": {"a": 1}}, _Thing(1)),
        ({"labels": []}, _Thing(1)),
        ({"part": 5}, _Thing(1)),
        ({"part": {"word": "x"}}, _Thing(1)),
        ({"part": {"id": 2, "word": {}}}, _Thing(1, part=_Part(2))),
        ({"parts": [5, {"id": 2}, {}, None, {"id": "3"}]}, _Thing(1, parts=(_Part(2), _Part(3)))),
        ({"parts": {"id": 2}}, _Thing(1)),
        ({"name": [], "count": [], "labels": [], "part": [], "parts": 5}, _Thing(1)),
        ({"state": None}, _Thing(1)),
        ({"state": 5}, _Thing(1, state="5")),
    ],
    ids=repr,
)
def test_an_odd_field_is_done_without(odd: dict[str, Any], seen: _Thing) -> None:
    assert _read(**odd) == seen


@pytest.mark.parametrize(
    ("odd", "fault"),
    [
        ({"id": "one"}, "it: id: expected int, got str"),
        ({"id": None}, "it: object missing required field id"),
        ({"id": {}, "name": []}, "it: id: expected int, got object"),
        ({"state": {}}, "it: state: expected str | null, got object"),
        ({"state": True, "count": []}, "it: state: expected str | null, got bool"),
        ({"parts": [{}] * (MAX_DROPPED + 2)}, "missing required field id"),
    ],
    ids=lambda told: repr(told)[:40],
)
def test_what_it_is_and_is_judged_by_is_not_guessed(odd: dict[str, Any], fault: str) -> None:
    with pytest.raises(Malformed) as caught:
        _read(**odd)
    assert fault in caught.value.message


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "name", "state", "count", "labels", "part", "parts", "word"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(value=_VALUES)
@settings(max_examples=300, deadline=None)
def test_whatever_comes_is_read_or_malformed(value: Any) -> None:
    content = msgspec.json.encode(value)
    try:
        found = decode(content, _Thing, "it")
    except Malformed:
        return
    assert isinstance(value, dict)
    assert isinstance(found.id, int)
    if isinstance(value.get("state"), str):
        assert found.state == value["state"]
