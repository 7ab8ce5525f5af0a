"""A line of a log as a terminal would show it.

Programs overwrite their progress: ``10%\\r 20%\\r100%``, with backspaces, with escapes that
erase. A log keeps all of it, a terminal shows only what was written last. The rest is made safe
like all text from outside (:mod:`opsboard.text.sanitize`), but keeps its spaces: a trace is read by
them.
"""

import re
from typing import Final
from unicodedata import category, east_asian_width

from opsboard.text.sanitize import LINE_LIMIT, is_sanitized, sanitize_prose

LOG_LINE_LIMIT: Final = 65_536
"""Characters of a line of a log that are kept; a longer one is cut and ends in an ellipsis."""

_WRITTEN_OVER: Final = re.compile(r"[\r\b]|\x1b\[[0-9;]*[KGCD]")
_COLOURS: Final = re.compile(r"\x1b\[[0-9;:]*m")
_MOVES: Final = re.compile(r"[\b\t\x1b]")
_PIECE: Final = re.compile(r"\x1b\[([0-9;]*)([ -/]*[@-~])|(\x1b[^\[]?)|(.)", re.DOTALL)
_MOST_COLUMNS: Final = 4 * LINE_LIMIT
_FOLLOWED: Final = LINE_LIMIT
"""The last characters of them, which are placed cell by cell."""


def terminal_line(text: str) -> str:
    """Return *text* as a terminal would show it: one line, cleaned, not longer than a log's may
    be."""
    if is_sanitized(text):
        return text
    cut, text = len(text) > LOG_LINE_LIMIT, text[:LOG_LINE_LIMIT].replace("\n", " ")
    if _WRITTEN_OVER.search(text):
        text = _written_over(text)
    shown = sanitize_prose(text).rstrip()
    if not cut and len(shown) <= LOG_LINE_LIMIT:
        return shown
    return sanitize_prose(shown[: LOG_LINE_LIMIT - 1] + "…")


def _written_over(text: str) -> str:
    """Return what a terminal shows once all of *text* has been written."""
    plain = _COLOURS.sub("", text)
    if plain.isascii() and not _MOVES.search(plain):  # most progress is like this: no cells needed
        shown = ""
        for piece in plain.split("\r"):
            shown = piece + shown[len(piece) :]
        return shown
    return _Line().written(plain[-_FOLLOWED:])


class _Line:
    """A line of a terminal: its cells, and the column of the next character."""

    def __init__(self) -> None:
        self._cells: list[str] = []
        self._at = 0

    def written(self, text: str) -> str:
        """Write *text* and return the line. Escapes that do not move the cursor are ignored."""
        for piece in _PIECE.finditer(text):
            if piece[4] is not None:
                self._write(piece[4])
            elif piece[2] is not None:
                self._obey(piece[2], piece[1])
        return "".join(cell or "" for cell in self._cells)

    def _write(self, char: str) -> None:
        if char == "\r":
            self._at = 0
        elif char == "\b":
            self._at = max(self._at - 1, 0)
        elif char == "\t":
            self._at = (self._at // 8 + 1) * 8
        elif category(char) in {"Mn", "Me", "Cf"}:
            self._join(char)
        else:
            self._put(char)
            if east_asian_width(char) in {"W", "F"}:
                self._put("")

    def _put(self, char: str) -> None:
        """Write *char* in the next cell; ``""`` is the right half of the one before."""
        self._reach(self._at + 1)
        if self._cells[self._at + 1 : self._at + 2] == [""]:
            self._cells[self._at + 1] = " "  # no terminal shows half of a wide one
        elif char and self._at and self._cells[self._at] == "":
            self._cells[self._at - 1] = " "
        self._cells[self._at] = char
        self._at += 1

    def _join(self, char: str) -> None:
        """Add what takes no cell to the character before."""
        before = self._at - 1
        while before > 0 and self._cells[before : before + 1] == [""]:
            before -= 1
        if 0 <= before < len(self._cells):
            self._cells[before] += char
        else:
            self._put(char)

    def _reach(self, length: int) -> None:
        self._cells += " " * (length - len(self._cells))

    def _obey(self, command: str, parameter: str) -> None:
        """Follow an escape of ECMA-48 that moves within the line or erases: CUF, CUB, CHA, EL."""
        number = min(int(parameter), _MOST_COLUMNS) if parameter.isdecimal() else 0
        if command == "C":
            self._at = min(self._at + max(number, 1), _MOST_COLUMNS)
        elif command == "D":
            self._at = max(self._at - max(number, 1), 0)
        elif command == "G":
            self._at = max(number, 1) - 1
        elif command == "K":
            self._erase(number)

    def _erase(self, which: int) -> None:
        """Erase behind the cursor (0), before it (1), or all (2)."""
        if which in {1, 2}:
            upto = min(self._at + 1, len(self._cells)) if which == 1 else len(self._cells)
            self._cells[:upto] = " " * upto
        if which in {0, 2}:
            del self._cells[self._at :]
