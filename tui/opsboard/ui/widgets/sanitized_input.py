"""A line that is typed into, and that takes in nothing but text."""

from textual.events import Paste
from textual.widgets import Input

from opsboard.text.escaping import escaped
from opsboard.text.sanitize import sanitize


class SanitizedInput(Input):
    """Textual's input without a look of its own; what is pasted is cleaned."""

    DEFAULT_CSS = ""

    def on_paste(self, event: Paste) -> None:
        """Take in the first line of what is pasted: cleaned, and never as keys."""
        event.prevent_default()
        event.stop()
        self.insert_text_at_cursor(self.pasted(event.text))

    def pasted(self, text: str) -> str:
        """Return what is taken in of *text*."""
        lines = (sanitize(line).strip() for line in text.splitlines())
        return next(filter(None, lines), "")


class EscapedInput(SanitizedInput):
    """One that holds text of any lines, written with escapes; what is pasted is written so too."""

    def pasted(self, text: str) -> str:
        """Return all of *text*, without the line breaks at its end."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
        return escaped(text, len(text)) if text else ""
