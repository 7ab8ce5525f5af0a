"""What was done to the trail is told at the next append, recorded, and told by verify for ever."""

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue

import pytest

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.action_history import action_runs
from opsboard.acting.audit.entry import AuditEvent
from opsboard.acting.audit.head import NO_ENTRIES
from opsboard.acting.audit.log import FILE_NAME, HEAD_NAME, AuditLog
from opsboard.acting.audit.verify import verify
from opsboard.acting.run_locks import RunLocks
from tests.acting.lever import StillClock


def _trail(folder: Path, rotate_at: int = 1_000_000) -> AuditLog:
    return AuditLog(folder, current_actor({}), StillClock(), rotate_at=rotate_at)


def _append(trail: AuditLog, count: int = 1) -> None:
    for _ in range(count):
        trail.append(trail.entry(AuditEvent.INTENT).model_copy(update={"message": "x" * 200}))


def _cut(folder: Path) -> None:
    lines = (folder / FILE_NAME).read_bytes().splitlines(keepends=True)
    (folder / FILE_NAME).write_bytes(b"".join(lines[:-2]))


def _cut_to_one(folder: Path) -> None:
    lines = (folder / FILE_NAME).read_bytes().splitlines(keepends=True)
    (folder / FILE_NAME).write_bytes(lines[0])
    (folder / HEAD_NAME).unlink()


def _cut_by_one_byte_and_more(folder: Path) -> None:
    lines = (folder / FILE_NAME).read_bytes().splitlines(keepends=True)
    (folder / FILE_NAME).write_bytes(b"".join(lines[:-1]) + lines[-1][:50])


def _empty(folder: Path) -> None:
    (folder / FILE_NAME).write_bytes(b"")


def _put_an_older_copy_back(folder: Path) -> None:
    shutil.copy(folder / "older" / FILE_NAME, folder / FILE_NAME)


def _put_another_trail_there(folder: Path) -> None:
    other = _trail(folder / "other")
    for _ in range(7):
        other.append(other.entry(AuditEvent.INTENT))
    shutil.copy(other.file, folder / FILE_NAME)


def _change_the_last_entry(folder: Path) -> None:
    """Change it and its hash, which nothing after it would tell."""
    lines = (folder / FILE_NAME).read_bytes().splitlines(keepends=True)
    entry = _trail(folder).entries()[-1].model_copy(update={"message": "better"})
    forged = entry.chained(entry.number, entry.previous)
    (folder / FILE_NAME).write_bytes(b"".join([*lines[:-1], forged.line()]))


def _say(head: str) -> Callable[[Path], None]:
    def do(folder: Path) -> None:
        (folder / HEAD_NAME).write_text(head)

    return do


DONE: dict[str, Callable[[Path], object]] = {
    "cut off the end": _cut,
    "cut to one entry, and the head deleted": _cut_to_one,
    "cut in the last line": _cut_by_one_byte_and_more,
    "emptied": _empty,
    "deleted": lambda folder: (folder / FILE_NAME).unlink(),
    "an older copy": _put_an_older_copy_back,
    "another trail": _put_another_trail_there,
    "the last entry forged": _change_the_last_entry,
    "head deleted": lambda folder: (folder / HEAD_NAME).unlink(),
    "head emptied": _say(""),
    "head ahead": _say(f"99 {'a' * 64}\n"),
    "head forged": _say(f"3 {'a' * 64}\n"),
    "head of none": _say(f"{NO_ENTRIES.number} {'b' * 64}\n"),
    "head no number": _say(f"-1 {'a' * 64}\n"),
    "head huge": _say("1" * 1_000_000),
    "head of bytes": lambda folder: (folder / HEAD_NAME).write_bytes(b"\xff\x00" * 90),
}


@pytest.mark.parametrize("rotate_at", [1_000_000, 1_200])
@pytest.mark.parametrize("what", DONE)
def test_it_is_told_recorded_and_never_forgotten(tmp_path: Path, what: str, rotate_at: int) -> None:
    trail = _trail(tmp_path, rotate_at)
    _append(trail, 3)
    (tmp_path / "older").mkdir()
    shutil.copy(trail.file, tmp_path / "older" / FILE_NAME)
    _append(trail, 3)
    assert (trail.problems, verify(tmp_path).faults) == ([], ())
    DONE[what](tmp_path)
    assert verify(tmp_path).faults

    later = _trail(tmp_path, rotate_at)
    _append(later)
    (problem,) = later.problems
    assert "does not continue from where it was" in problem
    recorded = [entry for entry in later.entries() if entry.event is AuditEvent.DISCONTINUED]
    assert len(recorded) == 1
    assert later.entries()[-1].event is AuditEvent.INTENT

    again = _trail(tmp_path, rotate_at)
    _append(again, 5)
    assert again.problems == []
    faults = verify(tmp_path).faults
    assert any("on record: the trail does not continue from where it was" in one for one in faults)
    assert not any(HEAD_NAME in fault for fault in faults if "on record" not in fault)


def test_both_deleted_is_known_only_to_who_noted_the_head_elsewhere(tmp_path: Path) -> None:
    trail = _trail(tmp_path)
    _append(trail, 3)
    noted = verify(tmp_path).head
    trail.file.unlink()
    (tmp_path / HEAD_NAME).unlink()
    _append(trail)
    assert verify(tmp_path).faults == ()
    assert verify(tmp_path, noted).faults


