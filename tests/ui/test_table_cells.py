"""Cells of several parts are drawn in exactly the width of their column."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsboard.kinds.columns import Cell, CellRole
from opsboard.records import Status
from opsboard.ui.render.cells import text_width
from opsboard.ui.render.table_cells import cell_width, fitted_cell
from opsboard.ui.theme.glyphs import ASCII
from opsboard.ui.theme.styles import Styles, default_styles

RUNS = tuple(Cell(status.value, status, CellRole.GLYPH) for status in (Status.OK, Status.FAILED))
CELL = Cell("ok failed", parts=RUNS)


def test_a_part_is_drawn_as_the_glyph_of_its_status() -> None:
    styles = default_styles()
    drawn = list(fitted_cell(CELL, 4, styles))
    assert drawn[:2] == [("✓", styles.statuses[Status.OK]), ("✗", styles.statuses[Status.FAILED])]
    assert "".join(text for text, _ in fitted_cell(CELL, 4, styles, right=True)) == "  ✓✗"


@pytest.mark.parametrize(
    ("text", "width", "drawn"),
    [("≥2m33s", 6, "≥2m33s"), ("≥2m33s", 5, "  ≥2m"), ("4d12h", 4, "  4d"), ("45s", 3, "45s")],
)
def test_an_age_is_rounded_rather_than_cut(text: str, width: int, drawn: str) -> None:
    cell = Cell(text, since=datetime(2026, 1, 15, tzinfo=UTC))
    assert next(fitted_cell(cell, width, default_styles(), right=True))[0] == drawn


def test_in_ascii_the_glyphs_differ_by_shape_too() -> None:
    styles = Styles(default_styles().theme, ASCII)
    assert "".join(text for text, _ in fitted_cell(CELL, 2, styles)) == "+x"


@given(
    texts=st.lists(st.text("ab 結v", max_size=8), max_size=4),
    width=st.integers(1, 30),
    right=st.booleans(),
)
def test_every_cell_is_as_wide_as_its_column(texts: list[str], width: int, right: bool) -> None:
    parts = tuple(Cell(text, role=CellRole.MUTED) for text in texts)
    cell = Cell("".join(texts), parts=(*parts, *RUNS))
    drawn = "".join(text for text, _ in fitted_cell(cell, width, default_styles(), right=right))
    assert text_width(drawn) == width
    assert cell_width(cell) == sum(map(text_width, texts)) + len(RUNS)
