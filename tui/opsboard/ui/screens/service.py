"""The page of a service: what runs where, its chain, what happened, its alerts."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from rich.text import Text

from opsboard.adapter import SourceError
from opsboard.records import Kind, Model, Ref, Service
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.messages import OpenDetail
from opsboard.ui.render.detail_rows import PageFormat
from opsboard.ui.render.layout import BLANK, PageRow, error_rows, heading_row
from opsboard.ui.render.lineage_page import lineage_page
from opsboard.ui.render.service_rows import service_rows
from opsboard.ui.screens.record_page import RecordPageScreen
from opsboard.ui.workers import start_worker

if TYPE_CHECKING:
    from opsboard.history.port import TimelineData
    from opsboard.history.served import ServedStretch

_SPAN: Final = timedelta(days=7)
_EVENTS: Final = 8
"""The newest changes that the page shows; the time line has all of them."""
_REFRESH: Final = 30.0


class ServiceScreen(RecordPageScreen):
    """Shows the service *ref*. Actions are about the part of it that is meant, or is chosen."""

    sort = "service"
    SCOPES: ClassVar = (*RecordPageScreen.SCOPES, BindingScope.STEPPED)
    BINDINGS: ClassVar = ACTIONS.bindings(
        BindingScope.RECORD, BindingScope.DETAIL, BindingScope.STEPPED, BindingScope.ACT
    )
    follows_time: ClassVar = True

    def __init__(self, context: AppContext, ref: Ref) -> None:
        record = context.board.get(ref)
        super().__init__(context, record.name if record else ref.id, ref)
        self._record = record if isinstance(record, Service) else None
        self._events: TimelineData | None = None
        self._error: SourceError | None = None
        self._stretches: Sequence[ServedStretch] = ()

    def on_mount(self) -> None:
        """Read what happened to it, now and then again."""
        if self.context.history is None:
            return
        self.reload()
        if self.context.as_of is None:
            self.set_interval(_REFRESH, self.reload)

    def reload(self) -> None:
        """Read the history again, as of the time on show."""
        start_worker(self, self._read, group="service")

    async def _read(self) -> None:
        if (history := self.context.history) is None:
            return
        now: datetime = self.context.clock.now()
        model = self._record.model_ref if self._record is not None else None
        try:
            self._events, self._error = await history.timeline(self.ref, now - _SPAN, now), None
            self._stretches = await history.served(model) if model is not None else ()
        except SourceError as error:
            self._error = error
        self.write()

    # --- showing ---------------------------------------------------------------------------------

    def rows(self, page: PageFormat) -> Sequence[PageRow]:
        """Return the sections of the page."""
        if self.ref is not None:
            found = self.context.board.get(self.ref)
            kept = self._record if self.context.as_of is None else None
            self._record = found if isinstance(found, Service) else kept
        if (service := self._record) is None:
            return [PageRow(Text(f"  the service is {self._absence}", page.styles.muted))]
        return [
            *self._successor(service, page),
            *service_rows(service, self.context.board, page),
            *self._serving(service, page),
            *self._chain(service, page),
            *self._timeline(page),
        ]

    def _successor(self, service: Service, page: PageFormat) -> Iterator[PageRow]:
        """Yield which service has what *service*, which is gone, was made of."""
        services = self.context.board.records(Kind.SERVICE)
        if service.ref in services:
            return
        same = [
            one
            for one in services.values()
            if isinstance(one, Service)
            and (
                (service.repository and one.repository == service.repository)
                or (service.model_ref is not None and one.model_ref == service.model_ref)
            )
        ]
        if len(same) == 1:
            text = Text(
                f"  it is a part of {same[0].name} now: Enter opens that", page.styles.muted
            )
            yield PageRow(text, selectable=True, copy_text=same[0].name, ref=same[0].ref)

    def show_page_environments(self) -> None:
        """Show all that it runs in: a key may be about any of them."""
        if self._record is None:
            super().show_page_environments()
            return
        names = (one.environment for one in self._record.environments)
        self.show_environments(*names, of=(self._record,))

    def state_text(self) -> str:
        """Return that it is gone, or that it is of now."""
        if self.ref is not None and self.context.board.get(self.ref) is None:
            return self._absence
        return super().state_text()

    @property
    def _absence(self) -> str:
        then = self.context.as_of_text
        return f"not known as of {then}" if self.context.as_of else "gone from the board"

    def _serving(self, service: Service, page: PageFormat) -> Iterator[PageRow]:
        """Yield which version of its model each of its workloads serves, as far as is known."""
        from opsboard.ui.render.model_rows import serving_rows  # noqa: PLC0415 - opened late

        model = self.context.board.get(service.model_ref) if service.model_ref else None
        if isinstance(model, Model):
            own = {target.ref for target in service.targets}
            yield from serving_rows(self.context.board, model, self._stretches, page, own)

    def _chain(self, service: Service, page: PageFormat) -> Iterator[PageRow]:
        if (start := service.chain_ref) is None:
            return
        record = self.context.board.get(start)
        yield BLANK
        yield heading_row("Chain", page.styles, record.environment if record else "")
        yield from lineage_page(self.context.board, start, page)

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
