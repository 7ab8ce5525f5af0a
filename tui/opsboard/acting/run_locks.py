"""Which program works on a run: a lock that the kernel releases when the program ends.

A program holds the lock (flock(2)) on a file named by the plan from before the intent until the
verdict. A killed program leaves nothing behind that looks like a running one, whatever the host is
called; and of several programs that want to continue a run, exactly one does.
"""

import errno
import fcntl
import os
import time
from contextlib import suppress
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from opsboard.acting.actor import Actor
from opsboard.system.mounts import is_local
from opsboard.system.private_files import ensure_private, open_private

FOLDER_NAME: Final = "locks"
TRIES: Final = 10
PAUSE: Final = 0.002
"""Seconds between two tries. A program that only tests the lock holds it for less."""


class LockHolder(Enum):
    """Who works on a run.

    *ELSEWHERE* means that it cannot be known: it was started on another host, and a lock on this
    file system may be visible to that host alone.
    """

    NONE = "nobody"
    PROGRAM = "a program that runs"
    ELSEWHERE = "elsewhere"


class RunLockedError(Exception):
    """The run cannot be locked: another program has it, or the file system refuses."""


class RunLock:
    """The lock of one run, held until :meth:`release` or the end of the program."""

    def __init__(self, file: Path, descriptor: int) -> None:
        self._file = file
        self._descriptor = descriptor

    def release(self) -> None:
        """Release the lock. May be called again."""
        if self._descriptor < 0:
            return
        with suppress(OSError):  # a file that is left behind is locked by nobody
            self._file.unlink()
        os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class RunLocks:
    """The locks of all runs that are recorded in the state folder *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER_NAME

    def acquire(self, plan_id: str) -> RunLock:
        """Return the act of *plan_id*, held. Raises :exc:`RunLockedError`, at once."""
        file = self._file(plan_id)
        try:
            ensure_private(self.folder.parent)
            ensure_private(self.folder)
            return RunLock(file, _locked(file))
        except BlockingIOError:
            raise RunLockedError("another program is working on it") from None
        except OSError as error:
            raise RunLockedError(f"it cannot be locked: {file}: {error.strerror}") from None

    def holder(self, plan_id: str, actor: Actor) -> LockHolder:
        """Return who works on the run of *plan_id*; *actor* wrote its last audit entry."""
        locked = self._is_locked(plan_id)
        if locked:
            return LockHolder.PROGRAM
        if not actor.format:
            return self._holder_without_lock(actor)
        if locked is None or not self._is_seen_from_here(actor):
            return LockHolder.ELSEWHERE
        return LockHolder.NONE

    def _holder_without_lock(self, actor: Actor) -> LockHolder:
        """Return who works on a run of the first version, which recorded only its process."""
        if actor.is_running:
            return LockHolder.PROGRAM
        ended = actor.is_same_host or actor.has_ended
        ended = ended or (not actor.is_same_machine and is_local(self.folder))
        return LockHolder.NONE if ended else LockHolder.ELSEWHERE

    def _is_seen_from_here(self, actor: Actor) -> bool:
        """Return whether this program would see a lock that *actor* holds."""
        return actor.is_same_machine or is_local(self.folder)

    def _is_locked(self, plan_id: str) -> bool | None:
        """Return whether the lock is held; ``None`` where that cannot be found out."""
        try:
            descriptor = open_private(self._file(plan_id), os.O_RDONLY)
        except FileNotFoundError:
            return False
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return None
        finally:
            os.close(descriptor)
        return False

    def _file(self, plan_id: str) -> Path:
        return self.folder / f"{_name(plan_id)}.lock"


def _name(plan_id: str) -> str:
    """Return a safe file name for *plan_id*, which may be any text from the audit log."""
    if plan_id.isascii() and plan_id.isalnum() and len(plan_id) <= 64:
        return plan_id
    return sha256(plan_id.encode("utf-8", "surrogatepass")).hexdigest()


def _locked(file: Path) -> int:
    """Return a descriptor of *file*, locked. Raises :exc:`OSError`.

    Tries again where the former holder removed the file, or a program only tests the lock.
    """
    for _ in range(TRIES):
        descriptor = open_private(file, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), file.lstat()):
                return descriptor
        except FileNotFoundError:
            pass
        except BlockingIOError:
            time.sleep(PAUSE)
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise BlockingIOError(errno.EWOULDBLOCK, "another program has it")
