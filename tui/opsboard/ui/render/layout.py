"""Pieces that pages are written with: headings, labelled values, small tables."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from opsboard.adapter import NotFound, SourceError, Unsupported
from opsboard.records import Ref, Status
from opsboard.ui.render.cells import text_width
from opsboard.ui.theme.styles import Styles

if TYPE_CHECKING:
    from opsboard.adapter import GridRow

GAP = 2
INDENT = "  "
_NAME = 7
"""Columns from which on a name is cut in its middle."""
_NAMED, _OTHER = 26, 12
"""Columns that the first two columns of a table can do with, and that the others can."""
_DENSE = 4
"""Characters that are written in a column at most: a letter and its marks."""


@dataclass(frozen=True, slots=True)
class PageRow:
    """A line of a page.

    The cursor may be on it if it is *selectable*; then *copy_text* is what can be copied from it,
    and *ref* the record that Enter opens. Its *key* identifies it when the page is rebuilt.
    *grid_row* says what actions on it are about. It is *gone* when the page no longer has it and
    only the cursor keeps it. *whole* is all of it, where a part is cut and no record has the rest.
    One that is *of_nothing*, as a stretch in which nobody looked, is not of the record of its page
    either: no key does anything to that.
    """

    text: Text = field(default_factory=Text)
    selectable: bool = False
    copy_text: str = ""
    ref: Ref | None = None
    key: Hashable = None
    is_heading: bool = False
    grid_row: "GridRow | None" = None
    gone: bool = False
    whole: str = ""
    of_nothing: bool = False

    def write(self) -> "PageRow":
        """Return the row itself: it is written already."""
        return self

    @property
    def has_own_target(self) -> bool:
        """Whether a key on it is about something else than a key on the rows around it."""
        return (
            self.of_nothing
            or self.ref is not None
            or (self.grid_row is not None and bool(self.grid_row.actions))
        )


class DeferredRow(ABC):
    """A row of a long page that is written when it is seen: most of thousands never are.

    It is not wider than its page. The cursor may be on it, and it has no target of its own:
    neither a record nor actions.
    """

    __slots__ = ()
    selectable: ClassVar = True
    is_heading: ClassVar = False
    ref: ClassVar[Ref | None] = None
    of_nothing: ClassVar = False

    @property
    @abstractmethod
    def key(self) -> Hashable:
        """What identifies it when the page is rebuilt."""

    @abstractmethod
    def write(self) -> PageRow:
        """Return it in full, with the same key."""

    @property
    def text(self) -> Text:
        """Its text, written now."""
        return self.write().text

    @property
    def copy_text(self) -> str:
        """What can be copied from it, made now."""
        return self.write().copy_text


AnyRow: TypeAlias = PageRow | DeferredRow
BLANK = PageRow()


def heading_row(title: str, styles: Styles, note: str = "") -> PageRow:
    """Return the heading of a section."""
    text = Text(f" {title}", styles.accent)
    if note:
        text.append(f"  {note}", styles.muted)
    return PageRow(text, is_heading=True)


def demo_rows(notice: str, styles: Styles, width: int) -> Iterator[PageRow]:
    """Yield the *notice* that what is shown is the demo's world, and how to leave it."""
    if not notice:
        return
    text = f"{notice[0].upper()}{notice[1:]}."
    for number, line in enumerate(wrap_text(text, width - 10)):
        badge = Text(" ").append(" DEMO " if not number else " " * 6, "" if number else styles.demo)
        yield PageRow(
            badge.append(f" {line}"), selectable=True, copy_text=notice, key=("demo", number)
        )
    yield BLANK


def fit_text(text: str, width: int, styles: Styles, *, right: bool = False) -> str:
    """Return *text* as exactly *width* columns, cut with an ellipsis if it must be."""
    if (room := width - text_width(text)) < 0:
        return _cut(text, width, styles.glyphs.ellipsis) if width > 0 else ""
    blank = " " * room
    return blank + text if right else text + blank


def truncate_text(text: Text, width: int, styles: Styles, *, pad: bool = False) -> None:
    """Cut *text* in place where it is longer than *width* columns, as :func:`fit_text` marks that;
    *pad* fills it where it is shorter. Rich's own mark is none that every terminal has."""
    is_cut = text.cell_len > width
    text.truncate(width, overflow="ellipsis", pad=pad)
    if is_cut and text.plain:
        text.plain = text.plain[:-1] + styles.glyphs.ellipsis


