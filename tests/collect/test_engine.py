"""The engine runs sources in a thread, hands over what comes, and ends in time."""

import asyncio
import gc
import logging
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from opsboard.adapter import (
    Change,
    Condition,
    Detail,
    Fresh,
    LogQuery,
    SourceError,
    Unreachable,
    Unsupported,
    Upsert,
    listing,
)
from opsboard.board.state import Board
from opsboard.collect.engine import Engine
from opsboard.collect.feed import Feed
from opsboard.collect.log_file import close_log_file, open_log_file
from opsboard.collect.redact import Redactor
from opsboard.collect.session import Session, open_session
from opsboard.collect.source_readers import MAX_LINES
from opsboard.config.paths import Paths
from opsboard.config.resolved_source import ResolvedSource
from opsboard.records import Kind, Ref
from tests.board import build, builds
from tests.collect import NOWHERE, ScriptedSource, eventually, resolved, sources_of
from tests.patience import PATIENCE

REF = Ref("ci", Kind.BUILD, "1")


async def _two_builds(source: ScriptedSource) -> AsyncIterator[Change]:
    for change in listing("web", builds(2)):
        yield change
    while True:
        await source.context.pause(3_600)
        yield Upsert("web", [build(3)])


async def _never(_: ScriptedSource) -> AsyncIterator[Change]:
    raise Unreachable("gone")
    yield  # what makes this an async generator


@contextmanager
def running(*sources: ResolvedSource) -> Iterator[tuple[Engine, Board]]:
    engine = Engine(sources, host_environ=NOWHERE)
    engine.start()
    try:
        yield engine, Board()
    finally:
        engine.stop()


def poll(feed: Feed, board: Board, happened: Callable[[], object]) -> None:
    """Take in what arrives until *happened*, waiting for each arrival without spinning."""
    woken = threading.Event()
    feed.on_wake(woken.set)
    deadline = time.monotonic() + PATIENCE
    board.apply(feed.drain())
    while not happened():
        assert time.monotonic() < deadline, "it never happened"
        woken.wait(0.05)
        woken.clear()
        board.apply(feed.drain())


def _conditions(board: Board) -> dict[str, Condition]:
    return {state.name: state.health.condition for state in board.sources()}


def test_records_reach_the_board() -> None:
    with running(resolved(_two_builds)) as (engine, board):
        poll(engine, board, lambda: len(board.records(Kind.BUILD)) == 2)
    assert [state.title for state in board.sources()] == ["Scripted"]


def test_one_crashing_source_never_touches_the_others() -> None:
    async def crash(_: ScriptedSource) -> AsyncIterator[Change]:
        raise ZeroDivisionError
        yield  # what makes this an async generator

    with running(resolved(crash, "bad"), resolved(_two_builds)) as (engine, board):
        poll(
            engine,
            board,
            lambda: (
                len(board.records(Kind.BUILD)) == 2
                and _conditions(board) == {"bad": Condition.BROKEN, "ci": Condition.LIVE}
            ),
        )


def test_refresh_asks_one_source_or_all() -> None:
    async def asked(source: ScriptedSource) -> AsyncIterator[Change]:
        while True:
            yield Fresh("web")
            await source.context.pause(3_600)
            source.lines_made += 1

    other = resolved(asked, "other")
    with running(resolved(_two_builds), other) as (engine, board):
        both = dict.fromkeys(("ci", "other"), Condition.LIVE)
        poll(engine, board, lambda: _conditions(board) == both)
        engine.refresh("nobody")
        poll(engine, board, _asked(engine, "ci", lambda: len(board.records(Kind.BUILD)) == 3))
        assert sources_of(other)[0].lines_made == 0
        poll(engine, board, _asked(engine, None, lambda: sources_of(other)[0].lines_made))


def _asked(
    engine: Engine, source: str | None, happened: Callable[[], object]
) -> Callable[[], object]:
    """Ask again each time: a refresh that comes before the pause has nothing to cut short."""

    def look() -> object:
        engine.refresh(source)
        return happened()

    return look


def test_sources_may_be_found_late_in_the_engines_own_thread() -> None:
    found_in: list[str] = []

    async def find() -> Sequence[ResolvedSource]:
        found_in.append(threading.current_thread().name)
        return [resolved(_two_builds)]

    engine, board = Engine(find, host_environ=NOWHERE), Board()
    engine.start()
    try:
        poll(engine, board, lambda: len(board.records(Kind.BUILD)) == 2)
    finally:
        engine.stop()
    assert found_in == ["opsboard-engine"]


def test_sources_that_cannot_be_found_are_said_on_the_board() -> None:
    async def find() -> Sequence[ResolvedSource]:
        raise OSError("https://u:p@host is odd")

    engine, board = Engine(find, host_environ=NOWHERE), Board()
    engine.start()
    try:
        poll(engine, board, lambda: Condition.BROKEN in _conditions(board).values())
    finally:
        engine.stop()
    (state,) = board.sources()
    assert "https://***@host is odd" in state.health.message


