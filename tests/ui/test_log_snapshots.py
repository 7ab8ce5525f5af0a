"""Pictures of the log of a workload, and of that of a build."""

import pytest

from opsboard.config.settings import UiSettings
from tests.ui import start_screens
from tests.ui.app_harness import AppHarness
from tests.ui.sample_logs import build_log, pods, pods_log, run_log
from tests.ui.test_snapshots import Scene, SnapCompare, before

SIZES = pytest.mark.parametrize(
    "size", [(80, 24), (120, 36), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}"
)


def _pods_log(theme: str = "dark") -> AppHarness:
    stage = AppHarness(start_screens.pods_log, UiSettings(theme=theme))
    stage.feed.lines, stage.feed.parts = pods_log(), pods()
    return stage


def _build_log(theme: str = "dark") -> AppHarness:
    stage = AppHarness(start_screens.log, UiSettings(theme=theme))
    stage.feed.lines, stage.feed.ends = build_log(), True
    return stage


def _run_log() -> AppHarness:
    stage = AppHarness(start_screens.log)
    stage.feed.lines, stage.feed.ends = run_log(), True
    return stage


BUILD_AT = "error: test_basket"
SCENES = {
    "build": Scene(_build_log, BUILD_AT, (), "[+] ✓ Post Check out"),
    "build-whole": Scene(_run_log, BUILD_AT, (), "? deploy  cancelled"),
    "build-open": Scene(_build_log, BUILD_AT, ("z", "g"), "[-] ✓ Set up job"),
    "build-filter": Scene(_build_log, BUILD_AT, ("slash", *"level>=warn", "enter"), "3 of "),
    "build-annotations": Scene(_build_log, BUILD_AT, ("a",), "3 annotations"),
    "pods": Scene(_pods_log, "87 lines", ("T",), "not following"),
    "pods-filter": Scene(
        _pods_log, "87 lines", ("slash", *"level>=warn !proxy", "enter", "C"), "retrying"
    ),
    "pods-hits": Scene(_pods_log, "87 lines", ("slash", *"12 orders", "enter", "F", "N"), "hits: "),
    "pods-wrapped": Scene(_pods_log, "87 lines", ("w",), "not following"),
    "pods-pick": Scene(_pods_log, "87 lines", ("p",), "Which pods?"),
}


@SIZES
@pytest.mark.parametrize("name", SCENES)
def test_log(snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    scene = SCENES[name]
    stage = scene.home()
    assert snap_compare(stage.app, terminal_size=size, run_before=before(stage, scene))


@pytest.mark.parametrize("theme", ["light", "monochrome"])
def test_build_log_in_theme(snap_compare: SnapCompare, theme: str) -> None:
    stage = _build_log(theme)
    run = before(stage, SCENES["build"])
    assert snap_compare(stage.app, terminal_size=(120, 36), run_before=run)


@pytest.mark.parametrize("theme", ["light", "monochrome", "terminal"])
def test_log_in_theme(snap_compare: SnapCompare, theme: str) -> None:
    stage = _pods_log(theme)
    run = before(stage, SCENES["pods"])
    assert snap_compare(stage.app, terminal_size=(120, 36), run_before=run)
