"""The ring of log lines, its filter, and saving."""

import errno
import gc
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.adapter import LogLine
from opsboard.ui.widgets import log_selection
from opsboard.ui.widgets.log_buffer import LogBuffer, log_file_name, save_log
from opsboard.ui.widgets.log_selection import LogSelection
from opsboard.views.log_filter import EVERY_LINE, LogFilter, parse_log_filter
from opsboard.views.log_levels import LogLevel


def _lines(*texts: str) -> list[LogLine]:
    return [LogLine(text=text) for text in texts]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("error", ["an error", "An ERROR"]),
        ("ERROR", ["An ERROR"]),
        ("!error", ["fine"]),
        ("/^an? /", ["an error", "An ERROR"]),
        ("!/^an /", ["fine"]),
        ("an error", ["an error", "An ERROR"]),
        ("error an", ["an error", "An ERROR"]),
        ('"error an"', []),
        ("/an .*ror/ !fine", ["an error", "An ERROR"]),
        ("", ["an error", "fine", "An ERROR"]),
        ("!", ["an error", "fine", "An ERROR"]),
    ],
)
def test_filters(text: str, shown: list[str]) -> None:
    buffer, selection = _selected(text)
    buffer.append(_lines("an error", "fine", "An ERROR"))
    selection.select(parse_log_filter(text))
    while selection.look(1):
        pass
    assert [buffer.line(number).text for number in selection.shown] == shown


def _selected(text: str, limit: int = 100) -> tuple[LogBuffer, LogSelection]:
    buffer = LogBuffer(limit)
    selection = LogSelection(buffer)
    selection.select(parse_log_filter(text))
    return buffer, selection


def test_new_lines_pass_the_filter_too() -> None:
    buffer, selection = _selected("yes")
    buffer.append(_lines("yes 1", "no", "yes 2"))
    selection.take_new(0)
    assert selection.shown == selection.hits == [0, 2]


@given(
    st.lists(st.sampled_from(["hit", "x", "y"]), max_size=40),
    st.integers(0, 40),
    st.sampled_from([0, 1, 3]),
    st.booleans(),
    st.integers(1, 5),
)
def test_what_is_shown_does_not_depend_on_when_it_was_looked_at(
    texts: list[str], before: int, context: int, hides: bool, piece: int
) -> None:
    """Pieces of older lines, newest first, with lines that arrive meanwhile; as a grep -C."""
    buffer, selection = _selected("")
    buffer.append(_lines(*texts[:before]))
    selection.select(parse_log_filter("hit"))
    selection.set_context(context)
    selection.set_hiding(hides=hides)
    later = texts[before:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_selection, "PIECE", piece)
        more = True
        while more or later:
            ticks = iter((0.0, 0.0))
            patch.setattr(log_selection, "perf_counter", lambda ticks=ticks: next(ticks, 9.0))
            more = selection.look(1)
            start = buffer.end
            buffer.append(_lines(*later[:2]))
            later = later[2:]
            selection.take_new(start)
    hits = [number for number, text in enumerate(texts) if text == "hit"]
    assert selection.hits == hits
    near = {at for hit in hits for at in range(hit - context, hit + context + 1)}
    everything = list(range(len(texts)))
    assert selection.shown == ([at for at in everything if at in near] if hides else everything)


class _Counted(LogFilter):
    """A filter that counts the lines that it is asked about."""

    asked = 0

    def __call__(self, line: LogLine, level: LogLevel) -> bool:
        self.asked += 1
        return super().__call__(line, level)


def _counted(text: str) -> _Counted:
    found = parse_log_filter(text)
    found.__class__ = _Counted
    assert isinstance(found, _Counted)
    return found


def test_with_a_letter_more_only_what_matched_before_is_looked_at() -> None:
    buffer, selection = _selected("", limit=5_000)
    texts = [f"{'ab' if at % 10 == 0 else 'x'} {at}" for at in range(2_000)]
    buffer.append(_lines(*texts))
    selection.take_new(0)
    asked = {}
    for text in ("a", "ab", '"ab 1"', "b", "zz", "zzz"):
        wanted = _counted(text)
        selection.select(wanted)
        while selection.look(1):
            pass
        asked[text] = wanted.asked
        assert selection.hits == [at for at, line in enumerate(texts) if text.strip('"') in line]
    assert asked == {"a": 2_000, "ab": 200, '"ab 1"': 200, "b": 2_000, "zz": 2_000, "zzz": 0}


def test_a_screen_full_of_hits_is_looked_for_and_no_more() -> None:
    buffer, selection = _selected("", limit=5_000)
    buffer.append(_lines(*map(str, range(4_000))))
    selection.take_new(0)
    wanted = _counted("1 !99")
    selection.select(wanted)
    assert selection.look(60, enough=30)
    assert wanted.asked == log_selection.PIECE


_TYPED = st.sampled_from(["a", "ab", "aB", "abc", "b a", "ab !b", '"a b"', "/a", "/ab/", "", "!a"])


