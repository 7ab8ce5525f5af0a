"""The pane of a listing: a table of the server's own, of records that the board does not keep."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from opsboard.records import ListedObject, Record, Ref, Status
from opsboard.ui.context import AppContext
from opsboard.ui.messages import OpenDetail
from opsboard.ui.theme.styles import Styles
from opsboard.ui.widgets.pane import Pane
from opsboard.ui.widgets.pane_controls import PaneSelection
from opsboard.ui.widgets.pane_title import PaneTitle
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.views.listing_table import ListingTable

if TYPE_CHECKING:
    from opsboard.adapter import Detail

_NOTES_SHOWN: Final = 3


class ListingState:
    """How the reading of a listing is going: the words for it, and whether something is wrong."""

    words = "asking"
    wrong = False


class ListingSelection(PaneSelection):
    """Rows that are records of the board stand for those, the others for themselves."""

    def __init__(self, context: AppContext, table: RecordTable, listing: ListingTable) -> None:
        super().__init__(context, table)
        self._rows = listing.records

    def current_ref(self) -> Ref | None:
        """Return the record of the board that the row is, or the row."""
        ref = super().current_ref()
        return None if ref is None else self._meant(ref)

    def selected_refs(self) -> list[Ref]:
        """Return what the marked rows are, or the one under the cursor."""
        return [self._meant(ref) for ref in super().selected_refs()]

    def _meant(self, ref: Ref) -> Ref:
        row = self._rows.get(ref)
        return row.about if row is not None and row.about is not None else ref

    def record(self) -> Record | None:
        """Return the record under the cursor: the board's, or the row itself."""
        return super().record() or self.row()

    def records(self) -> Sequence[Record]:
        """Return the selected rows, or the records of the board that they are."""
        refs, board = super().selected_refs(), self.context.board
        found = (board.get(self._meant(ref)) or self._rows.get(ref) for ref in refs)
        return [record for record in found if record is not None]

    def row(self) -> ListedObject | None:
        """Return the row under the cursor."""
        ref = super().current_ref()
        return None if ref is None else self._rows.get(ref)


class ListingTitle(PaneTitle):
    """Says at the right how the listing is doing, which is watched and of no cache."""

    def __init__(
        self, context: AppContext, table: RecordTable, title: str, state: ListingState
    ) -> None:
        super().__init__(context, table.pane, table)
        self._listed, self._state = title, state

    def title_text(self) -> str:
        """Return what is listed."""
        return self._listed

    def freshness(self, styles: Styles) -> Text:
        """Return that rows are still coming, are live, or what is wrong."""
        style = styles.statuses[Status.FAILED] if self._state.wrong else styles.muted
        return Text(f" {self._state.words} ", style)


class ListingPane(Pane):
    """Shows *listing*, whose rows change while it is open.

    *language* names that of a filter that the server applies itself, if it has one; *title* is
    what stands above it, the name of the listing or of a saved view, and *search* what the server
    was asked for in its language.
    """

    def __init__(
        self,
        context: AppContext,
        listing: ListingTable,
        state: ListingState,
        *,
        language: str = "",
        title: str = "",
        search: str = "",
    ) -> None:
        self.listing, self.state = listing, state
        self._language, self._search = language, search
        self._title = title or listing.name
        super().__init__(context, listing.pane, listing.records)
        self.remove_class("-numberless")

    def make_selection(self) -> PaneSelection:
        """Return what the keys are about."""
        return ListingSelection(self.context, self.table, self.listing)

    def make_title(self) -> PaneTitle:
        """Return the line above the table."""
        return ListingTitle(self.context, self.table, self._title, self.state)

    def placeholder(self) -> str:
        """Return what to read in place of an empty table: what is missing, and why."""
        model = self.table.model
        if len(model):
            return ""
        if model.filter:
            text = model.filter.text
            said = f"None of {model.total:,} matches {text!r}. Esc drops the filter."
            asked = f"`:{self.listing.name} {text}` asks the server, in {self._language}."
            return f"{said}\n{asked}" if self._language else said
        if model.foreign:
            shown = self.listing.pane.filter
            return f"None of {model.foreign:,} matches {shown!r}, the filter of this view."
        lines = [*self.listing.notes[:_NOTES_SHOWN]]
        if self.listing.is_complete:
            there, asked = f"There are no {self.listing.name}", self._search
            lines.insert(0, f"{there} that match {asked!r}." if asked else f"{there}.")
        return "\n".join(lines or ["Asking ..."])

    def do_open(self) -> None:
        """Open the page of the row; its cells are that where the source has none."""
        selection = self.selection
        assert isinstance(selection, ListingSelection)  # noqa: S101 - it was made above
        ref, row = selection.current_ref(), selection.row()
        if ref is not None:
            self.post_message(OpenDetail(ref, self._cells_of(row) if row is not None else None))

    def _cells_of(self, row: ListedObject) -> "Detail":
        from opsboard.adapter import Detail, Fact, Facts  # noqa: PLC0415 - validates with pydantic

        now = self.context.clock.now()
        cells = [(one.title, one.show(row, now)) for one in self.spec.columns]
        facts = [
            Fact(label=title, value=cell.text, status=cell.status)
            for title, cell in cells
            if title and cell.text
        ]
        return Detail(record=row, sections=(Facts(title=self.spec.title, facts=tuple(facts)),))

    def rows_changed(
        self, changed: frozenset[Ref], removed: frozenset[Ref], *, columns: bool
    ) -> None:
        """Show what has changed of the listing."""
        if columns:
            self.spec = self.listing.pane
            self.table.set_pane(self.spec)
        if changed or removed:
            self.table.update_records(changed, removed)
        self.update_labels()
