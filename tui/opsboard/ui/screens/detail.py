"""The detail of a record: everything that its source knows of it, refreshed while it is open."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from opsboard.adapter import Detail, SourceError, Unsupported
from opsboard.kinds.ages import age_text
from opsboard.records import Kind, Record, Ref, Status
from opsboard.ui.actions.alert_commands import AlertCommands
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.record_actions import RecordActions
from opsboard.ui.actions.record_commands import RecordCommands
from opsboard.ui.actions.record_comparison import RecordComparison
from opsboard.ui.actions.record_history import RecordHistory
from opsboard.ui.actions.record_pull_request import RecordPullRequest
from opsboard.ui.actions.record_selection import RecordSelection
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.context import AppContext
from opsboard.ui.messages import BoardChanged, ClockTicked, OpenDetail, OpenText, StylesChanged
from opsboard.ui.render.chart_ticks import ChartMark
from opsboard.ui.render.detail_rows import PageFormat, detail_rows, linked_record_rows
from opsboard.ui.render.layout import BLANK, PageRow, error_rows
from opsboard.ui.screens.base_screen import PreviewingScreen
from opsboard.ui.widgets.caption import Caption, kind_text
from opsboard.ui.widgets.detail_preview import DetailPreview
from opsboard.ui.widgets.last_words import LastWords, WordsBasis, last_words, words_basis
from opsboard.ui.widgets.page_view import PageView
from opsboard.ui.widgets.preview import width_beside
from opsboard.ui.workers import start_worker
from opsboard.views.field_detail import field_detail

if TYPE_CHECKING:
    from opsboard.ui.render.preview_subject import PreviewSubject

_REFRESH_RUNNING, _REFRESH = 10, 60
"""Seconds after which a detail is asked for again: while the record is running, and otherwise."""
_MIN_INTERVAL = 2
"""Seconds between two requests at least, however often the record changes."""


_WORDS = 10
_PATIENCE = 6.0
"""Last lines of a log on the page, and seconds that they are waited for."""


class DetailSelection(RecordSelection):
    """The record of the row under the cursor, or else the record *ref* of the whole page."""

    def __init__(self, context: AppContext, ref: Ref, page: PageView) -> None:
        super().__init__(context)
        self._ref, self._page = ref, page
        self.detail: Detail | None = None

    def current_ref(self) -> Ref | None:
        """Return the row's own record, or else that of the page."""
        return self._page.row.ref or self._ref

    def cell_text(self) -> str:
        """Return the value under the cursor."""
        return self._page.row.copy_text

    def log_part(self) -> str:
        """Return the part that the row is about, unless only its actions know that part."""
        row = self._page.row.grid_row
        return "" if row is None or row.actions else row.part

    def record(self) -> Record | None:
        """Return the record under the cursor, where it is known."""
        if self.current_ref() == self._ref and self.detail is not None:
            return self.detail.record
        row = self._page.row.grid_row
        return super().record() or (row.record if row else None)

    def as_target(self, record: Record) -> RecordTarget:
        """Return *record*, with the part that the row is about: the revision of a workload."""
        target, row = super().as_target(record), self._page.row.grid_row
        if row is None or row.ref is not None or record.ref != self._ref:
            return target
        return replace(target, part=row.part, actions=row.actions)


