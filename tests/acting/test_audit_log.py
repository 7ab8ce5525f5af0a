"""The audit trail is whole on the disk, in order, private, and tells when it was touched."""

import fcntl
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from opsboard.acting.actor import current_actor
from opsboard.acting.audit import locking
from opsboard.acting.audit import log as trail_module
from opsboard.acting.audit.entry import AuditEvent
from opsboard.acting.audit.log import FILE_NAME, HEAD_NAME, AuditError, AuditLog
from opsboard.acting.audit.verify import parse_head, verify
from tests.acting.lever import StillClock


@pytest.fixture
def trail(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path / "state", current_actor({}), StillClock())


def _append(trail: AuditLog, count: int = 1) -> None:
    for number in range(count):
        entry = trail.entry(AuditEvent.INTENT)
        trail.append(entry.model_copy(update={"message": f"Nº {number} \u202e\x1b[31m"}))


def _lines(trail: AuditLog) -> list[bytes]:
    return trail.file.read_bytes().splitlines(keepends=True)


def test_entries_are_chained_and_private(trail: AuditLog) -> None:
    _append(trail, 3)
    entries = trail.entries()
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert stat.S_IMODE(trail.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(trail.file.parent.stat().st_mode) == 0o700
    found = verify(trail.file.parent)
    assert (found.entries, found.faults) == (3, ())
    assert found.head == (3, entries[-1].hash)


def test_a_trail_that_does_not_exist_is_whole(tmp_path: Path) -> None:
    assert verify(tmp_path).faults == ()


def test_many_writers_make_one_chain(trail: AuditLog) -> None:
    writers = [
        threading.Thread(
            target=_append,
            args=(AuditLog(trail.file.parent, trail.actor, StillClock()), 20),
        )
        for _ in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    found = verify(trail.file.parent)
    assert (found.entries, found.faults) == (80, ())


def test_a_long_trail_is_appended_to_by_its_end(trail: AuditLog) -> None:
    entry = trail.entry(AuditEvent.INTENT).model_copy(update={"reason": "r" * 4_000})
    for _ in range(60):
        trail.append(entry)
    assert trail.file.stat().st_size > 200_000
    assert verify(trail.file.parent).faults == ()


@pytest.mark.parametrize(
    ("field", "value"), [("message", "another"), ("reason", "better"), ("number", 9)]
)
def test_a_changed_entry_is_found(trail: AuditLog, field: str, value: object) -> None:
    _append(trail, 3)
    lines = _lines(trail)
    told = json.loads(lines[1])
    told[field] = value
    lines[1] = json.dumps(told).encode() + b"\n"
    trail.file.write_bytes(b"".join(lines))
    faults = verify(trail.file.parent).faults
    assert any(fault.startswith("line 2: was changed") for fault in faults)


def test_an_entry_that_was_changed_with_its_hash_is_found(trail: AuditLog) -> None:
    _append(trail, 3)
    lines = _lines(trail)
    forged = trail.entries()[1].model_copy(update={"reason": "forged"}).chained(2, "0" * 64)
    lines[1] = forged.line()
    trail.file.write_bytes(b"".join(lines))
    faults = verify(trail.file.parent).faults
    assert any("line 2: does not follow" in fault for fault in faults)
    assert any("line 3: does not follow" in fault for fault in faults)


def test_an_entry_that_was_taken_out_is_found(trail: AuditLog) -> None:
    _append(trail, 3)
    lines = _lines(trail)
    trail.file.write_bytes(lines[0] + lines[2])
    assert any("line 2" in fault for fault in verify(trail.file.parent).faults)


def test_a_cut_end_is_found(trail: AuditLog) -> None:
    _append(trail, 3)
    trail.file.write_bytes(b"".join(_lines(trail)[:2]))
    (fault,) = verify(trail.file.parent).faults
    assert "entry 3, which is missing" in fault


def test_a_cut_end_with_its_head_is_found_by_a_head_that_was_noted(trail: AuditLog) -> None:
    _append(trail, 3)
    noted = verify(trail.file.parent).head
    trail.file.write_bytes(b"".join(_lines(trail)[:2]))
    last = trail.entries()[-1]
    (trail.file.parent / HEAD_NAME).write_text(f"{last.number} {last.hash}\n")
    assert verify(trail.file.parent).faults == ()
    assert verify(trail.file.parent, noted).faults != ()


def test_a_head_that_was_taken_away_is_told(trail: AuditLog) -> None:
    _append(trail, 3)
    (trail.file.parent / HEAD_NAME).unlink()
    (fault,) = verify(trail.file.parent).faults
    assert "missing" in fault


def test_a_head_one_behind_is_what_a_crash_leaves(trail: AuditLog) -> None:
    _append(trail, 2)
    head = (trail.file.parent / HEAD_NAME).read_text()
    _append(trail)
    (trail.file.parent / HEAD_NAME).write_text(head)
    assert verify(trail.file.parent).faults == ()


@pytest.mark.parametrize("torn", [b'{"number": 4, "at', b'{"number": 4, "at\n'])
def test_a_torn_line_is_named_and_the_chain_goes_on(trail: AuditLog, torn: bytes) -> None:
    _append(trail, 3)
    with trail.file.open("ab") as file:
        file.write(torn)
    _append(trail)
    found = verify(trail.file.parent)
    assert (found.entries, found.faults) == (5, ())
    assert [entry.event for entry in trail.entries()][3:] == [AuditEvent.TORN, AuditEvent.INTENT]


def test_a_torn_first_line(trail: AuditLog) -> None:
    trail.file.parent.mkdir(mode=0o700)
    trail.file.write_bytes(b'{"numb')
    _append(trail)
    assert verify(trail.file.parent).faults == ()


def test_a_trail_damaged_by_several_lines_is_not_written_to(trail: AuditLog) -> None:
    _append(trail, 2)
    with trail.file.open("ab") as file:
        file.write(b"what\nis this\n")
    with pytest.raises(AuditError, match="opsboard audit verify"):
        _append(trail)
    assert len(verify(trail.file.parent).faults) == 2


def test_a_trail_that_is_a_link_is_not_followed(trail: AuditLog, tmp_path: Path) -> None:
    trail.file.parent.mkdir(mode=0o700)
    target = tmp_path / "elsewhere"
    target.touch()
    trail.file.symlink_to(target)
    with pytest.raises(AuditError):
        _append(trail)
    assert target.read_bytes() == b""


def test_a_trail_that_another_program_holds_is_told(
    trail: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail_module, "LOCK_TIMEOUT", 0.05)
    _append(trail)
    with trail.file.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(AuditError, match="has locked it"):
            _append(trail)
    _append(trail)
    assert verify(trail.file.parent).entries == 2


def test_an_entry_goes_to_the_file_that_is_there_once_it_is_locked(
    trail: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    _append(trail, 2)
    lock, replaced = locking._lock, list[bytes]()

    def replace_then_lock(descriptor: int, kind: int, within: float) -> None:
        if not replaced:
            replaced.append(trail.file.read_bytes())
            trail.file.unlink()
            trail.file.write_bytes(replaced[0])
        lock(descriptor, kind, within)

    monkeypatch.setattr(locking, "_lock", replace_then_lock)
    _append(trail)
    assert (verify(trail.file.parent).entries, verify(trail.file.parent).faults) == (3, ())


def test_a_full_disk_is_told(trail: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(AuditError, match="No space left on device"):
        _append(trail)


def test_heads_are_read() -> None:
    assert parse_head(f"12:{'a' * 64}\n") == (12, "a" * 64)
    with pytest.raises(ValueError, match="64 characters"):
        parse_head("12")


def test_who_acts_is_told() -> None:
    env = {"SUDO_USER": "kim", "SSH_CONNECTION": "10.0.0.7 5022 10.0.0.1 22"}
    actor = current_actor(env)
    assert (actor.sudo_user, actor.ssh) == ("kim", "10.0.0.7 5022")
    assert actor.summary == f"kim as {actor.user} from 10.0.0.7"
    assert actor.is_running
    gone = subprocess.run([sys.executable, "-c", ""], check=True)
    assert gone.returncode == 0
    assert not actor.model_copy(update={"start_time": "another boot/1"}).is_running
    elsewhere = actor.model_copy(update={"host": "elsewhere"})
    assert (elsewhere.is_same_machine, elsewhere.is_same_host) == (True, False)
    assert not elsewhere.model_copy(update={"start_time": ""}).is_same_machine


def test_the_file_is_where_it_is_said_to_be(trail: AuditLog) -> None:
    assert trail.file.name == FILE_NAME
