"""What a screen or a command sees of the collectors: a feed of events."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Protocol

from opsboard.adapter import (
    Comparand,
    Description,
    Detail,
    ListingCatalog,
    ListingQuery,
    ListingUpdate,
    LogLine,
    LogPart,
    LogQuery,
    ObjectTree,
    Series,
)
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

    async def describe(self, ref: Ref) -> Description:
        """Return *ref* described in one text. Raises SourceError."""

    async def tree(self, ref: Ref) -> ObjectTree:
        """Return what owns *ref* and what it owns. Raises SourceError."""

    async def raw(self, ref: Ref) -> JSON:
        """Return *ref* as the server describes it. Raises SourceError."""

    async def comparand(self, ref: Ref) -> Comparand:
        """Return *ref* as one side of a comparison. Raises SourceError."""

    async def metric_series(self, ref: Ref, metrics: Sequence[str]) -> Sequence[Series]:
        """Return the values of *metrics* over the steps of *ref*. Raises SourceError."""

    async def log_parts(self, ref: Ref) -> Sequence[LogPart]:
        """Return what the log of *ref* has lines of. Raises SourceError."""

    def logs(self, ref: Ref, query: LogQuery) -> AsyncGenerator[LogLine, None]:
        """Yield the lines of the log of *ref* that *query* asks for.

        Ends, and lets go of the server, when it is closed.
        """

    async def listing_types(self) -> Mapping[str, ListingCatalog]:
        """Return what each source can list beyond the board; why it cannot say is in the notes."""

    def listing(
        self, source: str, name: str, query: ListingQuery
    ) -> AsyncGenerator[ListingUpdate, None]:
        """Yield rows of a listing of *source*, then what changes. Raises SourceError.

        Ends, and lets go of the server, when it is closed.
        """
