"""Chain, time line, what changed before, hand-over, where: driven by keys at both usual sizes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from opsboard.adapter import Unsupported
from opsboard.ui.screens.before_red import NOT_A_CAUSE, BeforeRedScreen
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.lineage import LineageScreen
from opsboard.ui.screens.timeline import TimelineScreen
from opsboard.ui.screens.where import WhereScreen
from tests.ui.app_harness import AppHarness, until
from tests.ui.fake_actions import FakeActs
from tests.ui.sample_board import NOW, stage_board
from tests.ui.sample_history import CHAIN, CHECKOUT, SHA, FakeHistory, services
from tests.ui.start_screens import filled

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda s: f"{s[0]}x{s[1]}")
ON_CHECKOUT = ("2", "slash", *"checkout env:production", "enter")


def stage(history: FakeHistory | None = None) -> AppHarness:
    """Return the board with the joined delivery, and a history."""
    board = filled(stage_board(), CHAIN)
    return AppHarness(BoardScreen, board=board, history=history or FakeHistory())


# --- the chain -----------------------------------------------------------------------------------


@SIZES
async def test_one_key_shows_the_chain_with_the_rule_of_each_edge(size: tuple[int, int]) -> None:
    app = stage()
    async with app.showing("4 Alerts", size) as pilot:
        await pilot.press(*ON_CHECKOUT)
        await app.does(pilot, "g", then="pod imageID")
        assert isinstance(app.app.screen, LineageScreen)
        lines = app.text.splitlines()
        places = [
            next(at for at, line in enumerate(lines) if word in line)
            for word in ("commit", "head_sha", "deploy #11", "pod imageID", "CrashLoopBackOff")
        ]
        assert places == sorted(places)
        broken = next(line for line in lines if "candidate: env MODEL_URI" in line)
        assert "┊" in broken
        assert app.app.screen.page.row.ref == CHECKOUT.ref  # the cursor begins on the record


async def test_enter_on_a_row_of_the_chain_goes_to_its_record() -> None:
    app = stage()
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await pilot.press(*ON_CHECKOUT)
        await app.does(pilot, "g", then="pod imageID")
        screen = app.app.screen
        assert isinstance(screen, LineageScreen)
        own = next(at for at, row in enumerate(screen.page.rows) if row.ref and row.ref.id == "11")
        screen.page.move_to(own)
        await pilot.press("enter")
        await until(pilot, lambda: app.app.screen is not screen)
        assert getattr(app.app.screen, "ref", None) == CHAIN[0].ref


async def test_a_record_that_states_nothing_says_so() -> None:
    app = stage()
    async with app.showing("4 Alerts", (80, 24)) as pilot:
        await app.does(pilot, "1", "home", "g", then="it states neither what it is made")


async def test_the_chain_of_a_service_is_that_of_what_it_runs() -> None:
    app = AppHarness(BoardScreen, board=filled(stage_board(), (*CHAIN, *services())))
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "5", "slash", *"name:checkout", "enter", "g", then="pod imageID")
        assert isinstance(app.app.screen, LineageScreen)
        assert app.app.screen.page.row.key == CHECKOUT.ref


# --- the time line -------------------------------------------------------------------------------


@SIZES
async def test_the_time_line_is_newest_first_with_its_gaps(size: tuple[int, int]) -> None:
    app = stage()
    async with app.showing("4 Alerts", size) as pilot:
        await app.does(pilot, "colon", *"timeline", "enter", then="not watched")
        assert isinstance(app.app.screen, TimelineScreen)
        text = app.text
        order = ("rollback v56", "CrashLoopBackOff", "v55 → v56", "3 keys changed", "not watched")
        found = [text.index(word) for word in (*order, "champion v5")]
        assert found == sorted(found)
        assert "no board ran" in text
        assert "~" in text  # between two looks
        assert "3 of 5 jobs" not in text  # progress on the way
        await app.does(pilot, "e", then="3 of 5 jobs")


async def test_a_time_line_by_a_filter_that_is_none_is_not_opened() -> None:
    app = stage()
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        asked = ("colon", *"timeline knd:deploy", "enter")
        await app.does(pilot, *asked, then="no field 'knd'")
        assert isinstance(app.app.screen, BoardScreen)
        await app.does(pilot, "colon", *"timeline kind:deploy", "enter", then="/kind:deploy")


async def test_the_time_line_is_zoomed_and_filtered() -> None:
    history = FakeHistory()
    app = stage(history)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "colon", *"timeline", "enter", then="last 8 h")
        await app.does(pilot, "plus", then="last 1 h")
        await until(pilot, lambda: history.asked[-1][2] == NOW - timedelta(hours=1))
        await app.does(pilot, "plus", then="last 15 min")
        await pilot.press("plus")
        await app.sees(pilot, "15 min is the shortest")
        await app.does(pilot, "minus", "minus", then="last 8 h")
        await app.does(pilot, "slash", *"who:dana", "enter", then="/who:dana")
        await until(pilot, lambda: "champion" not in app.text and "v55 → v56" in app.text)
        await app.does(pilot, "escape", then="champion")
        assert isinstance(app.app.screen, TimelineScreen)
        await pilot.press("slash", *"colour:red", "enter")
        await app.sees(pilot, "no field")


async def test_the_time_line_of_a_record_asks_for_that_record() -> None:
    history = FakeHistory()
    app = stage(history)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await pilot.press(*ON_CHECKOUT)
        await app.does(pilot, "t", then="v55 → v56")
        assert history.asked[-1][1] == CHECKOUT.ref


async def test_a_stretch_without_a_look_offers_nothing_of_the_record_of_the_page() -> None:
    app = stage()
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await pilot.press(*ON_CHECKOUT)
        await app.does(pilot, "t", then="v55 → v56")
        screen = app.app.screen
        assert isinstance(screen, TimelineScreen)
        places = [at for at, row in enumerate(screen.page.rows) if row.selectable]
        gap = next(at for at in places if screen.page.rows[at].of_nothing)
        screen.page.move_to(gap)
        assert screen.selection.current_ref() is None
        for key in ("B", "T", "enter", "x"):
            await pilot.press(key)
            await until(pilot, lambda: app.app.screen is screen)
        screen.page.move_to(next(at for at in places if screen.page.rows[at].ref))
        assert screen.selection.current_ref() is not None


async def test_why_there_is_no_history_is_said_on_the_page() -> None:
    history = FakeHistory()
    history.error = Unsupported("no history is recorded yet", "`opsboard watch --record`")
    app = stage(history)
    async with app.showing("4 Alerts", (80, 24)) as pilot:
        await app.does(pilot, "colon", *"timeline", "enter", then="no history is recorded yet")


async def test_a_board_without_history_says_so_of_every_key() -> None:
    board = filled(stage_board(), CHAIN)
    app = AppHarness(BoardScreen, board=board)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        for keys in (("t",), ("w",), ("left_square_bracket",)):
            await pilot.press("2", *keys)
            await app.sees(pilot, "keeps no history")
        assert isinstance(app.app.screen, BoardScreen)


# --- what changed before it went red -------------------------------------------------------------


@SIZES
async def test_what_changed_before_is_ranked_and_names_what_would_take_it_back(
    size: tuple[int, int],
) -> None:
    history = FakeHistory()
    app = stage(history)
    async with app.showing("4 Alerts", size) as pilot:
        await pilot.press(*ON_CHECKOUT)
        await app.does(pilot, "w", then="rollback --to 55")
        assert isinstance(app.app.screen, BeforeRedScreen)
        assert history.asked[-1] == ("before red", CHECKOUT.ref)
        text = app.text
        assert text.index("v55 → v56") < text.index("3 keys changed") < text.index("champion")
        assert "1m before; itself" in text
        assert "┊ 4m before" in text  # a guess is drawn broken
        assert "not watched" in text
        assert NOT_A_CAUSE.split(".")[0][:40] in text


@pytest.mark.parametrize(
    ("count", "title"), [(3, "3 changes, 1 joined in"), (27, "27 changes, 25 joined, 20 shown in")]
)
async def test_the_heading_counts_what_is_found_joined_and_shown(count: int, title: str) -> None:
    history = FakeHistory()
    first, *others = history.prior.changes
    more = [replace(first, score=0.8)] * (count - len(history.prior.changes))
    history.prior = replace(history.prior, changes=(first, *more, *others))
    app = stage(history)
    async with app.showing("4 Alerts", (80, 24)) as pilot:
        await pilot.press(*ON_CHECKOUT)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.app.screen, BeforeRedScreen))
        await until(pilot, lambda: "itself" in app.text)
        screen = app.app.screen
        assert isinstance(screen, BeforeRedScreen)
        assert any(title in " ".join(row.text.plain.split()) for row in screen.page.rows)


async def test_what_would_take_a_change_back_is_planned_and_not_done() -> None:
    acts = FakeActs(CHECKOUT)
    board = filled(stage_board(), CHAIN)
    app = AppHarness(BoardScreen, board=board, acts=acts, history=FakeHistory())
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await pilot.press(*ON_CHECKOUT)
        await app.does(pilot, "w", then="rollback --to 55")
        await app.does(pilot, "u", then="Deployment shop/checkout in prod-eu")
        [request] = acts.planned
        assert (request.ref, request.values) == (CHECKOUT.ref, {"to": "55"})
        assert acts.begun == []
        await app.does(pilot, "escape", then="rollback --to 55")
        await app.does(pilot, "j", "u", then="nothing here takes this change back")


async def test_an_alert_asks_for_what_changed_before_it() -> None:
    history = FakeHistory()
    app = stage(history)
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await app.does(pilot, "4", "w", then="What changed before")
        assert history.asked[0][0] == "before red"


async def test_what_is_well_has_nothing_that_changed_before_it() -> None:
    app = stage()
    async with app.showing("4 Alerts", (120, 36)) as pilot:
        await pilot.press("1", "slash", *"checkout", "enter", "w")
        await app.sees(pilot, "for alerts, and for what failed")


# --- the hand-over and where ---------------------------------------------------------------------


@SIZES
async def test_the_hand_over_is_a_page_that_is_copied_whole(size: tuple[int, int]) -> None:
    history = FakeHistory()
    app = stage(history)
    async with app.showing("4 Alerts", size) as pilot:
        await app.does(pilot, "colon", *"handover 4h", "enter", then="Open alerts: 1")
        assert history.asked[-1] == ("handover", NOW - timedelta(hours=4))
        await app.does(pilot, "c", then="Copied the hand-over")


async def test_a_bad_time_of_a_hand_over_is_refused() -> None:
    app = stage()
    async with app.showing("4 Alerts", (80, 24)) as pilot:
        await app.does(pilot, "colon", *"handover soon", "enter", then="is neither a length")


@SIZES
async def test_where_a_commit_is(size: tuple[int, int]) -> None:
    app = stage()
    async with app.showing("4 Alerts", size) as pilot:
        await app.does(pilot, "colon", *f"where {SHA[:7]}", "enter", then="In images")
        assert isinstance(app.app.screen, WhereScreen)
        text = app.text
        assert text.index("Live") < text.index("production")
        assert "sha256:9ab4" in text


async def test_where_an_unknown_commit_is() -> None:
    app = stage()
    async with app.showing("4 Alerts", (80, 24)) as pilot:
        await app.does(pilot, "colon", *"where 1234567", "enter", then="states a commit")
        await app.does(pilot, "colon", *"where", "enter", then="name a commit")
        await app.does(pilot, "colon", *"where main", "enter", then="'main' is no commit")
