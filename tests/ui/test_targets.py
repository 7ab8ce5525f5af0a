"""An action is about the row under the cursor, else about the page's record, and says so."""

from dataclasses import replace

import pytest

from opsboard.adapter import Detail, Fact, Facts, Grid, GridRow, Remove, RowAction
from opsboard.board.events import BoardEvent
from opsboard.config.action_rules import PolicyDecision
from opsboard.kinds.registry import qualified_name
from opsboard.records import Build, BuildJob, Kind, Pod, Record, Ref, Status
from opsboard.ui.screens.board import BoardScreen
from opsboard.ui.screens.detail import DetailScreen
from opsboard.ui.screens.form import FormScreen
from opsboard.ui.screens.plan import PlanScreen
from opsboard.ui.widgets.page_view import PageView
from tests.ui.app_harness import AppHarness, until
from tests.ui.fake_actions import FakeActs, workload
from tests.ui.sample_board import NOW, stage_board
from tests.ui.sample_records import everything
from tests.ui.start_screens import filled
from tests.ui.test_form_screen import READY

WORKLOAD = workload()
OTHER = workload("ledger")
POD = Pod(
    source="kube-prod", id="shop/checkout-1", name="checkout-1", cluster="prod-eu",
    namespace="shop", status=Status.FAILED,
)  # fmt: skip
RUN = Build(
    source="github", id="acme/shop/7", name="deploy #5", repository="acme/shop",
    workflow="deploy", number=5, state="failure", status=Status.FAILED,
)  # fmt: skip
JOB = BuildJob(
    source="github", id="acme/shop/71", name="test", build="acme/shop/7", repository="acme/shop",
    state="failure",
)  # fmt: skip


def _revision(number: int, *, current: bool = False) -> GridRow:
    disabled_reason = f"revision {number} is the current one" if current else ""
    values = {} if current else {"revision": str(number)}
    action = RowAction(action="rollback", values=values, disabled_reason=disabled_reason)
    return GridRow(cells=(str(number), "app:1"), part=f"revision {number}", actions=(action,))


REVISIONS = Grid(
    title="Revisions",
    columns=("revision", "images"),
    rows=(_revision(14, current=True), _revision(13), _revision(12), _revision(11)),
)
PODS = Grid(title="Pods", columns=("pod",), rows=(GridRow(cells=(POD.name,), record=POD),))
JOBS = Grid(title="Jobs", columns=("job",), rows=(GridRow(cells=(JOB.name,), record=JOB),))
FACTS = Facts(title="Roll-out", facts=(Fact(label="strategy", value="RollingUpdate"),))


def page(record: Record, *sections: Grid | Facts, acts: FakeActs | None = None) -> AppHarness:
    """Return the page of *record*, which only its source and the board know."""
    board = filled(stage_board(), [WORKLOAD, OTHER])
    stage = AppHarness(
        lambda context: DetailScreen(context, record.ref),
        board=board,
        acts=acts or FakeActs(WORKLOAD),
    )
    stage.feed.detail_of[record.ref] = Detail.model_validate(
        {"record": record, "sections": sections}
    )
    return stage


def _acts(stage: AppHarness) -> FakeActs:
    assert isinstance(stage.app.context.acts, FakeActs)
    return stage.app.context.acts


def _lose(stage: AppHarness, record: Record) -> None:
    """Let the board hear that *record* is gone."""
    remove = Remove("deployment", [record.ref])
    stage.app.board_changed(stage.board.apply([BoardEvent("kube-prod", remove, NOW)]))


# --- rows of a page ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_revision_under_the_cursor_is_planned(size: tuple[int, int]) -> None:
    stage = page(WORKLOAD, FACTS, REVISIONS)
    async with stage.showing("Revisions", size) as pilot:
        await pilot.press("tab", "tab", "down", "down", "down")
        named = "shop/checkout → revision 11" if size[0] > 80 else "shop/ch…revision 11"
        await stage.sees(pilot, f"B Roll back {named}")
        await stage.does(pilot, "B", then="revision 14 → revision 11")
        assert "plan Roll back  shop/checkout → revision 11" in stage.text
        [request] = _acts(stage).planned
        assert (request.ref, request.values) == (WORKLOAD.ref, {"revision": "11"})


