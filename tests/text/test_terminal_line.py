"""Lines of logs as a terminal shows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.text.terminal_line import LOG_LINE_LIMIT, terminal_line

RED, OFF = "\x1b[31m", "\x1b[0m"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (" 10%|#   |\r 20%|##  |\r100%|####|", "100%|####|"),
        ("100%|####| done\r", "100%|####| done"),
        ("downloading\rdone", "doneloading"),
        ("downloading\r\x1b[Kdone", "done"),
        ("\x1b[2K\rdone", "done"),
        ("downloading\x1b[2K\x1b[1Gdone", "done"),
        ("downloading\x1b[1K\rdone", "done"),
        ("abc\x1b[2Dx", "axc"),
        ("a\x1b[3Cb", "a   b"),
        ("spin |\b/\b-\b\\", "spin \\"),
        ("\b\bx", "x"),
        (f"{RED}10%{OFF}\r{RED}99%{OFF}", "99%"),
        ("日本\rab", "ab本"),
        ("日本\rabc", "abc"),
        ("e\u0301x\rE", "Ex"),
        ("form\ffeed", "form feed"),
        ("line\u2028separator\u0085next", "line separator next"),
        ("a\tb", "a       b"),
        ("xx\r\tb", "xx      b"),
        (f"    {RED}at basket.py:41{OFF}", "    at basket.py:41"),
        ("  two  spaces  ", "  two  spaces  "),
        ("trailing\t", "trailing"),
        ("", ""),
        ("a\nb", "a b"),
        ("\x1b]0;owned\x07title", "title"),
        ("a\x1b", "a\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_is_shown(written: str, shown: str) -> None:
    assert terminal_line(written) == shown


def test_a_line_without_end_is_cut() -> None:
    for endless in ("x" * 100_000, "x\r" * 100_000, "\x1b[99999999C" * 50_000 + "x"):
        assert len(terminal_line(endless)) <= LOG_LINE_LIMIT


@given(st.text(st.sampled_from("ab 日\r\b\t\f\x1b[0123;KCDGm\u0301\u2028\u202e\n"), max_size=60))
def test_whatever_was_written_is_one_printable_line_and_is_shown_as_it_is(written: str) -> None:
    shown = terminal_line(written)
    assert shown.isprintable()
    assert terminal_line(shown) == shown


def test_joiners_are_kept_and_marks_are_not_piled_up() -> None:
    whole = "\U0001f9d1\u200d\U0001f4bb \u0645\u06cc\u200c\u062e"
    assert terminal_line(f"10%\r{whole}") == whole
    assert terminal_line("e" + "\u0301" * 50) == "e" + "\u0301" * 8 + "\N{REPLACEMENT CHARACTER}"
    cut = terminal_line("x" * (LOG_LINE_LIMIT - 2) + whole)
    assert terminal_line(cut) == cut


@given(st.lists(st.text(st.sampled_from("abc 日"), max_size=8), min_size=1, max_size=6))
def test_each_piece_is_written_over_the_one_before(pieces: list[str]) -> None:
    cells: list[str] = []
    for piece in pieces:
        wide = [cell for char in piece for cell in ((char, "") if char == "日" else (char,))]
        end = len(wide)
        if cells[end : end + 1] == [""]:  # the left half of that one has been written over
            cells[end] = " "
        cells[:end] = wide
    assert terminal_line("\r".join(pieces)).rstrip() == "".join(cells).rstrip()
