"""Themes and glyphs, as they are worn."""

import pytest

from opsboard.config.settings import UiSettings
from tests.ui.app_harness import AppHarness
from tests.ui.start_screens import detail


async def test_no_color_means_monochrome(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = AppHarness(detail, env={"NO_COLOR": "1"})
    async with stage.showing("Jobs"):
        assert stage.app.theme == "monochrome"
        strips = stage.app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        colors = {style.color.name for style in styles if style.color}
        assert colors <= {"default"}


async def test_an_unknown_theme_is_a_notice_and_the_default() -> None:
    stage = AppHarness(detail, UiSettings(theme="drak"))
    async with stage.showing("there is no theme 'drak'"):
        assert stage.app.theme == "dark"


async def test_ascii_mode_draws_no_other_character() -> None:
    stage = AppHarness(detail, UiSettings(ascii=True))
    async with stage.showing("Jobs") as pilot:
        await stage.does(pilot, "c", then="Copy to the clipboard")
        assert {char for char in stage.text if not char.isascii()} == set()


async def test_all_themes_can_be_worn_in_turn() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs") as pilot:
        for theme in stage.app.themes.names:
            stage.app.themes.switch(theme)
            await pilot.pause()
            assert "PRODUCTION" in stage.text
