"""Only the guard mints permits."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsboard.adapter import NotPermitted, Permit
from opsboard.adapter.permit import require_permit

ROOT = Path(__file__).parents[2]


def _importers(name: str) -> Iterator[str]:
    """Yield the modules of the program that name *name* of the permit's module."""
    for folder in ("tui", "adapters"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                named = [getattr(alias, "name", alias) for alias in getattr(node, "names", ())]
                named += [getattr(node, "attr", ""), getattr(node, "id", "")]
                if name in named:
                    yield file.relative_to(ROOT).as_posix()


def test_the_guard_alone_issues() -> None:
    own = {"tui/opsboard/adapter/permit.py"}
    assert set(_importers("issue_permit")) - own == {"tui/opsboard/acting/guard.py"}
    assert set(_importers("_ISSUER")) == {"tui/opsboard/adapter/permit.py"}


def test_a_permit_cannot_be_made_up() -> None:
    with pytest.raises(NotPermitted):
        Permit("digest", object(), lambda: False)
    with pytest.raises(NotPermitted, match="no plan permits it"):
        require_permit(None, "PATCH /x")
