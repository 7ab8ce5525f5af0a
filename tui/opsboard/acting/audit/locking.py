"""The audit trail's file, opened and locked against other programs (flock(2))."""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

from opsboard.acting.audit.line_file import LineFile
from opsboard.acting.audit.segments import Files, full_files, opened
from opsboard.system.private_files import open_private

LOCK_STEP: Final = 0.002
"""Seconds between two tries: shorter than an entry takes to be written, so that nobody starves."""

ROUNDS: Final = 20
"""Times that a trail is read which is rotated while it is read."""

T = TypeVar("T")


@contextmanager
def open_locked(file: Path, flags: int, within: float) -> Iterator[LineFile]:
    """Open *file* for one writer alone, also where it was replaced meanwhile. Raises OSError."""
    is_current = False
    while not is_current:
        descriptor = open_private(file, flags)
        try:
            _lock(descriptor, fcntl.LOCK_EX, within)
            if is_current := _is_at(file, descriptor):
                yield LineFile(descriptor)
        finally:
            os.close(descriptor)


def read_through(folder: Path, name: str, within: float, read: Callable[[Files], T]) -> T:
    """Return what *read* makes of the files of the trail in *folder*, of which *name* is written.

    They are opened once nobody writes, or after *within* seconds all the same, and are not kept
    locked: who writes does not wait for who reads. What was written when this begins is there;
    where the trail is rotated meanwhile, it is read again. Raises :exc:`OSError`.
    """
    for _ in range(ROUNDS):
        with _opened_for_reading(folder / name, within) as current:
            with opened(folder, current) as files:
                before = _full(folder)
                if current is not None:
                    fcntl.flock(current.descriptor, fcntl.LOCK_UN)
                found = read(files)
            if _full(folder) == before:
                break
    return found


def _full(folder: Path) -> Sequence[tuple[str, int]]:
    return [(file.name, file.lstat().st_ino) for file in full_files(folder)]


@contextmanager
def _opened_for_reading(file: Path, within: float) -> Iterator[LineFile | None]:
    """Open *file*, locked against writers if it can be; ``None`` where there is none."""
    try:
        descriptor = open_private(file, os.O_RDONLY)
    except FileNotFoundError:
        yield None
        return
    try:
        with suppress(TimeoutError):
            _lock(descriptor, fcntl.LOCK_SH, within)
        yield LineFile(descriptor)
    finally:
        os.close(descriptor)


def _is_at(file: Path, descriptor: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(descriptor), file.lstat())
    return False


def _lock(descriptor: int, kind: int, within: float) -> None:
    """Lock an open file. Raises :exc:`TimeoutError` after *within* seconds."""
    deadline = time.monotonic() + within
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError(errno.ETIMEDOUT, "another program has locked it") from None
            time.sleep(LOCK_STEP)
        else:
            return
