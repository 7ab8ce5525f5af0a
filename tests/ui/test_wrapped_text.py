"""Text of pages, broken into lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size

from opsboard.ui.render import layout
from opsboard.ui.render.layout import wrap_text, wrapped_lines
from opsboard.ui.theme.styles import default_styles


@given(st.text(alphabet="ab  c-é字x", max_size=120), st.integers(8, 20))
def test_lines_fit_and_nothing_but_blanks_is_lost(text: str, width: int) -> None:
    lines = list(wrap_text(text, width))
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@pytest.mark.parametrize("letter", ["a", "a ", "é", "字", "e\u0301"])
def test_of_a_long_value_each_letter_is_measured_a_few_times_and_not_once_a_line(
    letter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comparison of ten versions has thousands of such values: it stood still for a minute."""
    measured = 0

    def measure(text: str) -> int:
        nonlocal measured
        measured += len(text)
        return cell_len(text)

    def cut(text: str, width: int) -> str:
        measure(text)
        return set_cell_size(text, width)

    monkeypatch.setattr(layout, "cell_len", measure)
    monkeypatch.setattr(layout, "set_cell_size", cut)
    text = letter * 6_000
    lines = list(wrap_text(text, 100))
    assert len(lines) >= 60
    assert measured <= 16 * len(text)


def test_the_last_of_so_many_lines_is_cut() -> None:
    styles, text = default_styles(), "one two three four five six"
    assert wrapped_lines(text, 15, 1, styles) == ["one two three …"]
    assert wrapped_lines(text, 15, 2, styles) == ["one two three", "four five six"]
    assert wrapped_lines(f"{text} seven", 15, 2, styles) == ["one two three", "four five six …"]
    assert wrapped_lines("one", 15, 2, styles) == ["one"]
