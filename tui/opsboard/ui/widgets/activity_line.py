"""The line above the hints while actions are running: which, and their progress."""

from collections.abc import Sequence

from rich.text import Text

from opsboard.records import Activity, Status
from opsboard.ui.actions.activity_tracker import running_activities
from opsboard.ui.render.layout import truncate_text
from opsboard.ui.widgets.one_line_widget import OneLineWidget

_ALONE = 1
"""Running actions up to which there is room for the server's message."""


class ActivityLine(OneLineWidget):
    """One line on every screen: actions go on whichever screen is open."""

    DEFAULT_CSS = "ActivityLine { height: 1; background: $raised; color: $foreground; }"

    def line(self, width: int) -> Text:
        """Return how many there are, and of each how far it is, as far as there is room."""
        acts, styles = running_activities(self.context.board), self.context.styles
        glyph = styles.glyphs.status[Status.RUNNING]
        text = Text()
        text.append(f" {glyph} {_count(acts)}: ", styles.statuses[Status.RUNNING])
        text.append(f" {styles.glyphs.dot} ".join(map(_progress, acts)))
        if len(acts) <= _ALONE:
            text.append("".join(f"  {act.message}" for act in acts), styles.muted)
        truncate_text(text, width, styles)
        return text


def _count(acts: Sequence[Activity]) -> str:
    return "1 action running" if len(acts) == 1 else f"{len(acts)} actions running"


def _progress(act: Activity) -> str:
    return f"{act.name} {act.done}/{act.total}" if act.total else act.name
