"""What a screen or a command sees of the collectors: a feed of events."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Protocol

from opsboard.adapter import Detail, LogLine
from opsboard.board.events import BoardEvent
from opsboard.records import JSON, Ref


class Feed(Protocol):
    """Sources that run somewhere else. All methods may be called from any thread."""

    def start(self) -> None:
        """Start to collect, in another thread; return at once."""

    def stop(self) -> None:
        """Stop, within two seconds, even where a source hangs."""

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Call *wake*, from another thread, when :meth:`drain` has something (again)."""

    def drain(self) -> Sequence[BoardEvent]:
        """Return the events since the last call, merged."""

    def refresh(self, source: str | None = None) -> None:
        """Ask *source*, or all of them, now."""

    def has_log(self, ref: Ref) -> bool:
        """Tell whether *ref* is of a kind that has a log."""

    async def detail(self, ref: Ref) -> Detail:
        """Return the details of *ref*. Raises :exc:`~opsboard.adapter.SourceError`."""

    async def raw(self, ref: Ref) -> JSON:
        """Return *ref* as the server describes it. Raises SourceError."""

    def logs(self, ref: Ref, *, follow: bool, tail: int) -> AsyncIterator[LogLine]:
        """Yield lines of the log of *ref*. Ends, and lets go of the server, when abandoned."""
