"""Rich's text as segments: most of it goes a shorter way than Rich's own, to the same end."""

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Span, Text

from opsboard.ui.render.cells import combined, segments_of, text_segments
from opsboard.ui.render.layout import truncate_text
from opsboard.ui.theme.glyphs import ASCII, UNICODE, Glyphs
from opsboard.ui.theme.styles import Styles
from opsboard.ui.theme.theme_files import built_in_theme

CONSOLE = Console()
BASE = Style(color="white", bgcolor="blue")
_STYLES = st.sampled_from(["", "bold", "no such style", Style(color="red"), Style(bgcolor="green")])
_SPANS = st.builds(Span, st.integers(0, 12), st.integers(0, 12), _STYLES)


def _cells(segments: list[Segment]) -> list[tuple[str, Style | None]]:
    """Return the same with neighbours of one style put together."""
    told = [(style, text) for text, style, _ in segments if text]
    return [
        ("".join(text for _, text in group), style)
        for style, group in groupby(told, lambda one: one[0])
    ]


@given(st.text("abé漢 ", max_size=12), st.lists(_SPANS, max_size=5), _STYLES, st.booleans())
def test_spans_in_any_order_look_as_rich_shows_them(
    plain: str, spans: list[Span], style: str | Style, loud: bool
) -> None:
    text = Text(plain, style if style != "no such style" else "")
    text.spans = [span for span in spans if span.start < span.end <= len(plain)]
    own = CONSOLE.get_style(text.style)
    wanted = [
        Segment(piece, combined(BASE, found or own, loud=loud))
        for piece, found, _ in text.render(CONSOLE)
    ]
    found_segments = list(text_segments(text, CONSOLE, BASE, loud=loud))
    assert _cells(found_segments) == _cells(wanted)


def test_a_line_below_words_is_not_below_what_keeps_them_apart() -> None:
    told = Style(underline=True)
    found = [(one.text, bool(one.style and one.style.underline)) for one in segments_of(
        "  failure of   it  ", BASE, told, loud=False)]  # fmt: skip
    assert found == [
        ("  ", False), ("failure of", True), ("   ", False), ("it", True), ("  ", False),
    ]  # fmt: skip
    row = BASE + Style(underline=True)  # a row that is underlined from end to end, as by a cursor
    assert [one.text for one in segments_of("failure  ", row, told, loud=False)] == ["failure  "]


def test_a_loud_ground_leaves_the_hues_that_it_is_told_to() -> None:
    failed, muted = Style(color="red", bold=True), Style(color="green")
    assert failed.color is not None
    kept = {failed.color}
    for own, color in ((failed, "red"), (muted, "white")):
        (one,) = segments_of("it", BASE, own, loud=True, hues=kept)
        assert one.style is not None
        assert one.style.color is not None
        assert (one.style.color.name, one.style.bgcolor) == (color, BASE.bgcolor)


def test_nothing_is_dim_on_a_loud_inverse() -> None:
    dim, inverse = Style(dim=True), Style(color="magenta", reverse=True)
    (muted,) = segments_of("5s ago", inverse, dim, loud=True)
    assert muted.style is not None
    assert (muted.style.dim, muted.style.reverse) == (False, True)
    (elsewhere,) = segments_of("5s ago", BASE, dim, loud=True)
    assert elsewhere.style is not None
    assert elsewhere.style.dim


@given(st.text("abé漢 ", max_size=12), st.integers(1, 14), st.booleans())
def test_what_is_cut_ends_with_a_mark_that_the_terminal_has(
    plain: str, width: int, pad: bool
) -> None:
    asked, drawn = Text(plain), list[tuple[Glyphs, str]]()
    for glyphs in (UNICODE, ASCII):
        text = Text(plain, spans=[Span(0, len(plain), "bold")])
        truncate_text(text, width, Styles(built_in_theme("dark"), glyphs), pad=pad)
        assert text.cell_len <= width
        drawn.append((glyphs, text.plain))
    asked.truncate(width, overflow="ellipsis", pad=pad)
    assert drawn[0] == (UNICODE, asked.plain)
    is_cut = Text(plain).cell_len > width
    for glyphs, shown in drawn:
        assert shown.endswith(glyphs.ellipsis) or not is_cut