def test_an_older_head_is_what_a_crash_leaves(tmp_path: Path) -> None:
    trail = _trail(tmp_path, 1_200)
    _append(trail, 2)
    head = (tmp_path / HEAD_NAME).read_bytes()
    _append(trail, 6)
    (tmp_path / HEAD_NAME).write_bytes(head)
    assert verify(tmp_path).faults == ()
    _append(trail)
    assert (trail.problems, verify(tmp_path).faults) == ([], ())


def test_an_entry_between_an_older_head_and_the_end_that_was_changed_is_told(
    tmp_path: Path,
) -> None:
    trail = _trail(tmp_path)
    _append(trail, 2)
    head = (tmp_path / HEAD_NAME).read_bytes()
    _append(trail, 3)
    (tmp_path / HEAD_NAME).write_bytes(head)
    lines = trail.file.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b"xxx", b"yyy", 1)
    trail.file.write_bytes(b"".join(lines))
    _append(trail)
    assert trail.problems
    assert any("line 4: was changed" in fault for fault in verify(tmp_path).faults)


@pytest.mark.parametrize("space", [b" ", b"\t"])
def test_a_line_is_as_it_was_written_to_the_byte(tmp_path: Path, space: bytes) -> None:
    trail = _trail(tmp_path)
    _append(trail, 3)
    lines = trail.file.read_bytes().splitlines(keepends=True)
    twice = b'{"message":"forged",' + lines[1][1:]  # of two of one name, JSON takes the last
    for changed in (space + lines[1], lines[1].replace(b",", b"," + space, 1), twice):
        trail.file.write_bytes(lines[0] + changed + lines[2])
        assert "line 2: was changed after it was written" in verify(tmp_path).faults


def test_the_acts_are_still_told_from_a_trail_that_was_cut(tmp_path: Path) -> None:
    trail = _trail(tmp_path)
    _append(trail, 6)
    _cut(tmp_path)
    _append(trail)
    assert action_runs(trail.entries(), RunLocks(tmp_path)) == ()
    told = json.loads(trail.file.read_bytes().splitlines()[4])
    assert told["actor"]["more"] == {"event": "discontinued"}


# --- rotation ------------------------------------------------------------------------------------


def _full(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("audit.*.jsonl"))


def test_what_is_full_is_put_aside_and_the_chain_goes_on(tmp_path: Path) -> None:
    trail = _trail(tmp_path, 2_000)
    inode = None
    for number in range(30):
        _append(trail)
        inode = inode or trail.file.stat().st_ino
        assert verify(tmp_path).faults == ()
        assert len(trail.entries()) == number + 1
    assert len(_full(tmp_path)) > 3
    assert trail.file.stat().st_ino == inode
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in _full(tmp_path)} == {0o600}
    assert [entry.number for entry in trail.entries()] == list(range(1, 31))


def test_ten_files_are_read_in_their_order(tmp_path: Path) -> None:
    trail = _trail(tmp_path, 100)
    _append(trail, 12)
    assert len(_full(tmp_path)) == 11
    assert [entry.number for entry in trail.entries()] == list(range(1, 13))
    assert verify(tmp_path).faults == ()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_full_file_that_was_taken_away_or_changed_is_told(tmp_path: Path, number: int) -> None:
    trail = _trail(tmp_path, 100)
    _append(trail, 4)
    file = tmp_path / f"audit.{number}.jsonl"
    content = file.read_bytes()
    file.unlink()
    assert verify(tmp_path).faults
    file.write_bytes(content.replace(b"xx", b"yy", 1))
    assert f"{file.name} line 1: was changed after it was written" in verify(tmp_path).faults
    file.write_bytes(content + b"garbage\n")
    assert f"{file.name} line 2: is no entry" in verify(tmp_path).faults
    file.write_bytes(content)
    assert verify(tmp_path).faults == ()


def test_where_it_cannot_be_rotated_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = _trail(tmp_path, 100)
    _append(trail)
    (tmp_path / "audit.1.jsonl.new").mkdir()
    _append(trail, 2)
    assert any("cannot be rotated" in problem for problem in trail.problems)
    assert (_full(tmp_path), verify(tmp_path).faults) == ([], ())


def test_it_is_read_and_verified_while_it_is_written_and_rotated(tmp_path: Path) -> None:
    trail, noted = _trail(tmp_path, 30_000), Queue[int]()
    _append(trail)

    def write() -> None:
        for number in range(2, 302):
            _append(trail)
            noted.put(number)

    writer = threading.Thread(target=write)
    writer.start()
    least = 1
    while writer.is_alive():
        while not noted.empty():
            least = noted.get()
        found = verify(tmp_path)
        assert (found.faults, found.entries >= least) == ((), True)
        assert len(trail.entries()) >= least
    writer.join()
    assert (verify(tmp_path).entries, trail.problems) == (301, [])
    assert len(_full(tmp_path)) > 2


def test_what_is_full_is_never_put_where_nobody_reads_it(tmp_path: Path) -> None:
    trail = _trail(tmp_path, 1)
    for _ in range(3):
        _append(trail)
    last = max(_full(tmp_path))
    tmp_path.joinpath(last).rename(tmp_path / "audit.999999999.jsonl")
    for _ in range(3):
        _append(trail)
    assert any("no number after" in problem for problem in trail.problems)
    assert (verify(tmp_path).entries, verify(tmp_path).faults) == (6, ())
