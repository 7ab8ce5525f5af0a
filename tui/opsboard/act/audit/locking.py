"""The audit trail's file, opened and locked against other programs (flock(2))."""

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from opsboard.act.audit.line_file import LineFile
from opsboard.act.private_files import open_private

LOCK_STEP: Final = 0.01


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


@contextmanager
def read_locked(file: Path, within: float) -> Iterator[LineFile | None]:
    """Open *file* for reading while nobody writes, or after *within* seconds all the same.

    ``None`` where there is none. Raises :exc:`OSError`.
    """
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
                raise TimeoutError(errno.ETIMEDOUT, "another program holds it locked") from None
            time.sleep(LOCK_STEP)
        else:
            return
