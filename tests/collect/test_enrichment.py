"""Identities in use reach the sources that know more of them, and nothing else does."""

import threading
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from types import SimpleNamespace

import pytest

from opsboard.adapter import Change, Complete, Upsert
from opsboard.board.events import BoardEvent
from opsboard.board.state import Board, BoardDelta
from opsboard.collect import enrichment
from opsboard.collect.engine import Engine
from opsboard.collect.enrichment import Enrichment
from opsboard.commands import collect_once as collect_once_module
from opsboard.commands.collect_once import ENRICHED, TOLD_AFTER, collect_once
from opsboard.records import Artifact, Kind, Status
from opsboard.records.claims import Claim, Identity, Strength, stated
from opsboard.records.identity import commit, image, image_tag
from tests.board import deployment
from tests.collect import NOWHERE, ScriptedSource, resolved, sources_of
from tests.collect.test_engine import poll
from tests.patience import PATIENCE

DIGEST = f"sha256:{'a' * 64}"
OTHER = f"sha256:{'b' * 64}"
SHA = "c" * 40


class Told:
    """Keeps what a source is told."""

    def __init__(self) -> None:
        self.calls: list[frozenset[Identity]] = []

    def __call__(self, identities: frozenset[Identity]) -> None:
        self.calls.append(identities)


def running(digest: str = DIGEST, name: str = "web", source: str = "k8s") -> Upsert:
    inputs = stated(image(digest, "pod imageID"))
    return Upsert("pods", [deployment(name, source=source, inputs=inputs)])


def built(digest: str = DIGEST, sha: str = SHA, source: str = "registry") -> Upsert:
    """An artifact that nothing says to be in use."""
    record = Artifact(
        source=source,
        id=digest,
        name="web",
        digest=digest,
        status=Status.OK,
        inputs=stated(commit("github.com/acme/web", sha, "label", Strength.LABEL)),
        outputs=stated(image(digest, "digest"), image_tag("r.example/web:1", "tag")),
    )
    return Upsert("images", [record])


def types_of(identities: frozenset[Identity]) -> list[str]:
    return sorted(one.type for one in identities)


def test_what_runs_is_told_to_others_only() -> None:
    told, own, exchange = Told(), Told(), Enrichment()
    exchange.add("github", frozenset({"image"}), told)
    exchange.add("k8s", frozenset({"image"}), own)
    assert exchange.note("k8s", running())
    exchange.deliver()
    assert told.calls == [{Identity("image", "", DIGEST)}]
    assert own.calls == []


def test_only_the_wanted_types_are_told() -> None:
    told, exchange = Told(), Enrichment()
    exchange.add("github", frozenset({"commit"}), told)
    exchange.note("k8s", running())
    exchange.deliver()
    assert told.calls == []


def test_what_runs_is_followed_one_step_to_what_it_is_made_of() -> None:
    told, exchange = Told(), Enrichment()
    exchange.add("github", frozenset({"image", "commit"}), told)
    exchange.note("registry", built())
    exchange.note("registry", built(OTHER, "d" * 40))
    exchange.note("k8s", running())
    exchange.deliver()
    assert told.calls[-1] == {
        Identity("image", "", DIGEST),
        Identity("commit", "github.com/acme/web", SHA),
    }


def test_the_order_of_the_sources_makes_no_difference() -> None:
    told, exchange = Told(), Enrichment()
    exchange.add("github", frozenset({"image", "commit"}), told)
    exchange.note("k8s", running())
    exchange.deliver()
    assert exchange.note("registry", built())
    exchange.deliver()
    assert types_of(told.calls[-1]) == ["commit", "image"]


def test_a_tag_leads_to_the_digest_that_a_registry_knows() -> None:
    told, exchange = Told(), Enrichment()
    exchange.add("github", frozenset({"image"}), told)
    inputs = stated(image_tag("r.example/web:1", "spec"))
    exchange.note("k8s", Upsert("pods", [deployment(inputs=inputs)]))
    exchange.note("registry", built())
    exchange.deliver()
    assert told.calls == [{Identity("image", "", DIGEST)}]


def test_candidates_are_not_followed() -> None:
    told, exchange = Told(), Enrichment()
    exchange.add("github", frozenset({"image"}), told)
    guess = Claim("image", "", DIGEST, "a guess", Strength.CANDIDATE)
    exchange.note("k8s", Upsert("pods", [deployment(inputs=(guess,))]))
    exchange.deliver()
    assert told.calls == []


def test_the_same_again_is_not_told_again() -> None:
    told, exchange = Told(), Enrichment()
    exchange.add("github", frozenset({"image"}), told)
    for number in range(50):
        exchange.note("k8s", running(name=f"web-{number}"))
    exchange.deliver()
    assert not exchange.note("k8s", running(name="web-51"))
    exchange.deliver()
    assert len(told.calls) == 1