class DetailScreen(PreviewingScreen):
    """Shows the :class:`~opsboard.adapter.Detail` of *ref*, of whatever kind.

    The *fallback* is what is known of what the board does not keep, such as a row of a listing: it
    is shown until the source answers, and where it has no more.
    """

    SCOPES: ClassVar[tuple[BindingScope, ...]] = (
        BindingScope.RECORD,
        BindingScope.DETAIL,
        BindingScope.ACT,
        BindingScope.SCREEN,
    )
    BINDINGS: ClassVar = ACTIONS.bindings(
        BindingScope.RECORD, BindingScope.DETAIL, BindingScope.ACT
    )

    preview_type = DetailPreview

    def __init__(self, context: AppContext, ref: Ref, fallback: Detail | None = None) -> None:
        super().__init__(context)
        self.ref = ref
        self._fallback = fallback
        self._page = PageView(context)
        self._words = LastWords()
        self._words_basis: WordsBasis | None = None
        self._marks: tuple[ChartMark, ...] = ()
        self._selection = DetailSelection(context, ref, self._page)
        self.action_groups = (
            RecordCommands(self, self._selection),
            RecordHistory(self, self._selection),
            RecordPullRequest(self, self._selection),
            RecordComparison(self, self._selection),
            AlertCommands(self, self._selection),
            RecordActions(self, self._selection),
        )
        self._error: SourceError | None = None
        self._loaded_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._outdated = False

    def compose_body(self) -> ComposeResult:
        """Yield caption and page."""
        known = self._known()
        title = known.record.name if known else self.ref.id
        yield Caption(self.context, kind_text(self.ref), title)
        with Horizontal():
            yield self._page
            yield self.preview

    def on_mount(self) -> None:
        """Show what the board knows, and ask the source for more."""
        self.reload()
        self.write()
        self.preview.show(self.ref)

    # --- asking ----------------------------------------------------------------------------------

    def reload(self) -> None:
        """Ask the source again."""
        self._asked_at, self._outdated = self.context.clock.now(), False
        start_worker(self, self._ask, group="detail")

    async def _ask(self) -> None:
        clock = self.context.clock
        try:
            self._selection.detail = await self._fetch()
        except SourceError as error:
            self._error = error
        else:
            self._error, self._loaded_at = None, clock.now()
        finally:
            self._asked_at = clock.now()
        self.write()
        self.refresh_bindings()
        self._ask_for_words()
        if self._error is None:
            start_worker(self, self._ask_for_marks, group="marks")

    async def _ask_for_marks(self) -> None:
        """Ask the history what was done while the values of charts by time were measured."""
        from opsboard.ui.render.chart_marks import marks_of, since_of  # noqa: PLC0415 - as below

        context, detail = self.context, self._selection.detail
        since = since_of(detail) if detail is not None else None
        if context.history is None or context.as_of is not None or since is None:
            return
        try:
            found = await context.history.timeline(self.ref, since, context.clock.now())
        except SourceError:
            return  # the time line says why there is none
        self._marks = marks_of(found)
        self.write()

    def _ask_for_words(self) -> None:
        """Ask for the last words of what fails, again where it stands otherwise by now."""
        from opsboard.ui.render.preview_subject import subject_of  # noqa: PLC0415 - joins come late

        subject = subject_of(self.context.board, self.ref)
        if subject is None or self.context.as_of is not None:
            return
        basis = words_basis(self.context, subject)
        if basis != self._words_basis:
            self._words_basis = basis
            start_worker(self, partial(self._listen, subject), group="words")

    async def _listen(self, subject: "PreviewSubject") -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                self._words = await last_words(self.context, subject)
        except (TimeoutError, SourceError):
            self._words = LastWords()  # the page of the log says why
        self.write()

    async def _fetch(self) -> Detail:
        """Return the detail from the source, or for an action of ours from the audit log."""
        if self.ref.kind is not Kind.ACTIVITY:
            return await self._fetch_from_source()
        if self.context.acts is None:
            raise Unsupported("this board has no actions; `opsboard audit` prints what was done")
        return await self.context.acts.detail(self.ref)

    async def _fetch_from_source(self) -> Detail:
        """Return the source's detail, or the fields of the record if the source has none."""
        try:
            return await self.context.feed.detail(self.ref)
        except Unsupported:
            record = self.context.board.get(self.ref)
            known = self._fallback if record is None else field_detail(record)
            if known is None:
                raise
            return known

    @on(BoardChanged)
    def _note_change(self, event: BoardChanged) -> None:
        if self.ref in event.delta.changed.get(self.ref.kind, ()):
            self._outdated = True

    @on(ClockTicked)
    def _tick(self, event: ClockTicked) -> None:
        if self._is_due(event.now):
            self.reload()
        self.write()

    def _is_due(self, now: datetime) -> bool:
        if self._asked_at is None:
            return True
        interval = _REFRESH_RUNNING if self._is_running() else _REFRESH
        seconds = (now - self._asked_at).total_seconds()
        return seconds >= (_MIN_INTERVAL if self._outdated else interval)

    def _is_running(self) -> bool:
        detail = self._selection.detail
        return detail is not None and detail.record.status is Status.RUNNING

    # --- showing ---------------------------------------------------------------------------------

    @on(StylesChanged)
    def write(self) -> None:
        """Write the page again."""
        if not self.is_mounted:
            return
        self._page.show_rows(self._rows())
        detail = self._selection.detail
        title = detail.record.name if detail else ""
        self.query_one(Caption).set_state(self._state(), wrong=self._error is not None, title=title)
        self._show_environment_of_row()

    @on(PageView.RowHighlighted)
    def _show_environment_of_row(self) -> None:
        """Show the environment of the record that keys are about: of the row, or of the page."""
        detail = self._selection.detail
        own = detail.record if detail is not None else self.context.board.get(self.ref)
        self.show_environment_of(self._selection.record(), own)

    def _page_width(self) -> int:
        width = self.size.width
        return width - width_beside(width)

    def _rows(self) -> list[PageRow]:
        from opsboard.ui.render.preview_lines import last_words_rows  # noqa: PLC0415 - as below

        styles, width = self.context.styles, self._page_width() - 1
        rows = list(error_rows(self._error, styles, width)) if self._error else []
        if (detail := self._selection.detail) is not None:
            now, zone = self.context.clock.now(), self.context.zone
            page = PageFormat(styles, now, width, zone, self._marks)
            rows.extend(linked_record_rows(detail.record, self.context.board, page))
            words = last_words_rows(self._words.lines, self._words.of, page, _WORDS)
            verdict = (*self._verdict(page), *self.own_rows(page))
            rows.extend(detail_rows(detail, page, verdict, words))
        else:
            rows.extend(self._known_rows(PageFormat(styles, self.context.clock.now(), width)))
        return rows

    def own_rows(self, page: PageFormat) -> Iterable[PageRow]:
        """Return what the board and its history know of records of this kind."""
        return ()

    def _verdict(self, page: PageFormat) -> Sequence[PageRow]:
        """Return since when it is as it is, and the key that mends it."""
        from opsboard.ui.render.preview_subject import (  # noqa: PLC0415 - joins are read late
            remedy_key,
            subject_of,
        )
        from opsboard.ui.render.verdict_rows import verdict_rows  # noqa: PLC0415 - as above

        subject = subject_of(self.context.board, self.ref)
        if subject is None or not subject.is_wrong:
            return ()
        key = remedy_key(self.context, subject)
        return tuple(verdict_rows(subject.since, key, page, self.context.zone))

    def _known_rows(self, page: PageFormat) -> Iterator[PageRow]:
        """Yield what is known, while the source is asked for the rest, or cannot answer."""
        if (known := self._known()) is not None:
            yield from detail_rows(known, page, (*self._verdict(page), *self.own_rows(page)))
            yield BLANK
        if self._error is None:
            yield PageRow(Text("  asking the source ...", page.styles.muted))

    def _known(self) -> Detail | None:
        """Return what is known without asking: what the board has, or the row it was opened by."""
        record = self.context.board.get(self.ref)
        return self._fallback if record is None else Detail(record=record)

    def _state(self) -> str:
        if self._loaded_at is None:
            return "not available" if self._error else "loading"
        age = age_text(self._loaded_at, self.context.clock.now())
        is_fresh = age == "now" or self.context.as_of is not None
        fresh = self.context.of_when if is_fresh else f"as of {age} ago"
        return f"cannot be refreshed, {fresh}" if self._error else fresh

    def on_resize(self) -> None:
        """Break the lines of the page at the new width; show what there is room for beside it."""
        self.preview.stand_beside(width_beside(self.size.width))
        self.write()

    # --- actions ---------------------------------------------------------------------------------

    def disabled_reason(self, action: UiAction) -> str:
        """Return why *action* is not possible on the row under the cursor."""
        about_row = action.scope in {BindingScope.ACT, BindingScope.RECORD}
        if about_row and action.id != "record.copy" and self._page.row.gone:
            return "this row is gone; move on to another"
        row = self._page.row
        if action.id == "record.open" and row.ref is None and not row.whole:
            return "this row has no details"
        return super().disabled_reason(action)

    def do_open(self) -> None:
        """Open the detail of the row's record; where it has none and is cut, the whole row."""
        row = self._page.row
        if row.ref is not None:
            self.post_message(OpenDetail(row.ref))
        elif row.whole and (grid_row := row.grid_row) is not None:
            self.post_message(OpenText("row", grid_row.cells[0], row.whole))

    def do_next(self) -> None:
        """Go to the next section."""
        self._page.go_to_section(+1)

    def do_previous(self) -> None:
        """Go to the previous section."""
        self._page.go_to_section(-1)
