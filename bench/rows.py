"""An adapter whose source has as many rows as configured, none of which ever changes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Final

from opsboard.adapter import (
    Adapter,
    Change,
    Check,
    Context,
    Discovery,
    Fresh,
    HostEnviron,
    Source,
    SourceSettings,
    listing,
)
from opsboard.records import Build, Kind, Status

SCOPE: Final = "rows"
LONG_AGO: Final = datetime(2024, 1, 1, tzinfo=UTC)
STATUSES: Final = (Status.OK, Status.FAILED, Status.RUNNING, Status.WARNING)

ENTRY_POINT: Final = "[opsboard.adapters]\nrows = bench.rows:Rows\n"
"""The text of its ``entry_points.txt``."""


class RowsSettings(SourceSettings):
    """A table ``[sources.NAME]`` with ``adapter = "rows"``."""

    rows: int


class RowsSource(Source):
    """Yields all rows once, and says that it streams."""

    def __init__(self, settings: RowsSettings, context: Context) -> None:
        self._rows = settings.rows
        self._context = context

    async def changes(self) -> AsyncIterator[Change]:
        """Yield the rows, then wait for ever."""
        for change in listing(SCOPE, [self._row(number) for number in range(self._rows)]):
            yield change
        yield Fresh(SCOPE, streaming=True)
        while True:
            await self._context.pause(3_600)

    async def checks(self) -> AsyncIterator[Check]:
        """There is nothing to test."""
        yield Check("reachable", Status.OK, f"{self._rows} rows")

    def _row(self, number: int) -> Build:
        at = LONG_AGO - timedelta(minutes=number)
        return Build(
            source=self._context.name,
            id=str(number),
            name=f"shop/service-{number % 97}",
            repository=f"shop/service-{number % 97}",
            workflow="ci",
            number=number,
            state="success",
            status=STATUSES[number % len(STATUSES)],
            branch="main",
            commit=f"{number:07x}",
            created_at=at,
            started_at=at,
            finished_at=at + timedelta(seconds=90),
        )


class Rows(Adapter[RowsSettings]):
    """Rows, as builds."""

    name = "rows"
    title = "Rows"
    settings = RowsSettings
    kinds: ClassVar[frozenset[Kind]] = frozenset({Kind.BUILD})

    @classmethod
    async def discover(cls, host_environ: HostEnviron) -> Sequence[Discovery]:
        """Find nothing."""
        return ()

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: RowsSettings, context: Context) -> AsyncIterator[Source]:
        """Return the source."""
        yield RowsSource(settings, context)
