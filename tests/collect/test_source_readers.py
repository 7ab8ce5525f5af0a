"""Listings on their way from a source to the screen: masked, bounded, ended."""

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest

from opsboard.adapter import (
    Change,
    Description,
    ListingCatalog,
    ListingQuery,
    ListingRow,
    ListingType,
    ListingUpdate,
    ObjectTree,
    SourceError,
    TreeRow,
)
from opsboard.config.resolved_source import ResolvedSource
from opsboard.records import Ref
from tests.collect import ScriptedSource, eventually, resolved, sources_of
from tests.collect.test_engine import REF, running
from tests.patience import PATIENCE

SECRET = "hunter2-hunter2"  # the canary of these tests


class Listing(ScriptedSource):
    """Has one listing, whose rows hold a secret, and one that breaks."""

    closed: threading.Event
    asked: list[ListingQuery]

    async def listing_types(self) -> ListingCatalog:
        return ListingCatalog(types=(ListingType(name="nodes", title="nodes"),))

    async def listing(self, name: str, query: ListingQuery) -> AsyncIterator[ListingUpdate]:
        self.closed, self.asked = threading.Event(), [query]
        try:
            rows = [ListingRow(key=f"{at}", name=f"n{at}", cells=("plain",)) for at in range(3)]
            rows.append(ListingRow(key="s", name="s", cells=(f"login {SECRET}", "x")))
            yield ListingUpdate(rows, complete=True, notes=(f"\x1b[31msaid\n {SECRET}",))
            if name == "crash":
                raise ValueError(f"boom {SECRET}")
            await asyncio.Event().wait()
        finally:
            self.closed.set()

    async def describe(self, ref: Ref) -> Description:
        key = "-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\nafter"
        return Description(text=f"{ref.id} {SECRET}\n{key}", by="a tool")

    async def tree(self, ref: Ref) -> ObjectTree:
        row = TreeRow(depth=0, kind="Pod", name="p", words=f"login {SECRET}")
        return ObjectTree(rows=(row,), notes=(SECRET,))


async def _nothing(_: ScriptedSource) -> AsyncIterator[Change]:
    await asyncio.Event().wait()
    yield  # type: ignore[misc]  # what makes this an async generator


def listing_source(name: str = "ci") -> ResolvedSource:
    source = resolved(_nothing, name)
    source.adapter.make = Listing  # type: ignore[attr-defined]
    return source


async def test_rows_and_notes_arrive_without_secrets() -> None:
    with running(listing_source()) as (engine, _):
        updates = engine.listing("ci", "nodes", ListingQuery(("shop",)))
        update = await asyncio.wait_for(anext(updates), PATIENCE)
        await updates.aclose()
    assert [row.cells for row in update.rows] == [("plain",)] * 3 + [("login ***", "x")]
    assert update.notes == ("said ***",)
    assert update.complete


async def test_a_listing_that_is_left_is_closed_at_its_source() -> None:
    source = listing_source()
    with running(source) as (engine, _):
        updates = engine.listing("ci", "nodes", ListingQuery(("shop",)))
        await asyncio.wait_for(anext(updates), PATIENCE)
        (made,) = sources_of(source)
        assert isinstance(made, Listing)
        assert not made.closed.is_set()
        assert made.asked == [ListingQuery(("shop",))]
        await updates.aclose()
        await eventually(made.closed.is_set)


class Rows:
    """An iterator that is no generator: all that the contract asks for."""

    def __init__(self) -> None:
        self.left = [ListingRow(key="n", name="n", cells=("plain",))]

    def __aiter__(self) -> "Rows":
        return self

    async def __anext__(self) -> ListingUpdate:
        if not self.left:
            raise StopAsyncIteration
        return ListingUpdate([self.left.pop()], complete=True)


async def test_a_source_may_list_by_an_iterator_that_cannot_be_closed() -> None:
    class Plain(Listing):
        def listing(self, name: str, query: ListingQuery) -> Rows:
            return Rows()

    source = listing_source()
    source.adapter.make = Plain  # type: ignore[attr-defined]
    with running(source) as (engine, _):
        async with asyncio.timeout(PATIENCE):
            rows = [update.rows async for update in engine.listing("ci", "nodes", ListingQuery())]
    assert [[row.name for row in page] for page in rows] == [["n"]]


async def test_a_listing_that_breaks_says_why_without_a_secret() -> None:
    with running(listing_source()) as (engine, _):
        updates = engine.listing("ci", "crash", ListingQuery())
        await asyncio.wait_for(anext(updates), PATIENCE)
        with pytest.raises(SourceError, match=r"boom \*\*\*"):
            await asyncio.wait_for(anext(updates), PATIENCE)


async def test_a_source_that_cannot_say_what_it_lists_hides_no_other() -> None:
    class Broken(Listing):
        async def listing_types(self) -> ListingCatalog:
            raise ValueError(f"boom {SECRET}")

    broken = listing_source("bad")
    broken.adapter.make = Broken  # type: ignore[attr-defined]
    with running(listing_source(), broken, resolved(_nothing, "plain")) as (engine, _):
        found = await asyncio.wait_for(engine.listing_types(), PATIENCE)
    assert [one.name for one in found["ci"].types] == ["nodes"]
    assert found["plain"] == ListingCatalog()
    assert "boom ***" in found["bad"].notes[0]


async def test_descriptions_and_trees_arrive_without_secrets() -> None:
    with running(listing_source()) as (engine, _):
        told = await asyncio.wait_for(engine.describe(REF), PATIENCE)
        tree = await asyncio.wait_for(engine.tree(REF), PATIENCE)
    assert told.text.splitlines()[0] == "1 ***"
    assert "abc" not in told.text
    assert told.text.endswith("after")
    assert tree.rows[0].words == "login ***"
    assert tree.notes == ("***",)
