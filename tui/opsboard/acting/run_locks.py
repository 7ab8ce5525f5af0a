"""Who has an act in its hands: told by a lock that the kernel drops when a program ends.

A program holds the lock (flock(2)) on a file of the plan from before the intent until the
verdict. So a killed program leaves nothing behind that could be taken for a running one, whatever
the host is called; and of several programs that would take an act up, one does.
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
"""Seconds between two tries: who only looks whether it is locked has it for less."""


class LockHolder(Enum):
    """Who has an act in its hands.

    *ELSEWHERE* is what cannot be told: it was begun on another host, and a lock on this file
    system may be known to that host alone.
    """

    NONE = "nobody"
    PROGRAM = "a program that runs"
    ELSEWHERE = "elsewhere"


class RunLockedError(Exception):
    """The act cannot be had: another program has it, or it cannot be locked."""


class RunLock:
    """An act in this program's hands, until :meth:`release` or the end of the program."""

    def __init__(self, file: Path, descriptor: int) -> None:
        self._file = file
        self._descriptor = descriptor

    def release(self) -> None:
        """Let it go. May be called again."""
        if self._descriptor < 0:
            return
        with suppress(OSError):  # a file that is left is taken for what it is: held by nobody
            self._file.unlink()
        os.close(self._descriptor)
        self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class RunLocks:
    """The locks of all acts that are recorded in the state folder *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDER_NAME

    def acquire(self, plan_id: str) -> RunLock:
        """Return the act of *plan_id*, held. Raises :exc:`HeldError`, at once."""
        file = self._file(plan_id)
        try:
            ensure_private(self.folder.parent)
            ensure_private(self.folder)
            return RunLock(file, _locked(file))
        except BlockingIOError:
            raise RunLockedError("another program has it in its hands") from None
        except OSError as error:
            raise RunLockedError(f"it cannot be locked: {file}: {error.strerror}") from None

    def holder(self, plan_id: str, actor: Actor) -> LockHolder:
        """Return who has the act of *plan_id* in its hands, which *actor* wrote of last."""
        locked = self._is_locked(plan_id)
        if locked:
            return LockHolder.PROGRAM
        if not actor.format:
            return self._holder_without_lock(actor)
        if locked is None or not self._is_seen_from_here(actor):
            return LockHolder.ELSEWHERE
        return LockHolder.NONE

    def _holder_without_lock(self, actor: Actor) -> LockHolder:
        """Return who has an act of the first version, which told of its process only."""
        if actor.is_running:
            return LockHolder.PROGRAM
        ended = actor.is_same_host or actor.has_ended
        ended = ended or (not actor.is_same_machine and is_local(self.folder))
        return LockHolder.NONE if ended else LockHolder.ELSEWHERE

    def _is_seen_from_here(self, actor: Actor) -> bool:
        """Return whether a lock that *actor* has would be seen by this program."""
        return actor.is_same_machine or is_local(self.folder)

    def _is_locked(self, plan_id: str) -> bool | None:
        """Return whether the lock is taken; ``None`` where that cannot be told."""
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
    """Return a file's name for *plan_id*, which is an id as a plan makes them, or anything."""
    if plan_id.isascii() and plan_id.isalnum() and len(plan_id) <= 64:
        return plan_id
    return sha256(plan_id.encode("utf-8", "surrogatepass")).hexdigest()


def _locked(file: Path) -> int:
    """Return *file*, locked. Raises :exc:`OSError`.

    It is tried again where the one who had it took the file away, or who only looks has it.
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