async def test_the_menu_and_the_form_name_the_row_and_begin_with_it() -> None:
    stage = page(WORKLOAD, FACTS, REVISIONS)
    async with stage.showing("Revisions", (120, 36)) as pilot:
        await pilot.press("tab", "tab", "down", "down", "down")
        await stage.does(pilot, "x", then="Actions on shop/checkout in prod-eu, revision 11")
        await stage.does(pilot, "1", then="revision 14 → revision 11")
        await stage.does(pilot, "e", then="The row under the cursor says 11.")
        assert "form Roll back  shop/checkout → revision 11" in stage.text
        screen = stage.app.screen
        assert isinstance(screen, FormScreen)
        assert screen.values["revision"] == "11"
        await pilot.press("up")
        assert screen.values["revision"] == "12"
        await stage.does(pilot, "ctrl+s", then="revision 14 → revision 12")
        assert "→ revision 11" not in stage.text, "the form has chosen another one"


async def test_a_row_that_cannot_be_the_target_says_why() -> None:
    stage = page(WORKLOAD, FACTS, REVISIONS)
    async with stage.showing("Revisions", (120, 36)) as pilot:
        await pilot.press("tab", "tab")
        await stage.does(pilot, "B", then="Roll back: revision 14 is the current one")
        await stage.does(pilot, "x", then="not now: revision 14 is the current one")
        assert _acts(stage).planned == []


async def test_other_rows_and_other_actions_are_about_the_pages_record() -> None:
    stage = page(WORKLOAD, FACTS, REVISIONS)
    async with stage.showing("Revisions", (120, 36)) as pilot:
        await stage.does(pilot, "B", then="revision 14 → revision 12")
        assert "plan Roll back  shop/checkout " in stage.text
        await pilot.press("escape", "tab", "tab", "down")
        await stage.does(pilot, "colon", *"scale", "enter", then=READY)
        assert "form Scale  shop/checkout\n" in stage.text
        await stage.does(pilot, "ctrl+s", then="as of now")
        assert [request.ref for request in _acts(stage).planned] == [WORKLOAD.ref] * 2
        assert _acts(stage).planned[1].values["revision"] == "12", "the form's own default"


@pytest.mark.parametrize(
    ("record", "grid", "row", "menu", "not_offered"),
    [
        (WORKLOAD, PODS, POD, "Actions on shop/checkout-1 in prod-eu", "not offered for pods"),
        (RUN, JOBS, JOB, "Actions on acme/shop job test in github", "not offered for build jobs"),
    ],
)
async def test_a_row_with_a_record_of_its_own_is_that_record(
    record: Record, grid: Grid, row: Record, menu: str, not_offered: str
) -> None:
    """Even where the board does not list it; and it never stands in for the page's record."""
    stage = page(record, FACTS, grid)
    async with stage.showing(grid.title, (120, 36)) as pilot:
        await pilot.press("tab", "tab")
        await stage.does(pilot, "B", then=f"Roll back: {not_offered}")
        await stage.does(pilot, "x", then=menu)
        await stage.does(pilot, "1", then="as of now")
        assert [request.ref for request in _acts(stage).planned] == [row.ref]


async def test_a_key_stays_with_its_row_when_the_rows_are_told_in_another_order() -> None:
    stage = page(WORKLOAD, FACTS, REVISIONS)
    async with stage.showing("Revisions", (120, 36)) as pilot:
        await pilot.press("tab", "tab", "down", "down", "down")
        detail = stage.feed.detail_of[WORKLOAD.ref]
        turned = REVISIONS.model_copy(update={"rows": REVISIONS.rows[::-1]})
        stage.feed.detail_of[WORKLOAD.ref] = detail.model_copy(update={"sections": (FACTS, turned)})
        lines = await stage.at_rest(pilot)
        await pilot.press("r")
        await until(pilot, lambda: stage.text != lines and len(stage.feed.asked) == 2)
        await stage.does(pilot, "B", then="revision 14 → revision 11")


