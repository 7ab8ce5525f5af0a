"""The cursor is bound to a record: keys are about that one, whatever slides under it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import pytest
from textual import events
from textual.pilot import Pilot

from opsboard.adapter import Remove, Upsert
from opsboard.board.events import BoardEvent
from opsboard.records import Deployment, Ref, Status
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.plan import PlanScreen
from opsboard.ui.widgets.lines_view import LinesView
from opsboard.ui.widgets.record_table import RecordTable
from tests.ui.app_harness import AppHarness, until
from tests.ui.fake_actions import FakeActs, workload
from tests.ui.sample_board import NOW, stage_board
from tests.ui.start_screens import filled

NAMES = ("alpha", "beta", "gamma", "delta")
WORKLOADS = tuple(workload(name) for name in NAMES)
BETA = WORKLOADS[1]


def stage_of(records: Sequence[Deployment] = WORKLOADS) -> AppHarness:
    board = filled(stage_board(), records)
    return AppHarness(BoardScreen, board=board, acts=FakeActs(*records))


def tell(stage: AppHarness, *changed: Deployment, gone: Sequence[Ref] = ()) -> None:
    """Let the board hear of changes, as the collector would tell them."""
    happened: list[Upsert | Remove] = [Upsert("deployment", list(changed))] if changed else []
    happened += [Remove("deployment", list(gone))] if gone else []
    arrivals = [BoardEvent("kube-prod", change, NOW) for change in happened]
    stage.app.board_changed(stage.board.apply(arrivals))


def table_of(stage: AppHarness) -> RecordTable:
    screen = stage.app.screen
    assert isinstance(screen, BoardScreen)
    return screen.pane.table


def planned(stage: AppHarness) -> list[Ref]:
    assert isinstance(stage.app.context.acts, FakeActs)
    return [request.ref for request in stage.app.context.acts.planned]


async def on_beta(stage: AppHarness, pilot: Pilot[int], *, only: str = "status:failed") -> None:
    """Filter the deployments, and go to beta."""
    await pilot.press("2", "slash", *only, "enter")
    await until(pilot, lambda: bool(table_of(stage).model.filter))
    while table_of(stage).current_ref != BETA.ref:
        await pilot.press("down")


WELL = replace(BETA, status=Status.OK, reason="", ready=3)


@pytest.mark.parametrize("keys", [("B",), ("x", "1"), ("colon", *"rollback", "enter")])
async def test_a_row_that_leaves_the_filter_hands_its_keys_to_no_other(
    keys: tuple[str, ...],
) -> None:
    stage = stage_of()
    async with stage.showing("beta", (120, 36)) as pilot:
        await on_beta(stage, pilot)
        tell(stage, WELL)
        await stage.sees(pilot, "beta left /status:failed")
        assert "2 Deployments 3/4" in stage.text, "it is not counted any more"
        await stage.does(pilot, *keys, then="as of now")
        assert "plan Roll back  shop/beta" in stage.text
        assert planned(stage) == [BETA.ref]


@pytest.mark.parametrize("keys", [("B",), ("x",), ("colon", *"rollback", "enter")])
async def test_a_row_that_is_gone_says_so_and_does_nothing(keys: tuple[str, ...]) -> None:
    stage = stage_of()
    async with stage.showing("beta", (120, 36)) as pilot:
        await on_beta(stage, pilot)
        tell(stage, gone=[BETA.ref])
        await stage.sees(pilot, "beta is gone")
        await stage.does(pilot, *keys, then="it is gone from the board: nothing is done")
        assert planned(stage) == []


async def test_a_command_is_about_the_row_that_it_was_begun_on() -> None:
    stage = stage_of()
    async with stage.showing("beta", (120, 36)) as pilot:
        await on_beta(stage, pilot)
        await pilot.press("colon", *"roll")
        tell(stage, WELL)
        await stage.sees(pilot, "beta left /status:failed")
        await stage.does(pilot, *"back", "enter", then="plan Roll back  shop/beta")


async def test_keys_that_are_typed_ahead_are_about_the_row_that_was_moved_to() -> None:
    """The rows are told in another order between the keys that were typed in one go."""
    stage = stage_of()
    async with stage.showing("beta", (120, 36)) as pilot:
        await pilot.press("2")
        before = table_of(stage).current_ref
        tell(stage, workload("aaa"), workload("aab"))
        await stage.does(pilot, "j", "B", then="as of now")
        order = sorted(NAMES)
        assert before == workload(order[0]).ref
        assert planned(stage) == [workload(order[1]).ref]


async def test_what_was_seen_under_a_cursor_that_nobody_has_moved_is_meant() -> None:
    """Rows have moved, and have not been drawn yet, when the first key of all is pressed."""
    stage = stage_of()
    async with stage.showing("beta", (120, 36)) as pilot:
        screen = stage.app.screen
        assert isinstance(screen, BoardScreen)
        table = screen.query_one("#pane-deployments").query_one(RecordTable)
        screen.set_focus(table)
        await pilot.pause()
        seen = table.current_ref
        assert seen == workload("alpha").ref
        worse = workload("aaa")
        delta = stage.board.apply([BoardEvent("kube-prod", Upsert("deployment", [worse]), NOW)])
        table.update_records(frozenset(delta.changed[worse.kind]), frozenset())
        assert table.current_ref == worse.ref, "until somebody is there, it is in the first row"
        table.hold()
        assert table.current_ref == seen
        tell(stage, workload("aab"))
        await stage.does(pilot, "B", then="as of now")
        assert planned(stage) == [seen]


async def test_the_next_move_lets_go_of_what_is_lost() -> None:
    stage = stage_of()
    async with stage.showing("beta", (120, 36)) as pilot:
        await on_beta(stage, pilot)
        tell(stage, WELL)
        await stage.sees(pilot, "beta left /status:failed")
        await pilot.press("down")
        await until(pilot, lambda: "beta left" not in stage.text)
        assert table_of(stage).current_ref == workload("delta").ref
        assert table_of(stage).line_count() == 3
        tell(stage, BETA)
        await until(pilot, lambda: table_of(stage).line_count() == 4)
        assert table_of(stage).current_ref == workload("delta").ref


async def test_what_comes_back_is_no_longer_lost() -> None:
    stage = stage_of()
    async with stage.showing("beta", (120, 36)) as pilot:
        await on_beta(stage, pilot)
        tell(stage, WELL)
        await stage.sees(pilot, "beta left /status:failed")
        tell(stage, BETA)
        await until(pilot, lambda: "beta left" not in stage.text)
        assert "2 Deployments 4/4" in stage.text


async def test_marks_that_the_filter_hides_hand_their_action_to_no_other() -> None:
    stage = stage_of()
    async with stage.showing("beta", (120, 36)) as pilot:
        await on_beta(stage, pilot)
        await pilot.press("space")
        tell(stage, WELL)
        await until(pilot, lambda: table_of(stage).model.find(BETA.ref) is None)
        for key, title in (("B", "Roll back"), ("x", "Actions")):
            await stage.does(pilot, key, then=f"{title}: the filter hides what is marked")
        assert planned(stage) == []
        await pilot.press("U")
        await stage.does(pilot, "B", then="as of now")
        assert planned(stage) == [workload("delta").ref]


async def test_the_menu_that_is_open_is_still_that_of_its_row() -> None:
    stage = stage_of()
    async with stage.showing("beta", (120, 36)) as pilot:
        await on_beta(stage, pilot)
        await stage.does(pilot, "x", then="Actions on shop/beta in prod-eu")
        tell(stage, WELL)
        await pilot.pause()
        assert "Actions on shop/beta in prod-eu" in stage.text
        await stage.does(pilot, "1", then="as of now")
        assert planned(stage) == [BETA.ref]
        assert isinstance(stage.app.screen, PlanScreen)


# --- it is always seen ---------------------------------------------------------------------------


MANY = tuple(workload(f"w{at:03}") for at in range(60))


def _is_seen(view: LinesView) -> bool:
    top = view.scroll_offset.y
    return top <= view.cursor < top + view.size.height


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_cursor_is_in_sight_after_whatever_moves_it(size: tuple[int, int]) -> None:
    stage = stage_of(MANY)
    async with stage.showing("w000", size) as pilot:
        await pilot.press("2", *["pagedown"] * 4)
        ref = table_of(stage).current_ref
        changes: dict[str, Callable[[], Awaitable[None]]] = {
            "sort": lambda: pilot.press("R"),
            "zoom": lambda: pilot.press("z"),
            "unzoom": lambda: pilot.press("z"),
            "smaller": lambda: pilot.resize_terminal(80, 14),
            "as it was": lambda: pilot.resize_terminal(*size),
            "wider": lambda: pilot.resize_terminal(150, 20),
            "filter": lambda: pilot.press("slash", *"w0", "enter"),
            "no filter": lambda: pilot.press("escape"),
        }
        for name, change in changes.items():
            await change()
            await pilot.pause()
            assert table_of(stage).current_ref == ref, name
            assert _is_seen(table_of(stage)), name


async def test_the_cursor_is_in_sight_where_many_rows_come_before_it() -> None:
    stage = stage_of(MANY[:3])
    async with stage.showing("w000", (80, 24)) as pilot:
        await pilot.press("2", "down")
        tell(stage, *(workload(f"a{at:03}") for at in range(40)))
        await until(pilot, lambda: table_of(stage).line_count() == 43)
        assert table_of(stage).current_ref == MANY[1].ref
        await until(pilot, lambda: _is_seen(table_of(stage)))


async def test_the_wheel_takes_the_cursor_along() -> None:
    """Keys are about what is seen: the cursor does not stay behind, out of sight."""
    stage = stage_of(MANY)
    async with stage.showing("w000", (80, 24)) as pilot:
        await pilot.press("2")
        table = table_of(stage)
        for _ in range(6):
            await pilot._post_mouse_events([events.MouseScrollDown], widget=table, button=0)
        await until(pilot, lambda: table.scroll_offset.y > 0)
        await until(pilot, lambda: _is_seen(table))
        assert table.current_ref == table.model.ref(table.cursor)
