"""A line that is typed into, and that takes in nothing but text."""

from textual.events import Paste
from textual.widgets import Input

from opsboard.text.sanitize import sanitize


class SanitizedInput(Input):
    """Textual's input without a look of its own; what is pasted is cleaned."""

    DEFAULT_CSS = ""

    def on_paste(self, event: Paste) -> None:
        """Take in the first line of what is pasted: cleaned, and never as keys."""
        event.prevent_default()
        event.stop()
        lines = (sanitize(line).strip() for line in event.text.splitlines())
        self.insert_text_at_cursor(next(filter(None, lines), ""))
