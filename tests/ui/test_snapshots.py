"""What each screen looks like, at the two usual sizes: pages, logs, boxes and the prompt."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest
from textual.pilot import Pilot

from opsboard.adapter import LogLine, Unreachable
from opsboard.config.settings import UiSettings
from tests.ui import start_screens
from tests.ui.app_harness import AppHarness

SnapCompare = Callable[..., bool]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda s: f"{s[0]}x{s[1]}")


class Scene(NamedTuple):
    """Where one begins, what is there when it is ready, the keys, and what they lead to."""

    home: Callable[[], AppHarness]
    ready: str
    keys: tuple[str, ...]
    shows: str


def before(stage: AppHarness, scene: Scene) -> Callable[[Pilot[int]], Awaitable[None]]:
    """Return what brings *scene* about, for ``snap_compare``."""

    async def run(pilot: Pilot[int]) -> None:
        await stage.sees(pilot, scene.ready)
        await stage.previews_at_rest(pilot)  # what a page hides, or a choice covers, is asked
        await stage.does(pilot, *scene.keys, then=scene.shows)
        await stage.at_rest(pilot)

    return run


def _detail() -> AppHarness:
    return AppHarness(start_screens.detail)


def _log() -> AppHarness:
    return AppHarness(start_screens.log)


def _log_of_steps() -> AppHarness:
    stage = _log()
    stage.feed.lines = [LogLine(text=f"line {at}", part="Install") for at in range(3)]
    return stage


def _ended_log() -> AppHarness:
    stage = _log()
    stage.feed.lines = [LogLine(text=f"line {at} of a pod's only container") for at in range(3)]
    stage.feed.ends = True
    return stage


def _failed_log() -> AppHarness:
    stage = _ended_log()
    stage.feed.more.put_nowait(Unreachable("the stream broke", "press r to read it again"))
    stage.feed.ends = False
    return stage


def _failed_detail() -> AppHarness:
    stage = _detail()
    stage.feed.error = Unreachable("no answer from example.org", "check the network")
    return stage


def _raw() -> AppHarness:
    return AppHarness(start_screens.raw)


_FRESH, _LINES = "as of now", "200 lines"
SCENES: dict[str, Scene] = {
    "detail": Scene(_detail, _FRESH, ("tab", "tab", "down"), "unit-tests"),
    "detail-failed": Scene(_failed_detail, "not available", (), "check the network"),
    "plots": Scene(_detail, _FRESH, ("G",), "assert 2 == 3"),
    "log": Scene(_log, _LINES, (), "line 199 "),
    "log-filter": Scene(_log, _LINES, ("slash", *"error"), "20 of 200 lines"),
    "log-wrapped": Scene(_log, _LINES, ("w", "t", "k"), "not following"),
    "log-paused": Scene(_log_of_steps, "3 lines", ("space",), "paused, 0 new"),
    "log-ended": Scene(_ended_log, "3 lines", (), "the end"),
    "log-failed": Scene(_failed_log, "line 2", (), "the stream broke"),
    "raw": Scene(_raw, "YAML", (), "name: shop/api"),
    "raw-search": Scene(_raw, "YAML", ("slash", *"name", "enter"), "3 lines with"),
    "json": Scene(_raw, "YAML", ("f",), '"name": "shop/api"'),
    "help": Scene(_detail, _FRESH, ("question_mark",), "Open its detail"),
    "help-log": Scene(_log, _LINES, ("question_mark",), "Go to the next line that is an error"),
    "help-raw": Scene(_raw, "YAML", ("question_mark",), "Show it as JSON"),
    "sources": Scene(_detail, _FRESH, ("i",), "connection refused"),
    "choice": Scene(_detail, _FRESH, ("c",), "Copy to the clipboard"),
    "prompt": Scene(_detail, _FRESH, ("colon", "s"), ":s"),
    "prompt-wrong": Scene(_detail, _FRESH, ("colon", *"thme", "enter"), "did you mean"),
    "prompt-themes": Scene(_detail, _FRESH, ("colon", *"theme "), "colorblind"),
    "palette": Scene(_detail, _FRESH, ("ctrl+p",), "Go to builds"),
}


@SIZES
@pytest.mark.parametrize("name", SCENES)
def test_screen(snap_compare: SnapCompare, name: str, size: tuple[int, int]) -> None:
    scene = SCENES[name]
    stage = scene.home()
    assert snap_compare(stage.app, terminal_size=size, run_before=before(stage, scene))


@pytest.mark.parametrize("theme", ["light", "contrast", "colorblind", "monochrome", "terminal"])
def test_theme(snap_compare: SnapCompare, theme: str) -> None:
    stage = AppHarness(start_screens.detail, UiSettings(theme=theme))
    run = before(stage, SCENES["detail"])
    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=run)


def test_ascii(snap_compare: SnapCompare) -> None:
    stage = AppHarness(start_screens.detail, UiSettings(ascii=True))
    run = before(stage, SCENES["detail"])
    assert snap_compare(stage.app, terminal_size=(120, 36), run_before=run)
