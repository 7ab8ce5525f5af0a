"""What stands below the tables of a comparison: names of what is the same, what is not known."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.text import Text

from opsboard.adapter import Comparand
from opsboard.ui.render.comparison_sides import side_title
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, INDENT, PageRow, heading_row, wrap_text

_NAMED: Final = 20
"""Names that are listed of those that are the same, or that nobody can judge."""


def counted_text(differing: int, same: int) -> str:
    """Return how many differ, and how many are the same."""
    if not differing:
        return "the same" if same else "none"
    verb = "differs" if differing == 1 else "differ"
    return f"{differing:,} {verb}" + (f", {same:,} the same" if same else "")


def listed_names(names: Sequence[str]) -> str:
    """Return the first of *names*, and how many there are beside."""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def note_rows(text: str, page: PageFormat) -> Iterator[PageRow]:
    """Yield *text* as lines."""
    for number, line in enumerate(wrap_text(text, page.width - 4)):
        shown = Text(f"{INDENT} {line}", page.styles.muted)
        yield PageRow(shown, selectable=True, copy_text=text, key=(text, number))


def incomplete_rows(sides: Sequence[Comparand], page: PageFormat) -> Iterator[PageRow]:
    """Yield what could not be read of *sides*, or is too much to be compared."""
    notes = [(side_title(*one), note) for one in enumerate(sides) for note in _notes(one[1])]
    if not notes:
        return
    yield BLANK
    yield heading_row("Not complete", page.styles)
    for title, note in notes:
        yield from note_rows(f"{title}: {note}", page)


def _notes(side: Comparand) -> Iterator[str]:
    yield from side.notes
    if side.more_metrics:
        yield f"{side.more_metrics:,} more metrics are not compared"
