"""How much of a response is read, by the kind of response, and how long a listing may go on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from opsboard.adapter import Malformed, SourceSettings

MIB: Final = 1 << 20
ERROR_BYTES: Final = 64 * 1024
"""Bytes of an error response that are read; the rest is ignored."""
MAX_RECORDS: Final = 100_000
"""Records of one listing. More would not fit into the board's memory budget."""


class UnreadableResponse(Malformed):
    """A response came, but it cannot be read: too large, damaged, or in an unknown content coding.

    After a request that changes something, this does not mean that nothing was done.
    """


class ResponseKind(StrEnum):
    """What a response is expected to hold, which decides its size limit."""

    PAGE = "page"
    """One page of a listing."""
    OBJECT = "object"
    """One object, a state file or a manifest, read in one piece."""
    LOG = "log"
    """A finished text, read as it arrives."""
    STREAM = "stream"
    """A watch or a followed log: endless, limited only by line length and idle time."""


@dataclass(frozen=True, slots=True)
class ResponseLimits:
    """Limits of a client's responses: bytes after decompression for each kind, *seconds* for a
    whole response, and *pages* of a listing.
    """

    page: int = 24 * MIB
    object: int = 8 * MIB
    log: int = 64 * MIB
    seconds: float = 60.0
    pages: int = 200

    def size(self, kind: ResponseKind) -> int | None:
        """Return the maximum bytes of a response of this *kind*; ``None`` for a stream."""
        sizes: Mapping[ResponseKind, int] = {
            ResponseKind.PAGE: self.page,
            ResponseKind.OBJECT: self.object,
            ResponseKind.LOG: self.log,
        }
        return sizes.get(kind)


def response_limits(settings: SourceSettings) -> ResponseLimits:
    """Return the limits that a source's *settings* set."""
    return ResponseLimits(
        page=int(settings.max_page_mib * MIB),
        object=int(settings.max_object_mib * MIB),
        log=int(settings.max_log_mib * MIB),
        seconds=settings.answer_timeout,
        pages=settings.max_pages,
    )


_HINT: Final = "the first ones are shown; max_pages in config allows more"


class PageGuard:
    """Ends a paged listing that does not end by itself. *what* names the listing in errors."""

    def __init__(self, what: str, bounds: ResponseLimits) -> None:
        self._what = what
        self._most = bounds.pages
        self._tokens: set[int] = set()
        self._pages = 1
        self._records = 0

    def advance(self, token: str, records: int = 0) -> None:
        """Record a page of so many *records* and the *token* of the next one.

        Raises :exc:`Malformed` where the token was seen before, and beyond the page and record
        limits.
        """
        self._pages += 1
        self._records += records
        seen = hash(token)
        if seen in self._tokens:
            raise Malformed(
                f"{self._what}: the listing has no end: it leads back to a page that was read",
                "is the URL that of the API? Retried automatically",
            )
        self._tokens.add(seen)
        if self._pages > self._most:
            raise Malformed(f"{self._what}: no end after {self._most:,} pages", _HINT)
        if self._records > MAX_RECORDS:
            raise Malformed(f"{self._what}: no end after {self._records:,} records", _HINT)
