"""Levels of lines: of JSON, logfmt, klog and text; and the words of a filter that ask for them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import LogLine
from opsboard.views.filter_terms import FilterError
from opsboard.views.log_filter import parse_log_filter
from opsboard.views.log_levels import WORDS, LogLevel, level_of, parse_content

NAMES = sorted(WORDS)


@given(
    st.sampled_from(NAMES),
    st.sampled_from(["level", "severity", "lvl", "levelname"]),
    st.booleans(),
)
def test_every_name_of_a_level_is_known_in_json_and_in_logfmt(
    name: str, key: str, upper: bool
) -> None:
    name_as_written = name.upper() if upper else name
    said = {"ts": 1, key: name_as_written, "msg": "it is up", "user": "dana", "n": 3}
    content = parse_content(json.dumps(said))
    assert (content.level, content.message) == (WORDS[name], "it is up")
    assert content.fields == {"user": "dana", "n": "3"}
    pairs = f'time=2026-11-27T09:00:00Z {key}={name_as_written} msg="it \\"is\\" up" user=dana'
    content = parse_content(pairs)
    assert (content.level, content.message) == (WORDS[name], 'it "is" up')
    assert content.fields == {"user": "dana"}


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("E1127 09:00:00.000000       1 main.go:41] it is down", LogLevel.ERROR),
        ("W1127 09:00:00.000000       1 main.go:41] no error: yet", LogLevel.WARN),
        ("2026-11-27 09:00:00,123 INFO  app.server error rate is 0", LogLevel.INFO),
        ("2026-11-27 09:00:00 [error] 31#31: *1 open() failed", LogLevel.ERROR),
        ("[W 2026-11-27 09:00:00] a", LogLevel.NONE),
        ("[W] a", LogLevel.WARN),
        ("09:00:00 | E | out of memory", LogLevel.ERROR),
        ("Traceback (most recent call last):", LogLevel.ERROR),
        ("KeyError: 'limits.split'", LogLevel.NONE),
        ("error: cannot find x", LogLevel.ERROR),
        ("Warning: deprecated", LogLevel.WARN),
        ("GET /errors 200", LogLevel.NONE),
        ("error=none took=3ms", LogLevel.NONE),
        ('app | {"level":"error","msg":"boom"', LogLevel.ERROR),
        ('{"level":30,"msg":"pino"}', LogLevel.INFO),
        ('{"level":60,"msg":"pino"}', LogLevel.FATAL),
        ('{"severity":3,"message":"syslog"}', LogLevel.ERROR),
        ('{"level":true,"msg":"odd"}', LogLevel.NONE),
        ('{"level":"error","msg":', LogLevel.ERROR),
        ("{}", LogLevel.NONE),
        ("", LogLevel.NONE),
        ("we are " + "very " * 40 + "sorry about this ERROR", LogLevel.ERROR),
    ],
)
def test_the_level_of_a_line(text: str, level: LogLevel) -> None:
    assert level_of(text) is level


@given(
    st.text(max_size=80)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["level", "msg", "a"]), inner, max_size=3)
        ),
        max_leaves=6,
    ).map(json.dumps)
)
def test_whatever_is_written_has_some_content(text: str) -> None:
    content = parse_content(text)
    assert content.message == text or content.structured
    assert isinstance(content.level, LogLevel)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]2;mine\x07title", "title"),
        ("a\u202eb\x00c", "a\ufffdb\ufffdc"),
        ("10%\r 90%", " 90%"),
        ("first\n\tsecond\n", "first⏎  second"),
    ],
)
def test_what_json_has_escaped_is_cleaned_like_the_line(said: str, shown: str) -> None:
    """The line itself was clean: its escapes were letters until it was read."""
    content = parse_content(json.dumps({"level": "info", "msg": said, said: said, "a": [said]}))
    assert content.message == shown
    assert content.fields[shown] == shown
    assert all(one.isprintable() for both in content.fields.items() for one in both)


ERROR = LogLine("it is down", part="app", group="checkout-9k2")


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("level>=warn", True), ("level:>=warn", True), ("level:error", True), ("level=error", True),
        ("level:warn", False), ("level<error", False), ("!level>=warn", False),
        ("LEVEL>=WARN", True),
        ("level>=warning", True), ("level>error", False), ("level:", True), ("!level:", True),
        ("level>=wa", True), ("pod:9k2", True), ("pod:/9k[23]$/", True), ("!pod:9k2", False),
        ("container:app", True), ("container:side", False), ("step:app", True), ("pod:", True),
        ("9k2 down", True), ("checkout-9k2", True), ("app", True), ("!app", False),
        ('"level>=warn"', False),
    ],
)  # fmt: skip
def test_a_filter_sees_level_pod_and_container(words: str, shown: bool) -> None:
    assert parse_log_filter(words)(ERROR, LogLevel.ERROR) is shown


def test_a_line_without_a_level_is_of_none() -> None:
    for words in ("level>=trace", "level<fatal", "level:info"):
        assert not parse_log_filter(words)(ERROR, LogLevel.NONE)


def test_a_level_that_there_is_not_is_told() -> None:
    with pytest.raises(FilterError, match=r"no level 'wran'.*warn"):
        parse_log_filter("level>=wran")
