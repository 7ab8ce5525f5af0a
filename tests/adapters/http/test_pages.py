"""No listing goes on for ever."""

import pytest

from opsboard.adapter import Malformed
from opsboard_adapters import http
from opsboard_adapters.http.limits import MAX_RECORDS

BOUNDS = http.ResponseLimits(pages=5)


def test_a_listing_of_as_many_pages_as_allowed() -> None:
    pages = http.PageGuard("GET /things", BOUNDS)
    for number in range(BOUNDS.pages - 1):
        pages.advance(str(number), 500)


@pytest.mark.parametrize("cycle", [1, 2, 3])
def test_a_token_that_was_given_before(cycle: int) -> None:
    pages = http.PageGuard("GET /things", BOUNDS)
    for number in range(cycle):
        pages.advance(str(number))
    with pytest.raises(Malformed, match="GET /things: the listing has no end: it leads back"):
        pages.advance("0")


def test_pages_without_end() -> None:
    pages = http.PageGuard("GET /things", BOUNDS)
    for number in range(BOUNDS.pages - 1):
        pages.advance(str(number))
    with pytest.raises(Malformed, match="GET /things: no end after 5 pages") as told:
        pages.advance("more")
    assert "max_pages" in told.value.hint


def test_records_without_end() -> None:
    pages = http.PageGuard("GET /things", http.ResponseLimits())
    with pytest.raises(Malformed, match="no end after 100,001 records"):
        pages.advance("next", MAX_RECORDS + 1)
