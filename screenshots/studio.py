"""Shows the demo world, stopped at a fixed time, to the unmodified adapters and the board."""

import asyncio
import os
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from textual.app import App
from textual.strip import Strip

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.log import AuditLog
from opsboard.acting.coordinator import ActionCoordinator
from opsboard.adapter import HostEnviron
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.collect.engine import Engine
from opsboard.collect.redact import Redactor
from opsboard.commands.collect_once import all_answered
from opsboard.config.load import load_config
from opsboard.config.resolved_source import ResolvedSource
from opsboard.config.settings import UiSettings
from opsboard.demo.detection import NOTICE
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from opsboard.ui.app import OpsboardApp
from opsboard.ui.widgets.preview import Preview
from screenshots.scenes import SCENES, Scene

AT: Final = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
SEED: Final = 7
PATIENCE: Final = 1_500
"""Looks at the screen before a scene is given up."""
BETWEEN_LOOKS: Final = 0.05
"""Seconds between two: to look takes as long as to paint it."""
QUIET: Final = 20
"""Looks in which nothing has changed, by which it is at rest."""

_VARYING: Final = (
    (re.compile(r"127\.0\.0\.1:\d{5}"), "127.0.0.1:47000"),
    (re.compile(r"localhost:\d{5}"), "localhost:47000"),
    (re.compile(r"\d,\d{3}/5,000"), "4,950/5,000"),
    (re.compile(r"terminal-\d+"), "terminal-0"),
)
"""What differs from run to run: ports, the budget that was used up, ids."""


class StoppedClock:
    """Shows always the same time, and yet lets waiting take its time."""

    def now(self) -> datetime:
        return AT

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SharedEngine(Engine):
    """Collects once, for boards that come one after another: each is told all of it."""

    def __init__(self, sources: Sequence[ResolvedSource], home: Path, clock: StoppedClock) -> None:
        environ = HostEnviron(env={"PATH": os.defpath}, home=home, cwd=home)
        super().__init__(sources, host_environ=environ, clock=clock)
        self._collected: list[BoardEvent] = []
        self._told = 0
        self._is_started = False

    def next_board(self) -> None:
        """Tell the next board everything."""
        self._told = 0

    def start(self) -> None:
        """Start to collect, if nobody has."""
        if not self._is_started:
            self._is_started = True
            super().start()

    def drain(self) -> Sequence[BoardEvent]:
        """Return what this board has not been told yet."""
        self._collected += super().drain()
        events, self._told = self._collected[self._told :], len(self._collected)
        return events


async def shoot_all(folder: Path) -> list[Path]:
    """Write all scenes into *folder*, which exists; return the files."""
    with running_demo(DemoOptions(SEED, 0, AT)) as config, TemporaryDirectory() as home:
        told, clock = load_config(config), StoppedClock()
        engine = SharedEngine(told.sources, Path(home), clock)
        trail = AuditLog(Path(home), current_actor({}), clock)
        actions = ActionCoordinator(engine, trail, clock, Redactor(), told.settings)
        try:
            return [await _shoot(scene, engine, actions, folder) for scene in SCENES]
        finally:
            await asyncio.to_thread(engine.stop)


async def _shoot(
    scene: Scene, engine: SharedEngine, actions: ActionCoordinator, folder: Path
) -> Path:
    engine.next_board()
    board = Board()
    app = OpsboardApp(
        engine,
        board,
        UiSettings(theme=scene.theme),
        StoppedClock(),
        actions,
        env={"TERM": "xterm-256color"},
        demo=NOTICE,
    )
    async with app.run_test(size=scene.size) as pilot:
        await _until(app, lambda: all_answered(board))
        await _until_quiet(app)
        for key in scene.keys:
            await pilot.press(key)
        await _until(app, lambda: scene.shows in _screen(app))
        await _until_quiet(app)
        svg = app.export_screenshot(title="opsboard")
    path = folder / f"{scene.name}.svg"
    path.write_text(settled(svg), encoding="utf-8")
    return path


def settled(svg: str) -> str:
    """Return *svg* without what differs from run to run."""
    for pattern, steady in _VARYING:
        svg = pattern.sub(steady, svg)
    return svg


async def _until(app: App[int], true: Callable[[], bool]) -> None:
    for _ in range(PATIENCE):
        if true():
            return
        await asyncio.sleep(BETWEEN_LOOKS)
    raise TimeoutError(f"the scene never came about:\n{_screen(app)}")


async def _until_quiet(app: App[int]) -> None:
    """Wait until the screen has been the same for a second, and no preview is under way."""
    same, before = 0, list[Strip]()
    for _ in range(PATIENCE):
        now = _strips(app)
        at_rest = all(
            preview.is_at_rest for preview in app.screen.query(Preview) if preview.is_seen
        )
        same, before = (same + 1 if at_rest and now == before else 0), now
        if same >= QUIET:
            return
        await asyncio.sleep(BETWEEN_LOOKS)
    raise TimeoutError("the screen never came to rest")


def _screen(app: App[int]) -> str:
    return "\n".join(strip.text for strip in _strips(app))


def _strips(app: App[int]) -> list[Strip]:
    return app.screen._compositor.render_strips()  # noqa: SLF001 - Textual has no public way
