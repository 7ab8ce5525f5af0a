"""Reading the audit trail repeatedly, each time only what was appended since.

A trail grows for years and is read before each run. A position in it stays valid: at a rotation, a
full file is copied with every line at its offset. Where the last line that was read is not there
any more as it was, somebody has changed the trail, and all of it is read again.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from opsboard.acting.audit.entry import AuditEntry, entry_of
from opsboard.acting.audit.line import parse
from opsboard.acting.audit.line_file import LineFile, LineSpan
from opsboard.acting.audit.segments import Files


class ReadPosition(NamedTuple):
    """How far was read: the index of the file, and the last line in it with its SHA-256.

    A line without its end is not read yet: it may still be written.
    """

    file: int = 0
    last: LineSpan = LineSpan(0, 0)
    digest: bytes = b""


START: Final = ReadPosition()


class NewEntries(NamedTuple):
    """What was read, up to *position*. With *is_reset*, entries read before are no longer valid."""

    entries: Sequence[AuditEntry]
    position: ReadPosition
    is_reset: bool = False


def entries_since(mark: ReadPosition, files: Files) -> NewEntries:
    """Return what *files* hold after *mark*."""
    if mark != START and not _holds(mark, files):
        return entries_since(START, files)._replace(is_reset=True)
    found: list[AuditEntry] = []
    for number in range(mark.file, len(files)):
        lines = files[number][1]
        begin = mark.last.end if number == mark.file else 0
        for span in lines.forwards(begin):
            if not lines.is_ended(span):
                break
            raw = lines.read(span)
            mark = ReadPosition(number, span, sha256(raw).digest())
            line = parse(raw)
            if line is not None and (entry := entry_of(line.data)) is not None:
                found.append(entry)
    return NewEntries(found, mark)


def _holds(mark: ReadPosition, files: Files) -> bool:
    """Return whether the line at *mark* is unchanged."""
    if mark.file >= len(files):
        return False
    lines: LineFile = files[mark.file][1]
    if lines.size < mark.last.end:
        return False
    return sha256(lines.read(mark.last)).digest() == mark.digest
