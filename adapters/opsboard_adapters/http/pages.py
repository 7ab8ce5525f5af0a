"""Listings in pages that come to an end, whatever a server says of the next one."""

from typing import Final

from opsboard.adapter import Malformed
from opsboard_adapters.http.limits import MAX_RECORDS, ResponseLimits

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
