"""The title of a pane: what is in it, and how old what it shows is."""

from collections.abc import Sequence
from datetime import datetime

from rich.text import Text

from opsboard.board.state import SourceState
from opsboard.records import Status
from opsboard.ui.host import host_of
from opsboard.ui.looks import Looks, looks_of
from opsboard.ui.widgets.one_line import OneLine
from opsboard.ui.widgets.record_table import RecordTable
from opsboard.ui.widgets.source_words import freshness
from opsboard.views.ages import age_text
from opsboard.views.panes import PaneSpec

COUNTED = (Status.FAILED, Status.WARNING, Status.RUNNING)
"""The statuses whose counts stand in the title."""


class PaneTitle(OneLine):
    """Number, title, counts, filter; to the right, how old what is shown is."""

    DEFAULT_CSS = "PaneTitle { height: 1; }"

    def __init__(self, spec: PaneSpec, table: RecordTable) -> None:
        super().__init__()
        self._spec, self._table = spec, table

    def line(self, width: int) -> Text:
        """Return the title; its left part makes room for the right one."""
        left, right = self._title()
        right.truncate(max(0, width - 12), overflow="ellipsis")
        left.truncate(max(1, width - right.cell_len), overflow="ellipsis", pad=True)
        return left.append_text(right)

    def _title(self) -> tuple[Text, Text]:
        looks, model = looks_of(self), self._table.model
        number = f"{self._spec.number} " if self._spec.number else ""
        left = Text(f" {number}{self._spec.title} ", looks.accent)
        shown = f"{len(model):,}" if not model.filter else f"{len(model):,}/{model.total:,}"
        left.append(shown, looks.muted)
        for status in COUNTED:
            if count := model.statuses[status]:
                left.append(f" {looks.glyphs.status[status]}{count:,}", looks.statuses[status])
        if model.filter:
            left.append(f" /{model.filter.text}", looks.inks["match"])
        if marks := len(self._table.marks):
            left.append(f" {marks} marked", looks.inks["mark"])
        return left, self._freshness(looks)

    def _freshness(self, looks: Looks) -> Text:
        """Return how old the oldest source of this pane is, and which of them fail."""
        now = host_of(self).clock.now()
        sources = self._sources()
        bad = [source for source in sources if source.health.condition.status is Status.FAILED]
        if bad:
            glyph = looks.glyphs.status[Status.FAILED]
            words = "; ".join(_failing(source, now) for source in bad)
            return Text(f" {glyph} {words} ", looks.statuses[Status.FAILED])
        return Text(f" {_oldest(sources, now)} ", looks.muted)

    def _sources(self) -> Sequence[SourceState]:
        shown = self._table.model.sources
        return [s for s in host_of(self).board.sources() if shown[s.name] > 0]


def _failing(source: SourceState, now: datetime) -> str:
    """Return how *source* fails: its age alone, ``now`` say, would read as if all were well."""
    words = f"{source.name} {source.health.condition}"
    age = age_text(source.fresh_at, now) if source.fresh_at else "now"
    return words if age == "now" else f"{words}, {age} old"


def _oldest(sources: Sequence[SourceState], now: datetime) -> str:
    if not sources:
        return ""
    cached = [source for source in sources if source.from_cache]
    oldest = min(cached or sources, key=lambda source: (source.fresh_at or now).timestamp())
    words = freshness(oldest, now)
    if cached:
        return f"{words} old, from disk"
    return words if words in {"live", "now", "starting"} else f"{words} ago"
