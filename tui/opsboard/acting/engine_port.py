"""What this room needs of the engine that runs the sources."""

from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from opsboard.collect.collector import Collector
from opsboard.config.resolved_source import ResolvedSource
from opsboard.records import Activity

T = TypeVar("T")


class EnginePort(Protocol):
    """Implemented by :class:`opsboard.collect.engine.Engine`."""

    def resolved(self, source: str) -> ResolvedSource | None:
        """Return the source called *source*; from any thread."""

    async def wait_for_sources(self) -> None:
        """Return once the sources have been found; in the engine's loop."""

    async def collector(self, source: str) -> Collector:
        """Return the collector that runs *source*; in the engine's loop. Raises SourceError."""

    async def collectors(self) -> Sequence[Collector]:
        """Return the collectors of all sources, once they are found; in the engine's loop."""

    def refresh(self, source: str | None = None) -> None:
        """Poll *source*, or all of them, now; from any thread."""

    def publish(self, activities: Sequence[Activity], at: datetime) -> None:
        """Show *activities* on the board; in the engine's loop."""

    async def run_in_engine(self, work: Coroutine[Any, Any, T]) -> T:
        """Await *work* in the engine's loop; from any loop."""
