"""How an error is told on a page: what is wrong, and how to fix it."""

from collections.abc import Iterator

from rich.text import Text

from opsboard.adapter import SourceError
from opsboard.ui.render.layout import BLANK, PageRow, wrap_text
from opsboard.ui.theme.styles import Styles


def error_rows(error: SourceError, styles: Styles, width: int) -> Iterator[PageRow]:
    """Yield the rows that tell of *error*."""
    status = error.condition.status
    mark = f" {styles.glyphs.status[status]} "
    for number, line in enumerate(wrap_text(error.message, width - 4)):
        text = Text(f"{'   ' if number else mark}{line}", styles.statuses[status])
        yield PageRow(text, selectable=True, copy_text=error.message, key=("trouble", number))
    for line in wrap_text(error.hint, width - 4) if error.hint else ():
        yield PageRow(Text(f"   {line}"), selectable=True, copy_text=error.hint, key=("mend", line))
    yield BLANK
