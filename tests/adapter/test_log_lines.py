"""A line of a log checks itself while it is made; a query says which lines are wanted."""

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import AnnotationLevel, LogAnnotation, LogLine, LogQuery
from opsboard.text.terminal_line import LOG_LINE_LIMIT

AT = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


@given(st.text(max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_whatever_is_written_is_safe_to_show(text: str, part: str, group: str) -> None:
    line = LogLine(text=text, part=part, group=group)
    assert line.text.isprintable()
    assert line.part.isprintable()
    assert line.group.isprintable()


@given(st.text(max_size=40), st.text(max_size=20))
def test_whatever_an_annotation_says_is_safe_to_show_also_on_a_line_that_gets_it_later(
    place: str, title: str
) -> None:
    said = LogAnnotation(AnnotationLevel.ERROR, place, title)
    line = LogLine("boom")._replace(annotation=said)
    assert line.annotation is not None
    assert line.annotation.place.isprintable()
    assert line.annotation.title.isprintable()
    assert copy.copy(said) == pickle.loads(pickle.dumps(said)) == said  # noqa: S301 - our own


def test_a_long_line_tells_how_much_of_it_is_left_out() -> None:
    line = LogLine("é" * (LOG_LINE_LIMIT + 10), omitted=5)
    assert len(line.text) == LOG_LINE_LIMIT
    assert line.text.endswith("é…")
    assert line.omitted == 25
    assert LogLine("é" * LOG_LINE_LIMIT).omitted == 0


def test_its_time_is_in_utc() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    line = LogLine("hello", at=AT.astimezone(east))
    assert line.at == AT
    assert line.at is not None
    assert line.at.tzinfo is UTC
    with pytest.raises(ValueError, match="time zone"):
        LogLine("hello", at=AT.replace(tzinfo=None))


def test_what_is_no_text_is_refused() -> None:
    for odd in (None, b"bytes", 5):
        with pytest.raises(TypeError):
            LogLine(odd)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            LogLine("hello", part=odd)  # type: ignore[arg-type]


def test_a_line_can_be_copied_and_kept() -> None:
    line = LogLine("hello", AT, "app", group="pod-1", error=True, failed=True, omitted=3)
    assert copy.deepcopy(line) == line
    assert copy.copy(line) == line
    assert line._replace(part="b").part == "b"


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [((), True), (("app",), True), (("pod-1",), True), (("pod-1/app",), True), (("pod-2",), False),
     (("pod-2/app",), False), (("side", "pod-1/app"), True), (("ap",), False)],
)  # fmt: skip
def test_a_query_wants_parts_by_their_names(parts: tuple[str, ...], wanted: bool) -> None:
    query = LogQuery(parts=parts)
    assert query.wants("pod-1", "app", None) is wanted
    assert query.wants("", "", None), "what is of no part is about all of them"


def test_a_query_wants_nothing_from_before_its_time() -> None:
    query = LogQuery(since=AT)
    assert query.wants("", "", AT)
    assert query.wants("", "", None)
    assert not query.wants("", "", AT - timedelta(microseconds=1))
