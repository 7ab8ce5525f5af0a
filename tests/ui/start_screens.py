"""The screens that tests begin on."""

from collections.abc import Iterable

from textual.screen import Screen

from opsboard.adapter import listing
from opsboard.board.events import ActivityUpdate, BoardEvent
from opsboard.board.state import Board
from opsboard.config.settings import UiSettings
from opsboard.records import Activity, AnyRecord
from opsboard.ui.context import AppContext
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.screens.log import LogScreen
from opsboard.ui.screens.raw import RawScreen
from tests.ui.app_harness import AppHarness
from tests.ui.sample_board import BUILD, JOB, NOW, PODS, stage_board


def detail(context: AppContext) -> Screen[None]:
    """Return the detail of a build."""
    return DetailScreen(context, BUILD.ref)


def log(context: AppContext) -> Screen[None]:
    """Return the log of one of its jobs."""
    return LogScreen(context, JOB, "unit-tests")


def pods_log(context: AppContext) -> Screen[None]:
    """Return the log of a workload with several pods."""
    return LogScreen(context, PODS, "unit-tests")


def raw(context: AppContext) -> Screen[None]:
    """Return its raw form."""
    return RawScreen(context, BUILD.ref, BUILD.name)


def board_with(records: Iterable[AnyRecord], settings: UiSettings | None = None) -> AppHarness:
    """Return the board, with *records* on it."""
    return AppHarness(BoardScreen, settings, board=filled(stage_board(), records))


def filled(board: Board, records: Iterable[AnyRecord]) -> Board:
    """Return *board* with *records*, each kind of each source a scope of its own."""
    scopes: dict[tuple[str, str], list[AnyRecord]] = {}
    for record in records:
        if isinstance(record, Activity):  # of no source: the program itself tells of it
            board.apply([BoardEvent("", ActivityUpdate([record]), NOW)])
            continue
        scopes.setdefault((record.source, record.kind), []).append(record)
    for (source, scope), some in scopes.items():
        board.apply(BoardEvent(source, change, NOW) for change in listing(scope, some))
    return board
