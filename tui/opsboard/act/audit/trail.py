"""The file of the audit trail: appended to under a lock, and synced before it is relied on."""

import errno
import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import ValidationError

from opsboard.act.actor import Actor
from opsboard.act.audit.entry import FIRST, Entry, Event
from opsboard.adapter import Clock
from opsboard.config.paths import ensure

FILE_NAME: Final = "audit.jsonl"
HEAD_NAME: Final = "audit.head"
"""Number and hash of the last entry, so that the end of the file cannot be cut off unseen."""

LOCK_WITHIN: Final = 2.0
"""Seconds to wait for another program that writes."""

LOCK_STEP: Final = 0.01
_TAIL: Final = 65_536


class AuditError(Exception):
    """The trail cannot be written or read. The text says why, and how to mend it."""


class Head(NamedTuple):
    """The last entry: its number, 0 for none, and its hash."""

    number: int
    hash: str


class Trail:
    """The audit trail in *folder*, which several programs of one user may share."""

    def __init__(self, folder: Path, actor: Actor, clock: Clock) -> None:
        self.file = folder / FILE_NAME
        self.actor = actor
        self._clock = clock

    def append(self, entry: Entry) -> Entry:
        """Write *entry* to the disk, and return it as it stands there. Raises AuditError.

        It is on the disk when this returns (fsync(2)): what it announces may then be done.
        """
        try:
            with self._locked() as descriptor:
                head = self._mended(descriptor, last(descriptor))
                return self._write(descriptor, entry, head)
        except (OSError, ValueError) as error:
            raise self._error(error) from None

    def entry(self, event: Event) -> Entry:
        """Return an entry to fill in: now, and by this actor."""
        return Entry(number=0, at=self._clock.now(), event=event, actor=self.actor)

    def entries(self) -> list[Entry]:
        """Return all that can be read; a line that cannot is left out. Raises AuditError."""
        try:
            with self.file.open("rb") as lines:
                return list(_readable(lines))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._error(error) from None

    # --- the file --------------------------------------------------------------------------------

    @contextmanager
    def _locked(self) -> Iterator[int]:
        ensure(self.file.parent)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.file, flags, 0o600)
        try:
            _lock(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)

    def _write(self, descriptor: int, entry: Entry, head: Head) -> Entry:
        chained = entry.chained(head.number + 1, head.hash)
        _write_all(descriptor, chained.line())
        os.fsync(descriptor)
        self._note_head(Head(chained.number, chained.hash))
        return chained

    def _mended(self, descriptor: int, found: tuple[Head, bytes]) -> Head:
        """Close a line that a crash has torn, and say what is left of it."""
        head, torn = found
        if not torn:
            return head
        if not torn.endswith(b"\n"):
            _write_all(descriptor, b"\n")
        torn = torn.removesuffix(b"\n")
        message = f"{len(torn)} bytes, SHA-256 {sha256(torn).hexdigest()}"
        entry = self.entry(Event.TORN).model_copy(update={"message": message})
        written = self._write(descriptor, entry, head)
        return Head(written.number, written.hash)

    def _note_head(self, head: Head) -> None:
        file = self.file.with_name(HEAD_NAME)
        fresh = file.with_name(HEAD_NAME + ".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _write_all(descriptor, f"{head.number} {head.hash}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        fresh.replace(file)
        _sync_folder(file.parent)

    def _error(self, error: Exception) -> AuditError:
        if isinstance(error, OSError):
            return AuditError(f"{self.file}: {error.strerror}; give it room and rights")
        return AuditError(
            f"{self.file}: {error}; `opsboard audit verify` says where. Rename it to begin anew"
        )


def _lock(descriptor: int) -> None:
    """Lock an open file against other writers. Raises :exc:`TimeoutError`."""
    deadline = time.monotonic() + LOCK_WITHIN
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError(errno.ETIMEDOUT, "another program holds it locked") from None
            time.sleep(LOCK_STEP)
        else:
            return


def last(descriptor: int) -> tuple[Head, bytes]:
    """Return the last whole entry of an open file, and the torn line that follows it, if any.

    Raises :exc:`ValueError` where more than one line at the end is no entry.
    """
    size = os.fstat(descriptor).st_size
    reach = _TAIL
    while True:
        begin = max(0, size - reach)
        lines = os.pread(descriptor, size - begin, begin).splitlines(keepends=True)
        ends = lines if begin == 0 else lines[1:]
        if begin == 0 or len(ends) > 1:
            return _last_of(ends)
        reach *= 4


def _last_of(lines: list[bytes]) -> tuple[Head, bytes]:
    if not lines:
        return Head(0, FIRST), b""
    if lines[-1].endswith(b"\n") and (head := _head(lines[-1])) is not None:
        return head, b""
    if len(lines) == 1:
        return Head(0, FIRST), lines[-1]
    if (head := _head(lines[-2])) is None:
        raise ValueError("several lines at the end are no entries")
    return head, lines[-1]


def _head(line: bytes) -> Head | None:
    try:
        entry = Entry.model_validate_json(line)
    except ValidationError:
        return None
    return Head(entry.number, entry.hash)


def _readable(lines: Iterable[bytes]) -> Iterator[Entry]:
    for line in lines:
        try:
            yield Entry.model_validate_json(line)
        except ValidationError:
            continue


def _write_all(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
