"""A base for sources that are asked now and then."""

import math
from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence
from typing import Final

from opsboard.adapter.changes import Change, Upsert, read_since
from opsboard.adapter.context import Context
from opsboard.adapter.errors import SourceError
from opsboard.adapter.source import Check, Source
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.records import Status

LEAST_PAUSE: Final = 0.2
"""Seconds between two rounds at least: one that asks for less would keep all others waiting."""


@frozen_unchecked
class Poll(Frozen):
    """The answer to one round of asking. *again_in* is in seconds."""

    changes: Sequence[Change]
    again_in: float = 30.0


class PollingSource(Source):
    """A source without a stream: implement :meth:`poll`, the rest follows."""

    @abstractmethod
    async def poll(self) -> Poll:
        """Ask once for everything."""

    def __init__(self, context: Context) -> None:
        self.context = context

    async def checks(self) -> AsyncIterator[Check]:
        """Ask once, and say whether that worked and how many records came."""
        try:
            answer = await self.poll()
        except SourceError as error:
            yield Check("readable", Status.FAILED, error.message, error.hint)
        else:
            count = sum(len(one.records) for one in answer.changes if isinstance(one, Upsert))
            yield Check("readable", Status.OK, f"{count:,} records")

    async def changes(self) -> AsyncIterator[Change]:
        while True:
            began = self.context.now()
            answer = await self.poll()
            for change in answer.changes:
                yield read_since(change, began)
            seconds = answer.again_in
            await self.context.pause(
                LEAST_PAUSE if math.isnan(seconds) else max(seconds, LEAST_PAUSE)
            )
