"""No room beside the declarations keeps a table of kinds that an adapter could not add to."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TUI = Path(__file__).parents[2] / "tui" / "opsboard"
ROOMS = (
    "arguments", "board", "collect", "commands", "config", "startup", "testing", "ui", "views",
)  # fmt: skip

MADE_BY_THE_BOARD = frozenset({"ALERT", "ACTIVITY", "SERVICE", "LISTED"})
"""Kinds that are the program's own doing, and no source's: rooms that make them name them."""


def _named(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        of = one.value if isinstance(one, ast.Attribute) else None
        if isinstance(one, ast.Attribute) and isinstance(of, ast.Name) and of.id == "Kind":
            yield one.attr


def closed_tables(source: str) -> list[str]:
    """Return the literals of *source* that list kinds by their names."""
    literals = (ast.Dict, ast.Set, ast.Tuple, ast.List)
    found = (node for node in ast.walk(ast.parse(source)) if isinstance(node, literals))
    parts = [
        (node, set(_named(node)) - MADE_BY_THE_BOARD)
        for node in found
    ]  # fmt: skip
    return [f"line {node.lineno}: {', '.join(sorted(named))}" for node, named in parts if named]


def compared_kinds(source: str) -> list[str]:
    """Return the comparisons of *source* with a kind that is a source's."""
    found = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Compare))
    parts = [(node, set(_named(node)) - MADE_BY_THE_BOARD) for node in found]
    return [f"line {node.lineno}: {', '.join(sorted(named))}" for node, named in parts if named]


def test_a_closed_table_and_a_comparison_are_found() -> None:
    assert closed_tables("TABLE = {Kind.BUILD: 1, Kind.POD: 2}") == ["line 1: BUILD, POD"]
    assert closed_tables("KINDS = (Kind.ALERT,)") == []
    assert compared_kinds("if ref.kind is Kind.MODEL: pass") == ["line 1: MODEL"]


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_lists_or_compares_kinds_of_sources(room: str) -> None:
    wrong = {
        str(file.relative_to(TUI)): found
        for file in sorted((TUI / room).rglob("*.py"))
        if (text := file.read_text("utf-8"))
        and (found := closed_tables(text) + compared_kinds(text))
    }
    assert wrong == {}
