"""A record from near: everything that its source tells of it, kept fresh while it is open."""

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult

from opsboard.adapter import Detail, SourceError, Unsupported
from opsboard.kinds.ages import age_text
from opsboard.records import Kind, Record, Ref, Status
from opsboard.ui.actions.bindings import ACTIONS
from opsboard.ui.actions.record_commands import RecordCommands
from opsboard.ui.actions.record_target import RecordTarget
from opsboard.ui.actions.ui_action import BindingScope, UiAction
from opsboard.ui.app_host import Host, host_of
from opsboard.ui.messages import BoardChanged, ClockTicked, StylesChanged
from opsboard.ui.render.activity_rows import linked_record_rows
from opsboard.ui.render.detail_rows import PageFormat, detail_rows
from opsboard.ui.render.error_rows import error_rows
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.theme.styles import styles_of
from opsboard.ui.widgets.caption import Caption
from opsboard.ui.widgets.page_view import PageRow, PageView
from opsboard.views.field_detail import field_detail

_QUICK, _SLOW = 10, 60
"""Seconds after which a detail is asked again: while it is running, and otherwise."""
_AT_LEAST = 2
"""Seconds between two questions, however often the record changes."""


class DetailScreen(RecordCommands, BaseScreen):
    """Shows the :class:`~opsboard.adapter.Detail` of *ref*, of whatever kind."""

    SCOPES: ClassVar = (
        BindingScope.RECORD,
        BindingScope.DETAIL,
        BindingScope.ACT,
        BindingScope.SCREEN,
    )
    BINDINGS: ClassVar = ACTIONS.bindings(
        BindingScope.RECORD, BindingScope.DETAIL, BindingScope.ACT
    )

    def __init__(self, ref: Ref) -> None:
        super().__init__()
        self.ref = ref
        self._detail: Detail | None = None
        self._error: SourceError | None = None
        self._loaded_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._outdated = False

    def compose_body(self) -> ComposeResult:
        """Yield caption and page."""
        record = host_of(self).board.get(self.ref)
        yield Caption(self.ref.kind.replace("-", " "), record.name if record else self.ref.id)
        yield PageView()

    def on_mount(self) -> None:
        """Show what the board knows, and ask for more."""
        record = host_of(self).board.get(self.ref)
        if record is not None and record.environment:
            self.show_environments(record.environment)
        self.reload()
        self._write()

    # --- asking ----------------------------------------------------------------------------------

    def reload(self) -> None:
        """Ask the source again."""
        self._asked_at, self._outdated = host_of(self).clock.now(), False
        self.run_worker(self._ask(), group="detail", exclusive=True, exit_on_error=False)

    async def _ask(self) -> None:
        host = host_of(self)
        try:
            self._detail = await self._told_by(host)
        except SourceError as error:
            self._error = error
        else:
            self._error, self._loaded_at = None, host.clock.now()
            if environment := self._detail.record.environment:
                self.show_environments(environment)
        finally:
            self._asked_at = host.clock.now()
        self._write()
        self.refresh_bindings()

    async def _told_by(self, host: Host) -> Detail:
        """Ask whoever knows: what was done from here is no source's."""
        if self.ref.kind is not Kind.ACTIVITY:
            return await self._told_by_source(host)
        if host.acts is None:
            raise Unsupported("this board only shows; `opsboard audit` tells what was done")
        return await host.acts.detail(self.ref)

    async def _told_by_source(self, host: Host) -> Detail:
        """Return the fields of the record where its source has no more to tell."""
        try:
            return await host.feed.detail(self.ref)
        except Unsupported:
            record = host.board.get(self.ref)
            if record is None:
                raise
            return field_detail(record)

    @on(BoardChanged)
    def _note_change(self, event: BoardChanged) -> None:
        if self.ref in event.delta.changed.get(self.ref.kind, ()):
            self._outdated = True

    @on(ClockTicked)
    def _tick(self, event: ClockTicked) -> None:
        if self._is_due(event.now):
            self.reload()
        self._write()

    def _is_due(self, now: datetime) -> bool:
        if self._asked_at is None:
            return True
        wait = _QUICK if self._is_running() else _SLOW
        return (now - self._asked_at).total_seconds() >= (_AT_LEAST if self._outdated else wait)

    def _is_running(self) -> bool:
        return self._detail is not None and self._detail.record.status is Status.RUNNING

    # --- showing ---------------------------------------------------------------------------------

    @on(StylesChanged)
    def _write(self) -> None:
        if not self.is_mounted:
            return
        self.query_one(PageView).show_rows(self._rows())
        title = self._detail.record.name if self._detail else ""
        self.query_one(Caption).set_state(self._state(), wrong=self._error is not None, title=title)

    def _rows(self) -> list[PageRow]:
        styles, width = styles_of(self), self.size.width - 1
        rows = list(error_rows(self._error, styles, width)) if self._error else []
        if self._detail is not None:
            page = PageFormat(styles, host_of(self).clock.now(), width)
            rows.extend(linked_record_rows(self._detail.record, host_of(self).board, page))
            rows.extend(detail_rows(self._detail, page))
        elif not rows:
            rows.append(PageRow(Text("  asking the source ...", styles.muted)))
        return rows

    def _state(self) -> str:
        if self._loaded_at is None:
            return "not to be had" if self._error else "loading"
        age = age_text(self._loaded_at, host_of(self).clock.now())
        fresh = "as of now" if age == "now" else f"as of {age} ago"
        return f"cannot be refreshed, {fresh}" if self._error else fresh

    def on_resize(self) -> None:
        """Lay the page out anew."""
        self._write()

    # --- acting ----------------------------------------------------------------------------------

    def target(self) -> Ref | None:
        """Return what the cursor is on: a row's own record, or else the one on show."""
        return (self._row().ref if self.is_mounted else None) or self.ref

    def _row(self) -> PageRow:
        return self.query_one(PageView).row

    def cell_text(self) -> str:
        """Return the value under the cursor."""
        return self._row().copy_text

    def log_part(self) -> str:
        """Return the part that the row stands for, unless it is one that only actions know."""
        row = self._row().grid_row
        return "" if row is None or row.actions else row.part

    def record(self) -> Record | None:
        """Return the record that the cursor is on."""
        if self.target() == self.ref and self._detail is not None:
            return self._detail.record
        row = self._row().grid_row if self.is_mounted else None
        return super().record() or (row.record if row else None)

    def target_of(self, record: Record) -> RecordTarget:
        """Return *record*, or the part of it that the row stands for: a revision of a workload."""
        target, row = super().target_of(record), self._row().grid_row
        if row is None or row.ref is not None or record.ref != self.ref:
            return target
        return replace(target, part=row.part, actions=row.actions)

    def disabled_reason(self, action: UiAction) -> str:
        """Say that only rows with something behind them can be entered, while they are there."""
        about_row = (
            action.scope in {BindingScope.ACT, BindingScope.RECORD} and action.id != "record.copy"
        )
        if about_row and self.is_mounted and self._row().gone:
            return "this row is gone; move on to another"
        if action.id == "record.open" and (not self.is_mounted or self._row().ref is None):
            return "there is nothing behind this row"
        return super().disabled_reason(action)

    def do_open(self) -> None:
        """Enter the row: its own detail, or its log where it has no detail."""
        ref = self._row().ref
        if ref is not None:
            self.app.push_screen(DetailScreen(ref))

    def do_next(self) -> None:
        """Go to the next section."""
        self.query_one(PageView).go_to_section(+1)

    def do_previous(self) -> None:
        """Go to the previous section."""
        self.query_one(PageView).go_to_section(-1)
