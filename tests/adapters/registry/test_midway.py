"""A real registry that stops answering midway: what is known stays, why is told, all comes back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from opsboard.adapter import Condition, Health, HostEnviron, Unauthenticated
from opsboard.collect.session import open_session
from opsboard.config.paths import Paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.demo.world.seed_data import create_world
from opsboard.records import Image, Kind, Record
from opsboard.testing import FakeClock, FakeContext, recording
from opsboard_adapters.registry import Registry, RegistrySettings
from opsboard_adapters.registry.source import connect
from tests.adapters.registry import servers
from tests.adapters.registry.gate import gate_before, too_many
from tests.adapters.registry.scripted import Looked
from tests.collect.test_engine import poll

pytestmark = servers.needs_registry
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
REPOSITORIES = ("payments/ledger", "shop/cart", "shop/price-import")


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve three repositories by Debian's docker-registry."""
    with servers.running(tmp_path_factory.mktemp("registry")) as url:
        servers.push_all(url, create_world(7, AT)[0], REPOSITORIES, 2)
        yield url


def _settings(url: str) -> RegistrySettings:
    return RegistrySettings.model_validate(
        {"url": url, "repositories": REPOSITORIES, "max_parallel": 1,
         "username": "amara", "password": "correct-horse-battery"}
    )  # fmt: skip


def _names(records: "list[Record]") -> set[str]:
    return {one.name.partition(":")[0] for one in records if isinstance(one, Image)}


async def test_a_token_that_ends_midway_is_replaced_and_nothing_is_lost(
    registry: str, tmp_path: Path
) -> None:
    with gate_before(registry) as (gate, url):
        gate.tokens = True
        clock = FakeClock()
        context = FakeContext(home=tmp_path, clock=clock)
        async with connect(_settings(url), context) as source, recording(source) as recorder:
            looks = Looked(source, context, recorder)
            await looks.settle()
            before, given = dict(looks.images), gate.given
            assert _names(list(recorder.records.values())) == set(REPOSITORIES)
            clock.advance(60)
            gate.uses = 2
            await looks.again()
            assert gate.given > given
            assert recorder.error is None
            assert looks.images == before


async def test_a_login_that_is_locked_midway_is_told_and_what_is_known_stays(
    registry: str, tmp_path: Path
) -> None:
    with gate_before(registry) as (gate, url):
        gate.tokens = True
        clock = FakeClock()
        context = FakeContext(home=tmp_path, clock=clock)
        async with connect(_settings(url), context) as source:
            async with recording(source) as recorder:
                looks = Looked(source, context, recorder)
                await looks.settle()
                known = dict(looks.images)
                clock.advance(60)
                gate.uses, gate.gives_tokens = 2, False
                await looks.again()
                assert isinstance(recorder.error, Unauthenticated)
                assert "refuses the login" in recorder.error.message
                assert looks.images == known, "nothing of it is said to be gone"
            gate.uses, gate.gives_tokens = 1_000_000, True
            clock.advance(60)
            async with recording(source) as recorder:
                looks = Looked(source, context, recorder)
                await looks.settle(len(context.pauses) + 1)
                assert looks.images == known


@pytest.mark.parametrize("part", ["tags/list", "manifests"])
def test_too_many_requests_midway_leave_what_is_known_and_end(
    part: str, registry: str, tmp_path: Path
) -> None:
    with gate_before(registry) as (gate, url):
        closed = [part]

        def refuse(request: Request) -> Response | None:
            midway = closed and f"shop/cart/{closed[0]}" in request.url.path
            return too_many(1) if midway else None

        gate.answer = refuse
        source = ResolvedSource("images", Registry, _settings(url))
        paths = Paths(tmp_path, tmp_path, tmp_path)
        around = HostEnviron(env={}, home=tmp_path, cwd=tmp_path)
        session = open_session([source], host_environ=around, paths=paths, workspace="here")
        board = session.board

        def images() -> set[str]:
            return _names(list(board.records(Kind.IMAGE).values()))

        def health() -> Health:
            return next(
                (one.worst_health for one in board.sources()), Health(condition=Condition.STARTING)
            )

        session.feed.start()
        try:
            poll(session.feed, board, lambda: health().condition is Condition.THROTTLED)
            assert "429" in health().message or "too many" in health().message
            assert health().until is not None
            assert images() == {"payments/ledger"}, "what was read before is shown"
            closed.clear()
            poll(session.feed, board, lambda: images() == set(REPOSITORIES))
            poll(session.feed, board, lambda: board.sources()[0].is_complete)
        finally:
            session.close()
