"""The audit trail: appended to under a lock, and synced before it is relied on.

At each append, the file is compared with the head that was noted (:mod:`.head`). Where it does not
continue from that, somebody has cut the end off, restored an older copy, or removed a file: the
user is told, an entry records it for good, and the trail continues.
"""

import errno
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from opsboard.acting.actor import Actor
from opsboard.acting.audit.chain import ChainEnd, continues_from, end_of
from opsboard.acting.audit.entry import AuditEntry, AuditEvent, AuditResult, entry_of
from opsboard.acting.audit.follower import START, NewEntries, ReadPosition, entries_since
from opsboard.acting.audit.head import HEAD_NAME, NO_ENTRIES, AuditHead, HeadFile
from opsboard.acting.audit.line import MAX_LINE, parse
from opsboard.acting.audit.line_file import LineFile
from opsboard.acting.audit.locking import open_locked, read_through
from opsboard.acting.audit.segments import FILE_NAME, Files, opened, rotate
from opsboard.acting.audit.witness import Witness
from opsboard.adapter import Clock
from opsboard.system.private_files import ensure_private, tightened, write_all

__all__ = ["FILE_NAME", "HEAD_NAME", "AuditError", "AuditHead", "AuditLog"]

LOCK_TIMEOUT: Final = 5.0
"""Seconds to wait for another program that writes."""

ROTATE_AT: Final = 16 * 1024 * 1024
"""Bytes after which a file of the trail is full."""

_log = logging.getLogger(__name__)


class AuditError(Exception):
    """The trail cannot be written or read. The text says why, and what to do."""


