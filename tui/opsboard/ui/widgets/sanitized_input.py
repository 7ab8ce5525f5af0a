"""A line that is typed into, and that takes in nothing but text."""

from textual.events import Paste
from textual.widgets import Input

from opsboard.text.escaping import escaped
from opsboard.text.sanitize import LINE_LIMIT, sanitize


class SanitizedInput(Input):
    """Textual's input without a look of its own; what is pasted is cleaned."""

    DEFAULT_CSS = ""

    def on_paste(self, event: Paste) -> None:
        """Take in what is pasted, cleaned and never as keys; tell what of it is left out."""
        event.prevent_default()
        event.stop()
        taken, left_out = self.pasted(event.text)
        self.insert_text_at_cursor(taken)
        if left_out:
            said = f"Of what was pasted, {left_out}"
            self.app.notify(said, severity="warning", markup=False)

    def pasted(self, text: str) -> tuple[str, str]:
        """Return what is taken in of *text*: its first line, and what is not, in words."""
        lines = [line for line in text.splitlines() if sanitize(line).strip()]
        if not lines:
            return "", ""
        taken = sanitize(lines[0]).strip()
        if len(taken) == LINE_LIMIT and taken != lines[0].strip():
            return taken, f"only the first {LINE_LIMIT:,} characters are taken in"
        return taken, f"only the first of {len(lines):,} lines is taken in" if lines[1:] else ""


class EscapedInput(SanitizedInput):
    """One that holds text of any lines, written with escapes; what is pasted is written so too."""

    def pasted(self, text: str) -> tuple[str, str]:
        """Return all of *text*, without the line breaks at its end."""
        text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
        return (escaped(text, len(text)) if text else ""), ""
