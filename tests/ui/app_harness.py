"""A small stage for the frame and its screens: a feed that says what it is told to say."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta

from textual.pilot import Pilot

from opsboard.acting.service import ActionService
from opsboard.adapter import Detail, LogLine, NotFound, SourceError
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.config.settings import UiSettings
from opsboard.demo.detection import NOTICE
from opsboard.history.port import HistoryPort
from opsboard.records import JSON, Kind, Ref
from opsboard.ui.app import OpsboardApp
from opsboard.ui.navigator import HomeScreen
from tests.ui.sample_board import ALERTS, BUILD, DETAIL, JOB, NOW, RAW, log_lines, stage_board

__all__ = [
    "ALERTS", "BUILD", "DETAIL", "JOB", "NOW", "RAW", "AppHarness", "FakeFeed", "Stopped",
    "log_lines", "screen_text", "stage_board", "until",
]  # fmt: skip


class Stopped:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class FakeFeed:
    """Says what a test has put into its attributes."""

    def __init__(self) -> None:
        self.started = self.stopped = 0
        self.pending: list[BoardEvent] = []
        self.wake: Callable[[], None] = lambda: None
        self.refreshed: list[str | None] = []
        self.error: SourceError | Exception | None = None
        self.detail_of: dict[Ref, Detail] = {BUILD.ref: DETAIL}
        self.asked: list[Ref] = []
        self.lines = log_lines(200)
        self.ends = False
        self.more: asyncio.Queue[LogLine | SourceError] = asyncio.Queue()

    def start(self) -> None:
        self.started += 1

    def stop(self) -> None:
        self.stopped += 1

    def on_wake(self, wake: Callable[[], None]) -> None:
        self.wake = wake

    def drain(self) -> Sequence[BoardEvent]:
        pending, self.pending = self.pending, []
        return pending

    def refresh(self, source: str | None = None) -> None:
        self.refreshed.append(source)

    def has_log(self, ref: Ref) -> bool:
        return ref.kind is Kind.BUILD_JOB

    async def detail(self, ref: Ref) -> Detail:
        self.asked.append(ref)
        if self.error is not None:
            raise self.error
        if ref not in self.detail_of:
            raise NotFound(f"{ref.kind} {ref.id} is gone", "go back")
        return self.detail_of[ref]

    async def raw(self, ref: Ref) -> JSON:
        if self.error is not None:
            raise self.error
        return RAW

    async def logs(self, ref: Ref, *, follow: bool, tail: int) -> AsyncIterator[LogLine]:
        for line in self.lines[-tail:]:
            yield line
        while follow and not self.ends:
            line_or_error = await self.more.get()
            if isinstance(line_or_error, SourceError):
                raise line_or_error
            yield line_or_error


class AppHarness:
    """An app on the stage, with what it was made of."""

    def __init__(
        self,
        home: HomeScreen,
        settings: UiSettings | None = None,
        env: dict[str, str] | None = None,
        board: Board | None = None,
        acts: ActionService | None = None,
        *,
        history: HistoryPort | None = None,
        read_only: bool = False,
        demo: bool = False,
    ) -> None:
        self.home = home
        self.feed, self.clock, self.board = FakeFeed(), Stopped(), board or stage_board()
        self.app = OpsboardApp(
            self.feed,
            self.board,
            settings or UiSettings(),
            self.clock,
            acts,
            read_only=read_only,
            history=history,
            demo=NOTICE if demo else "",
            env=env or {"TERM": "xterm-256color"},
            home=home,
        )

    def run(self, size: tuple[int, int]) -> AbstractAsyncContextManager[Pilot[int]]:
        """Run the app without a terminal, with its notices."""
        return self.app.run_test(size=size, notifications=True)

    @asynccontextmanager
    async def showing(
        self, word: str, size: tuple[int, int] = (80, 24)
    ) -> AsyncGenerator[Pilot[int], None]:
        """Run the app, from when *word* is on the screen."""
        async with self.run(size) as pilot:
            await self.sees(pilot, word)
            yield pilot

    @property
    def text(self) -> str:
        """What is on the screen."""
        return screen_text(self.app)

    async def sees(self, pilot: Pilot[int], word: str) -> None:
        """Wait until *word* is on the screen."""
        await until(pilot, lambda: word in self.text)

    async def does(self, pilot: Pilot[int], *keys: str, then: str) -> None:
        """Press *keys*, and wait until *then* is on the screen."""
        await pilot.press(*keys)
        await self.sees(pilot, then)


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Wait until *true* is; fail after a bounded number of rounds."""
    for _ in range(1_500):
        if true():
            return
        await pilot.pause(0.01)
    raise AssertionError("it never became true")


def screen_text(app: OpsboardApp) -> str:
    """Return what is on the screen, as lines of text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)
