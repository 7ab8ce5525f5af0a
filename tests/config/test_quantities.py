"""Lengths of time and sizes are written as people write them, and nothing else is taken."""

from datetime import timedelta

import pytest

from opsboard.config.quantities import duration, duration_text, size, size_text


@pytest.mark.parametrize(
    ("text", "days"),
    [("90d", 90), ("12h", 0.5), ("2w", 14), (" 30 D ", 30), ("720m", 0.5), ("86400s", 1)],
)
def test_a_length_of_time(text: str, days: float) -> None:
    assert duration(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["90d", "14d", "36h", "7m", "61s"])
def test_a_length_of_time_is_written_as_it_is_read(text: str) -> None:
    assert duration_text(duration(text)) == text


@pytest.mark.parametrize("text", ["500MB", "1GB", "512MIB", "4GIB", "7B"])
def test_a_size_is_written_as_it_is_read(text: str) -> None:
    assert size_text(size(text)) == text


@pytest.mark.parametrize(
    "odd", ["", "90", "d", "-1d", "0d", "1y", "9999999999d", "999999d", 90, None, "٣d"]
)
def test_no_length_of_time(odd: object) -> None:
    with pytest.raises(ValueError, match=r"90d|100 years"):
        duration(odd)


@pytest.mark.parametrize(
    ("text", "count"),
    [("500MB", 5 * 10**8), ("1gb", 10**9), ("512 MiB", 2**29), ("7B", 7), (42, 42)],
)
def test_a_size(text: object, count: int) -> None:
    assert size(text) == count


@pytest.mark.parametrize("odd", ["", "500", "MB", "-1MB", "0MB", "1XB", 0, -1, 1.5, True, None])
def test_no_size(odd: object) -> None:
    with pytest.raises(ValueError, match="500MB"):
        size(odd)
