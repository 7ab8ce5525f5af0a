"""Whatever lies where the trail should: it is told in a sentence, not followed, and not waited for.

And an act that is refused leaves nothing on record.
"""

import json
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.entry import AuditEvent
from opsboard.acting.audit.line import MAX_LINE, canonical, hash_of, parse
from opsboard.acting.audit.log import FILE_NAME, HEAD_NAME, AuditError, AuditLog
from opsboard.acting.audit.verify import verify
from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from tests.acting.lever import Stand, StillClock

YES = Consent(confirmed=True, typed="web", reason="r")


def _trail(folder: Path) -> AuditLog:
    return AuditLog(folder, current_actor({}), StillClock())


def _append(trail: AuditLog, message: str = "") -> None:
    trail.append(trail.entry(AuditEvent.INTENT).model_copy(update={"message": message}))


def _folder(file: Path) -> None:
    file.mkdir()
    (file / "in it").touch()


def _socket(file: Path) -> None:
    here = Path.cwd()
    os.chdir(file.parent)  # a socket's path is 107 bytes at most
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(file.name)
    finally:
        os.chdir(here)


ODD: dict[str, Callable[[Path], object]] = {
    "a folder": _folder,
    "a FIFO": os.mkfifo,
    "a socket": _socket,
    "a symbolic link": lambda file: file.symlink_to(file.with_name("elsewhere")),
    "a device": lambda file: file.symlink_to("/dev/zero"),
    "itself": lambda file: file.symlink_to(file),
}


@pytest.mark.parametrize("name", [FILE_NAME, HEAD_NAME, "audit.1.jsonl"])
@pytest.mark.parametrize("what", ODD)
async def test_what_is_no_plain_file_refuses_the_act(tmp_path: Path, what: str, name: str) -> None:
    stand = Stand(tmp_path)
    _append(stand.audit)
    (tmp_path / "elsewhere").write_bytes(b"mine")
    before = (tmp_path / FILE_NAME).read_bytes()
    file = tmp_path / name
    file.unlink(missing_ok=True)
    ODD[what](file)
    with pytest.raises(Refused, match=f"{name}: it is a"):
        await stand.coordinator.start([await stand.plan()], YES)
    assert stand.lever.pulled == []
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"
    if name != FILE_NAME:
        assert (tmp_path / FILE_NAME).read_bytes() == before
    faults = verify(tmp_path).faults
    assert any("it is a" in fault for fault in faults)
    with suppress(AuditError):
        stand.audit.entries()


@pytest.mark.parametrize("what", ODD)
def test_what_lies_where_the_next_head_is_made_is_not_followed(tmp_path: Path, what: str) -> None:
    trail = _trail(tmp_path)
    _append(trail)
    (tmp_path / "elsewhere").write_bytes(b"mine")
    ODD[what](tmp_path / f"{HEAD_NAME}.new")
    if what == "a folder":
        with pytest.raises(AuditError, match=f"{HEAD_NAME}.new"):
            _append(trail)
        assert verify(tmp_path).entries == 1
    else:
        _append(trail)
        assert verify(tmp_path).entries == 2
    assert verify(tmp_path).faults == ()
    assert (tmp_path / "elsewhere").read_bytes() == b"mine"


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "open"])
@pytest.mark.parametrize("at", range(4))
async def test_a_refused_act_leaves_no_intent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, at: int
) -> None:
    stand = Stand(tmp_path)
    _append(stand.audit)
    before = (tmp_path / FILE_NAME).read_bytes()
    refused = ""
    with _failing(monkeypatch, call, at) as failed:
        try:
            await stand.coordinator.start([await stand.plan()], YES)
        except Refused as error:
            refused = error.message
    if refused:
        assert "Read-only file system" in refused
        assert (tmp_path / FILE_NAME).read_bytes() == before
    assert len(stand.lever.pulled) == (0 if refused else 1)
    assert failed
    assert verify(tmp_path).faults == ()


