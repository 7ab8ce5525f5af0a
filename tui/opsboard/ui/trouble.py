"""How an error is told on a page: what is wrong, and how to fix it."""

from collections.abc import Iterator

from rich.text import Text

from opsboard.adapter import SourceError
from opsboard.ui.looks import Looks
from opsboard.ui.paper import wrapped
from opsboard.ui.widgets.page import BLANK, Row


def trouble_rows(error: SourceError, looks: Looks, width: int) -> Iterator[Row]:
    """Yield the rows that tell of *error*."""
    status = error.condition.status
    mark = f" {looks.glyphs.status[status]} "
    for number, line in enumerate(wrapped(error.message, width - 4)):
        text = Text(f"{'   ' if number else mark}{line}", looks.statuses[status])
        yield Row(text, stands=True, copy=error.message, key=("trouble", number))
    for line in wrapped(error.hint, width - 4) if error.hint else ():
        yield Row(Text(f"   {line}"), stands=True, copy=error.hint, key=("mend", line))
    yield BLANK
