"""The ring of log lines, its filter, and saving."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.adapter import LogLine
from opsboard.ui.widgets.log_buffer import LogBuffer, log_file_name, parse_filter, save_log
from opsboard.views.filter_terms import FilterError


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
    buffer = LogBuffer()
    buffer.append(_lines("an error", "fine", "An ERROR"))
    buffer.set_filter(parse_filter(text))
    assert [buffer.line(number).text for number in buffer.shown] == shown


def test_a_bad_pattern_says_why() -> None:
    with pytest.raises(FilterError, match="unterminated"):
        parse_filter("/[a/")


def test_new_lines_pass_the_filter_too() -> None:
    buffer = LogBuffer()
    buffer.set_filter(parse_filter("yes"))
    buffer.append(_lines("yes 1", "no", "yes 2"))
    assert buffer.shown == [0, 2]


def test_memory_is_bounded_and_numbers_stay() -> None:
    buffer = LogBuffer(limit=10)
    for at in range(25):
        buffer.append(_lines(f"line {at}"))
        assert len(buffer) < 20
    assert buffer.dropped == 10
    assert buffer.line(24).text == "line 24"
    assert buffer.shown[-1] == 24
    assert buffer.shown[0] == buffer.dropped


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


def test_file_names_are_tame() -> None:
    at = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)
    assert log_file_name("../shop/api #412\n", at) == "shop-api-412-20261124-030405.log"
    assert log_file_name("", at) == "log-20261124-030405.log"
