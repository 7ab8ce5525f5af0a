"""An adapter with one build, whose log is as long, of as many pods and as quick as configured."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import ClassVar, Final

from bench.rows import RowsSettings, RowsSource
from opsboard.adapter import (
    Adapter,
    Context,
    Discovery,
    HostEnviron,
    LogLine,
    LogQuery,
    Source,
)
from opsboard.records import Kind, Ref

ENTRY_POINT: Final = "[opsboard.adapters]\nlogs = bench.log_source:Logs\n"
"""The text of its ``entry_points.txt``."""
_TURN: Final = 0.05
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)


class LogsSettings(RowsSettings):
    """A table ``[sources.NAME]`` with ``adapter = "logs"``: *lines* at once, then *rate* a second,
    of *pods*; one line of *longest* bytes among the first."""

    rows: int = 1
    lines: int
    pods: int
    rate: int = 0
    longest: int = 200


class LogsSource(RowsSource):
    """Yields one row, and lines of its log."""

    def __init__(self, settings: LogsSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._log = settings

    async def logs(self, ref: Ref, query: LogQuery) -> AsyncIterator[LogLine]:
        """Yield what was configured, whatever is asked for."""
        loop = asyncio.get_running_loop()
        yield LogLine("x" * self._log.longest, _START, "app", group="pod-0")
        for number in range(self._log.lines):
            yield self._line(number)
        begin, written = loop.time(), 0
        for _ in count():
            await asyncio.sleep(_TURN)
            due = int((loop.time() - begin) * self._log.rate)
            for number in range(written, due):
                yield self._line(self._log.lines + number)
            written = due

    def _line(self, number: int) -> LogLine:
        text = f'{{"level":"info","msg":"request {number} served","path":"/items","status":200}}'
        at = _START + timedelta(milliseconds=number)
        return LogLine(text, at, "app", group=f"pod-{number % self._log.pods}")


class Logs(Adapter[LogsSettings]):
    """A build with a log."""

    name = "logs"
    title = "Logs"
    settings = LogsSettings
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.BUILD})
    log_kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.BUILD})

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        """Find nothing."""
        return ()

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: LogsSettings, context: Context) -> AsyncIterator[Source]:
        """Return the source."""
        yield LogsSource(settings, context)