async def test_a_row_that_vanishes_hands_its_key_to_no_other() -> None:
    stage = page(WORKLOAD, FACTS, PODS)
    more = replace(POD, id="shop/checkout-2", name="checkout-2")
    rows = (GridRow(cells=(more.name,), record=more),)
    async with stage.showing("checkout-1", (120, 36)) as pilot:
        await pilot.press("tab", "tab")
        detail = stage.feed.detail_of[WORKLOAD.ref]
        other = PODS.model_copy(update={"rows": rows})
        stage.feed.detail_of[WORKLOAD.ref] = detail.model_copy(update={"sections": (FACTS, other)})
        await stage.does(pilot, "r", then="checkout-2")
        assert "checkout-1 →  (gone)" in stage.text
        await stage.does(pilot, "x", then="this row is gone")
        await pilot.press("down")
        await stage.does(pilot, "x", then="Actions on shop/checkout-2")
        await stage.does(pilot, "escape", "r", then="checkout-2")
        await until(pilot, lambda: "checkout-1" not in stage.text)
        assert stage.app.screen.query_one(PageView).row.ref == more.ref


# --- what goes while one decides -----------------------------------------------------------------


def board(acts: FakeActs | None = None) -> AppHarness:
    records = [WORKLOAD, OTHER]
    acts = acts or FakeActs(*records)
    return AppHarness(BoardScreen, board=filled(stage_board(), records), acts=acts)


async def test_a_menu_stays_that_of_its_record_and_ends_with_it() -> None:
    stage = board()
    async with stage.showing("checkout", (120, 36)) as pilot:
        await stage.does(pilot, "2", "x", then="Actions on shop/checkout in prod-eu")
        _lose(stage, WORKLOAD)
        await pilot.pause()
        assert "Actions on shop/checkout in prod-eu" in stage.text
        await stage.does(pilot, "1", then="shop/checkout: it is gone from the board")
        assert _acts(stage).planned == []


async def test_a_form_says_that_its_record_is_gone_and_plans_nothing() -> None:
    stage = board()
    async with stage.showing("checkout", (120, 36)) as pilot:
        await stage.does(pilot, "2", "colon", *"scale", "enter", then=READY)
        _lose(stage, WORKLOAD)
        await stage.sees(pilot, "gone from the board")
        assert "form Scale  shop/checkout" in stage.text
        await stage.does(pilot, "ctrl+s", then="shop/checkout: it is gone")
        assert _acts(stage).planned == []


@pytest.mark.parametrize("ruling", [PolicyDecision.CONFIRM, PolicyDecision.TYPED])
async def test_a_plan_says_that_its_record_is_gone_and_cannot_be_carried_out(
    ruling: PolicyDecision,
) -> None:
    stage = board(FakeActs(WORKLOAD, OTHER, ruling=ruling))
    async with stage.showing("checkout", (120, 36)) as pilot:
        await stage.does(pilot, "2", "B", then="as of now")
        _lose(stage, WORKLOAD)
        await stage.sees(pilot, "gone from the board")
        assert "plan Roll back  shop/checkout" in stage.text
        await stage.does(pilot, "enter", then="Carry out: shop/checkout: it is gone")
        assert _acts(stage).begun == []


async def test_a_yes_comes_too_late_for_what_is_gone() -> None:
    stage = board()
    async with stage.showing("checkout", (120, 36)) as pilot:
        await stage.does(pilot, "2", "B", then="as of now")
        await stage.does(pilot, "enter", then="yes, carry it out")
        _lose(stage, WORKLOAD)
        await pilot.pause()
        await stage.does(pilot, "y", then="shop/checkout: it is gone from the board")
        assert _acts(stage).begun == []
        assert isinstance(stage.app.screen, PlanScreen)


# --- names ---------------------------------------------------------------------------------------


def test_every_record_is_called_with_where_it_is() -> None:
    names = {record.kind: qualified_name(record) for record in everything()}
    assert names[Kind.POD] == "shop/payments-1"
    assert names[Kind.CRON_JOB] == "shop/backup"
    assert names[Kind.MODEL_VERSION] == "churn v2"
    assert qualified_name(RUN) == "acme/shop deploy #5"
    assert qualified_name(JOB) == "acme/shop job test"
    assert qualified_name(WORKLOAD) == "shop/checkout"
    release = replace(WORKLOAD, workload="GitHub", cluster="acme/shop", namespace="production")
    assert qualified_name(release) == "acme/shop production"


def test_two_of_one_name_are_never_called_the_same() -> None:
    elsewhere = replace(RUN, id="acme/till/9", repository="acme/till")
    assert qualified_name(RUN) != qualified_name(elsewhere)
    assert qualified_name(WORKLOAD) != qualified_name(replace(WORKLOAD, namespace="till"))
    assert Ref("github", Kind.BUILD, "acme/shop/7") == RUN.ref