def _cut(text: str, width: int, mark: str) -> str:
    """Cut words at their end, but a name in its middle: image tags and pods differ there.

    A word of letters alone, as the reason of a state, is no name.
    """
    room = width - cell_len(mark)
    if " " in text or text.isalpha() or width < _NAME or not text.isascii():
        return set_cell_size(text, room) + mark
    tail = room * 3 // 5
    return f"{text[: room - tail]}{mark}{text[-tail:]}"


def wrap_text(text: str, width: int) -> Iterator[str]:
    """Yield the lines of *text*, broken at *width* columns, between words where there are."""
    for line in text.split("\n"):
        yield from _broken(line, max(8, width))


def wrapped_lines(text: str, width: int, most: int, styles: Styles) -> Sequence[str]:
    """Return *text* broken at *width* columns, as *most* lines: the last is cut if it must be."""
    lines = list(wrap_text(text, width)) if most > 1 else [text]
    shown, rest = lines[: most - 1], " ".join(lines[most - 1 :])
    return [*shown, fit_text(rest, width, styles).rstrip()] if rest else shown


def _broken(line: str, width: int) -> Iterator[str]:
    """Yield the pieces of *line*. Only so much of it is measured as a piece can have: to measure
    all of it for each piece takes a second for a few long values."""
    most = _DENSE * width
    while len(line) > most or cell_len(line) > width:
        head = _head(line[:most], width).rstrip()
        at = head.rfind(" ", width // 2)
        at = at if at > 0 else len(head)
        yield line[:at].rstrip()
        line = line[at:].lstrip()
    yield line


def _head(text: str, width: int) -> str:
    """Return what of *text* fits into *width* columns."""
    if text.isascii():
        return text[:width]
    return set_cell_size(text, width) if cell_len(text) > width else text


def column_widths(
    columns: Sequence[str], rows: Sequence[Sequence[str]], room: int
) -> Mapping[int, int]:
    """Return which of *columns* are drawn in *room*, and how wide each is.

    The first says what the row is of, and the second usually how that is: these two are read in
    full before others are. Where there is too little room, columns without content are left out,
    and then the last ones; of those that stay, the widest give way.
    """
    wanted = {
        at: max([cell_len(title), *(cell_len(row[at]) for row in rows)])
        for at, title in enumerate(columns)
    }
    if _taken(wanted) > room:
        empty = {at for at in wanted if at and not any(row[at].strip() for row in rows)}
        wanted = {at: width for at, width in wanted.items() if at not in empty}
    least = {at: min(width, _OTHER if at > 1 else _NAMED) for at, width in wanted.items()}
    while len(least) > 2 and _taken(least) > room:
        least.popitem()
    widths = {at: wanted[at] for at in least}
    for givers, floor in (([at for at in widths if at > 1], _OTHER), ([*widths], 6)):
        _give_way(widths, givers, floor, room)
    return widths


def _taken(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def _give_way(widths: dict[int, int], givers: Sequence[int], floor: int, room: int) -> None:
    """Take from the widest of *givers* until all fit into *room*, but leave *floor* to each."""
    while givers and (excess := _taken(widths) - room) > 0:
        *others, widest = sorted(givers, key=widths.__getitem__)
        if widths[widest] <= floor:
            return
        least = max(floor, widths[others[-1]] if others else floor)
        widths[widest] -= max(1, min(excess, widths[widest] - least))


def error_rows(error: SourceError, styles: Styles, width: int) -> Iterator[PageRow]:
    """Yield the rows of *error*. Where there is nothing to be had, nothing has failed."""
    missing = isinstance(error, NotFound | Unsupported)
    status = Status.UNKNOWN if missing else error.condition.status
    mark = f" {styles.glyphs.status[status]} "
    for number, line in enumerate(wrap_text(error.message, width - 4)):
        text = Text(f"{'   ' if number else mark}{line}", styles.statuses[status])
        yield PageRow(text, selectable=True, copy_text=error.message, key=("trouble", number))
    for line in wrap_text(error.hint, width - 4) if error.hint else ():
        yield PageRow(Text(f"   {line}"), selectable=True, copy_text=error.hint, key=("mend", line))
    yield BLANK
