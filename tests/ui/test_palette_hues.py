"""The palette can be read in every theme, and its chosen entry is told from the others."""

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.command import CommandList

from opsboard.config.settings import UiSettings
from tests.ui.app_harness import AppHarness
from tests.ui.start_screens import detail
from tests.ui.test_hues import THEMES
from tests.ui.test_themes import RGB, _contrast

HINT = "Search for commands"
FIRST, SECOND = 0, 1


def _grounds(stage: AppHarness, entry: int) -> set[tuple[bool, object]]:
    """Return what the *entry* stands on: its background, and whether there is a line below it."""
    region = stage.app.screen.query_one(CommandList).scrollable_content_region
    lines = stage.app.screen._compositor.render_strips()
    strip = lines[region.y + entry].crop(region.x, region.right - 2)  # without the scrollbar
    styles = [segment.style or Style.null() for segment in strip]
    return {(bool(style.underline), style.bgcolor) for style in styles}


def _hint(stage: AppHarness) -> Segment:
    lines = stage.app.screen._compositor.render_strips()
    return next(one for line in lines for one in line if HINT[1:] in one.text)


@pytest.mark.parametrize("theme", THEMES)
async def test_the_chosen_entry_stands_out(theme: str) -> None:
    stage = AppHarness(detail, UiSettings(theme=theme))
    async with stage.showing("Jobs", (80, 24)) as pilot:
        await stage.does(pilot, "ctrl+p", then=HINT[1:])
        await stage.at_rest(pilot)
        assert _grounds(stage, FIRST).isdisjoint(_grounds(stage, SECOND))


async def test_where_contrast_is_high_the_chosen_entry_is_told_by_more_than_a_pale_ground() -> None:
    stage = AppHarness(detail, UiSettings(theme="contrast"))
    async with stage.showing("Jobs", (80, 24)) as pilot:
        await stage.does(pilot, "ctrl+p", then=HINT[1:])
        await stage.at_rest(pilot)
        assert {line for line, _ in _grounds(stage, FIRST)} == {True}
        assert {line for line, _ in _grounds(stage, SECOND)} == {False}


@pytest.mark.parametrize("theme", RGB)
async def test_all_of_the_chosen_entry_can_be_read(theme: str) -> None:
    stage = AppHarness(detail, UiSettings(theme=theme))
    async with stage.showing("Jobs", (120, 36)) as pilot:
        await stage.does(pilot, "ctrl+p", then=HINT[1:])
        await stage.at_rest(pilot)
        region = stage.app.screen.query_one(CommandList).scrollable_content_region
        strip = stage.app.screen._compositor.render_strips()[region.y]
        shown = [one for one in strip.crop(region.x, region.right - 2) if one.text.strip()]
        assert len(shown) > 2, "its key, its title, what it does"
        for text, style, _ in shown:
            assert style is not None
            assert style.color is not None
            assert style.bgcolor is not None
            assert _contrast(style.color.name, style.bgcolor.name) >= 4.5, text


@pytest.mark.parametrize("theme", RGB)
async def test_the_hint_of_what_to_type_can_be_read(theme: str) -> None:
    stage = AppHarness(detail, UiSettings(theme=theme))
    async with stage.showing("Jobs", (80, 24)) as pilot:
        await stage.does(pilot, "ctrl+p", then=HINT[1:])
        style = _hint(stage).style
        assert style is not None
        assert style.color is not None
        assert style.bgcolor is not None
        assert _contrast(style.color.name, style.bgcolor.name) >= 4.5


@pytest.mark.parametrize(("ascii_only", "corner"), [(False, "╭─"), (True, "+-")])
async def test_where_colours_cannot_be_mixed_it_has_a_box(ascii_only: bool, corner: str) -> None:
    stage = AppHarness(detail, UiSettings(theme="terminal", ascii=ascii_only))
    async with stage.showing("Jobs", (80, 24)) as pilot:
        await stage.does(pilot, "ctrl+p", then=HINT[1:])
        assert corner in stage.text
        if ascii_only:
            assert stage.text.isascii()
