"""The head of the audit trail: number and hash of its last entry, so that no end is cut off unseen.

It is noted after the line that it names, by renaming a new file over the old one: a crash leaves
either the head before or the one after. So a head may be behind the file, never ahead of it.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from opsboard.acting.audit.line import NO_PREVIOUS
from opsboard.system.private_files import (
    is_loose,
    open_private,
    replace_private,
    sync_folder,
    write_all,
)

HEAD_NAME: Final = "audit.head"
_LONGEST: Final = 200


class AuditHead(NamedTuple):
    """The last entry: its number, 0 for none, and its hash."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


NO_ENTRIES: Final = AuditHead(0, NO_PREVIOUS)
"""The head of a trail without entries."""


def parse_head(text: str) -> AuditHead:
    """Return the head in *text*: ``NUMBER HASH`` or ``NUMBER:HASH``. Raises :exc:`ValueError`."""
    number, _, digest = text.strip().replace(":", " ").partition(" ")
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise ValueError("a head is a number and a hash of 64 characters: 12:0ab...")
    if not (number.isascii() and number.isdecimal() and len(number) <= 15):
        raise ValueError(f"{number[:20]!r} is not an entry number")
    return AuditHead(int(number), digest)


class HeadFile:
    """The head noted in *file*. If *owned*, the file has to belong to this user."""

    def __init__(self, file: Path, *, owned: bool = True) -> None:
        self.file = file
        self._owned = owned
        self._fresh = file.with_name(f"{file.name}.new")

    @property
    def is_loose(self) -> bool:
        """Whether others may write to it."""
        with suppress(OSError):
            return is_loose(self.file.lstat())
        return False

    def read(self) -> AuditHead | None:
        """Return what is noted; ``None`` where nothing is.

        Raises :exc:`ValueError` where it is no head, :exc:`OSError` where it cannot be read.
        """
        try:
            descriptor = open_private(self.file, os.O_RDONLY, owned=self._owned)
        except FileNotFoundError:
            return None
        try:
            content = os.read(descriptor, _LONGEST)
        finally:
            os.close(descriptor)
        return parse_head(content.decode("ascii", "replace"))

    def prepare(self, head: AuditHead) -> None:
        """Write *head* to a new file on the disk, for :meth:`commit`. Raises :exc:`OSError`."""
        descriptor = replace_private(self._fresh, owned=self._owned)
        try:
            write_all(descriptor, f"{head.number} {head.hash}\n".encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def commit(self) -> None:
        """Replace the noted head by the prepared one. The old one stays if this raises OSError."""
        self._fresh.replace(self.file)
        with suppress(OSError):  # a power failure may leave the one before, which is no harm
            sync_folder(self.file.parent)

    def note(self, head: AuditHead) -> None:
        """Note *head*. Raises :exc:`OSError`."""
        self.prepare(head)
        self.commit()
