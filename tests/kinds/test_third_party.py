"""The sample adapter's own kind has all that the board's own have, and nothing names it there."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from opsboard.adapter import Remove, Unsupported, Upsert, listing
from opsboard.board.cache import BoardCache, CachedScope, cached_kinds
from opsboard.board.events import BoardEvent, RestoredScope, SourceInfo
from opsboard.board.rollup import StatusExitCode, exit_code
from opsboard.board.state import Board
from opsboard.config import registry
from opsboard.config.settings import UiSettings
from opsboard.kinds.registry import KINDS
from opsboard.records import AlertState, Kind, Record, Status
from opsboard.records.codec import as_json, json_schema
from opsboard.ui.actions.keymap import build_keymap
from opsboard.ui.screens.board import BoardScreen
from opsboard.views.filter import FilterError, parse
from opsboard.views.panes import pane_named
from tests.patience import PATIENCE
from tests.ui.app_harness import NOW, AppHarness
from tests.ui.sample_board import stage_board

SAMPLE = Path(__file__).parents[1] / "sample_adapter"
RUNNER = Kind("runner")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the sample adapter into a folder of its own; return that folder."""
    target = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--target", str(target)]
    subprocess.run([*pip, *offline, str(SAMPLE)], check=True, timeout=PATIENCE)
    return target


def _forget_all() -> None:
    registry._entry_points.cache_clear()
    registry.load_adapter.cache_clear()
    KINDS.drop("nightly")
    for name in [name for name in sys.modules if name.startswith("opsboard_nightly")]:
        del sys.modules[name]


