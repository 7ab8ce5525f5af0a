"""The Markdown that the pages need: tables, code, blocks."""

from collections.abc import Iterable, Sequence

NOTE = "*Made by `python -m docs` from the program itself; a test fails when it is stale.*"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar inside a cell is escaped."""
    lines = [_row(titles), _row(["---"] * len(titles)), *map(_row, rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def code(text: str) -> str:
    """Return *text* as code; a bar stays legible in a table."""
    if "|" in text:
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f"<code>{escaped}</code>"
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def blocks(*parts: str) -> str:
    """Return *parts* with an empty line between each two."""
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
