"""How the modules of the program may hang together."""

import ast
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = {
    "opsboard": ROOT / "tui",
    "opsboard_adapters": ROOT / "adapters",
    "opsboard_themes": ROOT / "themes",
}


def _modules() -> dict[str, Path]:
    """Return the file of each module of the program, by its dotted name."""
    return {
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): file
        for package, root in PACKAGES.items()
        for file in (root / package).rglob("*.py")
    }


def _imports(body: Iterable[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run when a module is imported: none of functions, none for types."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from _imports(node.orelse)
        elif isinstance(node, ast.If | ast.Try | ast.With | ast.ClassDef):
            yield from _imports(node.body)
            yield from _imports(getattr(node, "orelse", []))


def _imported(source: str, known: Set[str]) -> set[str]:
    """Return which of the *known* modules the text *source* of a module imports."""
    found: set[str] = set()
    for node in _imports(ast.parse(source).body):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif node.module is not None:
            named = {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            found.update(name if name in known else node.module for name in named.values())
    return found & known


def circles(imports: Mapping[str, Set[str]]) -> list[list[str]]:
    """Return the groups of modules that import each other, directly or through others."""
    reachable: dict[str, set[str]] = {}
    for start in imports:
        seen: set[str] = set()
        waiting = [*imports[start]]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += imports.get(name, ())
        reachable[start] = seen
    groups = {
        tuple(sorted(other for other in seen if start in reachable.get(other, ())))
        for start, seen in reachable.items()
        if start in seen
    }
    return sorted(map(list, groups))


def test_no_module_imports_itself_through_others() -> None:
    modules = _modules()
    assert len(modules) > 100
    imports = {
        name: _imported(file.read_text(encoding="utf-8"), modules.keys()) - {name}
        for name, file in modules.items()
    }
    assert circles(imports) == []


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def test_only_imports_that_run_count() -> None:
    source = (
        "import one\nfrom two import name\nfrom package import three\n"
        "if TYPE_CHECKING:\n    import four\n"
        "def function():\n    import five\n"
        "try:\n    import six\nexcept ImportError:\n    pass\n"
    )
    known = {"one", "two", "package", "package.three", "four", "five", "six"}
    assert _imported(source, known) == {"one", "two", "package.three", "six"}
