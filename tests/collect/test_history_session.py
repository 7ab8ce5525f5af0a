"""A session records what its sources yield, in threads of its own, and tells who asked."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opsboard.adapter import (
    Change,
    Forbidden,
    Past,
    PastRecord,
    Principal,
    Unreachable,
    listing,
)
from opsboard.collect.identification import address_of, principal_of
from opsboard.collect.session import Session, open_session
from opsboard.config.paths import Paths
from opsboard.history.ledger_file import FILE_NAME
from opsboard.history.model import SourceId, Transition
from opsboard.history.retention import Retention
from opsboard.records import Kind, Record, Status
from tests.board import NOW, build, builds
from tests.collect import NOWHERE, ScriptedSource, resolved
from tests.collect.test_engine import poll


def _session(
    home: Path,
    records: Callable[[], list[Record]],
    who: Callable[[], Principal | None],
    retention: Callable[[], Retention | None] = Retention,
) -> Session:
    async def script(source: ScriptedSource) -> AsyncIterator[Change]:
        yield Past(
            "web",
            [
                PastRecord(
                    build(9).ref, datetime.now(UTC) - timedelta(hours=1), build(9), "run list"
                )
            ],
        )
        while True:
            for change in listing("web", records()):
                yield change
            await source.context.pause(0.05)

    source = resolved(script)

    class Connected(ScriptedSource):
        address = "https://someone:secret@ci.example:443/"

    def named(context: object, its_script: object) -> ScriptedSource:
        made = Connected(context, its_script)  # type: ignore[arg-type]
        made.who = who
        return made

    source.adapter.script = staticmethod(script)  # type: ignore[attr-defined]
    source.adapter.make = staticmethod(named)  # type: ignore[attr-defined]
    return open_session(
        [source], host_environ=NOWHERE, paths=Paths(home, home, home), workspace="here",
        retention=retention,
    )  # fmt: skip


def _recorded(session: Session) -> list[Transition]:
    assert session.history is not None
    reader = session.history.reader()
    now = datetime.now(UTC)
    try:
        return reader.transitions(NOW - timedelta(days=1), now, baselines=True)
    finally:
        reader.close()


def test_what_is_acknowledged_on_the_board_is_in_the_ledger_at_its_end(tmp_path: Path) -> None:
    failed = build(1, status=Status.FAILED)
    session = _session(tmp_path, lambda: [failed], lambda: Principal(name="carol", id="42"))
    session.feed.start()
    board = session.board
    poll(session.feed, board, lambda: board.records(Kind.ALERT))
    (ref,) = board.records(Kind.ALERT)
    poll(session.feed, board, lambda: session.history and session.history.source_ids())
    now = datetime.now(UTC)
    board.acknowledge(ref, now, actor="dana", reason="known bug")
    session.close()
    assert session.history is not None
    reader = session.history.reader()
    (said,) = reader.acks(datetime.now(UTC))
    reader.close()
    assert (said.ref, said.at, said.actor, said.reason) == (ref, now, "dana", "known bug")


def test_what_comes_is_in_the_ledger(tmp_path: Path) -> None:
    shown: list[Record] = list(builds(1))
    session = _session(tmp_path, lambda: shown, lambda: Principal(name="carol", id="42"))
    session.feed.start()
    try:
        board = session.board
        poll(session.feed, board, lambda: session.history and len(_recorded(session)) >= 2)
        shown = list(builds(2))
        poll(session.feed, board, lambda: len(_recorded(session)) >= 3)
        assert session.history is not None
        assert session.history.source_ids() == {"ci": SourceId("https://ci.example", "42")}
        assert build(9).ref not in board.records(Kind.BUILD), "what was is for the history alone"
    finally:
        session.close()
    told, first, new = _recorded(session)
    assert (told.backfilled, first.baseline, new.before) == (True, True, None)
    assert not session.problems()


def test_nothing_is_recorded_where_the_config_says_so(tmp_path: Path) -> None:
    said: list[Retention] = []
    session = _session(
        tmp_path, lambda: list(builds(1)), lambda: None, lambda: said[0] if said else None
    )
    session.feed.start()
    try:
        poll(session.feed, session.board, lambda: session.board.records(Kind.BUILD))
        assert not (tmp_path / FILE_NAME).exists(), "the config is not read yet"
        said.append(Retention(enabled=False))
    finally:
        session.close()
    assert not (tmp_path / FILE_NAME).exists()


async def test_a_server_that_does_not_answer_is_asked_again() -> None:
    answers: list[object] = [Unreachable("no"), TimeoutError(), Principal(name="carol")]
    asked: list[float] = []

    async def sleep(seconds: float) -> None:
        asked.append(seconds)

    source = _asked(answers)
    assert await principal_of(source, "ci", sleep) == Principal(name="carol")
    assert len(asked) == 2


@pytest.mark.parametrize(
    "answer", [Forbidden("no"), ZeroDivisionError(), None, "carol", SystemExit()]
)
async def test_a_server_that_does_not_say_names_nobody(answer: object) -> None:
    async def sleep(_: float) -> None:
        raise AssertionError("it has answered")

    assert await principal_of(_asked([answer]), "ci", sleep) is None


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("https://u:p@API.example:443/x/", "https://api.example/x"),
        ("", "scripted:ci"),
        ("user:pw@somewhere", "somewhere"),
        ("https://u:p@B.example/ https://a.example:443", "https://b.example https://a.example"),
    ],
)
def test_an_address_never_holds_a_login(said: str, address: str) -> None:
    source = _asked([])
    source.address = said
    assert address_of(source, "ci", "scripted") == address


def _asked(answers: list[object]) -> ScriptedSource:
    def who() -> Principal | None:
        answer = answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[return-value]

    source = ScriptedSource.__new__(ScriptedSource)
    source.who = who
    return source
