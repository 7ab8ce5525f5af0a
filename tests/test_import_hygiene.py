"""What may be imported when: start-up time is a feature."""

import subprocess
import sys
from pathlib import Path

import pytest

from opsboard.board.cache import BoardCache, CachedScope, workspace_of
from opsboard.board.events import SourceInfo
from opsboard.config.paths import current_environ, digest, user_paths
from opsboard.config.settings import UiSettings
from opsboard.records import Kind
from opsboard.startup.login_fingerprint import fingerprint_logins
from opsboard.startup.snapshot import StartupSettings, StartupSnapshot
from tests.board import NOW, builds

HEAVY = frozenset(
    {"textual", "pandas", "numpy", "httpx", "yaml", "plotext", "starlette", "uvicorn"}
)
AFTER_THE_FRAME = (HEAVY - {"textual"}) | {"pydantic", "email", "tomlkit", "opsboard_adapters"}
"""What the first frame does without, where the last session can be believed."""

PROBE = """
import sys
from opsboard.commands import launch
def probe(feed, board, *_, **__):
    import opsboard.ui.app, opsboard.ui.screens.board
    sys.stdout.write(" ".join({name.split(".")[0] for name in sys.modules}))
    sys.stdout.write(f" records={sum(len(board.records(kind)) for kind in board._tables)}")
    return 0
launch.start = probe
from opsboard.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


def _run(code: str, *words: str) -> frozenset[str]:
    """Return the words that *code* prints in a fresh interpreter."""
    result = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return frozenset(result.stdout.split())


def _imported_by(statement: str) -> frozenset[str]:
    """Return the top-level modules that *statement* imports in a fresh interpreter."""
    return _run(f"import sys\n{statement}\nprint(*{{name.split('.')[0] for name in sys.modules}})")


@pytest.mark.parametrize(
    "module",
    [
        "opsboard.adapter",
        "opsboard.records",
        "opsboard.cli",
        "opsboard.config.load",
        "opsboard.board.state",
        "opsboard.board.cache",
        "opsboard.collect.engine",
        "opsboard.startup.first_frame",
        "opsboard.views.panes",
        "opsboard_adapters.github",
        "opsboard_adapters.kubernetes",
        "opsboard_adapters.mlflow",
        "opsboard_adapters.registry",
    ],
)
def test_light_modules_import_nothing_heavy(module: str) -> None:
    assert not _imported_by(f"import {module}") & HEAVY


def test_the_contract_and_the_records_need_no_pydantic() -> None:
    assert "pydantic" not in _imported_by("import opsboard.adapter, opsboard.records.codec")
    assert "pydantic" in _imported_by("from opsboard.adapter import SourceSettings")


def _believable(config: Path) -> None:
    """Leave behind what a session with *config* would."""
    config.write_text("# no matter what\n")
    around = current_environ()
    cache = BoardCache(user_paths().cache)
    told = StartupSettings(digest(config.read_text()), UiSettings(), {}, read_only=False)
    _, fingerprint = fingerprint_logins([], around)
    assert fingerprint is not None
    snapshot = StartupSnapshot(told, fingerprint).to_json()
    cache.save_sources(
        workspace_of(config, around.cwd), {"ci": SourceInfo("CI", "key")}, NOW, snapshot
    )
    cache.save([CachedScope("key", "web", Kind.BUILD, NOW, builds(3))])
    cache.close()


def test_the_first_frame_waits_for_nothing_that_it_does_not_show(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    _believable(config)
    printed = _run(PROBE, "--config", str(config))
    assert "records=3" in printed, "or else it was not the way that this is about"
    assert not printed & AFTER_THE_FRAME


def test_the_probe_sees_what_is_imported() -> None:
    assert "httpx" in _imported_by("import httpx")
