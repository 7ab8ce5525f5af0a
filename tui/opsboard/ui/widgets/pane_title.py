"""The title of a pane: what is in it, and how old what it shows is."""

from rich.style import Style
from rich.text import Text

from opsboard.records import Status
from opsboard.ui.context import AppContext
from opsboard.ui.render.layout import truncate_text
from opsboard.ui.render.pane_freshness import freshness_of
from opsboard.ui.theme.styles import Styles
from opsboard.ui.widgets.one_line_widget import OneLineWidget
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.views.panes import PaneSpec

COUNTED = (Status.FAILED, Status.WARNING, Status.RUNNING)
"""The statuses whose counts stand in the title."""

_STATE = 18
"""Columns that the right part has at least, where it needs them: ``live, oldest 25m``."""


class PaneTitle(OneLineWidget):
    """Number, title, counts, filter; to the right, how old what is shown is."""

    DEFAULT_CSS = "PaneTitle { height: 1; }"

    def __init__(self, context: AppContext, spec: PaneSpec, table: RecordTable) -> None:
        super().__init__(context)
        self._spec, self._table = spec, table
        self._current = False

    def set_active(self, *, current: bool) -> None:
        """Be the title of the pane that keys are about, or of another."""
        if current is not self._current:
            self._current = current
            self.redraw()

    def ground(self, base: Style) -> tuple[Style, bool]:
        """Return the style of the title of the pane in focus, which no other line has."""
        style = self.context.styles.title_focused if self._current else Style.null()
        return base + style, bool(style.bgcolor or style.reverse)

    def line(self, width: int) -> Text:
        """Return the title; its left part makes room for the right one, down to the counts."""
        styles = self.context.styles
        left, right = self._counts(current=self._current), self.freshness(styles)
        beside_counts = width - left.cell_len
        self._append_what_narrows(left)
        room = max(beside_counts, min(right.cell_len, _STATE))
        truncate_text(right, max(0, min(width - 12, room)), styles)
        truncate_text(left, max(1, width - right.cell_len), styles, pad=True)
        return left.append_text(right)

    def content(self, *, current: bool) -> Text:
        """Return what is in the pane; *current* is whether keys are about it."""
        left = self._counts(current=current)
        self._append_what_narrows(left)
        return left

    def _append_what_narrows(self, left: Text) -> None:
        styles, model = self.context.styles, self._table.model
        if model.lost is not None:  # before the filter, which says what it has left
            how = "is gone" if model.is_gone(model.lost.ref) else "left"
            left.append(f" {model.lost.name} {how}", styles.roles["match"])
        if model.own_filter.problem:
            left.append(f" the view's filter: {model.own_filter.problem}", styles.roles["match"])
        if model.only_wrong:
            left.append(" ! only what is wrong", styles.roles["match"])
        if model.filter:
            left.append(f" /{model.filter.text}", styles.roles["match"])
        if marks := len(self._table.marks):
            left.append(f" {marks} marked", styles.roles["mark"])

    def _counts(self, *, current: bool) -> Text:
        """Return what the pane is called, and how much is in it."""
        styles, model = self.context.styles, self._table.model
        key = self._spec.number or self._spec.key
        number = f"{key} " if key else ""
        bar = styles.glyphs.focus if current else " "
        left = Text(style=styles.accent if current else "")
        left.append(f"{bar}{number}{self.title_text()} ", "" if current else styles.muted)
        shown = f"{model.passing:,}" + (f"/{model.total:,}" if model.is_narrowed else "")
        left.append(shown, styles.muted)
        for status in COUNTED:
            if count := model.statuses[status]:
                left.append(f" {styles.glyphs.status[status]}{count:,}", styles.statuses[status])
        left.append_text(self._outside(styles))
        return left

    def _outside(self, styles: Styles) -> Text:
        """Return how much a scope hides, and how much of that is wrong: none of it in silence."""
        found = self._table.model.outside
        text = Text()
        if not found:
            return text
        text.append(f" +{sum(found.values()):,} outside", styles.muted)
        for status in COUNTED[:2]:
            if count := found.get(status):
                text.append(f" {styles.glyphs.status[status]}{count:,}", styles.statuses[status])
        return text

    def title_text(self) -> str:
        """Return what is in the pane."""
        return self._spec.title

    def freshness(self, styles: Styles) -> Text:
        """Return how old what this pane shows is, or what is wrong with it."""
        context, shown = self.context, self._table.model.sources
        sources = [source for source in context.board.sources() if shown[source.name] > 0]
        fresh = freshness_of(self._spec.kind, sources, context.clock.now())
        if fresh.status is Status.OK:
            return Text(f" {fresh.words} ", styles.muted)
        glyph = styles.glyphs.status[fresh.status]
        return Text(f" {glyph} {fresh.words} ", styles.statuses[fresh.status])
