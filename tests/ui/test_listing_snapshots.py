"""What listings, a narrowed board, the owners of a pod and a description look like."""

import pytest

from opsboard.adapter import Description, Upsert
from opsboard.board.events import BoardEvent
from opsboard.config.settings import UiSettings
from opsboard.ui.screens.board import BoardScreen
from tests.ui.app_harness import NOW, AppHarness
from tests.ui.listing_samples import offer
from tests.ui.sample_board import stage_board
from tests.ui.test_object_pages import POD, TREE
from tests.ui.test_scope import ALERT, PODS
from tests.ui.test_snapshots import Scene, SnapCompare, before

SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (120, 36), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}"
)
_TEXT = """\
Name:         checkout-1
Namespace:    shop
Containers:
  app:
    State:    Waiting
      Reason: CrashLoopBackOff
Events:
  Warning  BackOff  restarting"""


def _stage(settings: UiSettings | None = None) -> AppHarness:
    board = stage_board()
    board.apply([BoardEvent("kube-prod", Upsert("pods", [POD, *PODS, ALERT]), NOW)])
    stage = AppHarness(BoardScreen, settings, board=board)
    offer(stage.feed)
    stage.feed.trees[POD.ref] = TREE
    stage.feed.descriptions[POD.ref] = Description(text=_TEXT, by="kubectl describe")
    return stage


def _line(text: str) -> tuple[str, ...]:
    return ("colon", *("space" if letter == " " else letter for letter in text), "enter")


SCENES: dict[str, Scene] = {
    "nodes": Scene(_stage, "4 Alerts", _line("nodes"), "live, not all"),
    "custom": Scene(_stage, "4 Alerts", _line("ro"), "[b]markup[/b]"),
    "scope": Scene(_stage, "4 Alerts", (*_line("ns shop"), *_line("ctx prod-eu")), "ctx prod-eu"),
    "tree": Scene(_stage, "4 Alerts", (*_line("pods checkout-1"), "home", "O"), "CrashLoop"),
    "description": Scene(
        _stage, "4 Alerts", (*_line("pods checkout-1"), "home", "d"), "by kubectl describe"
    ),
}


@SIZES
@pytest.mark.parametrize("name", SCENES)
def test_screen(snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    stage = _stage()
    run = before(stage, SCENES[name])
    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("name", ["nodes", "tree", "scope"])
@pytest.mark.parametrize(
    "settings",
    [UiSettings(ascii=True), UiSettings(theme="light"), UiSettings(theme="monochrome")],
    ids=["ascii", "light", "monochrome"],
)
def test_screen_otherwise(snap_compare: SnapCompare, name: str, settings: UiSettings) -> None:
    stage = _stage(settings)
    run = before(stage, SCENES[name])
    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=run)
