"""What the board looks like: overview and panes, in all the states that it can be in."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from opsboard.adapter import Condition, Due, Health, Report, Skipped
from opsboard.board.events import BoardEvent, RestoredScope, SourceInfo
from opsboard.board.state import Board
from opsboard.config.settings import UiSettings
from opsboard.ui.screens.board import BoardScreen
from opsboard.views.panes import numbered_panes, panes
from tests.ui.app_harness import AppHarness
from tests.ui.sample_board import NOW
from tests.ui.sample_records import builds, everything
from tests.ui.start_screens import board_with, filled
from tests.ui.test_snapshots import SIZES, Scene, SnapCompare, before

NAMES = {"github": "GitHub Actions", "kube-prod": "Kubernetes"}
THEMES = ("light", "contrast", "colorblind", "monochrome", "terminal")


def _full() -> AppHarness:
    return board_with(everything())


def _no_source() -> AppHarness:
    return AppHarness(BoardScreen, board=Board({}))


def _asking() -> AppHarness:
    """One source has told of itself, and not yet of all it has; the other has said nothing."""
    board = filled(Board(NAMES), builds(2))
    board.apply([BoardEvent("kube-prod", Report(Health(condition=Condition.LIVE)), NOW)])
    return AppHarness(BoardScreen, board=board)


def _nothing() -> AppHarness:
    board = filled(Board({"github": "GitHub Actions"}), builds(1))
    live = BoardEvent("github", Report(Health(condition=Condition.LIVE)), NOW)
    board.apply([live])
    return AppHarness(BoardScreen, board=board)


def _from_disk() -> AppHarness:
    board, at = Board(NAMES), NOW - timedelta(hours=2)
    restored = RestoredScope("shop", builds(6), SourceInfo("GitHub Actions", "key"))
    board.apply([BoardEvent("github", restored, at)])
    return AppHarness(BoardScreen, board=board)


def _down() -> AppHarness:
    stage = _from_disk()
    health = Health(
        condition=Condition.UNAUTHENTICATED,
        message="401 from https://api.github.com",
        hint="run `gh auth login`",
    )
    stage.board.apply([BoardEvent("github", Report(health), NOW)])
    return stage


def _doubtful() -> AppHarness:
    """Records that could not be read, a cluster that is down beside others, a look that hangs."""
    stage = board_with(everything())
    down = Health(condition=Condition.UNREACHABLE, message="connection refused", hint="see the VPN")
    odd = Skipped(scope="build", count=3, total=120, examples=("run 7: no id", "run 9: no name"))
    told = [
        *(BoardEvent(name, Report(Health(condition=Condition.LIVE)), NOW) for name in NAMES),
        BoardEvent("github", odd, NOW),
        BoardEvent("kube-prod", Report(down, "us-east"), NOW),
        BoardEvent("kube-prod", Due("pod", 15.0), NOW - timedelta(minutes=5)),
    ]
    stage.board.apply(told)
    stage.board.tick(NOW + timedelta(minutes=2))
    return stage


def _untold() -> AppHarness:
    """Throttled from its first request: nothing is known, so nothing is well."""
    board = Board(NAMES)
    slow = Health(condition=Condition.THROTTLED, message="429 Too Many Requests", hint="wait")
    board.apply([BoardEvent(source, Report(slow), NOW) for source in NAMES])
    return AppHarness(BoardScreen, board=board)


_ALL = "4 Alerts"
SCENES: dict[str, Scene] = {
    "overview": Scene(_full, _ALL, (), "1 Builds"),
    **{
        pane.id: Scene(_full, _ALL, ("tab",) * at + ("z",), f"{pane.number} {pane.title}")
        for at, pane in enumerate(numbered_panes())
    },
    **{
        pane.id: Scene(_full, _ALL, ("colon", *pane.id, "enter"), f"▌{pane.title} ")
        for pane in panes()
        if not pane.number
    },
    "filter": Scene(_full, _ALL, ("z", "slash", *"repo:pay", "enter"), "/repo:pay"),
    "filter-typed": Scene(_full, _ALL, ("z", "slash", *"status:f"), "/status:f"),
    "filter-none": Scene(_full, _ALL, ("z", "slash", *"nowhere", "enter"), "Esc drops"),
    "filter-wrong": Scene(_full, _ALL, ("z", "slash", *"color:red", "enter"), "no field"),
    "marks": Scene(_full, _ALL, ("4", "z", "space", "j", "space"), "2 marked"),
    "snooze": Scene(_full, _ALL, ("4", "z", "s"), "Silence 1 alert for"),
    "sorted": Scene(_full, _ALL, ("2", "z", "greater_than_sign", "R"), "2 Deployments"),
    "completion": Scene(_full, _ALL, ("1", "colon", *"sort w"), "workflow"),
    "help": Scene(_full, _ALL, ("question_mark",), "Open its detail"),
    "no-source": Scene(_no_source, _ALL, (), "No alerts."),
    "asking": Scene(_asking, _ALL, (), "No deployments yet: asking."),
    "nothing": Scene(_nothing, _ALL, (), "No models."),
    "from-disk": Scene(_from_disk, _ALL, (), "2h old, from disk"),
    "untold": Scene(_untold, _ALL, (), "No alerts are known yet."),
    "doubtful": Scene(_doubtful, _ALL, (), "1 Builds"),
    "doubtful-sources": Scene(_doubtful, _ALL, ("i",), "could not be read"),
    "down": Scene(_down, _ALL, (), "github unauthenticated, 2h old"),
}


@SIZES
@pytest.mark.parametrize("name", SCENES)
def test_board(snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    _compare(snap_compare, SCENES[name], size)


@pytest.mark.parametrize("size", [(20, 5), (200, 60), (300, 100)], ids=lambda s: f"{s[0]}x{s[1]}")
def test_board_at_the_extremes(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    word = "too small" if size == (20, 5) else _ALL
    _compare(snap_compare, Scene(_full, word, (), word), size)


@pytest.mark.parametrize("theme", THEMES)
def test_board_in_theme(snap_compare: SnapCompare, theme: str) -> None:
    _compare(snap_compare, _worn(UiSettings(theme=theme)), (120, 36))


@SIZES
def test_board_in_ascii(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    _compare(snap_compare, _worn(UiSettings(ascii=True)), size)


@pytest.mark.parametrize(
    ("keys", "shows"),
    [(("3", "z"), "challenger="), (("colon", *"drift", "enter"), "_#")],
    ids=["models", "drift"],
)
async def test_cells_hold_no_sign_of_ours_that_ascii_lacks(
    keys: tuple[str, ...], shows: str
) -> None:
    stage = board_with(everything(), UiSettings(ascii=True))
    async with stage.showing(_ALL, (160, 40)) as pilot:
        await stage.does(pilot, *keys, then=shows)
        assert not set("→▁▂▃▄▅▆▇█…") & set(stage.text)


async def test_a_release_and_a_workload_of_one_name_can_be_told_apart() -> None:
    stage = _full()
    async with stage.showing(_ALL, (80, 24)) as pilot:
        await stage.does(pilot, "2", "z", "slash", *"payments", "enter", then="/payments")
        rows = [line for line in stage.text.splitlines() if " payments " in line]
        assert {("GitHub" in row, "/4" in row) for row in rows} == {(True, False), (False, True)}


def _worn(settings: UiSettings) -> Scene:
    home: Callable[[], AppHarness] = lambda: board_with(everything(), settings)  # noqa: E731
    return Scene(home, _ALL, ("2", "space", "j"), "1 marked")


def _compare(snap_compare: SnapCompare, scene: Scene, size: tuple[int, int]) -> None:
    stage = scene.home()
    assert snap_compare(stage.app, terminal_size=size, run_before=before(stage, scene))
