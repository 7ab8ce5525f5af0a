"""What an act leads to, above its detail: what it was done to, and what came of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from rich.text import Text

from opsboard.records import Activity, Record
from opsboard.ui.cell_looks import PLAIN
from opsboard.ui.detail_rows import Paper
from opsboard.ui.paper import INDENT
from opsboard.ui.widgets.page import BLANK, Row

if TYPE_CHECKING:
    from opsboard.board.state import Board

_LABEL: Final = 10


def linked_rows(record: Record, board: "Board", paper: Paper) -> Iterator[Row]:
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
            (f"{INDENT} {label:<{_LABEL}}", paper.looks.muted),
            (name, PLAIN),
            (f"  {ref.kind.replace('-', ' ')} of {ref.source}", paper.looks.muted),
            (f" {paper.looks.glyphs.arrow}", paper.looks.accent),
        )
        yield Row(text, stands=True, copy=name, ref=ref, key=ref)
    yield BLANK