# --- ending --------------------------------------------------------------------------------------


def _alive(name: str = "opsboard-engine") -> bool:
    return name in {thread.name for thread in threading.enumerate()}


def _check_ends() -> None:
    """Fail unless the thread ends, which the end of a program waits for only so long."""
    for thread in threading.enumerate():
        if thread.name == "opsboard-engine":
            thread.join(PATIENCE)
    assert not _alive()


def test_stop_ends_the_thread() -> None:
    with running(resolved(_two_builds)) as (engine, board):
        poll(engine, board, lambda: board.records(Kind.BUILD))
        assert _alive()
    _check_ends()
    engine.stop()


def test_stop_without_start_is_fine() -> None:
    Engine([], host_environ=NOWHERE).stop()


def test_a_source_that_will_not_be_cancelled_is_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", said.append)

    async def stubborn(_: ScriptedSource) -> AsyncIterator[Change]:
        yield listing("web", [])[1]
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    with running(resolved(stubborn)) as (engine, board):
        poll(engine, board, lambda: _conditions(board) == {"ci": Condition.LIVE})
        engine.stop()
        _check_ends()
    gc.collect()
    assert not said, "a traceback at the end, beneath a board that was left in order"


def test_a_source_that_blocks_the_thread_does_not_block_the_end() -> None:
    release = threading.Event()

    async def blocking(_: ScriptedSource) -> AsyncIterator[Change]:
        yield listing("web", [])[1]
        release.wait(PATIENCE)

    with running(resolved(blocking)) as (engine, board):
        poll(engine, board, lambda: "ci" in _conditions(board))
        engine.stop()
        assert _alive(), "it hangs, and stop() returned all the same"
        release.set()


# --- asking across threads -----------------------------------------------------------------------


async def test_answers_come_from_the_engines_thread() -> None:
    with running(resolved(_two_builds)) as (engine, _):
        assert await engine.raw(REF) == {"id": "1", "thread": "opsboard-engine"}
        with pytest.raises(Unsupported):
            await engine.detail(REF)
        with pytest.raises(SourceError, match="no source called"):
            await engine.detail(Ref("nobody", Kind.BUILD, "1"))
        with pytest.raises(SourceError, match=r"ValueError: token \*\*\*"):
            await engine.detail(Ref("ci", Kind.BUILD, "crash"))


