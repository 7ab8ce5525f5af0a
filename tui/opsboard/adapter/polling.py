"""A base for sources that are asked now and then."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Sequence

from opsboard.adapter.changes import Change
from opsboard.adapter.context import Context
from opsboard.adapter.source import Source
from opsboard.frozen import Frozen, frozen_unchecked


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

    async def changes(self) -> AsyncIterator[Change]:
        while True:
            answer = await self.poll()
            for change in answer.changes:
                yield change
            await self.context.pause(answer.again_in)
