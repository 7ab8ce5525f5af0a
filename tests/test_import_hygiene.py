"""What may be imported when: start-up time is a feature."""

import subprocess
import sys
from pathlib import Path

import pytest

from opsboard.board.cache import BoardCache, CachedScope
from opsboard.board.cache_file import workspace_of
from opsboard.board.events import SourceInfo
from opsboard.config.paths import current_environ, digest, user_paths
from opsboard.config.settings import UiSettings
from opsboard.records import Kind
from opsboard.startup.login_keys import fingerprint_logins
from opsboard.startup.snapshot import StartupSettings, StartupSnapshot
from opsboard.ui.app import SOON
from tests.board import NOW, builds
from tests.patience import PATIENCE

HEAVY = frozenset(
    {"textual", "pandas", "numpy", "httpx", "yaml", "plotext", "starlette", "uvicorn"}
)
AFTER_THE_FRAME = (HEAVY - {"textual"}) | {"pydantic", "email", "tomlkit", "opsboard_adapters"}
"""What the first frame does without, where the last session can be believed."""
OWN_AFTER_THE_FRAME = frozenset(
    {
        "opsboard.adapter.contract",
        "opsboard.adapter.details",
        "opsboard.adapter.source",
        "opsboard.collect.supervisor",
        "opsboard.commands.setup",
        "opsboard.history.ledger",
        "opsboard.history.reader",
        "opsboard.kinds.soundness",
        "opsboard.lineage.chain",
        "opsboard.ui.render.detail_rows",
        "opsboard.ui.render.preview_lines",
        "opsboard.ui.render.preview_subject",
    }
)
"""Modules of our own that it does without: they read a ledger or a source, or fill a preview."""

OWN_MODULES = 241
"""Modules of our own that are imported by the first frame of Textual's: each takes about a third of
a millisecond. Whoever needs one more makes another one wait."""

PROBE = """
import os, sys
from opsboard.commands import launch
def probe(feed, board, settings, clock, *_, **__):
    from opsboard.ui.app import OpsboardApp
    from opsboard.ui.context import FirstPaint
    def painted(self):
        known = sum(len(board.records(kind)) for kind in board._tables)
        os.write(1, f"records={known} {' '.join(sys.modules)}".encode())
        os._exit(0)
    FirstPaint.done = painted
    OpsboardApp(feed, board, settings, clock).run(headless=True, size=(120, 36))
launch.start = probe
from opsboard.cli import main
raise SystemExit(main(sys.argv[1:]))
"""
"""Prints what is imported by the time that the first frame has been painted, on a wide screen."""


def _run(code: str, *words: str) -> frozenset[str]:
    """Return the words that *code* prints in a fresh interpreter."""
    result = subprocess.run(
        [sys.executable, "-c", code, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
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
        "opsboard_adapters.terraform",
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
    assert "opsboard.ui.widgets.preview" in printed, "or else the screen was not wide"
    assert {name.split(".")[0] for name in printed} & AFTER_THE_FRAME == frozenset()
    assert not printed & OWN_AFTER_THE_FRAME
    assert not printed & frozenset(SOON)
    assert not printed & {"argparse", "secrets", "hmac", "gettext"}
    assert len({name for name in printed if name.startswith("opsboard")}) <= OWN_MODULES


BEFORE_ANYTHING = frozenset(
    {
        "opsboard",
        "opsboard.cli",
        "opsboard.startup",
        "opsboard.startup.frame_evidence",
        "opsboard.startup.frame_file",
        "opsboard.startup.frame_format",
        "opsboard.startup.instant_frame",
        "opsboard.text",
        "opsboard.text.ages",
    }
)
"""All that is imported of our own before the last frame is painted; of others, what is built in."""

BARE = """
import sys
before = set(sys.modules)
import opsboard.cli
from opsboard.startup import instant_frame
print("why:", instant_frame.why_none((), (80, 24)))
print(*(set(sys.modules) - before))
"""


def test_the_last_frame_is_painted_before_anything_is_imported() -> None:
    printed = _run(BARE)
    assert "why:" in printed
    own = {name for name in printed if name.startswith("opsboard")}
    assert own == BEFORE_ANYTHING
    heavy = {"typing", "dataclasses", "enum", "json", "pathlib", "argparse", "signal", "threading"}
    assert not printed & (heavy | AFTER_THE_FRAME | {"textual", "asyncio", "sqlite3", "hashlib"})


def test_the_probe_sees_what_is_imported() -> None:
    assert "httpx" in _imported_by("import httpx")


def test_the_board_joins_without_what_only_shows_a_chain() -> None:
    loaded = _run("import sys\nimport opsboard.board.state\nprint(*sys.modules)")
    assert "opsboard.lineage.index" in loaded
    shown_late = {"candidates", "chain", "walk", "where"}
    assert not loaded & {f"opsboard.lineage.{name}" for name in shown_late}
