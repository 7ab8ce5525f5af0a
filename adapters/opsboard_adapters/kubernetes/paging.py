"""Lists in pages. Source: *Kubernetes API Concepts*, retrieving large result sets in chunks."""

import asyncio
import gc
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any, Final

from opsboard.adapter import Malformed
from opsboard_adapters import http
from opsboard_adapters.kubernetes.api import ClusterApi, Parameters

PAGE: Final = 500
"""Objects a page, as kubectl asks for."""

Page = dict[str, Any]


async def pages(api: ClusterApi, path: str, parameters: Parameters) -> AsyncGenerator[Page, None]:
    """Yield the pages of a list, each with its ``items`` and ``metadata``.

    The server makes the next page while the last one is worked on. Raises what
    :meth:`ClusterApi.get` does, and :exc:`Malformed` for an answer that is no list.
    """
    counted = http.Pages(f"GET {path}", api.bounds)
    with _uncollected():
        coming = await _ask_ahead(api, path, {**parameters, "limit": PAGE})
        try:
            while True:
                page = await coming
                token = _continue(page, path)
                if not token:
                    yield page
                    return
                counted.onward(token, len(page.get("items") or ()))
                chunk = {**parameters, "limit": PAGE, "continue": token}
                coming = await _ask_ahead(api, path, chunk)
                yield page
        finally:
            await _abandon(coming)


async def listed(api: ClusterApi, path: str, parameters: Parameters | None = None) -> list[Page]:
    """Return the objects of all pages of a list. Raises what :func:`pages` does.

    What an act is planned by is never the first page alone: that would be a guess.
    """
    found: list[Page] = []
    async with aclosing(pages(api, path, parameters or {})) as chunks:
        async for page in chunks:
            found += page.get("items") or ()
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold up the garbage collector: a page has 100,000 containers, and not one cycle.

    Until the page is let go: collecting is due at once where they are still there. Of several
    lists at a time, the one that began first ends it for all.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


async def _ask_ahead(api: ClusterApi, path: str, parameters: Parameters) -> asyncio.Task[Page]:
    """Return the request for a page once it is on its way, or has failed to be."""
    sent = asyncio.Event()

    async def trace(name: str, _: object) -> None:
        if name.endswith("send_request_body.complete"):
            sent.set()

    task = asyncio.create_task(api.get(path, parameters, extensions={"trace": trace}))
    task.add_done_callback(lambda _: sent.set())
    try:
        await sent.wait()
    except asyncio.CancelledError:
        await _abandon(task)
        raise
    return task


async def _abandon(task: asyncio.Task[Page]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _continue(page: Mapping[str, Any], path: str) -> str:
    """Return the token of the page after *page*, or an empty one."""
    metadata = page.get("metadata") or {}
    if not isinstance(page.get("items") or [], list) or not isinstance(metadata, dict):
        raise Malformed(f"GET {path}: no list of items", "is the URL that of the API?")
    return str(metadata.get("continue") or "")
