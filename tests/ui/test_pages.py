"""Raw form, help and sources: pages to read."""

from datetime import UTC, datetime, timedelta

import pytest

from opsboard.adapter import Condition, Health
from opsboard.board.source_state import ScopeState, SourceState
from opsboard.board.state import Board
from opsboard.ui.actions.record_bindings import ACTS
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.help import HelpEntry, HelpScreen, help_rows
from opsboard.ui.screens.sources import SourcesScreen, source_rows
from opsboard.ui.theme.glyphs import UNICODE
from opsboard.ui.theme.styles import Styles, default_styles
from opsboard.ui.theme.theme_files import built_in_theme, load_themes
from opsboard.ui.widgets.page_view import PageView
from tests.ui.app_harness import AppHarness, until
from tests.ui.start_screens import detail, raw

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


async def test_raw_is_yaml_then_json_and_can_be_searched() -> None:
    stage = AppHarness(raw)
    async with stage.showing("name: shop/api") as pilot:
        assert "message: |" in stage.text
        await stage.does(pilot, "slash", *"name", "enter", then="3 lines with 'name'")
        page = stage.app.screen.query_one(PageView)
        first = page.cursor
        await pilot.press("n")
        await until(pilot, lambda: page.cursor > first)
        await pilot.press("f")
        await until(pilot, lambda: '"name": "shop/api"' in stage.text)


async def test_help_tells_of_where_one_is_and_of_what_is_not_possible() -> None:
    stage = AppHarness(detail)
    async with stage.showing("Jobs", (100, 60)) as pilot:
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(stage.app.screen, HelpScreen))
        text = await stage.at_rest(pilot)
        assert ":snooze DURATION" in text
        assert "not now, these 2: that is for alerts" in text
        assert "Pause" not in text


def test_a_reason_that_several_share_says_of_how_many_it_is() -> None:
    """Else those above the last one read as if they were possible."""
    styles = Styles(built_in_theme("dark"), UNICODE)
    reasons = {"act": "", "restart": "it is gone", "scale": "it is gone", "resume": "not paused"}
    of = {action.commands[-1]: action for action in ACTS if action.commands}
    entries = [HelpEntry(of[word], [], reason) for word, reason in reasons.items()]
    text = [str(row.text) for row in help_rows(entries, styles, 100)]
    notes = [line.strip() for line in text if "not now" in line]
    assert notes == ["not now, these 2: it is gone", "not now: not paused"]


async def test_sources_tell_cause_mend_and_budget() -> None:
    stage = AppHarness(detail)
    async with stage.run(size=(80, 24)) as pilot:
        await pilot.press("colon", *"sources", "enter")
        await until(pilot, lambda: isinstance(stage.app.screen, SourcesScreen))
        await stage.sees(pilot, "connection refused")
        text = await stage.at_rest(pilot)
        assert "check that the server runs" in text
        assert "4,812 of 5,000 core requests left, renewed in 40m" in text
        headings = [line.split()[0] for line in text.splitlines() if line[1:2].isalpha()]
        assert headings[1:3] == ["mlflow", "github"], "what is wrong stands first"


async def test_where_no_source_is_configured_it_is_said_what_to_do() -> None:
    stage = AppHarness(BoardScreen, board=Board())
    async with stage.showing("No source", (80, 24)) as pilot:
        await stage.does(pilot, "colon", *"sources", "enter", then="No source is configured.")
        assert "`opsboard init`" in stage.text


def test_what_a_source_does_without_is_said_with_what_would_mend_it() -> None:
    """All is well: it is no alert, and not said anywhere else."""
    without = Health(condition=Condition.LIVE, message="what pods use is not shown", hint="ask")
    scopes = {
        name: ScopeState(health, NOW, True, False, 0)
        for name, health in (("pods", Health(condition=Condition.LIVE)), ("metrics", without))
    }
    live = Health(condition=Condition.LIVE)
    source = SourceState("prod", "Kubernetes", live, scopes, {}, NOW, True, False, live, live)
    styles = Styles(load_themes(None).themes["monochrome"], UNICODE)
    text = "\n".join(row.text.plain for row in source_rows(source, NOW, styles, 100))
    assert text.count("what pods use is not shown") == 1
    assert "ask" in text


@pytest.mark.parametrize(
    ("seconds", "said"), [(60, "again in 1m"), (0, "again now"), (-5, "again now")]
)
def test_when_a_source_is_asked_again_is_told_also_where_that_is_now(
    seconds: int, said: str
) -> None:
    coming = NOW + timedelta(seconds=seconds)
    down = Health(condition=Condition.UNREACHABLE, message="no answer", until=coming)
    source = SourceState("prod", "Kubernetes", down, {}, {}, NOW, True, False, down, down)
    lines = [row.text.plain for row in source_rows(source, NOW, default_styles(), 78)]
    assert any(line.endswith(said) for line in lines), lines


def test_the_names_of_scopes_are_cut_only_where_their_ages_need_the_room() -> None:
    name = "deployments:harbourside/recommendations"
    live = Health(condition=Condition.LIVE)
    scopes = {name: ScopeState(live, NOW, True, False, 0)}
    source = SourceState("github", "GitHub", live, scopes, {}, NOW, True, False, live, live)
    lines = [row.text.plain for row in source_rows(source, NOW, default_styles(), 78)]
    (line,) = (one for one in lines if "harbourside" in one)
    assert name in line
    assert len(line) <= 78


async def test_enter_on_the_alert_of_a_source_opens_that_source() -> None:
    stage = AppHarness(BoardScreen)
    async with stage.showing("MLflow", (120, 36)) as pilot:
        await pilot.press("4")
        await stage.does(pilot, "slash", *"unreachable", "enter", then="connection refused")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(stage.app.screen, SourcesScreen))
        page = stage.app.screen.query_one(PageView)
        await until(pilot, lambda: page.row.key == "mlflow")
