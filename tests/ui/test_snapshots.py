"""What each screen looks like, at the two usual sizes."""

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

from opsboard.config.settings import UiSettings
from tests.ui.homes import detail as _detail
from tests.ui.homes import log as _log
from tests.ui.homes import raw as _raw
from tests.ui.stage import Stage, screen_text, until

SnapCompare = Callable[..., bool]
SIZES = [(80, 24), (120, 36)]

SCENES: dict[str, tuple[Callable[[], Screen[None]], tuple[str, ...], str]] = {
    "detail": (_detail, ("tab", "tab", "down"), "unit-tests"),
    "plots": (_detail, ("G",), "assert 2 == 3"),
    "log": (_log, (), "line 199 "),
    "log-filter": (_log, ("slash", *"error"), "20 of 200 lines"),
    "raw": (_raw, (), "name: shop/api"),
    "help": (_detail, ("question_mark",), "See the record"),
    "sources": (_detail, ("i",), "connection refused"),
    "choice": (_detail, ("c",), "Copy to the clipboard"),
    "prompt": (_detail, ("colon", "s"), ":s"),
}


def _before(
    stage: Stage, keys: tuple[str, ...], word: str
) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def run(pilot: Pilot[int]) -> None:
        ready = {_log: "200 lines", _raw: "YAML"}.get(stage.home, "as of now")
        await until(pilot, lambda: ready in screen_text(stage.app))
        await pilot.press(*keys)
        await until(pilot, lambda: word in screen_text(stage.app))
        await pilot.pause()

    return run


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES)
def test_screen(snap_compare: SnapCompare, scene: str, size: tuple[int, int]) -> None:
    home, keys, word = SCENES[scene]
    stage = Stage(home)
    assert snap_compare(stage.app, terminal_size=size, run_before=_before(stage, keys, word))


@pytest.mark.parametrize("theme", ["light", "contrast", "colorblind", "monochrome", "terminal"])
def test_theme(snap_compare: SnapCompare, theme: str) -> None:
    stage = Stage(_detail, UiSettings(theme=theme))
    run = _before(stage, ("tab", "tab", "down"), "unit-tests")
    assert snap_compare(stage.app, terminal_size=(80, 24), run_before=run)


def test_ascii(snap_compare: SnapCompare) -> None:
    stage = Stage(_detail, UiSettings(ascii=True))
    run = _before(stage, ("tab", "tab", "down"), "unit-tests")
    assert snap_compare(stage.app, terminal_size=(120, 36), run_before=run)
