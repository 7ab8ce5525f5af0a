"""Rows of details are made of whatever strangers have written."""

from datetime import UTC, datetime

import pytest

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow
from opsboard.ui.render.detail_rows import PageFormat, detail_rows
from opsboard.ui.theme.glyphs import UNICODE
from opsboard.ui.theme.styles import Styles
from opsboard.ui.theme.theme_files import load_themes
from tests.board import build

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _shown(value: str) -> str:
    facts = Facts(title="Run", facts=(Fact(label="message", value=value),))
    page = PageFormat(Styles(load_themes(None).themes["monochrome"], UNICODE), NOW, 100)
    rows = detail_rows(Detail(record=build(), sections=(facts,)), page)
    return "\n".join(row.text.plain for row in rows)


def test_a_time_is_told_by_its_age() -> None:
    assert "2h ago" in _shown("2026-03-01T10:00:00+00:00")


@pytest.mark.parametrize(
    "value",
    ["2026-02-30T09:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z",
     "2026-01-01T00:00:00+99:99", "0000-00-00T00:00:00Z"],
)  # fmt: skip
def test_what_only_looks_like_a_time_is_shown_as_it_is(value: str) -> None:
    assert value in _shown(value)


@pytest.mark.parametrize("value", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_the_ends_of_time_are_no_crash(value: str) -> None:
    assert "message" in _shown(value)


def test_where_every_cell_is_read_in_full_nothing_is_said_of_more() -> None:
    """A time is shown by its age, which is shorter than the time."""
    row = GridRow(cells=("team", "2026-03-01T10:00:00+00:00"))
    grid = Grid(title="Tags", columns=("tag", "set"), rows=(row,))
    page = PageFormat(Styles(load_themes(None).themes["monochrome"], UNICODE), NOW, 30)
    rows = list(detail_rows(Detail(record=build(), sections=(grid,)), page))
    assert not any(row.whole for row in rows)
    assert not any("whole" in row.text.plain for row in rows)
