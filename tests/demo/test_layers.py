"""The demo's modules import each other in one direction: no circle, and no server in its world."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import opsboard.demo

ROOT = Path(opsboard.demo.__file__).parent
PACKAGE = "opsboard.demo"


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join((PACKAGE, *parts)).removesuffix(".__init__")


SOURCES = {_module(path): path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py")}


def _imported(source: str, modules: frozenset[str]) -> Iterator[str]:
    """Yield those of *modules* that *source* imports, also within functions and for types only."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                if whole in modules or node.module in modules:
                    yield whole if whole in modules else node.module


def _graph(sources: Mapping[str, str]) -> dict[str, set[str]]:
    return {name: set(_imported(text, frozenset(sources))) for name, text in sources.items()}


def test_there_is_no_circle_of_imports() -> None:
    order = list(TopologicalSorter(_graph(SOURCES)).static_order())
    assert set(order) == set(SOURCES)


def test_a_circle_would_be_found_even_one_for_types_only() -> None:
    back = "if TYPE_CHECKING:\n    from opsboard.demo.world.delivery import DeliveryController\n"
    world = f"{PACKAGE}.world.world"
    with pytest.raises(CycleError):
        TopologicalSorter(_graph({**SOURCES, world: SOURCES[world] + back})).prepare()


def test_the_world_imports_no_server() -> None:
    allowed = (f"{PACKAGE}.world", f"{PACKAGE}.options")
    for name, imported in _graph(SOURCES).items():
        if name.startswith(f"{PACKAGE}.world"):
            assert [one for one in imported if not one.startswith(allowed)] == []
