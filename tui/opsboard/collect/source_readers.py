"""Reads logs and listings of a source as they come, secrets masked."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from opsboard.adapter import (
    ListingCatalog,
    ListingQuery,
    ListingRow,
    ListingUpdate,
    LogLine,
    LogQuery,
    SourceError,
)
from opsboard.collect.bounded_stream import Put
from opsboard.collect.collector import Collector
from opsboard.collect.redact import Redactor
from opsboard.records import Ref
from opsboard.system.async_cleanup import closing
from opsboard.text.sanitize import sanitize

MAX_LINES: Final = 2_000
"""Lines that may wait for a slow reader; then the source is not read until half are taken."""
MAX_UPDATES: Final = 8
"""Updates of a listing that may wait for a slow screen; a page of a table is one."""
ANSWER_TIMEOUT: Final = 20.0
"""Seconds that a source has to say what it can list; the others are not kept waiting longer."""


async def read_log(
    collector: Collector, ref: Ref, query: LogQuery, put: Put[LogLine], redactor: Redactor
) -> None:
    """Put the lines of the log of *ref* that *query* asks for. Raises :exc:`SourceError` only."""
    source = await collector.source()
    redacted_line = redactor.log_lines()
    try:
        async with closing(source.logs(ref, query)) as lines:
            async for line in lines:
                if query.wants(line.group, line.part, line.at):
                    await put(redacted_line(line))
    except Exception as error:  # an adapter's code may raise anything
        raise collector.as_source_error(error) from None


async def read_catalogs(
    collectors: Iterable[Collector], redactor: Redactor
) -> dict[str, ListingCatalog]:
    """Return the catalog of each source; one that fails has a note that says why."""

    async def read(collector: Collector) -> ListingCatalog:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                return await collector.ask(lambda source: source.listing_types())
        except SourceError as error:
            return ListingCatalog(notes=(redactor.redact(error.message),))
        except TimeoutError:
            return ListingCatalog(notes=(f"no answer within {ANSWER_TIMEOUT:.0f} s",))

    asked = list(collectors)
    answers = await asyncio.gather(*map(read, asked))
    return {one.context.name: found for one, found in zip(asked, answers, strict=True)}


async def read_listing(
    collector: Collector,
    name: str,
    query: ListingQuery,
    put: Put[ListingUpdate],
    redactor: Redactor,
) -> None:
    """Put the updates of a listing, without end. Raises :exc:`SourceError` only."""
    source = await collector.source()
    try:
        async with closing(source.listing(name, query)) as updates:
            async for update in updates:
                await put(await asyncio.to_thread(redacted, update, redactor))
    except Exception as error:  # an adapter's code may raise anything
        raise collector.as_source_error(error) from None


def redacted(update: ListingUpdate, redactor: Redactor) -> ListingUpdate:
    """Return *update* without secrets: most have none, so all rows are looked at together."""
    rows = update.rows
    together = "\n".join(map(_text_of, rows))
    if redactor.redact(together) != together:
        rows = [_redacted_row(row, redactor) for row in rows]
    notes = update.notes and tuple(sanitize(redactor.redact(note)) for note in update.notes)
    if rows is update.rows and notes == update.notes:
        return update
    return replace(update, rows=rows, notes=notes)


def _text_of(row: ListingRow) -> str:
    return "\n".join(row.cells)


def _redacted_row(row: ListingRow, redactor: Redactor) -> ListingRow:
    return replace(row, cells=tuple(map(redactor.redact, row.cells)))
