"""A saved view of a listing: which of the columns that a server has, in which order."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from opsboard.kinds.columns import Column
from opsboard.kinds.pane_spec import PaneSpec, opened_by
from opsboard.kinds.registry import KINDS
from opsboard.text.suggestions import did_you_mean, did_you_mean_or_list
from opsboard.views.filter import FilterError, parse
from opsboard.views.panes import ListingView

_FIRST: Final = "glyph"
"""The column that is there although nobody names it: what is wrong is seen in every view."""


class ListingTableView(NamedTuple):
    """The table that a view makes of a listing's, and in *notes* what of the view is not there."""

    pane: PaneSpec
    notes: tuple[str, ...] = ()


def listing_view(view: ListingView, table: PaneSpec) -> ListingTableView:
    """Return what *view* makes of *table*, all columns of which are known.

    What it names and the server does not have is told, and left out: that depends on the server,
    and on what it lists today, and the rows are worth more than an error. A filter that cannot be
    understood lets everything through, which is told as well.
    """
    notes: list[str] = []
    columns = tuple(_columns(view, table, notes)) or table.columns
    own = {column.id for column in columns}
    hidden = tuple(column for column in table.columns if column.id not in own)
    pane = replace(table, columns=columns, hidden=hidden)
    if view.order:
        order = _column(pane, view.order)
        if order is None:
            notes.append(_missing(view.order, table))
        else:
            pane = replace(pane, order=order.id, descending=view.descending)
    try:
        parse(view.filter, pane)
    except FilterError as error:
        notes.append(f"filter {view.filter!a}: {error}; all is shown")
    else:
        pane = replace(pane, filter=view.filter)
    told = dict.fromkeys(f"view {view.id}: {note}" for note in notes)
    return ListingTableView(pane, tuple(told))


def not_listed(word: str, listed: Sequence[str]) -> str:
    """Return what may have been meant by the *word* of a view that is none of the *listed* ones."""
    if (pane := opened_by(word, KINDS.panes())) is not None:
        return f"{word!r} opens {pane.title!r}, a pane: write `pane` in place of `listing`"
    return did_you_mean(word, listed) or "`:resources` shows all words"


def _columns(view: ListingView, table: PaneSpec, notes: list[str]) -> Iterator[Column]:
    """Yield the columns of *view*, what is named first being left out last."""
    known: set[str] = set()
    first = table.column(_FIRST)
    if view.columns and first is not None:
        known.add(first.id)
        yield first
    for at, wanted in enumerate(view.columns):
        column = _column(table, wanted.name)
        if column is None:
            notes.append(_missing(wanted.name, table))
        elif column.id not in known:
            known.add(column.id)
            yield as_wanted(replace(column, priority=at), wanted.width, wanted.title)


def as_wanted(column: Column, width: int, title: str) -> Column:
    """Return *column* of the *width* and under the *title* that a view gives it, if any."""
    if width:
        column = replace(column, width=width, most=width)
    return replace(column, title=title) if title else column


def _column(pane: PaneSpec, name: str) -> Column | None:
    """Return the column called *name*, in whatever case the server writes it."""
    return pane.column(name.casefold())


def _missing(name: str, table: PaneSpec) -> str:
    known = did_you_mean_or_list(name, [one.title for one in table.all_columns if one.title])
    return f"there is no column {name!r}; {known}"