@given(
    st.lists(st.sampled_from(["a", "ab", "aBc", "abC", "b", "a b c", ""]), max_size=30),
    st.lists(st.tuples(_TYPED, st.integers(0, 3), st.booleans()), max_size=6),
    st.integers(1, 4),
)
def test_letter_by_letter_comes_to_the_same_as_the_whole_word(
    texts: list[str], typed: list[tuple[str, int, bool]], piece: int
) -> None:
    """Whatever was typed before, how far that was looked at, and what has arrived meanwhile."""
    buffer, selection = _selected("", limit=20)
    later = list(texts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_selection, "PIECE", piece)
        for text, arriving, looks in typed:
            selection.select(parse_log_filter(text))
            while looks and selection.look(1):
                pass
            start = buffer.end
            new, later = later[:arriving], later[arriving:]
            dropped = buffer.append(_lines(*new))
            selection.take_new(max(start, buffer.first))
            if dropped:
                selection.trim()
        while selection.look(1):
            pass
    last = parse_log_filter(typed[-1][0]) if typed else EVERY_LINE
    numbers = range(buffer.first, buffer.end)
    passing = [at for at in numbers if last(buffer.line(at), LogLevel.NONE)]
    assert selection.shown == passing
    assert selection.hits == (passing if last else [])


def test_lines_are_nothing_to_the_garbage_collector() -> None:
    """It stops all threads for as long as it looks at what it knows of."""
    buffer = LogBuffer()
    buffer.append(_lines(*(f"only here {at}" for at in range(50))))
    gc.collect()
    known = (one[0] for one in gc.get_objects() if isinstance(one, tuple) and one)
    assert not [one for one in known if isinstance(one, str) and one.startswith("only here")]
    assert [line.text for line in buffer.lines] == [f"only here {at}" for at in range(50)]


def test_memory_is_bounded_and_numbers_stay() -> None:
    buffer, selection = _selected("", limit=10)
    for at in range(25):
        start = buffer.end
        if buffer.append(_lines(f"line {at}")):
            selection.trim()
        selection.take_new(start)
        assert len(buffer) < 20
    assert buffer.dropped == 10
    assert buffer.line(24).text == "line 24"
    assert selection.shown[-1] == 24
    assert selection.shown[0] == buffer.dropped


def test_what_is_read_anew_has_dropped_nothing() -> None:
    """Of the whole run, or from a time on: what was read before was not part of it."""
    buffer = LogBuffer(limit=10)
    buffer.append(_lines(*map(str, range(25))))
    assert buffer.dropped
    buffer.clear()
    assert buffer.dropped == 0
    buffer.append(_lines(*map(str, range(25))))
    assert buffer.dropped == 15
    assert buffer.line(buffer.end - 1).text == "24"


def test_bytes_are_bounded_where_lines_are_long() -> None:
    buffer = LogBuffer(max_bytes=100_000)
    for _ in range(50):
        buffer.append(_lines("x" * 5_000, "y"))
        assert sum(len(line.text) for line in buffer.lines) <= 105_000
    assert buffer.dropped > 50
    assert buffer.lines[-1].text == "y"


def test_a_line_that_was_cut_says_how_much_is_missing_where_it_is_saved(tmp_path: Path) -> None:
    save_log(tmp_path / "log", [LogLine("x…", group="pod", part="app", omitted=9_934_464)])
    assert (tmp_path / "log").read_text() == "pod/app x… 9.93 MB more\n"


def test_a_log_is_saved_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    save_log(file, [LogLine(text="hello", at=at, part="api"), LogLine(text="bye")])
    assert file.read_text() == "2026-11-24T03:00:00Z api hello\nbye\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_text("mine")
    with pytest.raises(FileExistsError):
        save_log(file, [])
    assert file.read_text() == "mine"


def test_where_the_disk_is_full_no_half_of_a_log_is_left(tmp_path: Path) -> None:
    """Or it would be taken for all of it, and a second try would find the name taken."""

    def lines() -> Iterator[LogLine]:
        yield LogLine("the first")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError, match="No space left"):
        save_log(tmp_path / "a.log", lines())
    assert not (tmp_path / "a.log").exists()


def test_a_folder_is_no_file_to_save_to(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="it is a folder; name a file in it"):
        save_log(tmp_path, [])


def test_what_is_to_be_saved_is_kept_though_the_buffer_drops_it() -> None:
    buffer = LogBuffer(limit=10)
    buffer.append(_lines(*"abcdefghij"))
    lines = buffer.lines_of([0, 9])
    buffer.append(_lines(*"0123456789"))
    assert [line.text for line in lines] == ["a", "j"]


def test_file_names_are_tame() -> None:
    at = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)
    assert log_file_name("../shop/api #412\n", at) == "shop-api-412-20261124-030405.log"
    assert log_file_name("", at) == "log-20261124-030405.log"


@given(
    st.lists(st.booleans(), max_size=30), st.integers(-1, 30), st.sampled_from([1, -1]),
    st.sampled_from([0.0, 1.0]),
)  # fmt: skip
def test_an_error_is_found_however_often_one_looks_up_in_between(
    errors: list[bool], here: int, step: int, seconds: float
) -> None:
    buffer, selection = _selected("")
    buffer.append([LogLine("ERROR x" if wrong else "fine") for wrong in errors])
    selection.take_new(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_selection, "_SOME", 1)
        seek = selection.seek_error(here, step, seconds)
        while not seek.done:
            assert seek.place is not None
            seek = selection.seek_error(seek.place, step, seconds)
    meant = [at for at, wrong in enumerate(errors) if wrong and (at - here) * step > 0]
    assert seek.place == (meant[::step][0] if meant else None)
