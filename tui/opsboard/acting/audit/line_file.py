"""An open file of lines, read from either end, with no more than a line of it in memory."""

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from opsboard.acting.audit.line import MAX_LINE

_BLOCK: Final = 65_536


class LineSpan(NamedTuple):
    """Where a line is in the file: with the byte that ends it, if there is one."""

    begin: int
    end: int


class LineFile:
    """Lines of the open file *descriptor*. Nothing of it is moved or changed."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return os.fstat(self.descriptor).st_size

    def read(self, span: LineSpan) -> bytes:
        """Return the line at *span*; of one that is longer than any entry, one byte too many."""
        length = min(span.end - span.begin, MAX_LINE + 1)
        return os.pread(self.descriptor, length, span.begin)

    def is_ended(self, span: LineSpan) -> bool:
        """Return whether the line at *span* has its end."""
        return os.pread(self.descriptor, 1, span.end - 1) == b"\n"

    def forwards(self, begin: int = 0) -> Iterator[LineSpan]:
        """Yield where the lines are, from the one that begins at *begin* on."""
        at = begin
        while block := os.pread(self.descriptor, _BLOCK, at):
            found = block.find(b"\n")
            while found >= 0:
                yield LineSpan(begin, at + found + 1)
                begin = at + found + 1
                found = block.find(b"\n", found + 1)
            at += len(block)
        if at > begin:
            yield LineSpan(begin, at)

    def backwards(self) -> Iterator[LineSpan]:
        """Yield where the lines are, from the last one back."""
        end = at = self.size
        while at > 0:
            begin = max(0, at - _BLOCK)
            block = os.pread(self.descriptor, at - begin, begin)
            found = block.rfind(b"\n")
            while found >= 0:
                if begin + found + 1 < end:
                    yield LineSpan(begin + found + 1, end)
                    end = begin + found + 1
                found = block.rfind(b"\n", 0, found)
            at = begin
        if end > 0:
            yield LineSpan(0, end)

    def digest(self, spans: Iterable[LineSpan]) -> tuple[int, str]:
        """Return size and SHA-256 of the lines at *spans*, without the end of the last one."""
        hashed, size, held_back = sha256(), 0, b""
        for begin, end in spans:
            at = begin
            while at < end and (block := os.pread(self.descriptor, min(_BLOCK, end - at), at)):
                content = held_back + block
                held_back = b"\n" if content.endswith(b"\n") else b""
                content = content.removesuffix(b"\n")
                hashed.update(content)
                size += len(content)
                at += len(block)
        return size, hashed.hexdigest()
