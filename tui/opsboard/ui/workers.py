"""Starting what runs beside the screen: questions to sources, reading the history."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.worker import Worker

T = TypeVar("T")


def start_worker(
    node: DOMNode,
    work: Callable[[], Coroutine[Any, Any, T]],
    *,
    group: str = "default",
    exclusive: bool = True,
    exit_on_error: bool = False,
) -> Worker[T]:
    """Run *work* in the event loop until it ends, or *node* goes away.

    An exclusive one ends the others of its *group* on *node*. It is given as a function, and not
    as the coroutine that this returns: one that is cancelled before its first step would never be
    awaited, which Python prints beneath the board. The parts of a *node* that closes go first: who
    looks for one then is at its end as well.
    """

    async def run() -> T:
        try:
            return await work()
        except NoMatches:
            if node.is_running:
                raise
            raise asyncio.CancelledError from None

    worker = node.run_worker(
        cast("Callable[[], Coroutine[None, None, Any]]", run),
        group=group,
        exclusive=exclusive,
        exit_on_error=exit_on_error,
    )
    return cast("Worker[T]", worker)
