"""What may be imported when: start-up time is a feature."""

import subprocess
import sys

import pytest

HEAVY = frozenset(
    {"textual", "pandas", "numpy", "httpx", "yaml", "plotext", "starlette", "uvicorn"}
)


def _imported_by(statement: str) -> frozenset[str]:
    """Return the top-level modules that *statement* imports in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return frozenset(result.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "opsboard.adapter",
        "opsboard.records",
        "opsboard.cli",
        "opsboard.config.load",
        "opsboard.board.state",
        "opsboard.board.cache",
        "opsboard.views.panes",
        "opsboard_adapters.github",
        "opsboard_adapters.kubernetes",
        "opsboard_adapters.mlflow",
    ],
)
def test_light_modules_import_nothing_heavy(module: str) -> None:
    assert not _imported_by(f"import {module}") & HEAVY


def test_the_board_app_leaves_http_pandas_and_plots_for_later() -> None:
    heavy = _imported_by("import opsboard.ui.app") & HEAVY
    assert heavy <= {"textual"}


def test_the_probe_sees_what_is_imported() -> None:
    assert "httpx" in _imported_by("import httpx")
