"""The line above the hints while acts are under way: which, and how far they are."""

from collections.abc import Sequence

from rich.text import Text

from opsboard.records import Activity, Status
from opsboard.ui.actions.activity_tracker import running_activities
from opsboard.ui.widgets.one_line_widget import OneLineWidget

_ALONE = 1
"""Acts up to which there is room for what the server says."""


class ActivityLine(OneLineWidget):
    """One line on every screen. What is under way goes on, whatever is looked at meanwhile."""

    DEFAULT_CSS = "ActivityLine { height: 1; background: $surface; color: $foreground; }"

    def line(self, width: int) -> Text:
        """Return how many there are, and of each how far it is, as far as there is room."""
        acts, styles = running_activities(self.context.board), self.context.styles
        glyph = styles.glyphs.status[Status.RUNNING]
        text = Text()
        text.append(f" {glyph} {_count(acts)}: ", styles.statuses[Status.RUNNING])
        text.append(f" {styles.glyphs.dot} ".join(map(_told, acts)))
        if len(acts) <= _ALONE:
            text.append("".join(f"  {act.message}" for act in acts), styles.muted)
        text.truncate(width, overflow="ellipsis")
        return text


def _count(acts: Sequence[Activity]) -> str:
    return "1 act under way" if len(acts) == 1 else f"{len(acts)} acts under way"


def _told(act: Activity) -> str:
    return f"{act.name} {act.done}/{act.total}" if act.total else act.name