async def test_a_question_can_be_given_up() -> None:
    with running(resolved(_two_builds)) as (engine, _):
        task = asyncio.create_task(engine.detail(Ref("ci", Kind.BUILD, "hang")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_question_ends_when_the_engine_does() -> None:
    with running(resolved(_two_builds)) as (engine, _):
        await engine.raw(REF)
        task = asyncio.create_task(engine.detail(Ref("ci", Kind.BUILD, "hang")))
        await asyncio.sleep(0)
        await asyncio.to_thread(engine.stop)
        with pytest.raises(SourceError, match="closing"):
            await asyncio.wait_for(task, PATIENCE)
        with pytest.raises(SourceError, match="closing"):
            await engine.raw(REF)


async def test_which_records_have_a_log() -> None:
    with running(resolved(_two_builds)) as (engine, _):
        await engine.raw(REF)
        assert engine.has_log(REF)
        assert not engine.has_log(Ref("ci", Kind.POD, "1"))
        assert not engine.has_log(Ref("nobody", Kind.BUILD, "1"))


# --- logs ----------------------------------------------------------------------------------------


async def test_a_log_arrives_whole_in_order_and_without_secrets() -> None:
    count = 3 * MAX_LINES
    with running(resolved(_two_builds)) as (engine, _):
        lines = [line async for line in engine.logs(REF, LogQuery(follow=False, tail=count))]
    assert [line.text for line in lines] == [f"1 {number} ***" for number in range(count)]
    assert {line.part for line in lines} == {"Run login ***"}


async def test_a_slow_reader_holds_the_source_back() -> None:
    source = resolved(_two_builds)
    with running(source) as (engine, _):
        log = engine.logs(REF, LogQuery(follow=False, tail=10 * MAX_LINES))
        await anext(log)
        await eventually(lambda: sources_of(source)[0].lines_made >= MAX_LINES)
        assert sources_of(source)[0].lines_made <= MAX_LINES + 2
        rest = [line async for line in log]
    assert len(rest) == 10 * MAX_LINES - 1


async def test_an_abandoned_log_is_closed_at_the_source() -> None:
    source = resolved(_two_builds)
    with running(source) as (engine, _):

        async def read() -> None:
            async for _line in engine.logs(REF, LogQuery(follow=True, tail=3)):
                pass

        task = asyncio.create_task(read())
        await eventually(lambda: sources_of(source) and sources_of(source)[0].lines_made == 3)
        assert not sources_of(source)[0].log_closed.is_set()
        task.cancel()
        await asyncio.wait([task])
        await eventually(sources_of(source)[0].log_closed.is_set)


async def test_a_log_that_breaks_off_gives_its_lines_and_says_why() -> None:
    lines: list[str] = []

    async def read(engine: Engine) -> None:
        async for line in engine.logs(
            Ref("ci", Kind.BUILD, "crash"), LogQuery(follow=False, tail=5)
        ):
            lines.append(line.text)  # noqa: PERF401 - what came before the error counts

    with (
        running(resolved(_two_builds)) as (engine, _),
        pytest.raises(SourceError, match=r"broken pipe \*\*\*"),
    ):
        await read(engine)
    assert len(lines) == 5


async def test_a_followed_log_ends_with_the_engine() -> None:
    with running(resolved(_two_builds)) as (engine, _):
        log = engine.logs(REF, LogQuery(follow=True, tail=1))
        await anext(log)
        await asyncio.to_thread(engine.stop)
        with pytest.raises(SourceError, match="closing"):
            await asyncio.wait_for(anext(log), PATIENCE)


# --- a session -----------------------------------------------------------------------------------


def _paths(folder: Path) -> Paths:
    return Paths(folder / "config", folder / "state", folder / "cache")


def test_the_next_session_begins_with_what_the_last_one_knew(tmp_path: Path) -> None:
    def session(script: object) -> "tuple[object, Board, Engine]":
        opened = open_session(
            [resolved(script)],  # type: ignore[arg-type]
            host_environ=NOWHERE,
            paths=_paths(tmp_path),
            workspace="here",
        )
        assert opened.warnings == ()
        return opened, opened.board, opened.feed

    first, board, feed = session(_two_builds)
    assert not board.records(Kind.BUILD)
    feed.start()
    poll(feed, board, lambda: len(board.records(Kind.BUILD)) == 2)
    first.close()  # type: ignore[attr-defined]
    second, board, feed = session(_never)
    assert len(board.records(Kind.BUILD)) == 2, "before anything was started"
    assert board.from_cache(REF)
    feed.start()
    poll(feed, board, lambda: Condition.UNREACHABLE in _conditions(board).values())
    assert len(board.records(Kind.BUILD)) == 2
    second.close()  # type: ignore[attr-defined]


def test_another_login_never_sees_what_the_last_one_saw(tmp_path: Path) -> None:
    def session(environment: str) -> tuple[Session, Board]:
        opened = open_session(
            [resolved(_two_builds, environment=environment)],
            host_environ=NOWHERE,
            paths=_paths(tmp_path),
            workspace="here",
        )
        return opened, opened.board

    first, board = session("alice")  # the settings are all that tells one login from another here
    first.feed.start()
    poll(first.feed, board, lambda: len(board.records(Kind.BUILD)) == 2)
    first.close()
    second, board = session("bob")
    second.close()
    assert not board.records(Kind.BUILD), "not even for the first frame"
    third, board = session("alice")
    third.close()
    assert len(board.records(Kind.BUILD)) == 2


class Ending(BaseException):
    """What a third party raises to end everything."""


ENDS = (KeyboardInterrupt, SystemExit, asyncio.CancelledError, GeneratorExit, Ending)


@pytest.mark.parametrize("error", ENDS)
def test_a_source_that_raises_to_end_the_program_ends_no_other(
    error: type[BaseException],
) -> None:
    async def ends(_: ScriptedSource) -> AsyncIterator[Change]:
        raise error
        yield  # what makes this an async generator

    with running(resolved(ends, name="bad"), resolved(_two_builds)) as (engine, board):
        poll(engine, board, lambda: len(board.records(Kind.BUILD)) == 2)
        poll(engine, board, lambda: _conditions(board).get("bad") is Condition.BROKEN)
        engine.refresh("ci")
        poll(engine, board, lambda: len(board.records(Kind.BUILD)) == 3)


@pytest.mark.parametrize("error", ENDS)
async def test_a_question_that_is_answered_so_has_failed(error: type[BaseException]) -> None:
    async def detail(_: Ref) -> Detail:
        raise error

    asked = resolved(_two_builds)
    with running(asked) as (engine, board):
        poll(engine, board, lambda: board.records(Kind.BUILD))
        setattr(sources_of(asked)[0], "detail", detail)  # noqa: B010 - of this source alone
        with pytest.raises(SourceError, match=f"ci broke: {error.__name__}"):
            await engine.detail(REF)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_not_even_a_task_of_its_own_ends_the_loop(error: type[BaseException]) -> None:
    async def explode() -> None:
        raise error

    async def ends(source: ScriptedSource) -> AsyncIterator[Change]:
        task = asyncio.create_task(explode())
        await asyncio.wait([task])
        async for change in _two_builds(source):
            yield change

    with running(resolved(ends)) as (engine, board):
        poll(engine, board, lambda: len(board.records(Kind.BUILD)) == 2)


def test_what_is_said_after_the_log_is_closed_is_not_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python prints, with its traceback, what nothing handles."""
    close_log_file(open_log_file(tmp_path, Redactor()))
    try:
        int("in a cell")
    except ValueError:
        logging.getLogger("opsboard.kinds.guard").exception("a column")
    told = capsys.readouterr()
    assert told.out + told.err == ""
