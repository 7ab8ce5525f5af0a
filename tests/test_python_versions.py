"""What holds on every Python that is claimed."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOTS = ("tui", "adapters", "themes", "tests", "bench", "docs", "screenshots")
FILES = sorted(file for root in ROOTS for file in (ROOT / root).rglob("*.py"))
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def _module_names(tree: ast.Module) -> set[str]:
    """Return the functions and classes that the module defines, and what it imports."""
    names: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
    return names


def shadows(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each variable of a comprehension that a name of the module has too.

    Python 3.12.0 and 3.12.1 inline comprehensions (PEP 709), and may take the variable for the
    module's name in the rest of the function: ``UnboundLocalError``.
    """
    tree = ast.parse(source)
    names = _module_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, COMPREHENSIONS):
            for part in node.generators:
                for target in ast.walk(part.target):
                    if isinstance(target, ast.Name) and target.id in names:
                        yield target.lineno, target.id


def test_a_shadow_is_seen() -> None:
    source = "def version(): ...\ndef all_of(a): return {version: 1 for version in a}\n"
    assert list(shadows(source)) == [(2, "version")]


def test_no_comprehension_shadows_a_name_of_its_module() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {name}"
        for file in FILES
        for line, name in shadows(file.read_text(encoding="utf-8"))
    ]
    assert FILES
    assert not found
