"""What a server lists beyond the board, as its own table: read and watched while it is open."""

import asyncio
from contextlib import aclosing
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from opsboard.adapter import ListingQuery, ListingUpdate, SourceError
from opsboard.records import Ref
from opsboard.ui.actions.ui_action import BindingScope
from opsboard.ui.context import AppContext
from opsboard.ui.messages import ClockTicked, ScopeChanged, StylesChanged
from opsboard.ui.screens.base_screen import BaseScreen
from opsboard.ui.widgets.listing_pane import ListingPane, ListingState
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.ui.workers import start_worker
from opsboard.views.listing_directory import ListingChoice, OfferedListing
from opsboard.views.listing_table import ListingTable
from opsboard.views.panes import ListingView

REDRAW_SECONDS: Final = 0.1
"""Seconds for which changes are gathered before they are shown."""
_NOTES_SHOWN: Final = 3


class ListingScreen(BaseScreen):
    """Shows what *choice* lists. Its watches end when it is closed."""

    SCOPES: ClassVar[tuple[BindingScope, ...]] = (BindingScope.SCREEN,)

    def __init__(
        self,
        context: AppContext,
        choice: ListingChoice,
        filter_text: str = "",
        view: ListingView | None = None,
    ) -> None:
        super().__init__(context)
        searched = bool(choice.filter_language)
        if view is not None and searched:
            filter_text = view.search
        self._choice = choice
        self._search_text = filter_text if searched else ""
        self._filter_text = "" if searched else filter_text
        several = len(choice.offered) > 1
        self._listing = ListingTable(
            choice.name,
            scoped=choice.is_scoped,
            several_sources=several,
            compared=choice.is_compared,
            order=choice.order,
            view=view,
        )
        self._state = ListingState()
        title = choice.name if view is None else view.title
        language = choice.filter_language
        self.pane = ListingPane(
            context,
            self._listing,
            self._state,
            language=language,
            title=title,
            search=self._search_text,
        )
        self._changed: set[Ref] = set()
        self._removed: set[Ref] = set()
        self._columns_changed = self._is_drawing_due = False

    def compose_body(self) -> ComposeResult:
        """Yield the table, and below it what is missing."""
        yield self.pane
        yield Static(markup=False, id="notes")

    def on_mount(self) -> None:
        """Begin to read."""
        self.set_focus(self.pane.table)
        self.pane.set_active(current=True)
        self.reload()

    # --- reading ---------------------------------------------------------------------------------

    def reload(self) -> None:
        """Ask the sources again."""
        self._state.words, self._state.wrong = "asking", False
        start_worker(self, self._read, group="listing")

    async def _read(self) -> None:
        async with asyncio.TaskGroup() as group:
            for offered in self._choice.offered:
                group.create_task(self._read_source(offered))

    async def _read_source(self, offered: OfferedListing) -> None:
        """Take in the rows of one source; its error hides nothing of the others."""
        source, is_stale = offered.source, True
        scope = self.context.scope
        query = ListingQuery(scope.namespaces, scope.clusters, self._search_text)
        listing = self.context.feed.listing(source, offered.type.name, query)
        try:
            async with aclosing(listing) as updates:
                async for update in updates:
                    if is_stale and (update.rows or update.complete):
                        is_stale = False
                        self._removed |= self._listing.clear(source)
                    self._take(source, update)
        except SourceError as error:
            hint = f" ({error.hint})" if error.hint else ""
            self._listing.note(source, f"{error.message}{hint}")
            self._state.wrong = True
            self._draw_soon()

    def _take(self, source: str, update: ListingUpdate) -> None:
        changes = self._listing.take(source, update)
        self._changed |= changes.changed
        self._removed = (self._removed | changes.removed) - changes.changed
        self._changed -= changes.removed
        self._columns_changed = self._columns_changed or changes.columns
        self._draw_soon()

    def _draw_soon(self) -> None:
        if not self._is_drawing_due:
            self._is_drawing_due = True
            self.set_timer(REDRAW_SECONDS, self._draw)

    def _draw(self) -> None:
        self._is_drawing_due = False
        changed, removed = frozenset(self._changed), frozenset(self._removed)
        columns = self._columns_changed
        self._changed, self._removed, self._columns_changed = set(), set(), False
        self._set_state()
        self.pane.rows_changed(changed, removed, columns=columns)
        if self._filter_text and self._listing.records:  # it may speak of any of its columns
            self.pane.filter_by(self._filter_text)
            self._filter_text = ""
        self._show_notes()

    def _set_state(self) -> None:
        notes = self._listing.notes
        if self._state.wrong and not self._listing.records:
            self._state.words = "not available"
        elif not self._listing.is_complete:
            self._state.words = "partly shown" if notes else "more to come"
        else:
            self._state.words = "live, not all" if notes else "live"

    def _show_notes(self) -> None:
        listing = self._listing
        notes = [*listing.view_notes, *listing.notes] if listing.records else []
        more = len(notes) - _NOTES_SHOWN
        searched = f"{self._choice.filter_language}: {self._search_text}"
        notes = [*([searched] if self._search_text else []), *notes]
        shown = [*notes[:_NOTES_SHOWN], *([f"and {more} more"] if more > 0 else [])]
        self.set_class(bool(shown), "-notes")
        self.query_one("#notes", Static).update("\n".join(f" {note}" for note in shown))

    # --- showing ---------------------------------------------------------------------------------

    @on(RecordTable.RecordHighlighted)
    def _cursor_moved(self) -> None:
        self.show_environment(self.pane.cursor_record())
        self.refresh_bindings()

    @on(ScopeChanged)
    def _scope_changed(self) -> None:
        """Read what the scope holds by now, and nothing of what it held before."""
        self._changed.clear()
        for offered in self._choice.offered:
            self._removed |= self._listing.clear(offered.source)
        self._draw_soon()
        self.reload()

    @on(ClockTicked)
    def _ticked(self) -> None:
        self.pane.tick()

    @on(StylesChanged)
    def _looks_changed(self) -> None:
        self.pane.restyle()

    # --- actions ---------------------------------------------------------------------------------

    def do_back(self) -> None:
        """Drop the filter, then the marks, then leave."""
        if not self.pane.clear_filter_or_marks():
            self.dismiss()
