"""A program of the first version that is still open on the same trail: both chains stay whole."""

import json
import random
import threading
from pathlib import Path
from typing import Any

import pytest

from opsboard.acting.actor import FORMAT, current_actor
from opsboard.acting.audit.entry import AuditEntry, AuditEvent, AuditResult, entry_of
from opsboard.acting.audit.line import canonical, folded, hash_of, parse, unfolded
from opsboard.acting.audit.log import FILE_NAME, AuditLog
from opsboard.acting.audit.verify import verify
from opsboard.acting.decision import Consent
from opsboard.adapter import Difference, Finding, Plan, Receipt, Severity
from opsboard.adapter.plans import Effect
from tests.acting import first_version
from tests.acting.lever import Stand, StillClock
from tests.collect import eventually

YES = Consent(confirmed=True, typed="web", reason="r")
FIRST_ACTOR = first_version.Actor(user="kim", host="bastion-1", pid=7, born="b/1")


def _first(folder: Path) -> first_version.Trail:
    return first_version.Trail(folder, FIRST_ACTOR, StillClock())


def _later(folder: Path, rotate_at: int = 1_000_000) -> AuditLog:
    return AuditLog(folder, current_actor({}), StillClock(), rotate_at=rotate_at)


def _intent(trail: AuditLog, plan: Plan) -> AuditEntry:
    return trail.entry(AuditEvent.INTENT).model_copy(update={"plan_id": plan.id, "plan": plan})


def _first_intent(trail: first_version.Trail, plan: Plan) -> first_version.Entry:
    told = plan.model_dump(mode="json")
    known = {key: told[key] for key in first_version.Plan.model_fields if key in told}
    old = first_version.Plan.model_validate(known)
    entry = trail.entry(first_version.Event.INTENT)
    return entry.model_copy(update={"plan_id": plan.id, "plan": old})


