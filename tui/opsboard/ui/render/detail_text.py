"""The page of a record as plain text, in the form of ``kubectl describe``."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.cells import cell_len

from opsboard.adapter import Detail, Facts, Grid, Section, TextSection
from opsboard.kinds.ages import age
from opsboard.text.numbers import format_metric

_LABEL = 2
"""Columns between a label and its value."""


def detail_text(detail: Detail, now: datetime) -> str:
    """Return *detail* as text; times are told as ages, too."""
    record = detail.record
    head = [("Name", record.name), ("Status", record.status.value), ("Reason", record.reason)]
    head += [("Message", record.message), ("Environment", record.environment)]
    lines = list(_pairs([pair for pair in head if pair[1]], "", now))
    for section in detail.sections:
        if content := list(_content(section, now)):
            lines += ["", f"{section.title}:", *content]
    return "\n".join(lines)


def _content(section: Section, now: datetime) -> Iterator[str]:
    if isinstance(section, Facts):
        yield from _pairs([(fact.label, fact.value) for fact in section.facts], "  ", now)
    elif isinstance(section, Grid):
        yield from _grid(section, now)
    elif isinstance(section, TextSection):
        yield from (f"  {line}" for line in section.text.splitlines())
    elif section.points:
        yield f"  {format_metric(section.points[-1].value)}, of {len(section.points):,} values"


def _pairs(pairs: Sequence[tuple[str, str]], indent: str, now: datetime) -> Iterator[str]:
    width = max((cell_len(label) for label, _ in pairs), default=0) + 1 + _LABEL
    for label, value in pairs:
        first, *more = (_with_age(value, now) or "").splitlines() or [""]
        yield f"{indent}{_padded(f'{label}:', width)}{first}".rstrip()
        yield from (f"{indent}{' ' * width}{line}" for line in more)


def _grid(grid: Grid, now: datetime) -> Iterator[str]:
    if not grid.rows:
        if grid.empty:
            yield f"  {grid.empty}"
        return
    table = [grid.columns, *([_with_age(cell, now) for cell in row.cells] for row in grid.rows)]
    widths = [max(map(cell_len, column)) + _LABEL for column in zip(*table, strict=True)]
    for row in table:
        cells = (_padded(cell, width) for cell, width in zip(row, widths, strict=True))
        yield f"  {''.join(cells)}".rstrip()


def _with_age(text: str, now: datetime) -> str:
    """Return *text*; where it is a time, with how long ago that was."""
    if len(text) < len("2026-01-15T09:00") or text[4] != "-" or "T" not in text:
        return text
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return f"{text} ({age(at, now)} ago)" if at.tzinfo is not None and at <= now else text


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
