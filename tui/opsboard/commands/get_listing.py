"""What the servers list beyond the board's own kinds, read once: the part of ``get`` for it."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime

from opsboard.adapter import ListingQuery, SourceError
from opsboard.collect.session import Session
from opsboard.commands.selection import SelectedRecords, selected_rows
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.views.filter import EVERYTHING, FilterError, parse
from opsboard.views.listing_directory import ListingDirectory, OfferedListing
from opsboard.views.listing_table import ListingTable
from opsboard.views.panes import ListingView
from opsboard.views.rows import RowModel


class UnknownListingError(Exception):
    """Nothing is listed by *word*, of a saved *view* if there is one.

    *notes* are why more may not be known of, if any.
    """

    def __init__(self, word: str, directory: ListingDirectory, view: ListingView | None) -> None:
        whose = f"view {view.id}: " if view is not None else ""
        super().__init__(f"{whose}nothing is called {word!r}")
        self.word, self.of_view = word, view is not None
        self.words: Sequence[str] = directory.words
        self.notes: Sequence[str] = directory.notes


@frozen_unchecked
class FoundListing(Frozen):
    """The rows that were *selected*, and in *notes* what is missing, and why.

    The *view_notes* are what of a saved view the servers do not have, and what else is listed by
    the word: no row is missing by that.
    """

    selected: SelectedRecords
    notes: Sequence[str]
    view_notes: Sequence[str]


def get_listing(
    session: Session, word: str, text: str, timeout: float, view: ListingView | None = None
) -> FoundListing:
    """Return what is listed for *word*, as far as it has come within *timeout* seconds.

    It is narrowed by the filter *text*, and by the saved *view* of it, if one is asked for.
    Raises :exc:`UnknownListingError` or :exc:`~opsboard.views.filter.FilterError`.
    """
    session.feed.start()
    table, told = asyncio.run(_read(session, word, timeout, view))
    chosen = EVERYTHING
    if text.strip():
        chosen = parse(text, table.pane)
    model = RowModel(table.pane, table.records)
    model.set_filter(chosen, datetime.now(UTC))
    if chosen.problem:
        raise FilterError(chosen.problem)
    return FoundListing(
        SelectedRecords(table.pane, tuple(selected_rows(model)), model.total),
        table.notes,
        (*told, *table.view_notes),
    )


async def _read(
    session: Session,
    word: str,
    timeout: float,  # noqa: ASYNC109 - it is told in the note
    view: ListingView | None,
) -> tuple[ListingTable, Sequence[str]]:
    """Return the table of *word*, and what is to be told of the word."""
    directory = ListingDirectory(await session.feed.listing_types())
    choice = directory.find(word)
    if choice is None:
        raise UnknownListingError(word, directory, view)
    table = ListingTable(
        choice.name,
        scoped=choice.is_scoped,
        several_sources=len(choice.offered) > 1,
        order=choice.order,
        view=view,
    )
    told = tuple(filter(None, (choice.told_apart(word),)))
    if view is not None and (problem := choice.search_problem(view)):
        table.note("", problem)
        return table, told
    query = ListingQuery(text=view.search if view is not None else "")
    await asyncio.gather(
        *(_read_one(session, one, table, query, timeout) for one in choice.offered)
    )
    return table, told


async def _read_one(
    session: Session,
    offered: OfferedListing,
    table: ListingTable,
    query: ListingQuery,
    timeout: float,  # noqa: ASYNC109 - it is told in the note
) -> None:
    """Put into *table* what *offered* lists, until it is complete."""
    source = offered.source
    try:
        async with asyncio.timeout(timeout):
            listing = session.feed.listing(source, offered.type.name, query)
            async with aclosing(listing) as updates:
                async for update in updates:
                    table.take(source, update)
                    if update.complete:
                        return
    except SourceError as error:
        table.note(source, f"{source}: {error.message}")
    except TimeoutError:
        table.note(source, f"{source} has not listed all within {timeout:g} s")
