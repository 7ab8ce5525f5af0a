"""No adapter can be made to change anything except through the guard.

Every action of every adapter that is installed is walked, on a demo world whose server notes
what it is asked: read-only, with a permit for something else, and with one that is used up.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from opsboard.acting.actor import current_actor
from opsboard.acting.audit.log import AuditLog
from opsboard.acting.coordinator import ActionCoordinator
from opsboard.acting.decision import Consent
from opsboard.acting.guard import Refused
from opsboard.adapter import ActionSpec, NotPermitted, Plan, Request, Source, SourceError
from opsboard.adapter.permit import issue_permit
from opsboard.board.state import Board
from opsboard.collect.context import SystemClock
from opsboard.collect.engine import Engine
from opsboard.collect.redact import Redactor
from opsboard.commands.collect_once import collect_once
from opsboard.config import registry
from opsboard.config.load import load_config
from opsboard.config.paths import current_environ
from opsboard.config.settings import Settings
from opsboard.demo.folder import write_config
from opsboard.demo.options import DemoOptions
from opsboard.demo.serve import create_demo
from opsboard.demo.server import serve_in_thread
from opsboard.records import Kind, Record
from opsboard.testing import ClosedPermit, FakeContext
from opsboard.testing.acting import fitting
from tests.acting.asked import only_reads, read_whole
from tests.patience import PATIENCE

AT: Final = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TRIED: Final = 60
"""Records of a kind that an action is tried on, until one of them can be planned."""


SHOWS_ONLY = {"registry", "terraform"}
"""Adapters of what nothing is done to: builds push images, and a pipeline applies what is coded."""


@dataclass
class Asked:
    """What a server was asked that is not plainly reading."""

    requests: list[str] = field(default_factory=list)

    def noting(self, app: ASGIApp) -> ASGIApp:
        async def noted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["method"] != "GET":
                body, receive = await read_whole(scope, receive)
                if not only_reads(scope, body):
                    self.requests.append(f"{scope['method']} {scope['path']}")
            await app(scope, receive, send)

        return noted


@dataclass
class Walked:
    """A board of the whole demo world, and what acts on it."""

    engine: Engine
    board: Board
    asked: Asked
    config: Path

    def operations(self, folder: Path, *, read_only: bool) -> ActionCoordinator:
        trail = AuditLog(folder, current_actor({}), SystemClock())
        return ActionCoordinator(
            self.engine, trail, SystemClock(), Redactor(), Settings(), read_only=read_only
        )

    def records(self, offer: ActionSpec, source: str) -> Iterator[Record]:
        for kind in offer.kinds:
            of_kind = [r for r in self.board.records(kind).values() if r.source == source]
            yield from sorted(of_kind, key=_liveliest)[:TRIED]


def _liveliest(record: Record) -> tuple[int, str]:
    return ({"warning": 0, "running": 1, "failed": 2}.get(record.status.value, 3), record.id)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    folder = tmp_path_factory.mktemp("walked")
    asked = Asked()
    world, app = create_demo(DemoOptions(at=AT))
    with serve_in_thread(asked.noting(app)) as url:  # type: ignore[arg-type]
        config = write_config(folder, url, world)
        engine, board = Engine(load_config(config).sources, host_environ=current_environ()), Board()
        try:
            collect_once(engine, board, PATIENCE)
            yield Walked(engine, board, asked, config)
        finally:
            engine.stop()


def _offers(walked: Walked) -> Iterator[tuple[str, ActionSpec]]:
    for source in load_config(walked.config).sources:
        for offer in source.adapter.actions:
            yield source.name, offer


async def _plan(operations: ActionCoordinator, offer: ActionSpec, record: Record) -> Plan | None:
    """Return a plan of *offer* for *record*, its form filled in by whatever fits."""
    try:
        asked = Request(action=offer.id, ref=record.ref)
        form = await operations.form(asked)
        values = fitting(form)
        return await operations.plan(asked.model_copy(update={"values": values}))
    except SourceError:
        return None


async def _first_plan(
    walked: Walked, operations: ActionCoordinator, offer: ActionSpec, source: str
) -> Plan:
    for record in walked.records(offer, source):
        if (plan := await _plan(operations, offer, record)) is not None:
            return plan
    raise AssertionError(f"{source} plans {offer.id} for nothing in the demo world")


async def test_read_only_walks_past_everything(walked: Walked, tmp_path: Path) -> None:
    operations = walked.operations(tmp_path, read_only=True)
    consent = Consent(confirmed=True, typed="", reason="because")
    tried = set()
    for source, offer in _offers(walked):
        for record in walked.records(offer, source):
            (why,) = [
                o.disabled_reason
                for o in operations.available_actions(record)
                if o.action.id == offer.id
            ]
            assert "read-only" in why
        plan = await _first_plan(walked, operations, offer, source)
        with pytest.raises(Refused, match="read-only"):
            await operations.start([plan], consent)
        tried.add((source, offer.id))
    assert tried == {(source, offer.id) for source, offer in _offers(walked)}
    assert walked.asked.requests == []
    assert not (tmp_path / "audit.jsonl").exists()


async def test_a_permit_for_another_plan_opens_nothing(walked: Walked, tmp_path: Path) -> None:
    operations = walked.operations(tmp_path, read_only=True)
    for name, offer in _offers(walked):
        plan = await _first_plan(walked, operations, offer, name)
        other = issue_permit(plan.model_copy(update={"target": "another"}))
        spent = issue_permit(plan)
        with spent.used_for(plan):
            pass
        async with _source(walked, plan.by) as source:
            for permit in (other, spent):
                with pytest.raises(NotPermitted):
                    await source.execute(plan, permit)
            with pytest.raises(NotPermitted):
                await source.execute(plan, ClosedPermit())
    assert walked.asked.requests == []


@asynccontextmanager
async def _source(walked: Walked, name: str) -> AsyncIterator[Source]:
    (resolved,) = [one for one in load_config(walked.config).sources if one.name == name]
    async with resolved.adapter.connect(resolved.settings, FakeContext(name)) as source:
        yield source


def test_every_built_in_adapter_offers_something() -> None:
    adapters, _ = registry.load_all_adapters()
    for adapter in adapters.values():
        if adapter.__module__.startswith("opsboard_adapters.") and adapter.kinds:
            if adapter.name in SHOWS_ONLY:
                continue
            assert adapter.actions, f"{adapter.name} offers nothing"
            assert len({offer.id for offer in adapter.actions}) == len(adapter.actions)
            known = adapter.kind_names() | adapter.log_kinds | {Kind.MODEL, Kind.LISTED}
            assert all(offer.kinds <= known for offer in adapter.actions)