def test_what_was_stated_longest_ago_goes_first() -> None:
    told, exchange = Told(), Enrichment()
    exchange.add("github", frozenset({"image"}), told)
    digests = [f"sha256:{number:064x}" for number in range(enrichment.MAX_IN_USE + 5)]
    for digest in digests:
        exchange.note("k8s", running(digest))
    exchange.deliver()
    assert {one.value for one in told.calls[-1]} == set(digests[5:])


def test_nothing_is_kept_where_nobody_wants_to_know() -> None:
    exchange = Enrichment()
    assert not exchange.note("k8s", running())


def test_a_source_is_told_by_the_engine_and_its_fault_harms_nobody() -> None:
    seen: list[frozenset[Identity]] = []

    async def states(source: ScriptedSource) -> AsyncIterator[Change]:
        yield replace(running(source="cluster"), scope="web")
        await source.context.pause(3_600)

    async def quiet(source: ScriptedSource) -> AsyncIterator[Change]:
        yield Upsert("nothing", ())
        await source.context.pause(3_600)

    cluster, host = resolved(states, "cluster"), resolved(quiet, "host")
    host.adapter.enriches = frozenset({"image"})

    def enrich(identities: frozenset[Identity]) -> None:
        seen.append(identities)
        raise ZeroDivisionError

    engine = Engine((cluster, host), host_environ=NOWHERE)
    engine.start()
    try:
        board = Board()
        poll(engine, board, lambda: sources_of(host))
        sources_of(host)[0].enrich = enrich  # type: ignore[method-assign]
        poll(engine, board, lambda: seen)
        assert seen == [{Identity("image", "", DIGEST)}]
        assert len(board.records(Kind.DEPLOYMENT)) == 1
    finally:
        engine.stop()


# --- sessions that read once ---------------------------------------------------------------------


class Asked(ScriptedSource):
    """Tells of each image in use that it has built it, once it has been told of it."""

    identities: frozenset[Identity] = frozenset()
    told = True
    mute = False

    def enrich(self, identities: frozenset[Identity]) -> None:
        self.identities, self.told = identities, self.mute

    @property
    def is_enriching(self) -> bool:
        return bool(self.identities) and (self.mute or not self.told)


async def _states(source: ScriptedSource) -> AsyncIterator[Change]:
    yield replace(running(source="cluster"), scope="web")
    yield Complete("web", frozenset({deployment("web", source="cluster").ref}))
    await source.context.pause(3_600)


async def _answers(source: ScriptedSource) -> AsyncIterator[Change]:
    assert isinstance(source, Asked)
    yield Complete("images", frozenset())
    while True:
        for one in sorted(source.identities if not source.mute else ()):
            yield built(one.value, source="host")
        source.told = True
        await source.context.pause(3_600)


class _Watched(Board):
    """A board that notes of how many records it knew the joins while events arrived."""

    def apply(self, events: Iterable[BoardEvent]) -> BoardDelta:
        delta = super().apply(events)
        self.joined = [*getattr(self, "joined", ()), len(self.lineage)]
        return delta


def _asked_once(seconds: float, **facts: object) -> _Watched:
    cluster, host = resolved(_states, "cluster"), resolved(_answers, "host")
    host.adapter.enriches = frozenset({"image"})
    host.adapter.make = type("AskedHere", (Asked,), facts)  # type: ignore[attr-defined]
    engine = Engine((cluster, host), host_environ=NOWHERE, enrich_delay=TOLD_AFTER)
    board = _Watched({"cluster": "C", "host": "H"})
    try:
        collect_once(engine, board, seconds)
    finally:
        engine.stop()
    return board


def test_a_session_that_reads_once_waits_for_what_is_known_of_what_others_run() -> None:
    board = _asked_once(PATIENCE)
    assert [one.name for one in board.records(Kind.ARTIFACT).values()] == ["web"]
    assert all(source.is_complete for source in board.sources())
    assert len(board.joined) > 1
    assert (set(board.joined), len(board.lineage)) == ({0}, 2)  # at the end, and all at once


def test_what_is_not_told_in_time_is_said_of_that_source_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The time is over once it has been told what others run, and says nothing."""
    asked = threading.Event()

    def enrich(source: Asked, identities: frozenset[Identity]) -> None:
        Asked.enrich(source, identities)
        if identities:
            asked.set()

    def monotonic() -> float:
        return time.monotonic() + (2 * PATIENCE if asked.is_set() else 0.0)

    monkeypatch.setattr(collect_once_module, "time", SimpleNamespace(monotonic=monotonic))
    board = _asked_once(PATIENCE, mute=True, enrich=enrich)
    complete = {source.name: source.is_complete for source in board.sources()}
    assert complete == {"cluster": True, "host": False}
    (host,) = (source for source in board.sources() if source.name == "host")
    assert f"has not told within {PATIENCE:g} s" in host.scopes[ENRICHED].health.message