async def test_it_reads_whatever_the_later_one_writes_of_an_act(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    plan = (await stand.plan()).touching(["staging", "kunde-a"])
    await stand.coordinator.start([plan], YES)
    await eventually(lambda: ("verdict", "succeeded") in stand.told())
    entries = _first(tmp_path).entries()
    assert [entry.event.value for entry in entries] == ["intent", "outcome", "verdict"]
    assert entries[0].plan is not None
    assert entries[0].plan.id == plan.id
    assert stand.audit.entries()[0].plan == plan


async def test_it_reads_what_a_later_one_tells_of_each_change_and_caution(tmp_path: Path) -> None:
    """It forbids what it does not know, in the items of lists too."""
    stand = Stand(tmp_path)
    told = Finding(severity=Severity.NOTE, text="n")
    changes = (
        Difference(group="metrics", name="auc", before="1", after="2", effect=Effect.BETTER),
        Difference(group="env", name="A", after="1"),
    )
    plan = (await stand.plan()).model_copy(update={"changes": changes, "findings": (told,)})
    stand.audit.append(_intent(stand.audit, plan))
    (entry,) = _first(tmp_path).entries()
    assert entry.plan is not None
    assert [one.name for one in entry.plan.changes] == ["auc", "A"]
    assert stand.audit.entries()[0].plan == plan


async def test_both_append_in_turn_and_the_chain_is_one(tmp_path: Path) -> None:
    stand, chance = Stand(tmp_path), random.Random(1)
    plan = (await stand.plan()).touching(["staging"])
    first, later = _first(tmp_path), _later(tmp_path)
    for count in range(1, 40):
        if chance.random() < 0.5:
            first.append(_first_intent(first, plan))
        else:
            later.append(_intent(later, plan))
        found = verify(tmp_path)
        assert (found.entries, found.faults) == (count, ())
    assert later.problems == []
    assert len(later.entries()) == len(first.entries()) == 39
    formats = {entry.actor.format for entry in later.entries()}
    assert formats == {0, FORMAT}


def test_both_append_at_once(tmp_path: Path) -> None:
    first, later = _first(tmp_path), _later(tmp_path)

    def write(trail: Any, event: Any) -> None:
        for _ in range(8):
            trail.append(trail.entry(event))

    writers = [
        threading.Thread(target=write, args=(first, first_version.Event.OUTCOME)),
        threading.Thread(target=write, args=(later, AuditEvent.OUTCOME)),
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert (verify(tmp_path).entries, verify(tmp_path).faults) == (16, ())
    assert later.problems == []


def test_it_goes_on_behind_a_rotation(tmp_path: Path) -> None:
    first, later = _first(tmp_path), _later(tmp_path, 1_000)
    for _ in range(10):
        later.append(later.entry(AuditEvent.OUTCOME))
        first.append(first.entry(first_version.Event.OUTCOME))
    assert len(list(tmp_path.glob("audit.*.jsonl"))) > 2
    assert (verify(tmp_path).entries, verify(tmp_path).faults) == (20, ())
    assert later.problems == []


def test_it_reads_the_entry_that_tells_of_tampering_as_one_of_no_act(tmp_path: Path) -> None:
    first, later = _first(tmp_path), _later(tmp_path)
    for _ in range(3):
        first.append(first.entry(first_version.Event.OUTCOME))
    (tmp_path / FILE_NAME).write_bytes((tmp_path / FILE_NAME).read_bytes().splitlines(True)[0])
    later.append(later.entry(AuditEvent.OUTCOME))
    first.append(first.entry(first_version.Event.OUTCOME))
    assert [entry.event.value for entry in first.entries()][1:] == ["torn", "outcome", "outcome"]
    assert [str(entry.event) for entry in later.entries()][1] == "discontinued"
    (fault,) = verify(tmp_path).faults
    assert "on record" in fault


def test_what_it_tore_is_named_by_the_later_one_and_the_other_way_round(tmp_path: Path) -> None:
    first, later = _first(tmp_path), _later(tmp_path)
    first.append(first.entry(first_version.Event.OUTCOME))
    whole = (tmp_path / FILE_NAME).read_bytes()
    turns: list[Any] = [(later, AuditEvent.OUTCOME), (first, first_version.Event.OUTCOME)]
    for trail, event in turns:
        with (tmp_path / FILE_NAME).open("ab") as file:
            file.write(whole[:100])
        trail.append(trail.entry(event))
        assert verify(tmp_path).faults == ()
    assert later.problems == []


# --- later versions ------------------------------------------------------------------------------


def _of_later_version(trail: AuditLog, told: dict[str, Any]) -> dict[str, Any]:
    """Return a line as a version of format 7 may write it, after the last of *trail*."""
    entries = trail.entries()
    last = entries[-1]
    whole = {**last.as_json(), "number": last.number + 1, "previous": last.hash, **told}
    whole["actor"] = {**whole["actor"], "format": 7}
    whole.pop("hash")
    return {**whole, "hash": hash_of(whole)}


@pytest.mark.parametrize(
    "told",
    [
        {"event": "fenced", "result": "not yet", "message": "moved on"},
        {"event": "fenced", "fence": {"kind": "lease"}, "witnesses": [1, 2]},
        {"receipt": {"message": "m", "etag": "x", "produced": None, "more": [{"a": 1}]}},
        {"environments": ["a"], "at": "2026-11-26T20:00:00Z"},
        {"at": "not a time"},
        {"actor": {"user": "kim", "host": "h", "shift": "night"}},
    ],
)
def test_lines_of_later_versions_are_followed_verified_and_appended_to(
    tmp_path: Path, told: dict[str, Any]
) -> None:
    trail = _later(tmp_path)
    trail.append(trail.entry(AuditEvent.OUTCOME).model_copy(update={"plan_id": "p1"}))
    line = _of_later_version(trail, told)
    with trail.file.open("ab") as file:
        file.write(canonical(line) + b"\n")
    assert verify(tmp_path).faults == ()
    trail.append(trail.entry(AuditEvent.OUTCOME))
    assert (verify(tmp_path).entries, verify(tmp_path).faults) == (3, ())
    assert trail.problems == []
    entries = trail.entries()
    if told.get("at") != "not a time":
        assert len(entries) == 3
        assert entries[1].event == told.get("event", "outcome")
        assert entries[1].result == told.get("result")


async def test_an_intent_of_a_later_version_keeps_what_is_known_of_its_plan(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    plan = await stand.plan()
    stand.audit.append(_intent(stand.audit, plan))
    intent = stand.audit.entries()[0]
    told = intent.as_json()
    told["plan"] |= {"risk": {"score": 3}, "facts": [{"label": "a", "value": "b", "weight": 2}]}
    entry = entry_of(told)
    assert entry is not None
    assert entry.plan is not None
    assert entry.plan.id == plan.id
    assert entry.plan.facts[0].value == "b"


def test_what_a_later_version_tells_has_a_place_for_the_first_one() -> None:
    told = AuditEntry(
        number=0, at=StillClock().now(), event="fenced", result="not yet", actor=current_actor({}),
        receipt=Receipt(message="m"),
    ).as_json()  # fmt: skip
    told |= {"witnesses": [1], "receipt": {**told["receipt"], "etag": "x"}}
    line = folded(told)
    assert unfolded(line) == told
    entry = first_version.Entry.model_validate_json(json.dumps(line))
    assert (entry.event.value, entry.result) == ("torn", None)
    assert folded(unfolded(line)) == line


def test_each_line_names_its_format(tmp_path: Path) -> None:
    first, later = _first(tmp_path), _later(tmp_path)
    first.append(first.entry(first_version.Event.OUTCOME))
    later.append(later.entry(AuditEvent.OUTCOME))
    lines = [parse(raw) for raw in (tmp_path / FILE_NAME).read_bytes().splitlines()]
    assert [line.format for line in lines if line] == [0, FORMAT]
    assert json.loads((tmp_path / FILE_NAME).read_bytes().splitlines()[1])["actor"]["format"] == 1


def test_the_words_in_the_file_are_those_of_the_first_version() -> None:
    assert {event.value for event in first_version.Event} <= {event.value for event in AuditEvent}
    assert {one.value for one in first_version.Result} == {one.value for one in AuditResult}
    assert first_version.FILE_NAME == FILE_NAME
    assert set(first_version.Entry.model_fields) == set(AuditEntry.model_fields)
