"""The board as JSON: described in ``docs/status-json.md``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from opsboard import __version__
from opsboard.adapter import Budget
from opsboard.board.source_state import ScopeState
from opsboard.board.state import Board, SourceState
from opsboard.commands.json_versions import CURRENT, render
from opsboard.commands.selection import SelectedRecords
from opsboard.records.codec import as_json

_BUDGET: Final = TypeAdapter(Budget)


def json_report(
    board: Board,
    selected: Sequence[SelectedRecords],
    now: datetime,
    code: int,
    version: int = CURRENT,
) -> str:
    """Return the board as one JSON document of *version*, with the records that were *selected*."""
    return render("opsboard.status", board_fields(board, selected, now, code), version)


def board_fields(
    board: Board, selected: Sequence[SelectedRecords], now: datetime, code: int
) -> dict[str, Any]:
    """Return the fields of the document, for others that tell of a board."""
    return {
        "opsboard": __version__,
        "at": now.isoformat(),
        "exit_code": code,
        "sources": [_source(source) for source in board.sources()],
        "panes": {one.pane.id: [as_json(record) for record in one.records] for one in selected},
    }


def _source(source: SourceState) -> dict[str, Any]:
    return {
        "name": source.name,
        "title": source.title,
        "condition": source.health.condition.value,
        "status": source.status.value,
        "message": source.health.message,
        "hint": source.health.hint,
        "fresh_at": source.fresh_at.isoformat() if source.fresh_at else None,
        "failing_scopes": list(source.failing_scopes),
        "unreported_scopes": list(source.pending_scopes),
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
