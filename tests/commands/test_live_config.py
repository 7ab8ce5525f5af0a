"""A config that is changed while the board runs: taken whole or not at all, and never looser."""

import asyncio
import threading
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from opsboard.adapter import Change, LoginInputs, listing
from opsboard.board.state import Board
from opsboard.collect.engine import Engine
from opsboard.collect.supervisor import Reconfigured
from opsboard.commands.config_changes import held_back, sorted_changes
from opsboard.commands.config_watch import ConfigWatch
from opsboard.commands.live_config import LiveConfig
from opsboard.commands.setup import LoadedConfig
from opsboard.config.load import load_config
from opsboard.config.resolved_source import ResolvedSource
from opsboard.records import Kind, Record
from opsboard.ui.config_port import ConfigNews
from tests.board import builds
from tests.collect import NOWHERE, ScriptedSource, resolved, sources_of
from tests.collect.test_engine import poll
from tests.patience import PATIENCE

OPTIONS = Namespace(theme=None, ascii=None, no_mouse=False)


class _Live:
    """A live config of a file, read in the test's own thread."""

    def __init__(self, tmp_path: Path, text: str = "") -> None:
        self.file = tmp_path / "config.toml"
        self.file.write_text(text)
        first = LoadedConfig(load_config(self.file), self.file)
        self.config = LiveConfig(lambda: first, OPTIONS)

    def change(self, text: str) -> ConfigNews:
        """Write *text*, have it read, and return what is told of it."""
        self.file.write_text(text)
        self.config.read_again()
        told = self.config._news.pop(0)
        assert not self.config._news
        return told


def test_views_looks_and_rules_are_told_with_when_they_count(tmp_path: Path) -> None:
    live = _Live(tmp_path, '[ui]\ntheme = "dark"\n')
    news = live.change(
        'protected = ["staging"]\n[ui]\ntheme = "light"\n[history]\nkeep = "5d"\n'
        '[[views]]\nname = "mine"\npane = "pods"\n'
    )
    assert [view.id for view in news.views or ()] == ["mine"]
    assert news.ui_prefs is not None
    assert news.ui_prefs.theme == "light"
    (note,) = news.notes
    assert "read again: views, ui." in note
    assert "Of protected, what allows less counts at once, and what allows more after a" in note
    assert note.endswith("After a restart: history.")
    settings = live.config.settings()
    assert settings is not None
    assert settings.protected == ("staging",)


