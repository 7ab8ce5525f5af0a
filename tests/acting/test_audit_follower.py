"""The trail is read again and again, and each time only what was appended since."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opsboard.acting.actor import current_actor
from opsboard.acting.audit import follower
from opsboard.acting.audit.action_history import ActionRun, ActionRunReader, action_runs
from opsboard.acting.audit.entry import AuditEntry, AuditEvent, AuditResult
from opsboard.acting.audit.follower import START
from opsboard.acting.audit.head import HEAD_NAME
from opsboard.acting.audit.line import AuditLine, parse
from opsboard.acting.audit.log import AuditLog
from opsboard.acting.run_locks import RunLocks
from opsboard.adapter import Plan
from tests.acting.lever import REF, StillClock
from tests.board import NOW


def _trail(folder: Path, rotate_at: int = 1 << 24) -> AuditLog:
    return AuditLog(folder, current_actor({}), StillClock(), rotate_at=rotate_at)


def _append(trail: AuditLog, number: int, event: AuditEvent = AuditEvent.INTENT) -> AuditEntry:
    plan = Plan(id=f"p{number}", made_at=NOW, action="a", title="A", ref=REF, target="t", name="n")
    told = {"plan_id": plan.id, "plan": plan if event is AuditEvent.INTENT else None}
    result = None if event is AuditEvent.INTENT else AuditResult.DONE
    return trail.append(trail.entry(event).model_copy(update={**told, "result": result}))


def _numbers(entries: Sequence[AuditEntry]) -> list[int]:
    return [entry.number for entry in entries]


def test_only_what_is_new_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trail = _trail(tmp_path)
    nothing = trail.new_entries(START)
    assert (list(nothing.entries), nothing.position, nothing.is_reset) == ([], START, False)
    for number in range(3):
        _append(trail, number)
    first = trail.new_entries(START)
    assert _numbers(first.entries) == [1, 2, 3]
    read: list[bytes] = []

    def counted(raw: bytes) -> AuditLine | None:
        read.append(raw)
        return parse(raw)

    monkeypatch.setattr(follower, "parse", counted)
    assert trail.new_entries(first.position).entries == []
    _append(trail, 3)
    assert _numbers(trail.new_entries(first.position).entries) == [4]
    assert len(read) == 1


def test_a_line_without_its_end_is_read_when_it_has_one(tmp_path: Path) -> None:
    trail = _trail(tmp_path)
    _append(trail, 0)
    whole = trail.file.read_bytes()
    _append(trail, 1)
    later = trail.file.read_bytes()
    trail.file.write_bytes(later[:-40])
    news = trail.new_entries(START)
    assert _numbers(news.entries) == [1]
    trail.file.write_bytes(later)
    assert _numbers(trail.new_entries(news.position).entries) == [2]
    assert len(whole) < len(later)


@pytest.mark.parametrize("change", ["cut", "put back", "changed", "taken away"])
def test_what_was_changed_is_read_anew(tmp_path: Path, change: str) -> None:
    trail = _trail(tmp_path)
    for number in range(3):
        _append(trail, number)
    mark = trail.new_entries(START).position
    lines = trail.file.read_bytes().splitlines(keepends=True)
    if change == "taken away":
        trail.file.unlink()
        (tmp_path / HEAD_NAME).unlink()
        news = trail.new_entries(mark)
        assert (list(news.entries), news.position, news.is_reset) == ([], START, True)
        return
    if change == "cut":
        trail.file.write_bytes(b"".join(lines[:2]))
    elif change == "put back":
        trail.file.write_bytes(lines[0] + lines[2] + lines[1])
    else:
        trail.file.write_bytes(b"".join(lines).replace(b'"target":"t"', b'"target":"u"'))
    news = trail.new_entries(mark)
    assert news.is_reset
    assert len(news.entries) == (2 if change == "cut" else 3)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from([AuditEvent.INTENT, AuditEvent.OUTCOME]),
            st.booleans(),
        ),
        max_size=25,
    ),
    st.sampled_from([1, 2_500, 1 << 24]),
)
def test_read_in_parts_it_is_what_it_is_as_a_whole(
    tmp_path_factory: pytest.TempPathFactory,
    steps: Sequence[tuple[int, AuditEvent, bool]],
    rotate_at: int,
) -> None:
    """Whatever is appended between two looks, and however often the file is rotated."""
    folder = tmp_path_factory.mktemp("trail")
    trail, holds = _trail(folder, rotate_at), RunLocks(folder)
    reader = ActionRunReader(trail, holds)
    for number, event, looks in steps:
        _append(trail, number, event)
        if looks:
            assert _told(reader.read()) == _told(action_runs(trail.entries(), holds))
    assert _told(reader.read()) == _told(action_runs(trail.entries(), holds))


def _told(acts: Sequence[ActionRun]) -> list[tuple[int, list[int]]]:
    return [(act.intent.number, [entry.number for entry in act.later_entries]) for act in acts]
