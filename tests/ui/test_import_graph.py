"""The modules of the user interface import each other without a circle."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

TUI = Path(__file__).parents[2] / "tui"
UI = TUI / "opsboard" / "ui"
LOOSE = {
    "__init__.py", "app.py", "app_actions.py", "arrivals.py", "board_updater.py",
    "config_actions.py", "config_port.py", "context.py", "forwards.py", "history_actions.py",
    "listing_commands.py", "messages.py", "navigator.py", "scope_actions.py", "start.py",
    "view_actions.py", "worker_errors.py", "workers.py",
}  # fmt: skip
"""What is of the app as a whole, and of no folder."""


def _modules() -> Mapping[str, Path]:
    return {
        ".".join(file.relative_to(TUI).with_suffix("").parts).removesuffix(".__init__"): file
        for file in UI.rglob("*.py")
    }


def _imported(file: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    """Yield the modules that *file* imports anywhere: within functions and for types, too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield from (name for name in (full, node.module) if name in modules)


def test_there_is_no_circle() -> None:
    modules = _modules()
    packages = {name for name, file in modules.items() if file.name == "__init__.py"}
    graph = {
        name: set(_imported(file, modules)) - packages - {name} for name, file in modules.items()
    }
    assert len(graph) > 60
    assert sum(map(len, graph.values())) > 200
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from error


def test_the_folders_hold_all_but_what_is_of_the_app_as_a_whole() -> None:
    assert {file.name for file in UI.glob("*.py")} <= LOOSE
    folders = {"actions", "render", "screens", "terminal", "theme", "widgets"}
    assert {file.parent.name for file in UI.glob("*/__init__.py")} == folders


def test_no_screen_or_widget_looks_for_the_app() -> None:
    """What a node needs is in its context, and what it asks for is a message."""
    found = [
        file.relative_to(UI)
        for folder in ("screens", "widgets", "actions", "render")
        for file in (UI / folder).glob("*.py")
        if "OpsboardApp" in file.read_text(encoding="utf-8") or "host_of" in file.read_text()
    ]
    assert found == []
