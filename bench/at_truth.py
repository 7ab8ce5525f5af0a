"""Does ``at`` tell the truth? A recorded session of the demo's world, held to the world's own log.

    python -m bench at_truth
    python -m bench.at_truth SECONDS        # how long is watched

The demo's servers answer over HTTP, the real adapters read them, the recorder writes the ledger.
Two times the board is gone for a while. Then 10,000 instants are drawn, each of one thing at one
time: half of them of things that changed meanwhile. Within watched time, the answer is right where
all facts that the world knows of the thing are those of the record; between two looks, where they
are those of one of both states. Of what has left a list of the latest ones nothing is said. "Not
watched" is right unless the servers' log has a look at that
part of the source both before and after, while the same board ran.
"""

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.harness import BenchOptions
from bench.report import Figure
from opsboard.adapter import HostEnviron
from opsboard.collect.session import open_session
from opsboard.config.load import load_config
from opsboard.config.paths import Paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.demo.detection import GITHUB_PATH, MLFLOW_PATH
from opsboard.demo.folder import write_config
from opsboard.demo.options import DemoOptions
from opsboard.demo.serve import create_demo
from opsboard.demo.server import serve_in_thread
from opsboard.demo.world.configs import LEADER, ROOT_CERTIFICATE
from opsboard.demo.world.truth import WorldTruth
from opsboard.frozen import Frozen, frozen_unchecked
from opsboard.history.ledger import Ledger
from opsboard.history.logins import recorded_sources
from opsboard.history.model import Gap
from opsboard.history.reader import LedgerReader
from opsboard.history.retention import Retention
from opsboard.history.state import EntityState
from opsboard.kinds.registry import KINDS
from opsboard.records import Record, Ref
from opsboard.startup.login_keys import login_keys

INSTANTS: Final = 10_000
PER_TIME: Final = 20
"""Things that are asked for at each time."""
SEED: Final = 20_261_127
SECONDS: Final = 240.0
AWAY: Final = 15.0
"""Seconds of each stretch without a board."""
RIGHT: Final = 99.0
"""Per cent of the answers within watched time."""
_SETTLE: Final = timedelta(seconds=1)
"""Around the ends of a stretch, what was looked at last is a matter of milliseconds."""
_READ_WITHIN: Final = timedelta(seconds=2)
"""At a start, answers wait: servers and board are one process, and have everything to read."""
_PAUSE: Final = timedelta(seconds=2)
"""Requests with less between them are one look."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


@frozen_unchecked
class Look(Frozen):
    """A request to a source, from *since* to *until*: a watch lasts as long as it is open."""

    source: str
    path: str
    since: datetime
    until: datetime


@frozen_unchecked
class BoardRun(Frozen):
    """A board ran from *since* to *until*."""

    since: datetime
    until: datetime


class RequestLog:
    """Notes each request to the demo's servers: the log of who looked when."""

    def __init__(self, app: ASGIApp, looks: list[Look]) -> None:
        self.app, self.looks = app, looks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        since = datetime.now(UTC)
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] == "http":
                source = _source_of(scope["path"])
                self.looks.append(Look(source, scope["path"], since, datetime.now(UTC)))


def _source_of(path: str) -> str:
    if path.startswith(GITHUB_PATH):
        return "github"
    return "mlflow" if path.startswith(MLFLOW_PATH) else "clusters"


# --- the session ---------------------------------------------------------------------------------


@frozen_unchecked
class Recorded(Frozen):
    """A session that is over: the *truth*, a *reader* of the ledger, the log of who looked when."""

    truth: WorldTruth
    reader: LedgerReader
    runs: Sequence[BoardRun]
    looks: Sequence[Look]
    since: datetime
    until: datetime


@contextmanager
def recorded_session(seconds: float, away: float = AWAY) -> Iterator[Recorded]:
    """Record the demo's world for *seconds*, with two stretches without a board."""
    looks: list[Look] = []
    world, app = create_demo(DemoOptions())
    app.user_middleware.append(Middleware(RequestLog, looks=looks))
    with (
        tempfile.TemporaryDirectory(prefix="opsboard-bench-") as name,
        serve_in_thread(app) as url,
    ):
        home = Path(name)
        sources = load_config(write_config(home, url, world)).sources
        environ = HostEnviron(env={}, home=home, cwd=home)
        since = datetime.now(UTC)
        runs: list[BoardRun] = []
        for part in range(3):
            runs.append(_watch(sources, environ, home, seconds / 3))
            time.sleep(away if part < 2 else 0)
        until = datetime.now(UTC)
        ledger = Ledger(home)
        ids = recorded_sources(ledger.file, login_keys(sources, environ))
        reader = ledger.reader(ids)
        yield Recorded(WorldTruth(world), reader, runs, looks, since, until)
        reader.close()


