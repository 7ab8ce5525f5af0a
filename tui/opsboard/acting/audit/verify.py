"""Checking the audit trail: is it whole, and as it was written?"""

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from opsboard.acting.audit.chain import is_begun
from opsboard.acting.audit.entry import AuditEvent
from opsboard.acting.audit.head import HEAD_NAME, NO_ENTRIES, AuditHead, HeadFile, parse_head
from opsboard.acting.audit.line import AuditLine, parse
from opsboard.acting.audit.line_file import LineFile, LineSpan
from opsboard.acting.audit.locking import read_through
from opsboard.acting.audit.segments import FILE_NAME, Files
from opsboard.acting.audit.witness import Witness
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.system.private_files import is_loose

__all__ = ["AuditHead", "Verification", "parse_head", "verify"]

LOCK_TIMEOUT: Final = 2.0
"""Seconds to wait for a program that writes."""


@frozen_unchecked
class Verification(Frozen):
    """What a check has found. *faults* are sentences, each with the line; none if all is well."""

    entries: int
    head: AuditHead
    faults: tuple[str, ...]


class _Chain:
    """Follows the chain, file by file and line by line."""

    def __init__(self) -> None:
        self.count = 0
        self.head = NO_ENTRIES
        self.last_format = 0
        self._heads = {NO_ENTRIES}
        self._torn: list[tuple[str, LineSpan]] = []

    def holds(self, head: AuditHead) -> bool:
        """Tell whether *head* is somewhere in the chain: a crash may leave it behind."""
        return head in self._heads

    def take(self, at: str, lines: LineFile, span: LineSpan) -> Iterator[str]:
        """Yield what is wrong with the line at *span*, which is called *at*."""
        line = parse(lines.read(span))
        if line is None or not (lines.is_ended(span) or line.is_sound):
            self._torn.append((at, span))
            return
        if not _explains(line, lines, [torn for _, torn in self._torn]):
            yield from self._complain_of_torn()
        self._torn.clear()
        yield from self._follow(at, line)

    def end(self, lines: LineFile, *, is_last: bool) -> Iterator[str]:
        """Yield what is wrong with the end of a file; at the last, a crash is no fault."""
        if not (is_last and _is_crash(lines, [torn for _, torn in self._torn])):
            yield from self._complain_of_torn()
        self._torn.clear()

    def _complain_of_torn(self) -> Iterator[str]:
        for at, _ in self._torn:
            yield f"{at}: is no entry"

    def _follow(self, at: str, line: AuditLine) -> Iterator[str]:
        head = self.head
        if not line.is_sound:
            yield f"{at}: was changed after it was written"
        if line.previous != head.hash:
            yield f"{at}: does not follow the entry before it"
        if line.number != head.number + 1:
            yield f"{at}: is entry {line.number}, expected {head.number + 1}"
        if line.event == AuditEvent.DISCONTINUED:
            yield f"{at}: on record: {line.data.get('message')}"
        self.count += 1
        self.last_format = line.format
        self.head = AuditHead(line.number, line.hash)
        self._heads.add(self.head)


def verify(
    folder: Path, noted: AuditHead | None = None, witness: Witness | None = None
) -> Verification:
    """Check the trail in *folder*; *noted* and *witness* are heads that were noted elsewhere.

    What cannot be read is a fault, too. A trail that does not exist is whole.
    """
    own = HeadFile(folder / HEAD_NAME)
    heads: list[tuple[str, AuditHead | str | None]] = [(HEAD_NAME, _read(own.read))]
    if witness is not None:
        heads.append((str(witness.file), _read(witness.read)))
    if noted is not None:
        heads.append(("the head that was noted", noted))
    chain, faults = _Chain(), list[str]()
    try:  # after the heads: what is appended meanwhile is no fault
        chain, faults = read_through(folder, FILE_NAME, LOCK_TIMEOUT, partial(_followed, folder))
    except FileNotFoundError:  # there is no such folder
        pass
    except OSError as error:
        faults.append(f"{error.filename or FILE_NAME}: {error.strerror}")
    if own.is_loose:
        faults.append(f"{HEAD_NAME}: others can write to it")
    for name, head in heads:
        faults += _check(name, head, chain)
    return Verification(chain.count, chain.head, tuple(faults))


def _followed(folder: Path, files: Files) -> tuple[_Chain, list[str]]:
    chain = _Chain()
    return chain, list(_follow(chain, folder, files))


def _follow(chain: _Chain, folder: Path, files: Files) -> Iterator[str]:
    if files and is_loose(folder.stat()):
        yield f"{folder}: others can write to the folder"
    for name, lines in files:
        prefix = "" if name == FILE_NAME else f"{name} "
        found = os.fstat(lines.descriptor)
        if is_loose(found):
            yield f"{name}: others can write to it (mode {found.st_mode & 0o7777:04o})"
        for at, span in enumerate(lines.forwards(), 1):
            yield from chain.take(f"{prefix}line {at}", lines, span)
        yield from chain.end(lines, is_last=lines is files[-1][1])


def _read(read: Callable[[], AuditHead | None]) -> AuditHead | str | None:
    """Return the head that *read* returns, or what is wrong with it."""
    try:
        return read()
    except ValueError as error:
        return str(error)
    except OSError as error:
        return error.strerror or str(error)


def _check(name: str, head: AuditHead | str | None, chain: _Chain) -> Iterator[str]:
    """Yield what is wrong with *head*, which is noted in *name*."""
    if isinstance(head, str):
        yield f"{name}: {head}"
    elif head is not None and not chain.holds(head):
        yield f"{name} names entry {head.number}, which is missing or has changed"
    elif head is None and name != HEAD_NAME and chain.count:
        yield f"{name} is missing: the next action writes it, or it was removed"
    elif head is None and (chain.count > 1 or chain.last_format):
        yield f"{HEAD_NAME} is missing: the end of the trail may have been cut off"


def _explains(line: AuditLine, lines: LineFile, torn: list[LineSpan]) -> bool:
    """Return whether *line* names what a crash has left as *torn* before it."""
    if not torn:
        return True
    _, digest = lines.digest(torn)
    return line.event == AuditEvent.TORN and digest in str(line.data.get("message"))


def _is_crash(lines: LineFile, torn: list[LineSpan]) -> bool:
    """Return whether *torn*, at the end of *lines*, may be what crashes have left."""
    if len(torn) == 1 and not lines.is_ended(torn[0]):
        return True
    return all(is_begun(lines, span) for span in torn)
