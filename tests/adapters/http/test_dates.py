"""Whatever a server says of when to come again, it is bounded."""

from datetime import datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard_adapters import http
from tests.adapters.http.wire import NOW

HOUR = timedelta(hours=1)


def _retry_at(value: bytes) -> datetime | None:
    return http.retry_after(httpx.Response(429, headers=[(b"Retry-After", value)]), NOW)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", None),
        ("0", NOW),
        ("30", NOW + timedelta(seconds=30)),
        ("0000000000000000000000000030", NOW + timedelta(seconds=30)),
        ("99999999999", NOW + HOUR),
        ("9" * 5_000, NOW + HOUR),
        ("-5", None),
        ("+5", None),
        ("1e9", None),
        ("1.5", None),
        ("1_0", None),
        ("²", None),
        ("٣", None),
        ("soon", None),
        ("Thu, 15 Jan 2026 09:01:00 GMT", NOW + timedelta(minutes=1)),
        ("Thu, 15 Jan 2026 08:00:00 GMT", NOW),
        ("Thu, 01 Jan 1970 00:00:00 GMT", NOW),
        ("Fri, 31 Dec 9999 23:59:59 GMT", NOW + HOUR),
        ("Fri, 31 Dec 9999 23:59:59 -2359", NOW + HOUR),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Thu, 15 Jan 2026 09:01:00 +999999999999", None),
        ("Thu, 15 Jan 2026 09:01:00 -0000", None),
        ("Thu, 15 Jan 2026", None),
    ],
)
def test_retry_after(value: str, expected: datetime | None) -> None:
    assert _retry_at(value.encode()) == expected


@given(st.one_of(st.binary(max_size=200), st.text(max_size=80).map(str.encode)))
def test_no_retry_after_is_a_crash_or_a_wait_for_ever(value: bytes) -> None:
    at = _retry_at(value)
    assert at is None or NOW <= at <= NOW + HOUR


@given(st.text("0123456789 :,-+GMTJanFebSu", max_size=60))
def test_no_date_is_a_crash(value: str) -> None:
    at = _retry_at(value.encode())
    assert at is None or NOW <= at <= NOW + HOUR
