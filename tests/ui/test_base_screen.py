"""The frame of every screen: top line, prompt, keys, palette."""

import pytest
from textual.command import CommandList
from textual.content import Content
from textual.widgets import Input

from opsboard.adapter import Condition, Health, Report
from opsboard.board.events import BoardEvent
from opsboard.config.settings import UiSettings
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.sources import SourcesScreen
from opsboard.ui.widgets.log_view import LogView
from opsboard.ui.widgets.prompt import PromptQuestion, open_prompt
from tests.ui.app_harness import AppHarness, until
from tests.ui.sample_board import NOW
from tests.ui.start_screens import detail, log, raw


async def test_the_feed_starts_after_the_first_frame() -> None:
    stage = AppHarness(detail)
    assert stage.feed.started == 0
    async with stage.run(size=(80, 24)) as pilot:
        await until(pilot, lambda: stage.feed.started == 1)


async def test_the_top_line_tells_of_every_source_and_of_production() -> None:
    stage = AppHarness(detail)
    async with stage.showing("PRODUCTION") as pilot:
        line = (await stage.at_rest(pilot)).splitlines()[0]
        assert "✓ github 40s" in line
        assert "✓ kube-prod live" in line
        assert "✗ mlflow unreachable" in line


@pytest.mark.parametrize("width", [40, 60, 80, 120, 300])
async def test_the_top_line_fits_whatever_the_width(width: int) -> None:
    stage = AppHarness(detail)
    async with stage.run(size=(width, 10)) as pilot:
        await stage.sees(pilot, "PRODUCTION")
        line = (await stage.at_rest(pilot)).splitlines()[0]
        assert len(line) <= width
        assert ("4,812/5,000" in line) == (width >= 120)


@pytest.mark.parametrize(("width", "word"), [(40, "RO PRODUCTION"), (80, "read-only  PRODUCTION")])
async def test_the_top_line_says_that_one_may_only_read(width: int, word: str) -> None:
    stage = AppHarness(detail, read_only=True)
    async with stage.run(size=(width, 10)) as pilot:
        await stage.sees(pilot, "PRODUCTION")
        assert " ".join(word.split()) in " ".join(stage.text.splitlines()[0].split())


async def test_what_arrives_reaches_the_top_line() -> None:
    stage = AppHarness(detail)
    async with stage.run(size=(120, 36)) as pilot:
        await until(pilot, lambda: stage.feed.started == 1)
        down = Health(condition=Condition.FORBIDDEN, message="no")
        stage.feed.pending = [BoardEvent("github", Report(down), NOW)]
        stage.feed.wake()
        await until(pilot, lambda: "✗ github" in stage.text.splitlines()[0])


async def test_commands_are_completed_and_errors_told_inline() -> None:
    stage = AppHarness(detail)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("colon", *"theme l", "tab", "enter")
        await until(pilot, lambda: stage.app.theme == "light")
        await stage.does(pilot, "colon", *"thme", "enter", then="did you mean 'theme'?")
        await stage.does(pilot, "escape", "colon", "up", then=":theme light")


async def test_the_users_keys_are_used_and_shown() -> None:
    stage = AppHarness(log, UiSettings(keys={"log.wrap": ("W",)}))
    async with stage.showing("W Wrap", (120, 36)) as pilot:
        view = stage.app.screen.query_one(LogView)
        await pilot.press("w")
        assert not view.wrap
        await pilot.press("W")
        await until(pilot, lambda: view.wrap)


async def test_the_palette_offers_what_can_be_done_here() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs") as pilot:
        await stage.does(pilot, "ctrl+p", *"health scopes", then="Show the health, scopes")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.app.screen, SourcesScreen))


async def test_the_palette_has_what_is_not_possible_last_and_says_why() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs", (120, 60)) as pilot:
        await stage.does(pilot, "ctrl+p", then="Go to the next section.")
        lines = stage.text.splitlines()
        words = (":describe", ":raw", ":back")
        places = {next(one for one in lines if f" {word} " in one).index(word) for word in words}
        assert len(places) == 1, "commands stand in a column"
        options = stage.app.screen.query_one(CommandList).options
        off = ["not now: " in str(option.prompt) for option in options]
        assert any(off)
        assert off == sorted(off)
        await stage.does(pilot, *"acknowledge", then="not now: that is for alerts")


@pytest.mark.parametrize(
    ("typed", "title"),
    [("the", "Theme"), ("res", "Resources"), ("roll", "Roll back")],
)
async def test_what_begins_as_it_is_typed_is_first_in_the_palette(typed: str, title: str) -> None:
    """``the`` had all that has the word in its help first, ``roll`` what is possible now."""
    stage = AppHarness(BoardScreen)
    async with stage.showing("Deployments", (120, 36)) as pilot:
        await pilot.press("2")
        await stage.does(pilot, "ctrl+p", then="Filter")

        def first() -> str:
            options = stage.app.screen.query_one(CommandList).options
            return str(options[0].prompt) if options else ""

        await pilot.press(*typed)
        await until(pilot, lambda: title in first())


async def test_why_a_command_is_wrong_is_never_cut() -> None:
    stage = AppHarness(detail)
    why = f"{'why ' * 40}end"
    async with stage.showing("Jobs", (80, 24)) as pilot:
        open_prompt(stage.app.screen, PromptQuestion(":", lambda _: why, []))
        await stage.does(pilot, "x", "enter", then="end")
        assert " ".join(stage.text.split()).count("why") == 40
        await pilot.press("escape")
        await until(pilot, lambda: "why" not in stage.text)


async def test_the_palettes_entries_follow_the_theme() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs", (80, 24)) as pilot:
        await stage.does(pilot, "ctrl+p", then="Go to the next section.")

        def colors() -> set[str]:
            options = stage.app.screen.query_one(CommandList).options
            texts = [option.prompt for option in options if isinstance(option.prompt, Content)]
            told = {str(span.style) for text in texts for span in text.spans}
            return {one for one in told if any(map(str.isdigit, one))}  # not what is only bold

        before = colors()
        assert before
        stage.app.themes.switch("light")
        await until(pilot, lambda: bool(colors()) and colors().isdisjoint(before))


async def test_the_palette_has_one_blank_line_on_each_side_of_what_is_typed() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs", (80, 24)) as pilot:
        await stage.does(pilot, "ctrl+p", then="Go to the next section.")
        await stage.at_rest(pilot)
        typed, found = (stage.app.screen.query_one(one) for one in (Input, CommandList))
        assert typed.region.height == 1
        assert found.scrollable_content_region.y - typed.region.y == 2


@pytest.mark.parametrize("size", [(20, 5), (80, 24), (300, 100)])
@pytest.mark.parametrize("home", [detail, log, raw])
async def test_every_screen_lives_at_every_size(home: object, size: tuple[int, int]) -> None:
    stage = AppHarness(home)  # type: ignore[arg-type]
    async with stage.run(size=size) as pilot:
        await until(pilot, lambda: stage.feed.started == 1)
        await pilot.resize_terminal(60, 18)
        await pilot.press("j", "k", "G", "g", "question_mark", "escape")
        await pilot.pause()
        assert stage.app.is_running


async def test_quitting_ends_with_code_zero() -> None:
    stage = AppHarness(log)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: not stage.app.is_running)
    assert stage.app.return_code == 0
