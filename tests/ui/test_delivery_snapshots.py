"""What the pages of delivery figures look like."""

from datetime import UTC

import pytest

from opsboard.config.settings import UiSettings
from opsboard.delivery.read_delivery import DeliveryHistory
from opsboard.ui.screens.board import BoardScreen
from tests.ui.app_harness import AppHarness
from tests.ui.delivery_samples import delivered, nothing_delivered
from tests.ui.sample_board import stage_board
from tests.ui.sample_history import CHAIN, FakeHistory
from tests.ui.start_screens import filled
from tests.ui.test_snapshots import SIZES, Scene, SnapCompare, before

_OPEN = ("colon", *"delivery", "enter")


def _stage(history: DeliveryHistory, settings: UiSettings | None = None) -> AppHarness:
    told = FakeHistory()
    told.delivered = history
    board = filled(stage_board(), CHAIN)
    stage = AppHarness(BoardScreen, settings, board=board, history=told)
    object.__setattr__(stage.app.context, "zone", UTC)
    return stage


def _compare(
    snap_compare: SnapCompare,
    stage: AppHarness,
    keys: tuple[str, ...],
    then: str,
    size: tuple[int, int],
) -> None:
    scene = Scene(lambda: stage, "4 Alerts", keys, then)
    assert snap_compare(stage.app, terminal_size=size, run_before=before(stage, scene))


@SIZES
def test_list(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    _compare(snap_compare, _stage(delivered()), _OPEN, "@champion", size)


@SIZES
def test_lane(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    keys = (*_OPEN, "down", "enter")
    _compare(snap_compare, _stage(delivered()), keys, "rework rate", size)


@SIZES
def test_nothing(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    _compare(snap_compare, _stage(nothing_delivered()), _OPEN, "no workload, deployment", size)


@pytest.mark.parametrize("keys", [(), ("down", "enter")], ids=["list", "lane"])
def test_in_ascii(snap_compare: SnapCompare, keys: tuple[str, ...]) -> None:
    stage = _stage(delivered(), UiSettings(ascii=True))
    then = "rework rate" if keys else "@champion"
    _compare(snap_compare, stage, (*_OPEN, *keys), then, (80, 24))
