"""What a running program has in its hands is left to it; what a dead one left is taken up once."""

import asyncio
import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from opsboard.acting import actor as actor_module
from opsboard.acting import run_locks as locks_module
from opsboard.acting.actor import Actor, current_actor
from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.acting.run_locks import FOLDER_NAME, LockHolder, RunLockedError, RunLocks
from opsboard.adapter import NotFound
from opsboard.records import ActivityState, Kind, Ref
from opsboard.system.mounts import is_local
from tests.acting.lever import Stand
from tests.collect import eventually

YES = Consent(confirmed=True, typed="web", reason="r")
OTHER_BOOT = "00000000-0000-4000-8000-000000000000/77"

HOLDING = """
import sys, time
from pathlib import Path
from opsboard.acting.run_locks import RunLocks

hold = RunLocks(Path(sys.argv[1])).acquire(sys.argv[2])
print("held", flush=True)
time.sleep(600)
"""


def _locks(folder: Path) -> list[str]:
    return [file.name for file in (folder / FOLDER_NAME).glob("*")]


async def _under_way(stand: Stand) -> None:
    """Begin an act that goes on until its end is let come."""
    stand.lever.ends.clear()
    await stand.coordinator.start([await stand.plan()], YES)
    await eventually(lambda: ("outcome", "done") in stand.told())


# --- two boards ----------------------------------------------------------------------------------


async def test_another_board_does_not_take_up_what_a_running_one_follows(tmp_path: Path) -> None:
    first, second = Stand(tmp_path), Stand(tmp_path)
    await _under_way(first)
    await second.coordinator.resume_open_runs()
    assert not second.coordinator._tasks
    assert await second.coordinator.reconcile_abandoned() == []
    assert second.engine.last.state is ActivityState.FOLLOWING
    first.lever.ends.set()
    await eventually(lambda: ("verdict", "succeeded") in first.told())
    assert first.told() == [("intent", ""), ("outcome", "done"), ("verdict", "succeeded")]


async def test_another_board_does_not_settle_what_a_running_one_sends(tmp_path: Path) -> None:
    first, second = Stand(tmp_path), Stand(tmp_path)
    sending, go_on = asyncio.Event(), asyncio.Event()
    execute = first.lever.execute

    async def slow(plan: object, permit: object) -> object:
        sending.set()
        await go_on.wait()
        return await execute(plan, permit)  # type: ignore[arg-type]

    first.lever.execute = slow  # type: ignore[method-assign, assignment]
    await first.coordinator.start([await first.plan()], YES)
    await sending.wait()
    await second.coordinator.resume_open_runs()
    assert not second.coordinator._tasks
    assert await second.coordinator.reconcile_abandoned() == []
    assert second.engine.last.state is ActivityState.RUNNING
    assert second.engine.last.message == "being sent"
    go_on.set()
    await eventually(lambda: ("verdict", "succeeded") in first.told())
    assert first.told() == [("intent", ""), ("outcome", "done"), ("verdict", "succeeded")]


async def test_of_many_boards_one_takes_up_what_was_left(tmp_path: Path) -> None:
    left = Stand(tmp_path)
    await _under_way(left)
    await _die(left)
    boards = [Stand(tmp_path) for _ in range(5)]
    await asyncio.gather(*(board.coordinator.resume_open_runs() for board in boards))
    await eventually(lambda: ("verdict", "succeeded") in left.told())
    await eventually(lambda: not any(board.coordinator._tasks for board in boards))
    assert left.told() == [("intent", ""), ("outcome", "done"), ("verdict", "succeeded")]


async def test_an_act_in_hands_is_not_taken_up_by_a_key_either(tmp_path: Path) -> None:
    first, second = Stand(tmp_path), Stand(tmp_path)
    await _under_way(first)
    await second.coordinator.resume_open_runs()
    with pytest.raises(Refused, match="another program is working on it"):
        await second.coordinator.resume(second.engine.last.ref)
    first.lever.ends.set()
    await eventually(lambda: ("verdict", "succeeded") in first.told())
    with pytest.raises(Refused, match="it has ended"):
        await second.coordinator.resume(second.engine.last.ref)
    assert second.engine.last.state is ActivityState.SUCCEEDED
    with pytest.raises(NotFound):
        await second.coordinator.resume(Ref("opsboard", Kind.ACTIVITY, "another"))


