"""The trail is read again and again, and each time only what was appended since."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsboard.act.actor import this_actor
from opsboard.act.audit import follower
from opsboard.act.audit.entry import Entry, Event, Result
from opsboard.act.audit.follower import START
from opsboard.act.audit.head import HEAD_NAME
from opsboard.act.audit.line import Line, parse
from opsboard.act.audit.trail import Trail
from opsboard.act.holds import Holds
from opsboard.act.ledger import Act, ActReader, acts_of
from opsboard.adapter import Plan
from tests.act.lever import REF, StillClock
from tests.board import NOW


def _trail(folder: Path, rotate_at: int = 1 << 24) -> Trail:
    return Trail(folder, this_actor({}), StillClock(), rotate_at=rotate_at)


def _append(trail: Trail, number: int, event: Event = Event.INTENT) -> Entry:
    plan = Plan(id=f"p{number}", made_at=NOW, action="a", title="A", ref=REF, target="t", name="n")
    told = {"plan_id": plan.id, "plan": plan if event is Event.INTENT else None}
    result = None if event is Event.INTENT else Result.DONE
    return trail.append(trail.entry(event).model_copy(update={**told, "result": result}))


def _numbers(entries: Sequence[Entry]) -> list[int]:
    return [entry.number for entry in entries]


def test_only_what_is_new_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trail = _trail(tmp_path)
    nothing = trail.news(START)
    assert (list(nothing.entries), nothing.mark, nothing.anew) == ([], START, False)
    for number in range(3):
        _append(trail, number)
    first = trail.news(START)
    assert _numbers(first.entries) == [1, 2, 3]
    read: list[bytes] = []

    def counted(raw: bytes) -> Line | None:
        read.append(raw)
        return parse(raw)

    monkeypatch.setattr(follower, "parse", counted)
    assert trail.news(first.mark).entries == []
    _append(trail, 3)
    assert _numbers(trail.news(first.mark).entries) == [4]
    assert len(read) == 1


def test_a_line_without_its_end_is_read_when_it_has_one(tmp_path: Path) -> None:
    trail = _trail(tmp_path)
    _append(trail, 0)
    whole = trail.file.read_bytes()
    _append(trail, 1)
    later = trail.file.read_bytes()
    trail.file.write_bytes(later[:-40])
    news = trail.news(START)
    assert _numbers(news.entries) == [1]
    trail.file.write_bytes(later)
    assert _numbers(trail.news(news.mark).entries) == [2]
    assert len(whole) < len(later)


@pytest.mark.parametrize("change", ["cut", "put back", "changed", "taken away"])
def test_what_was_changed_is_read_anew(tmp_path: Path, change: str) -> None:
    trail = _trail(tmp_path)
    for number in range(3):
        _append(trail, number)
    mark = trail.news(START).mark
    lines = trail.file.read_bytes().splitlines(keepends=True)
    if change == "taken away":
        trail.file.unlink()
        (tmp_path / HEAD_NAME).unlink()
        news = trail.news(mark)
        assert (list(news.entries), news.mark, news.anew) == ([], START, True)
        return
    if change == "cut":
        trail.file.write_bytes(b"".join(lines[:2]))
    elif change == "put back":
        trail.file.write_bytes(lines[0] + lines[2] + lines[1])
    else:
        trail.file.write_bytes(b"".join(lines).replace(b'"target":"t"', b'"target":"u"'))
    news = trail.news(mark)
    assert news.anew
    assert len(news.entries) == (2 if change == "cut" else 3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from([Event.INTENT, Event.OUTCOME]), st.booleans()),
        max_size=25,
    ),
    st.sampled_from([1, 2_500, 1 << 24]),
)
def test_read_in_parts_it_is_what_it_is_as_a_whole(
    tmp_path_factory: pytest.TempPathFactory,
    steps: Sequence[tuple[int, Event, bool]],
    rotate_at: int,
) -> None:
    """Whatever is appended between two looks, and however often the file is rotated."""
    folder = tmp_path_factory.mktemp("trail")
    trail, holds = _trail(folder, rotate_at), Holds(folder)
    reader = ActReader(trail, holds)
    for number, event, looks in steps:
        _append(trail, number, event)
        if looks:
            assert _told(reader.read()) == _told(acts_of(trail.entries(), holds))
    assert _told(reader.read()) == _told(acts_of(trail.entries(), holds))


def _told(acts: Sequence[Act]) -> list[tuple[int, list[int]]]:
    return [(act.intent.number, [entry.number for entry in act.since]) for act in acts]
