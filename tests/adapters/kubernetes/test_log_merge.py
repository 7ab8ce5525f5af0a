"""Lines of many containers come in the order of their times; those of one are never exchanged."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import LogLine
from opsboard_adapters.kubernetes.logs.container_log import SeenLines
from opsboard_adapters.kubernetes.logs.merge import ReorderWindow, merge_backlogs
from tests.adapters.kubernetes.log_server import START

TIMES = st.one_of(st.none(), st.integers(0, 50).map(lambda ms: START + timedelta(milliseconds=ms)))
LOGS = st.lists(st.lists(TIMES, max_size=8), min_size=1, max_size=5)


def _lines(times: list[list[datetime | None]]) -> list[list[LogLine]]:
    return [
        [LogLine(str(number), at, group=str(log)) for number, at in enumerate(one)]
        for log, one in enumerate(times)
    ]


def _effective(lines: list[LogLine], now: datetime) -> dict[str, datetime]:
    """Return when each line counts as written: never before the one before it."""
    found, last = {}, next((line.at for line in lines if line.at), now)
    for line in lines:
        last = max(last, line.at or last)
        found[line.text] = last
    return found


@given(LOGS)
def test_backlogs_are_merged_by_time_and_each_stays_in_its_order(
    times: list[list[datetime | None]],
) -> None:
    logs = _lines(times)
    merged = list(merge_backlogs(logs, START))
    assert sorted(merged, key=str) == sorted((line for log in logs for line in log), key=str)
    for number, log in enumerate(logs):
        assert [line for line in merged if line.group == str(number)] == log
    known = {str(number): _effective(log, START) for number, log in enumerate(logs)}
    at = [known[line.group][line.text] for line in merged]
    assert at == sorted(at)


@given(LOGS, st.randoms(use_true_random=False))
def test_live_lines_stay_two_turns_at_most_and_each_container_in_its_order(
    times: list[list[datetime | None]], rng: object
) -> None:
    window, out = ReorderWindow(), list[LogLine]()
    logs = _lines(times)
    for wave in range(8):
        for number, log in enumerate(logs):
            for line in log[wave : wave + 1]:
                window.add(number, line, START)
        out += window.turn()
    out += [*window.turn(), *window.turn()]
    assert not len(window)
    for number, log in enumerate(logs):
        assert [line for line in out if line.group == str(number)] == log


def test_what_arrives_a_little_late_still_comes_in_its_place() -> None:
    window = ReorderWindow()
    window.add("a", LogLine("second", START + timedelta(milliseconds=40)), START)
    assert window.turn() == []
    window.add("b", LogLine("first", START + timedelta(milliseconds=20)), START)
    window.add("b", LogLine("without a time"), START)
    window.add("a", LogLine("third", START + timedelta(milliseconds=60)), START)
    assert [line.text for line in window.turn()] == ["first", "without a time", "second"]
    assert [line.text for line in window.turn()] == ["third"]


def test_a_clock_that_is_ahead_holds_up_nothing_for_long() -> None:
    window = ReorderWindow()
    window.add("a", LogLine("ahead", START + timedelta(hours=1)), START)
    window.add("b", LogLine("now", START), START)
    assert window.turn() == []
    assert [line.text for line in window.turn()] == ["now", "ahead"]


@given(
    st.lists(st.tuples(st.integers(0, 3_500), st.sampled_from("ab")), max_size=30),
    st.lists(st.integers(0, 30), max_size=4),
)
def test_a_log_that_is_resumed_neither_repeats_nor_loses_a_line(
    written: list[tuple[int, str]], breaks: list[int]
) -> None:
    """The server resumes by whole seconds; equal lines of one moment are still several."""
    log = [
        (START + timedelta(milliseconds=ms), f"{ms} {text}".encode())
        for ms, text in sorted(written, key=lambda one: one[0])
    ]
    seen, got = SeenLines(), list[bytes]()
    for length in [*breaks, len(log)]:
        seen.resume()
        since = seen.resume_time
        for at, raw in log[: max(length, len(got))]:
            if (since is None or at >= since) and seen.admit(at, raw):
                got.append(raw)
    assert got == [raw for _, raw in log]


def test_what_is_older_than_the_tail_that_was_asked_for_does_not_come_on_resuming() -> None:
    log = [(START + timedelta(milliseconds=ms), f"{ms}".encode()) for ms in range(10)]
    seen = SeenLines()
    assert [raw for at, raw in log[-3:] if seen.admit(at, raw)] == [b"7", b"8", b"9"]
    seen.resume()
    assert not [raw for at, raw in log if seen.admit(at, raw)]
    assert seen.admit(START + timedelta(milliseconds=10), b"10")
