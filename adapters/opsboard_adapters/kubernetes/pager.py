"""Lists in pages, like client-go's pager.

Source: *Kubernetes API Concepts*, retrieving large result sets in chunks.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar

from opsboard.adapter import Malformed
from opsboard_adapters import http
from opsboard_adapters.kubernetes.client import ClusterClient
from opsboard_adapters.kubernetes.protocol import PAGE_SIZE, ListPage, ListRequest, Parameters
from opsboard_adapters.kubernetes.structs import V1Object, to_struct
from opsboard_adapters.listing.completeness import SkippedRecords

T = TypeVar("T")


async def pages(
    client: ClusterClient, listing: ListRequest[T]
) -> AsyncGenerator[ListPage[T], None]:
    """Yield the pages of *listing*.

    The next page is requested before the last one is processed. Raises what
    :meth:`.ClusterClient.get` does, and :exc:`Malformed` for an answer that is no list, and for a
    list without an end.
    """
    limits = replace(client.bounds, pages=client.bounds.pages * PAGE_SIZE // listing.page_size)
    counted = http.PageGuard(f"GET {listing.path}", limits)
    coming = await _ask_ahead(client, listing, "")
    try:
        while True:
            page = await coming
            if not page.continue_token:
                yield page
                return
            try:
                counted.advance(page.continue_token, len(page.objects))
            except Malformed:
                yield page  # what was read is still used
                raise
            coming = await _ask_ahead(client, listing, page.continue_token)
            yield page
    finally:
        await _abandon(coming)


async def list_all(
    client: ClusterClient, path: str, parameters: Parameters | None = None
) -> list[dict[str, Any]]:
    """Return the objects of all pages of a list, with every field.

    For planning an action, a part of a list would be a guess: this raises what :func:`pages` does,
    and :exc:`Malformed` where one object cannot be read.
    """
    skips = SkippedRecords(path)
    found: list[dict[str, Any]] = []
    listing = ListRequest(path, dict[str, Any], skips, parameters=parameters or {})
    async with aclosing(pages(client, listing)) as chunks:
        async for page in chunks:
            found += page.objects
    if odd := skips.report(len(found) + skips.count):
        raise Malformed(f"GET {path}: {odd.sentence}", "fix the objects")
    for item in found:
        to_struct(item, V1Object)
    return found


async def _ask_ahead(
    client: ClusterClient, listing: ListRequest[T], token: str
) -> asyncio.Task[ListPage[T]]:
    """Return the task that fetches a page, once its request has been sent or has failed."""
    chunk: Parameters = {"limit": listing.page_size, **({"continue": token} if token else {})}
    sent = asyncio.Event()

    async def trace(name: str, _: object) -> None:
        if name.endswith("send_request_body.complete"):
            sent.set()

    task = asyncio.create_task(client.list_page(listing, chunk, extensions={"trace": trace}))
    task.add_done_callback(lambda _: sent.set())
    try:
        await sent.wait()
    except asyncio.CancelledError:
        await _abandon(task)
        raise
    return task


async def _abandon(task: "asyncio.Task[ListPage[T]]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