async def test_the_lock_is_let_go_with_the_verdict(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    await _under_way(stand)
    assert len(_locks(tmp_path)) == 1
    stand.lever.ends.set()
    await eventually(lambda: not _locks(tmp_path))
    assert ("verdict", "succeeded") in stand.told()


async def test_a_refused_act_holds_nothing(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    with pytest.raises(Refused):
        await stand.coordinator.start([await stand.plan()], Consent())
    assert _locks(tmp_path) == []


async def test_an_act_that_cannot_be_held_is_refused(tmp_path: Path) -> None:
    stand = Stand(tmp_path)
    (tmp_path / FOLDER_NAME).write_text("no folder")
    with pytest.raises(Refused, match="it cannot be locked"):
        await stand.coordinator.start([await stand.plan()], YES)
    assert (stand.lever.pulled, stand.told()) == ([], [])


async def _die(stand: Stand) -> None:
    """End as a killed program does: nothing more is written, and the locks are gone."""
    stand.audit.append = lambda entry: entry  # type: ignore[method-assign]
    for task in tuple(stand.coordinator._tasks):
        task.cancel()
    await eventually(lambda: not stand.coordinator._tasks)


# --- the lock ------------------------------------------------------------------------------------


def _actor(**told: object) -> Actor:
    return current_actor({}).model_copy(update=told)


def test_a_lock_is_held_once_and_seen_by_others(tmp_path: Path) -> None:
    mine, other = RunLocks(tmp_path), RunLocks(tmp_path)
    hold = mine.acquire("a1")
    assert other.holder("a1", _actor()) is LockHolder.PROGRAM
    with pytest.raises(RunLockedError, match="another program"):
        other.acquire("a1")
    other.acquire("b2").release()
    hold.release()
    hold.release()
    assert other.holder("a1", _actor()) is LockHolder.NONE
    other.acquire("a1").release()


def test_the_kernel_drops_the_lock_of_a_killed_program(tmp_path: Path) -> None:
    held = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path), "a1"], stdout=subprocess.PIPE
    )
    assert held.stdout is not None
    assert held.stdout.readline() == b"held\n"
    renamed = _actor(host="another-name-at-each-start")
    assert RunLocks(tmp_path).holder("a1", renamed) is LockHolder.PROGRAM
    held.send_signal(signal.SIGKILL)
    held.communicate()
    assert RunLocks(tmp_path).holder("a1", renamed) is LockHolder.NONE
    RunLocks(tmp_path).acquire("a1").release()


@pytest.mark.parametrize("plan_id", ["../../escape", "", "a/b", "\udcff", "x" * 300, "ü"])
def test_an_odd_plan_id_names_a_file_in_the_folder(tmp_path: Path, plan_id: str) -> None:
    state = tmp_path / "state"
    with RunLocks(state).acquire(plan_id):
        assert len(_locks(state)) == 1
        assert RunLocks(state).holder(plan_id, _actor()) is LockHolder.PROGRAM
    assert {file.name for file in state.iterdir()} == {FOLDER_NAME}


@pytest.mark.parametrize("there", ["link", "fifo", "folder"])
def test_what_is_no_lock_is_not_followed_and_not_waited_for(tmp_path: Path, there: str) -> None:
    folder = tmp_path / FOLDER_NAME
    folder.mkdir()
    file = folder / "a1.lock"
    if there == "link":
        file.symlink_to(tmp_path / "elsewhere")
    elif there == "fifo":
        os.mkfifo(file)
    else:
        file.mkdir()
    with pytest.raises(RunLockedError, match="it is a"):
        RunLocks(tmp_path).acquire("a1")
    assert RunLocks(tmp_path).holder("a1", _actor()) is LockHolder.ELSEWHERE
    assert not (tmp_path / "elsewhere").exists()


# --- other hosts ---------------------------------------------------------------------------------

SHARED = "36 35 0:30 / / rw - nfs4 server:/homes rw\n"
LOCAL = "36 35 0:30 / / rw - ext4 /dev/sda rw\n"


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks_module, "is_local", lambda _: False)