def _watch(
    sources: Sequence[ResolvedSource], environ: HostEnviron, home: Path, seconds: float
) -> BoardRun:
    session = open_session(
        sources, host_environ=environ, paths=Paths(home, home, home), workspace="bench",
        retention=Retention,
    )  # fmt: skip
    since = datetime.now(UTC)
    try:
        session.feed.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            session.board.apply(session.feed.drain())
            time.sleep(0.05)
    finally:
        until = datetime.now(UTC)
        session.close()
    return BoardRun(since, until)


# --- the answers ---------------------------------------------------------------------------------


@frozen_unchecked
class Answer(Frozen):
    """What ``at`` said of one thing at one time: *verdict* and, for a wrong one, what was true."""

    verdict: str
    ref: Ref
    at: datetime
    note: str = ""


RIGHT_WATCHED: Final = "right"
WRONG: Final = "wrong"
NOT_WATCHED: Final = "not watched"
OFF_THE_LIST: Final = "no longer among the latest, which are listed"
"""Nothing is said of it, then or now: neither right nor wrong."""
UNFOUNDED: Final = "not watched, though somebody looked"


def answers(recorded: Recorded, count: int = INSTANTS, seed: int = SEED) -> Iterator[Answer]:
    """Yield *count* answers, at times and of things that are drawn by *seed*."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    truth = recorded.truth
    turns = truth.changes(recorded.since, recorded.until)
    changed = sorted({one.ref for one in turns if _is_listed(one.ref)})
    everything = sorted(filter(_is_listed, truth.at(recorded.until)))
    span = recorded.until - recorded.since
    for _ in range(count // PER_TIME):
        at = recorded.since + rng.random() * span
        state = recorded.reader.at(at)
        known = state.known.entities.values() if state.known else ()
        entities = {entity.ref: entity for entity in known}
        gaps = _by_source(state.gaps)
        for _ in range(PER_TIME):
            ref = rng.choice(changed if changed and rng.random() < 0.5 else everything)
            yield _answer(recorded, ref, at, entities.get(ref), gaps)


_NEVER_LISTED: Final = (f"ConfigMap/{ROOT_CERTIFICATE}", f"ConfigMap/{LEADER}")


def _is_listed(ref: Ref) -> bool:
    """Tell whether the board ever asks for *ref*: docs/kubernetes.md says what it leaves out."""
    return not (ref.id.endswith(_NEVER_LISTED) or "/Secret/sh.helm.release." in ref.id)


def _by_source(gaps: Sequence[Gap]) -> Mapping[str, Sequence[Gap]]:
    found: dict[str, list[Gap]] = {}
    for gap in gaps:
        found.setdefault(gap.source, []).append(gap)
    return found


def _answer(
    recorded: Recorded,
    ref: Ref,
    at: datetime,
    entity: EntityState | None,
    gaps: Mapping[str, Sequence[Gap]],
) -> Answer:
    watched = entity.watched or entity.uncertain if entity is not None else not gaps.get(ref.source)
    if not watched:
        gap = entity.gap if entity is not None else None
        asked = [gap] if gap is not None else gaps.get(ref.source, ())
        unfounded = all(_was_looked_at(recorded, one, at) for one in asked)
        note = "; ".join(
            f"{one.scope}: {one.reason} {one.since:%H:%M:%S}-{one.until or at:%H:%M:%S}"
            for one in asked
            if one.since is not None
        )
        return Answer(UNFOUNDED if unfounded and asked else NOT_WATCHED, ref, at, note)
    facts = recorded.truth.of(ref, at)
    states = [entity.record if entity else None]
    if entity is not None and entity.uncertain:
        states.append(entity.next_record)
    if any(_holds(facts, state) for state in states):
        return Answer(RIGHT_WATCHED, ref, at)
    kind = KINDS.get(ref.kind)
    if entity is not None and entity.since and states == [None] and kind and kind.listed_in_part:
        return Answer(OFF_THE_LIST, ref, at)
    return Answer(WRONG, ref, at, f"true: {facts}; told: {[_told(facts, one) for one in states]}")


def _was_looked_at(recorded: Recorded, gap: Gap, at: datetime) -> bool:
    """Tell whether one board has looked at the scope of *gap* both before and after *at*."""
    run = next((run for run in recorded.runs if run.since <= at <= run.until), None)
    if run is None:
        return False
    looks = [
        look
        for look in recorded.looks
        if look.source == gap.source and run.since <= look.since and _lists(look, gap)
    ]
    before = _first_whole_look(looks, gap.source) < at - _READ_WITHIN
    after = any(at + _SETTLE < look.until <= run.until for look in looks)
    return before and after


def _first_whole_look(looks: Sequence[Look], source: str) -> datetime:
    """Return when the first of *looks* had seen everything; many requests may be one look.

    Of a cluster, a list is one request, and the watch after it lasts.
    """
    ordered = sorted(looks, key=lambda look: look.since)
    if not ordered or source == "clusters":
        return min((look.until for look in ordered), default=_NEVER)
    end = ordered[0].until
    for look in ordered[1:]:
        if look.since > end + _PAUSE:
            break
        end = max(end, look.until)
    return end


def _lists(look: Look, gap: Gap) -> bool:
    """Tell whether *look* is at the scope of *gap* as a whole, and not at one thing in it."""
    word, _, name = gap.scope.partition(":")
    ends = {"runs": f"/repos/{name}/actions/runs", "deployments": f"/repos/{name}/deployments"}
    if gap.source == "github":
        return look.path.endswith(ends.get(word, f"/{name}/repos"))
    cluster, _, resource = gap.scope.partition("/")
    if gap.source == "clusters" and resource:
        return f"/{cluster}/" in look.path and look.path.endswith(f"/{resource}")
    return gap.source != "clusters" or f"/{cluster}/" in look.path


def _holds(facts: Mapping[str, Any] | None, record: Record | None) -> bool:
    """Tell whether *record* has all of *facts*; ``None`` is absence."""
    if facts is None or record is None:
        return facts is None and record is None
    kind = KINDS.of(record)
    counted = kind.heartbeat if kind is not None else ()  # no transitions: nobody says when
    return all(
        getattr(record, name, value) == value
        for name, value in facts.items()
        if name not in counted
    )


def _told(facts: Mapping[str, Any] | None, record: Record | None) -> Mapping[str, Any] | None:
    return {name: getattr(record, name, "?") for name in facts or ()} if record else None


# --- the figures ---------------------------------------------------------------------------------


def measure(_options: BenchOptions) -> list[Figure]:
    """Return the share of wrong answers, and of those that nobody looked although somebody did."""
    with recorded_session(SECONDS) as recorded:
        found = list(answers(recorded))
    counts = Counter(one.verdict for one in found)
    told = counts[RIGHT_WATCHED] + counts[WRONG]
    silent = counts[NOT_WATCHED] + counts[UNFOUNDED]
    wrong, unfounded = 100 * counts[WRONG] / told, 100 * counts[UNFOUNDED] / max(silent, 1)
    return [
        Figure(f"at: wrong of {told:,} answers within watched time", wrong, "%", limit=100 - RIGHT),
        Figure(
            f"at: unfounded of {silent:,} answers that nobody looked", unfounded, "%", limit=1.0
        ),
    ]


def main(words: Sequence[str]) -> int:
    """Record so many seconds; print how the answers are, by kind, and examples of wrong ones."""
    with recorded_session(float(words[0]) if words else SECONDS) as recorded:
        found = list(answers(recorded))
        for ran in recorded.runs:
            print(f"a board ran from {ran.since:%H:%M:%S} to {ran.until:%H:%M:%S}")
    for (verdict, kind), count in sorted(Counter((a.verdict, a.ref.kind) for a in found).items()):
        print(f"{verdict:<36}{kind:<16}{count:>7,}")
    bad = [one for one in found if one.verdict in {WRONG, UNFOUNDED}]
    bad.sort(key=lambda answer: answer.verdict, reverse=True)
    for one in bad[:12]:
        print(f"  {one.verdict} {one.at:%H:%M:%S} {one.ref.kind} {one.ref.id}: {one.note}")
    print(f"{len(found):,} answers, {len(bad):,} bad")
    return int(len(bad) > len(found) * (1 - RIGHT / 100))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
