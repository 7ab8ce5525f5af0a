"""Where the chain of entries ends, and whether it continues from a head that was noted."""

from collections.abc import Iterator, Sequence
from typing import Final

from opsboard.acting.audit.head import NO_ENTRIES, AuditHead
from opsboard.acting.audit.line import BEGINNING, NO_PREVIOUS, AuditLine, parse
from opsboard.acting.audit.line_file import LineFile, LineSpan
from opsboard.acting.audit.segments import Files
from opsboard.frozen import Frozen, frozen_unchecked

MAX_TORN: Final = 64
"""Incomplete lines at the end of a file. Each is left by one crash; the next entry names them."""


@frozen_unchecked
class ChainEnd(Frozen):
    """The end of the chain: its last entry, and incomplete lines after it, left by crashes.

    *lacks_end* is whether the file ends without a line feed. *format* is that of the
    last entry.
    """

    head: AuditHead
    torn: tuple[LineSpan, ...] = ()
    lacks_end: bool = False
    format: int = 0


def end_of(files: Files) -> ChainEnd:
    """Return where the chain in *files*, the oldest first, ends.

    Raises :exc:`ValueError` where what is at the end is not what a crash leaves.
    """
    if not files:
        return ChainEnd(NO_ENTRIES)
    *before, (_, current) = files
    end = _end_of_file(current)
    for _, lines in reversed(before):
        if end.head.number:
            break
        found = _end_of_file(lines)
        end = ChainEnd(found.head, end.torn, end.lacks_end, found.format)
    return end


def continues_from(files: Files, end: AuditHead, noted: AuditHead) -> bool:
    """Return whether *noted* is in the chain that ends with *end*, link by link from there on."""
    if noted == end:
        return True
    if noted.number >= end.number:
        return False
    expected = end.hash
    for line in _entries_backwards(files):
        if line.hash != expected:
            return False
        if line.number == noted.number:
            return line.hash == noted.hash
        if line.number < noted.number or not line.is_sound:
            return False
        expected = line.previous
    return noted == NO_ENTRIES and expected == NO_PREVIOUS


def _entries_backwards(files: Files) -> Iterator[AuditLine]:
    for _, lines in reversed(files):
        for span in lines.backwards():
            if (line := parse(lines.read(span))) is not None:
                yield line


def _end_of_file(lines: LineFile) -> ChainEnd:
    torn: list[LineSpan] = []
    lacks_end = False
    for span in lines.backwards():
        line, is_ended = parse(lines.read(span)), lines.is_ended(span)
        lacks_end = lacks_end or not is_ended
        if line is not None and (is_ended or line.is_sound):
            _check_torn(lines, torn)
            return ChainEnd(
                AuditHead(line.number, line.hash), tuple(reversed(torn)), lacks_end, line.format
            )
        torn.append(span)
        if len(torn) > MAX_TORN:
            break
    _check_torn(lines, torn)
    return ChainEnd(NO_ENTRIES, tuple(reversed(torn)), lacks_end)


def _check_torn(lines: LineFile, torn: Sequence[LineSpan]) -> None:
    """Raise :exc:`ValueError` where *torn* is more than crashes leave.

    One line may be anything. Several are left by several crashes, and each begins as an entry.
    """
    if len(torn) > 1 and (len(torn) > MAX_TORN or not all(is_begun(lines, one) for one in torn)):
        raise ValueError("several lines at the end are not entries")


def is_begun(lines: LineFile, span: LineSpan) -> bool:
    """Return whether the line at *span* may be the beginning of an entry, or never got to the disk.

    After a power failure, a file may be as long as it was to be, with zeros in it.
    """
    content = lines.read(span).removesuffix(b"\n").rstrip(b"\0")
    return content.startswith(BEGINNING) or BEGINNING.startswith(content)
