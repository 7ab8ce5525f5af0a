"""The last check of ``opsboard doctor``: read all records of a source once, and report bad ones."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final

from opsboard.adapter import Change, Check, Condition, Health, Report, Source
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.collect.change_validation import ChangeValidator
from opsboard.collect.context import SourceContext
from opsboard.records import Status
from opsboard.system.async_cleanup import closing

PATIENCE: Final = 15.0
"""Seconds for reading; a large source is not read to its end, and the check says so."""

SETTLE: Final = 0.25
"""Seconds without a change after which a source whose parts have all answered is complete."""

MOST: Final = 5
"""Parts with bad records that are listed one by one."""


async def check_records(source: Source, context: SourceContext) -> AsyncIterator[Check]:
    """Yield the results of reading *source*. Raises what the source raises."""
    board = Board()
    whole = await _read(source, context, board)
    state = board.source(context.name)
    scopes = state.scopes if state is not None else {}
    odd = [(name, scope.skipped) for name, scope in scopes.items() if scope.skipped is not None]
    for name, skipped in odd[:MOST]:
        hint = "check the records that are named; all others are shown"
        yield Check(f"records of {name}", Status.WARNING, skipped.sentence, hint)
    if len(odd) > MOST:
        yield Check("records", Status.WARNING, f"{len(odd) - MOST:,} more parts have odd ones")
    count = sum(scope.records for scope in scopes.values())
    if not whole:
        said = f"{count:,} read in {PATIENCE:.0f} s, and not to the end"
        yield Check("records", Status.UNKNOWN, said)
    elif not odd:
        yield Check("records", Status.OK, f"{count:,} read")


async def _read(source: Source, context: SourceContext, board: Board) -> bool:
    """Apply the changes of *source* to *board*; return whether they were complete."""
    door, name = ChangeValidator(context.name), context.name
    board.apply([BoardEvent(name, Report(Health(condition=Condition.LIVE)), context.now())])
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    async with closing(source.changes()) as changes:
        while (left := until - loop.time()) > 0:
            state = board.source(name)
            has_answered = state is not None and state.has_answered
            try:
                change = await asyncio.wait_for(
                    anext(changes), min(left, SETTLE) if has_answered else left
                )
            except TimeoutError:
                return has_answered
            except StopAsyncIteration:
                return has_answered
            board.apply(_arrivals(name, door.validate(change), context))
    return False


def _arrivals(name: str, changes: Iterator[Change], context: SourceContext) -> Iterator[BoardEvent]:
    for change in changes:
        yield BoardEvent(name, change, context.now())
