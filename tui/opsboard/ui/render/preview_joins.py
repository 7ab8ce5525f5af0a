"""What the joins say of the subject of a preview: the others of its outage, and its chain."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.text import Text

from opsboard.kinds.ages import age_text
from opsboard.lineage.chain import chain, chain_root
from opsboard.lineage.outages import Outage
from opsboard.records import Alert
from opsboard.ui.render.chain_line import chain_line
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, fit_text, heading_row
from opsboard.ui.render.lineage_lines import lineage_lines
from opsboard.ui.render.lineage_page import rows_of
from opsboard.ui.render.preview_subject import PreviewSubject
from opsboard.views.alert_groups import outages_on
from opsboard.views.lineage_rows import LineageRow

if TYPE_CHECKING:
    from opsboard.board.state import Board

_TREE_FROM: Final = 40
"""Lines of a preview from which on all of the chain may have room."""


class PreviewJoins(NamedTuple):
    """What joins say of a subject: the same until the board changes, whatever the time.

    *outage* has the others of one outage with its alert; *chain* are the lines of its chain in
    short, and *tree* the rows of all of it, where there is room for so much.
    """

    outage: Outage | None = None
    chain: Sequence[Text] = ()
    tree: Sequence[LineageRow] = ()


def joins_of(
    board: "Board", subject: PreviewSubject, page: PageFormat, height: int
) -> PreviewJoins:
    """Return what the joins of *board* say of *subject*, as far as *height* lines have room for it.

    Takes longer than all the rest.
    """
    alert = subject.alert
    groups = outages_on(board) if alert is not None else ()
    own = (one for one in groups if alert is not None and alert.ref in (one.head, *one.members))
    found = chain(board.lineage, chain_root(board.lineage, subject.part))
    tree = rows_of(found, board) if height >= _TREE_FROM else ()
    return PreviewJoins(next(own, None), tuple(chain_line(board, found, page)), tree)


def outage_rows(
    alert: Alert | None, outage: Outage | None, board: "Board", page: PageFormat
) -> Iterator[PageRow]:
    """Yield the other alerts that solid joins make one *outage* with *alert*."""
    styles = page.styles
    if alert is None or outage is None:
        return
    yield heading_row(f"Of the same {outage.of}", styles)
    refs = (ref for ref in (outage.head, *outage.members) if ref != alert.ref)
    for other in map(board.get, refs):
        if isinstance(other, Alert):
            style = styles.statuses[other.display_status]
            text = Text(f" {styles.glyphs.status[other.display_status]} ", style)
            age = f"  {age_text(other.since, page.now)}"
            words = f"{other.name}  {other.reason}"
            room = max(8, page.width - text.cell_len - len(age) - 1)
            text.append(fit_text(words, room, styles).rstrip(), style)
            yield PageRow(text.append(age, styles.muted))


def chain_rows(joins: PreviewJoins, page: PageFormat, room: int) -> Iterator[PageRow]:
    """Yield what it is made of and what is made of it, each edge by its rule.

    That is all of it, as its page has it, if *room* is enough lines, or else its main line.
    """
    if not joins.chain:
        return
    yield BLANK
    yield heading_row("Chain", page.styles)
    inset = page._replace(width=page.width - 1)  # what is right-aligned keeps off the edge
    tree = [*lineage_lines(joins.tree, inset)] if joins.tree else []
    if tree and len(tree) + 2 <= room:
        yield from (PageRow(row.text) for row in tree)  # nothing to stand on
    else:
        yield from (PageRow(line) for line in joins.chain)
