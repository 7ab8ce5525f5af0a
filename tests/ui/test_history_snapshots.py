"""What chain, time line, what changed before, hand-over, where and an earlier board look like."""

from datetime import UTC

import pytest

from opsboard.config.settings import UiSettings
from opsboard.ui.screens.board import BoardScreen
from tests.ui.app_harness import AppHarness
from tests.ui.sample_board import stage_board
from tests.ui.sample_history import CHAIN, SHA, FakeHistory
from tests.ui.start_screens import filled
from tests.ui.test_history_screens import ON_CHECKOUT
from tests.ui.test_services import stage as services_stage
from tests.ui.test_snapshots import SIZES, Scene, SnapCompare, before

_ALL = "4 Alerts"


def _stage(settings: UiSettings | None = None) -> AppHarness:
    board = filled(stage_board(), CHAIN)
    stage = AppHarness(BoardScreen, settings, board=board, history=FakeHistory())
    object.__setattr__(stage.app.context, "zone", UTC)
    return stage


SCENES: dict[str, Scene] = {
    "chain": Scene(_stage, _ALL, (*ON_CHECKOUT, "g"), "pod imageID"),
    "timeline": Scene(_stage, _ALL, ("colon", *"timeline", "enter"), "not watched"),
    "before-red": Scene(_stage, _ALL, (*ON_CHECKOUT, "w"), "rollback --to 55"),
    "handover": Scene(_stage, _ALL, ("colon", *"handover", "enter"), "Open alerts"),
    "where": Scene(_stage, _ALL, ("colon", *f"where {SHA[:7]}", "enter"), "In images"),
    "at": Scene(_stage, _ALL, ("colon", *"at -2h", "enter"), "AS OF 01:00"),
}


@SIZES
@pytest.mark.parametrize("name", SCENES)
def test_screen(snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    _compare(snap_compare, _stage(), SCENES[name], size)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (160, 45)], ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("keys", [(), ("enter",)], ids=["pane", "page"])
def test_services(snap_compare: SnapCompare, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    stage = services_stage()
    scene = Scene(lambda: stage, "5 Services", keys, "Environments" if keys else "v56")
    _compare(snap_compare, stage, scene, size)


@pytest.mark.parametrize("name", ["chain", "timeline", "at"])
def test_screen_in_ascii(snap_compare: SnapCompare, name: str) -> None:
    _compare(snap_compare, _stage(UiSettings(ascii=True)), SCENES[name], (80, 24))


@pytest.mark.parametrize("theme", ["monochrome", "light"])
def test_an_earlier_board_in_theme(snap_compare: SnapCompare, theme: str) -> None:
    _compare(snap_compare, _stage(UiSettings(theme=theme)), SCENES["at"], (80, 24))


def _compare(
    snap_compare: SnapCompare, stage: AppHarness, scene: Scene, size: tuple[int, int]
) -> None:
    assert snap_compare(stage.app, terminal_size=size, run_before=before(stage, scene))
