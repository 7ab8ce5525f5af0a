"""What an act leads to, above its detail: what it was done to, and what came of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.text import Text

from opsboard.records import Activity, Record
from opsboard.ui.render.cells import PLAIN
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, INDENT, PageRow

if TYPE_CHECKING:
    from opsboard.board.state import Board

_LABEL: Final = 10


def linked_record_rows(record: Record, board: "Board", page: PageFormat) -> Iterator[PageRow]:
    """Yield a row to enter for each record that the act *record* speaks of; none for others."""
    if not isinstance(record, Activity):
        return
    produced = record.produced if record.produced != record.about else None
    for label, ref in (("produced", produced), ("done to", record.about)):
        if ref is None:
            continue
        known = board.get(ref)
        name = known.name if known else ref.id
        text = Text.assemble(
            (f"{INDENT} {label:<{_LABEL}}", page.styles.muted),
            (name, PLAIN),
            (f"  {ref.kind.replace('-', ' ')} of {ref.source}", page.styles.muted),
            (f" {page.styles.glyphs.arrow}", page.styles.accent),
        )
        yield PageRow(text, selectable=True, copy_text=name, ref=ref, key=ref)
    yield BLANK
