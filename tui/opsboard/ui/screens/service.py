"""The page of a service: what runs where, its chain, what happened, its alerts."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from rich.text import Text

from opsboard.adapter import SourceError
from opsboard.records import Kind, Ref, Service
from opsboard.ui.context import AppContext
from opsboard.ui.messages import OpenDetail
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, error_rows, heading_row
from opsboard.ui.render.lineage_page import lineage_page
from opsboard.ui.render.service_rows import service_rows
from opsboard.ui.screens.record_page import RecordPageScreen

if TYPE_CHECKING:
    from opsboard.history.port import TimelineData

_SPAN: Final = timedelta(days=7)
_EVENTS: Final = 8
"""The newest changes that the page shows; the time line has all of them."""
_REFRESH: Final = 30.0


class ServiceScreen(RecordPageScreen):
    """Shows the service *ref*. Actions are about the part of it that is meant, or is chosen."""

    sort = "service"

    def __init__(self, context: AppContext, ref: Ref) -> None:
        record = context.board.get(ref)
        super().__init__(context, record.name if record else ref.id, ref)
        self._record = record if isinstance(record, Service) else None
        self._events: TimelineData | None = None
        self._error: SourceError | None = None

    def on_mount(self) -> None:
        """Read what happened to it, now and then again; show its environments."""
        if self._record is not None:
            self.show_environments(*(one.environment for one in self._record.environments))
        if self.context.history is not None and self.context.as_of is None:
            self.reload()
            self.set_interval(_REFRESH, self.reload)

    def reload(self) -> None:
        """Read the history again."""
        self.run_worker(self._read(), group="service", exclusive=True, exit_on_error=False)

    async def _read(self) -> None:
        if (history := self.context.history) is None:
            return
        now: datetime = self.context.clock.now()
        try:
            self._events, self._error = await history.timeline(self.ref, now - _SPAN, now), None
        except SourceError as error:
            self._error = error
        self.write()

    # --- showing ---------------------------------------------------------------------------------

    def rows(self, page: PageFormat) -> Sequence[PageRow]:
        """Return the sections of the page."""
        if self.ref is not None:
            found = self.context.board.get(self.ref)
            self._record = found if isinstance(found, Service) else self._record
        if (service := self._record) is None:
            return [PageRow(Text("  the service is gone from the board", page.styles.muted))]
        return [
            *service_rows(service, self.context.board, page),
            *self._chain(service, page),
            *self._timeline(page),
        ]

    def state_text(self) -> str:
        """Return that it is gone, or that it is of now."""
        if self.ref is not None and self.context.board.get(self.ref) is None:
            return "gone from the board"
        return f"as of {self.context.as_of_text}" if self.context.as_of else "as of now"

    def _chain(self, service: Service, page: PageFormat) -> Iterator[PageRow]:
        if not service.targets:
            return
        target = service.targets[0]
        yield BLANK
        yield heading_row("Chain", page.styles, target.environment)
        yield from lineage_page(self.context, target.ref, page)

    def _timeline(self, page: PageFormat) -> Iterator[PageRow]:
        from opsboard.history.timeline import timeline  # noqa: PLC0415 - opened late
        from opsboard.ui.render.timeline_lines import timeline_lines  # noqa: PLC0415 - as above
        from opsboard.ui.render.timeline_rows import timeline_rows  # noqa: PLC0415 - as above

        if self._error is not None:
            yield BLANK
            yield heading_row("Time line", page.styles)
            yield from error_rows(self._error, page.styles, page.width)
        if self._events is None:
            return
        rows = timeline(self._events.events, self._events.gaps, now=page.now, limit=_EVENTS)
        yield BLANK
        yield heading_row("Time line", page.styles, "t shows all" if rows else "nothing in 7 days")
        yield from timeline_lines(timeline_rows(rows, page.now, self.context.zone), page)

    # --- actions ---------------------------------------------------------------------------------

    def do_open(self) -> None:
        """Open the record of the row; an alert opens what it is about."""
        ref = self.page.row.ref
        if ref is not None and ref.kind is Kind.ALERT:
            subject = self.selection.subject()
            ref = subject or ref
        if ref is not None and ref != self.ref:
            self.post_message(OpenDetail(ref))
