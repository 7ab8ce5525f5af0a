"""Checking the audit trail: is it whole, and as it was written?"""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from opsboard.act.audit.entry import FIRST, Event, hash_of
from opsboard.act.audit.trail import FILE_NAME, HEAD_NAME, Head
from opsboard.tidy import Tidy, plain


@plain
class Verification(Tidy):
    """What a check has found. *faults* are sentences, each with the line; none if all is well."""

    entries: int
    head: Head
    faults: tuple[str, ...]


class _Chain:
    """Follows the chain, line by line."""

    def __init__(self) -> None:
        self.hashes: list[str] = []
        self._torn: tuple[int, bytes] | None = None

    @property
    def head(self) -> Head:
        return Head(len(self.hashes), self.hashes[-1] if self.hashes else FIRST)

    def take(self, at: int, line: bytes) -> Iterator[str]:
        """Yield what is wrong with *line*, the one numbered *at*."""
        told = _object(line)
        if told is None:
            yield from self._end_torn()
            self._torn = (at, line)
            return
        if self._torn is not None and _explains(told, self._torn[1]):
            self._torn = None
        yield from self._end_torn()
        yield from self._follow(at, told)

    def end(self) -> Iterator[str]:
        """Yield what is wrong with the end. A line that a crash has torn there is no fault."""
        if self._torn is not None and self._torn[1].endswith(b"\n"):
            yield from self._end_torn()

    def _follow(self, at: int, told: dict[str, Any]) -> Iterator[str]:
        head = self.head
        if told.get("hash") != hash_of(told):
            yield f"line {at}: was changed after it was written"
        if told.get("previous") != head.hash:
            yield f"line {at}: does not follow the entry before it"
        if told.get("number") != head.number + 1:
            yield f"line {at}: is entry {told.get('number')}, where {head.number + 1} has to be"
        self.hashes.append(str(told.get("hash")))

    def _end_torn(self) -> Iterator[str]:
        if self._torn is not None:
            yield f"line {self._torn[0]}: is no entry"
            self._torn = None


def _explains(told: dict[str, Any], torn: bytes) -> bool:
    digest = sha256(torn.removesuffix(b"\n")).hexdigest()
    return told.get("event") == Event.TORN and digest in str(told.get("message"))


def verify(folder: Path, noted: Head | None = None) -> Verification:
    """Check the trail in *folder*; *noted* is a head that was written down elsewhere.

    Raises :exc:`OSError` where it cannot be read. A trail that does not exist is whole.
    """
    chain = _Chain()
    faults: list[str] = []
    file = folder / FILE_NAME
    if file.exists():
        with file.open("rb") as lines:
            for at, line in enumerate(lines, 1):
                faults += chain.take(at, line)
            faults += chain.end()
    kept = _kept_head(folder)
    if kept is None and len(chain.hashes) > 1:
        faults.append(f"{HEAD_NAME} is missing: the end of the trail may have been cut off")
    for name, head in ((HEAD_NAME, kept), ("the head that was noted", noted)):
        if head is not None and not _holds(head, chain.hashes):
            faults.append(f"{name} tells of entry {head.number}, which is not there as it was")
    return Verification(len(chain.hashes), chain.head, tuple(faults))


def parse_head(text: str) -> Head:
    """Return the head that *text* tells: ``NUMBER HASH``. Raises :exc:`ValueError`."""
    number, _, digest = text.strip().replace(":", " ").partition(" ")
    if len(digest) != 64:
        raise ValueError("a head is a number and a hash of 64 characters: 12:0ab...")
    return Head(int(number), digest)


def _kept_head(folder: Path) -> Head | None:
    try:
        return parse_head((folder / HEAD_NAME).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except ValueError:
        return Head(-1, "")


def _holds(head: Head, hashes: list[str]) -> bool:
    """Tell whether *head* is somewhere in the chain: a crash may leave it one entry behind."""
    return 0 < head.number <= len(hashes) and hashes[head.number - 1] == head.hash


def _object(line: bytes) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