class AuditLog:
    """The audit trail in *folder*, which several programs of one user may share.

    *problems* are sentences for the user on what was found wrong with it.
    """

    def __init__(
        self,
        folder: Path,
        actor: Actor,
        clock: Clock,
        *,
        witness: Witness | None = None,
        rotate_at: int = ROTATE_AT,
    ) -> None:
        self.file = folder / FILE_NAME
        self.actor = actor
        self.problems: list[str] = []
        self._clock = clock
        self._head = HeadFile(folder / HEAD_NAME)
        self._witness = witness
        self._rotate_at = rotate_at

    def append(self, entry: AuditEntry) -> AuditEntry:
        """Write *entry* to the disk, and return it as it stands there. Raises AuditError.

        It is on the disk when this returns (fsync(2)): what it announces may then be done. Where
        this raises, nothing was written, or another entry says that it has not begun.
        """
        try:
            with self._locked() as lines, opened(self.file.parent, lines) as files:
                end = end_of(files)
                found = [self._discontinued(files, end), self._witnessed(files, end, entry)]
                more = [*self._torn(lines, end), *filter(None, found)]
                chained = _chain([*more, entry], end.head)
                self._make_room(lines, end)
                self._write(lines, chained, starts_anew=end.lacks_end)
                self._note_elsewhere(lines, chained[-1])
                return chained[-1]
        except (OSError, ValueError) as error:
            raise self._error(error) from None

    def entry(self, event: AuditEvent) -> AuditEntry:
        """Return an entry to fill in: now, and by this actor."""
        return AuditEntry(number=0, at=self._clock.now(), event=event, actor=self.actor)

    def entries(self, plan_id: str = "") -> list[AuditEntry]:
        """Return all that can be read, or all of *plan_id*; the rest is left out.

        Raises AuditError. What is being written meanwhile is waited for, for a short time.
        """
        try:
            return read_through(
                self.file.parent, FILE_NAME, LOCK_TIMEOUT, lambda files: _readable(files, plan_id)
            )
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._error(error) from None

    def new_entries(self, mark: ReadPosition) -> NewEntries:
        """Return what was appended after *mark*, or all there is where *mark* is no longer valid.

        Raises AuditError.
        """
        try:
            return read_through(
                self.file.parent, FILE_NAME, LOCK_TIMEOUT, partial(entries_since, mark)
            )
        except FileNotFoundError:
            return NewEntries((), START, is_reset=mark != START)
        except OSError as error:
            raise self._error(error) from None

    # --- what was found --------------------------------------------------------------------------

    def _discontinued(self, files: Files, end: ChainEnd) -> AuditEntry | None:
        """Return an entry that says so where the chain does not go on from the noted head."""
        try:
            noted = self._head.read()
        except ValueError:
            return self._says(f"{HEAD_NAME} names no entry", end)
        if self._head.is_loose:  # the next one takes its place, and is not
            self._tell(f"others could write to {HEAD_NAME}; that is fixed now")
        if noted is None and (end.head == NO_ENTRIES or _is_first_crash(end)):
            self._head.note(NO_ENTRIES)  # so that from the first entry on, one is there
            return None
        if noted is None:
            return self._says(f"{HEAD_NAME} is missing", end)
        if continues_from(files, end.head, noted):
            return None
        return self._says(f"the head noted was {noted}", end)

    def _witnessed(self, files: Files, end: ChainEnd, entry: AuditEntry) -> AuditEntry | None:
        """Return the same for the head that is noted elsewhere. Raises OSError where it must."""
        witness = self._witness
        if witness is None:
            return None
        try:
            noted = witness.read()
        except ValueError:
            return self._says(f"{witness.file} names no entry", end)
        except OSError as error:
            if witness.required and entry.event is AuditEvent.INTENT:
                raise
            self._tell(f"the head noted in {witness.file} cannot be read: {error.strerror}")
            return None
        if noted is None and end.head != NO_ENTRIES:
            self._tell(f"no head is noted in {witness.file} yet to compare the trail with")
        if noted is None or continues_from(files, end.head, noted):
            return None
        return self._says(f"the head noted in {witness.file} was {noted}", end)

    def _says(self, why: str, end: ChainEnd) -> AuditEntry:
        message = (
            f"the trail does not continue from where it was: {why}, the end found is {end.head}"
        )
        self._tell(f"{message}. It has been changed; an entry records this permanently")
        return self.entry(AuditEvent.DISCONTINUED).model_copy(update={"message": message})

    def _torn(self, lines: LineFile, end: ChainEnd) -> Iterator[AuditEntry]:
        """Yield an entry that names what crashes have left after the last one."""
        if end.torn:
            size, digest = lines.digest(end.torn)
            message = f"{size} bytes, SHA-256 {digest}"
            yield self.entry(AuditEvent.TORN).model_copy(update={"message": message})

    def _tell(self, problem: str) -> None:
        message = f"audit trail {self.file}: {problem}"
        _log.warning("%s", message)
        if message not in self.problems:
            self.problems.append(message)

    # --- the file --------------------------------------------------------------------------------

    @contextmanager
    def _locked(self) -> Iterator[LineFile]:
        if loose := ensure_private(self.file.parent):
            self._tell(f"its folder: {loose}; that is fixed now")
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
        with open_locked(self.file, flags, LOCK_TIMEOUT) as lines:
            if loose := tightened(lines.descriptor):
                self._tell(f"{loose}; that is fixed now")
            yield lines

    def _make_room(self, lines: LineFile, end: ChainEnd) -> None:
        """Begin another file where this one is full, and where its end is whole."""
        if lines.size < self._rotate_at or end.torn or end.lacks_end:
            return
        try:
            rotate(self.file.parent, lines)
        except OSError as error:  # it goes on in the file that is full
            self._tell(f"it cannot be rotated: {error.strerror}")

    def _write(self, lines: LineFile, entries: Sequence[AuditEntry], *, starts_anew: bool) -> None:
        """Write *entries* and note the last one as the head, or neither. Raises OSError."""
        content = b"".join(_line(entry) for entry in entries)
        self._head.prepare(AuditHead(entries[-1].number, entries[-1].hash))
        size = lines.size
        try:
            write_all(lines.descriptor, b"\n" + content if starts_anew else content)
            os.fsync(lines.descriptor)
            self._head.commit()
        except OSError:
            os.ftruncate(lines.descriptor, size)
            raise

    def _note_elsewhere(self, lines: LineFile, entry: AuditEntry) -> None:
        """Note the head elsewhere. Where that must be and fails, an intent is taken back."""
        witness = self._witness
        if witness is None:
            return
        try:
            witness.note(AuditHead(entry.number, entry.hash))
        except OSError as error:
            why = f"the head cannot be noted in {witness.file}: {error.strerror}"
            if not (witness.required and entry.event is AuditEvent.INTENT):
                self._tell(why)
                return
            outcome = {"event": AuditEvent.OUTCOME, "result": AuditResult.NOT_DONE, "plan": None}
            taken_back = entry.model_copy(update={**outcome, "message": f"not begun: {why}"})
            head = AuditHead(entry.number, entry.hash)
            self._write(lines, _chain([taken_back], head), starts_anew=False)
            raise

    def _error(self, error: Exception) -> AuditError:
        if isinstance(error, OSError):
            where, usual = (
                str(error.filename or self.file),
                "free some space, or fix its permissions",
            )
            if isinstance(error, FileNotFoundError):  # of a file that is made, its folder
                where, usual = str(Path(where).parent), "create that folder"
            if isinstance(error, NotADirectoryError):
                usual = "name another folder in XDG_STATE_HOME, or move away what is no folder"
            hint = getattr(error, "hint", usual)
            return AuditError(f"{where}: {error.strerror}; {hint}")
        return AuditError(
            f"{self.file}: {error}; `opsboard audit verify` says where. To start a new trail, move "
            f"it and {HEAD_NAME} away"
        )


def _is_first_crash(end: ChainEnd) -> bool:
    """Return whether that may be what the first version left when it was killed at its first entry.

    It noted its head after that only; since then, one is noted before.
    """
    return end.head.number == 1 and not end.format


def _chain(entries: Sequence[AuditEntry], head: AuditHead) -> list[AuditEntry]:
    """Return *entries* as those that follow *head*."""
    chained: list[AuditEntry] = []
    for entry in entries:
        chained.append(entry.chained(head.number + 1, head.hash))
        head = AuditHead(chained[-1].number, chained[-1].hash)
    return chained


def _line(entry: AuditEntry) -> bytes:
    line = entry.line()
    if len(line) > MAX_LINE:
        raise OSError(errno.EFBIG, f"an entry of {len(line):,} bytes is too long")
    return line


def _readable(files: Files, plan_id: str) -> list[AuditEntry]:
    return list(_entries(files, plan_id))


def _entries(files: Files, plan_id: str) -> Iterator[AuditEntry]:
    named = json.dumps(plan_id).encode() if plan_id else b""
    for _, lines in files:
        for span in lines.forwards():
            raw = lines.read(span)
            line = parse(raw) if named in raw else None
            entry = entry_of(line.data) if line is not None else None
            if entry is not None and plan_id in {"", entry.plan_id}:
                yield entry
