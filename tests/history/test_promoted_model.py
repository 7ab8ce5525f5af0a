"""From the engine to the page: a promotion on the demo's server is in the ledger, and shown."""

import asyncio
import threading
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opsboard.acting.decision import Consent
from opsboard.adapter import Detail, Request
from opsboard.board.state import Board
from opsboard.collect.context import SystemClock
from opsboard.collect.history_service import HistoryService
from opsboard.collect.session import Session, open_session
from opsboard.commands.action_setup import make_coordinator
from opsboard.commands.collect_once import collect_once
from opsboard.commands.setup import LoadedConfig, read_config, sources_to_ask
from opsboard.config.paths import Paths, current_environ
from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from opsboard.environments.rules import EnvironmentRules
from opsboard.history.retention import retention_of
from opsboard.records import Kind, Model, Ref
from opsboard.ui.screens.model import ModelScreen
from tests.acting.lever import checked
from tests.demo_sources import with_sources
from tests.patience import PATIENCE
from tests.ui.app_harness import AppHarness

NAME = "fraud-detector"


@contextmanager
def recording(setup: LoadedConfig, paths: Paths) -> Iterator[Session]:
    """Hold a session of all sources of *setup* that records its history."""
    session = open_session(
        sources_to_ask(setup),
        host_environ=current_environ(),
        paths=paths,
        workspace="here",
        environments=EnvironmentRules(setup.config.settings.environments),
        cached=False,
        retention=lambda: retention_of(setup.config.settings),
    )
    try:
        collect_once(session.feed, session.board, PATIENCE)
        yield session
    finally:
        session.close()


def served(board: Board) -> Model:
    found = [one for one in board.records(Kind.MODEL).values() if one.name == NAME]
    assert isinstance(found[0], Model)
    return found[0]


def applied_until(session: Session, true: Callable[[], bool]) -> None:
    """Apply what arrives until *true* is."""
    arrived = threading.Event()
    session.feed.on_wake(arrived.set)
    deadline = datetime.now(UTC) + timedelta(seconds=PATIENCE)
    while not true():
        assert datetime.now(UTC) < deadline, "it never became true"
        arrived.wait(0.05)
        arrived.clear()
        session.board.apply(session.feed.drain())


def is_recorded(session: Session, ref: Ref) -> bool:
    """Tell whether the ledger has something of *ref*."""
    if session.history is None or ref.source not in session.history.source_ids():
        return False
    with closing(session.history.reader()) as reader:
        ever = datetime.fromtimestamp(0, UTC), datetime.now(UTC)
        return any(reader.transitions(*ever, refs=[ref], baselines=True))


def promoted(config: Path, paths: Paths) -> tuple[Board, str, Model, Detail]:
    """Promote the newest version; return the board, what served before, the model and its page."""
    setup = read_config(Namespace(config=config, read_only=False))
    with recording(setup, paths) as session:
        before = served(session.board)
        applied_until(session, lambda: is_recorded(session, before.ref))
        coordinator = make_coordinator(session, paths, setup.config.settings, read_only=False)

        async def promote() -> None:
            request = Request(action="promote", ref=before.ref)
            plan = await checked(coordinator, await coordinator.plan(request))
            assert plan.destination == (before.latest,)
            consent = Consent(confirmed=True, typed=NAME, reason="better by every metric")
            await coordinator.start([plan], consent)

        asyncio.run(promote())
        applied_until(session, lambda: served(session.board).serving == before.latest)
        detail = asyncio.run(session.feed.detail(before.ref))
        return session.board, before.serving, served(session.board), detail


async def test_the_page_of_a_promoted_model_tells_since_when_it_serves(tmp_path: Path) -> None:
    paths = Paths(*(tmp_path / name for name in ("config", "state", "cache")))
    with running_demo(DemoOptions(at=datetime.now(UTC))) as config:
        with_sources(config, "mlflow")
        board, old, model, detail = await asyncio.to_thread(promoted, config, paths)
    history = HistoryService(board, paths.state, SystemClock())
    app = AppHarness(lambda context: ModelScreen(context, model.ref), board=board, history=history)
    app.feed.detail_of[model.ref] = detail
    async with app.showing("Aliases over time", (120, 60)) as pilot:
        await app.sees(pilot, f"v{old}")
        shown = [line.split() for line in (await app.at_rest(pilot)).splitlines()]
        lines = {one[1]: " ".join(one) for one in shown if one[:1] == ["champion"]}
        now, was = lines[f"v{model.serving}"], lines[f"v{old}"]
        assert now.split()[-2] == "now"
        assert "or before" not in now, "the recorder has seen it move"
        assert "or before" in was
