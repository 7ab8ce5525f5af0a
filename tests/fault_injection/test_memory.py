"""A source that was well fails: what it showed stays, with its age, until it is well again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opsboard.adapter import Condition, HostEnviron
from opsboard.board.state import SourceState
from opsboard.collect.session import Session, open_session
from opsboard.commands.collect_once import collect_once
from opsboard.config.load import load_config
from opsboard.config.paths import Paths
from opsboard.records import Alert, Kind, Ref
from tests.fault_injection.behaviours import (
    LOGIN_PAGE,
    Behaviour,
    breaking_watches,
    hanging,
    refusing,
    telling,
)
from tests.fault_injection.conftest import check_discreet
from tests.fault_injection.stage import SOURCES, AppHarness, Settings
from tests.patience import PATIENCE

KINDS = (Kind.BUILD, Kind.DEPLOYMENT, Kind.MODEL, Kind.POD, Kind.DRIFT)


@dataclass(frozen=True, slots=True)
class Watcher:
    """A board that collects from the stage."""

    session: Session

    def source(self, name: str) -> SourceState:
        found = self.session.board.source(name)
        assert found is not None
        return found

    def is_well(self) -> bool:
        sources = self.session.board.sources()
        return all(one.health.condition is Condition.LIVE for one in sources)

    def refs(self, name: str) -> set[Ref]:
        board = self.session.board
        return {ref for kind in KINDS for ref in board.records(kind) if ref.source == name}

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Take in what arrives until it is *true*, refreshing all the time."""
        end = time.monotonic() + PATIENCE
        news = threading.Event()
        self.session.feed.on_wake(news.set)
        while not true():
            assert time.monotonic() < end, f"waited in vain for {what}"
            self.session.feed.refresh()
            news.wait(0.1)
            news.clear()
            self.session.board.apply(self.session.feed.drain())


@contextmanager
def watching(stage: AppHarness, tmp_path: Path, impatient: str = "") -> Iterator[Watcher]:
    """Yield a board that has seen everything well; it soon gives up waiting for one source."""
    settings = Settings.at(stage)
    settings.keys = {name: {"timeout": 1 if name == impatient else PATIENCE} for name in SOURCES}
    config = load_config(settings.write(tmp_path))
    session = open_session(
        config.sources,
        host_environ=HostEnviron(env={}, home=tmp_path, cwd=tmp_path),
        paths=Paths(tmp_path, tmp_path / "state", tmp_path / "cache"),
        workspace="test",
        cached=False,
    )
    try:
        collect_once(session.feed, session.board, PATIENCE)
        watcher = Watcher(session)
        # A second is little for an answer on a busy machine: what came late is asked for again.
        watcher.until(watcher.is_well, "all sources")
        yield watcher
    finally:
        session.close()
    check_discreet(*(file.read_text("utf-8") for file in tmp_path.rglob("*.log")))


BEHAVIOURS: dict[str, Behaviour] = {
    "503": refusing(503),
    "login page": telling(LOGIN_PAGE, "text/html"),
    "hanging": hanging,
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_what_was_known_stays(
    source: str, behaviour: str, stage: AppHarness, tmp_path: Path
) -> None:
    with watching(stage, tmp_path, source if behaviour == "hanging" else "") as watcher:
        _check_known_stays(stage, watcher, source, BEHAVIOURS[behaviour])


def _check_known_stays(
    stage: AppHarness, watcher: Watcher, source: str, behaviour: Behaviour
) -> None:
    known = {name: watcher.refs(name) for name in SOURCES}
    assert all(known.values())
    stage.fault_proxy.inject(SOURCES[source], behaviour)
    spoilt_at = datetime.now(UTC)
    watcher.until(
        lambda: watcher.source(source).health.condition.status.value == "failed", "the fault"
    )
    told = watcher.source(source)
    assert told.health.message
    assert told.health.hint
    assert told.fresh_at is not None
    assert told.fresh_at <= datetime.now(UTC)
    assert told.fresh_at < spoilt_at or source == "clusters", "its age is that of the last answer"
    assert not told.streaming
    assert {name: watcher.refs(name) for name in SOURCES} == known
    for other in SOURCES.keys() - {source}:
        assert watcher.source(other).health.condition is Condition.LIVE
    alerts = watcher.session.board.records(Kind.ALERT).values()
    assert any(isinstance(one, Alert) and one.source == source and one.id.startswith("source:")
               for one in alerts)  # fmt: skip
    stage.fault_proxy.clear()
    watcher.until(
        lambda: watcher.source(source).health.condition is Condition.LIVE, "the source to mend"
    )
    assert {name: watcher.refs(name) for name in SOURCES} == known


def test_watches_that_die_half_way_lose_nothing(stage: AppHarness, tmp_path: Path) -> None:
    with watching(stage, tmp_path) as watcher:
        _check_watches_lose_nothing(stage, watcher)


def _check_watches_lose_nothing(stage: AppHarness, watcher: Watcher) -> None:
    known = watcher.refs("clusters")
    stage.fault_proxy.inject(SOURCES["clusters"], breaking_watches)
    watcher.until(
        lambda: watcher.source("clusters").health.condition is not Condition.LIVE, "the fault"
    )
    assert watcher.refs("clusters") == known
    stage.fault_proxy.clear()
    watcher.until(
        lambda: watcher.source("clusters").health.condition is Condition.LIVE, "the lists"
    )
    watcher.until(lambda: watcher.source("clusters").streaming, "the watches")
    assert watcher.refs("clusters") == known
