"""How much of an answer is taken, by what kind of answer it is.

Listings in pages that come to an end, whatever a server says of the next one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from opsboard.adapter import Malformed, SourceSettings

MIB: Final = 1 << 20
ERROR_BYTES: Final = 64 * 1024
"""Bytes of an error's body that are read; the rest is left where it is."""
MAX_RECORDS: Final = 100_000
"""Records of a listing. More would not fit into the memory that the board is allowed."""


class UnreadableResponse(Malformed):
    """An answer came, and what it says cannot be read: too large, damaged, in an unknown coding.

    Of a request that changes something, it does not say that nothing was done.
    """


class ResponseKind(StrEnum):
    """The kinds of answers."""

    PAGE = "page"
    """A part of a listing."""
    OBJECT = "object"
    """One object, a state file, a manifest: read in one piece."""
    LOG = "log"
    """A text that ends, read as it comes."""
    STREAM = "stream"
    """A watch or a followed log: without an end, and bounded by its lines and silences only."""


@dataclass(frozen=True, slots=True)
class ResponseLimits:
    """Bytes after decompression, by kind, *seconds* that an answer may take in all, and pages."""

    page: int = 24 * MIB
    object: int = 8 * MIB
    log: int = 64 * MIB
    seconds: float = 60.0
    pages: int = 200

    def size(self, kind: ResponseKind) -> int | None:
        """Return the bytes that an answer of this *kind* may have; ``None`` where it has no end."""
        sizes: Mapping[ResponseKind, int] = {
            ResponseKind.PAGE: self.page,
            ResponseKind.OBJECT: self.object,
            ResponseKind.LOG: self.log,
        }
        return sizes.get(kind)


def response_limits(settings: SourceSettings) -> ResponseLimits:
    """Return the bounds that *settings* ask for."""
    return ResponseLimits(
        page=int(settings.max_page_mib * MIB),
        object=int(settings.max_object_mib * MIB),
        log=int(settings.max_log_mib * MIB),
        seconds=settings.answer_timeout,
        pages=settings.max_pages,
    )


_HINT: Final = "the first ones are shown; max_pages in config allows more"


class PageGuard:
    """Counts the pages and records of the listing *what*, and knows the tokens that were given."""

    def __init__(self, what: str, bounds: ResponseLimits) -> None:
        self._what = what
        self._most = bounds.pages
        self._tokens: set[int] = set()
        self._pages = 1
        self._records = 0

    def advance(self, token: str, records: int = 0) -> None:
        """Take note of a page of so many *records*, and of the *token* that leads to the next one.

        Raises :exc:`Malformed` where the token was given before, and where there are too many.
        """
        self._pages += 1
        self._records += records
        mark = hash(token)
        if mark in self._tokens:
            raise Malformed(
                f"{self._what}: the listing has no end: it leads back to a page that was read",
                "is the URL that of the API? Asked again by itself",
            )
        self._tokens.add(mark)
        if self._pages > self._most:
            raise Malformed(f"{self._what}: no end after {self._most:,} pages", _HINT)
        if self._records > MAX_RECORDS:
            raise Malformed(f"{self._what}: no end after {self._records:,} records", _HINT)