@contextmanager
def _failing(monkeypatch: pytest.MonkeyPatch, name: str, at: int) -> Iterator[list[str]]:
    """Let the *at*-th and all later calls of *name* in files of the trail fail."""
    real = getattr(os, name)
    calls: list[str] = []

    def call(*args: object, **more: object) -> object:
        writes = name != "open" or (isinstance(args[1], int) and args[1] & os.O_CREAT)
        if writes:
            calls.append(name)
        if writes and len(calls) > at:
            raise OSError(30, "Read-only file system", "audit")
        return real(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(os, name, call)
        yield calls


def test_an_intent_is_taken_back_where_the_head_cannot_be_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = _trail(tmp_path)
    _append(trail)
    before = trail.file.read_bytes()
    with _failing(monkeypatch, "replace", 0), pytest.raises(AuditError):
        _append(trail)
    assert trail.file.read_bytes() == before
    _append(trail)
    assert (verify(tmp_path).entries, verify(tmp_path).faults) == (2, ())


# --- modes and owners ----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602, 0o777])
def test_a_loose_mode_is_told_and_mended(tmp_path: Path, mode: int) -> None:
    trail = _trail(tmp_path)
    _append(trail)
    trail.file.chmod(mode)
    assert any("others can write to it" in fault for fault in verify(tmp_path).faults)
    _append(trail)
    assert any("others could write to it" in problem for problem in trail.problems)
    assert not stat.S_IMODE(trail.file.stat().st_mode) & 0o022
    assert verify(tmp_path).faults == ()


@pytest.mark.parametrize("mode", [0o777, 0o730])
def test_a_loose_folder_is_told_and_mended(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    folder.chmod(mode)
    trail = _trail(folder)
    _append(trail)
    assert any("its folder: others could write" in problem for problem in trail.problems)
    folder.chmod(mode)
    assert any("others can write to the folder" in fault for fault in verify(folder).faults)
    _append(_trail(folder))
    assert verify(folder).faults == ()
    assert not stat.S_IMODE(folder.stat().st_mode) & 0o022


def test_a_loose_head_is_told_and_mended(tmp_path: Path) -> None:
    trail = _trail(tmp_path)
    _append(trail)
    (tmp_path / HEAD_NAME).chmod(0o666)
    assert f"{HEAD_NAME}: others can write to it" in verify(tmp_path).faults
    _append(trail)
    assert any(f"others could write to {HEAD_NAME}" in problem for problem in trail.problems)
    assert verify(tmp_path).faults == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("name", [FILE_NAME, HEAD_NAME, "."])
def test_what_belongs_to_another_user_is_not_used(tmp_path: Path, name: str) -> None:
    trail = _trail(tmp_path / "state")
    _append(trail)
    os.chown(tmp_path / "state" / name, 12_345, 12_345)
    with pytest.raises(AuditError, match=r"belongs to another user.*XDG_STATE_HOME"):
        _append(trail)
    os.chown(tmp_path / "state" / name, 0, 0)
    assert verify(tmp_path / "state").entries == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give links away")
def test_a_link_of_ones_own_to_the_folder_is_used_and_a_strangers_is_not(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir(mode=0o700)
    link = tmp_path / "state"
    link.symlink_to(tmp_path / "disk")
    trail = _trail(link)
    _append(trail)
    os.chown(link, 12_345, 12_345, follow_symlinks=False)
    with pytest.raises(AuditError, match="a link of another user's"):
        _append(trail)
    assert verify(link).entries == 1


@pytest.mark.parametrize("name", [FILE_NAME, HEAD_NAME])
def test_what_cannot_be_read_is_a_fault_and_no_traceback(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = _trail(tmp_path)
    _append(trail)
    real = os.open

    def denied(path: object, *args: int) -> int:
        if str(path).endswith(name):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", denied)
    assert any("Permission denied" in fault for fault in verify(tmp_path).faults)
    with pytest.raises(AuditError, match="Permission denied"):
        _append(trail)


# --- lines ---------------------------------------------------------------------------------------

LINES = {
    "nested lists": b"[" * 200_000,
    "nested objects": b'{"action":' * 200_000,
    "nested and closed": b'{"action":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested shallowly": b'{"action":' + b"[" * 900 + b"]" * 900 + b"}",
    "a list": b"[1]",
    "a number": b"1e999",
    "not a number": b"NaN",
    "invalid UTF-8": b'{"action":"\xff\xfe"}',
    "UTF-16": '{"action":1}'.encode("utf-16"),
    "a surrogate": b'{"action":"\\ud800","number":1}',
    "zeros": b"\0" * 5_000,
    "nothing": b"",
    "a number with many digits": b'{"action":' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("what", LINES)
def test_an_odd_line_at_the_end_is_named_and_the_trail_goes_on(
    tmp_path: Path, what: str, end: bytes
) -> None:
    trail = _trail(tmp_path)
    _append(trail)
    with trail.file.open("ab") as file:
        file.write(LINES[what] + end)
    assert len(trail.entries()) == 1
    verify(tmp_path)
    _append(trail)
    assert verify(tmp_path).faults == ()
    assert trail.problems == []
    assert [entry.event for entry in trail.entries()][-1] is AuditEvent.INTENT


@pytest.mark.parametrize("what", LINES)
def test_an_odd_line_in_the_middle_is_a_fault(tmp_path: Path, what: str) -> None:
    trail = _trail(tmp_path)
    _append(trail)
    first = trail.file.read_bytes()
    _append(trail)
    second = trail.file.read_bytes().removeprefix(first)
    trail.file.write_bytes(first + LINES[what] + b"\n" + second)
    assert verify(tmp_path).faults == ("line 2: is no entry",)
    assert len(trail.entries()) == 2
    _append(trail)
    assert verify(tmp_path).faults == ("line 2: is no entry",)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_huge_line_takes_no_memory(tmp_path: Path, end: bytes) -> None:
    import tracemalloc

    trail = _trail(tmp_path)
    _append(trail)
    with trail.file.open("ab") as file:
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(end)
    tracemalloc.start()
    assert len(trail.entries()) == 1
    _append(trail)
    assert verify(tmp_path).faults == ()
    assert len(trail.entries()) == 3
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


def _chained(**told: object) -> dict[str, object]:
    whole = {"number": 1, "previous": "0" * 64, "event": "intent", "actor": {}, **told}
    return {**whole, "hash": hash_of(whole)}


@pytest.mark.parametrize(
    "told",
    [
        {"number": True},
        {"number": 1.0},
        {"number": 0},
        {"number": -1},
        {"number": 10**400},
        {"number": None},
        {"previous": "z" * 64},
        {"previous": "0" * 63},
        {"previous": ["0" * 64]},
    ],
)
def test_what_is_not_chained_is_no_entry(told: dict[str, object]) -> None:
    assert parse(canonical(_chained(**told))) is None


@pytest.mark.parametrize(
    "told",
    [
        {"event": None},
        {"event": ["intent"]},
        {"actor": None},
        {"actor": {"format": "1"}},
        {"actor": {"more": 3}},
        {"actor": {"more": {"event": {}, "plan": [], "number": 7, "hash": "x"}}},
        {"message": float("nan"), "plan": 1e300},
        {"message": "\ud800"},
        {"plan": {"patience": 600.0, "payload": {"at": -0.0, "big": 2**70, "small": 5e-324}}},
    ],
)
def test_whatever_else_it_says_it_is_followed(told: dict[str, object]) -> None:
    line = parse(canonical(_chained(**told)) + b"\n")
    assert line is not None
    assert (line.number, line.previous, line.is_sound) == (1, "0" * 64, True)


def test_an_entry_that_is_too_long_is_not_written(tmp_path: Path) -> None:
    trail = _trail(tmp_path)
    _append(trail)
    with pytest.raises(AuditError, match="too long"):
        _append(trail, "x" * MAX_LINE)
    assert verify(tmp_path).entries == 1
    assert verify(tmp_path).faults == ()


def test_json_in_the_file_is_as_the_hash_has_it(tmp_path: Path) -> None:
    trail = _trail(tmp_path)
    _append(trail, "Nº \u202e")
    (line,) = trail.file.read_bytes().splitlines()
    assert line == canonical(json.loads(line))
