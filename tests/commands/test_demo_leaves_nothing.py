"""The demo touches nothing of the user's: what is kept of it goes with it."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from opsboard.board.state import Board
from opsboard.cli import main
from opsboard.collect.engine import Engine
from opsboard.demo import process

CONFIG = """
[sources.github]
adapter = "github"
repositories = ["acme/web"]
api_url = "http://127.0.0.1:9"
"""


class _Served:
    def __init__(self, config: Path) -> None:
        self._config = config

    def wait_until_ready(self) -> Path:
        return self._config


def test_cache_notices_and_log_lie_in_the_demos_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, own = tmp_path / "untouched", tmp_path / "demo"
    for folder in (home, own):
        folder.mkdir()
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home))
    config = own / "opsboard.toml"
    config.write_text(CONFIG)

    def serve(_: object) -> AbstractContextManager[_Served]:
        return nullcontext(_Served(config))

    def start(feed: Engine, _board: Board, *_: object, **__: object) -> int:
        feed.stop()
        return 0

    monkeypatch.setattr(process, "DemoProcess", serve)
    monkeypatch.setattr("opsboard.commands.launch.start", start)
    assert main(["demo"]) == 0
    assert list(home.rglob("*")) == []
    assert {file.name for file in own.rglob("*.db")} == {"board-1.db", "notices-1.db"}
