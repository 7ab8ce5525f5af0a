"""Runs one source for ever: an error of one source harms no other, and is tried again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias, TypeVar

from opsboard.adapter import (
    Change,
    Complete,
    Condition,
    Forbidden,
    Fresh,
    Health,
    Past,
    PastRecord,
    Principal,
    Report,
    Skipped,
    Source,
    SourceError,
    Throttled,
    Unauthenticated,
    Unreachable,
    Upsert,
    background,
)
from opsboard.board.change_algebra import CONFIRMING
from opsboard.collect.change_validation import ChangeValidator
from opsboard.collect.context import SourceContext
from opsboard.collect.identification import address_of, principal_of
from opsboard.collect.redact import Redactor
from opsboard.collect.schedule import Backoff, DueTracker
from opsboard.collect.unexpected_errors import explain_error
from opsboard.config.resolved_source import ResolvedSource
from opsboard.records.claims import Identity
from opsboard.system.containment import contained

Emit: TypeAlias = Callable[[Change], None]
T = TypeVar("T")

STABLE_AFTER: Final = timedelta(seconds=10)
"""A run of a source that succeeded and lasted so long resets the back-off."""

MAX_WAIT: Final = 3_600.0
CONNECT_TIMEOUT: Final = 10.0
"""Seconds that a request for a detail waits for a source that is not connected."""

_BUG: Final = "this is a fault of the adapter; the program's log has more"
_log = logging.getLogger(__name__)


class Collector:
    """Connects *resolved*, passes on its changes by *emit*, and says how it is doing.

    A :exc:`SourceError` leaves the source connected, so that it keeps its ETags; after any other
    error, which is a bug, it is connected again.
    """

    def __init__(
        self,
        resolved: ResolvedSource,
        context: SourceContext,
        emit: Emit,
        redactor: Redactor,
        backoff: Backoff | None = None,
    ) -> None:
        self.resolved = resolved
        self.context = context
        self._emit = emit
        self._redactor = redactor
        self._backoff = backoff or Backoff()
        self._source: Source | None = None
        self._connected = asyncio.Event()
        self._begun: datetime = context.now()
        self._succeeded = False
        self._validator = ChangeValidator(context.name)
        self._due_tracker = DueTracker()
        self._consumer: asyncio.Task[Any] | None = None
        self._identities: frozenset[Identity] = frozenset()
        context.on_pause = self._announce_due
        self.on_identified: Callable[[str, Principal | None], None] | None = None
        """Called with the address of the source, and who its server says that asks."""
        self._identifying: asyncio.Task[None] | None = None
        self._health_is_own = True
        """Whether the last health of the whole source came from here, not from the source."""

    async def run(self) -> None:
        """Collect until cancelled."""
        self._report_health(Health(condition=Condition.STARTING))
        while True:
            try:
                with contained():
                    await self._serve()
            except Exception as error:  # an adapter's code may raise anything
                await self._back_off(self.as_source_error(error))

    async def ask(self, question: Callable[[Source], Awaitable[T]]) -> T:
        """Return the answer of the source to *question*. Raises :exc:`SourceError` only."""
        source = await self.source()
        try:
            with contained():
                return await question(source)
        except Exception as error:
            raise self.as_source_error(error) from None

    async def source(self) -> Source:
        """Return the source, once it is connected. Raises :exc:`Unreachable` after a while."""
        try:
            await asyncio.wait_for(self._connected.wait(), CONNECT_TIMEOUT)
        except TimeoutError:
            raise Unreachable(f"{self.context.name} is not connected", "wait, or refresh") from None
        if self._source is None:
            raise Unreachable(f"{self.context.name} is not connected", "wait, or refresh")
        return self._source

    def enrich(self, identities: frozenset[Identity]) -> None:
        """Tell the source of *identities* in use: now, and each time it is connected again."""
        self._identities = identities
        if self._source is not None:
            try:
                with contained():
                    self._source.enrich(identities)
            except Exception:  # an adapter's code may raise anything
                _log.exception("%s: enrich", self.context.name)
        if self.is_enriching:
            self.context.refresh()

    @property
    def is_enriching(self) -> bool:
        """Whether the source has yet to tell what it knows of what :meth:`enrich` told it."""
        if self._source is None:
            return bool(self._identities)
        try:
            with contained():
                return bool(self._source.is_enriching)
        except Exception:  # an adapter's code may raise anything
            _log.exception("%s: enrich", self.context.name)
            return False

    # --- one connection --------------------------------------------------------------------------

    async def _serve(self) -> None:
        async with self._connection() as source:
            while True:
                problem = await self._consume(source)
                if isinstance(problem, Unauthenticated | Forbidden):
                    self._identify(source)  # with the next login, it may be somebody else
                await self._back_off(problem)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Source]:
        connection = self.resolved.adapter.connect(self.resolved.settings, self.context)
        async with connection as source:
            self._source = source
            self._connected.set()
            self._identify(source)
            if self._identities:
                self.enrich(self._identities)
            try:
                yield source
            finally:
                self._connected.clear()
                if self._identifying is not None:
                    self._identifying.cancel()
                self._source = None

    def _identify(self, source: Source) -> None:
        """Find out, beside the first lists, who asks."""

        on_identified = self.on_identified
        if on_identified is None:
            return

        async def identify() -> None:
            name, adapter = self.context.name, self.resolved.adapter.name
            with background():
                principal = await principal_of(source, name, self.context.pause_uninterrupted)
            on_identified(address_of(source, name, adapter), principal)

        if self._identifying is not None:
            self._identifying.cancel()
        self._identifying = asyncio.create_task(identify(), name=f"who is {self.context.name}")

    async def _consume(self, source: Source) -> SourceError:
        """Pass on what *source* yields until it fails; return why."""
        self._begun, self._succeeded = self.context.now(), False
        self._due_tracker = DueTracker()
        changes = source.changes()
        try:
            self._consumer = asyncio.current_task()
            with background():
                async for change in changes:
                    self._accept(change)
        except SourceError as error:
            return self.as_source_error(error)
        except BaseExceptionGroup as group:
            if (expected := _only_source_error(group)) is None:
                raise
            return self.as_source_error(expected)
        finally:
            self._consumer = None
            await _close(changes)
        return SourceError(f"{self.context.name} stopped by itself", _BUG)

    def _accept(self, change: object) -> None:
        for good in self._validator.validate(change):
            self._redact_and_emit(good)

    def _redact_and_emit(self, change: Change) -> None:
        if isinstance(change, Report):
            change = Report(self._redactor.health(change.health), change.scope)
            self._health_is_own = self._health_is_own and change.scope is not None
        elif isinstance(change, Skipped):
            examples = tuple(map(self._redactor.redact, change.examples))
            change = replace(change, examples=examples)
        elif isinstance(change, Upsert):
            records = [self._redactor.record(record) for record in change.records]
            if any(new is not old for new, old in zip(records, change.records, strict=True)):
                change = replace(change, records=records)
        elif isinstance(change, Past):
            change = Past(change.scope, [self._redacted_past(one) for one in change.records])
        self._due_tracker.record(change)
        if self._health_is_own and isinstance(change, CONFIRMING):
            self._report_health(Health(condition=Condition.LIVE))
            self._health_is_own = False
        self._succeeded = self._succeeded or isinstance(change, Complete | Fresh)
        self._emit(change)

    def _redacted_past(self, past: PastRecord) -> PastRecord:
        record = past.record and self._redactor.record(past.record)
        rule, actor = self._redactor.redact(past.rule), self._redactor.redact(past.actor)
        return replace(past, record=record, rule=rule, actor=actor)

    def _announce_due(self, seconds: float) -> None:
        """Report when the source looks again, as the length of its pause says."""
        if self._consumer is not None and asyncio.current_task() is self._consumer:
            for due in self._due_tracker.dues_before_pause(seconds):
                self._emit(due)

    # --- errors ----------------------------------------------------------------------------------

    async def _back_off(self, problem: SourceError) -> None:
        now = self.context.now()
        if self._succeeded and now - self._begun >= STABLE_AFTER:
            self._backoff.reset()
        self._succeeded = False
        delay = self._backoff.next()
        if problem.until is not None:
            delay += max(0.0, (problem.until - now).total_seconds())
        delay = min(delay, MAX_WAIT)
        health = replace(problem.health, until=now + timedelta(seconds=delay))
        self._report_health(self._redactor.health(health))
        _log.info("%s: %s; again in %.1f s", self.context.name, problem.message, delay)
        binding = isinstance(problem, Throttled) and problem.until is not None
        await (self.context.pause_uninterrupted(delay) if binding else self.context.pause(delay))

    def _report_health(self, health: Health) -> None:
        self._health_is_own = True
        self._emit(Report(health))

    def as_source_error(self, error: BaseException) -> SourceError:
        """Return *error* as a source error, secrets masked; an unexpected one is logged in full."""
        if isinstance(error, BaseExceptionGroup):
            error = _only_source_error(error) or error
        if isinstance(error, SourceError):
            return self._redactor.error(error)
        _log.error("%s: unexpected", self.context.name, exc_info=error)
        unexpected = explain_error(self.context.name, error, self._redactor.redact)
        return self._redactor.error(unexpected)


def _only_source_error(group: BaseExceptionGroup[BaseException]) -> SourceError | None:
    """Return the first error of *group*, as task groups raise it, if all are source errors."""
    expected, other = group.split(SourceError)
    if other is not None or expected is None:
        return None
    error: BaseException = expected
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, SourceError) else None


async def _close(stream: AsyncIterator[object]) -> None:
    """Close *stream*; one that is still running (``RuntimeError``) is left alone."""
    close = getattr(stream, "aclose", None)
    if close is not None:
        with suppress(RuntimeError):
            await close()
