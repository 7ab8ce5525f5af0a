"""On the demo every screen says so, and the badge of a plan is that of what it touches."""

import pytest

from opsboard.config.action_rules import PolicyDecision
from opsboard.config.settings import UiSettings
from opsboard.ui.navigator import HomeScreen
from opsboard.ui.screens.board import BoardScreen
from tests.ui import start_screens
from tests.ui.app_harness import AppHarness
from tests.ui.fake_actions import FakeActs, workload
from tests.ui.sample_board import stage_board
from tests.ui.start_screens import filled
from tests.ui.test_form_screen import READY

SIZES = [(80, 24), (120, 36), (40, 10)]
LEAVE = "`opsboard init`"
WORKLOADS = (workload("alpha", "staging"), workload("beta", "production"))


def _demo(
    home: HomeScreen = BoardScreen,
    *,
    ascii_only: bool = False,
    acts: FakeActs | None = None,
    read_only: bool = False,
) -> AppHarness:
    settings = UiSettings(ascii=ascii_only)
    board = filled(stage_board(), WORKLOADS)
    acts = acts or FakeActs(*WORKLOADS)
    return AppHarness(home, settings, board=board, acts=acts, demo=True, read_only=read_only)


def _first_line(stage: AppHarness) -> str:
    return stage.text.splitlines()[0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize(
    "home", [BoardScreen, start_screens.detail, start_screens.log, start_screens.raw]
)
async def test_every_page_says_demo(
    home: HomeScreen, size: tuple[int, int], ascii_only: bool
) -> None:
    stage = _demo(home, ascii_only=ascii_only)
    async with stage.run(size) as pilot:
        await stage.sees(pilot, "DEMO")
        assert "DEMO" in _first_line(stage)


@pytest.mark.parametrize("size", SIZES[:2])
@pytest.mark.parametrize("ascii_only", [False, True])
@pytest.mark.parametrize("ruling", [PolicyDecision.CONFIRM, PolicyDecision.TYPED])
async def test_the_way_to_an_act_says_demo(
    size: tuple[int, int], ascii_only: bool, ruling: PolicyDecision
) -> None:
    stage = _demo(ascii_only=ascii_only, acts=FakeActs(*WORKLOADS, ruling=ruling))
    async with stage.showing("alpha", size) as pilot:
        for keys, then in (
            (("2", "x"), "Actions on"),
            (("escape", "B"), "as of now"),
            (("enter",), "yes, carry it out" if ruling is PolicyDecision.CONFIRM else "to confirm"),
            (("escape", "e"), READY),
        ):
            await stage.does(pilot, *keys, then=then)
            assert "DEMO" in _first_line(stage), then


@pytest.mark.parametrize("size", SIZES[:2])
@pytest.mark.parametrize("key", ["question_mark", "i"])
async def test_help_and_sources_say_how_to_leave_it(key: str, size: tuple[int, int]) -> None:
    stage = _demo()
    async with stage.run(size) as pilot:
        await stage.does(pilot, key, then=LEAVE)
        assert "DEMO" in _first_line(stage)


@pytest.mark.parametrize("size", [(20, 5), (10, 2), (39, 9)])
@pytest.mark.parametrize("keys", [(), ("2", "x")])
async def test_where_nothing_can_be_shown_it_says_demo(
    keys: tuple[str, ...], size: tuple[int, int]
) -> None:
    stage = _demo()
    async with stage.showing("alpha", (80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.resize_terminal(*size)
        await stage.sees(pilot, "termin")
        assert "DEMO" in _first_line(stage)


async def test_what_is_real_does_not_say_demo() -> None:
    stage = AppHarness(BoardScreen, board=filled(stage_board(), WORKLOADS))
    async with stage.showing("alpha") as pilot:
        assert "DEMO" not in stage.text
        await stage.does(pilot, "question_mark", then="Record")
        assert LEAVE not in stage.text


# --- the badge of a plan -------------------------------------------------------------------------


async def test_the_badge_of_a_plan_is_of_all_that_it_touches() -> None:
    """Not of the row that the cursor was on, which is in staging."""
    acts = FakeActs(*WORKLOADS)
    acts.more = {"environments": ("production", "canary", "staging")}
    stage = _demo(acts=acts)
    async with stage.showing("alpha", (120, 36)) as pilot:
        await pilot.press("2", "slash", *"alpha", "enter")
        await stage.sees(pilot, "staging")
        assert "PRODUCTION" not in _first_line(stage)
        await stage.does(pilot, "B", then="as of now")
        assert _first_line(stage).rstrip().endswith("PRODUCTION   canary   staging")
        await stage.does(pilot, "enter", then="yes, carry it out")
        assert _first_line(stage).rstrip().endswith("PRODUCTION   canary   staging")
        await stage.does(pilot, "n", "e", then=READY)
        assert _first_line(stage).rstrip().endswith("PRODUCTION   canary   staging")
        await stage.does(pilot, "escape", "escape", then="2 Deployments")
        assert "PRODUCTION" not in _first_line(stage)


async def test_of_many_environments_production_is_named_and_the_rest_counted() -> None:
    acts = FakeActs(*WORKLOADS)
    acts.more = {"environments": (*(f"environment-{at}" for at in range(9)), "production")}
    stage = _demo(acts=acts)
    async with stage.showing("alpha", (80, 24)) as pilot:
        await pilot.press("2", "slash", *"alpha", "enter")
        await stage.does(pilot, "B", then="as of now")
        assert "PRODUCTION " in _first_line(stage)
        assert " +9 " in f"{_first_line(stage)} "
        assert "DEMO" in _first_line(stage)


async def test_a_plan_that_touches_none_has_no_badge() -> None:
    acts = FakeActs(*WORKLOADS)
    acts.more = {"environments": (), "environment": ""}
    stage = _demo(acts=acts)
    async with stage.showing("beta", (120, 36)) as pilot:
        await pilot.press("2", "slash", *"beta", "enter")
        await stage.sees(pilot, "PRODUCTION")
        await stage.does(pilot, "B", then="as of now")
        assert "PRODUCTION" not in _first_line(stage)


async def test_while_a_prompt_is_open_the_badge_stays_that_of_its_pane() -> None:
    stage = _demo()
    async with stage.showing("alpha", (120, 36)) as pilot:
        await pilot.press("2", "slash", *"alpha", "enter")
        await stage.sees(pilot, "/alpha")
        await pilot.press("colon", *"ro")
        screen = stage.app.screen
        assert isinstance(screen, BoardScreen)
        assert screen.pane.spec.id == "deployments"
        stage.app.board_changed(stage.board.tick(stage.clock.now()))
        await pilot.pause()
        assert "staging" in _first_line(stage)
