"""The groups of texts in a comparison: parameters, data sets, tags, and texts of several lines."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from os.path import commonprefix
from typing import Final, NamedTuple

from rich.text import Text

from opsboard.adapter import Comparand
from opsboard.ui.render.cells import BOLD, PLAIN, text_width
from opsboard.ui.render.comparison_diffs import diff_rows
from opsboard.ui.render.comparison_metrics import ABSENT, NAME, between
from opsboard.ui.render.comparison_notes import counted_text, listed_names, note_rows
from opsboard.ui.render.comparison_sides import ShownSides, side_title
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import (
    GAP,
    INDENT,
    AnyRow,
    DeferredRow,
    PageRow,
    fit_text,
    heading_row,
    wrap_text,
)
from opsboard.ui.render.overlays import series_style
from opsboard.ui.theme.styles import Styles
from opsboard.views.comparison import GroupComparison, TextRow

_LEAST_TEXT: Final = 8
"""Columns below which texts stand below each other."""
_TEXT: Final = 12
"""Columns that texts of a side get where not all sides have room."""
_LINES: Final = 4
"""Lines of a text that stands below others: Enter shows all of a longer one."""
_BEFORE: Final = 20
"""Characters that are shown of what long texts have in common, before they differ."""


class _Table(NamedTuple):
    """The columns of a table in a group called *title*: of a *name*, and of the text of a side."""

    title: str
    name: int
    text: int
    shown: ShownSides
    sides: Sequence[Comparand]
    page: PageFormat


def text_room(group: GroupComparison, width: int) -> int:
    """Return for how many sides there is room in the table of *group*, of *width* columns."""
    return (width - _name_width(group) - 6) // (_TEXT + GAP)


def group_rows(
    group: GroupComparison, sides: Sequence[Comparand], shown: ShownSides, page: PageFormat
) -> Iterator[AnyRow]:
    """Yield the heading of *group*, and what differs; the table is written as it is seen."""
    table = _table(group, sides, shown, page)
    stacked = {row.name for row in group.rows if not _fits(row, table.text)}
    yield _heading(group, stacked, table)
    if len(stacked) < len(group.rows):
        yield _head_row(table)
    for row in group.rows:
        if row.name in stacked:
            yield from _stacked_rows(row, table)
        else:
            yield _TextLine(row, table)
    for diff in group.diffs:
        yield from diff_rows(group.title, diff, sides, page)
    yield from _group_notes(group, sides, page)


def _table(
    group: GroupComparison, sides: Sequence[Comparand], shown: ShownSides, page: PageFormat
) -> _Table:
    name = _name_width(group)
    room = (page.width - name - 6) // shown.columns - GAP
    longest = max((text_width(text or "") for row in group.rows for text in row.texts), default=0)
    titles = (text_width(side_title(*one)) for one in enumerate(sides))
    width = min(room, max(longest, _LEAST_TEXT, *titles))
    return _Table(group.title, name, width, shown, sides, page)


def _name_width(group: GroupComparison) -> int:
    return between(NAME, max((text_width(row.name) for row in group.rows), default=0))


def _heading(group: GroupComparison, stacked: set[str], table: _Table) -> PageRow:
    differing = len(group.rows) + bool(group.diffs)
    counted = counted_text(differing, len(group.same))
    if group.unknown and not differing:
        counted = "the same, where it is known" if group.same else "not known"
    width = _stacked_width(table)
    cut = (row for row in group.rows if row.name in stacked and _is_cut(row, width))
    hint = "  Enter shows a text whole" if any(cut) else ""
    return heading_row(group.title, table.page.styles, f"{counted}{hint}")


def _group_notes(
    group: GroupComparison, sides: Sequence[Comparand], page: PageFormat
) -> Iterator[PageRow]:
    """Yield what is the same, and of what nothing is told; a reason that many share, once."""
    if group.same and group.rows:
        yield from note_rows(f"the same: {listed_names(group.same)}", page)
    if group.masked:
        yield from note_rows(
            f"not compared, as it may be secret: {listed_names(group.masked)}", page
        )
    for why in dict.fromkeys(why for _, why in group.unknown):
        which = [side for side, said in group.unknown if said == why]
        named = ", ".join(side_title(side, sides[side]) for side in which)
        of = "any" if len(which) == len(sides) > 1 else named
        yield from note_rows(f"not known of {of}: {why}", page)


# --- a line each ---------------------------------------------------------------------------------


def _fits(row: TextRow, width: int) -> bool:
    return width >= _LEAST_TEXT and all(text_width(text or "") <= width for text in row.texts)


def _head_row(table: _Table) -> PageRow:
    numbers, styles = table.shown.numbers, table.page.styles
    titles = [fit_text(side_title(at, table.sides[at]), table.text, styles) for at in numbers]
    text = f"{INDENT} {' ' * table.name}   {''.join(' ' * GAP + title for title in titles)}"
    return PageRow(Text(text, styles.roles["header"]))


@dataclass(slots=True, eq=False)
class _TextLine(DeferredRow):
    """The texts of all sides in a line; its parts are made only while it is seen."""

    row: TextRow
    table: _Table

    @property
    def key(self) -> Hashable:
        return self.table.title, self.row.name

    def write(self) -> PageRow:
        text = self._text(self.table.page.styles)
        return PageRow(text, selectable=True, copy_text=_copied(self.row), key=self.key)

    def _text(self, styles: Styles) -> Text:
        row, table = self.row, self.table
        text = Text(f"{INDENT} {fit_text(row.name, table.name, styles)}   ", styles.muted)
        for side in table.shown.numbers:
            value = row.texts[side]
            shown = fit_text(ABSENT if value is None else value, table.text, styles)
            text.append(" " * GAP, PLAIN).append(shown, styles.muted if value is None else BOLD)
        return text


def _copied(row: TextRow) -> str:
    texts = (ABSENT if text is None else text for text in row.texts)
    return f"{row.name}  {'  '.join(texts)}"


# --- below each other ----------------------------------------------------------------------------


def _stacked_rows(row: TextRow, table: _Table) -> Iterator[AnyRow]:
    """Yield the texts below each other: cut off in columns, they might look the same."""
    yield _NameLine(row, table)
    width = _stacked_width(table)
    begin = _beginning([text for text in row.texts if text is not None], width)
    for side in table.shown.numbers:
        value = row.texts[side]
        lines = _lines(ABSENT if value is None else value, begin, width, table.page.styles)
        for number, line in enumerate(lines):
            yield _ValueLine(row, table, side, number, line)


def _stacked_width(table: _Table) -> int:
    return max(_LEAST_TEXT, table.page.width - 9)


def _is_cut(row: TextRow, width: int) -> bool:
    return any(len(text or "") > _LINES * width for text in row.texts)


def _beginning(texts: Sequence[str], width: int) -> int:
    """Return the character from which on *texts* are shown: where one is too long to be shown
    whole, a little before they differ, else they might look the same."""
    if all(len(text) <= _LINES * width for text in texts):
        return 0
    differs = len(commonprefix(texts))  # noqa: RUF071 - by characters is meant
    return differs - _BEFORE if differs > width else 0


def _lines(text: str, begin: int, width: int, styles: Styles) -> Sequence[str]:
    """Return the lines of *text* from *begin* on, at most :data:`_LINES`, with what is cut marked.

    Only so much of it is broken into lines as is shown.
    """
    mark = styles.glyphs.ellipsis
    shown = f"{mark}{text[begin:]}" if begin else text
    lines = list(islice(wrap_text(shown, width), _LINES + 1))
    if len(lines) <= _LINES:
        return lines
    return [*lines[: _LINES - 1], fit_text(f"{lines[_LINES - 1]} {mark}", width, styles)]


@dataclass(slots=True, eq=False)
class _NameLine(_TextLine):
    """The name above texts that stand below each other."""

    def _text(self, styles: Styles) -> Text:
        return Text(f"{INDENT} {self.row.name}", styles.muted)


@dataclass(slots=True, eq=False)
class _ValueLine(DeferredRow):
    """The *line* of that *number* of the text of a *side*."""

    row: TextRow
    table: _Table
    side: int
    number: int
    line: str

    @property
    def key(self) -> Hashable:
        return self.table.title, self.row.name, self.side, self.number

    def write(self) -> PageRow:
        table, value = self.table, self.row.texts[self.side] or ""
        mark = "" if self.number else str(self.side + 1)
        hue = series_style(self.side, table.page.styles)
        text = Text(f"{INDENT}   {mark:<2} ", hue).append(self.line, PLAIN)
        title = f"# {self.row.name}, {side_title(self.side, table.sides[self.side])}"
        whole = f"{title}\n{value}" if len(value) > _LINES * _stacked_width(table) else ""
        return PageRow(text, selectable=True, copy_text=value, key=self.key, whole=whole)
