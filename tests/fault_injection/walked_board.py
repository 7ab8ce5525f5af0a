"""A board with its engine on a clock that is moved by hand, as a random walk needs them."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.log import AuditLog
from opsboard.acting.coordinator import ActionCoordinator
from opsboard.adapter import Condition, HostEnviron
from opsboard.board.state import Board, SourceState
from opsboard.collect.engine import Engine
from opsboard.collect.redact import Redactor
from opsboard.config.load import load_config
from opsboard.config.settings import Settings as Config
from opsboard.kinds.registry import KINDS
from opsboard.records import Kind, Ref
from opsboard.testing.fakes import EPOCH
from tests.fault_injection.stage import ALL_SOURCES, Settings

TIMEOUT: Final = 1
"""Seconds of silence after which a server is given up: short, so that stalls end soon."""

TICK: Final = 0.05
"""Seconds of real time between two moves of the clock while an answer is waited for."""


class SteppedClock:
    """Time that passes only when it is told to, in the loop of an engine."""

    def __init__(self) -> None:
        self._now = EPOCH
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper = (self._now + timedelta(seconds=seconds), asyncio.Event())
        self._sleepers.append(sleeper)
        try:
            await sleeper[1].wait()
        finally:
            self._sleepers.remove(sleeper)

    async def advance(self, seconds: float) -> None:
        """Let *seconds* pass, and give who wakes a few turns. To be awaited in the loop."""
        self._now += timedelta(seconds=seconds)
        for due, woken in self._sleepers:
            if due <= self._now:
                woken.set()
        for _ in range(20):
            await asyncio.sleep(0)


class ErrorCatcher(logging.Handler):
    """Keeps what is logged as an error of the program: nothing a server does may be one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.caught: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def install(self) -> None:
        logging.getLogger("opsboard").addHandler(self)
        logging.getLogger("opsboard_adapters").addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        first, *rest = self.format(record).splitlines()
        self.caught.append("\n".join((first, *rest[-30:])))


@dataclass
class LoopMeter:
    """The longest that one callback kept an engine's loop to itself, in processor time."""

    longest: float = 0.0
    what: str = ""
    _run: Any = field(default=asyncio.events.Handle._run)

    def install(self) -> None:
        run, meter = self._run, self

        def measured(handle: asyncio.Handle) -> None:
            began = time.thread_time()
            run(handle)
            took = time.thread_time() - began
            if took > meter.longest and threading.current_thread().name == "opsboard-engine":
                meter.longest, meter.what = took, repr(handle)[:300]

        asyncio.events.Handle._run = measured  # type: ignore[method-assign, assignment]


class WalkedBoard:
    """A board that collects from *url* with *token*, and can act there."""

    def __init__(self, url: str, folder: Path, token: str = "") -> None:
        folder.mkdir()
        self.folder = folder
        self.clock = SteppedClock()
        self.redactor = Redactor()
        config = load_config(_settings(url, token).write(folder))
        self.engine = Engine(
            config.sources,
            host_environ=HostEnviron(env={}, home=folder, cwd=folder),
            clock=self.clock,
            redactor=self.redactor,
        )
        self.board = Board()
        self._runner = asyncio.Runner()
        self._pool = ThreadPoolExecutor(1)
        self.trail = AuditLog(folder / "state", current_actor({}), self.clock)
        self.operations = ActionCoordinator(
            self.engine, self.trail, self.clock, self.redactor, Config()
        )

    # --- time ------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass for the engine, and take in what arrived."""
        self.across(self.clock.advance(seconds))

    def across(self, work: Any) -> Any:
        """Return what *work* comes to in the engine's loop, and take in what arrived meanwhile."""
        result = self._runner.run(self.engine.run_in_engine(work))
        self.take_in()
        return result

    def within(self, work: Any, seconds: float, tick: Callable[[], None]) -> Any:
        """Return what *work* comes to, within *seconds* of real time.

        What is waited for may wait for the clock: *tick* moves it, again and again. Raises
        :exc:`TimeoutError`.
        """
        end = time.monotonic() + seconds
        asked = self._pool.submit(_result, work)
        while not wait([asked], TICK).done:
            if time.monotonic() > end:
                raise TimeoutError
            tick()
        return asked.result()

    def take_in(self) -> None:
        self.board.apply(self.engine.drain())

    def refresh(self) -> None:
        """Ask all sources now."""
        self.engine.refresh()
        self.advance(0)

    def stop(self) -> None:
        self.engine.stop()
        self._runner.close()
        self._pool.shutdown(wait=False, cancel_futures=True)

    # --- what it shows ---------------------------------------------------------------------------

    def records(self, *without: Kind) -> dict[Ref, Any]:
        """Return all records, but for those of some kinds."""
        return {
            ref: record
            for kind in [one.name for one in KINDS]
            if kind not in without
            for ref, record in self.board.records(kind).items()
        }

    def troubles(self) -> dict[str, str]:
        """Return what is wrong, by source or scope."""
        found = {name: "not known yet" for name in ALL_SOURCES if self.board.source(name) is None}
        for source in self.board.sources():
            if source.own_health.condition is not Condition.LIVE:
                found[source.name] = _said(source.own_health)
            for name, scope in source.scopes.items():
                if scope.health.condition is not Condition.LIVE:
                    found[f"{source.name}: {name}"] = _said(scope.health)
        return found

    def source(self, name: str) -> SourceState:
        found = self.board.source(name)
        assert found is not None
        return found

    def texts(self) -> Iterator[str]:
        """Yield all that anybody may read of it: records, healths, files."""
        for source in self.board.sources():
            yield repr(source)
        for record in self.records().values():
            yield repr(record)
        for file in (self.folder / "state").rglob("*"):
            if file.is_file():
                yield file.read_text("utf-8", "replace")


def _result(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def _said(health: Any) -> str:
    return f"{health.condition}: {health.message} ({health.hint})"


def _settings(url: str, token: str) -> Settings:
    settings = Settings.all_at(url)
    settings.registry = True
    if not token:
        settings.keys = {
            source: {"timeout": TIMEOUT, "answer_timeout": 3 * TIMEOUT} for source in ALL_SOURCES
        }
    else:
        settings.tokens, settings.acting_as = dict.fromkeys(ALL_SOURCES, token), token
    return settings


@contextmanager
def walked_board(url: str, folder: Path, token: str = "") -> Iterator[WalkedBoard]:
    """Yield a board that has begun to collect."""
    board = WalkedBoard(url, folder, token)
    board.engine.start()
    try:
        yield board
    finally:
        board.stop()


def wait_until(true: Callable[[], bool], patience: float, pause: float = 0.005) -> bool:
    """Return whether it was *true* within *patience* seconds of real time."""
    end = time.monotonic() + patience
    while not true():
        if time.monotonic() > end:
            return False
        threading.Event().wait(pause)
    return True
