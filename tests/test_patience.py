"""Nobody gives up sooner than :data:`tests.patience.PATIENCE` on what has to come."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE

TESTS = Path(__file__).parent
APART = {"fixtures", "sample_adapter"}  # made by earlier versions, and somebody else's project
FILES = sorted(file for file in TESTS.rglob("*.py") if not APART & set(file.parts))
SHORT = 60.0
"""Seconds that one who waits for a busy machine may not write."""

_BY_PLACE = {"asyncio.timeout": 0, "asyncio.wait_for": 1}
_BY_NAME = {"subprocess.run", "subprocess.check_output", "communicate"}


def _name(call: ast.Call) -> str:
    """Return what is called: ``module.name``, or the name alone of a method of something else."""
    if not isinstance(call.func, ast.Attribute):
        return ""
    of = call.func.value
    if isinstance(of, ast.Name) and of.id in {"asyncio", "subprocess"}:
        return f"{of.id}.{call.func.attr}"
    return call.func.attr


def _limits(tree: ast.AST) -> Iterator[ast.expr]:
    """Yield the limits of all waits, and what is added to the time for a deadline."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            place = _BY_PLACE.get(_name(node), 99)
            yield from node.args[place : place + 1]
            if _name(node) in {*_BY_PLACE, *_BY_NAME}:
                yield from (one.value for one in node.keywords if one.arg == "timeout")
        if isinstance(node, ast.BinOp) and isinstance(node.left, ast.Call):
            yield from [node.right] if _name(node.left) == "monotonic" else ()


def short_waits(source: str) -> list[int]:
    """Return the lines of *source* that give up within :data:`SHORT` seconds."""
    return [
        limit.lineno
        for limit in _limits(ast.parse(source))
        if isinstance(limit, ast.Constant)
        and isinstance(limit.value, int | float)
        and limit.value < SHORT
    ]


def test_a_machine_that_does_much_else_is_waited_for() -> None:
    found = [
        f"{file.relative_to(TESTS)}:{line}"
        for file in FILES
        for line in short_waits(file.read_text("utf-8"))
    ]
    assert found == [], "give it tests.patience.PATIENCE"
    assert PATIENCE >= SHORT


@pytest.mark.parametrize(
    "wait",
    [
        "asyncio.timeout(5)",
        "asyncio.wait_for(it(), 10.0)",
        "asyncio.wait_for(it(), timeout=1)",
        "subprocess.run(words, check=True, timeout=30)",
        "process.communicate(timeout=2)",
        "end = time.monotonic() + 20",
    ],
)
def test_who_gives_up_soon_is_found(wait: str) -> None:
    assert short_waits(f"\n{wait}\n") == [2]


def test_who_does_not_is_not() -> None:
    assert short_waits("asyncio.timeout(PATIENCE); run(timeout=1); f(timeout=0.1)") == []
