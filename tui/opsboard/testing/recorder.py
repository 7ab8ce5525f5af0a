"""Listens to a source and remembers what it said."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from contextlib import asynccontextmanager, suppress

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Fresh,
    Health,
    Report,
    ScopeRemoved,
    Source,
    SourceError,
)
from opsboard.board.change_algebra import SourceContent, apply
from opsboard.records import Kind, Record, Ref
from opsboard.system.async_cleanup import closing

PATIENCE = 60.0
"""Seconds to wait for a source to say something, by default."""
LOOK_AGAIN = 0.1
"""Seconds after which it is looked at again what has happened."""


class Recorder:
    """What a source has said so far: :attr:`changes` in order, and what they come to.

    *error* is what ended the stream, if anything has.
    """

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.records: dict[Ref, Record] = {}
        self._content = SourceContent()
        self.complete: set[str] = set()
        self.streaming: set[str] = set()
        self.starting: set[str] = set()
        """Scopes that were announced as starting, and have not said anything else since."""
        self.error: BaseException | None = None
        self._news = asyncio.Condition()

    @property
    def scopes(self) -> Mapping[str, Set[Ref]]:
        """What is in each scope."""
        return {name: scope.refs for name, scope in self._content.scopes.items()}

    async def until(self, happened: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Return as soon as *happened*. Raises what the source raised, or :exc:`TimeoutError`.

        That is looked at again when the source has said something, and now and then, for it may be
        about what the source says nothing of, such as what it has asked for.
        """
        async with asyncio.timeout(patience), self._news:
            while not (happened() or self.error is not None):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), LOOK_AGAIN)
        if self.error is not None and not happened():
            raise self.error

    async def until_troubled(self, patience: float = PATIENCE) -> Health:
        """Return the first health that is a failure, raised or reported."""
        await self.until(lambda: bool(self.troubles) or self.error is not None, patience)
        if isinstance(self.error, SourceError):
            return self.error.health
        if self.error is not None:
            raise self.error
        return self.troubles[0]

    @property
    def troubles(self) -> Sequence[Health]:
        """Every health reported that is neither good nor a beginning."""
        fine = {Condition.LIVE, Condition.STARTING}
        reports = (change for change in self.changes if isinstance(change, Report))
        return [report.health for report in reports if report.health.condition not in fine]

    def of_kind(self, kind: Kind) -> list[Record]:
        return [record for record in self.records.values() if record.kind is kind]

    async def listen(self, source: Source) -> None:
        """Take in what *source* says until it ends or is cancelled."""
        try:
            async with closing(source.changes()) as changes:
                async for change in changes:
                    await self.take(change)
            self.error = AssertionError("changes() ended; it has to go on for ever")
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # handed on by until()
            self.error = error
        finally:
            async with self._news:
                self._news.notify_all()

    async def nudge(self) -> None:
        """Let :meth:`until` look again, although the source said nothing."""
        async with self._news:
            self._news.notify_all()

    async def take(self, change: Change) -> None:
        """Take in one *change*."""
        self.changes.append(change)
        if isinstance(change, Report):
            self._report(change)
        else:
            self._apply(change)
        await self.nudge()

    def _apply(self, change: Change) -> None:
        effect = apply(change, self._content)
        self.records |= effect.put
        for ref in effect.removed:
            del self.records[ref]
        if isinstance(change, Complete):
            self.complete.add(change.scope)
            self.starting.discard(change.scope)
        elif isinstance(change, ScopeRemoved):
            for scopes in (self.complete, self.streaming, self.starting):
                scopes.discard(change.scope)
        elif isinstance(change, Fresh):
            (self.streaming.add if change.streaming else self.streaming.discard)(change.scope)

    def _report(self, change: Report) -> None:
        if change.scope is None:
            return
        begins = change.health.condition is Condition.STARTING
        (self.starting.add if begins else self.starting.discard)(change.scope)


@asynccontextmanager
async def recording(source: Source) -> AsyncIterator[Recorder]:
    """Listen to *source* for as long as the context lasts."""
    recorder = Recorder()
    task = asyncio.create_task(recorder.listen(source), name="recorder")
    try:
        yield recorder
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