@pytest.fixture
def installed(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have the sample adapter be installed, and not be loaded yet."""
    monkeypatch.syspath_prepend(site)
    _forget_all()
    yield
    _forget_all()


@pytest.fixture
def loaded(installed: None) -> None:
    """Have it be loaded, as it is when a source of the config names it."""
    registry.load_adapter("nightly")


def _runner(name: str, **more: Any) -> Record:
    kind = KINDS.get(RUNNER)
    assert kind is not None
    told = {
        "source": "night", "id": name, "name": name, "state": "online", "status": Status.OK,
        "slots": 4, "busy": 1, "seen_at": NOW - timedelta(minutes=2), **more,
    }  # fmt: skip
    return kind.record(**told)


def _offline(name: str, **more: Any) -> Record:
    return _runner(name, state="offline", status=Status.FAILED, **more)


def _board(*records: Record, board: Board | None = None) -> Board:
    board = board or stage_board()
    board.apply(BoardEvent("night", change, NOW) for change in listing("runners", records))
    return board


# --- the table -----------------------------------------------------------------------------------


async def _open(stage: AppHarness, pilot: Pilot[int], word: str) -> None:
    await stage.sees(pilot, "1 Builds")
    await pilot.press("colon", *word, "enter")


@pytest.mark.parametrize("word", ["runners", "rn"])
async def test_its_table_is_opened_by_its_words(loaded: None, word: str) -> None:
    stage = AppHarness(BoardScreen, board=_board(_runner("r1"), _offline("r2")))
    async with stage.run((100, 30)) as pilot:
        await _open(stage, pilot, word)
        await stage.sees(pilot, "Runners")
        await stage.sees(pilot, "r2")
        assert "offline" in stage.text


async def test_it_follows_what_changes(loaded: None) -> None:
    stage = AppHarness(BoardScreen, board=_board(_runner("r1")))
    async with stage.run((100, 30)) as pilot:
        await _open(stage, pilot, "runners")
        await stage.sees(pilot, "online")
        draining = _runner("r1", state="draining", status=Status.WARNING)
        event = BoardEvent("night", Upsert("runners", [draining]), NOW)
        stage.app.board_changed(stage.board.apply([event]))
        await stage.sees(pilot, "drain")
        gone = BoardEvent("night", Remove("runners", [draining.ref]), NOW)
        stage.app.board_changed(stage.board.apply([gone]))
        await stage.sees(pilot, "No runners")


async def test_a_kind_that_is_loaded_later_has_its_table_at_once(installed: None) -> None:
    stage = AppHarness(BoardScreen)
    async with stage.run((100, 30)) as pilot:
        await stage.sees(pilot, "1 Builds")
        registry.load_adapter("nightly")
        _board(_runner("r1"), board=stage.board)
        await _open(stage, pilot, "runners")
        await stage.sees(pilot, "r1")


async def test_a_key_of_the_user_opens_it(loaded: None) -> None:
    settings = UiSettings(keys={"pane.runners": ("f9",)})
    stage = AppHarness(BoardScreen, settings, board=_board(_runner("r1")))
    async with stage.run((100, 30)) as pilot:
        await stage.sees(pilot, "1 Builds")
        await stage.does(pilot, "f9", then="Runners")


async def test_a_key_for_a_table_that_there_is_not_yet_is_no_fault() -> None:
    assert build_keymap({"pane.walkers": ("f9",)}) == {"pane.walkers": "f9"}
    stage = AppHarness(BoardScreen, UiSettings(keys={"pane.walkers": ("f9",)}))
    async with stage.run((100, 30)) as pilot:
        await stage.sees(pilot, "1 Builds")
        await stage.does(pilot, "f9", then="there is no such table")


# --- filter, order, detail -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("r1", True), ("name:r1", True), ("state:offline", False), ("busy:>0", True),
        ("slots:>4", False), ("seen:<1h", True), ("labels:big", False), ("version:2", True),
        ("source:night", True), ("!status:failed", True),
    ],
)  # fmt: skip
def test_its_fields_are_fields_of_the_filter(loaded: None, text: str, passes: bool) -> None:
    chosen = parse(text, pane_named("runners"))
    assert chosen(_runner("r1", version="2.1"), NOW) is passes


def test_a_word_that_none_of_its_states_is_is_told(loaded: None) -> None:
    with pytest.raises(FilterError, match="did you mean 'online' or 'offline'"):
        parse("state:ofline", pane_named("runners"))
    with pytest.raises(FilterError, match="no field 'stat'"):
        parse("stat:x", pane_named("runners"))


async def test_its_page_shows_its_fields(loaded: None) -> None:
    record = _runner("r1", labels=("big", "arm"), version="2.1")
    stage = AppHarness(BoardScreen, board=_board(record))
    stage.feed.error = Unsupported("runner r1 has no details")
    async with stage.run((100, 30)) as pilot:
        await _open(stage, pilot, "runners")
        await stage.sees(pilot, "r1")
        await stage.does(pilot, "enter", then="big, arm")
        assert "slots" in stage.text
        assert "2.1" in stage.text


# --- alerts, and what is remembered --------------------------------------------------------------


def test_its_rule_makes_alerts_that_count_and_can_be_acknowledged(loaded: None) -> None:
    board = _board(_runner("r1"), _offline("r2"))
    (alert,) = [one for one in board.records(Kind.ALERT).values() if one.source == "night"]
    assert (alert.name, alert.reason, alert.message) == ("r2", "offline", "4 slots are missing")
    board.acknowledge(alert.ref, NOW)
    acknowledged: Any = board.get(alert.ref)
    assert acknowledged.state is AlertState.ACKNOWLEDGED
    only = Board()
    _board(_offline("r2"), board=only)
    assert exit_code(only, [RUNNER]) is StatusExitCode.FAILED
    _board(_runner("r2"), board=only)
    assert exit_code(only, [RUNNER]) is StatusExitCode.OK
    assert not only.records(Kind.ALERT)


def test_a_version_that_failed_is_remembered(loaded: None) -> None:
    board = _board(_offline("r1", version="2.1"))
    _board(_runner("r1", version="2.0"), board=board)
    (failure,) = board.failures(_runner("r1"))
    assert (failure.version, failure.reason) == ("2.1", "offline")


# --- disk ----------------------------------------------------------------------------------------


def _stored(folder: Path, *records: Record) -> SourceInfo:
    info = SourceInfo("Nightly", "key-1")
    cache = BoardCache(folder)
    cache.save_sources("here", {"night": info}, NOW)
    assert cache.save([CachedScope("key-1", "runners", RUNNER, NOW, records)])
    cache.close()
    return info


def _restored(folder: Path) -> list[Record]:
    cache = BoardCache(folder)
    found = [event.change for event in cache.restore("here", {"key-1"})]
    assert cache.problem == ""
    cache.close()
    return [r for change in found if isinstance(change, RestoredScope) for r in change.records]


def test_it_is_kept_and_restored_before_its_adapter_is_loaded(loaded: None, tmp_path: Path) -> None:
    assert RUNNER in cached_kinds()
    records = (_runner("r1", labels=("big",)), _offline("r2"))
    _stored(tmp_path, *records)
    _forget_all()
    assert KINDS.get(RUNNER) is None
    assert list(map(as_json, _restored(tmp_path))) == list(map(as_json, records))
    assert KINDS.get(RUNNER) is not None


def test_one_of_a_kind_that_is_gone_is_dropped_quietly(
    loaded: None, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _stored(tmp_path, _runner("r1"))
    _forget_all()
    monkeypatch.setattr(sys, "path", [one for one in sys.path if one != str(site)])
    _forget_all()
    assert _restored(tmp_path) == []


def test_the_board_takes_a_record_of_a_kind_that_nothing_declares(loaded: None) -> None:
    """It is quietly there: no table shows it, and nothing breaks."""
    record = _offline("r1")
    _forget_all()
    board = _board(record)
    assert board.get(record.ref) == record
    assert not [one for one in board.records(Kind.ALERT).values() if one.source == "night"]


# --- JSON ----------------------------------------------------------------------------------------


def test_its_json_is_as_its_schema_says(loaded: None) -> None:
    import jsonschema

    record = _runner("r1", labels=("big",))
    document = as_json(record)
    assert (document["kind"], document["state"], document["labels"]) == (
        "runner",
        "online",
        ["big"],
    )
    schema = json_schema(type(record))
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**document, "slots": "four"}, schema)


# --- nothing knows it by name --------------------------------------------------------------------

ROOT = Path(__file__).parents[2]
ROOMS = ("board", "views", "collect", "startup", "commands", "config", "ui", "testing", "arguments")
