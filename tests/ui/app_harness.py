"""A small stage for the frame and its screens: a feed that says what it is told to say."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta

from rich.console import RenderableType
from textual.pilot import Pilot
from textual.screen import Screen

from opsboard.acting.service import ActionService
from opsboard.adapter import (
    Comparand,
    Description,
    Detail,
    ListingCatalog,
    ListingQuery,
    ListingUpdate,
    LogLine,
    LogPart,
    LogQuery,
    NotFound,
    ObjectTree,
    Series,
    SourceError,
    Unsupported,
)
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board
from opsboard.config.settings import UiSettings
from opsboard.delivery.port import LedgerPort
from opsboard.demo.detection import NOTICE
from opsboard.records import JSON, Kind, Ref
from opsboard.ui.app import OpsboardApp
from opsboard.ui.config_port import ConfigPort
from opsboard.ui.navigator import HomeScreen
from opsboard.ui.widgets.preview import Preview
from tests.patience import PATIENCE
from tests.ui.sample_board import ALERTS, BUILD, DETAIL, JOB, NOW, RAW, log_lines, stage_board

__all__ = [
    "ALERTS", "BUILD", "DETAIL", "JOB", "NOW", "RAW", "AppHarness", "FakeFeed", "Stopped",
    "log_lines", "screen_text", "stage_board", "until",
]  # fmt: skip


LOOKS = 5
"""Looks in which a screen has stayed the same, by which it is at rest."""


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
        self.parts: list[LogPart] = []
        self.logged = {Kind.BUILD_JOB}
        self.log_refs: list[Ref] = []
        self.queries: list[LogQuery] = []
        self.descriptions: dict[Ref, Description] = {}
        self.trees: dict[Ref, ObjectTree] = {}
        self.sides: dict[Ref, Comparand | SourceError] = {}
        self.compared: list[Ref] = []
        self.series: dict[Ref, Sequence[Series]] = {}
        self.catalogs: dict[str, ListingCatalog] = {}
        self.updates: dict[tuple[str, str], Sequence[ListingUpdate | SourceError]] = {}
        self.coming: asyncio.Queue[ListingUpdate] = asyncio.Queue()
        self.listed: list[tuple[str, str, ListingQuery]] = []
        self.closed: list[tuple[str, str]] = []
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
        return ref.kind in self.logged

    async def detail(self, ref: Ref) -> Detail:
        self.asked.append(ref)
        if self.error is not None:
            raise self.error
        if ref not in self.detail_of:
            raise NotFound(f"{ref.kind} {ref.id} is gone", "go back")
        return self.detail_of[ref]

    async def describe(self, ref: Ref) -> Description:
        if ref not in self.descriptions:
            raise Unsupported("kubectl is not on PATH")
        return self.descriptions[ref]

    async def tree(self, ref: Ref) -> ObjectTree:
        if ref not in self.trees:
            raise Unsupported(f"{ref.kind} has no owners")
        return self.trees[ref]

    async def raw(self, ref: Ref) -> JSON:
        if self.error is not None:
            raise self.error
        return RAW

    async def comparand(self, ref: Ref) -> Comparand:
        self.compared.append(ref)
        found = self.sides.get(ref, NotFound(f"{ref.kind} {ref.id} is gone", "go back"))
        if isinstance(found, SourceError):
            raise found
        return found

    async def metric_series(self, ref: Ref, metrics: Sequence[str]) -> Sequence[Series]:
        return [one for one in self.series.get(ref, ()) if one.title in metrics]

    async def listing_types(self) -> Mapping[str, ListingCatalog]:
        return self.catalogs

    async def listing(
        self, source: str, name: str, query: ListingQuery
    ) -> AsyncGenerator[ListingUpdate, None]:
        self.listed.append((source, name, query))
        for update in self.updates.get((source, name), ()):
            if isinstance(update, SourceError):
                raise update
            yield update
        try:
            while True:
                yield await self.coming.get()
        finally:
            self.closed.append((source, name))

    async def log_parts(self, ref: Ref) -> Sequence[LogPart]:
        return self.parts

    async def logs(self, ref: Ref, query: LogQuery) -> AsyncGenerator[LogLine, None]:
        self.queries.append(query)
        self.log_refs.append(ref)
        for line in self.lines[-query.tail :]:
            if query.wants(line.group, line.part, line.at):
                yield line
        while query.follow and not self.ends:
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
        history: LedgerPort | None = None,
        config: ConfigPort | None = None,
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
            config=config,
            demo=NOTICE if demo else "",
            env=env or {"TERM": "xterm-256color"},
            home=home,
        )
        self._count_paints()

    def _count_paints(self) -> None:
        """Count how often something is painted, in :attr:`_painted`."""
        self._painted, display = 0, self.app._display

        def counted(screen: Screen[object], renderable: RenderableType | None) -> None:
            self._painted += 1
            display(screen, renderable)

        self.app._display = counted  # type: ignore[method-assign]

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

    async def at_rest(self, pilot: Pilot[int]) -> str:
        """Return what is on the screen, once it has stayed the same for some looks.

        What is compared as a whole, or searched for more than was waited for, is read by this: a
        frame may have some of it only. Before the last look, all that widgets were told is done.
        Previews have said by then what they had to ask, and the palette lists what it found: both
        may take longer than some looks.
        """
        await self.previews_at_rest(pilot)
        await until(pilot, lambda: not getattr(self.app.screen, "is_settling", False))
        await until(pilot, lambda: not getattr(self.app.screen, "is_writing", False))
        text, painted, looks, end = self.text, self._painted, 0, time.monotonic() + PATIENCE
        while time.monotonic() < end:
            await (asyncio.sleep(0.01) if looks < LOOKS - 1 else pilot.pause(0.01))
            is_last = looks == LOOKS - 1
            if is_last or self._painted != painted:
                before, text, painted = text, self.text, self._painted
                looks = looks + 1 if text == before else 0
            else:  # to read the screen is much of the work of a test
                looks += 1
            if looks == LOOKS:
                return text
        raise AssertionError("it never came to rest")

    async def previews_at_rest(self, pilot: Pilot[int]) -> None:
        """Wait until all previews that are seen have been told what they ask."""
        seen = [
            preview
            for screen in self.app.screen_stack
            for preview in screen.query(Preview)
            if preview.is_seen
        ]
        await until(pilot, lambda: all(preview.is_at_rest for preview in seen))

    async def does(self, pilot: Pilot[int], *keys: str, then: str) -> None:
        """Press *keys*, and wait until *then* is on the screen."""
        await pilot.press(*keys)
        await self.sees(pilot, then)


async def until(pilot: Pilot[int], true: Callable[[], bool]) -> None:
    """Wait until *true* is."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it never became true"
        await pilot.pause(0.01)


def screen_text(app: OpsboardApp) -> str:
    """Return what is on the screen, as lines of text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips)
