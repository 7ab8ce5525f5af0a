"""The board as text and as JSON. The JSON is described in ``docs/status-json.md``."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from rich.cells import cell_len, set_cell_size

from opsboard import __version__
from opsboard.adapter import Budget
from opsboard.board.standing import ScopeState
from opsboard.board.state import Board, SourceState
from opsboard.records import Record
from opsboard.records.schema import as_json
from opsboard.views.ages import age
from opsboard.views.layout import Placed, lay_out
from opsboard.views.panes import PaneSpec
from opsboard.views.rows import RowModel

SCHEMA: Final = "opsboard.status/1"
"""Name and version of the JSON's shape. A field that is added does not change the version."""

WIDTH: Final = 120
MOST_ROWS: Final = 50
MOST_PARTS: Final = 8
"""Parts of a source, of those that are not well, that are told one by one."""

_BUDGET: Final = TypeAdapter(Budget)


def json_report(board: Board, panes: Sequence[PaneSpec], now: datetime, code: int) -> str:
    """Return the board as one JSON document."""
    document = {
        "schema": SCHEMA,
        "opsboard": __version__,
        "at": now.isoformat(),
        "exit_code": code,
        "sources": [_source(source) for source in board.sources()],
        "panes": {pane.id: list(_records(board, pane, now)) for pane in panes},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _source(source: SourceState) -> dict[str, Any]:
    return {
        "name": source.name,
        "title": source.title,
        "condition": source.health.condition.value,
        "status": source.status.value,
        "message": source.health.message,
        "mend": source.health.mend,
        "fresh_at": source.fresh_at.isoformat() if source.fresh_at else None,
        "failing_scopes": list(source.failing),
        "untold_scopes": list(source.untold),
        "scopes": [_scope(name, scope) for name, scope in source.scopes.items()],
        "budgets": [_BUDGET.dump_python(budget, mode="json") for budget in source.budgets.values()],
    }


def _scope(name: str, scope: ScopeState) -> dict[str, Any]:
    skipped = scope.skipped
    return {
        "name": name,
        "condition": scope.health.condition.value,
        "message": scope.health.message,
        "fresh_at": scope.fresh_at.isoformat() if scope.fresh_at else None,
        "streaming": scope.streaming,
        "records": scope.records,
        "skipped": skipped
        and {
            "count": skipped.count,
            "total": skipped.total,
            "examples": list(skipped.examples),
        },
    }


def _records(board: Board, pane: PaneSpec, now: datetime) -> Iterator[dict[str, Any]]:
    for record in _rows(board, pane, now):
        yield as_json(record)


def _rows(board: Board, pane: PaneSpec, now: datetime) -> Iterator[Record]:
    model = RowModel(pane, board.records(pane.kind))
    model.rebuild(now)
    for row in range(len(model)):
        if (record := model.record(row)) is not None:
            yield record


def text_report(board: Board, panes: Sequence[PaneSpec], now: datetime, _code: int) -> str:
    """Return the board as text: the sources, then a table for each pane."""
    blocks = ["\n".join(_source_lines(board, now))]
    blocks += ["\n".join(_table(board, pane, now)) for pane in panes]
    return "\n\n".join(blocks) + "\n"


def _source_lines(board: Board, now: datetime) -> Iterator[str]:
    for source in board.sources():
        yield f"{source.status:<8} {source.name}: {source.health.condition}, {_told(source, now)}"
        said = [source.health.message, source.health.mend, *_of_parts(source)]
        yield from (f"         {line}" for line in dict.fromkeys(filter(None, said)))


def _told(source: SourceState, now: datetime) -> str:
    """Return how old what *source* told is, and of how many of its parts it told nothing."""
    if not source.told or source.fresh_at is None:
        return "never answered"
    age_of_all = f"{age(source.fresh_at, now)} old"
    untold = len(source.untold)
    return f"{age_of_all}, nothing told of {untold:,} of its parts" if untold else age_of_all


def _of_parts(source: SourceState) -> Iterator[str]:
    """Yield what is wrong with each part that is not well, a bounded number of them."""
    bad = {name: it for name, it in source.scopes.items() if it.health.message}
    for name, scope in list(bad.items())[:MOST_PARTS]:
        yield f"{name}: {scope.health.condition}: {scope.health.message}"
        if scope.skipped is not None and scope.skipped.sentence != scope.health.message:
            yield f"{name}: {scope.skipped.sentence}"
    if len(bad) > MOST_PARTS:
        yield f"... and {len(bad) - MOST_PARTS:,} more parts; --json tells of all"


def _table(board: Board, pane: PaneSpec, now: datetime) -> Iterator[str]:
    records = list(_rows(board, pane, now))
    shown = records[:MOST_ROWS]
    yield f"{pane.title} ({len(records):,})"
    if not shown:
        return
    needed = [max(cell_len(c.show(r, now).text) for r in shown) for c in pane.columns]
    columns = lay_out(pane.columns[1:], needed[1:], WIDTH - 9)
    yield "  " + f"{'status':<8} " + _line([(placed, placed.column.title) for placed in columns])
    for record in shown:
        cells = [(placed, placed.column.show(record, now).text) for placed in columns]
        yield f"  {record.status:<8} {_line(cells)}"
    if len(records) > len(shown):
        yield f"  ... and {len(records) - len(shown):,} more; --json prints them all"


def _line(cells: Sequence[tuple[Placed, str]]) -> str:
    return " ".join(_fitted(placed, text) for placed, text in cells).rstrip()


def _fitted(placed: Placed, text: str) -> str:
    if cell_len(text) > placed.width:
        return set_cell_size(text, placed.width - 1) + "…"
    blank = " " * (placed.width - cell_len(text))
    return blank + text if placed.column.right else text + blank