def test_what_is_told_to_have_changed_has(tmp_path: Path) -> None:
    live = _Live(tmp_path, '[ui]\ntheme = "dark"\n')
    before = live.file.read_text()
    assert live.change("[ui\n").problems
    assert live.change(before).notes == ("The config is as it was before it was wrong.",)
    live.config.read_again()
    assert not live.config._news, "it has been told once"
    (note,) = live.change(f'{before}[history]\nkeep = "5d"\n').notes
    assert note == "The config has been read again. After a restart: history."


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[ui\n", 1, "not valid TOML"),
        ('[ui]\ntheem = "x"\n', 2, "unknown key"),
        ('[[views]]\nname = "x"\npane = "nothing"\n', 3, "there is no pane 'nothing'"),
        ('[ui.keys]\n"log.wrop" = "x"\n', 2, "there is no such action"),
        ('[sources.x]\nadapter = "nonsense"\n', 2, "there is no adapter"),
        ('[policy.production]\nrolback = "deny"\n', 2, "there is no action"),
    ],
)
def test_a_wrong_file_is_told_with_its_line_and_the_old_one_stays(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    live = _Live(tmp_path, "read_only = true\n")
    news = live.change(text)
    assert (news.views, news.ui_prefs, news.notes) == (None, None, ())
    assert "what was read before counts on" in news.problems[0]
    assert f"config.toml:{line}: " in news.problems[0]
    assert said in news.problems[0]
    settings = live.config.settings()
    assert settings is not None
    assert settings.read_only


def test_a_file_that_is_gone_or_that_others_may_write_changes_nothing(tmp_path: Path) -> None:
    live = _Live(tmp_path, "read_only = true\n")
    live.file.chmod(0o666)
    live.config.read_again()
    live.file.unlink()
    live.config.read_again()
    refused, gone = (news.problems[0] for news in live.config._news)
    assert "is refused" in refused
    assert "cannot be read" in gone


def test_without_a_file_it_is_said_how_to_have_one() -> None:
    assert "opsboard init" in LiveConfig(lambda: None).reload()


# --- the watch -----------------------------------------------------------------------------------


def test_a_change_is_seen_once_it_has_been_written_whole(tmp_path: Path) -> None:
    file, seen = tmp_path / "config.toml", list[bool]()
    file.write_text("a")
    watch = ConfigWatch(file, seen.append)
    watch.look()
    assert seen == [False]  # what is there at first may be newer than what was read
    file.write_text("half")
    watch.look()
    file.write_text("half and half")
    watch.look()
    assert seen == [False]
    watch.look()
    watch.look()
    assert seen == [False, False]
    file.unlink()
    watch.look()
    watch.look()
    assert len(seen) == 3


def test_the_thread_looks_by_itself_and_when_it_is_asked(tmp_path: Path) -> None:
    file, asked = tmp_path / "config.toml", threading.Event()
    file.write_text("a")

    def changed(by_somebody: bool) -> None:
        if by_somebody:
            asked.set()

    watch = ConfigWatch(file, changed, interval=3_600)
    watch.start()
    watch.read_now()
    assert asked.wait(PATIENCE)
    watch.stop()
    watch._thread.join(PATIENCE)
    assert not watch._thread.is_alive()


# --- sources -------------------------------------------------------------------------------------


def _of(source: ScriptedSource, count: int) -> list[Record]:
    return [replace(one, source=source.context.name) for one in builds(count)]


async def _one(source: ScriptedSource) -> AsyncIterator[Change]:
    for change in listing("web", _of(source, 1)):
        yield change
    await source.context.pause(3_600)


async def _two(source: ScriptedSource) -> AsyncIterator[Change]:
    for change in listing("api", _of(source, 2)):
        yield change
    await source.context.pause(3_600)


def _builds(board: Board, name: str) -> int:
    return sum(ref.source == name for ref in board.records(Kind.BUILD))


def test_sources_come_go_and_change_while_the_others_go_on() -> None:
    steady, leaves, before = resolved(_one, "steady"), resolved(_one, "leaves"), resolved(_one)
    after, comes = resolved(_two), resolved(_two, "comes")
    engine, board = Engine((steady, leaves, before), host_environ=NOWHERE), Board()
    engine.start()
    try:
        poll(engine, board, lambda: len(board.records(Kind.BUILD)) == 3)
        done = engine.reconfigure((steady, after, comes), None).result(PATIENCE)
        assert done.begun == ("ci", "comes")
        assert done.ended == ("leaves", "ci")
        poll(engine, board, lambda: _builds(board, "ci") == _builds(board, "comes") == 2)
        assert [source.name for source in board.sources()] == ["steady", "ci", "comes"]
        assert [*(board.source("ci").scopes if board.source("ci") else ())] == ["api"]  # type: ignore[union-attr]
        assert _builds(board, "leaves") == 0
        assert len(sources_of(steady)) == sources_of(steady)[0].runs == 1
        assert engine.reconfigure((), None).result(PATIENCE).ended == ("steady", "ci", "comes")
        poll(engine, board, lambda: not board.sources())
        engine.reconfigure((steady,), None).result(PATIENCE)
        poll(engine, board, lambda: _builds(board, "steady") == 1)
    finally:
        engine.stop()


def _with_file(file: Path, name: str) -> ResolvedSource:
    source = resolved(_one, name)
    inputs = LoginInputs(shared_files=(file,))
    source.adapter.login_inputs = classmethod(lambda *_: inputs)  # type: ignore[assignment,method-assign]
    return source


def test_sources_whose_files_have_changed_are_connected_again_by_reload(tmp_path: Path) -> None:
    files = {name: tmp_path / f"kubeconfig-{name}" for name in ("eu", "us")}
    for file in files.values():
        file.write_text("contexts: []")
    sources = [_with_file(file, name) for name, file in files.items()]
    live, board = _Live(tmp_path), Board()
    live.config.engine = engine = Engine(sources, host_environ=NOWHERE)
    engine.start()
    try:
        poll(engine, board, lambda: len(board.records(Kind.BUILD)) == 2)
        live.config.read_again(asked=True)
        assert live.config._news.pop().notes == ("The config has not changed.",)
        files["us"].write_text("contexts: [another]")
        live.config.read_again()
        assert not live.config._news, "only where somebody asks"
        live.config.read_again(asked=True)
        (note,) = live.config._news.pop().notes
        said = f"Connecting again: us ({files['us']} changed)."
        assert note == f"The config has not changed. {said}"
        poll(engine, board, lambda: len(sources_of(sources[1])) == 2)
        assert len(sources_of(sources[0])) == 1
        poll(engine, board, lambda: _builds(board, "us") == 1)
        live.config.read_again(asked=True)
        assert live.config._news.pop().notes == ("The config has not changed.",)
        files["eu"].unlink()
        live.config.engine, told = engine, live.config
        assert told.reload() == "", "without a watch there is no config file"
        poll(engine, board, lambda: bool(told._news))
        assert "Connecting again: eu (" in told._news.pop().notes[0]
    finally:
        engine.stop()


def test_a_source_that_does_not_let_go_says_nothing_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("opsboard.collect.supervisor.END_TIMEOUT", 0.01)
    going_on = asyncio.Event()

    async def stubborn(source: ScriptedSource) -> AsyncIterator[Change]:
        try:
            await source.context.pause(3_600)
        except asyncio.CancelledError:
            await going_on.wait()
        for change in listing("late", builds(5)):
            yield change

    async def quick(source: ScriptedSource) -> AsyncIterator[Change]:
        going_on.set()
        await asyncio.sleep(0)  # the other goes on, too
        for change in listing("web", _of(source, 1)):
            yield change
        await source.context.pause(3_600)

    engine, board = Engine((resolved(stubborn),), host_environ=NOWHERE), Board()
    engine.start()
    try:
        poll(engine, board, board.sources)
        engine.reconfigure((resolved(quick),), None).result(PATIENCE)
        poll(engine, board, lambda: _builds(board, "ci") >= 1)
        assert _builds(board, "ci") == 1
    finally:
        engine.stop()


def test_what_would_allow_more_of_a_source_is_held_back() -> None:
    before = resolved(_one, read_only=True, environment="production")
    after = resolved(_one, environment="staging")
    more = resolved(_one, "more", environment="staging")
    kept, held = held_back((after, more), {"ci": before}.get)
    assert [one.settings.read_only for one in kept] == [True, False]
    assert [one.settings.environment for one in kept] == ["production", "staging"]
    assert held == ["environment of ci, which stays as it was", "read_only of ci"]
    stricter = resolved(_one, read_only=True, environment="production")
    kept, held = held_back((stricter,), {"ci": resolved(_one, environment="production")}.get)
    assert kept[0].settings.read_only
    assert held == []


def test_a_source_is_not_taken_for_what_it_was_at_another_address() -> None:
    before = resolved(_one, environment="staging", timeout=5.0)
    after = resolved(_one, environment="production", timeout=6.0, read_only=True)
    kept, held = held_back((after,), {"ci": before}.get)
    settings = kept[0].settings
    assert (settings.environment, settings.timeout, settings.read_only) == ("staging", 5.0, True)
    assert held == ["environment of ci, which stays as it was"]


def test_a_source_that_was_away_for_a_while_allows_no_more_than_before(tmp_path: Path) -> None:
    class Connects:
        """An engine that connects what it is told, at once."""

        now: Sequence[ResolvedSource] = ()

        def resolved(self, name: str) -> ResolvedSource | None:
            return next((one for one in self.now if one.name == name), None)

        def reconfigure(self, sources: Sequence[ResolvedSource], _: object) -> Future[Reconfigured]:
            self.now, done = sources, Future[Reconfigured]()
            done.set_result(Reconfigured((), ()))
            return done

    table = '[sources.ml]\nadapter = "mlflow"\ntracking_uri = "http://127.0.0.1:1"\n'
    live, engine = _Live(tmp_path, f'{table}read_only = true\nenvironment = "a"\n'), Connects()
    engine.now = load_config(live.file).sources
    live.config.engine = engine  # type: ignore[assignment]
    live.change("")
    assert not list(engine.now)
    note = live.change(table).notes[0]
    source = engine.now[0]
    assert (source.settings.read_only, source.settings.environment) == (True, "a")
    assert "read_only of ml" in note
    live.change("")
    live.change(table)
    assert engine.resolved("ml") == source


def test_every_key_of_the_config_counts_at_some_time(tmp_path: Path) -> None:
    def settings(text: str) -> object:
        file = tmp_path / "c.toml"
        file.write_text(text)
        return load_config(file).settings

    found = sorted_changes(
        settings(""),  # type: ignore[arg-type]
        settings(  # type: ignore[arg-type]
            'read_only = true\nprotected = "x"\n[environments]\nx = "y"\n[ui]\nmouse = false\n'
            '[history]\nkeep = "1d"\n[lineage]\nsame_server = { "http://a" = "http://b" }\n'
        ),
    )
    assert found.at_once == ("lineage", "ui")
    assert set(found.stricter_only) == {"read_only", "protected"}
    assert set(found.after_restart) == {"environments", "history", "ui.mouse"}


def test_sources_wait_for_an_action_that_is_under_way(tmp_path: Path) -> None:
    class Coordinator:
        is_busy = True
        used: Callable[..., None] = lambda *_: None
        use_settings = used

    class Exchanged:
        calls = 0

        def resolved(self, name: str) -> None:
            return None

        def reconfigure(self, *_: object) -> object:
            raise AssertionError("an action is under way")

    live = _Live(tmp_path)
    live.config.engine = Exchanged()  # type: ignore[assignment]
    live.config.coordinator = Coordinator()  # type: ignore[assignment]
    live.file.write_text("read_only = true\n")
    live.config.read_again()
    notes = [note for news in live.config._news for note in news.notes]
    assert notes[-1] == "Sources are connected again once what is under way has ended."


def test_sources_that_cannot_be_connected_again_are_told_on_the_board(tmp_path: Path) -> None:
    class Broken:
        def resolved(self, name: str) -> None:
            return None

        def reconfigure(self, *_: object) -> Future[Reconfigured]:
            done = Future[Reconfigured]()
            done.set_exception(OSError("no more files: secret-hunter2"))
            return done

    live = _Live(tmp_path)
    live.config.engine = Broken()  # type: ignore[assignment]
    live.file.write_text('[sources.ml]\nadapter = "mlflow"\ntracking_uri = "http://127.0.0.1:1"\n')
    live.config.read_again()
    (problem,) = [one for news in live.config._news for one in news.problems]
    assert problem.startswith(
        "The sources of the config could not all be connected again (OSError)"
    )
    assert "hunter2" not in problem