def test_what_another_boot_left_on_a_disk_of_ones_own_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks_module, "is_local", lambda _: True)
    for host in ("before", current_actor({}).host):
        assert (
            RunLocks(tmp_path).holder("a1", _actor(host=host, start_time=OTHER_BOOT))
            is LockHolder.NONE
        )


@pytest.mark.usefixtures("shared")
def test_on_a_shared_disk_another_machine_cannot_be_told(tmp_path: Path) -> None:
    for host in ("bastion-2", current_actor({}).host):
        actor = _actor(host=host, start_time=OTHER_BOOT)
        assert RunLocks(tmp_path).holder("a1", actor) is LockHolder.ELSEWHERE
        with RunLocks(tmp_path).acquire("a1"):
            assert RunLocks(tmp_path).holder("a1", actor) is LockHolder.PROGRAM
    assert RunLocks(tmp_path).holder("a1", _actor(host="renamed")) is LockHolder.NONE


def test_where_nothing_can_be_locked_nothing_can_be_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    RunLocks(tmp_path).acquire("a1").release()
    (tmp_path / FOLDER_NAME / "a1.lock").touch()

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    assert RunLocks(tmp_path).holder("a1", _actor()) is LockHolder.ELSEWHERE
    with pytest.raises(RunLockedError, match="No locks available"):
        RunLocks(tmp_path).acquire("a1")


def test_acts_of_the_first_version_are_told_by_their_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks_module, "is_local", lambda _: True)
    holds = RunLocks(tmp_path)
    assert holds.holder("a1", _actor(format=0)) is LockHolder.PROGRAM
    assert holds.holder("a1", _actor(format=0, pid=2**30)) is LockHolder.NONE
    renamed = _actor(format=0, host="renamed", pid=2**30)
    gone = renamed.model_copy(update={"start_time": f"{renamed.boot}/1"})
    for sees_all in (True, False):
        monkeypatch.setattr(actor_module, "sees_every_process", lambda sees=sees_all: sees)
        assert holds.holder("a1", renamed) is LockHolder.ELSEWHERE  # by another number, it runs
        ended = LockHolder.NONE if sees_all else LockHolder.ELSEWHERE
        assert holds.holder("a1", gone) is ended
    assert (
        holds.holder("a1", _actor(format=0, host="renamed", start_time=OTHER_BOOT))
        is LockHolder.NONE
    )


@pytest.mark.usefixtures("shared")
async def test_held_elsewhere_is_shown_and_taken_up_only_by_a_key(tmp_path: Path) -> None:
    far = _actor(host="bastion-2", start_time=OTHER_BOOT, pid=4711)
    left = Stand(tmp_path, actor=far)
    await _under_way(left)
    await _die(left)
    stand = Stand(tmp_path)
    await stand.coordinator.resume_open_runs()
    assert await stand.coordinator.reconcile_abandoned() == []
    shown = stand.engine.last
    assert shown.state is ActivityState.UNKNOWN
    assert "in progress elsewhere" in shown.message
    assert "bastion-2, process 4711" in shown.message
    assert not stand.coordinator._tasks
    await stand.coordinator.resume(shown.ref)
    await eventually(lambda: stand.engine.last.state is ActivityState.SUCCEEDED)
    assert stand.told() == [("intent", ""), ("outcome", "done"), ("verdict", "succeeded")]


@pytest.mark.parametrize(
    ("mounts", "local"),
    [
        (LOCAL, True),
        (SHARED, False),
        (LOCAL + SHARED, False),
        (SHARED + "40 36 8:1 / /home/kim\\040x rw - xfs /dev/sdb rw\n", True),
        (LOCAL + "40 36 0:9 / /home rw shared:7 - fuse.sshfs far: rw\n", False),
        (LOCAL + "40 36 0:9 / /ho rw - nfs far: rw\nodd\n\n1 - x\n", True),
        ("", False),
    ],
)
def test_which_disks_are_ones_own(tmp_path: Path, mounts: str, local: bool) -> None:
    told = tmp_path / "mountinfo"
    told.write_text(mounts)
    assert is_local(Path("/home/kim x/state"), told) is local


def test_without_a_list_of_mounts_nothing_is_ones_own(tmp_path: Path) -> None:
    assert not is_local(tmp_path, tmp_path / "missing")
