"""The part of the suite that is about listings: :mod:`opsboard.adapter.listings`."""

import asyncio
import re
from datetime import datetime
from itertools import islice
from typing import Final

import pytest

from opsboard.adapter import (
    ListingColumn,
    ListingColumnType,
    ListingQuery,
    ListingRow,
    ListingType,
    ListingUpdate,
    Source,
    SourceError,
    Unsupported,
)
from opsboard.records import Ref, listed_ref
from opsboard.system.async_cleanup import closing
from opsboard.testing.arrangement import BOUND, Arrangement
from opsboard.testing.leaks import no_leaks

OPENED: Final = 12
"""Listings that are opened; a server may have hundreds."""
_WORD: Final = re.compile(r"[^\s/:]+")


class ListingConformance(Arrangement):
    """What an adapter with listings is held to; one without any has nothing to do."""

    async def test_listings_can_be_typed_and_told_apart(self) -> None:
        async with self.world() as world, self.connected(world) as (source, _):
            types = (await self._catalog(source)) or ()
        names = [one.name for one in types]
        assert len(names) == len(set(names)), "names of listings are unique"
        for one in types:
            for word in (one.name, *one.aliases):
                assert _WORD.fullmatch(word), f"{word!r} cannot be typed after a colon"
            assert one.title.strip(), f"{one.name} has no title"

    async def test_listings_are_well_formed_and_end_when_they_are_closed(self) -> None:
        async with self.world() as world, self.connected(world) as (source, context):
            for one in islice(await self._catalog(source), OPENED):
                async with no_leaks():
                    updates = await self._updates(source, one)
                faults = [*listing_faults(updates), *order_faults(one, updates)]
                assert not faults, f"{one.name}: {faults}"
                rows = [row for update in updates for row in update.rows]
                for row in rows:
                    assert row.ref is None or row.ref.source == context.name
                await self._look_at(source, context.name, one, rows[:1])

    async def test_a_listing_that_is_not_there_is_a_source_error(self) -> None:
        async with self.world() as world, self.connected(world) as (source, _):
            missing = ListingType(name="no-such-0f9d2c7a", title="-")
            with pytest.raises(SourceError):
                await self._updates(source, missing)

    async def _catalog(self, source: Source) -> tuple[ListingType, ...]:
        return (await asyncio.wait_for(source.listing_types(), BOUND)).types

    async def _updates(self, source: Source, one: ListingType) -> list[ListingUpdate]:
        """Return the updates of a listing until all of it is there, or it is told why not."""
        updates = list[ListingUpdate]()
        async with (
            asyncio.timeout(BOUND),
            closing(source.listing(one.name, ListingQuery())) as stream,
        ):
            async for update in stream:
                updates.append(update)
                if update.complete or update.notes:
                    break
        return updates

    async def _look_at(
        self, source: Source, name: str, one: ListingType, rows: list[ListingRow]
    ) -> None:
        """A row leads to the page and the raw form of what it stands for."""
        for row in rows:
            ref = row.ref or listed_ref(name, one.name, row.key)
            detail = await self.detail(source, ref)
            assert detail is None or detail.record.ref == ref
            await self._raw(source, ref)

    async def _raw(self, source: Source, ref: Ref) -> None:
        try:
            await asyncio.wait_for(source.raw(ref), BOUND)
        except Unsupported:
            return


def listing_faults(updates: list[ListingUpdate]) -> list[str]:
    """Return what is wrong with the *updates* of one listing."""
    faults = list[str]()
    columns: tuple[ListingColumn, ...] = ()
    for update in updates:
        if update.columns is not None:
            if update.columns[: len(columns)] != columns:
                faults.append("columns only ever grow at the end")
            columns = update.columns
        for row in update.rows:
            faults += row_faults(row, columns)
    return faults


def order_faults(one: ListingType, updates: list[ListingUpdate]) -> list[str]:
    """Return that *one* is to begin in the order of a column that it does not have."""
    titles = {
        column.name.casefold()
        for update in updates
        if update.columns is not None
        for column in update.columns
    }
    wanted = one.order.removeprefix("-").casefold()
    unknown = titles and wanted and wanted not in titles
    return [f"it is sorted by {wanted!r}, and there is no such column"] if unknown else []


def row_faults(row: ListingRow, columns: tuple[ListingColumn, ...]) -> list[str]:
    """Return what is wrong with *row* under *columns*."""
    faults = [] if row.key and row.name else [f"a row without key or name: {row}"]
    if len(row.cells) > len(columns):
        faults.append(f"{row.key}: {len(row.cells)} cells under {len(columns)} columns")
    for cell, column in zip(row.cells, columns, strict=False):
        if cell and column.type is ListingColumnType.TIME and not _is_time(cell):
            faults.append(f"{row.key}: {column.name} {cell!r} is no time in ISO 8601")
    return faults


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
