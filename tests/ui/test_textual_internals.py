"""The private names of Textual that opsboard depends on, and the versions that it is pinned to."""

import ast
import importlib
import pkgutil
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from textual.app import App
from textual.dom import DOMNode

import opsboard.ui
from opsboard.ui.terminal.textual_internals import ATTRIBUTES, OVERRIDES, TESTED_VERSIONS

ROOT = Path(__file__).parents[2]
UI = ROOT / "tui" / "opsboard" / "ui"
INTERNALS = UI / "terminal" / "textual_internals.py"


def test_the_installed_textual_is_one_that_was_tested() -> None:
    assert SpecifierSet(TESTED_VERSIONS).contains(version("textual"))


def test_pyproject_asks_for_the_tested_versions() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = {one.name: one.specifier for one in map(Requirement, project["dependencies"])}
    assert pins["textual"] == SpecifierSet(TESTED_VERSIONS)


@pytest.mark.parametrize("owner", OVERRIDES)
def test_what_is_overridden_exists(owner: type) -> None:
    assert [name for name in OVERRIDES[owner] if not callable(getattr(owner, name, None))] == []


@pytest.mark.parametrize("owner", ATTRIBUTES)
def test_what_is_read_exists(owner: type) -> None:
    known = _attributes_of(owner)
    assert [name for name in ATTRIBUTES[owner] if name not in known] == []


def _attributes_of(owner: type) -> frozenset[str]:
    """Return the names that *owner* and its bases define or set on ``self``."""
    names: set[str] = set()
    for base in owner.__mro__[:-1]:
        names |= set(vars(base))
        tree = ast.parse(Path(importlib.import_module(base.__module__).__file__ or "").read_text())
        names |= {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        }
    return frozenset(names)


def test_private_modules_of_textual_are_imported_in_one_place() -> None:
    found = [
        file.relative_to(UI)
        for file in UI.rglob("*.py")
        if file != INTERNALS
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and _is_private(node)
    ]
    assert found == []


def _is_private(node: ast.ImportFrom) -> bool:
    module = node.module or ""
    if not module.startswith("textual"):
        return False
    parts = [*module.split("."), *(alias.name for alias in node.names)]
    return any(part.startswith("_") for part in parts) or module.startswith("textual.drivers")


def _nodes_of_ours() -> Iterator[type[DOMNode]]:
    """Yield every app, screen and widget class of opsboard."""
    for module in pkgutil.walk_packages(opsboard.ui.__path__, "opsboard.ui."):
        for value in vars(importlib.import_module(module.name)).values():
            is_node = isinstance(value, type) and issubclass(value, DOMNode)
            if is_node and value.__module__.startswith("opsboard."):
                yield value


def test_no_private_name_of_textual_is_overridden_by_accident() -> None:
    """A ``_title`` or ``_render`` of ours would silently replace one of Textual's."""
    meant = {name for names in OVERRIDES.values() for name in names}
    textuals_own = {"_decorated_handlers", "_css_type_names", "_merged_bindings"}
    clashes = {
        (node.__qualname__, name)
        for node in _nodes_of_ours()
        for base in node.__mro__
        if base.__module__.startswith("textual")
        for name in set(vars(node)) & set(vars(base)) - meant - textuals_own
        if name.startswith("_") and not name.startswith("__")
    }
    assert {clash for clash in clashes if not _set_by_metaclass(*clash)} == set()


def _set_by_metaclass(owner: str, name: str) -> bool:
    """Return whether Textual sets *name* on every class of nodes by itself."""
    return name in vars(type("Probe", (App,), {}))
